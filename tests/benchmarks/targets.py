"""
The ratios to raw boto3 that this library wants to keep, judged by the best slices of one run.
"""

from collections.abc import Mapping

import attrs

from tests.benchmarks.report import Section, table
from tests.benchmarks.timing import Ratio


@attrs.frozen
class Target:
    name: str
    ratio: float
    stretch: float
    higher_is_better: bool = False

    def holds(self, measured: Ratio) -> bool:
        return measured.best >= self.ratio if self.higher_is_better else measured.best <= self.ratio


TARGETS = [
    Target("typed call, fresh objects, 1 Region", 0.90, 0.85),
    Target("typed call, fresh objects, 5 Regions", 0.70, 0.65),
    Target("typed call, fresh objects, 20 Regions", 0.55, 0.50),
    Target("typed call, fresh objects, 17x1536", 0.40, 0.33),
    Target("typed call, prebuilt objects, 5 Regions", 0.60, 0.50),
    Target("typed call, prebuilt objects, 20 Regions", 0.45, 0.30),
    Target("typed get, 1 Region", 1.05, 0.98),
    Target("typed get, 5 Regions", 1.02, 0.92),
    Target("typed get, 20 Regions", 0.92, 0.80),
    Target("typed get, 17x1536", 0.40, 0.30),
    Target("through a client handed in, 1 Region", 1.30, 1.20),
    Target("through a client handed in, 5 Regions", 1.30, 1.20),
    Target("through a client handed in, 20 Regions", 1.30, 1.20),
    Target("through a client handed in, 17x1536", 1.30, 1.20),
    Target("import imagebuilder_dist / import boto3", 0.50, 0.40),
    Target("cold start to the end of the first call", 1.12, 1.00),
    Target("memory of one Distribution / of its dicts", 0.45, 0.40),
    Target("requests/s, 5 Regions", 1.25, 1.35, higher_is_better=True),
    Target("requests/s, 20 Regions", 1.60, 1.80, higher_is_better=True),
]


def missed(ratios: Mapping[str, Ratio]) -> list[str]:
    return [target.name for target in TARGETS if not target.holds(ratios[target.name])]


def judge(ratios: Mapping[str, Ratio]) -> Section:
    rows = [_row(target, ratios[target.name]) for target in TARGETS]
    return Section("Targets", table(["ours / raw boto3", "target", "stretch", "best", "median", "holds"], rows))


def _row(target: Target, ratio: Ratio) -> list[str]:
    numbers = [target.ratio, target.stretch, ratio.best, ratio.median]
    return [target.name, *(f"{number:.2f}" for number in numbers), "yes" if target.holds(ratio) else "no"]

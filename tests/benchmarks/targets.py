"""
The goals of this library, mostly ratios to raw boto3, judged by the best slices of one run.
"""

from collections.abc import Mapping

import attrs

from tests.benchmarks.report import Section, show, table
from tests.benchmarks.timing import Ratio

_NOTES = "Judged by the first number: calls a second may be more than the goal, everything else less."


@attrs.frozen
class Target:
    name: str
    goal: float
    more_is_better: bool = False

    def met_by(self, measured: Ratio) -> bool:
        best = round(measured.best, 2)
        return best >= self.goal if self.more_is_better else best <= self.goal


TARGETS = [
    Target("typed call, fresh objects, 1 Region", 0.95),
    Target("typed call, fresh objects, 5 Regions", 0.75),
    Target("typed call, fresh objects, 20 Regions", 0.60),
    Target("typed call, fresh objects, 17x1536", 0.32),
    Target("typed call, two warnings a Region, 1 Region", 1.00),
    Target("typed call, two warnings a Region, 5 Regions", 0.85),
    Target("typed call, two warnings a Region, 20 Regions", 0.72),
    Target("typed call, two warnings a Region, 17x1536", 0.35),
    Target("typed get, 1 Region", 0.85),
    Target("typed get, 20 Regions", 0.85),
    Target("typed get, 17x1536", 0.25),
    Target("import imagebuilder_dist / import boto3", 0.55),
    Target("cold start to the end of the first call", 1.15),
    Target("making a client / boto3's", 1.20),
    Target("making a client with session= / boto3's", 1.20),
    Target("reading a YAML file / PyYAML's compose", 2.00),
    Target("reading a YAML file, unquoted / PyYAML's compose, unquoted", 2.00),
    Target("reading a JSON file / json.loads and from_boto3", 3.00),
    Target("calls/s, own pool / raw boto3 in 100 threads", 1.00, more_is_better=True),
    Target("calls/s, over aiobotocore / raw aiobotocore", 0.90, more_is_better=True),
    Target("fleet, per_second=48: time / ideal", 1.10),
    Target("fleet, per_second=48: requests / needed", 1.05),
    Target("one throttled account of 40: time of the other 39", 1.05),
    Target("driver's CPU ms a target", 0.30),
    Target("driver's memory, 1,000,000 targets / 1,000", 1.10),
    Target("Dask, 2 processes / 2 processes, 50 ms a target", 1.20),
]


def judge(ratios: Mapping[str, Ratio]) -> Section:
    """Show the targets that were measured; aiobotocore has an environment of its own."""
    rows = [_row(target, ratios[target.name]) for target in TARGETS if target.name in ratios]
    return Section("Goals", f"{table(['', 'goal', 'measured', 'met'], rows)}\n\n{_NOTES}")


def _row(target: Target, ratio: Ratio) -> list[str]:
    return [target.name, f"{target.goal:.2f}", show(ratio), "yes" if target.met_by(ratio) else "no"]

"""
What a section of the benchmark hands back, and how it is written: tables in Markdown that read well in a terminal.
"""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distributions

import attrs

from tests.benchmarks.timing import Ratio, Samples

_PACKAGES = [
    *("botocore", "boto3", "attrs", "cattrs", "aiobotocore", "aiohttp"),
    *("capo-imagebuilder", "pydantic", "msgspec", "mashumaro", "troposphere"),
]


@attrs.frozen
class Section:
    title: str
    text: str
    ratios: Mapping[str, Ratio] = attrs.field(factory=dict)
    """By the names of `targets.TARGETS`."""

    summary: Sequence[Sequence[str]] = ()
    """What a user wants to know first: a case, boto3's figure, ours, and the ratio."""

    plots: Mapping[str, str] = attrs.field(factory=dict)
    """SVGs, by the names of their files."""

    def __str__(self) -> str:
        return f"### {self.title}\n\n{self.text}\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is text, the others are numbers."""
    rows = [*rows]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in (header, rule, *rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(ratio: Ratio) -> str:
    return f"{ratio.best:.2f} ({ratio.median:.2f})"


def compared(what: str, raw: Samples, ours: Samples) -> list[str]:
    """Make a row of a summary of two times."""
    return [what, *(_milliseconds(samples.best * 1000) for samples in (raw, ours)), f"{ours.over(raw).best:.2f}"]


def _milliseconds(value: float) -> str:
    return f"{value:.{2 if value < 10 else 0}f} ms"


def summary(sections: Iterable[Section]) -> str:
    return table(["", "boto3", "imagebuilder_dist", "ratio"], [row for section in sections for row in section.summary])


def versions() -> str:
    """Name those that are installed."""
    installed = {each.name: each.version for each in distributions()}
    packages = ", ".join(f"{name} {installed[name]}" for name in _PACKAGES if name in installed)
    return f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores."

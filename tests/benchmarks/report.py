"""
What a section of the benchmark hands back, and how it is written: tables in Markdown that read well in a terminal.
"""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distributions

import attrs

from tests.benchmarks.timing import Ratio

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


def versions() -> str:
    """Name those that are installed."""
    installed = {each.name: each.version for each in distributions()}
    packages = ", ".join(f"{name} {installed[name]}" for name in _PACKAGES if name in installed)
    return f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores."

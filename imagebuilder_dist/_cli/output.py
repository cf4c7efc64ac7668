"""
What the command prints, in colour on a terminal unless `NO_COLOR` is set.
"""

import os
import re
import sys
from collections.abc import Callable
from typing import TextIO

from imagebuilder_dist._common.text import safe
from imagebuilder_dist.errors import DocumentIssue

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

_RED, _GREEN, _YELLOW, _BOLD_RED, _BOLD_YELLOW = 31, 32, 33, "1;31", "1;33"
_BY_SIGN = {"+": _GREEN, "-": _RED, "~": _YELLOW}
_SIGN = re.compile(r"^ *([-+~]) .*", re.MULTILINE)
_BAR = 30
_SEVERITY = re.compile(r"(?<=: )(error|warning)(?=: )")


def say(text: str) -> None:
    """
    Print *text*, a result, to standard output.
    """
    print(text, flush=True)  # noqa: T201 - a command prints; flushed, to keep the order if both outputs are one


def note(text: str) -> None:
    """
    Print *text*, a message, to standard error.
    """
    print(text, file=sys.stderr)  # noqa: T201 - as above


def say_plan(text: str) -> None:
    """
    Print a plan; a line's sign decides its colour.
    """
    say(_painted(_SIGN, text, lambda match: _BY_SIGN[match[1]], sys.stdout))


def write_issues(issues: tuple[DocumentIssue, ...], stream: TextIO) -> None:
    """
    Write one line for each issue.
    """
    for issue in issues:
        line = _painted(_SEVERITY, safe(str(issue)), lambda match: _SEVERITIES[match[1]], stream, count=1)
        print(line, file=stream, flush=True)


class Progress:
    """
    A progress bar on standard error; it is drawn only on a terminal.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._is_shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, done: int) -> None:
        """
        Draw the bar over the previous one.
        """
        if self._is_shown:
            self._write(f"\r[{'#' * (done * _BAR // self._total):<{_BAR}}] {done}/{self._total}")

    def clear(self) -> None:
        """
        Erase the bar, so that other output can take its line.
        """
        if self._is_shown:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)  # noqa: T201 - as above


_SEVERITIES = {"error": _BOLD_RED, "warning": _BOLD_YELLOW}


def _painted(
    pattern: re.Pattern[str],
    text: str,
    colour_of: Callable[[re.Match[str]], int | str],
    stream: TextIO,
    count: int = 0,
) -> str:
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return pattern.sub(lambda match: f"\x1b[{colour_of(match)}m{match[0]}\x1b[0m", text, count=count)

"""
What the command prints: results on standard output, messages on standard error.
"""

import errno
import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import TextIO, cast

import click

from imagebuilder_dist._common.text import printable, safe
from imagebuilder_dist.errors import DocumentIssue

_SEVERITY = re.compile("(?<=: )(error|warning)(?=: )")
_CHANGE = re.compile(r"([-+~]) ([^:]*userGroups \(widens access\):)?")
_COLOURS = {"error": "red", "warning": "yellow", "+": "green", "-": "red", "~": "yellow"}


def wants_colour() -> bool | None:
    """
    Return whether to print in colour; `None` means only on a terminal.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def is_terminal(stream: TextIO) -> bool:
    """
    Tell whether *stream* is a terminal.
    """
    opened = cast(TextIO | None, stream)  # Python sets a stream that the shell has closed to None
    return opened is not None and opened.isatty()


def say(text: str, paint: Callable[[str], str] = str) -> None:
    """
    Print *text*, a result; *paint* may colour a line.

    A terminal gets what could change its state or hide text escaped, and a pipe gets it as it is.
    """
    if cast(TextIO | None, sys.stdout) is None:
        raise OSError(errno.EBADF, "standard output is closed")
    escaped = printable if is_terminal(sys.stdout) else str
    click.echo("\n".join(paint(escaped(line)) for line in text.split("\n")))


def note(text: str, paint: Callable[[str], str] = str) -> None:
    """
    Print *text*, a message.
    """
    click.echo("\n".join(paint(printable(line)) for line in text.split("\n")), err=True)


def draw(text: str) -> None:
    """
    Replace the last line of standard error by *text*, if it is a terminal.
    """
    if is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb":
        click.echo(f"\r\x1b[K{text}", nl=False, err=True, color=True)


def paint_change(line: str) -> str:
    """
    Colour a line of a plan by its sign; what makes an AMI public is red and bold.
    """
    found = _CHANGE.match(line)
    if found is None:
        return line
    is_public = found[1] == "+" and found[2] is not None
    return click.style(line, fg="red" if is_public else _COLOURS[found[1]], bold=is_public or None)


def write_issues(issues: Iterable[DocumentIssue], write: Callable[[str, Callable[[str], str]], None] = note) -> None:
    """
    Print a line for each issue.
    """
    for issue in issues:
        write(safe(str(issue)), _paint_issue)


def _paint_issue(line: str) -> str:
    return _SEVERITY.sub(lambda match: click.style(match[0], fg=_COLOURS[match[0]], bold=True), line, count=1)


def issue_as_data(issue: DocumentIssue) -> dict[str, object]:
    """
    Return *issue* as a JSON object, for machines.
    """
    names = ("file", "line", "column", "severity", "path", "message", "rule")
    return {name: getattr(issue, name) for name in names}

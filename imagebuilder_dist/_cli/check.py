"""
`imagebuilder-dist check`: errors and warnings in files, for people, editors and CI.
"""

import argparse
import json
import sys

from imagebuilder_dist._cli.files import CommandError, Source
from imagebuilder_dist._cli.output import note, say, write_issues
from imagebuilder_dist._common.text import counted, printable
from imagebuilder_dist.errors import DocumentError, DocumentIssue


def check(options: argparse.Namespace) -> int:
    """
    Report the issues of all files.

    Return 1 if there are errors, or warnings in strict mode, and 2 if a file can't be opened.
    """
    found: list[DocumentIssue] = []
    unopened = 0
    for file in options.files:
        try:
            found += Source(file, options).load(owner=options.owner).warnings
        except DocumentError as error:
            found += error.issues
        except CommandError as error:
            note(f"imagebuilder-dist check: {error}")
            unopened += 1
    _report(tuple(found), options.format)
    errors = sum(issue.severity == "error" for issue in found)
    opened = len(options.files) - unopened
    checked = f"{counted(opened, 'file')}: {counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}"
    not_checked = f"{counted(unopened, 'file')} couldn't be opened"
    note("; ".join([checked] * bool(opened) + [not_checked] * bool(unopened)))
    return 2 if unopened else int(bool(found if options.strict else errors))


def _report(issues: tuple[DocumentIssue, ...], how: str) -> None:
    if how == "text":
        write_issues(issues, sys.stdout)
    elif how == "json":
        names = ("file", "line", "column", "severity", "path", "message", "rule")
        say(json.dumps([{name: getattr(issue, name) for name in names} for issue in issues], indent=2))
    else:
        for issue in issues:
            file, title = map(_escaped_property, (issue.file, issue.rule))
            place = f"file={file},line={issue.line},col={issue.column},title={title}"
            text = f"{issue.path}: {issue.message}" if issue.path else issue.message
            say(f"::{issue.severity} {place}::{_escaped(printable(text))}")


def _escaped(text: str) -> str:
    """Escape *text* for a workflow command of GitHub Actions."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")

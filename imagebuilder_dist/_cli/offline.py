"""
The commands that only read files: `check`, `needs` and `schema`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import click

from imagebuilder_dist import documents
from imagebuilder_dist._cli import shell
from imagebuilder_dist._common.text import counted, printable, safe
from imagebuilder_dist._shapes.needs import OWNER
from imagebuilder_dist.errors import DocumentIssue
from imagebuilder_dist.prerequisites import prerequisites

_account = click.Option(["--account"], metavar="ID", callback=shell.account_id, help="Only what this account needs.")
_strict = click.Option(["--strict"], is_flag=True, help="Fail on warnings and unknown values, too.")
_region = click.Option(["--region"], help="The Region of a template's stack.")
_policies = click.Option(["--policies"], metavar="FOLDER", help="Write the IAM and KMS policies to this folder.")
_SHOWN = 1_000
_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_ESCAPES_OF_PROPERTIES = _ESCAPES | str.maketrans({":": "%3A", ",": "%2C"})


_options = [shell.OWNER, _region, *shell.FILE_OPTIONS]


@shell.command(shell.FILES, shell.format_option("text", "json", "github"), _strict, *_options)
def check(files: tuple[str, ...], form: str, *, strict: bool, owner: str | None, **options: Any) -> int:
    """
    Report errors and warnings in files.
    """
    found: list[DocumentIssue] = []
    opened = 0
    for file in files:
        try:
            found += shell.reader(file, options, documents.check)(owner=owner)
            opened += 1
        except shell.CommandError as error:
            shell.note(f"imagebuilder-dist check: {error}")
    # A parameter may be meant for another file.
    unused = Counter(issue.value for issue in found if issue.rule == "unused-parameter")
    found = [each for each in found if each.rule != "unused-parameter" or unused[each.value] == opened]
    if strict:
        found = [attrs.evolve(each, severity="error") if each.rule == "unresolved" else each for each in found]
    if form == "json":
        shell.say(json.dumps([shell.issue_as_data(issue) for issue in found], indent=2))
    else:
        lines = [safe(str(issue)) if form == "text" else _annotation(issue) for issue in found[:_SHOWN]]
        if lines:
            shell.say("\n".join(lines), shell.paint)
        if len(found) > _SHOWN:
            shell.note(f"... {len(found) - _SHOWN} more; --format json prints all")
    severities = Counter([issue.severity for issue in found])
    errors, warnings, notes = severities["error"], severities["warning"], severities["note"]
    more = f", {counted(notes, 'note')}" if notes else ""
    shell.note(f"{counted(opened, 'file')}: {counted(errors, 'error')}, {counted(warnings, 'warning')}{more}")
    if opened < len(files):
        return shell.WRONG_USAGE
    return shell.IS_INVALID if errors or (strict and warnings) else 0


def _annotation(issue: DocumentIssue) -> str:
    """Return *issue* as a workflow command of GitHub Actions."""
    file, title = (each.translate(_ESCAPES_OF_PROPERTIES) for each in (issue.file, issue.rule))
    text = printable(f"{issue.path}: {issue.message}" if issue.path else issue.message)
    place = f"file={file},line={issue.line},col={issue.column},title={title}"
    command = "notice" if issue.severity == "note" else issue.severity
    return f"::{command} {place}::{text.translate(_ESCAPES)}"


@shell.command(shell.FILE, _account, shell.format_option("text", "markdown", "json"), _policies, *_options)
def needs(file: str, owner: str | None, account: str | None, form: str, policies: str | None, **options: Any) -> None:
    """
    List what must exist for a build to succeed.
    """
    document = shell.document_in(file, options, owner)
    try:
        found = prerequisites(document.content, owner=owner, path=document.path_of)
    except ValueError as error:
        raise shell.CommandError(str(error)) from None
    if account is not None:
        needed = {each: None for item in found for each in item.account_ids}
        if account not in needed:
            shell.note(f"nothing is needed in account {account}; something is in {', '.join(needed) or 'none'}")
        found = found.for_account(account)
    if policies is None:
        shell.report(found, form)
        if found.owner == OWNER:
            shell.note("use --owner to say which account owns the configuration")
        return
    try:
        Path(policies).mkdir(parents=True, exist_ok=True)
        for policy in found.policies():
            parts = filter(None, (policy.account_id, policy.region, policy.name, policy.kind))
            path = Path(policies, "-".join(quote(part, safe="") for part in parts) + ".json")
            path.write_text(json.dumps(policy.document, indent=2) + "\n", encoding="utf-8")
            shell.say(str(path))
    except OSError as error:
        raise shell.CommandError(f"{policies}: {error.strerror}") from None


@shell.command()
def schema() -> None:
    """
    Print the JSON Schema of these files, for editors.
    """
    shell.say(json.dumps(documents.json_schema(), indent=2))


COMMANDS = (check, needs, schema)

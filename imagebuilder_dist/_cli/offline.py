"""
The commands that only read files: `check`, `needs` and `schema`.
"""

import json
import re
from pathlib import Path
from typing import Any

import click

from imagebuilder_dist import documents
from imagebuilder_dist._cli.options import (
    FILE,
    Command,
    CommandError,
    file_options,
    format_option,
    owner_option,
    reader,
)
from imagebuilder_dist._cli.output import issue_as_data, note, say, write_issues
from imagebuilder_dist._common.text import counted, printable
from imagebuilder_dist._shapes.needs import OWNER
from imagebuilder_dist.errors import DocumentError, DocumentIssue
from imagebuilder_dist.prerequisites import prerequisites


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@format_option("text", "json", "github")
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
@owner_option
@file_options
@click.pass_context
def check(ctx: click.Context, /, files: tuple[str, ...], form: str, **options: Any) -> None:
    """
    Report errors and warnings in files.
    """
    found: list[DocumentIssue] = []
    opened = 0
    for file in files:
        try:
            read = reader(file, options)
            opened += 1
            found += read(owner=options["owner"]).warnings
        except CommandError as error:
            error.show()
        except DocumentError as error:
            found += error.issues
    if form == "text":
        write_issues(found, say)
    elif form == "json":
        say(json.dumps([issue_as_data(issue) for issue in found], indent=2))
    else:
        for issue in found:
            say(_annotation(issue))
    errors = sum(issue.severity == "error" for issue in found)
    note(f"{counted(opened, 'file')}: {counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}")
    fails = bool(found) if options["strict"] else errors > 0
    ctx.exit(2 if opened < len(files) else int(fails))


def _annotation(issue: DocumentIssue) -> str:
    """Return *issue* as a workflow command of GitHub Actions."""

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    file, title = (escaped(text).replace(":", "%3A").replace(",", "%2C") for text in (issue.file, issue.rule))
    text = f"{issue.path}: {issue.message}" if issue.path else issue.message
    place = f"file={file},line={issue.line},col={issue.column},title={title}"
    return f"::{issue.severity} {place}::{escaped(printable(text))}"


@click.command(cls=Command)
@click.argument("file", type=FILE)
@owner_option
@click.option("--policies", metavar="FOLDER", help="Write the IAM and KMS policies to this folder instead.")
@file_options
def needs(file: str, owner: str | None, policies: str | None, **options: Any) -> None:
    """
    List what must exist for a build to succeed.
    """
    document = reader(file, options)()
    try:
        found = prerequisites(document.content, owner=owner)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if policies is None:
        say(str(found))
        if found.owner == OWNER:
            note("use --owner to say which account owns the configuration")
        return
    try:
        Path(policies).mkdir(parents=True, exist_ok=True)
        for policy in found.policies():
            parts = filter(None, (policy.account_id, policy.region, policy.name, policy.kind))
            path = Path(policies, "-".join(re.sub(r"[^\w.]+", "_", part) for part in parts) + ".json")
            path.write_text(json.dumps(policy.document, indent=2) + "\n", encoding="utf-8")
            say(str(path))
    except OSError as error:
        raise CommandError(f"{policies}: {error.strerror}") from None


@click.command(cls=Command)
@click.option("--spelling", type=click.Choice(["api", "cloudformation"]), default="api", help="Whose names files use.")
def schema(spelling: documents.Spelling) -> None:
    """
    Print the JSON Schema of these files, for editors.
    """
    say(json.dumps(documents.json_schema(spelling), indent=2))

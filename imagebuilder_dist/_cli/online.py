"""
The commands that call the service: `plan`, `apply`, `show` and `list`.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs
import click

from imagebuilder_dist import documents, models
from imagebuilder_dist._cli.options import (
    FILE,
    Command,
    CommandError,
    Options,
    combine,
    file_options,
    format_option,
    reader,
    yes_option,
)
from imagebuilder_dist._cli.output import is_terminal, issue_as_data, note, paint_change, say, write_issues
from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._common.arns import account_of_arn, split_arn
from imagebuilder_dist._common.text import did_you_mean, printable, safe, show
from imagebuilder_dist.changes import Plan
from imagebuilder_dist.errors import DocumentIssue, ImageBuilderDistError

HAS_CHANGES = 3
"""The exit code of a plan with changes."""

_service_options = combine(
    click.option("--profile", help="The AWS profile to use."),
    click.option("--region", help="The Region to call; by default, the ARN's, if there is one."),
    click.option("--endpoint-url", metavar="URL", help="Send requests to this URL instead of AWS."),
)
_plan_options = combine(
    click.option(
        "--to", metavar="ARN-OR-NAME", help="The configuration to update, if not the one that the file names."
    ),
    file_options,
    _service_options,
)


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@format_option("text", "markdown", "json")
@_plan_options
@click.pass_context
def plan(ctx: click.Context, /, files: tuple[str, ...], form: str, **options: Any) -> None:
    """
    Show what files would change.
    """
    differs = False
    for file in files:
        planned, warnings, _ = _plan(file, options)
        differs = differs or _differs(planned)
        if form == "json":
            say(_as_json(planned, warnings))
        elif form == "markdown":
            say(_as_markdown(planned, warnings))
        else:
            _say_plan(planned)
    ctx.exit(HAS_CHANGES if differs else 0)


@click.command(cls=Command)
@click.argument("file", type=FILE)
@yes_option
@_plan_options
@click.pass_context
def apply(ctx: click.Context, /, file: str, *, yes: bool, **options: Any) -> None:
    """
    Create or update a configuration from a file.
    """
    planned, _, carry_out = _plan(file, options)
    _say_plan(planned)
    if not _differs(planned):
        return
    if not yes and not confirmed():
        note("nothing was written")
        ctx.exit(1)
    try:
        done = carry_out()
    except ImageBuilderDistError as error:
        # Tags are written last.
        if error.may_have_been_applied or error.operation in {"TagResource", "UntagResource"}:
            error.add_note("run the same command again to write only what is still missing")
        raise
    say(f"stored {done.distribution_configuration_arn}")


@click.command("show", cls=Command)
@click.argument("configuration", metavar="ARN-OR-NAME")
@format_option("yaml", "json", "cloudformation", "mermaid")
@_service_options
def show_stored(configuration: str, form: Any, **options: Any) -> None:
    """
    Show a stored configuration.
    """
    client = _connect(configuration, options)
    stored = client.get_distribution_configuration(_arn_of(client, configuration))
    if stored.unmodelled:
        note(f"settings that this version doesn't know aren't shown: {', '.join(stored.unmodelled)}")
    say((documents.to_mermaid(stored) if form == "mermaid" else documents.dumps(stored, format=form)).removesuffix("\n"))


@click.command("list", cls=Command)
@_service_options
def list_stored(**options: Any) -> None:
    """
    List the Region's configurations: ARN and name.
    """
    for each in _connect(None, options).list_distribution_configurations():
        say(f"{each.arn}  {each.name}")


class ShowWaits(logging.Handler):
    """
    Shows the library's log records about waiting before a retry.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """
        Show *record*.
        """
        if hasattr(record, "delay"):
            note(record.getMessage())


def _plan(file: str, options: Options) -> tuple[Plan, tuple[DocumentIssue, ...], Callable[[], Plan]]:
    """Return what *file* would change, its warnings, which are written, and what carries out the change."""
    read = reader(file, options)
    document = read()
    content = document.content
    target = options["to"] or _own_arn(content)
    client = _connect(target, options)
    carry_out: partial[Plan]
    if target is not None:
        arn = _arn_of(client, target, hint="; without --to, a file with a name creates one")
        change = partial(with_content, content=content)
        carry_out = partial(client.edit_distribution_configuration, arn, change)
    elif isinstance(content, models.CreateDistributionConfigurationRequest):
        carry_out = partial(
            client.ensure_distribution_configuration,
            content.name,
            content.distributions,
            description=content.description,
            tags=content.tags or None,  # a file without tags leaves them alone
        )
    else:
        raise CommandError(
            f"{document.file} has neither a name nor an ARN; use --to to say which configuration it is for"
        )
    planned = carry_out(dry_run=True)
    # Only the ARN of what is stored tells the owner, which some rules need.
    warnings = read(owner=account_of_arn(planned.distribution_configuration_arn or "")).warnings
    write_issues(warnings)
    tags: Mapping[str, str] = getattr(content, "tags", {})
    if any(planned.after.tags.get(key) != value for key, value in tags.items()):
        note(f"{document.file}: its tags aren't stored; only a file with a name sets tags, and only without --to")
    return planned, warnings, carry_out


def _own_arn(content: documents.Content) -> str | None:
    if isinstance(content, models.UpdateDistributionConfigurationRequest):
        return content.distribution_configuration_arn
    return content.arn if isinstance(content, models.DistributionConfiguration) else None


def with_content(
    stored: models.DistributionConfiguration, *, content: documents.Content
) -> models.DistributionConfiguration:
    """
    Return *stored* with the file's distributions, and with its description unless the file has only distributions.
    """
    if isinstance(content, tuple):
        return attrs.evolve(stored, distributions=content)
    return attrs.evolve(stored, distributions=content.distributions, description=content.description)


def _connect(arn_or_name: str | None, options: Options) -> DistributionConfigurationClient:
    arn, region = split_arn(arn_or_name or ""), options["region"]
    if arn is not None and region not in {None, arn.region}:
        raise CommandError(f"--region is {region}, but the ARN is in {arn.region}; omit --region")
    session: Any = None
    if options["profile"]:
        from botocore.session import Session  # noqa: PLC0415 - slow to import, and not always needed

        session = Session(profile=options["profile"])
    return DistributionConfigurationClient(
        session=session, region_name=arn.region if arn else region, endpoint_url=options["endpoint_url"]
    )


def _arn_of(client: DistributionConfigurationClient, arn_or_name: str, hint: str = "") -> str:
    if arn_or_name.startswith("arn:"):
        return arn_or_name
    for summary in client.list_distribution_configurations(name=arn_or_name):
        return summary.arn
    names = [each.name for each in client.list_distribution_configurations() if each.name]
    _, _, place = repr(client).rstrip(">").partition(" for ")
    meant = did_you_mean(arn_or_name, names)
    raise ImageBuilderDistError(f"no configuration is called {show(arn_or_name)} in {place}{meant}{hint}")


def _differs(planned: Plan) -> bool:
    return bool(planned.changes) or planned.created


def _title(planned: Plan, quote: str = "") -> str:
    arn = planned.distribution_configuration_arn
    return f"{quote}{printable(str(arn or planned.name))}{quote}{'' if arn else ' (new)'}:"


def _say_plan(planned: Plan) -> None:
    say(f"{_title(planned)}\n{planned.changes}", paint_change)


def _as_markdown(planned: Plan, warnings: tuple[DocumentIssue, ...]) -> str:
    listed = "\n".join("- `{}`".format(safe(str(each)).replace("`", "'")) for each in warnings)
    return "\n\n".join(filter(None, [_title(planned, "`"), planned.changes.to_markdown(), listed]))


def _as_json(planned: Plan, warnings: tuple[DocumentIssue, ...]) -> str:
    about = {"arn": planned.distribution_configuration_arn, "name": planned.name, "created": planned.created}
    return json.dumps(
        {**about, **json.loads(planned.changes.to_json()), "warnings": [issue_as_data(each) for each in warnings]}
    )


def confirmed() -> bool:
    """
    Ask for confirmation on the terminal.

    Raises:
        CommandError:
            If standard input isn't a terminal.
    """
    if not is_terminal(sys.stdin):
        raise CommandError("there is no terminal to ask for confirmation; --yes writes without asking")
    return click.confirm("Apply this plan?")

"""
The commands that call AWS: `plan`, `apply`, `preflight`, `show` and `list`.
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import click

from imagebuilder_dist import documents
from imagebuilder_dist._cli import shell
from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._common.arns import account_of_arn, split_arn
from imagebuilder_dist._common.text import did_you_mean, show
from imagebuilder_dist.changes import Plan
from imagebuilder_dist.errors import ConcurrentModificationError, ImageBuilderDistError
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, DistributionConfiguration

_CALLING = "calling AWS"
_TO = "The configuration to update, if not the one that the file names."
SERVICE_OPTIONS: list[click.Parameter] = [
    click.Option(["--profile"], help="The AWS profile to use."),
    click.Option(["--region"], help="The Region to call; by default, the ARN's, if there is one."),
    click.Option(["--endpoint-url"], metavar="URL", help="Send requests to this URL instead of AWS."),
]
_to = click.Option(["--to"], metavar="ARN-OR-NAME", help=_TO)
_plan_options = [_to, shell.OWNER, *shell.FILE_OPTIONS, *SERVICE_OPTIONS]
_options = [*shell.FILE_OPTIONS, *SERVICE_OPTIONS]
_subject = click.Argument(["subject"], metavar="FILE|NAME|ARN")
_role_name = click.Option(["--role-name"], help="The role to assume in every account; if omitted, only yours.")
_pipeline = click.Option(["--pipeline"], metavar="ARN", help="The pipeline that builds; its roles are checked, too.")
_out = click.Option(["--out"], metavar="PATH", help="Save the plan to this file, which `apply` takes.")
_arn_or_name = click.Argument(["arn_or_name"])
_shown = shell.format_option("yaml", "json", "cloudformation", "mermaid")


@shell.command(shell.FILES, shell.format_option("text", "markdown", "json"), _out, *_plan_options)
def plan(files: tuple[str, ...], form: str, out: str | None, **options: Any) -> int:
    """
    Show what files would change.
    """
    if out is not None and len(files) > 1:
        raise shell.CommandError(f"--out saves one plan, but there are {len(files)} files; plan them one by one")
    changed = 0
    for file in files:
        with shell.progress(_CALLING):
            _, planned = _planned(shell.reader(file, options, _read), options)
        changed += bool(planned.changes)
        if form == "json":
            shell.say(_as_json(planned))
        else:
            shell.report(planned, form, shell.paint)
        if out is not None:
            try:
                Path(out).write_text(documents.dumps_plan(planned), encoding="utf-8")
            except OSError as error:
                raise shell.CommandError(f"{out}: {error.strerror}") from None
    return shell.HAS_CHANGES if changed else 0


@shell.command(shell.FILE, shell.YES, *_plan_options)
def apply(file: str, *, yes: bool, **options: Any) -> None:
    """
    Apply a file or a saved plan.

    It creates or updates the configuration: what was shown is written, or nothing.
    """
    read = shell.reader(file, options, _read)
    with shell.progress(_CALLING):
        client, planned = _planned(read, options)
    shell.say(str(planned), shell.paint)
    if not planned.changes:
        return
    shell.confirm(yes=yes)
    try:
        with shell.progress(_CALLING):
            done = client.apply(planned)
    except ConcurrentModificationError as error:
        with shell.progress(_CALLING):
            _, now = _planned(read, options)
        if now != planned:  # a saved plan stays what it is
            error.add_note(f"now it would be:\n{now}")
        error.add_note("the same file or plan would undo what was changed meanwhile; `show` prints what is stored")
        raise
    except ImageBuilderDistError as error:
        # Tags are written last.
        if error.may_have_been_applied or error.operation in {"TagResource", "UntagResource"}:
            error.add_note("run the same command again to write only what is still missing")
        raise
    shell.say(f"{'stored' if done.written else 'was stored already:'} {done.distribution_configuration_arn}")


@shell.command(_arn_or_name, _shown, *SERVICE_OPTIONS, name="show")
def show_stored(arn_or_name: str, form: Any, **options: Any) -> None:
    """
    Show a stored configuration.
    """
    client = _connect(arn_or_name, options)
    with shell.progress(_CALLING):
        stored = client.get_distribution_configuration(_arn_of(client, arn_or_name))
    if stored.unmodelled:
        shell.note(f"settings that this version doesn't know aren't shown: {', '.join(stored.unmodelled)}")
    text = documents.to_mermaid(stored) if form == "mermaid" else documents.dumps(stored, format=form)
    shell.say(text.removesuffix("\n"))


@shell.command(*SERVICE_OPTIONS, name="list")
def list_stored(**options: Any) -> None:
    """
    List the Region's configurations: ARN and name.
    """
    with shell.progress(_CALLING):
        found = [*_connect(None, options).list_distribution_configurations()]
    for each in found:
        shell.say(f"{each.arn}  {each.name}")


@shell.command(_subject, _role_name, _pipeline, shell.OWNER, shell.format_option("text", "markdown", "json"), *_options)
def preflight(subject: str, form: str, role_name: str | None, pipeline: str | None, **options: Any) -> int:
    """
    Check whether what a build needs exists.
    """
    from imagebuilder_dist.preflight import preflight as look  # noqa: PLC0415 - only this command needs it

    content: Any
    path = None
    if subject == shell.STANDARD_INPUT or Path(subject).exists():
        document = shell.document_in(subject, options, options["owner"])
        content, path = document.content, document.path_of
    else:
        client = _connect(subject, options)
        content = client.get_distribution_configuration(_arn_of(client, subject, hint="; there is no such file either"))
    whose: Any = {"sessions": role_name, "profile": options["profile"], "owner": options["owner"]}
    try:
        with shell.progress("looking into the accounts"):
            report = look(content, pipeline_arn=pipeline, path=path, **whose)
    except ValueError as error:
        raise shell.CommandError(f"--{error}") from None  # it begins with the name of the argument
    shell.report(report, form)
    return shell.IS_MISSING if report else shell.IS_UNKNOWN if report.unknown else 0


COMMANDS = (plan, apply, preflight, show_stored, list_stored)


class ShowWaits(logging.Handler):
    """
    Shows the library's log records about waiting before a retry.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """
        Show *record*.
        """
        if hasattr(record, "delay"):
            shell.note(record.getMessage())


def _planned(
    read: Callable[..., documents.Document | Plan], options: Mapping[str, Any]
) -> tuple[DistributionConfigurationClient, Plan]:
    """Return what a file would change, with the file's warnings, or the plan that is saved in it."""
    document = read(owner=options["owner"])
    if isinstance(document, Plan):
        if options["to"]:
            raise shell.CommandError("a saved plan says what it is for; omit --to")
        return _connect(document.distribution_configuration_arn, options, document.region), document
    content = document.content
    # An update has the one, and what was stored the other.
    own_arn = getattr(content, "distribution_configuration_arn", getattr(content, "arn", None))
    target: str | None = options["to"] or own_arn
    client = _connect(target, options)
    if target is not None:
        arn = _arn_of(client, target, hint="; without --to, a file with a name creates one")
        change = partial(with_content, content=content, description=document.description)
        planned = client.edit_distribution_configuration(arn, change, dry_run=True)
    elif isinstance(content, CreateDistributionConfigurationRequest):
        planned = client.ensure_distribution_configuration(
            content.name,
            content.distributions,
            description=content.description,
            tags=content.tags or None,  # a file without tags leaves them alone
            dry_run=True,
        )
    else:
        raise shell.CommandError(f"{document.file} has neither a name nor an ARN; use --to to say what it is for")
    # Only the ARN of what is stored tells the owner, which some rules need.
    owner = account_of_arn(planned.distribution_configuration_arn or "") or options["owner"]
    judged: Any = document if owner == options["owner"] else read(owner=owner)
    tags: Mapping[str, str] = getattr(content, "tags", {})
    if any(planned.after.tags.get(key) != value for key, value in tags.items()):
        shell.note(f"{document.file}: its tags aren't stored; only a file with a name sets tags, and only without --to")
    if isinstance(content, DistributionConfiguration) and content.name not in {None, planned.name}:
        shell.note(f"{document.file}: its name isn't stored; the name of a configuration can't be changed")
    return client, attrs.evolve(planned, warnings=judged.warnings)


def _read(content: bytes, *, name: str, **how: Any) -> documents.Document | Plan:
    if documents.is_plan(content):
        return documents.loads_plan(content, name=name)
    return documents.loads(content, name=name, **how)


def with_content(
    stored: DistributionConfiguration, *, content: documents.Content, description: str | None
) -> DistributionConfiguration:
    """
    Return *stored* with a file's distributions and description, which a file with only distributions may omit.
    """
    if isinstance(content, tuple):
        return attrs.evolve(stored, distributions=content, description=description or stored.description)
    return attrs.evolve(stored, distributions=content.distributions, description=description)


def _connect(
    arn_or_name: str | None, options: Mapping[str, Any], region: str | None = None
) -> DistributionConfigurationClient:
    arn = split_arn(arn_or_name or "")
    what, where = ("ARN", arn.region) if arn else ("plan", region)
    if where is not None and options["region"] not in {None, where}:
        raise shell.CommandError(f"--region is {options['region']}, but the {what} is in {where}; omit --region")
    session: Any = None
    if options["profile"]:
        from botocore.session import Session  # noqa: PLC0415 - slow to import, and not always needed

        session = Session(profile=options["profile"])
    return DistributionConfigurationClient(
        session=session, region_name=where or options["region"], endpoint_url=options["endpoint_url"]
    )


def _arn_of(client: DistributionConfigurationClient, arn_or_name: str, hint: str = "") -> str:
    if arn_or_name.startswith("arn:"):
        return arn_or_name
    for summary in client.list_distribution_configurations(name=arn_or_name):
        if summary.name == arn_or_name:  # the filter takes wildcards
            return summary.arn
    names = [each.name for each in client.list_distribution_configurations() if each.name]
    _, _, place = repr(client).rstrip(">").partition(" for ")
    meant = did_you_mean(arn_or_name, names)
    raise ImageBuilderDistError(f"no configuration is called {show(arn_or_name)} in {place}{meant}{hint}")


def _as_json(planned: Plan) -> str:
    about = {"arn": planned.distribution_configuration_arn, "name": planned.name, "created": planned.created}
    warnings = [shell.issue_as_data(issue) for issue in planned.warnings]
    return json.dumps({**about, **json.loads(planned.changes.to_json()), "warnings": warnings})

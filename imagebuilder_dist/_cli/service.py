"""
`imagebuilder-dist plan`, `apply` and `show`, which call the service.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from functools import partial
from time import sleep
from typing import Any

import attrs

from imagebuilder_dist import documents
from imagebuilder_dist._cli.files import CommandError, Source
from imagebuilder_dist._cli.output import note, say, say_plan, write_issues
from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._client.retries import Attempt, Retries
from imagebuilder_dist._common.arns import account_of_arn, distribution_configuration_arn, problem_of_arn
from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import did_you_mean, join, printable
from imagebuilder_dist._common.text import show as show_value
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.changes import Plan
from imagebuilder_dist.errors import ImageBuilderDistError
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    DistributionConfiguration,
    UpdateDistributionConfigurationRequest,
)

HAS_CHANGES = 3
"""The exit code of a plan with changes."""


def add_service_options(parser: argparse.ArgumentParser) -> None:
    """
    Add the options for profile, Region and endpoint, with the AWS CLI's names.
    """
    options = parser.add_argument_group("AWS")
    options.add_argument("--profile", help="the AWS profile to use")
    options.add_argument("--region", help="the Region to call; by default the ARN's, if there is an ARN")
    options.add_argument("--endpoint-url", metavar="URL", help="send requests to this URL instead of AWS")


def add_target_option(parser: argparse.ArgumentParser) -> None:
    """
    Add the option that says which configuration a file is for.
    """
    parser.add_argument(
        "--to",
        metavar="ARN-OR-NAME",
        help="the configuration to update, if the file doesn't name it or names another one",
    )


def plan(options: argparse.Namespace) -> int:
    """
    Print what a file would change. Return 3 if there are changes.
    """
    source = Source(options.file, options)
    document = source.load()
    target = options.to or _own_arn(document.content)
    planned = _carry_out(_client(options, target), document, target, dry_run=True)
    _write_warnings(source, document, planned)
    if options.format == "json":
        about = {"arn": planned.distribution_configuration_arn, "name": planned.name, "created": planned.created}
        say(json.dumps({**about, **json.loads(planned.changes.to_json())}))
    elif options.format == "markdown":
        say(f"{_title(planned, '`')}\n\n{planned.changes.to_markdown()}")
    else:
        _show(planned)
    return HAS_CHANGES if _differs(planned) else 0


def apply(options: argparse.Namespace) -> int:
    """
    Bring the configuration to the file's state. Return 1 if the user declined.
    """
    source = Source(options.file, options)
    document = source.load()
    target = options.to or _own_arn(document.content)
    client = _client(options, target)
    planned = _carry_out(client, document, target, dry_run=True)
    _write_warnings(source, document, planned)
    _show(planned)
    if not _differs(planned):
        return 0
    if not options.yes and not confirmed():
        note("nothing was written")
        return 1
    try:
        done = _carry_out(client, document, target, dry_run=False)
    except ImageBuilderDistError:
        note("apply failed; run the same command again to write only what is still missing")
        raise
    say(f"stored {done.distribution_configuration_arn}")
    return 0


def show(options: argparse.Namespace) -> int:
    """
    Print a stored configuration.
    """
    client = _client(options, options.configuration)
    stored = client.get_distribution_configuration(_arn(client, options.configuration))
    if stored.unmodelled:
        note(f"settings that this version doesn't know aren't shown: {printable(', '.join(stored.unmodelled))}")
    if options.format == "text":
        for path, value in _leaves("", to_boto3(attrs.evolve(stored, request_id=None))):
            say(f"{path}: {value}")
    elif options.format == "mermaid":
        say(documents.to_mermaid(stored).removesuffix("\n"))
    else:
        say(documents.dumps(stored, options.format).removesuffix("\n"))
    return 0


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    steps = value.items() if is_mapping(value) else enumerate(value) if is_list(value) else None
    if not steps:
        yield path, printable(value) if isinstance(value, str) else json.dumps(value)
    for step, each in steps or ():
        yield from _leaves(join(path, step), each)


def load_file(options: argparse.Namespace) -> documents.Document:
    """
    Read the file that the options name, and write its warnings to standard error.

    Raises:
        CommandError:
            If the file can't be opened.
        imagebuilder_dist.errors.DocumentError:
            If the file has errors.
    """
    document = Source(options.file, options).load()
    write_issues(document.warnings, sys.stderr)
    return document


def _write_warnings(source: Source, document: documents.Document, planned: Plan) -> None:
    """Validate the file again, now that the owner is known from the stored configuration, and write its warnings."""
    write_issues(source.load(owner=account_of_arn(planned.distribution_configuration_arn or "")).warnings, sys.stderr)
    content = document.content
    if isinstance(content, _WITH_TAGS):
        stored = planned.after.tags
        if any(stored.get(key) != value for key, value in content.tags.items()):
            note(f"{document.file}: its tags aren't stored; only a file with a name sets tags, and only without --to")


_WITH_TAGS = CreateDistributionConfigurationRequest | DistributionConfiguration


def _client(options: argparse.Namespace, arn_or_name: str | None) -> DistributionConfigurationClient:
    session: Any = None
    if options.profile:
        from botocore.session import Session  # noqa: PLC0415 - slow to import, and not always needed

        session = Session(profile=options.profile)
    problem = problem_of_arn(arn_or_name) if arn_or_name and _is_arn(arn_or_name) else ""
    if problem:
        raise CommandError(f"{show_value(arn_or_name)} isn't the ARN of a distribution configuration: {problem}")
    region = _region_of(arn_or_name)
    if options.region and region not in {None, options.region}:
        raise CommandError(f"--region is {options.region}, but the ARN is in {region}; omit --region")
    return DistributionConfigurationClient(
        session=session,
        region_name=options.region or region,
        endpoint_url=options.endpoint_url,
        retries=_retries(),
    )


def _retries() -> Retries:
    """Return retries that report each wait on standard error."""
    attempts: list[Attempt] = []

    def wait(seconds: float) -> None:
        *_, last = attempts
        # An edit that starts over didn't fail.
        why = last.error or "modified concurrently"
        note(f"{last.operation}: {why} in attempt {last.number}; retrying in {seconds:.1f} s")
        sleep(seconds)

    return Retries(on_attempt=attempts.append, sleep=wait)


def _own_arn(content: documents.Content) -> str | None:
    """Return the ARN in the file, if it has one."""
    if isinstance(content, UpdateDistributionConfigurationRequest):
        return content.distribution_configuration_arn
    return content.arn if isinstance(content, DistributionConfiguration) else None


def _region_of(arn: str | None) -> str | None:
    return arn.split(":")[3] if arn and _is_arn(arn) else None


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")


def _arn(client: DistributionConfigurationClient, arn_or_name: str, hint: str = "") -> str:
    if _is_arn(arn_or_name):
        return arn_or_name
    for summary in client.list_distribution_configurations(name=arn_or_name):
        return summary.arn
    # Names that differ only in case, spaces and underscores share an ARN, whose last part is the key here.
    names = {_key(each.name): each.name for each in client.list_distribution_configurations() if each.name}
    meant = did_you_mean(_key(arn_or_name), names, names)
    _, _, place = repr(client).rstrip(">").partition(" for ")
    raise CommandError(f"no configuration is called {show_value(arn_or_name)} in {place}{meant}{hint}", code=1)


def _key(name: str) -> str:
    return distribution_configuration_arn(name, region_name="", account_id="").rpartition("/")[2]


def _carry_out(
    client: DistributionConfigurationClient, document: documents.Document, target: str | None, *, dry_run: bool
) -> Plan:
    content = document.content
    if target is None and isinstance(content, CreateDistributionConfigurationRequest):
        return client.ensure_distribution_configuration(
            content.name,
            content.distributions,
            description=content.description,
            tags=content.tags or None,  # a file without tags leaves them alone
            dry_run=dry_run,
        )
    if target is None:
        raise CommandError(
            f"{document.file} has neither a name nor an ARN; use --to to say which configuration it is for"
        )
    change = partial(with_content, content=content)
    arn = _arn(client, target, hint="; without --to, a file with a name creates one")
    return client.edit_distribution_configuration(arn, change, dry_run=dry_run)


def with_content(stored: DistributionConfiguration, *, content: documents.Content) -> DistributionConfiguration:
    """
    Return *stored* with the file's distributions, and with its description unless the file has only distributions.
    """
    if isinstance(content, tuple):
        return attrs.evolve(stored, distributions=content)
    return attrs.evolve(stored, distributions=content.distributions, description=content.description)


def _differs(planned: Plan) -> bool:
    return bool(planned.changes) or planned.created


def _title(planned: Plan, quote: str = "") -> str:
    """Return a plan's heading: the configuration's ARN, or its name if it is new."""
    arn = planned.distribution_configuration_arn
    if arn is not None:
        return f"{quote}{arn}{quote}:"
    return f"{quote}{printable(str(planned.name))}{quote} (new):"


def _show(planned: Plan) -> None:
    say(_title(planned))
    say_plan(str(planned.changes))


def confirmed() -> bool:
    """
    Ask for confirmation on the terminal.

    Raises:
        CommandError:
            If standard input isn't a terminal.
    """
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask for confirmation; --yes writes without asking")
    try:
        return input("Apply this plan? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        say("")
        return False
    except KeyboardInterrupt:
        say("")  # the next output starts on a new line
        raise

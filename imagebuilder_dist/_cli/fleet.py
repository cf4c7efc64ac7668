"""
`imagebuilder-dist fleet plan` and `fleet apply`: one file for many configurations.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs
import click

import imagebuilder_dist as ibd  # its `fleet` is slow to import, so it is loaded when it is needed
from imagebuilder_dist._cli import shell
from imagebuilder_dist._cli.online import with_content
from imagebuilder_dist._common.attributes import check_type, is_mapping
from imagebuilder_dist._common.text import safe
from imagebuilder_dist.models import CreateDistributionConfigurationRequest

_COLUMNS = ("arn", "role_arn", "profile", "external_id", "endpoint_url")
_BAR = 30
_rate = click.FloatRange(0, min_open=True)
_options = [
    click.Argument(["targets"], type=shell.PATH),
    shell.FILE,
    click.Option(["--per-second"], type=_rate, default=5.0, help="Targets started per second, account and Region."),
    click.Option(["--concurrency"], type=click.IntRange(1), default=16, help="Targets processed at once."),
    *shell.FILE_OPTIONS,
    click.Option(["--profile"], help="The AWS profile for targets that don't set their own."),
    click.Option(["--endpoint-url"], metavar="URL", help="The URL to call, for targets that don't set their own."),
]


@shell.command(*_options, shell.format_option("text", "markdown", "json"))
def plan(form: str, **options: Any) -> int:
    """
    Show what a file would change in every target.

    TARGETS is CSV or JSON Lines, with an arn for each target.
    """
    planned = ibd.fleet.summary(_outcomes(options, *_load(options)))
    shell.report(planned, form, shell.paint)
    return 1 if planned.counts["failed"] else shell.HAS_CHANGES if planned.changes else 0


@shell.command(*_options, shell.YES)
def apply(*, yes: bool, **options: Any) -> int:
    """
    Bring every target to a file's state.

    TARGETS is CSV or JSON Lines, with an arn for each target.
    """
    targets, job = _load(options)
    planned = [*_outcomes(options, targets, job)]
    shown = ibd.fleet.summary(planned)
    shell.say(str(shown), shell.paint)
    if not shown.changes:
        return int(shown.counts["failed"] > 0)
    shell.confirm(yes=yes)
    done: list[ibd.fleet.Outcome[Any]] = []
    try:
        done.extend(_outcomes(options, targets, ibd.fleet.ApplyJob(planned)))
        is_interrupted = False
    except KeyboardInterrupt:  # it comes after the last outcome, and what was written is to be reported
        is_interrupted = True
    result = ibd.fleet.summary(done)
    shell.say(str(attrs.evolve(result, changes=())))  # the plan has shown them
    if result.counts["not begun"]:
        shell.note("run the same command again to write only what is still missing")
    return shell.INTERRUPTED if is_interrupted else int(result.counts["failed"] > 0)


GROUP = click.Group("fleet", commands=[plan, apply], help="Plan and apply one file for many configurations.")


def _load(options: Mapping[str, Any]) -> "tuple[list[ibd.fleet.Target], ibd.fleet.EditJob | ibd.fleet.EnsureJob]":
    """Read the targets, and the file as a job that only plans."""
    if options["targets"] == options["file"] == shell.STANDARD_INPUT:
        raise shell.CommandError("TARGETS and FILE can't both be standard input")
    document = shell.document_in(options["file"], options)
    content, targets = document.content, _targets(options)
    if isinstance(content, CreateDistributionConfigurationRequest):  # only a file with a name creates what is missing
        return targets, ibd.fleet.EnsureJob(content, dry_run=True)
    change = partial(with_content, content=content, description=document.description)
    return targets, ibd.fleet.EditJob(change, dry_run=True)


def _outcomes(
    options: Mapping[str, Any], targets: "list[ibd.fleet.Target]", job: "Callable[[ibd.fleet.Target], Any]"
) -> "Iterator[ibd.fleet.Outcome[Any]]":
    """Run *job*, and write progress and failures to standard error."""
    concurrency, per_second = options["concurrency"], options["per_second"]
    with ThreadPoolExecutor(concurrency) as threads:
        try:
            outcomes = ibd.fleet.run(job, targets, executor=threads, per_second=per_second, max_concurrency=concurrency)
        except ValueError as error:
            raise shell.CommandError(str(error)) from None
        try:
            for done, outcome in enumerate(outcomes, 1):
                if outcome.error is not None and not isinstance(outcome.error, CancelledError):
                    shell.draw("")
                    shell.note(f"{outcome.target.arn}: {safe(str(outcome.error) or repr(outcome.error))}")
                shell.draw(f"[{'#' * (done * _BAR // len(targets)):<{_BAR}}] {done}/{len(targets)}")
                yield outcome
        finally:
            shell.draw("")


def _targets(options: Mapping[str, Any]) -> "list[ibd.fleet.Target]":
    """Read the targets; the options' profile and endpoint are for those that don't set their own."""
    file, defaults = options["targets"], {name: options[name] for name in ("profile", "endpoint_url")}
    found: dict[str, tuple[int, ibd.fleet.Target]] = {}
    wrong: list[str] = []
    try:
        for line, row in _rows(shell.content_of(file).decode("utf-8-sig")):
            try:
                target = ibd.fleet.Target(**{**defaults, **_checked(row)})
            except (TypeError, ValueError) as error:
                wrong.append(f"{file}:{line}: {error}")
                continue
            if target.arn in found:
                wrong.append(f"{file}:{line}: has the same arn as line {found[target.arn][0]}")
            found[target.arn] = line, target
    except (csv.Error, ValueError) as error:
        raise shell.CommandError(f"{file}: {error}") from None
    if wrong or not found:
        raise shell.CommandError("\n".join(wrong) or f"{file}: has no targets")
    return [target for _, target in found.values()]


def _rows(text: str) -> Iterator[tuple[int, object]]:
    """Yield the number of each line and its row: a text of JSON, or a mapping from CSV."""
    if text.lstrip().startswith("{"):
        yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    else:
        rows = csv.DictReader(io.StringIO(text, newline=""), restkey="values without a name", strict=True)
        yield from ((rows.line_num, row) for row in rows)


def _checked(row: object) -> dict[str, str]:
    members: object = json.loads(row) if isinstance(row, str) else row
    given = {name: value for name, value in members.items() if value not in ("", None)} if is_mapping(members) else {}
    if "arn" not in given or not given.keys() <= set(_COLUMNS):
        has = ", ".join(given) or "nothing"
        raise ValueError(f"must have {_COLUMNS[0]}, and may have {', '.join(_COLUMNS[1:])}; it has {has}")
    for name, value in given.items():
        check_type(name, value, str)
    return given

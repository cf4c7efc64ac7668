"""
`imagebuilder-dist fleet plan` and `fleet apply`: one file for many configurations.
"""

import argparse
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from typing import Any

from imagebuilder_dist import documents
from imagebuilder_dist._cli.files import STANDARD_INPUT, CommandError
from imagebuilder_dist._cli.output import INTERRUPTED, Progress, note, say, say_plan
from imagebuilder_dist._cli.remedies import message_of
from imagebuilder_dist._cli.service import HAS_CHANGES, confirmed, load_file, with_content
from imagebuilder_dist._cli.targets import load_targets
from imagebuilder_dist._common.text import safe
from imagebuilder_dist.fleet import FleetPlan, Journal, Outcome, Run, Target, edit_all, ensure_all, plan_all, summary
from imagebuilder_dist.models import CreateDistributionConfigurationRequest


def plan(options: argparse.Namespace) -> int:
    """
    Print what a file would change in every target.

    Return 1 if a target failed, else 3 if anything would change.
    """
    targets, content = _load(options)
    planned = _plan(options, targets, content)
    if options.format == "json":
        say(planned.to_json())
    elif options.format == "markdown":
        say(planned.to_markdown())
    else:
        say_plan(str(planned))
    return _exit_code(planned) or (HAS_CHANGES if planned.changed else 0)


def apply(options: argparse.Namespace) -> int:
    """
    Bring every target to the file's state. Return 1 if a target failed or the user declined.
    """
    targets, content = _load(options)
    planned = _plan(options, targets, content)
    say_plan(str(planned))
    if not planned.changed:
        return _exit_code(planned)
    if not options.yes and not confirmed():
        note("nothing was written")
        return 1
    journal = None if options.journal is None else Journal(options.journal)
    try:
        run = _start(options, targets, content, journal=journal, dry_run=False)
        result = summary(_finished(run, len(targets)))
    except OSError as error:
        raise CommandError(f"{options.journal}: {error.strerror}", code=1) from None
    say(str(result))
    if result.not_begun:
        note("interrupted; run the same command again to write only what is still missing")
        return INTERRUPTED
    return 1 if result.failed else 0


def _load(options: argparse.Namespace) -> tuple[list[Target], documents.Content]:
    if options.targets == options.file == STANDARD_INPUT:
        raise CommandError("TARGETS and FILE can't both be standard input")
    content = load_file(options).content
    return load_targets(options.targets, profile=options.profile, endpoint_url=options.endpoint_url), content


def _plan(options: argparse.Namespace, targets: list[Target], content: documents.Content) -> FleetPlan:
    return plan_all(_watched(_start(options, targets, content, journal=None, dry_run=True), len(targets)))


def _exit_code(planned: FleetPlan) -> int:
    return 1 if planned.summary.failed else 0


def _start(
    options: argparse.Namespace,
    targets: list[Target],
    content: documents.Content,
    *,
    journal: Journal | None,
    dry_run: bool,
) -> Run[Any]:
    """Start the run. Only a file with a name creates missing configurations; any other file edits existing ones."""
    settings: dict[str, Any] = {
        "executor": partial(ThreadPoolExecutor, options.concurrency),
        "journal": journal,
        "per_second": options.per_second,
        "window": options.concurrency,
        "dry_run": dry_run,
    }
    try:
        if isinstance(content, CreateDistributionConfigurationRequest):
            return ensure_all(targets, content, **settings)
        return edit_all(targets, partial(with_content, content=content), **settings)
    except ValueError:  # its text contains the whole file
        raise CommandError(f"{options.journal}: isn't a journal, or belongs to other targets or another file") from None


def _finished(run: Run[Any], total: int) -> Iterator[Outcome[Any]]:
    """Yield all outcomes; after Ctrl-C, also those of targets that were in flight or not begun."""
    try:
        yield from _watched(run, total)
    except KeyboardInterrupt:
        yield from _watched(run.remaining(), total)


def _watched(outcomes: Iterable[Outcome[Any]], total: int) -> Iterator[Outcome[Any]]:
    """Yield *outcomes*, and write progress and failures to standard error."""
    progress = Progress(total)
    try:
        for done, outcome in enumerate(outcomes, 1):
            if outcome.error is not None and not isinstance(outcome.error, CancelledError):
                progress.clear()
                note(f"{outcome.target.arn}: {safe(message_of(outcome.error))}")
            progress.show(done)
            yield outcome
    finally:
        progress.clear()

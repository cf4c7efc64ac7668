"""
`imagebuilder-dist fleet plan` and `fleet apply`: one file for many configurations.
"""

import argparse
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs

from imagebuilder_dist import documents
from imagebuilder_dist._cli.files import STANDARD_INPUT, CommandError
from imagebuilder_dist._cli.output import INTERRUPTED, Progress, note, say, say_plan
from imagebuilder_dist._cli.remedies import message_of
from imagebuilder_dist._cli.service import HAS_CHANGES, confirmed, load_file, with_content
from imagebuilder_dist._cli.targets import load_targets
from imagebuilder_dist._common.text import safe
from imagebuilder_dist.fleet import EditJob, EnsureJob, Journal, Outcome, Summary, Target, run, summary
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
    return _exit_code(planned) or (HAS_CHANGES if planned.changes else 0)


def apply(options: argparse.Namespace) -> int:
    """
    Bring every target to the file's state. Return 1 if a target failed or the user declined.
    """
    targets, content = _load(options)
    planned = _plan(options, targets, content)
    say_plan(str(planned))
    if not planned.changes:
        return _exit_code(planned)
    if not options.yes and not confirmed():
        note("nothing was written")
        return 1
    result = _run(options, targets, content, dry_run=False)
    say(str(attrs.evolve(result, changes=())))  # the plan has shown them
    if result.counts["not begun"]:
        note("run the same command again to write only what is still missing")
        return INTERRUPTED
    return _exit_code(result)


def _load(options: argparse.Namespace) -> tuple[list[Target], documents.Content]:
    if options.targets == options.file == STANDARD_INPUT:
        raise CommandError("TARGETS and FILE can't both be standard input")
    content = load_file(options).content
    return load_targets(options.targets, profile=options.profile, endpoint_url=options.endpoint_url), content


def _plan(options: argparse.Namespace, targets: list[Target], content: documents.Content) -> Summary:
    return _run(options, targets, content, dry_run=True)


def _exit_code(result: Summary) -> int:
    return 1 if result.counts["failed"] else 0


def _run(options: argparse.Namespace, targets: list[Target], content: documents.Content, *, dry_run: bool) -> Summary:
    """Only a file with a name creates missing configurations; any other file edits existing ones."""
    job: EditJob | EnsureJob
    if isinstance(content, CreateDistributionConfigurationRequest):
        job = EnsureJob(content, dry_run=dry_run)
    else:
        job = EditJob(partial(with_content, content=content), dry_run=dry_run)
    journal = None if dry_run or options.journal is None else Journal(options.journal)
    with ThreadPoolExecutor(options.concurrency) as threads:
        try:
            outcomes = run(
                job,
                targets,
                executor=threads,
                journal=journal,
                per_second=options.per_second,
                max_concurrency=options.concurrency,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{options.journal}: {error.strerror}", code=1) from None
        return summary(_watched(outcomes, len(targets)))


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
    except KeyboardInterrupt:
        pass  # it comes after the last outcome
    finally:
        progress.clear()

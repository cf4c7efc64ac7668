"""
`imagebuilder-dist fleet plan` and `fleet apply`: one file for many configurations.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs

from imagebuilder_dist import documents
from imagebuilder_dist._cli.online import HAS_CHANGES, confirmed, with_content
from imagebuilder_dist._cli.options import INTERRUPTED, STANDARD_INPUT, CommandError, Options, content_of, reader
from imagebuilder_dist._cli.output import draw, note, paint_change, say, write_issues
from imagebuilder_dist._common.attributes import check_type, is_mapping
from imagebuilder_dist._common.text import safe
from imagebuilder_dist.fleet import EditJob, EnsureJob, Journal, Outcome, Summary, Target, run, summary
from imagebuilder_dist.models import CreateDistributionConfigurationRequest

_COLUMNS = tuple(each.name for each in attrs.fields(Target) if each.name != "client_token")
_BAR = 30


def plan(options: Options) -> int:
    """
    Print what a file would change in every target.

    Return 1 if a target failed, else 3 if anything would change.
    """
    planned = _run(options, *_load(options), dry_run=True)
    if options["form"] == "json":
        say(planned.to_json())
    elif options["form"] == "markdown":
        say(planned.to_markdown())
    else:
        say(str(planned), paint_change)
    return _exit_code(planned) or (HAS_CHANGES if planned.changes else 0)


def apply(options: Options) -> int:
    """
    Bring every target to the file's state. Return 1 if a target failed or the user declined.
    """
    targets, content = _load(options)
    planned = _run(options, targets, content, dry_run=True)
    say(str(planned), paint_change)
    if not planned.changes:
        return _exit_code(planned)
    if not options["yes"] and not confirmed():
        note("nothing was written")
        return 1
    result = _run(options, targets, content, dry_run=False)
    say(str(attrs.evolve(result, changes=())))  # the plan has shown them
    if result.counts["not begun"]:
        note("run the same command again to write only what is still missing")
    is_interrupted = any(cause.text == "not begun: interrupted" for cause in result.causes)
    return INTERRUPTED if is_interrupted else _exit_code(result)


def _exit_code(result: Summary) -> int:
    return 1 if result.counts["failed"] else 0


def _load(options: Options) -> tuple[list[Target], documents.Content]:
    if options["targets"] == options["file"] == STANDARD_INPUT:
        raise CommandError("TARGETS and FILE can't both be standard input")
    document = reader(options["file"], options)()
    write_issues(document.warnings)
    return _targets(options), document.content


def _run(options: Options, targets: list[Target], content: documents.Content, *, dry_run: bool) -> Summary:
    job: EditJob | EnsureJob
    if isinstance(content, CreateDistributionConfigurationRequest):  # only a file with a name creates what is missing
        job = EnsureJob(content, dry_run=dry_run)
    else:
        job = EditJob(partial(with_content, content=content), dry_run=dry_run)
    journal, concurrency = options.get("journal"), options["concurrency"]
    with ThreadPoolExecutor(concurrency) as threads:
        try:
            outcomes = run(
                job,
                targets,
                executor=threads,
                journal=None if dry_run or journal is None else Journal(journal),
                per_second=options["per_second"],
                max_concurrency=concurrency,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{journal}: {error.strerror}") from None
        return summary(_watched(outcomes, len(targets), is_plan=dry_run))


def _watched(outcomes: Iterable[Outcome[Any]], total: int, *, is_plan: bool) -> Iterator[Outcome[Any]]:
    """Yield *outcomes*, and write progress and failures to standard error."""
    try:
        for done, outcome in enumerate(outcomes, 1):
            if outcome.error is not None and not isinstance(outcome.error, CancelledError):
                draw("")
                note(f"{outcome.target.arn}: {safe(str(outcome.error) or repr(outcome.error))}")
            draw(f"[{'#' * (done * _BAR // total):<{_BAR}}] {done}/{total}")
            yield outcome
    except KeyboardInterrupt:  # it comes after the last outcome, and what was written is to be reported
        if is_plan:
            raise
    finally:
        draw("")


def _targets(options: Options) -> list[Target]:
    """Read the targets; the options' profile and endpoint are for those that don't set their own."""
    file, defaults = options["targets"], {name: options[name] for name in ("profile", "endpoint_url")}
    lines: dict[str, int] = {}
    targets: list[Target] = []
    wrong: list[str] = []
    try:
        for line, row in _rows(content_of(file).decode("utf-8-sig")):
            try:
                target = _target(row, defaults)
            except (TypeError, ValueError) as error:
                wrong.append(f"{file}:{line}: {error}")
                continue
            targets.append(target)
            if lines.setdefault(target.arn, line) != line:
                wrong.append(f"{file}:{line}: has the same target as line {lines[target.arn]}")
    except (csv.Error, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None
    if wrong or not targets:
        raise CommandError("\n".join(wrong) or f"{file}: has no targets")
    return targets


def _rows(text: str) -> Iterator[tuple[int, object]]:
    """Yield the number of each line and its row: a text of JSON, or a mapping from CSV."""
    if text.lstrip().startswith("{"):
        yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    else:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        _check_names(reader.fieldnames or ["arn"])  # an empty file is rejected because it has no targets
        yield from ((reader.line_num, row) for row in reader)


def _target(row: object, defaults: Mapping[str, Any]) -> Target:
    members: object = json.loads(row) if isinstance(row, str) else row
    if not is_mapping(members):
        raise ValueError("isn't a JSON object")
    if None in members:  # that is what DictReader calls surplus values
        raise ValueError("has more values than the header")
    given = {name: value for name, value in members.items() if value is not None and value != ""}
    _check_names(given)
    for name, value in given.items():
        check_type(name, value, str)
    return Target(**{**defaults, **given})


def _check_names(names: Iterable[str]) -> None:
    unknown = [name for name in names if name not in _COLUMNS]
    if unknown:
        raise ValueError(f"has unknown names: {', '.join(unknown)}; known are {', '.join(_COLUMNS)}")
    if "arn" not in names:
        raise ValueError("has no arn")

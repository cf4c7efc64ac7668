"""
Files of targets: CSV with a header, or JSON Lines.
"""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from imagebuilder_dist._cli.files import STANDARD_INPUT, CommandError
from imagebuilder_dist._common.attributes import check_type, is_mapping
from imagebuilder_dist._common.text import printable
from imagebuilder_dist.fleet import Target

_COLUMNS = tuple(each.name for each in attrs.fields(Target) if each.name != "client_token")


def load_targets(file: str, *, profile: str | None, endpoint_url: str | None) -> list[Target]:
    """
    Read targets; *profile* and *endpoint_url* are for those that don't set their own.

    Raises:
        CommandError:
            If the file can't be read or has errors; the message lists every wrong line.
    """
    try:
        content = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: isn't UTF-8: {error.reason}") from None
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(file, text)
    defaults = {"profile": profile, "endpoint_url": endpoint_url}
    lines: dict[str, int] = {}
    targets: list[Target] = []
    wrong: list[str] = []
    for line, row in rows:
        try:
            target = _target(row, defaults)
        except (TypeError, ValueError) as error:
            wrong.append(f"{file}:{line}: {printable(str(error))}")
            continue
        first = lines.setdefault(target.arn, line)
        if first != line:
            wrong.append(f"{file}:{line}: has the same target as line {first}")
        targets.append(target)
    if wrong or not targets:
        raise CommandError("\n".join(wrong) or f"{file}: has no targets")
    return targets


def _json_rows(text: str) -> Iterator[tuple[int, object]]:
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _csv_rows(file: str, text: str) -> Iterator[tuple[int, object]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        # An empty file has no header, and is rejected because it has no targets.
        _check_names(reader.fieldnames or ["arn"])
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise CommandError(f"{file}: isn't CSV after line {reader.line_num}: {error}") from None
    except ValueError as error:
        raise CommandError(f"{file}:1: {printable(str(error))}") from None


def _target(row: object, defaults: Mapping[str, Any]) -> Target:
    members = _parsed(row) if isinstance(row, str) else row
    if not is_mapping(members):
        raise ValueError("isn't a JSON object")
    if None in members:  # that is what DictReader calls surplus values
        raise ValueError("has more values than the header")
    given = {name: value for name, value in members.items() if value is not None and value != ""}
    _check_names(given)
    for name, value in given.items():
        check_type(name, value, str)
    return Target(**{**defaults, **given})


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ValueError(f"isn't JSON: {error}") from None


def _check_names(names: Iterable[str]) -> None:
    unknown = [name for name in names if name not in _COLUMNS]
    if unknown:
        raise ValueError(f"has unknown names: {', '.join(unknown)}; known are {', '.join(_COLUMNS)}")
    if "arn" not in names:
        raise ValueError("has no arn")

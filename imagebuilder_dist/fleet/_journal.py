"""
A file that records what a run has begun and finished, and outlives it.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._common.text import describe

_VERSION = 1
_HEAD = {"journal": "version", "function": "function"}
_START = json.dumps({"journal": _VERSION, "function": ""}).encode()[: -len('"}')]
"""What every journal begins with; a file that a crash left without a whole line has at least a part of it."""


class Journal:
    """
    A file that makes a run resumable: start the run again with the same journal, function and targets.

    Before and after each target, a line of JSON is appended and synced to disk. A resumed run skips the targets that
    succeeded, whose outcomes are `earlier`, and retries those that had begun or failed, with the same `client_token`.
    An incomplete last line is dropped.

    Only one run at a time may use a journal, and it belongs to one function and one fleet. A function is identified by
    its module and name, a `functools.partial` also by its arguments. The fleet may grow, shrink and change its order,
    as long as it has a target in common with the journal.

    Args:
        path: The file; it is created if it doesn't exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._file: IO[bytes] | None = None
        self._id = uuid.uuid4()
        self._done: set[str] = set()

    def __repr__(self) -> str:
        return f"Journal({str(self._path)!r})"

    @property
    def done(self) -> int:
        """
        How many targets have succeeded, in all runs; 0 until a run opens the journal.
        """
        return len(self._done)

    def open(self, function: Callable[..., object], fleet: Iterable[str]) -> None:
        """
        Read what earlier runs have written; `run` calls this.

        *fleet* has the ARNs of the run's targets; it is read until the first that is in the journal.

        Raises:
            TypeError:
                If the journal can't tell *function* from others.
            ValueError:
                If the file isn't a journal, or belongs to another function or fleet.
            OSError:
                If the file can't be read or written.
        """
        head = {"journal": _VERSION, "function": name_of(function)}
        content = self._path.read_bytes() if self._path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        records = self._parsed(whole)
        if records:
            self._check(records[0], head)
        elif not content.startswith(_START) and not _START.startswith(content):
            raise self._no_journal(f"it doesn't begin with {_START.decode()}")
        begun = {each["begun"] for each in records if "begun" in each}
        if begun:
            self._check_fleet(begun, fleet)
            self._id = uuid.UUID(records[0]["id"])
        self._done = {each["done"] for each in records if "done" in each}
        self._file = self._path.open("ab", buffering=0)
        self._file.truncate(len(whole))
        if not records:
            self._write({**head, "id": str(self._id)})

    def _parsed(self, content: bytes) -> list[dict[str, Any]]:
        try:
            records = [json.loads(line) for line in content.splitlines()]
        except (ValueError, RecursionError) as error:
            raise self._no_journal(str(error)) from error
        if not all(map(is_mapping, records)):
            raise self._no_journal("a line isn't a JSON object")
        if records and not records[0].keys() >= _HEAD.keys():
            raise self._no_journal("its first line isn't that of a journal")
        return records

    def _no_journal(self, why: str) -> ValueError:
        return ValueError(f"{self._path} isn't a journal: {why}")

    def _check(self, found: dict[str, Any], expected: dict[str, Any]) -> None:
        for key, value in expected.items():
            if found.get(key) != value:
                raise self._other(f"another {_HEAD[key]}, {found.get(key)}, not {value}")

    def _check_fleet(self, begun: set[str], fleet: Iterable[str]) -> None:
        seen = 0
        for seen, arn in enumerate(fleet, 1):  # noqa: B007 - used below
            if arn in begun:
                return
        raise self._other(f"other targets: it has {len(begun):,}, this run has {seen:,}, and they have none in common")

    def _other(self, what: str) -> ValueError:
        return ValueError(f"{self._path} is the journal of {what}; resume with the same, or use a new journal")

    def close(self) -> None:
        """
        Close the file.
        """
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_done(self, arn: str) -> bool:
        """
        Return whether the target has succeeded.
        """
        return arn in self._done

    def token(self, arn: str) -> str:
        """
        Return the client token of the target, the same in every run with this journal.
        """
        return str(uuid.uuid5(self._id, arn))

    def begin(self, arn: str) -> None:
        """
        Record that the target is about to be submitted.
        """
        self._write({"begun": arn, "client_token": self.token(arn)})

    def end(self, arn: str, error: BaseException | None) -> None:
        """
        Record how the target ended.
        """
        if error is None:
            self._done.add(arn)
            self._write({"done": arn})
        else:
            self._write({"failed": arn, "error": type(error).__name__})

    def _write(self, record: dict[str, Any]) -> None:
        file = cast(IO[bytes], self._file)
        file.write(json.dumps(record).encode() + b"\n")
        os.fsync(file.fileno())


def check_journal(value: object) -> None:
    """
    Raise a `TypeError` unless *value* is a `Journal`; a path isn't one.
    """
    if not isinstance(value, Journal):
        raise TypeError(f"journal must be a Journal, not {describe(value)}; use Journal(path)")


def name_of(value: object) -> str:
    """
    Return a name that identifies a function, in other processes too.

    Raises:
        TypeError:
            If it is a lambda or a nested function: several of them may share a name.
    """
    if isinstance(value, partial):
        function = cast("partial[object]", value)
        arguments = [
            *map(name_of, function.args),
            *(f"{key}={name_of(each)}" for key, each in function.keywords.items()),
        ]
        return f"{name_of(function.func)}({', '.join(arguments)})"
    if callable(value) and hasattr(value, "__qualname__"):
        if "<" in value.__qualname__:
            raise TypeError(
                f"a journal can't tell {value.__qualname__} from others; use a module's function, or a partial of one"
            )
        return f"{value.__module__}.{value.__qualname__}"
    return repr(value)

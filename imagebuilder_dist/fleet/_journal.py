"""
A file that records which targets a run has done, and outlives it; and what tells one job from another.
"""

import json
import os
import sys
import uuid
from functools import partial
from pathlib import Path
from typing import Any, cast

import attrs

from imagebuilder_dist._common.attributes import FrozenMapping
from imagebuilder_dist._common.text import show

_VERSION = 2
_START = b'{"journal": '
"""What every journal begins with; a file that a crash left without a whole line has at least a part of it."""


class Journal:
    """
    A file that makes a run resumable: start the run again with the same journal and job.

    A line of JSON is appended after each target that succeeds. A resumed run skips these targets, whose outcomes are
    `earlier`, and runs all others with the same `client_token` as before. An incomplete last line is dropped.

    Only one run at a time may use a journal, and it belongs to one job. A function is identified by its module and
    name, a `functools.partial` also by its arguments, and an object of an attrs class or a dataclass, such as an
    `EditJob`, by its class and its fields; if it has a property `journal_identity`, by its class and this. Any other
    job is rejected. The targets may be others than before.

    Args:
        path: The file; it is created if it doesn't exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).absolute()
        self._size = 0
        self.done: set[str | None] = set()
        """The ARNs of the targets that earlier runs have done."""
        self._id = uuid.uuid4()

    def open(self, job: object) -> uuid.UUID:
        """
        Read what earlier runs have written, and return the journal's id; `run` calls this.

        Raises:
            TypeError:
                If the journal can't tell *job* from others.
            ValueError:
                If the file isn't a journal, or belongs to another job.
            OSError:
                If the file can't be read or written.
        """
        identity = identity_of(job)
        self._size = 0
        if self._path.exists():
            with self._path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    try:
                        self._read(number, line, identity)
                    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
                        raise ValueError(f"{self._path}:{number}: not the journal of this job: {error}") from error
            # Whatever a crash left of the last line would become a part of the next one.
            os.truncate(self._path, self._size)
        if not self._size:
            self._write({"journal": _VERSION, "id": str(self._id), "job": identity})
        return self._id

    def _read(self, number: int, line: bytes, identity: Any) -> None:
        if number == 1 and line[: len(_START)] != _START[: len(line)]:
            raise ValueError(f"a journal begins with {_START.decode()}")
        if not line.endswith(b"\n"):  # the last line, cut off
            return
        record = json.loads(line)
        self._size += len(line)
        if number > 1:
            self.done.add(record.get("done"))
        # The texts, because NaN isn't equal to itself.
        elif (record["journal"], json.dumps(record["job"])) != (_VERSION, json.dumps(identity)):
            raise ValueError("it belongs to another job; resume with the same, or use a new journal")
        else:
            self._id = uuid.UUID(record["id"])

    def add(self, arn: str) -> None:
        """
        Record that the target is done.
        """
        self._write({"done": arn})

    def _write(self, record: dict[str, Any]) -> None:
        """Append a whole line, or nothing. If the power fails, what is lost is only run again."""
        line = rest = json.dumps(record).encode() + b"\n"
        with self._path.open("ab", buffering=0) as file:
            try:
                while rest:
                    rest = rest[file.write(rest) :]  # a disk that is almost full takes a part
            except BaseException:
                file.truncate(self._size)
                raise
        self._size += len(line)


def identity_of(value: object) -> Any:
    """
    Return what tells *value* from others, in other processes and later runs too, as plain JSON.

    Raises:
        TypeError:
            If nothing does: the name of a lambda or a nested function is shared, the state of most objects is unknown.
    """
    cls, known = type(value), cast(Any, value)
    if value is None or cls in (bool, int, float, str):
        return value
    if cls in (list, tuple):
        return [identity_of(each) for each in known]
    if cls in (dict, FrozenMapping):
        return {"items": identity_of([*known.items()])}
    if cls is partial:
        return {"partial": identity_of([known.func, known.args, known.keywords])}
    # Not attrs.has, which is also true of a class with state of its own whose base class has fields.
    if vars(cls).keys() & {"__attrs_attrs__", "__dataclass_fields__"}:
        fields = attrs.fields_dict(cls) if attrs.has(cls) else known.__dataclass_fields__
        if "journal_identity" in vars(cls):
            fields = {"journal_identity": None}
        return {"class": _name_of(cls), **{name: identity_of(getattr(value, name)) for name in fields}}
    return {"name": _name_of(value)}


def _name_of(value: object) -> str:
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    found: object = sys.modules.get(str(module))
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not value:  # it is pickle that finds functions and classes by these names, too
        raise TypeError(
            f"a journal can't tell {show(value)} from others; a job is a function of a module, a functools.partial of "
            "one, or an object of an attrs class or a dataclass, and holds only such, strings, numbers, lists and dicts"
        )
    return f"{module}.{name}"

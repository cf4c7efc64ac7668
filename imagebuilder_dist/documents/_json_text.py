"""
JSON; positions are determined only if there is something to report.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property

import attrs

from imagebuilder_dist._common.text import Location
from imagebuilder_dist.documents._parsed import Lines, Place, Problem, SyntaxProblemError

_LEXEME = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++')
_MAX_DIGITS = 4_000
"""Python rejects integers of more than 4,300 digits; read as a float, the value is just as invalid."""


@attrs.define
class _Value:
    """A value's offset, and either its members, as key offsets and values, or its items."""

    offset: int
    members: "dict[str, tuple[int, _Value]] | None" = None
    items: "list[_Value]" = attrs.field(factory=list["_Value"])


class JsonText:
    """
    A JSON text that could be parsed.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._has_duplicates = False
        try:
            self.data: object = json.loads(text, object_pairs_hook=self._object, parse_int=_integer)
        except json.JSONDecodeError as error:
            raise SyntaxProblemError(self._lines.place(error.pos), f"isn't JSON: {error.msg}") from None

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        self._has_duplicates = self._has_duplicates or len(members) < len(pairs)
        return members

    @property
    def problems(self) -> list[Problem]:
        """
        Duplicate keys.
        """
        return [*self._positions[1]] if self._has_duplicates else []

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._text)

    @cached_property
    def _positions(self) -> tuple[_Value, list[Problem]]:
        duplicates: list[Problem] = []
        root = _Value(0)
        above: list[tuple[_Value, Location]] = [(root, ())]
        key: tuple[str, int] | None = None
        for lexeme, offset in self._lexemes():
            parent, location = above[-1]
            if lexeme in "}]":
                above.pop()
            elif parent.members is not None and key is None:
                name: str = json.loads(lexeme)
                key = name, offset
                if name in parent.members:
                    line, _ = self._lines.place(parent.members[name][0])
                    message = f"is given twice, first in line {line}"
                    duplicates.append(Problem(self._lines.place(offset), "duplicate-key", message, (*location, name)))
            else:
                value = _Value(offset, {} if lexeme == "{" else None)
                step: str | int = key[0] if key else len(parent.items)
                if parent.members is not None and key:
                    parent.members[key[0]] = key[1], value
                else:
                    parent.items.append(value)
                if lexeme in "{[":
                    above.append((value, (*location, step) if parent is not root else ()))
                key = None
        return root.items[0], duplicates

    def _lexemes(self) -> Iterator[tuple[str, int]]:
        return ((match[0], match.start()) for match in _LEXEME.finditer(self._text) if match[0] not in ",:")

    def place(self, location: Location, *, of_key: bool = False) -> Place:
        """
        Return the place of the value at *location*, or of its key; if it doesn't exist, of what would contain it.
        """
        value, _ = self._positions
        offset = value.offset
        for step in location:
            if value.members is not None and step in value.members:
                key, value = value.members[str(step)]
                offset = key if of_key else value.offset
            elif isinstance(step, int) and step < len(value.items):
                value = value.items[step]
                offset = value.offset
            else:
                break
        return self._lines.place(offset)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _MAX_DIGITS else float(digits)

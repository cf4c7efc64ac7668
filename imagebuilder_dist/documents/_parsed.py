"""
What both syntaxes are parsed into: plain data, and the place of everything in it.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location

Place: TypeAlias = tuple[int, int]
"""Line and column, from 1."""


class Plain(str):
    """
    An unquoted YAML scalar that YAML doesn't read as text: a number, a boolean or a date, as written.
    """

    __slots__ = ()


def as_text(value: object) -> object:
    """
    Return a `Plain` as an ordinary string, and anything else unchanged.
    """
    return str(value) if isinstance(value, Plain) else value


@attrs.frozen
class Problem:
    """
    A problem in a text, whatever the text describes.
    """

    place: Place
    rule: str
    message: str
    location: Location = ()
    value: object = None


class SyntaxProblemError(Exception):
    """A text that can't be parsed at all."""

    def __init__(self, place: Place, message: str, rule: str = "syntax") -> None:
        super().__init__(message)
        self.problem = Problem(place, rule, message)


class Parsed(Protocol):
    """
    A text that could be parsed.
    """

    data: object
    """Dicts, lists and scalars; unquoted YAML may be `Plain`."""

    @property
    def problems(self) -> Sequence[Problem]:
        """Problems that don't stop the parser, for example a duplicate key."""
        ...

    def place(self, location: Location, *, of_key: bool = False) -> Place:
        """Return the place of the value at *location*, or of its key; if it doesn't exist, of what would contain it."""
        ...


class Lines:
    """
    Where the lines of a text begin.
    """

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def place(self, offset: int) -> Place:
        """
        Return line and column of the character at *offset*.
        """
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def step_into(data: object, location: Location) -> object:
    """
    Return the value in *data* at *location*; `None` if there isn't one.
    """
    for step in location:
        values: Mapping[Any, object] = data if is_mapping(data) else dict(enumerate(data)) if is_list(data) else {}
        data = values.get(step)
    return data

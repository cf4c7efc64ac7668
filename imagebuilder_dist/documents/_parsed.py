"""
What both syntaxes are parsed into: plain data, and the place of everything in it.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location

Place: TypeAlias = tuple[int, int]
"""Line and column, from 1."""

Spots: TypeAlias = dict[str | int, tuple[Any, Any, Any]]
"""
Where each member or item of a collection begins: its key (an item has none, so its value), its value, what is below.

It is counted as the parser does it; only for an issue it becomes a `Place`.
"""


class Plain(str):
    """
    An unquoted scalar of YAML, as written; what it means depends on where it is.
    """

    __slots__ = ()


@attrs.frozen
class Problem:
    """
    A problem in a text, whatever the text describes.
    """

    place: Place
    rule: str
    message: str
    location: Location = ()
    """In the file's own names."""


class UnparsableError(Exception):
    """A text that can't be parsed at all."""

    def __init__(self, place: Place, message: str, rule: str = "syntax") -> None:
        super().__init__(message)
        self.problem = Problem(place, rule, message)


class Parsed:
    """
    A text that could be parsed.
    """

    data: object
    """Dicts, lists and scalars; in YAML, the unquoted values of mappings are `Plain`."""

    problems: list[Problem]
    """Problems that don't stop the parser, for example a duplicate key."""

    def _spots(self) -> Spots:
        """Return where everything begins; the whole is item 0."""
        raise NotImplementedError

    def _place_of(self, spot: Any) -> Place:
        raise NotImplementedError

    def place(self, location: Location, *, of_key: bool = False) -> Place:
        """
        Return the place of the value at *location*, or of its key; if it doesn't exist, of what would contain it.
        """
        _, spot, below = self._spots()[0]
        for step in location:
            if step not in below:
                break
            key, value, below = below[step]
            spot = key if of_key else value
        return self._place_of(spot)


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


def as_text(value: object) -> object:
    """
    Return a `Plain` as an ordinary string, and anything else unchanged.
    """
    return str(value) if isinstance(value, Plain) else value


def step_into(data: object, location: Location) -> object:
    """
    Return the value in *data* at *location*; `None` if there isn't one.
    """
    for step in location:
        values: Mapping[Any, object] = data if is_mapping(data) else dict(enumerate(data)) if is_list(data) else {}
        data = values.get(step)
    return data

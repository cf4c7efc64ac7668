"""
What both syntaxes are parsed into: plain data, and the place of everything in it.
"""

import re
from bisect import bisect_right
from typing import Any, TypeAlias, cast

from imagebuilder_dist._common.text import Location, path_of
from imagebuilder_dist.errors import DocumentError, DocumentIssue, Issue

Place: TypeAlias = tuple[int, int]
"""Line and column, from 1."""

Spots: TypeAlias = dict[str | int, tuple[Any, Any, Any]]
"""
Where each member or item of a collection begins: its key (an item has none, so its value), its value.

The third is what `below` takes to tell the same of the value.

It is counted as the parser does it; only for an issue it becomes a `Place`.
"""


class Plain(str):
    """
    An unquoted scalar of YAML, as written; what it means depends on where it is.
    """

    __slots__ = ()


def unreadable(file: str, place: Place, message: str, rule: str = "syntax", location: Location = ()) -> DocumentError:
    """
    Return the error for a text of which nothing else can be said.
    """
    line, column = place
    where: dict[str, Any] = {"path": path_of(location), "file": file, "line": line, "column": column}
    return DocumentError([DocumentIssue(location, rule, "error", message, **where)])


class Parsed:
    """
    A text that could be parsed.
    """

    file: str
    """The file's name, for errors."""

    data: object
    """Dicts, lists and scalars; in YAML, the unquoted values of mappings are `Plain`."""

    issues: list[Issue]
    """What doesn't stop the parser, for example a duplicate key; with locations in the file's own names."""

    whole: tuple[Any, Any]
    """Where the whole begins, and what `below` takes."""

    def below(self, value: Any) -> Spots:
        """
        Return where the members or items of a value begin.
        """
        return cast(Spots, value)  # YAML's parser tells it anyway

    def place_of(self, spot: Any) -> Place:
        """
        Return the place of a spot.
        """
        raise NotImplementedError

    def place(self, location: Location, *, of_key: bool = False) -> Place:
        """
        Return the place of the value at *location*, or of its key; if it doesn't exist, of what would contain it.
        """
        spot, whole = self.whole
        for step in location:
            below = self.below(whole)
            if step not in below:
                break
            key, value, whole = below[step]
            spot = key if of_key else value
        return self.place_of(spot)


class Lines:
    """
    Where the lines of a text begin.
    """

    def __init__(self, text: str) -> None:
        # As editors count: str.splitlines() also splits at form feeds and U+2028.
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def place(self, offset: int) -> Place:
        """
        Return line and column of the character at *offset*.
        """
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

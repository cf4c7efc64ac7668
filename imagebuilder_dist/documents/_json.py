"""
JSON; positions are determined only if there is something to report.
"""

import json
import re
from functools import cached_property

from imagebuilder_dist._common.text import Location
from imagebuilder_dist.documents._parsed import Lines, Parsed, Place, Problem, Spots, UnparsableError

_LEXEME = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]|[^\s{}\[\],:"]++')
_MAX_DIGITS = 4_000
"""Python rejects integers of more than 4,300 digits; read as a float, the value is just as invalid."""


class JsonText(Parsed):
    """
    A JSON text that could be parsed.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        has_duplicates = False

        def members_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
            nonlocal has_duplicates
            members = dict(pairs)
            has_duplicates = has_duplicates or len(members) < len(pairs)
            return members

        try:
            self.data = json.loads(text, object_pairs_hook=members_of, parse_int=_integer)
        except json.JSONDecodeError as error:
            raise UnparsableError(self._place_of(error.pos), f"isn't JSON: {error.msg}") from None
        self.problems = []
        if has_duplicates:
            for location, first, second in self._scanned[1]:
                line, _ = self._place_of(first)
                message = f"is given twice, first in line {line}"
                self.problems.append(Problem(self._place_of(second), "duplicate-key", message, location))

    def _spots(self) -> Spots:
        return self._scanned[0]

    def _place_of(self, spot: int) -> Place:
        return self._lines.place(spot)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._text)

    @cached_property
    def _scanned(self) -> tuple[Spots, list[tuple[Location, int, int]]]:
        """The offsets of everything, and of each duplicate key the location and both offsets."""
        root: Spots = {}
        duplicates: list[tuple[Location, int, int]] = []
        within: list[tuple[Spots, bool]] = [(root, False)]
        location: list[str | int] = []
        key: tuple[str, int] | None = None
        for match in _LEXEME.finditer(self._text):
            lexeme, offset = match[0], match.start()
            spots, is_object = within[-1]
            if lexeme in "}]":
                within.pop()
                location.pop()
            elif is_object and key is None:
                name: str = json.loads(lexeme)
                key = name, offset
                if name in spots:
                    duplicates.append(((*location[1:], name), spots[name][0], offset))
            else:
                step, start = key or (len(spots), offset)
                key = None
                below: Spots = {}
                spots[step] = start, offset, below
                if lexeme in "{[":
                    within.append((below, lexeme == "{"))
                    location.append(step)
        return root, duplicates


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _MAX_DIGITS else float(digits)

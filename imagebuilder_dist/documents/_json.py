"""
JSON; positions are determined only if there is something to report.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property

from imagebuilder_dist._common.text import Location
from imagebuilder_dist.documents._parsed import Lines, Parsed, Place, Spots, unreadable
from imagebuilder_dist.errors import Issue

_LEXEME = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]|[^\s{}\[\],:"]++')


class JsonText(Parsed):
    """
    A JSON text that could be parsed.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._text = text
        self.issues = []
        self._has_duplicates = False
        try:
            self.data = json.loads(text, object_pairs_hook=self._members)
        except json.JSONDecodeError as error:
            raise unreadable(file, self.place_of(error.pos), f"isn't JSON: {error.msg}") from None
        except ValueError:  # the only other one
            raise unreadable(file, (1, 1), "isn't JSON: an integer has more than 4,300 digits") from None
        if self._has_duplicates:
            _ = self.spots  # reports them

    def _members(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        self._has_duplicates |= len(members) < len(pairs)
        return members

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._text)

    def place_of(self, spot: int) -> Place:
        """
        Return the place of the character at an offset.
        """
        return self._lines.place(spot)

    @cached_property
    def spots(self) -> Spots:
        """
        The offsets of everything.
        """
        return self._below("[", _LEXEME.finditer(self._text), ())

    def _below(self, opening: str, lexemes: Iterator[re.Match[str]], location: Location) -> Spots:
        """Return the offsets of what follows an *opening* brace or bracket."""
        # The text could be parsed, so braces match and a key is followed by a value.
        spots: Spots = {}
        while (match := next(lexemes, None)) and match[0] not in "]}":
            step, start = len(spots), match.start()
            if opening == "{":
                step = json.loads(match[0])
                if step in spots:
                    line, _ = self.place_of(spots[step][0])
                    message = f"is given twice, first in line {line}"
                    self.issues.append(Issue((*location[1:], step), "duplicate-key", "error", message))
                match = next(lexemes)
            below = self._below(match[0], lexemes, (*location, step)) if match[0] in "[{" else {}
            spots[step] = start, match.start(), below
        return spots

"""
JSON; positions are determined only if there is something to report.
"""

import json
import re
from functools import cached_property
from typing import cast

from imagebuilder_dist._common.text import Location
from imagebuilder_dist.documents._parsed import Lines, Parsed, Place, Spots, unreadable
from imagebuilder_dist.errors import Issue

_BETWEEN = re.compile(r"[\s,:]*")
_decode = json.JSONDecoder().raw_decode


class JsonText(Parsed):
    """
    A JSON text that could be parsed.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._text = text
        self.issues = []
        self.whole = self._next(0), self._next(0)
        self._known: dict[int, Spots] = {}
        self._has_duplicates = False
        try:
            self.data = json.loads(text, object_pairs_hook=self._members)
        except json.JSONDecodeError as error:
            raise unreadable(file, self.place_of(error.pos), f"isn't JSON: {error.msg}") from None
        except ValueError:  # the only other one
            raise unreadable(file, (1, 1), "isn't JSON: an integer has more than 4,300 digits") from None
        if self._has_duplicates:
            self._report_duplicates(self.whole[1], ())

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

    def below(self, value: int, location: Location = ()) -> Spots:
        """
        Return the offsets of the members or items of the value at an offset.
        """
        spots = self._known.get(value)
        if spots is not None:
            return spots
        spots = self._known[value] = {}
        opening, at = self._text[value], self._next(value + 1)
        # The text could be parsed, so braces match and a key is followed by a value.
        while opening in "[{" and self._text[at] not in "]}":
            step, start = len(spots), at
            if opening == "{":
                step, at = _decode(self._text, at)
                at = self._next(at)
                if step in spots:
                    line, _ = self.place_of(spots[step][0])
                    message = f"is given twice, first in line {line}"
                    self.issues.append(Issue((*location, step), "duplicate-key", "error", message))
            spots[step] = start, at, at
            at = self._next(_decode(self._text, at)[1])
        return spots

    def _report_duplicates(self, value: int, location: Location) -> None:
        for step, (_, item, _) in self.below(value, location).items():
            self._report_duplicates(item, (*location, step))

    def _next(self, at: int) -> int:
        """Return the offset of the next key, value or closing bracket."""
        return cast("re.Match[str]", _BETWEEN.match(self._text, at)).end()

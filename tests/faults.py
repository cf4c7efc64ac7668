"""
Faults that only this library's tests need.
"""

import json
from collections.abc import Mapping
from typing import Any

import attrs

from imagebuilder_dist.testing import Exchange, Reply


@attrs.frozen
class AnswerNotJson:
    """
    The operation runs, but something on the way replaces the response's body.
    """

    body: bytes = b"<html>Welcome to the hotel's network</html>"

    def answer(self, exchange: Exchange, /) -> Reply:
        exchange.answer()
        return Reply(200, {"Content-Type": "text/html"}, self.body)


@attrs.frozen
class AddUnknownMembers:
    """
    The operation runs, and every structure of the response has members that no model knows.
    """

    members: Mapping[str, Any] = attrs.field(factory=lambda: {"brandNew": 1})

    def answer(self, exchange: Exchange, /) -> Reply:
        reply = exchange.answer()
        return attrs.evolve(reply, body=json.dumps(self._added(json.loads(reply.body))).encode())

    def _added(self, value: Any, name: str = "") -> Any:
        if isinstance(value, list):
            return [self._added(item) for item in value]
        # The keys of these are the user's, so a new one isn't an unknown member.
        if isinstance(value, dict) and name not in {"amiTags", "tags"}:
            return {**{key: self._added(item, key) for key, item in value.items()}, **self.members}
        return value

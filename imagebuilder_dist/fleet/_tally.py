"""
The calls and attempts of one target, counted by the clients that it uses.
"""

from contextvars import ContextVar

import attrs

from imagebuilder_dist._client.retries import Attempt


@attrs.define
class Tally:
    """
    The calls of one target.
    """

    calls: int = 0
    """How many calls it made."""

    attempts: int = 0
    """The most attempts that any of the calls took."""

    def note(self, attempt: Attempt) -> None:
        """
        Count a request.
        """
        self.calls += attempt.number == 1
        self.attempts = max(self.attempts, attempt.number)


current: ContextVar[Tally | None] = ContextVar("current", default=None)
"""The tally of the target that this thread works on."""


def note(attempt: Attempt) -> None:
    """
    Count a request for the target that this thread works on.
    """
    tally = current.get()
    if tally is not None:
        tally.note(attempt)

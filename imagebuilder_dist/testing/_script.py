"""
Which fault strikes which request.
"""

import random
import threading
from collections.abc import Callable, Sequence

import attrs

from imagebuilder_dist.testing.faults import AnswerError, Fault

_THROTTLED = AnswerError("CallRateLimitExceededException", message="Rate exceeded.")


@attrs.define
class _Bucket:
    """Lets through so many requests a second, and so many at once."""

    per_second: float
    burst: int
    clock: Callable[[], float]
    filled: float = attrs.field(init=False)
    since: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.filled, self.since = self.burst, self.clock()

    def take(self) -> bool:
        """Tell whether there is a token for one more request, and take it."""
        now = self.clock()
        self.filled = min(self.burst, self.filled + (now - self.since) * self.per_second)
        self.since = now
        if self.filled < 1:
            return False
        self.filled -= 1
        return True


@attrs.frozen
class _Chance:
    """Strikes with some of several faults now and then."""

    faults: Sequence[Fault]
    rate: float
    random: random.Random

    def draw(self) -> Fault | None:
        """Give a fault, or luck."""
        return self.random.choice(self.faults) if self.random.random() < self.rate else None


class Script:
    """
    What was asked to go wrong; safe to ask from many threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: list[tuple[str | None, Fault]] = []
        self._chance: _Chance | None = None
        self._bucket: _Bucket | None = None

    def add(self, faults: Sequence[Fault], operation: str | None) -> None:
        """
        Let the next requests for *operation*, or for any, meet *faults*, one each.
        """
        with self._lock:
            self._next += [(operation, fault) for fault in faults]

    def add_chance(self, faults: Sequence[Fault], rate: float, seed: int) -> None:
        """
        Let a share of the requests meet one of *faults*.
        """
        with self._lock:
            self._chance = _Chance(faults, rate, random.Random(seed))  # noqa: S311 - to be repeated, not secret

    def add_throttle(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        """
        Throttle what exceeds a rate.
        """
        with self._lock:
            self._bucket = _Bucket(per_second, burst, clock)

    def clear(self) -> None:
        """
        Let nothing go wrong any more.
        """
        with self._lock:
            self._next, self._chance, self._bucket = [], None, None

    def fault_for(self, operation: str | None) -> Fault | None:
        """
        Return what happens to the next request, for *operation*.
        """
        with self._lock:
            if self._bucket is not None and not self._bucket.take():
                return _THROTTLED
            for index, (only, fault) in enumerate(self._next):
                if only in {None, operation}:
                    del self._next[index]
                    return fault
            return self._chance.draw() if self._chance is not None else None

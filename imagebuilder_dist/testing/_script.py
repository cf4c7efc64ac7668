"""
Which fault hits which request.
"""

import random
import threading
from collections.abc import Callable, Sequence

import attrs

from imagebuilder_dist.testing.faults import AnswerError, Fault

_THROTTLED = AnswerError("CallRateLimitExceededException", message="Rate exceeded.")


@attrs.define
class _Bucket:
    """A token bucket: it lets through so many requests a second, and so many at once."""

    per_second: float
    burst: int
    clock: Callable[[], float]
    filled: float = attrs.field(init=False)
    since: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.filled, self.since = self.burst, self.clock()

    def take(self) -> bool:
        """Take a token for a request, and return whether there was one."""
        now = self.clock()
        self.filled = min(self.burst, self.filled + (now - self.since) * self.per_second)
        self.since = now
        if self.filled < 1:
            return False
        self.filled -= 1
        return True


@attrs.frozen
class _Chance:
    """Hits a share of the requests with one of several faults."""

    faults: Sequence[Fault]
    rate: float
    random: random.Random

    def draw(self) -> Fault | None:
        """Return a fault, or `None` if the request is spared."""
        return self.random.choice(self.faults) if self.random.random() < self.rate else None


class Script:
    """
    The faults that a test asked for; thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: list[tuple[str | None, Fault]] = []
        self._chance: _Chance | None = None
        self._bucket: _Bucket | None = None

    def add(self, faults: Sequence[Fault], operation: str | None) -> None:
        """
        Hit the next requests for *operation*, or for any, with *faults*, one each.
        """
        with self._lock:
            self._next += [(operation, fault) for fault in faults]

    def add_chance(self, faults: Sequence[Fault], rate: float, seed: int) -> None:
        """
        Hit a share of the requests with one of *faults*.
        """
        with self._lock:
            self._chance = _Chance(faults, rate, random.Random(seed))  # noqa: S311 - reproducible, not secret

    def add_throttle(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        """
        Throttle requests beyond a rate.
        """
        with self._lock:
            self._bucket = _Bucket(per_second, burst, clock)

    def clear(self) -> None:
        """
        Forget all faults.
        """
        with self._lock:
            self._next, self._chance, self._bucket = [], None, None

    def fault_for(self, operation: str | None) -> Fault | None:
        """
        Return the fault for the next request, which is for *operation*; `None` if nothing goes wrong.
        """
        with self._lock:
            if self._bucket is not None and not self._bucket.take():
                return _THROTTLED
            for index, (only, fault) in enumerate(self._next):
                if only in {None, operation}:
                    del self._next[index]
                    return fault
            return self._chance.draw() if self._chance is not None else None

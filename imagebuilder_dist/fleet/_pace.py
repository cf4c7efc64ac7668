"""
The pace of requests to one account and Region: even, and as fast as the service allows. Nothing here reads a clock.
"""

import math

import attrs

# Requests per second: the first rate, and the bounds of what is learned.
_START = 20.0
_FASTEST = 1e6
_SLOWEST = 0.2
# The seconds in which the rate doubles, until the service first pushes back.
_DOUBLING = 1.0
# A push-back cuts the rate to this share of what was sent lately. Then the rate grows by the fraction _RECOVERY per
# second, and twice as fast after every _PATIENCE seconds without another push-back.
_CUT = 0.85
_RECOVERY = 0.01
_PATIENCE = 4.0
_SHORTEST = 0.001
_MOST_DOUBLINGS = 10
# The fewest targets that may be under way, before and after the first push-back.
_FIRST_LIMIT = 4
_LEAST_LIMIT = 1
# The most targets under way, as a multiple of what the rate keeps busy; more would only wait for a throttle to end.
_SLACK = 2.0


@attrs.define
class Pace:
    """
    The pace of one account and Region, in requests per second.

    It is cut if a target needed more than one attempt for a call, and grows as long as none does. The number of targets
    under way is limited, too, so that a throttled account holds up only itself.
    """

    _per_second: float | None
    _rate: float = attrs.field(init=False)
    _next: float = attrs.field(default=-math.inf, init=False)
    _last: float = attrs.field(default=-math.inf, init=False)
    _first: float = attrs.field(default=math.inf, init=False)
    _flow: float = attrs.field(default=0.0, init=False)
    """Requests in about the last second."""
    _slowed: float | None = attrs.field(default=None, init=False)
    _seconds: float | None = attrs.field(default=None, init=False)
    """How long a target takes if it isn't throttled."""
    _under_way: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._rate = min(self._per_second or _START, _FASTEST)

    @property
    def earliest(self) -> float:
        """
        The time at which the next target may start; infinite if one must come back first.
        """
        return self._next if self._under_way < self._limit else math.inf

    @property
    def _limit(self) -> float:
        least = _FIRST_LIMIT if self._slowed is None else _LEAST_LIMIT
        return least if self._seconds is None else max(least, _SLACK * self._rate * self._seconds)

    def start(self, now: float, requests: float) -> None:
        """
        Record the start of a target, which is expected to take *requests* requests.
        """
        gap = requests / self._rate
        self._first = min(self._first, now)
        passed = now - max(self._last, self._first)
        if now - self._next < gap:  # it waited for the pace, not for work
            self._grow(now, passed)
        # After a late start, the next may come early; otherwise the clock's delays would add up.
        self._next = max(self._next, now - gap) + requests / self._rate
        self._flow = self._flow * math.exp(-passed) + requests
        self._last = now
        self._under_way += 1

    def _grow(self, now: float, seconds: float) -> None:
        doublings = seconds / _DOUBLING
        if self._slowed is not None:
            growth = _RECOVERY * 2 ** min((now - self._slowed) / _PATIENCE, _MOST_DOUBLINGS)
            doublings = min(doublings, math.log2(1 + growth * seconds))
        self._rate = min(self._rate * 2 ** min(doublings, 1), self._per_second or _FASTEST)

    def finish(self, now: float, started: float, seconds: float, *, pushed_back: bool) -> None:
        """
        Record that the target that began at *started* came back after *seconds* of work.
        """
        self._under_way -= 1
        if not pushed_back:
            self._seconds = seconds if self._seconds is None else self._seconds + (seconds - self._seconds) / 8
        elif self._slowed is None or started > self._slowed:  # a start before the last cut says nothing about it
            flow = self._flow / -math.expm1(-max(now - self._first, _SHORTEST))
            self._rate = max(_CUT * min(self._rate, flow), _SLOWEST)
            self._slowed = now

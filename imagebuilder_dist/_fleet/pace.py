"""
How fast one account and Region may be called: evenly, and as fast as the service lets it. Nothing here reads a clock.
"""

import math

import attrs

# Requests a second until more is known, and what no learning goes beyond or below.
_START = 20.0
_FASTEST = 1e6
_SLOWEST = 0.2
# Seconds in which the rate doubles, until the service has pushed back for the first time.
_DOUBLING = 1.0
# A push back cuts what was sent lately to this share. It comes back at first by so much of itself a second, and by
# twice as much after so many seconds without another one.
_CUT = 0.85
_RECOVERY = 0.01
_PATIENCE = 4.0
_SHORTEST = 0.001
_MOST_DOUBLINGS = 10
# How many targets may be under way until one has come back, and at least once the service has pushed back.
_FIRST_LIMIT = 4
_LEAST_LIMIT = 1
# Targets under way, as a multiple of what the rate keeps busy: those beyond wait for a throttle to end.
_SLACK = 2.0


@attrs.define
class Pace:
    """
    The pace of one account and Region, in requests a second.

    It is cut if a target needed more than one attempt for a call, and grows as long as none does.
    What has been started but not come back is limited, too: what is throttled holds up its own account and no other.
    """

    _per_second: float | None
    _rate: float = attrs.field(init=False)
    _next: float = attrs.field(default=-math.inf, init=False)
    _last: float = attrs.field(default=-math.inf, init=False)
    _first: float = attrs.field(default=math.inf, init=False)
    _flow: float = attrs.field(default=0.0, init=False)
    """Requests of about the last second."""
    _slowed: float | None = attrs.field(default=None, init=False)
    _seconds: float | None = attrs.field(default=None, init=False)
    """What a target takes that isn't throttled."""
    _under_way: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._rate = min(self._per_second or _START, _FASTEST)

    @property
    def earliest(self) -> float:
        """
        The time at which the next target may start; infinite as long as one has to come back first.
        """
        return self._next if self._under_way < self._limit else math.inf

    @property
    def _limit(self) -> float:
        least = _FIRST_LIMIT if self._slowed is None else _LEAST_LIMIT
        return least if self._seconds is None else max(least, _SLACK * self._rate * self._seconds)

    def start(self, now: float, requests: float) -> None:
        """
        Note that a target starts, which takes so many *requests*.
        """
        gap = requests / self._rate
        self._first = min(self._first, now)
        passed = now - max(self._last, self._first)
        if now - self._next < gap:  # it is the pace that it has waited for
            self._grow(now, passed)
        # One that starts late may be followed early, or else the delays of the clock would add up.
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
        Note that the target that *started* then has come back after so many *seconds* of work.
        """
        self._under_way -= 1
        if not pushed_back:
            self._seconds = seconds if self._seconds is None else self._seconds + (seconds - self._seconds) / 8
        elif self._slowed is None or started > self._slowed:  # what started before the last cut says nothing about it
            flow = self._flow / -math.expm1(-max(now - self._first, _SHORTEST))
            self._rate = max(_CUT * min(self._rate, flow), _SLOWEST)
            self._slowed = now

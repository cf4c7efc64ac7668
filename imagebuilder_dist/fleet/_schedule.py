"""
Which target starts next, and when: first come, first served in each account and Region, and each at its own pace.

Nothing here reads a clock.
"""

import heapq
import math
from collections import deque
from typing import Generic, Protocol, TypeVar

import attrs

from imagebuilder_dist.fleet._pace import Pace


class Placed(Protocol):
    """
    Something that belongs to one account and Region.
    """

    @property
    def lane(self) -> tuple[str, str]:
        """The account and Region, which the service throttles by."""
        ...


P = TypeVar("P", bound=Placed)


@attrs.define(eq=False)
class _Lane(Generic[P]):
    pace: Pace
    waiting: deque[P] = attrs.field(factory=deque[P])
    queued: bool = False
    """Whether it is in the queue of lanes that have something to start."""


@attrs.define
class Schedule(Generic[P]):
    """
    The waiting targets, by account and Region.
    """

    _per_second: float | None
    waiting: int = attrs.field(default=0, init=False)
    """How many targets are waiting."""
    _lanes: dict[tuple[str, str], _Lane[P]] = attrs.field(factory=dict[tuple[str, str], _Lane[P]], init=False)
    _queue: list[tuple[float, int, _Lane[P]]] = attrs.field(factory=list[tuple[float, int, _Lane[P]]], init=False)
    _pushed: int = attrs.field(default=0, init=False)
    _requests: float = attrs.field(default=1.0, init=False)
    """The average number of requests per target; one for all lanes, because all targets run the same function."""

    def add(self, target: P) -> None:
        """
        Queue *target* in its lane.
        """
        lane = self._lanes.get(target.lane)
        if lane is None:
            lane = self._lanes[target.lane] = _Lane(Pace(self._per_second))
        lane.waiting.append(target)
        self.waiting += 1
        self._enqueue(lane)

    def _enqueue(self, lane: _Lane[P]) -> None:
        earliest = lane.pace.earliest
        if lane.waiting and not lane.queued and earliest < math.inf:
            heapq.heappush(self._queue, (earliest, self._pushed, lane))  # the count breaks ties
            self._pushed += 1
            lane.queued = True

    def next(self, now: float) -> P | None:
        """
        Take a target that starts now; `None` if there isn't one.
        """
        if not self._queue or self._queue[0][0] > now:
            return None
        *_, lane = heapq.heappop(self._queue)
        lane.queued = False
        lane.pace.start(now, self._requests)
        self.waiting -= 1
        target = lane.waiting.popleft()
        self._enqueue(lane)
        return target

    def delay(self, now: float) -> float | None:
        """
        Return the seconds until a target may start; `None` if one must come back first.
        """
        return max(self._queue[0][0] - now, 0) if self._queue else None

    def finish(
        self, target: P, now: float, started: float, *, requests: int, seconds: float, pushed_back: bool
    ) -> None:
        """
        Record what *target*, which began at *started*, took.
        """
        self._requests += (max(requests, 1) - self._requests) / 8
        lane = self._lanes[target.lane]
        lane.pace.finish(now, started, seconds, pushed_back=pushed_back)
        self._enqueue(lane)

"""
A fleet in simulated time: the real schedule, and services that throttle as Image Builder does.
"""

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import attrs

from imagebuilder_dist._fleet.schedule import Schedule


@attrs.frozen
class Place:
    """A target, as far as a schedule knows it."""

    account: str
    number: int = 0

    @property
    def lane(self) -> tuple[str, str]:
        return self.account, "us-west-2"


@attrs.frozen
class Service:
    """A token bucket; *changes* are later rates, by the time they begin."""

    per_second: float
    burst: float
    changes: Mapping[float, float] = attrs.field(factory=dict)


@attrs.define
class _Bucket:
    service: Service
    tokens: float = attrs.field(default=attrs.Factory(lambda self: self.service.burst, takes_self=True))
    last: float = 0.0

    def admits(self, now: float) -> bool:
        rates = [rate for start, rate in self.service.changes.items() if start <= now]
        per_second = rates[-1] if rates else self.service.per_second
        self.tokens = min(self.service.burst, self.tokens + (now - self.last) * per_second)
        self.last = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Scheduling(Protocol):
    """What of a schedule is simulated."""

    def add(self, target: Place) -> None: ...

    def next(self, now: float) -> Place | None: ...

    def delay(self, now: float) -> float | None: ...

    def finish(
        self, target: Place, now: float, started: float, *, requests: int, seconds: float, pushed_back: bool
    ) -> None: ...


@attrs.define
class Told:
    """What came of it."""

    requests: int = 0
    seconds: float = 0.0
    ends: dict[str, float] = attrs.field(factory=dict[str, float])
    """When each account was done."""
    started: list[Place] = attrs.field(factory=list[Place])


@attrs.define
class _Work:
    place: Place
    at: float
    began: float = 0.0
    calls: int = 0
    tries: int = 0
    pushed_back: bool = False


def simulate(
    services: Mapping[str, Service],
    places: Iterable[Place],
    *,
    per_second: float | None = None,
    workers: int = 32,
    window: int = 64,
    latency: float = 0.02,
    requests: int = 1,
    lateness: float = 0.001,
    schedule: Scheduling | None = None,
) -> Told:
    """Run *places* with so many *workers*, *requests* a target, and retries as `Retries` makes them."""
    dice = random.Random(0)  # noqa: S311 - to be repeated, not secret
    schedule = Schedule[Place](per_second) if schedule is None else schedule
    buckets = {account: _Bucket(service) for account, service in services.items()}
    told = Told()
    events: list[tuple[float, int, Callable[[float], None]]] = []
    order = itertools.count()
    queue: deque[_Work] = deque()
    in_flight = busy = 0
    woken = math.inf  # when the driver looks again
    for place in places:
        schedule.add(place)

    def later(time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(events, (time, next(order), event))

    def drive(now: float) -> None:
        nonlocal in_flight, busy, woken
        while in_flight < window and (place := schedule.next(now)) is not None:
            in_flight += 1
            told.started.append(place)
            queue.append(_Work(place, now))
        while busy < workers and queue:
            busy += 1
            work = queue.popleft()
            work.began = now
            later(now + latency / 2, lambda then, work=work: request(then, work))  # type: ignore[misc]
        delay = schedule.delay(now)
        if delay is not None and in_flight < window and now + delay < woken:
            woken = now + delay + lateness * dice.random()
            later(woken, wake)

    def wake(now: float) -> None:
        nonlocal woken
        if now == woken:  # or else it was woken earlier
            woken = math.inf
            drive(now)

    def request(now: float, work: _Work) -> None:
        told.requests += 1
        if buckets[work.place.account].admits(now):
            work.calls, work.tries = work.calls + 1, 0
            after = latency
        else:
            work.pushed_back, work.tries = True, work.tries + 1
            after = latency + min(2 ** (work.tries - 1), 20) * (1 + dice.random()) / 2
        if work.calls == requests:
            later(now + latency / 2, lambda then: finish(then, work))
        else:
            later(now + after, lambda then: request(then, work))

    def finish(now: float, work: _Work) -> None:
        nonlocal in_flight, busy
        in_flight, busy = in_flight - 1, busy - 1
        told.seconds = told.ends[work.place.account] = now
        seconds = now - work.began
        schedule.finish(work.place, now, work.at, requests=requests, seconds=seconds, pushed_back=work.pushed_back)
        drive(now)

    drive(0.0)
    while events:
        now, _, event = heapq.heappop(events)
        event(now)
    return told

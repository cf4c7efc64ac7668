"""
A fleet in simulated time: the real schedule, and services that throttle as Image Builder does.
"""

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from imagebuilder_dist.fleet._schedule import Schedule


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
    """A token bucket; *changes* maps times to the rates that apply from then on."""

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


@attrs.define
class Result:
    """The result of a simulation."""

    requests: int = 0
    seconds: float = 0.0
    ends: dict[str, float] = attrs.field(factory=dict[str, float])
    """The time at which each account was done."""
    started: list[Place] = attrs.field(factory=list[Place])


@attrs.define
class _Work:
    place: Place
    at: float
    began: float = 0.0
    calls: int = 0
    tries: int = 0
    pushed_back: bool = False


@attrs.define(kw_only=True)
class _Simulation:
    schedule: Schedule[Place]
    buckets: dict[str, _Bucket]
    workers: int
    window: int
    latency: float
    requests: int
    lateness: float
    result: Result = attrs.field(factory=Result)
    dice: random.Random = attrs.field(factory=lambda: random.Random(0))  # noqa: S311 - for the same numbers in every run, not for secrets
    events: list[tuple[float, int, Callable[[float], None]]] = attrs.field(factory=list[Any])
    order: Iterator[int] = attrs.field(factory=itertools.count)
    queue: deque[_Work] = attrs.field(factory=deque[_Work])
    in_flight: int = 0
    busy: int = 0
    woken: float = math.inf
    """The time at which the driver looks again."""

    def later(self, time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (time, next(self.order), event))

    def run(self) -> Result:
        self.drive(0.0)
        while self.events:
            now, _, event = heapq.heappop(self.events)
            event(now)
        return self.result

    def drive(self, now: float) -> None:
        while self.in_flight < self.window and (place := self.schedule.next(now)) is not None:
            self.in_flight += 1
            self.result.started.append(place)
            self.queue.append(_Work(place, now))
        while self.busy < self.workers and self.queue:
            self.busy += 1
            work = self.queue.popleft()
            work.began = now
            self.later(now + self.latency / 2, partial(self.request, work))
        delay = self.schedule.delay(now)
        if delay is not None and self.in_flight < self.window and now + delay < self.woken:
            self.woken = now + delay + self.lateness * self.dice.random()
            self.later(self.woken, self.wake)

    def wake(self, now: float) -> None:
        if now == self.woken:  # otherwise it was woken earlier
            self.woken = math.inf
            self.drive(now)

    def request(self, work: _Work, now: float) -> None:
        self.result.requests += 1
        after = self.latency
        if self.buckets[work.place.account].admits(now):
            work.calls, work.tries = work.calls + 1, 0
        else:
            work.pushed_back, work.tries = True, work.tries + 1
            after += min(2 ** (work.tries - 1), 20) * (1 + self.dice.random()) / 2
        if work.calls == self.requests:
            self.later(now + self.latency / 2, partial(self.finish, work))
        else:
            self.later(now + after, partial(self.request, work))

    def finish(self, work: _Work, now: float) -> None:
        self.in_flight, self.busy = self.in_flight - 1, self.busy - 1
        self.result.seconds = self.result.ends[work.place.account] = now
        self.schedule.finish(
            work.place,
            now,
            work.at,
            requests=self.requests,
            seconds=now - work.began,
            pushed_back=work.pushed_back,
        )
        self.drive(now)


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
) -> Result:
    """Run *places* with *workers* workers, *requests* requests per target, and the delays of `Retries`."""
    schedule: Schedule[Place] = Schedule(per_second)
    for place in places:
        schedule.add(place)
    return _Simulation(
        schedule=schedule,
        buckets={account: _Bucket(service) for account, service in services.items()},
        workers=workers,
        window=window,
        latency=latency,
        requests=requests,
        lateness=lateness,
    ).run()

"""
A function over targets, on any executor: what is in flight is bounded, paced and journaled.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from itertools import chain, count, islice
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import attrs

from imagebuilder_dist._fields import check_count
from imagebuilder_dist._fleet.journal import Journal
from imagebuilder_dist._fleet.pool import Executor, Pool
from imagebuilder_dist._fleet.schedule import Schedule
from imagebuilder_dist._fleet.targets import Target
from imagebuilder_dist._fleet.work import Outcome, Report, perform

T = TypeVar("T")

_WINDOW = 64
# Targets that are read ahead so that one whose account is throttled doesn't hold up those behind it.
_AHEAD = 4096
# Targets that tell a fleet from another.
_FIRST = 1000
_TRIES = 2


@attrs.frozen
class _Started:
    """A target in flight."""

    target: Target
    at: float
    tries: int = 1
    error: BaseException | None = None
    """What became of its executor."""


class Run(Iterator[Outcome[T]], Generic[T]):
    """
    The outcomes of a fleet, as they complete: one for each target.

    An iterator, made by `run`; `close()`, or the end of a `with` block, ends it early.
    """

    def __init__(
        self,
        function: Callable[[Target], T],
        targets: Iterable[Target],
        *,
        executor: Executor,
        journal: Journal | None,
        per_second: float | None,
        stop_after: int | None,
        window: int | None,
    ) -> None:
        for name, value in {"stop_after": stop_after, "window": window}.items():
            if value is not None:
                check_count(name, value)
        if per_second is not None and not per_second > 0:
            raise ValueError(f"per_second must be above 0, not {per_second}")
        self._function = function
        self._source = iter(targets)
        self._pool = Pool(executor)
        self._window = window or _WINDOW
        self._errors_left = stop_after
        self._schedule: Schedule[Target] = Schedule(per_second)
        self._run_id = uuid.uuid4()
        self._submissions = count()
        self._in_flight: dict[Future[Report[T]], _Started] = {}
        # What is submitted before all others and alone: second tries, so that the one that breaks workers is found.
        self._first: deque[_Started] = deque()
        self._broken = False
        self._done: SimpleQueue[Future[Report[T]]] = SimpleQueue()
        self._stopped: BaseException | None = None
        self._late: list[Outcome[T]] = []
        self._journal = journal
        if journal is not None:
            first = [*islice(self._source, _FIRST)]
            journal.open(function, [each.arn for each in first])
            self._source = (each for each in chain(first, self._source) if not journal.is_done(each.arn))
        self._outcomes = self._drive()

    def __next__(self) -> Outcome[T]:
        return next(self._outcomes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """
        Begin nothing more, and wait for what is in flight; `remaining()` tells the rest.
        """
        self._outcomes.close()
        self._release()

    def remaining(self) -> Iterator[Outcome[T]]:
        """
        End the run, and return what it hasn't told: what was in flight, and a `CancelledError` for each other target.

        After Ctrl-C or `close()`, these and the outcomes so far are one for each target.
        """
        self.close()
        late, self._late = self._late, []
        yield from late
        yield from self._not_begun(CancelledError("not begun"))

    def _not_begun(self, reason: BaseException) -> Iterator[Outcome[T]]:
        while self._first:
            started = self._first.popleft()
            yield Outcome(target=started.target, error=started.error or reason)
        while (target := self._schedule.drain() or next(self._source, None)) is not None:
            yield Outcome(target=target, error=reason)

    def _drive(self) -> Generator[Outcome[T], None, None]:
        try:
            while True:
                delay = self._fill()
                if delay is None and not self._in_flight:
                    break
                try:
                    future = self._done.get(timeout=delay)
                except Empty:
                    continue
                started = self._in_flight.pop(future)
                if not self._is_tried_again(future, started):
                    yield self._outcome_of(future, started)
            if self._stopped is not None:
                yield from self._not_begun(self._stopped)
        finally:
            self._end()

    def _fill(self) -> float | None:
        """Start what may start now, and return the seconds until more may; `None` if one has to come back first."""
        while self._stopped is None:
            if self._broken:
                if self._in_flight:
                    return None  # all of it comes back as broken
                self._pool.close()
                self._broken = False
            if self._first:
                if self._in_flight:
                    return None
            elif len(self._in_flight) >= self._window:
                return None
            else:
                now = time.monotonic()
                target = self._next(now)
                if target is None:
                    return self._schedule.delay(now)
                if self._journal is not None:
                    self._journal.begin(target.arn)
                self._first.append(_Started(attrs.evolve(target, client_token=self._token(target.arn)), now))
            self._submit()
        return None

    def _next(self, now: float) -> Target | None:
        target = self._schedule.next(now)
        while target is None and self._schedule.waiting < _AHEAD:
            read = next(self._source, None)
            if read is None:
                break
            self._schedule.add(read)
            target = self._schedule.next(now)
        return target

    def _token(self, arn: str) -> str:
        return str(uuid.uuid5(self._run_id, arn)) if self._journal is None else self._journal.token(arn)

    def _submit(self) -> None:
        started = self._first[0]
        try:
            future = self._pool.submit(perform, self._function, started.target, next(self._submissions))
        except RuntimeError as error:  # it is broken, or shut down
            self._first[0] = attrs.evolve(started, tries=started.tries + 1, error=error)
            if isinstance(error, BrokenExecutor) and self._pool.replaceable and started.tries < _TRIES:
                self._broken = True
            else:
                self._stopped = error
        else:
            # Until here, Ctrl-C finds it in the one, and from here in the other.
            self._in_flight[future] = self._first.popleft()
            future.add_done_callback(self._done.put)

    def _is_tried_again(self, future: "Future[Report[T]]", started: _Started) -> bool:
        error = _error_of(future)
        if not (isinstance(error, BrokenExecutor) and self._pool.replaceable):
            return False
        self._broken = True
        if started.tries == _TRIES:
            return False
        self._first.append(attrs.evolve(started, tries=started.tries + 1, error=error))
        return True

    def _outcome_of(self, future: "Future[Report[T]]", started: _Started) -> Outcome[T]:
        error = _error_of(future)
        if error is None:
            report = future.result()
            if self._journal is not None:
                self._journal.end(started.target.arn, report.outcome.error)
        else:
            report = Report(Outcome[T](target=started.target, error=error), 0)
        self._count(started, report)
        return report.outcome

    def _count(self, started: _Started, report: Report[T]) -> None:
        outcome = report.outcome
        self._schedule.finish(
            started.target,
            time.monotonic(),
            started.at,
            requests=report.calls,
            seconds=outcome.seconds,
            pushed_back=report.pushed_back,
        )
        if outcome.error is not None and self._errors_left is not None:
            self._errors_left -= 1
            if self._errors_left == 0:
                self._stopped = CancelledError("not begun, because too many others have failed")

    def _end(self) -> None:
        for future in [*self._in_flight]:
            future.cancel()
        wait(self._in_flight)
        while self._in_flight:
            self._late.append(self._outcome_of(*self._in_flight.popitem()))
        self._release()

    def _release(self) -> None:
        self._pool.close()
        if self._journal is not None:
            self._journal.close()


def _error_of(future: "Future[Any]") -> BaseException | None:
    return CancelledError("cancelled") if future.cancelled() else future.exception()


def run(
    function: Callable[[Target], T],
    targets: Iterable[Target],
    *,
    executor: Executor,
    journal: Journal | None = None,
    per_second: float | None = None,
    stop_after: int | None = None,
    window: int | None = None,
) -> Run[T]:
    """
    Call *function* with each of *targets* in an executor's workers, and iterate over the outcomes as they complete.

    Every target has one outcome, whatever happens to it: what *function* raises is its `error`.
    A target whose worker dies is tried a second time, or gets an error; that, and every later run with the same
    journal, is why *function* must be safe to be called again: it passes `target.client_token` to its write, edits
    with a change that changes nothing a second time, or only reads.

    Targets start evenly in each account and Region, which is what the service throttles by.
    What `target.client()` meets sets the pace: it grows until a call needs a second attempt, and is cut then.
    A throttled account slows no other one.

    Ctrl-C begins nothing more, waits for what is in flight, and raises `KeyboardInterrupt`; so does closing the
    iterator, which raises nothing. `remaining()` has the rest.

    Args:
        function: What to do with a target. In processes it has to be importable, and it, its results and its errors
            have to pickle.
        targets: The targets, also from a generator: it is read as far as needed, at most 4,096 ahead.
            Mix accounts and Regions, so that there is work for all of them in what is read.
        executor: Anything with a `submit` that returns a `concurrent.futures.Future`, such as a `ThreadPoolExecutor`,
            loky's executor or Dask's `Client.get_executor()`; it stays open.
            Or a function that makes one, which the run closes; if workers die and break it, it is replaced.
            Without such a function, a broken executor ends the run.
        journal: Where to note what is begun and done, to resume a run that was killed.
        per_second: Requests a second to each account and Region, at most and from the beginning. If omitted, the run
            starts at 20 and learns.
        stop_after: Errors after which nothing more is begun.
        window: Targets in flight at once, at most; 64 if omitted. Use two or three times the number of workers.

    Raises:
        TypeError:
            If *executor* is neither.
        ValueError:
            If *per_second* isn't above 0, *stop_after* or *window* is below 1, or *journal* belongs to another function
            or fleet.
    """
    return Run(
        function,
        targets,
        executor=executor,
        journal=journal,
        per_second=per_second,
        stop_after=stop_after,
        window=window,
    )

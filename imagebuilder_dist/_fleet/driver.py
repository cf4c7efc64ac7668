"""
A function over targets, on any executor: what is in flight is bounded, paced and journaled.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from contextlib import closing
from itertools import chain, count
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

import attrs

from imagebuilder_dist._fields import check_count, describe
from imagebuilder_dist._fleet.journal import Journal, check_journal
from imagebuilder_dist._fleet.pool import Executor, Pool
from imagebuilder_dist._fleet.schedule import Schedule
from imagebuilder_dist._fleet.targets import Target
from imagebuilder_dist._fleet.work import Outcome, Report, perform

T = TypeVar("T")

_WINDOW = 64
# Targets that are read ahead so that one whose account is throttled doesn't hold up those behind it.
_AHEAD = 4096
_TRIES = 2
# Seconds. Ctrl-C doesn't always end a wait: never on Windows, and elsewhere not if it comes just before.
_WAIT = 1.0


@attrs.define(eq=False)
class _Work(Generic[T]):
    """A target, from when it is read until its outcome is told."""

    target: Target
    at: float = 0.0
    """When it started."""
    tries: int = 1
    future: "Future[Report[T]] | None" = None
    error: BaseException | None = None
    """What became of its executor."""
    outcome: Outcome[T] | None = None

    @property
    def lane(self) -> tuple[str, str]:
        """The account and Region, for the schedule."""
        return self.target.lane


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
        if isinstance(targets, str | Target):
            raise TypeError(f"targets must be a list or another iterable of Target, not {describe(targets)}")
        self._function = function
        self._source = iter(targets)
        self._pool = Pool(executor)
        self._window = window or _WINDOW
        self._errors_left = stop_after
        self._schedule: Schedule[_Work[T]] = Schedule(per_second)
        self._run_id = uuid.uuid4()
        self._submissions = count()
        # What is read and not told yet. A signal may end the run between any two steps, so this alone, and no queue,
        # says what remains: a target is in it before it goes anywhere, and until its outcome is given away.
        self._open: dict[_Work[T], None] = {}
        self._reading: Any = None
        self._in_flight = 0
        # What is submitted before all others and alone: second tries, so that the one that breaks workers is found.
        self._first: deque[_Work[T]] = deque()
        self._broken = False
        self._done: SimpleQueue[_Work[T]] = SimpleQueue()
        self._stopped: BaseException | None = None
        self._journal = journal
        if journal is not None:
            check_journal(journal)
            with closing(self._read_ahead()) as arns:
                journal.open(function, arns)
        self._works = self._drive()

    def __next__(self) -> Outcome[T]:
        return self._tell(next(self._works))

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
        self._works.close()
        self._end()

    def remaining(self) -> Iterator[Outcome[T]]:
        """
        End the run, and return what it hasn't told: what was in flight, and a `CancelledError` for each other target.

        After Ctrl-C or `close()`, these and the outcomes so far are one for each target.
        A target whose submission was interrupted by Ctrl-C has the `KeyboardInterrupt` as its error: it may have run.
        """
        self.close()
        yield from map(self._tell, self._rest(CancelledError("not begun")))

    def _tell(self, work: _Work[T]) -> Outcome[T]:
        outcome = cast(Outcome[T], work.outcome)
        # Python handles signals in calls; there is none from here to whoever gets the outcome.
        del self._open[work]
        return outcome

    def _rest(self, reason: BaseException) -> Iterator[_Work[T]]:
        for work in chain([*self._open], iter(self._read, None)):
            if work.outcome is None:
                work.outcome = Outcome(target=work.target, error=work.error or reason)
            yield work

    def _drive(self) -> Generator[_Work[T], None, None]:
        try:
            while True:
                delay = self._fill()
                if delay is None and not self._in_flight:
                    break
                try:
                    work = self._done.get(timeout=_WAIT if delay is None else min(delay, _WAIT))
                except Empty:
                    continue
                self._in_flight -= 1
                if not self._is_tried_again(work):
                    yield work
            if self._stopped is not None:
                yield from self._rest(self._stopped)
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
                self._submit(self._first.popleft())
            elif self._in_flight >= self._window:
                return None
            else:
                now = time.monotonic()
                work = self._next(now)
                if work is None:
                    return self._schedule.delay(now)
                if work.outcome is not None:
                    self._in_flight += 1
                    self._done.put(work)
                else:
                    self._begin(work, now)
                    self._submit(work)
        return None

    def _next(self, now: float) -> _Work[T] | None:
        """Return what starts now, or an earlier run has done."""
        work = self._schedule.next(now)
        while work is None and self._schedule.waiting < _AHEAD and (read := self._read()) is not None:
            if read.outcome is not None:
                return read
            self._schedule.add(read)
            work = self._schedule.next(now)
        return work

    def _read(self) -> _Work[T] | None:
        if self._reading is None:
            # Ctrl-C may interrupt a call of next() after it has taken a target.
            for self._reading in self._source:  # noqa: B020 - it is an attribute
                break
            else:
                return None
        if not isinstance(self._reading, Target):
            wrong, self._reading = self._reading, None
            raise TypeError(f"targets must hold Target objects, not {describe(wrong)}")
        work = _Work[T](self._reading)
        if self._journal is not None and self._journal.is_done(work.target.arn):
            work.outcome = Outcome(target=work.target, earlier=True)
        self._open[work], self._reading = None, None
        return work

    def _read_ahead(self) -> Generator[str, None, None]:
        """Give the ARNs of targets, as far as somebody wants them; the run has these targets all the same."""
        read: list[Target] = []
        try:
            while (work := self._read()) is not None:
                read.append(work.target)
                yield work.target.arn
        finally:
            self._source = chain(read, self._source)
            self._open.clear()

    def _begin(self, work: _Work[T], now: float) -> None:
        arn = work.target.arn
        if self._journal is None:
            token = str(uuid.uuid5(self._run_id, arn))
        else:
            token = self._journal.token(arn)
            self._journal.begin(arn)
        work.target, work.at = attrs.evolve(work.target, client_token=token), now

    def _submit(self, work: _Work[T]) -> None:
        try:
            work.future = self._pool.submit(perform, self._function, work.target, next(self._submissions))
        except RuntimeError as error:  # it is broken, or shut down
            work.error = error
            if isinstance(error, BrokenExecutor) and self._pool.replaceable and work.tries < _TRIES:
                work.tries += 1
                self._broken = True
                self._first.appendleft(work)
            else:
                self._stopped = error
        except BaseException as error:  # also Ctrl-C: nobody can say whether it was accepted
            work.error = error
            raise
        else:
            self._in_flight += 1
            work.future.add_done_callback(lambda _: self._done.put(work))

    def _is_tried_again(self, work: _Work[T]) -> bool:
        if work.outcome is not None:
            return False
        error = _error_of(work)
        if isinstance(error, BrokenExecutor) and self._pool.replaceable:
            self._broken = True
            if work.tries < _TRIES:
                work.tries += 1
                work.error, work.future = error, None
                self._first.append(work)
                return True
        self._finish(work)
        return False

    def _finish(self, work: _Work[T]) -> None:
        error = _error_of(work)
        if error is None:
            report = cast("Future[Report[T]]", work.future).result()
            if self._journal is not None:
                self._journal.end(work.target.arn, report.outcome.error)
        else:
            report = Report(Outcome[T](target=work.target, error=error), 0)
        work.outcome = report.outcome
        self._count(work, report)

    def _count(self, work: _Work[T], report: Report[T]) -> None:
        outcome = report.outcome
        self._schedule.finish(
            work,
            time.monotonic(),
            work.at,
            requests=report.calls,
            seconds=outcome.seconds,
            pushed_back=report.pushed_back,
        )
        if outcome.error is not None and self._errors_left is not None:
            self._errors_left -= 1
            if self._errors_left == 0:
                self._stopped = CancelledError("not begun, because too many others have failed")

    def _end(self) -> None:
        in_flight = [work for work in self._open if work.outcome is None and work.future is not None]
        wait([work.future for work in in_flight if work.future is not None and not work.future.cancel()])
        for work in in_flight:
            self._finish(work)
        self._pool.close()
        if self._journal is not None:
            self._journal.close()


def _error_of(work: _Work[Any]) -> BaseException | None:
    future = cast("Future[Any]", work.future)
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
            If *executor* is neither, *journal* isn't a `Journal`, or *targets* isn't an iterable; from the iterator, if
            one of them isn't a `Target`.
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

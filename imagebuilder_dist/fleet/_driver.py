"""
Run a function over targets on any executor: bounded, paced and journaled.
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

from imagebuilder_dist._common.attributes import check_count
from imagebuilder_dist._common.text import describe
from imagebuilder_dist.fleet._journal import Journal, check_journal
from imagebuilder_dist.fleet._pool import Executor, Pool
from imagebuilder_dist.fleet._schedule import Schedule
from imagebuilder_dist.fleet._targets import Target
from imagebuilder_dist.fleet._work import Outcome, Report, perform

T = TypeVar("T")

_WINDOW = 64
# How many targets are read ahead, so that those of a throttled account don't hold up the ones behind them.
_AHEAD = 4096
_TRIES = 2
# The longest single wait in seconds. Ctrl-C doesn't always end one: never on Windows, and elsewhere not if it comes
# just before.
_WAIT = 1.0


@attrs.define(eq=False)
class _Work(Generic[T]):
    """A target, from when it is read until its outcome is returned."""

    target: Target
    at: float = 0.0
    """When it started."""
    tries: int = 1
    future: "Future[Report[T]] | None" = None
    error: BaseException | None = None
    """What its executor raised."""
    outcome: Outcome[T] | None = None

    @property
    def lane(self) -> tuple[str, str]:
        """The account and Region, for the schedule."""
        return self.target.lane


class Run(Iterator[Outcome[T]], Generic[T]):
    """
    The outcomes of a run as they complete, one for each target.

    An iterator that `run` returns; `close()`, or leaving a `with` block, ends it early.
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
        # The targets that were read and whose outcomes weren't returned yet. A signal may end the run between any two
        # steps, so only this dict, and not the queues, says what remains: a target enters it first and leaves it last.
        self._open: dict[_Work[T], None] = {}
        self._reading: Any = None
        self._in_flight = 0
        # Second tries. They are submitted before all others and one at a time, to find the target that breaks workers.
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
        return self._take_outcome(next(self._works))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """
        Start no more targets, and wait for those in flight; `remaining()` returns the rest.
        """
        self._works.close()
        self._end()

    def remaining(self) -> Iterator[Outcome[T]]:
        """
        End the run, and iterate over the outcomes that it hasn't returned yet.

        Targets in flight finish; the others get a `CancelledError`. Together with the earlier outcomes, every target
        has exactly one, also after Ctrl-C or `close()`. If Ctrl-C interrupted the submission of a target, its error is
        the `KeyboardInterrupt`, because it may have run.
        """
        self.close()
        yield from map(self._take_outcome, self._rest(CancelledError("not begun")))

    def _take_outcome(self, work: _Work[T]) -> Outcome[T]:
        outcome = cast(Outcome[T], work.outcome)
        # Python handles signals in calls, and there is none between here and the caller that gets the outcome.
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
                if not self._is_retried(work):
                    yield work
            if self._stopped is not None:
                yield from self._rest(self._stopped)
        finally:
            self._end()

    def _fill(self) -> float | None:
        """Start what may start now. Return the seconds until more may; `None` if a target must come back first."""
        while self._stopped is None:
            if self._broken:
                if self._in_flight:
                    return None  # everything in flight comes back as broken
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
        """Return a target that starts now, or that an earlier run has done."""
        work = self._schedule.next(now)
        while work is None and self._schedule.waiting < _AHEAD and (read := self._read()) is not None:
            if read.outcome is not None:
                return read
            self._schedule.add(read)
            work = self._schedule.next(now)
        return work

    def _read(self) -> _Work[T] | None:
        if self._reading is None:
            # Not next(): Ctrl-C may interrupt it after it has taken a target.
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
        """Yield the ARNs of targets as far as needed; the run still gets these targets."""
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
        except RuntimeError as error:  # the executor is broken, or shut down
            work.error = error
            if isinstance(error, BrokenExecutor) and self._pool.replaceable and work.tries < _TRIES:
                work.tries += 1
                self._broken = True
                self._first.appendleft(work)
            else:
                self._stopped = error
        except BaseException as error:  # also Ctrl-C: the executor may have accepted it
            work.error = error
            raise
        else:
            self._in_flight += 1
            work.future.add_done_callback(lambda _: self._done.put(work))

    def _is_retried(self, work: _Work[T]) -> bool:
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
                self._stopped = CancelledError("not begun, because too many targets failed")

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

    Every target gets exactly one outcome; if *function* raises, the exception is its `error`.

    A target whose worker dies gets a second try or an error, and a later run with the same journal retries what hasn't
    succeeded. So *function* must be safe to call again: it passes `target.client_token` to its write, makes an edit
    that changes nothing the second time, or only reads.

    Targets start evenly in each account and Region, which is what the service throttles by. The pace follows the
    requests of `target.client()`: it grows until a call needs a second attempt, and is cut then. A throttled account
    doesn't slow the others.

    Ctrl-C starts no more targets, waits for those in flight, and raises `KeyboardInterrupt`. Closing the iterator does
    the same, but raises nothing. `remaining()` returns the other outcomes.

    Args:
        function: What to do with a target. In processes, it must be importable, and it, its results and its errors
            must be picklable.
        targets: The targets. A generator is read only as far as needed, at most 4,096 ahead. Mix accounts and Regions,
            so that there is work for all of them in what is read.
        executor: Anything with a `submit` that returns a `concurrent.futures.Future`, such as a `ThreadPoolExecutor`,
            loky's executor or Dask's `Client.get_executor()`; it stays open. Or a function that creates an executor,
            which the run closes, and replaces if workers die and break it. Without such a function, a broken executor
            ends the run.
        journal: Records what has begun and succeeded, so that a killed run can be resumed.
        per_second: Maximum requests per second to each account and Region, from the start. If omitted, the rate starts
            at 20 and adapts.
        stop_after: Number of errors after which no more targets start.
        window: Maximum number of targets in flight; 64 if omitted. Use two or three times the number of workers.

    Raises:
        TypeError:
            If *executor* is neither, *journal* isn't a `Journal`, or *targets* isn't an iterable. The iterator raises
            it if one of *targets* isn't a `Target`.
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

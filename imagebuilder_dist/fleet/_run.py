"""
A job over many targets, on any executor: each account and Region at its own pace, with one outcome for each target.
"""

import math
import pickle
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, as_completed
from contextlib import suppress
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

import attrs

from imagebuilder_dist._common.attributes import check_count, check_type
from imagebuilder_dist.fleet._journal import Journal
from imagebuilder_dist.fleet._targets import Target

T = TypeVar("T")

# How many targets are read ahead, so that those of a slow account don't hold up the ones behind them.
_AHEAD = 4096
# The longest single wait in seconds: on Windows, Ctrl-C doesn't end one.
_WAIT = 1.0


@attrs.frozen(kw_only=True)
class Outcome(Generic[T]):
    """
    What came of one target.
    """

    target: Target

    result: T | None = None
    """What the job returned; `None` if it raised, or *earlier* is true."""

    error: BaseException | None = None
    """
    What the job raised, or what the executor raised for it.

    A `concurrent.futures.CancelledError` means that the run ended before the target began.
    """

    earlier: bool = False
    """Whether the target was skipped, because it had succeeded in an earlier run with the same journal."""


def run(
    job: Callable[[Target], T],
    targets: Iterable[Target],
    *,
    executor: Executor,
    journal: Journal | None = None,
    per_second: float = 5.0,
    max_concurrency: int = 16,
) -> Generator[Outcome[T], None, None]:
    """
    Call *job* with each of *targets* in an executor's workers, and iterate over the outcomes as they complete.

    Every target gets exactly one outcome; if *job* raises, the exception is its `error`.

    A later run with the same journal retries what hasn't succeeded, and Dask retries a target whose worker dies. So
    *job* must be safe to call again. An `EditJob` whose change changes nothing the second time is, and an `EnsureJob`;
    an `ApplyJob` too; a job of your own passes `target.client_token` to its write, or only reads.

    Targets start evenly in each account and Region, which is what the service throttles by. A slow account doesn't
    hold up the others: it gets no more than its share of *max_concurrency*.

    After Ctrl-C, no more targets start. The iterator goes on with the outcomes of those that are running and with a
    `CancelledError` for each of the others, and then raises `KeyboardInterrupt`. If it is closed, it waits for those
    that are running.

    Args:
        job: What to do with a target: an `EditJob`, an `EnsureJob`, an `ApplyJob` or any function. In processes, it
            must be importable, and it, its results and its errors must be picklable.
        targets: The targets. A generator is read only as far as needed, at most 4,096 ahead. Mix accounts and Regions,
            so that there is work for all of them in what is read.
        executor: Anything with a `submit` that returns a `concurrent.futures.Future`; it stays open. If it breaks, no
            more targets start.
        journal: Records what has succeeded, so that a killed run can be resumed.
        per_second: Targets that start per second in each account and Region. An edit takes three requests, an ensure
            up to six.
        max_concurrency: Maximum number of targets in flight; pass the number of the executor's workers.

    Raises:
        TypeError:
            If *journal* can't tell *job* from others, or *targets* isn't an iterable. The iterator raises it if one of
            *targets* isn't a `Target`.
        ValueError:
            If *per_second* isn't above 0, *max_concurrency* is below 1, or *journal* isn't a journal or belongs to
            another job.
        OSError:
            If the journal can't be read or written.
    """
    check_count("max_concurrency", max_concurrency)
    if not per_second > 0:  # `not >` also rejects NaN
        raise ValueError(f"per_second must be above 0, not {per_second}")
    reader = _read(iter(targets), journal)
    run_id = uuid.uuid4() if journal is None else journal.open(job)
    return _Run(job, reader, executor.submit, journal, 1 / per_second, max_concurrency, run_id).outcomes()


def _read(targets: Iterator[Target], journal: Journal | None) -> Iterator[Target | Outcome[Any]]:
    for target in targets:
        check_type("each of targets", target, Target)
        is_done = journal is not None and target.arn in journal.done
        yield Outcome(target=target, earlier=True) if is_done else target


@attrs.define(eq=False)
class _Lane:
    """The targets of one account and Region."""

    waiting: deque[Target] = attrs.field(factory=deque[Target])
    running: int = 0
    start: float = -math.inf
    """When the next target may start."""


@attrs.define(eq=False)
class _Run(Generic[T]):
    job: Callable[[Target], T]
    reader: Iterator[Target | Outcome[T]]
    """The targets to run, and the outcomes of those that an earlier run has done."""
    submit: Callable[..., "Future[Any]"]
    journal: Journal | None
    gap: float
    """The seconds from one start to the next in a lane."""
    max_concurrency: int
    id: uuid.UUID
    """What the client tokens are derived from, together with the targets' ARNs."""
    lanes: dict[tuple[str, str], _Lane] = attrs.field(factory=dict[tuple[str, str], _Lane])
    running: "dict[Future[Outcome[T]], tuple[Target, _Lane]]" = attrs.field(factory=dict[Any, Any])
    done: "SimpleQueue[Future[Outcome[T]]]" = attrs.field(factory=SimpleQueue[Any])
    stopped: str = ""
    """Why no more targets start."""

    def outcomes(self) -> Generator[Outcome[T], None, None]:
        try:
            try:
                yield from self.drive()
            except KeyboardInterrupt:
                self.stopped = "interrupted"
            yield from self.end()
            for each in chain(*(lane.waiting for lane in self.lanes.values()), self.reader):
                yield each if isinstance(each, Outcome) else Outcome(target=each, error=CancelledError(self.stopped))
            if self.stopped == "interrupted":
                raise KeyboardInterrupt
        finally:
            list(self.end())

    def drive(self) -> Iterator[Outcome[T]]:
        """Start each target when it may, until none is left or the run is stopped."""
        while not self.stopped:
            # What is finished goes first: it makes room, and somebody waits for its outcome.
            is_free = self.done.empty() and len(self.running) < self.max_concurrency
            waiting = sum(len(each.waiting) for each in self.lanes.values())
            lane = self.next_lane() if is_free and waiting else None
            delay = _WAIT if lane is None else lane.start - time.monotonic()
            if lane is not None and delay <= 0:
                yield from self.begin(lane, -delay)
            elif is_free and waiting < _AHEAD and (read := next(self.reader, None)) is not None:
                if isinstance(read, Outcome):
                    yield read
                else:
                    self.lanes.setdefault((read.account_id, read.region_name), _Lane()).waiting.append(read)
            elif self.running or waiting:
                with suppress(Empty):
                    yield self.finish(self.done.get(timeout=min(delay, _WAIT)))
            else:
                break

    def next_lane(self) -> _Lane | None:
        """Return the lane whose turn it is; `None` if a target must come back first."""
        now = time.monotonic()
        # An empty lane is kept until its next start is due, or else a target that comes late would start too early.
        lanes = {place: lane for place, lane in self.lanes.items() if lane.waiting or lane.running or lane.start > now}
        self.lanes = lanes
        share = math.ceil(self.max_concurrency / len(lanes))
        free = [lane for lane in lanes.values() if lane.waiting and lane.running < share]
        return min(free, key=lambda lane: lane.start, default=None)

    def begin(self, lane: _Lane, late: float) -> Iterator[Outcome[T]]:
        # If this start is a little late, the next one isn't; otherwise the delays of the clock would add up.
        lane.start = (lane.start if late < self.gap else time.monotonic()) + self.gap
        target = attrs.evolve(lane.waiting[0], client_token=str(uuid.uuid5(self.id, lane.waiting[0].arn)))
        try:
            # An ApplyJob has the plans of all targets, too many for every submission to carry.
            part = getattr(self.job, "part", None)
            # Dask runs equal submissions only once, so each has a number of its own.
            future = self.submit(_perform, self.job if part is None else part(target), target, uuid.uuid4())
            future.add_done_callback(self.done.put)
            lane.running += 1
            self.running[future] = target, lane
        except BaseException as error:  # an executor that is broken or shut down, or Ctrl-C
            self.stopped = f"{type(error).__name__}: {error}"
            yield Outcome(target=target, error=error)
            if not isinstance(error, Exception):
                raise
        finally:
            lane.waiting.popleft()

    def finish(self, future: "Future[Outcome[T]]") -> Outcome[T]:
        target, lane = self.running.pop(future)
        lane.running -= 1
        error = CancelledError(self.stopped) if future.cancelled() else future.exception()
        outcome = future.result() if error is None else Outcome[T](target=target, error=error)
        if self.journal is not None and outcome.error is None:
            try:
                self.journal.add(target.arn)
            except OSError as failed:  # the outcome is true all the same
                self.stopped = self.stopped or f"{type(failed).__name__}: {failed}"
        return outcome

    def end(self) -> Iterator[Outcome[T]]:
        """Cancel the targets that the executor hasn't started, and wait for the others."""
        yield from map(self.finish, as_completed([each for each in self.running if not each.cancel()]))
        yield from map(self.finish, [*self.running])


def _perform(job: Callable[[Target], T], target: Target, _unique: object) -> Outcome[T]:
    """Call *job* in a worker."""
    try:
        return Outcome(target=target, result=job(target))
    except Exception as raised:  # noqa: BLE001 - the exception is the outcome
        error = raised
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an exception that can't be unpickled would break the whole process pool
        error = RuntimeError(f"{type(error).__name__}: {error}")
    return Outcome(target=target, error=error)

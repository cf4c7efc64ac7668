"""
A job over many targets: each has one outcome, at a pace, and however the run ends.
"""

import math
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagebuilder_dist.fleet import Journal, Outcome, Target, run, summary

from . import work
from .work import ANY_PACE, Inline, faulty, made_up, name_of, token_of


class Awkward:
    """Can be pickled, but not unpickled. Dask teaches pickle to handle exceptions with odd arguments."""

    def __reduce__(self) -> Any:
        return divmod, (1, 0)


class AwkwardError(Exception):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.awkward = Awkward()


def test_an_error_that_cannot_be_unpickled_is_replaced_by_its_text() -> None:
    """
    Otherwise it would break the whole process pool.
    """

    def fail(_: Target) -> None:
        raise AwkwardError("something somewhere")

    outcomes = [*run(fail, made_up(1), executor=Inline())]

    assert [repr(each.error) for each in outcomes] == ["RuntimeError('AwkwardError: something somewhere')"]


class Noting(Executor):
    """Notes what is submitted to another executor, and how much of that is in flight at most."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.submissions: list[Any] = []
        self.in_flight = self.most = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.submissions.append(args[1:])
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        future = self.executor.submit(fn, *args, **kwargs)
        future.add_done_callback(self._count)
        return future

    def _count(self, _: object) -> None:
        self.in_flight -= 1


def test_every_submission_differs_and_every_run_has_tokens_of_its_own() -> None:
    """
    Dask treats equal submissions as one.
    """
    executor = Noting(Inline())

    tokens = [
        each.result for _ in range(2) for each in run(token_of, made_up(1) * 3, executor=executor, per_second=ANY_PACE)
    ]

    assert (len({*tokens}), len({*executor.submissions})) == (2, 6)


def test_as_many_as_the_maximum_are_in_flight_and_no_more(threads: ThreadPoolExecutor) -> None:
    executor, three = Noting(threads), threading.Barrier(3)

    outcomes = [*run(lambda _: three.wait(60), made_up(99), executor=executor, max_concurrency=3)]

    assert [outcome.error for outcome in outcomes] == [None] * 99
    assert executor.most == 3


def test_a_generator_is_read_as_far_as_needed(threads: ThreadPoolExecutor) -> None:
    """
    At this pace, one target starts, and the others wait in front of those of the other accounts.
    """
    read: list[Target] = []
    is_far = threading.Event()

    def targets() -> Iterator[Target]:
        for target in [*made_up(5000, accounts=1), *made_up(2)]:
            read.append(target)
            if len(read) > 4096:
                is_far.set()
            yield target

    next(run(token_of, targets(), executor=Inline(), per_second=math.inf))
    assert len(read) == 1

    read.clear()
    next(run(lambda _: is_far.wait(60), targets(), executor=threads, per_second=0.001))
    assert len(read) == 4097


ONE, TWO = made_up(80, accounts=2)[0::2], made_up(80, accounts=2)[1::2]


@pytest.mark.parametrize(
    ("targets", "max_concurrency"), [([*ONE, *TWO], 16), ([ONE[0], TWO[0], TWO[1], ONE[1], *ONE[2:]], 1)]
)
def test_targets_start_evenly_in_each_account_and_region(
    monkeypatch: pytest.MonkeyPatch, targets: list[Target], max_concurrency: int
) -> None:
    """
    Whenever the clock is read, 50 microseconds have passed, of the 500 from one start to the next.
    """
    tick, gap = 5e-5, 5e-4
    ticks = count()
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks) * tick)

    options: dict[str, Any] = {"per_second": 1 / gap, "max_concurrency": max_concurrency}
    outcomes = [*run(lambda _: time.monotonic(), targets, executor=Inline(), **options)]

    for lane in (ONE, TWO):
        starts = sorted(each.result or 0 for each in outcomes if each.target in lane)
        assert min(later - start for start, later in pairwise(starts)) >= gap - 4 * tick
        assert starts[-1] - starts[0] <= (len(starts) - 1) * gap + 20 * tick


def test_a_slow_account_does_not_hold_up_the_others(threads: ThreadPoolExecutor) -> None:
    """
    Its targets come first, and none of them returns before those of the other account have.
    """
    slow, fast = made_up(10, accounts=1), [Target(each.arn.replace("us-", "eu-")) for each in made_up(10, accounts=1)]
    may_end = threading.Event()

    def wait(target: Target) -> bool:
        return target in fast or may_end.wait(60)

    outcomes = run(wait, [*slow, *fast], executor=threads, per_second=20, max_concurrency=4)
    first = [next(outcomes) for _ in fast]
    may_end.set()

    assert {each.target for each in first} == {*fast}
    assert all(each.result for each in outcomes)


def test_an_executor_that_cannot_go_on_is_the_error_of_what_was_in_flight() -> None:
    held: list[Future[Any]] = []

    class Breaking(Executor):
        def submit(self, *_: Any, **__: Any) -> "Future[Any]":
            if len(held) == 2:
                raise BrokenExecutor("a worker died")
            held.append(Future())
            if len(held) == 2:
                for each in held:
                    each.set_exception(BrokenExecutor("a worker died"))
            return held[-1]

    report = summary(run(token_of, made_up(5), executor=Breaking()))

    assert str(report).splitlines() == [
        "5 targets: 3 failed, 2 not begun",
        "BrokenExecutor  (3 targets in 3 accounts)",
        f"  {made_up(1)[0].arn}: a worker died",
        "not begun: BrokenExecutor: a worker died  (2 targets in 2 accounts)",
    ]


@pytest.fixture
def _ctrl_c() -> Iterator[None]:
    """
    A shell starts what runs in the background with Ctrl-C ignored.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c")
def test_after_ctrl_c_nothing_starts_and_every_target_has_an_outcome(threads: ThreadPoolExecutor) -> None:
    """
    The signal comes while four workers are busy; they return only when nothing can be started any more.
    """
    are_read, are_cancelled = threading.Event(), threading.Event()
    targets = [*made_up(6), *made_up(4, accounts=1)]  # the last ones wait for their pace

    def read() -> Iterator[Target]:
        yield from targets
        are_read.set()

    class Cancelling(Inline):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
            future = threads.submit(fn, *args, **kwargs)
            future.add_done_callback(note)
            return future

    cancelled: list[Future[Any]] = []

    def note(future: "Future[Any]") -> None:
        if future.cancelled():
            cancelled.append(future)
        if len(cancelled) == 2:
            are_cancelled.set()

    def interrupt(target: Target) -> bool:
        if target == targets[1] and are_read.wait(60):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return are_cancelled.wait(60)

    seen: list[Outcome[bool]] = []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(run(interrupt, read(), executor=Cancelling(), per_second=0.001))

    assert Counter(each.target for each in seen) == Counter(targets)
    assert str(summary(seen)) == (
        "10 targets: 6 not begun, 4 succeeded\nnot begun: interrupted  (6 targets in 3 accounts)"
    )


def test_a_submission_that_is_interrupted_has_an_outcome_and_is_resumed(tmp_path: Path, state: work.State) -> None:
    """
    The executor may have accepted it, so the target may have run: the next run uses the same token.
    """

    class Interrupted(Inline):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
            future = super().submit(fn, *args, **kwargs)
            if args[1] == made_up(2)[1]:
                raise KeyboardInterrupt
            return future

    seen: list[Outcome[None]] = []
    journal = Journal(tmp_path / "journal")
    with pytest.raises(KeyboardInterrupt):
        seen.extend(run(faulty, made_up(4)[:3], executor=Interrupted(), journal=journal))
    again = [*run(faulty, made_up(4), executor=Inline(), journal=journal)]

    assert {name_of(each.target): type(each.error) for each in seen} == {
        "web-0": type(None),
        "web-1": KeyboardInterrupt,
        "web-2": CancelledError,
    }
    assert [name_of(each.target) for each in again if each.earlier] == ["web-0"]
    assert {len(tokens) for tokens in state.tokens.values()} == {1}


def test_a_target_that_is_not_one_ends_the_run() -> None:
    one, other = made_up(2)
    targets: Any = [one, other.arn, other]
    outcomes = run(token_of, targets, executor=Inline(), max_concurrency=1)

    assert next(outcomes).target == one
    with pytest.raises(TypeError, match="each of targets must be a Target, not 'arn:aws"):
        next(outcomes)


@pytest.mark.parametrize(
    ("options", "error", "expected"),
    [
        ({"per_second": 0}, ValueError, "per_second must be above 0, not 0"),
        ({"per_second": math.nan}, ValueError, "per_second must be above 0, not nan"),
        ({"max_concurrency": 0}, ValueError, "max_concurrency must be 1 or more, not 0"),
        ({"executor": "threads"}, AttributeError, "submit"),
        ({"targets": made_up(1)[0]}, TypeError, "'Target' object is not iterable"),
    ],
)
def test_invalid_arguments_are_rejected_at_once(options: dict[str, Any], error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=expected):
        run(token_of, **{"targets": [], "executor": Inline(), **options})


FAILING = st.sets(st.sampled_from([f"web-{number}" for number in range(12)]))


@settings(max_examples=50)
@given(
    lanes=st.lists(st.integers(0, 3), max_size=12),
    failing=FAILING,
    max_concurrency=st.integers(1, 5),
    is_threaded=st.booleans(),
    closed_after=st.none() | st.integers(0, 12),
)
def test_whatever_fails_each_target_has_an_outcome_and_is_written_once(
    tmp_path_factory: pytest.TempPathFactory,
    lanes: list[int],
    failing: set[str],
    max_concurrency: int,
    is_threaded: bool,
    closed_after: int | None,
) -> None:
    """
    The first run may be cut short; the second one, with the same journal, does the rest, in another order.
    """
    arn = "arn:aws:imagebuilder:us-west-2:{:012}:distribution-configuration/web-{}"
    targets = [Target(arn.format(lane, number)) for number, lane in enumerate(lanes)]
    path = tmp_path_factory.mktemp("run") / "journal"
    work.state = state = work.State()
    with ThreadPoolExecutor(3) as threads:
        executor: Executor = threads if is_threaded else Inline()
        options: Any = {"executor": executor, "per_second": ANY_PACE, "max_concurrency": max_concurrency}

        state.failing = failing
        first = run(faulty, targets, journal=Journal(path), **options)
        seen = [outcome for _, outcome in zip(range(99 if closed_after is None else closed_after), first, strict=False)]
        first.close()
        state.failing = set()
        second = [*run(faulty, reversed(targets), journal=Journal(path), **options)]

    if closed_after is None:
        assert Counter(each.target for each in seen) == Counter(targets)
        assert all(type(each.error) in {type(None), LookupError, CancelledError} for each in seen)
    assert Counter(each.target for each in second) == Counter(targets)
    assert {each.error for each in second} <= {None}
    assert state.done == Counter(map(name_of, targets))
    assert all(len(tokens) == 1 for tokens in state.tokens.values())


def test_the_documented_adapter_for_ray_waits_for_its_tasks(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor, tmp_path: Path, state: work.State
) -> None:
    """
    Ray's futures claim to be cancelled while their tasks go on. The real Ray is large, and was tested by hand.
    """

    def start(function: Callable[..., Any]) -> Any:
        future: Future[Any] = Future()
        threads.submit(function).add_done_callback(lambda task: future.set_result(task.result()))
        return SimpleNamespace(future=lambda: future)

    def remote(function: Callable[..., Any]) -> Any:
        return SimpleNamespace(remote=lambda *args: start(partial(function, *args)))

    page = Path(__file__).parents[2] / "docs/fleet.md"
    found = re.search(r"^```python\n([^`]*?import ray\n.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    namespace: dict[str, Any] = {}
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(remote=remote))
    exec(found[1], namespace)  # noqa: S102 - our own page
    outcomes = run(faulty, made_up(20), executor=namespace["RayExecutor"](), journal=Journal(tmp_path / "journal"))

    next(outcomes)
    outcomes.close()

    assert (tmp_path / "journal").read_text().count('"done"') == state.done.total()

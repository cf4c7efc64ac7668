"""
How a run ends: after errors, by being closed, or by Ctrl-C.
"""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import pytest

from imagebuilder_dist.fleet import Outcome, Target, run, summary

from .work import Inline, interrupted, made_up, name_of, names, token_of


def test_after_so_many_errors_nothing_more_is_begun() -> None:
    def fail(target: Target) -> None:
        raise LookupError(target.arn)

    report = summary(run(fail, iter(made_up(10)), executor=Inline(), stop_after=2, window=1))

    assert (report.failed, len(report.not_begun)) == (2, 8)


def test_closing_a_run_waits_for_what_is_in_flight_and_returns_the_rest() -> None:
    release = threading.Event()

    def wait(target: Target) -> str:
        if not target.arn.endswith("-0"):
            assert release.wait(60)
        return target.arn

    targets = made_up(10)
    with ThreadPoolExecutor(2) as executor, run(wait, iter(targets), executor=executor, window=5) as outcomes:
        first = next(outcomes)
        threading.Timer(0.01, release.set).start()
        outcomes.close()
        rest = [*outcomes.remaining()]

    assert name_of(first.target) == "web-0"
    assert sorted(names([first, *rest])) == sorted(map(name_of, targets))
    states = Counter(type(outcome.error) for outcome in rest)
    assert states.keys() <= {type(None), CancelledError}
    assert states[type(None)] >= 1
    assert [*outcomes] == []
    assert [*outcomes.remaining()] == []


def test_a_run_that_was_not_started_has_everything_remaining() -> None:
    outcomes = run(token_of, made_up(3), executor=Inline())

    assert [type(outcome.error) for outcome in outcomes.remaining()] == [CancelledError] * 3


def test_after_ctrl_c_every_target_has_an_outcome_all_the_same() -> None:
    targets = made_up(6)
    outcomes = run(token_of, interrupted(targets), executor=Inline(), window=4)
    seen: list[Outcome[Any]] = []

    with pytest.raises(KeyboardInterrupt):
        seen.extend(outcomes)

    seen.extend(outcomes.remaining())
    assert sorted(names(seen)) == sorted(map(name_of, targets))


@pytest.fixture
def _ctrl_c() -> Iterator[None]:
    """
    A shell starts what runs in the background with Ctrl-C ignored.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c")
def test_ctrl_c_waits_for_what_is_in_flight() -> None:
    """
    The signal reaches the driver while its two workers are busy.
    """
    busy, interrupted = threading.Barrier(2), threading.Event()

    def interrupt(target: Target) -> str:
        if name_of(target) in {"web-0", "web-1"}:
            busy.wait(60)
        if name_of(target) == "web-0":
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert interrupted.wait(60)
        return target.arn

    class Noting(ThreadPoolExecutor):
        def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            future = super().submit(function, *args, **kwargs)
            cancel = future.cancel

            def note() -> bool:
                interrupted.set()
                return cancel()

            future.cancel = note  # type: ignore[method-assign]
            return future

    with Noting(2) as executor:
        outcomes = run(interrupt, made_up(4), executor=executor)
        with pytest.raises(KeyboardInterrupt):
            next(outcomes)
        seen = [*outcomes.remaining()]

    assert sorted(names(seen)) == ["web-0", "web-1", "web-2", "web-3"]
    assert {type(each.error) for each in seen} <= {type(None), CancelledError, KeyboardInterrupt}
    assert [each.error for each in seen if name_of(each.target) == "web-0"] == [None]


def test_an_executor_that_was_shut_down_ends_the_run() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()

    outcomes = [*run(token_of, made_up(3), executor=executor)]

    assert [str(outcome.error) for outcome in outcomes] == ["cannot schedule new futures after shutdown"] * 3
    assert sorted(names(outcomes)) == ["web-0", "web-1", "web-2"]

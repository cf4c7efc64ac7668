"""
Executors that break because a worker dies.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError
from typing import Any

from imagebuilder_dist.fleet import Target, run

from .work import Breaking, Inline, made_up, name_of, names, token_of


def test_a_broken_executor_that_was_passed_in_ends_the_run_and_everything_is_reported() -> None:
    outcomes = [*run(token_of, made_up(5), executor=Breaking("web-2", held=["web-1"])())]

    assert sorted(names(outcomes)) == [f"web-{number}" for number in range(5)]
    assert {name_of(each.target) for each in outcomes if each.error is None} == {"web-0"}
    assert {type(each.error) for each in outcomes if each.error} == {BrokenExecutor}


def test_a_broken_executor_is_replaced_and_its_targets_get_a_second_try() -> None:
    executor = Breaking("web-2", held=["web-1"], times=1)

    outcomes = [*run(token_of, made_up(5), executor=executor)]

    assert sorted(names(outcomes)) == [f"web-{number}" for number in range(5)]
    assert {each.error for each in outcomes} == {None}
    assert executor.made == 2
    assert sorted(executor.submitted) == ["web-0", "web-1", "web-1", "web-2", "web-2", "web-3", "web-4"]


def test_a_target_that_breaks_every_executor_fails_alone() -> None:
    """
    Second tries run one at a time, so targets that were in flight beside it aren't blamed.
    """
    executor = Breaking("web-2", held=["web-0", "web-1"])

    outcomes = [*run(token_of, made_up(5), executor=executor)]

    assert [name_of(each.target) for each in outcomes if each.error] == ["web-2"]
    assert sorted(names(outcomes)) == [f"web-{number}" for number in range(5)]
    assert executor.made == 3


def test_an_executor_that_is_broken_from_the_beginning_ends_the_run() -> None:
    class Never(Inline):
        def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
            raise BrokenExecutor(function, args)

        def shutdown(self) -> None:
            pass

    outcomes = [*run(token_of, made_up(3), executor=lambda: Never())]  # noqa: PLW0108 - a class isn't a function

    assert sorted(names(outcomes)) == ["web-0", "web-1", "web-2"]
    assert {type(each.error) for each in outcomes} == {BrokenExecutor}


def test_a_second_try_has_the_token_of_the_first() -> None:
    tokens: dict[str, list[str | None]] = {}

    class Noting(Breaking):
        def __call__(self) -> Any:
            made = super().__call__()
            submit = made.submit

            def note(function: Callable[..., Any], /, *args: Any) -> Any:
                tokens.setdefault(name_of(args[1]), []).append(args[1].client_token)
                return submit(function, *args)

            made.submit = note  # type: ignore[method-assign]
            return made

    list(run(token_of, made_up(3), executor=Noting("web-2", held=["web-1"], times=1)))

    assert len(tokens["web-1"]) == 2
    assert len({*tokens["web-1"]}) == 1


def test_a_run_that_stops_returns_those_that_wait_for_a_second_try() -> None:
    def fail(target: Target) -> None:
        raise LookupError(target.arn)

    executor = Breaking("web-2", held=["web-0", "web-1"], times=1)

    outcomes = [*run(fail, made_up(5), executor=executor, stop_after=1)]

    assert sorted(names(outcomes)) == [f"web-{number}" for number in range(5)]
    assert Counter(type(each.error) for each in outcomes) == {LookupError: 1, BrokenExecutor: 3, CancelledError: 1}


def test_what_breaks_while_a_run_is_closed_is_not_tried_again() -> None:
    executor = Breaking("web-2", held=["web-0", "web-1"])
    outcomes = run(token_of, [*made_up(2), *made_up(5)[4:], *made_up(3)[2:]], executor=executor)
    assert name_of(next(outcomes).target) == "web-4"

    rest = [*outcomes.remaining()]

    assert sorted(names(rest)) == ["web-0", "web-1", "web-2"]
    assert {type(each.error) for each in rest} == {BrokenExecutor}
    assert executor.submitted == ["web-0", "web-1", "web-4", "web-2"]


def refuse_to_be_unpickled() -> None:
    raise TypeError


class Awkward:
    """Can be pickled, but not unpickled. Dask teaches pickle to handle exceptions with odd arguments."""

    def __reduce__(self) -> Any:
        return refuse_to_be_unpickled, ()


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

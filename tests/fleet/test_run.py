"""
A function over many targets: each has one outcome, and no more are read or in flight than needed.
"""

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import Target, run
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder

from .work import Counting, Inline, applied, made_up, names, once, stored, token_of, update


def test_every_target_has_one_outcome(local: LocalImageBuilder, threads: ThreadPoolExecutor) -> None:
    targets = stored(local, 6, regions=["us-west-2", "eu-west-1"])

    outcomes = [*run(update, targets, executor=threads)]

    assert {outcome.target for outcome in outcomes} == {*targets}
    assert [outcome.error for outcome in outcomes] == [None] * 12
    assert all(outcome.result == outcome.target.arn for outcome in outcomes)
    assert all(outcome.attempts == 1 and outcome.seconds > 0 for outcome in outcomes)
    assert applied(local) == once(targets)


def test_what_a_function_raises_is_an_outcome_and_the_others_go_on(local: LocalImageBuilder) -> None:
    good, missing = stored(local, 2), made_up(1)
    targets = [good[0], Target(missing[0].arn, endpoint_url=local.url), good[1]]

    outcomes = [*run(update, targets, executor=Inline())]

    assert [type(outcome.error) for outcome in outcomes] == [type(None), ibd.ResourceNotFoundException, type(None)]
    assert applied(local) == once(good)


def test_attempts_are_the_most_that_a_call_took(local: LocalImageBuilder) -> None:
    targets = stored(local, 1)
    local.inject(AnswerError("CallRateLimitExceededException"), times=2)

    def quickly(target: Target) -> object:
        return target.client(retries=ibd.Retries(sleep=lambda _: None)).get_distribution_configuration(target.arn)

    outcomes = [*run(quickly, targets, executor=Inline())]

    assert [outcome.attempts for outcome in outcomes] == [3]


def test_a_token_belongs_to_a_target_and_a_run() -> None:
    targets = made_up(3)

    first, second = ([each.result for each in run(token_of, targets, executor=Inline())] for _ in range(2))

    assert len({*first, *second}) == 6


def test_an_equal_target_is_submitted_differently() -> None:
    """
    Dask treats equal submissions as one.
    """
    submissions: list[Any] = []

    class Noting(Inline):
        def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
            submissions.append(args[1:])
            return super().submit(function, *args)

    outcomes = [*run(token_of, made_up(1) * 3, executor=Noting())]

    assert len(outcomes) == 3
    assert len({*submissions}) == 3


def test_no_more_than_the_window_are_in_flight() -> None:
    with Counting(2) as executor:
        outcomes = [*run(token_of, made_up(200), executor=executor, window=3, per_second=math.inf)]

    assert len(outcomes) == 200
    assert executor.most == 3


def test_a_generator_is_read_as_far_as_needed() -> None:
    read: list[Target] = []

    def targets() -> Iterator[Target]:
        for target in made_up(100):
            read.append(target)
            yield target

    outcomes = run(token_of, targets(), executor=Inline(), window=5, per_second=math.inf)
    next(outcomes)

    assert len(read) == 5


def test_a_throttled_account_is_read_past_but_not_without_end() -> None:
    """
    At 1/s, one target starts, and 5,000 wait in front of those of the other account.
    """
    read: list[Target] = []

    def targets() -> Iterator[Target]:
        for target in [*made_up(5000, accounts=1), *made_up(2)]:
            read.append(target)
            yield target

    outcomes = run(token_of, targets(), executor=Inline(), per_second=0.001)
    next(outcomes)
    outcomes.close()

    assert 4096 <= len(read) <= 4098


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"per_second": 0}, "per_second must be above 0, not 0"),
        ({"per_second": math.nan}, "per_second must be above 0, not nan"),
        ({"stop_after": 0}, "stop_after must be 1 or more, not 0"),
        ({"window": 0}, "window must be 1 or more, not 0"),
    ],
)
def test_a_bound_below_its_least_is_rejected(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        run(token_of, [], executor=Inline(), **options)


def test_anything_but_an_executor_is_rejected() -> None:
    with pytest.raises(
        TypeError, match="executor must have a submit method, or be a function that creates one, not 'threads' "
    ):
        run(token_of, [], executor="threads")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("targets", [made_up(1)[0], made_up(1)[0].arn])
def test_what_is_not_a_list_of_targets_is_rejected(targets: Any) -> None:
    with pytest.raises(TypeError, match="targets must be a list or another iterable of Target, not "):
        run(token_of, targets, executor=Inline())


def test_an_arn_is_not_a_target_and_the_others_have_outcomes() -> None:
    one, other = made_up(2)
    targets: Any = [one, other.arn, other]
    outcomes = run(token_of, targets, executor=Inline(), window=1)

    seen = [next(outcomes)]
    with pytest.raises(TypeError, match="targets must hold Target objects, not 'arn:aws"):
        next(outcomes)
    seen.extend(outcomes.remaining())

    assert names(seen) == ["web-0", "web-1"]


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, partial(ThreadPoolExecutor, 1)])
def test_an_executor_that_the_run_makes_is_closed_by_it(executor: Callable[[], ThreadPoolExecutor]) -> None:
    before = threading.active_count()

    outcomes = [*run(token_of, made_up(3), executor=executor)]

    assert len(outcomes) == 3
    assert threading.active_count() == before

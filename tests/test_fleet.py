"""
A function over many targets, on every kind of executor.
"""

import json
import math
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import Journal, Outcome, Target, edit_all, run, summary
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder

from .fleet_work import (
    Breaking,
    Counting,
    Inline,
    made_up,
    name_of,
    share,
    stored,
    update,
)
from .shapes import ARN

UPDATE = "UpdateDistributionConfiguration"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def applied(local: LocalImageBuilder) -> Counter[str]:
    """Count the updates that were run, by path."""
    return Counter(
        request.body["distributionConfigurationArn"]
        for request in local.requests
        if request.operation == UPDATE and request.applied
    )


def once(targets: list[Target]) -> Counter[str]:
    return Counter(target.arn for target in targets)


def names(outcomes: Iterator[Outcome[Any]] | list[Outcome[Any]]) -> list[str]:
    return [name_of(outcome.target) for outcome in outcomes]


def interrupted(targets: list[Target]) -> Iterator[Target]:
    """Give *targets*, and then be interrupted as by Ctrl-C."""
    yield from targets
    raise KeyboardInterrupt


# A run


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


def token_of(target: Target) -> str | None:
    return target.client_token


def test_an_equal_target_is_submitted_differently() -> None:
    """
    Dask takes equal submissions for one.
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
    A rate of 1/s lets one target start; those of the other account stand behind 5,000 that wait.
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


def test_what_is_no_executor_is_rejected() -> None:
    with pytest.raises(TypeError, match="executor must have a method submit, or be a function, not 'threads' "):
        run(token_of, [], executor="threads")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, partial(ThreadPoolExecutor, 1)])
def test_an_executor_that_the_run_makes_is_closed_by_it(executor: Callable[[], ThreadPoolExecutor]) -> None:
    before = threading.active_count()

    outcomes = [*run(token_of, made_up(3), executor=executor)]

    assert len(outcomes) == 3
    assert threading.active_count() == before


# How it ends


def test_after_so_many_errors_nothing_more_is_begun() -> None:
    def fail(target: Target) -> None:
        raise LookupError(target.arn)

    told = summary(run(fail, iter(made_up(10)), executor=Inline(), stop_after=2, window=1))

    assert (told.failed, len(told.not_begun)) == (2, 8)


def test_closing_a_run_waits_for_what_is_in_flight_and_tells_the_rest() -> None:
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
    told: list[Outcome[Any]] = []

    with pytest.raises(KeyboardInterrupt):
        told.extend(outcomes)

    told.extend(outcomes.remaining())
    assert sorted(names(told)) == sorted(map(name_of, targets))


def test_ctrl_c_waits_for_what_is_in_flight() -> None:
    """
    A signal reaches the driver while it waits for its workers.
    """
    interrupted = threading.Event()

    def interrupt(target: Target) -> str:
        if name_of(target) == "web-0":
            os.kill(os.getpid(), signal.SIGINT)
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
        told = [*outcomes.remaining()]

    assert sorted(names(told)) == ["web-0", "web-1", "web-2", "web-3"]
    assert {type(each.error) for each in told} <= {type(None), CancelledError}


def test_an_executor_that_was_shut_down_ends_the_run() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()

    outcomes = [*run(token_of, made_up(3), executor=executor)]

    assert [str(outcome.error) for outcome in outcomes] == ["cannot schedule new futures after shutdown"] * 3
    assert sorted(names(outcomes)) == ["web-0", "web-1", "web-2"]


# Workers that die


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
    What was in flight beside it isn't blamed: second tries run one at a time.
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


def test_a_run_that_stops_tells_those_that_wait_for_a_second_try() -> None:
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
    """Pickles, but can't be unpickled; Dask teaches pickle how to handle exceptions with odd arguments."""

    def __reduce__(self) -> Any:
        return refuse_to_be_unpickled, ()


class AwkwardError(Exception):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.awkward = Awkward()


def test_an_error_that_cannot_be_unpickled_is_told_in_its_words() -> None:
    """
    It would break the whole process pool.
    """

    def fail(_: Target) -> None:
        raise AwkwardError("something somewhere")

    outcomes = [*run(fail, made_up(1), executor=Inline())]

    assert [repr(each.error) for each in outcomes] == ["RuntimeError('AwkwardError: something somewhere')"]


# Journals


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_journal_has_each_target_before_and_after(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    outcomes = [*run(token_of, made_up(2), executor=Inline(), journal=Journal(path), window=1)]

    head, *rest = lines(path)
    one, other = (target.arn for target in made_up(2))
    assert head["function"] == "tests.test_fleet.token_of"
    assert rest == [
        {"begun": one, "client_token": outcomes[0].result},
        {"done": one},
        {"begun": other, "client_token": outcomes[1].result},
        {"done": other},
    ]


def test_every_line_of_a_journal_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(len(lines(path))))

    list(run(token_of, made_up(2), executor=Inline(), journal=Journal(path)))

    assert synced == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("function", [lambda _: None, partial(lambda _, __: None, 1)])
def test_a_journal_does_not_take_what_it_cannot_tell_from_others(
    tmp_path: Path, function: Callable[[Target], None]
) -> None:
    """
    The lambdas of a module all have one name, and a second one would find its targets done.
    """
    with pytest.raises(TypeError, match="a journal can't tell <lambda> from others"):
        run(function, made_up(1), executor=Inline(), journal=Journal(tmp_path / "journal"))


def test_a_target_is_in_the_journal_before_it_is_submitted(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    def begun(target: Target) -> bool:
        return lines(path)[-1] == {"begun": target.arn, "client_token": target.client_token}

    begun.__qualname__ = "begun"  # a local function has no name to be known by
    outcomes = [*run(begun, made_up(3), executor=Inline(), journal=Journal(path), window=1)]

    assert [each.result for each in outcomes] == [True] * 3


def test_a_resumed_run_skips_what_is_done_and_repeats_the_rest_with_its_tokens(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    targets = made_up(6)
    tokens: dict[str, set[str | None]] = {}
    may_succeed = {"web-0", "web-1"}

    def work(target: Target) -> None:
        tokens.setdefault(name_of(target), set()).add(target.client_token)
        if name_of(target) not in may_succeed:
            raise LookupError

    work.__qualname__ = "work"  # a local function has no name to be known by
    first = run(work, targets, executor=Inline(), journal=Journal(path), window=1)
    for _ in range(4):
        next(first)
    first.close()
    may_succeed |= {f"web-{number}" for number in range(6)}
    journal = Journal(path)
    second = [*run(work, reversed(targets), executor=Inline(), journal=journal)]

    assert sorted(names(second)) == ["web-2", "web-3", "web-4", "web-5"]
    assert [len(each) for each in tokens.values()] == [1] * 6
    assert {"failed": targets[2].arn, "error": "LookupError"} in lines(path)
    assert journal.done == 6
    assert repr(journal) == f"Journal({str(path)!r})"


def test_a_last_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    """
    Wherever the file ends.
    """
    path = tmp_path / "journal"
    targets = made_up(2)
    list(run(token_of, targets, executor=Inline(), journal=Journal(path), window=1))
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        done = sum('"done"' in line for line in whole[:length].decode().splitlines(keepends=True) if line[-1] == "\n")
        again = [*run(token_of, targets, executor=Inline(), journal=Journal(path))]

        assert len(again) == 2 - done
        assert {each["done"] for each in lines(path) if "done" in each} == {target.arn for target in targets}


def other_function(target: Target, *, what: str = "") -> str:
    return target.arn + what


@pytest.mark.parametrize(
    ("function", "targets", "expected"),
    [
        (other_function, made_up(3), r"of another function, .*\.token_of, not .*\.other_function"),
        (partial(token_of), made_up(3), r"of another function, .*token_of, not .*token_of\(\)"),
        (token_of, made_up(3)[:2], "of other targets; resume with the same, or give"),
        (token_of, [*made_up(3)[:2], Target(ARN)], "of other targets; resume with the same, or give"),
    ],
)
def test_a_journal_of_another_function_or_fleet_is_rejected(
    tmp_path: Path, function: Callable[[Target], object], targets: list[Target], expected: str
) -> None:
    path = tmp_path / "journal"
    list(run(token_of, made_up(3), executor=Inline(), journal=Journal(path)))
    before = path.read_bytes()

    with pytest.raises(ValueError, match=expected):
        run(function, targets, executor=Inline(), journal=Journal(path))

    assert path.read_bytes() == before


def test_a_partials_arguments_belong_to_the_function(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    list(edit_all([], share, executor=Inline(), journal=Journal(path)))
    list(edit_all([], share, executor=Inline(), journal=Journal(path)))
    changed = partial(share.func, user_ids=["000000000000"])

    with pytest.raises(ValueError, match="of another function"):
        edit_all([], changed, executor=Inline(), journal=Journal(path))


@pytest.mark.parametrize("content", ["no journal\n", '{"journal": 0}\n', "[1]\n", '{"a": 1}\nno journal\n{}\n'])
def test_what_is_no_journal_is_rejected_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "journal"
    path.write_text(content)

    with pytest.raises(ValueError, match="journal"):
        run(token_of, made_up(1), executor=Inline(), journal=Journal(path))

    assert path.read_text() == content


def test_what_was_in_flight_at_ctrl_c_is_in_the_journal(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    path = tmp_path / "journal"
    targets = made_up(1010)  # as far as 1,000, a journal looks ahead
    outcomes = run(token_of, interrupted(targets), executor=threads, journal=Journal(path), window=2000)

    with pytest.raises(KeyboardInterrupt):
        next(outcomes)

    done = [each["done"] for each in lines(path) if "done" in each]
    begun = [each["begun"] for each in lines(path) if "begun" in each]
    late = [each.target.arn for each in outcomes.remaining() if each.error is None]
    assert sorted(done) == sorted(late)
    assert {*begun} >= {*done}
    assert begun

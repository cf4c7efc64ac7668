"""
The flow of one call, fed with outcomes: no client, no endpoint, no clock.
"""

import asyncio
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist._client import flows, operations
from imagebuilder_dist._client.calls import Call
from imagebuilder_dist._client.flows import Sleep
from imagebuilder_dist._client.operations import CREATE, UPDATE
from tests.samples import ARN

from .script import CREATE_REQUEST, CREATED, RETRIES, UPDATE_REQUEST, WRITTEN, Script, broken, failed, lost, throttled


def test_a_call_that_succeeds_is_made_once() -> None:
    script = Script(WRITTEN)

    result = script.run(flows.send(operations.update(UPDATE_REQUEST), RETRIES))

    assert result is WRITTEN
    assert script.asked == [UPDATE]
    assert script.most == [5]
    assert script.calls[0].parameters["distributionConfigurationArn"] == ARN


def test_a_throttled_call_is_retried_with_its_token_and_what_is_left_of_its_requests() -> None:
    """
    A client that is passed in may retry by itself; its attempts are on the error, and count.
    """
    script = Script(throttled(), throttled(requests=2), WRITTEN)

    result = script.run(flows.send(operations.update(UPDATE_REQUEST), RETRIES))

    assert result is WRITTEN
    assert script.asked == [UPDATE, 1, UPDATE, 2, UPDATE]
    assert script.most == [5, 4, 2]
    assert len({*script.tokens}) == 1
    assert len(script.tokens) == 3


@pytest.mark.parametrize(
    "failure",
    [
        failed("InvalidParameterValueException"),
        failed("ResourceInUseException"),
        errors.ResponseError("it isn't JSON"),
        errors.CredentialsError("no credentials"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_what_a_retry_cannot_help_is_raised_at_once(failure: Exception) -> None:
    script = Script(failure)

    with pytest.raises(type(failure)) as caught:
        script.run(flows.send(operations.update(UPDATE_REQUEST), RETRIES))

    assert caught.value is failure
    assert script.asked == [UPDATE]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"attempts": 1}, [UPDATE]),
        ({"attempts": 3}, [UPDATE, 1, UPDATE, 2, UPDATE]),
        ({"max_seconds": 1.9}, [UPDATE, 1, UPDATE]),
    ],
)
def test_a_call_ends_with_its_last_failure(options: dict[str, Any], asked: list[Any]) -> None:
    failures = [broken(), *(throttled() for _ in range(9))]
    script = Script(*failures)

    with pytest.raises(ibd.ApiError) as caught:
        script.run(flows.send(operations.update(UPDATE_REQUEST), attrs.evolve(RETRIES, **options)))

    assert script.asked == asked
    assert caught.value is failures[len(script.calls) - 1]
    assert caught.value.attempts == len(script.calls)
    assert caught.value.may_have_been_applied


@pytest.mark.parametrize(
    ("call", "failure", "retried"),
    [
        (operations.delete(ARN), throttled, True),
        (operations.delete(ARN), broken, False),
        (operations.delete(ARN), lost, False),
        (operations.untag(ARN, ["a"]), broken, False),
        (operations.update(UPDATE_REQUEST), broken, True),
        (operations.update(UPDATE_REQUEST), lost, True),
        (operations.get(ARN), lost, True),
    ],
    ids=lambda value: value.operation if isinstance(value, Call) else getattr(value, "__name__", None),
)
def test_what_may_have_been_applied_is_retried_if_that_changes_nothing(
    call: Call[Any], failure: Any, *, retried: bool
) -> None:
    error = failure()
    script = Script(error, "done")

    if retried:
        assert script.run(flows.send(call, RETRIES)) == "done"
    else:
        with pytest.raises(type(error)):
            script.run(flows.send(call, RETRIES))

    assert len(script.calls) == 1 + retried


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=9, max_size=9))
def test_the_delay_grows_whatever_is_drawn_and_is_bounded(draws: list[float]) -> None:
    retries = ibd.Retries(attempts=10, max_seconds=1000, clock=lambda: 0.0, random=iter(draws).__next__)
    script = Script(*[throttled() for _ in draws], WRITTEN)

    script.run(flows.send(operations.update(UPDATE_REQUEST), retries))

    slept = script.asked[1::2]
    assert slept == [min(2.0**nth, 20) * (1 + draw) / 2 for nth, draw in enumerate(draws)]
    assert slept[:5] == sorted(slept[:5], key=float)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
@pytest.mark.parametrize("before", [[], [throttled()]], ids=["request", "pause"])
def test_whoever_interrupts_a_write_learns_its_token(
    before: list[BaseException], interruption: type[BaseException]
) -> None:
    flow = flows.send(operations.update(UPDATE_REQUEST, validate=False), RETRIES)
    sent: Any = next(flow)
    for failure in before:
        assert isinstance(flow.throw(failure), Sleep)

    with pytest.raises(interruption) as caught:
        flow.throw(interruption())

    assert caught.value.__notes__ == [f"{UPDATE} may have been applied; its client token is {sent.call.client_token}"]


@pytest.mark.parametrize(
    ("call", "interruption"),
    [
        (operations.get(ARN), KeyboardInterrupt()),
        (operations.delete(ARN), KeyboardInterrupt()),
        (operations.update(UPDATE_REQUEST), ZeroDivisionError()),
    ],
    ids=["read", "no token", "a bug"],
)
def test_nothing_else_gets_a_note(call: Call[Any], interruption: BaseException) -> None:
    script = Script(interruption)

    with pytest.raises(type(interruption)) as caught:
        script.run(flows.send(call, RETRIES))

    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(("request_", "operation"), [(UPDATE_REQUEST, UPDATE), (CREATE_REQUEST, CREATE)])
def test_a_request_is_sent_by_its_operation(request_: Any, operation: str) -> None:
    script = Script("done")

    result: object = script.run(flows.send_request(attrs.evolve(request_, client_token="mine"), RETRIES, validate=True))

    assert result == "done"
    assert script.asked == [operation]
    assert script.tokens == ["mine"]


def test_a_request_that_is_none_is_a_type_error() -> None:
    script = Script()

    with pytest.raises(TypeError, match="request must be an update request or a create request, not 'x'"):
        script.run(flows.send_request("x", RETRIES, validate=False))

    assert script.commands == []


def test_a_request_is_validated_unless_told_otherwise() -> None:
    wrong = attrs.evolve(CREATE_REQUEST, name="")

    with pytest.raises(ibd.ValidationError):
        Script().run(flows.create(wrong, RETRIES, validate=True))
    with pytest.raises(ibd.ValidationError):
        Script().run(flows.send_request(wrong, RETRIES, validate=True))

    assert Script(CREATED).run(flows.create(wrong, RETRIES, validate=False)) is CREATED
    assert Script(CREATED).run(flows.send_request(wrong, RETRIES, validate=False)) is CREATED


def test_a_create_returns_what_was_created() -> None:
    script = Script(throttled(), CREATED)

    result = script.run(flows.create(CREATE_REQUEST, RETRIES, validate=True))

    assert result is CREATED
    assert script.asked == [CREATE, 1, CREATE]


def test_the_error_that_ends_a_dry_run_is_its_result() -> None:
    script = Script(throttled(), failed("DryRunOperationException", 412))

    result = script.run(flows.create(attrs.evolve(CREATE_REQUEST, dry_run=True), RETRIES, validate=True))

    warnings = ibd.validate(CREATE_REQUEST)
    assert warnings
    assert result == ibd.CreateDistributionConfigurationDryRunResult(
        request_id="an id", client_token="a token", warnings=warnings
    )
    assert script.calls[1].parameters["dryRun"] is True


def test_a_dry_run_that_is_sent_as_a_request_is_an_error() -> None:
    script = Script(failed("DryRunOperationException", 412))

    with pytest.raises(ibd.DryRunOperationException):
        script.run(flows.send_request(attrs.evolve(CREATE_REQUEST, dry_run=True), RETRIES, validate=True))

"""
What is retried, how often, after which delays, and until when; and what may have been applied by then.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, Fault, Reply
from tests.samples import ARN

from .helpers import FAILED, LOST, THROTTLED, NoConnection, scene, update


def test_a_write_is_retried_with_its_token_after_delays_that_double_up_to_twenty_seconds() -> None:
    local, client, clock = scene(attempts=9, max_seconds=1000)
    local.inject(THROTTLED, AnswerError("TooManyRequestsException"), LOST, NoConnection(), *[THROTTLED] * 4)

    result = update(client)

    assert [request.client_token for request in local.requests] == [result.client_token] * 9
    assert clock.slept == [1, 2, 4, 8, 16, 20, 20, 20]


@pytest.mark.parametrize(("max_seconds", "attempts"), [(0, 1), (2.9, 2), (3, 3), (6.9, 3), (7, 4)])
def test_no_repetition_begins_later_than_allowed(max_seconds: float, attempts: int) -> None:
    local, client, clock = scene(attempts=9, max_seconds=max_seconds)
    local.inject(THROTTLED, times=None)

    with pytest.raises(ibd.CallRateLimitExceededException) as caught:
        update(client)

    assert caught.value.attempts == attempts
    assert clock() <= max_seconds


def test_what_is_in_use_is_waited_for_only_where_asked() -> None:
    (local, impatient, clock), (theirs, patient, waited) = scene(), scene(resource_in_use=True)
    for each in (local, theirs):
        each.inject(AnswerError("ResourceInUseException"))

    with pytest.raises(ibd.ResourceInUseException):
        update(impatient)
    assert clock.slept == []

    update(patient)
    assert waited.slept == [1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"attempts": 0}, ValueError, "Retries.attempts must be 1 or more, not 0"),
        ({"attempts": True}, TypeError, "Retries.attempts must be an integer, not True"),
        ({"max_seconds": float("nan")}, ValueError, "Retries.max_seconds must be 0 or more, not nan"),
        ({"max_seconds": "1"}, TypeError, "Retries.max_seconds must be a number of seconds, not '1'"),
        ({"resource_in_use": 1}, TypeError, "Retries.resource_in_use must be a boolean, not 1"),
        ({"sleep": None}, TypeError, "'sleep' must be callable"),
        ({"on_attempt": asyncio.sleep}, TypeError, "on_attempt must be a plain function"),
    ],
)
def test_wrong_options_are_rejected(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ibd.Retries(**options)


@pytest.mark.parametrize(("header", "delay"), [("7", 7), ("0", 1), ("Tue, 24 Nov 2026 18:00:09 GMT", 1), ("\u00b2", 1)])
def test_retry_after_is_a_lower_bound_of_the_delay(header: str, delay: float) -> None:
    local, client, clock = scene()
    local.inject(Reply(429, {"retry-after": header}, b""))

    update(client)

    assert clock.slept == [delay]


def test_retry_after_beyond_the_last_moment_ends_the_call() -> None:
    local, client, clock = scene()
    local.inject(Reply(429, {"retry-after": "121", "x-amzn-ErrorType": "ThrottlingException"}, b""))

    with pytest.raises(ibd.ThrottledError):
        update(client)

    assert clock.slept == []


Operation = Callable[[Any], Any]


WITHOUT_TOKEN: list[Operation] = [
    lambda client: client.delete_distribution_configuration(ARN),
    lambda client: client.tag_resource(ARN, {"a": "b"}),
    lambda client: client.untag_resource(ARN, ["a"]),
]


@pytest.mark.parametrize("operation", WITHOUT_TOKEN)
def test_what_has_no_token_is_made_again_only_where_it_certainly_did_not_run(operation: Operation) -> None:
    local, client, _ = scene()

    for fault in (FAILED, LOST):
        local.inject(THROTTLED, NoConnection(), fault)
        with pytest.raises(ibd.ImageBuilderDistError) as caught:
            operation(client)
        assert (caught.value.attempts, caught.value.may_have_been_applied) == (3, True)

    assert len(local.requests) == 6


@pytest.mark.parametrize("fault", [FAILED, LOST, Reply(200, {}, b"{}")], ids=["500", "closed", "unreadable"])
def test_a_read_is_made_again_and_never_applied(fault: Fault) -> None:
    local, client, _ = scene(attempts=3)
    local.inject(FAILED, LOST, fault)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        client.get_distribution_configuration(ARN)

    assert (caught.value.may_have_been_applied, caught.value.attempts) == (False, 3)
    assert client.get_distribution_configuration(ARN).arn == ARN

"""
What is retried, how often, after which delays, and until when.
"""

from typing import Any
from unittest.mock import Mock

import attrs
import pytest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, AnswerNotJson, Clock, LocalImageBuilder, Reply
from tests.faulty import FaultyServer, http
from tests.samples import ANYTHING, ARN, EVERYTHING

from .retried import LOST, THROTTLED, UPDATE, retrying, scene, update


def test_a_throttled_write_is_made_again_with_its_token() -> None:
    local, client, clock = scene()
    local.inject(THROTTLED, AnswerError("TooManyRequestsException"), LOST)

    result = update(client)

    assert [request.client_token for request in local.requests] == [result.client_token] * 4
    assert clock.slept == [1, 2, 4]


def test_the_delay_doubles_up_to_twenty_seconds() -> None:
    local, client, clock = scene(attempts=9, max_seconds=1000)
    local.inject(THROTTLED, times=8)

    update(client)

    assert clock.slept == [1, 2, 4, 8, 16, 20, 20, 20]


def test_the_error_after_the_last_attempt_says_what_was_tried() -> None:
    local, client, _ = scene()
    local.inject(THROTTLED, times=None)

    with pytest.raises(ibd.CallRateLimitExceededException) as caught:
        update(client)

    error = caught.value
    assert (error.attempts, error.elapsed, len(local.requests)) == (5, 15, 5)
    assert str(error).endswith(f" ({ARN}, 5 attempts over 15.0 s, client token {error.client_token})")
    assert error.client_token == local.requests[0].client_token


def test_an_error_of_a_read_names_no_token() -> None:
    local, client, _ = scene(attempts=2)
    local.inject(LOST, times=2)

    with pytest.raises(ibd.ConnectionFailedError, match=rf" of {ARN}, 2 attempts over 1\.0 s\)$"):
        client.get_distribution_configuration(ARN)


def test_one_attempt_is_one_request() -> None:
    local, client, clock = scene(attempts=1)
    local.inject(THROTTLED)

    with pytest.raises(ibd.CallRateLimitExceededException) as caught:
        update(client)

    assert (caught.value.attempts, clock.slept, len(local.requests)) == (1, [], 1)
    assert f"({ARN}, 1 attempt, client token " in str(caught.value)


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
    "fault",
    [
        AnswerError("InvalidParameterValueException"),
        AnswerError("ResourceNotFoundException"),
        AnswerError("NotImplemented", 501),
    ],
)
def test_what_would_fail_again_is_not_made_again(fault: AnswerError) -> None:
    local, client, _ = scene()
    local.inject(fault)

    with pytest.raises(ibd.ApiError):
        update(client)

    assert len(local.requests) == 1


def test_what_cannot_be_signed_is_not_made_again(clock: Clock) -> None:
    mock = Mock()
    mock.update_distribution_configuration.side_effect = NoCredentialsError()

    with pytest.raises(ibd.CredentialsError):
        update(retrying(mock, clock))

    mock.update_distribution_configuration.assert_called_once()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"attempts": 0}, ValueError, "Retries.attempts must be 1 or more, not 0"),
        ({"attempts": 2.5}, TypeError, r"Retries.attempts must be an int, not 2\.5 \(float\)"),
        ({"attempts": True}, TypeError, "Retries.attempts must be an int, not True"),
        ({"max_seconds": -1}, ValueError, "Retries.max_seconds must be 0 or more, not -1"),
        ({"max_seconds": float("nan")}, ValueError, "Retries.max_seconds must be 0 or more, not nan"),
        ({"max_seconds": "1"}, TypeError, "Retries.max_seconds must be a number of seconds, not '1'"),
        ({"resource_in_use": 1}, TypeError, "Retries.resource_in_use must be a bool, not 1"),
        ({"sleep": None}, TypeError, "'sleep' must be callable"),
    ],
)
def test_wrong_options_are_rejected(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ibd.Retries(**options)


def test_the_client_takes_nothing_else_for_retries() -> None:
    three: Any = 3

    with pytest.raises(TypeError, match=r"retries must be a Retries, not 3 \(int\)"):
        ibd.DistributionConfigurationClient(retries=three)


def test_a_response_that_cannot_be_read_is_an_attempt(session: Any, local: LocalImageBuilder, clock: Clock) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    arn = theirs.create_distribution_configuration(name="web", distributions=ANYTHING)["distributionConfigurationArn"]
    local.inject(*[AnswerError("CallRateLimitExceededException")] * 2, AnswerNotJson(), operation=UPDATE)

    with pytest.raises(ibd.ResponseError) as caught:
        retrying(theirs, clock).update_distribution_configuration(arn, [EVERYTHING])

    assert (caught.value.attempts, caught.value.elapsed) == (3, 3.0)
    assert "3 attempts over 3.0 s" in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "delay"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "Tue, 24 Nov 2026 18:00:09 GMT", "date": "Tue, 24 Nov 2026 18:00:00 GMT"}, 9),
        ({"retry-after": "Tue, 24 Nov 2026 17:00:00 GMT", "date": "Tue, 24 Nov 2026 18:00:00 GMT"}, 1),
        ({"retry-after": "Tue, 24 Nov 2026 18:00:09 GMT"}, 1),
        ({"retry-after": "soon", "date": "Tue, 24 Nov 2026 18:00:00 GMT"}, 1),
        ({"retry-after": "\u00b2"}, 1),
    ],
)
def test_retry_after_is_a_lower_bound_of_the_delay(headers: dict[str, str], delay: float) -> None:
    local, client, clock = scene()
    local.inject(Reply(429, headers, b""))

    update(client)

    assert clock.slept == [delay]


def test_retry_after_beyond_the_last_moment_ends_the_call() -> None:
    local, client, clock = scene()
    local.inject(Reply(429, {"retry-after": "121", "x-amzn-ErrorType": "ThrottlingException"}, b""))

    with pytest.raises(ibd.ThrottledError):
        update(client)

    assert clock.slept == []


def test_retry_after_comes_through_a_real_client(session: Any, clock: Clock) -> None:
    busy = http("503 Service Unavailable", b"{}", headers=["Retry-After: 7", "x-amzn-ErrorType: ServiceException"])
    with FaultyServer(busy, http("200 OK", b'{"requestId": "an id"}')) as server:
        retries = ibd.Retries(sleep=clock.sleep, clock=clock)
        update(ibd.DistributionConfigurationClient(session=session, endpoint_url=server.url, retries=retries))

    assert clock.slept == [7]


def test_retries_cannot_be_changed_under_a_client() -> None:
    retries: Any = ibd.Retries()

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        retries.attempts = 1


def test_a_paced_service_is_waited_for(session: Any, local: LocalImageBuilder, clock: Clock) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    client = retrying(theirs, clock)
    local.throttle(per_second=0.5, burst=2, clock=clock)

    for nth in range(6):
        client.create_distribution_configuration(f"web {nth}", [EVERYTHING])

    assert sum(request.applied for request in local.requests) == 6
    assert clock() == 8  # two at once, and one every two seconds

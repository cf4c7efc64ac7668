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
from imagebuilder_dist.testing import AnswerError, AnswerNotJson, Clock, LocalImageBuilder
from tests.faulty import FaultyServer, http
from tests.samples import ANYTHING, ARN, EVERYTHING

from .retried import THROTTLED, UPDATE, Outcome, retrying, stub_update, stubs_of, update


def test_a_throttled_write_is_made_again_with_its_token(session: Any) -> None:
    stubs = stubs_of(session)
    stub = stub_update(stubs).raises(THROTTLED).raises(ibd.TooManyRequestsException).loses_response().returns()

    result = update(stubs.client)

    assert len(stub.calls) == 4
    assert {call.client_token for call in stub.calls} == {result.client_token}
    assert stubs.clock.slept == [1, 2, 4]


def test_the_delay_doubles_up_to_twenty_seconds(session: Any) -> None:
    stubs = stubs_of(session, attempts=9, max_seconds=1000)
    stub_update(stubs).raises(THROTTLED, times=8).returns()

    update(stubs.client)

    assert stubs.clock.slept == [1, 2, 4, 8, 16, 20, 20, 20]


def test_the_error_after_the_last_attempt_says_what_was_tried(session: Any) -> None:
    stubs = stubs_of(session)
    stub = stub_update(stubs).raises(THROTTLED, times=5)

    with pytest.raises(THROTTLED) as caught:
        update(stubs.client)

    error = caught.value
    assert (error.attempts, error.elapsed, len(stub.calls)) == (5, 15, 5)
    assert str(error).endswith(f" ({ARN}, 5 attempts over 15.0 s, client token {error.client_token})")
    assert error.client_token == stub.calls[0].client_token


def test_an_error_of_a_read_names_no_token(session: Any) -> None:
    stubs = stubs_of(session, attempts=2)
    stubs.get_distribution_configuration(ARN).loses_response(times=2)

    with pytest.raises(ibd.ConnectionFailedError, match=rf" of {ARN}, 2 attempts over 1\.0 s\)$"):
        stubs.client.get_distribution_configuration(ARN)


def test_one_attempt_is_one_request(session: Any) -> None:
    stubs = stubs_of(session, attempts=1)
    stub = stub_update(stubs).raises(THROTTLED)

    with pytest.raises(THROTTLED) as caught:
        update(stubs.client)

    assert (caught.value.attempts, stubs.clock.slept, len(stub.calls)) == (1, [], 1)
    assert f"({ARN}, 1 attempt, client token " in str(caught.value)


@pytest.mark.parametrize(("max_seconds", "attempts"), [(0, 1), (2.9, 2), (3, 3), (6.9, 3), (7, 4)])
def test_no_repetition_begins_later_than_allowed(session: Any, max_seconds: float, attempts: int) -> None:
    stubs = stubs_of(session, attempts=9, max_seconds=max_seconds)
    stub_update(stubs).raises(THROTTLED).always()

    with pytest.raises(THROTTLED) as caught:
        update(stubs.client)

    assert caught.value.attempts == attempts
    assert stubs.clock() <= max_seconds


def test_what_is_in_use_is_waited_for_only_where_asked(session: Any) -> None:
    impatient, patient = stubs_of(session), stubs_of(session, resource_in_use=True)
    stub_update(impatient).raises(ibd.ResourceInUseException)
    stub_update(patient).raises(ibd.ResourceInUseException).returns()

    with pytest.raises(ibd.ResourceInUseException):
        update(impatient.client)
    assert impatient.clock.slept == []

    update(patient.client)
    assert patient.clock.slept == [1]


@pytest.mark.parametrize(
    "fail",
    [
        lambda stub: stub.raises(ibd.InvalidParameterValueException),
        lambda stub: stub.raises(ibd.ResourceNotFoundException),
        lambda stub: stub.responds(501, headers={"x-amzn-ErrorType": "NotImplemented"}),
    ],
)
def test_what_would_fail_again_is_not_made_again(session: Any, fail: Outcome) -> None:
    stubs = stubs_of(session)
    fail(stub_update(stubs))

    with pytest.raises(ibd.ApiError):
        update(stubs.client)

    assert len(stubs.calls) == 1


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
def test_retry_after_is_a_lower_bound_of_the_delay(session: Any, headers: dict[str, str], delay: float) -> None:
    stubs = stubs_of(session)
    stub_update(stubs).responds(429, headers=headers).returns()

    update(stubs.client)

    assert stubs.clock.slept == [delay]


def test_retry_after_beyond_the_last_moment_ends_the_call(session: Any) -> None:
    stubs = stubs_of(session)
    stub_update(stubs).responds(429, headers={"retry-after": "121", "x-amzn-ErrorType": "ThrottlingException"})

    with pytest.raises(ibd.ThrottledError):
        update(stubs.client)

    assert stubs.clock.slept == []


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

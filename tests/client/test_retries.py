"""
Calls made again: when, how often, how late, and with which token.
"""

import types
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import attrs
import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    StubAssertionError,
)
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AddUnknownMembers,
    AnswerError,
    AnswerNotJson,
    Clock,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Fault,
    LocalImageBuilder,
    Stub,
    Stubs,
    TruncateBody,
)
from tests.faulty import FaultyServer, http
from tests.shapes import ANYTHING, ARN, EVERYTHING

UPDATE = "UpdateDistributionConfiguration"
THROTTLED = ibd.CallRateLimitExceededException
Outcome = Callable[[Any], Any]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def stubs_of(session: Any, **options: Any) -> Stubs:
    """Stubs of a client that waits as long as it may; their clock is the client's."""
    retries = ibd.Retries(**{"random": lambda: 1.0, **options})
    return Stubs(ibd.DistributionConfigurationClient(session=session, retries=retries))


def client_of(client: Any, clock: Clock, **options: Any) -> ibd.DistributionConfigurationClient:
    retries = ibd.Retries(**{"sleep": clock.sleep, "clock": clock, "random": lambda: 1.0, **options})
    return ibd.DistributionConfigurationClient(client, retries=retries)


def stub_update(stubs: Stubs) -> Stub[ibd.UpdateDistributionConfigurationRequest, Any]:
    return stubs.update_distribution_configuration(ARN, [EVERYTHING])


def update(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(ARN, [EVERYTHING])


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


@given(draws=st.lists(st.floats(0, 1, exclude_max=True), min_size=9, max_size=9))
def test_the_delay_grows_whatever_is_drawn_and_is_bounded(session: Any, draws: list[float]) -> None:
    remaining = iter(draws)
    stubs = stubs_of(session, attempts=10, max_seconds=1000, random=lambda: next(remaining))
    stub_update(stubs).raises(THROTTLED, times=9).returns()

    update(stubs.client)

    assert stubs.clock.slept[:5] == sorted(stubs.clock.slept[:5])
    assert stubs.clock.slept == [min(2.0**nth, 20) * (1 + draw) / 2 for nth, draw in enumerate(draws)]


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
        update(client_of(mock, clock))

    mock.update_distribution_configuration.assert_called_once()


# What is stubbed is called in the same way.
Operation = Callable[[Any], Any]
WITHOUT_TOKEN: list[Operation] = [
    lambda client: client.delete_distribution_configuration(ARN),
    lambda client: client.tag_resource(ARN, {"a": "b"}),
    lambda client: client.untag_resource(ARN, ["a"]),
]


@pytest.mark.parametrize("operation", WITHOUT_TOKEN)
@pytest.mark.parametrize(
    "fail",
    [lambda stub: stub.raises(THROTTLED), lambda stub: stub.loses_response(applied=False)],
    ids=["throttled", "no connection"],
)
def test_what_has_no_token_is_made_again_where_it_certainly_did_not_run(
    session: Any, operation: Operation, fail: Outcome
) -> None:
    stubs = stubs_of(session)
    fail(operation(stubs)).returns()

    operation(stubs.client)

    assert len(stubs.calls) == 2


@pytest.mark.parametrize("operation", WITHOUT_TOKEN)
@pytest.mark.parametrize(
    "fail",
    [lambda stub: stub.raises(ibd.ServiceException), lambda stub: stub.loses_response()],
    ids=["500", "closed"],
)
def test_what_has_no_token_is_not_made_again_where_it_may_have_run(
    session: Any, operation: Operation, fail: Outcome
) -> None:
    stubs = stubs_of(session)
    fail(operation(stubs))

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        operation(stubs.client)

    assert len(stubs.calls) == 1
    assert caught.value.may_have_been_applied


@pytest.mark.parametrize(
    ("stub", "operation"),
    [
        (lambda stubs: stubs.get_distribution_configuration(ARN), lambda it: it.get_distribution_configuration(ARN)),
        (lambda stubs: stubs.list_distribution_configurations(), lambda it: [*it.list_distribution_configurations()]),
    ],
)
def test_a_read_is_made_again(session: Any, stub: Operation, operation: Operation) -> None:
    stubs = stubs_of(session)
    stub(stubs).loses_response().raises(ibd.ServiceException).returns()

    operation(stubs.client)

    assert len(stubs.calls) == 3


def test_a_failure_knows_that_an_earlier_attempt_may_have_been_applied(session: Any) -> None:
    stubs = stubs_of(session)
    stub_update(stubs).loses_response().raises(THROTTLED).raises(ibd.AccessDeniedException)

    with pytest.raises(ibd.AccessDeniedException) as caught:
        update(stubs.client)

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 3


def test_what_can_no_longer_be_signed_knows_that_an_earlier_attempt_may_have_been_applied(clock: Clock) -> None:
    mock = Mock()
    failures = [
        ConnectionClosedError(endpoint_url="u"),
        EndpointConnectionError(endpoint_url="u"),
        NoCredentialsError(),
    ]
    mock.update_distribution_configuration.side_effect = failures

    with pytest.raises(ibd.CredentialsError) as caught:
        update(client_of(mock, clock))

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 2


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
def test_wrong_options_are_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ibd.Retries(**options)


def test_the_client_takes_nothing_else_for_retries() -> None:
    three: Any = 3

    with pytest.raises(TypeError, match=r"retries must be a Retries, not 3 \(int\)"):
        ibd.DistributionConfigurationClient(retries=three)


def test_a_stubbed_throttle_without_an_answer_after_it_is_what_the_test_sees(session: Any, clock: Clock) -> None:
    """
    A test written for botocore's Stubber, which never retries, goes on working.
    """
    theirs = session.client("imagebuilder")
    with Stubber(theirs) as stubber:
        stubber.add_client_error("update_distribution_configuration", "CallRateLimitExceededException")
        with pytest.raises(ibd.CallRateLimitExceededException) as caught:
            update(client_of(theirs, clock))

    assert caught.value.attempts == 1
    assert isinstance(caught.value.__cause__, ClientError)


def test_a_stubbed_throttle_with_an_answer_after_it_is_made_again_with_its_token(session: Any, clock: Clock) -> None:
    theirs = session.client("imagebuilder")
    with Stubber(theirs) as stubber:
        stubber.add_client_error("update_distribution_configuration", "CallRateLimitExceededException")
        stubber.add_response("update_distribution_configuration", {"requestId": "an id"})

        assert update(client_of(theirs, clock)).request_id == "an id"


@attrs.frozen
class Row:
    """
    What a fault makes of an update: once, and on and on.

    A call that is retried for ever takes the five requests that it may, whoever retries; otherwise it takes one.
    """

    fault: Fault
    once: str
    ever: str
    attempts: int
    applied: int
    seen: bool = True


FOREVER = 99
TABLE = {
    "throttle": Row(AnswerError("CallRateLimitExceededException"), "done", "CallRateLimitExceededException", 5, 0),
    "500": Row(AnswerError("ServiceException"), "done", "ServiceException", 5, 0),
    "503": Row(AnswerError("ServiceUnavailableException"), "done", "ServiceUnavailableException", 5, 0),
    "in use": Row(AnswerError("ResourceInUseException"), "ResourceInUseException", "ResourceInUseException", 1, 0),
    "refused": Row(AnswerError("ForbiddenException"), "ForbiddenException", "ForbiddenException", 1, 0),
    "late": Row(Delay(60), "done", "RequestTimeoutError", 5, 0),
    "closed before reading": Row(CloseBeforeReading(), "done", "ConnectionFailedError", 5, 0, seen=False),
    "closed after applying": Row(CloseAfterApplying(), "done", "ConnectionFailedError", 5, 1),
    # Whether botocore itself notices depends on its release; if it doesn't, we do.
    "cut in the middle": Row(TruncateBody(), "done", "ConnectionFailedError", 5, 1),
    "cut at the beginning": Row(TruncateBody(0), "done", "ConnectionFailedError", 5, 1),
    "no JSON": Row(AnswerNotJson(), "ResponseError", "ResponseError", 1, 1),
    "unknown members": Row(AddUnknownMembers(), "done", "done", 1, 1),
}


@attrs.frozen
class InProcess:
    """A session whose clients talk to *local* without a socket, so that a long `Delay` is a timeout at once."""

    session: Any
    local: LocalImageBuilder

    def client(self, *args: Any, **options: Any) -> Any:
        client = self.session.client(*args, **options)
        self.local.attach(client)
        return client


@pytest.fixture
def _botocore_does_not_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", types.SimpleNamespace(sleep=lambda _: None))


@pytest.mark.usefixtures("_botocore_does_not_sleep")
@pytest.mark.parametrize("times", [1, FOREVER], ids=["once", "ever"])
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("kind", ["own", "handed in"])
@pytest.mark.parametrize("name", TABLE)
def test_whatever_goes_wrong_a_write_is_applied_at_most_once_and_with_one_token(
    session: Any, local: LocalImageBuilder, clock: Clock, name: str, kind: str, mode: Any, times: int
) -> None:
    row = TABLE[name]
    options: Any = {"endpoint_url": local.url, "config": Config(retries={"mode": mode}, read_timeout=50)}
    retries = ibd.Retries(sleep=clock.sleep, clock=clock)
    source = InProcess(session, local) if isinstance(row.fault, Delay) else session
    if kind == "own":
        client = ibd.DistributionConfigurationClient(session=source, retries=retries, **options)
    else:
        client = ibd.DistributionConfigurationClient(source.client("imagebuilder", **options), retries=retries)
    arn = local.boto3_client().create_distribution_configuration(name="web", distributions=ANYTHING)[
        "distributionConfigurationArn"
    ]
    local.inject(row.fault, times=times, operation=UPDATE)

    try:
        result: Any = client.update_distribution_configuration(arn, [EVERYTHING])
        outcome, attempts = "done", None
    except ibd.ImageBuilderDistError as error:
        result, outcome, attempts = error, type(error).__name__, error.attempts

    assert outcome == (row.once if times == 1 else row.ever)
    received = [request for request in local.requests if request.operation == UPDATE]
    assert {request.client_token for request in received} <= {result.client_token}
    if outcome == "done":
        assert sum(request.applied for request in received) == 1
    else:
        assert attempts == row.attempts
        # The request after a response that was cut may meet the closed connection, and not be received.
        assert (
            len(received) <= row.attempts
            if name.startswith("cut")
            else len(received) == (row.attempts if row.seen else 0)
        )
        assert sum(request.applied for request in received) == row.applied
        assert result.may_have_been_applied or row.applied == 0


@pytest.mark.usefixtures("_botocore_does_not_sleep")
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("attempts", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "faults",
    [
        [AnswerError("CallRateLimitExceededException"), *[AnswerError("ServiceException")] * 9],
        [CloseAfterApplying()] * 9,
        [AnswerError("ServiceException"), CloseAfterApplying()] * 9,
    ],
    ids=["throttle first", "closed", "mixed"],
)
def test_nothing_exceeds_the_attempts(
    session: Any, local: LocalImageBuilder, clock: Clock, mode: Any, attempts: int, faults: list[Fault]
) -> None:
    """
    botocore's own retries in a client that is passed in would: 3 requests, 5 in legacy mode.
    """
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": mode}))
    local.inject(*faults)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        update(client_of(theirs, clock, attempts=attempts))

    assert caught.value.attempts == attempts
    assert len(local.requests) == attempts
    assert isinstance(caught.value.__cause__, ClientError | BotoCoreError)


def test_others_see_an_attempt_that_ends_the_call(boto3_client: Any, local: LocalImageBuilder, clock: Clock) -> None:
    client = client_of(boto3_client, clock, attempts=1)
    statuses: list[int] = []
    boto3_client.meta.events.register(
        "response-received.imagebuilder", lambda response_dict, **_: statuses.append(response_dict["status_code"])
    )
    local.inject(AnswerError("ServiceException"))

    with pytest.raises(ibd.ServiceException):
        update(client)

    assert statuses == [500]


def test_a_response_that_cannot_be_read_is_an_attempt(session: Any, local: LocalImageBuilder, clock: Clock) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    arn = theirs.create_distribution_configuration(name="web", distributions=ANYTHING)["distributionConfigurationArn"]
    local.inject(*[AnswerError("CallRateLimitExceededException")] * 2, AnswerNotJson(), operation=UPDATE)

    with pytest.raises(ibd.ResponseError) as caught:
        client_of(theirs, clock).update_distribution_configuration(arn, [EVERYTHING])

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

    with pytest.raises(ibd.ThrottlingException):
        update(stubs.client)

    assert stubs.clock.slept == []


def test_retry_after_comes_through_a_real_client(session: Any, clock: Clock) -> None:
    busy = http("503 Service Unavailable", b"{}", headers=["Retry-After: 7", "x-amzn-ErrorType: ServiceException"])
    with FaultyServer(busy, http("200 OK", b'{"requestId": "an id"}')) as server:
        retries = ibd.Retries(sleep=clock.sleep, clock=clock)
        update(ibd.DistributionConfigurationClient(session=session, endpoint_url=server.url, retries=retries))

    assert clock.slept == [7]


@pytest.mark.parametrize("moment", ["request", "pause"])
def test_ctrl_c_says_the_token(clock: Clock, moment: str) -> None:
    mock = Mock()
    failure = KeyboardInterrupt() if moment == "request" else EndpointConnectionError(endpoint_url="u")
    mock.update_distribution_configuration.side_effect = failure

    with pytest.raises(KeyboardInterrupt) as caught:
        update(client_of(mock, clock, sleep=Mock(side_effect=KeyboardInterrupt)))

    token = mock.update_distribution_configuration.call_args.kwargs["clientToken"]
    assert caught.value.__notes__ == [f"{UPDATE} may have been applied; its client token is {token}"]


def test_ctrl_c_in_a_read_says_nothing(clock: Clock) -> None:
    mock = Mock()
    mock.get_distribution_configuration.side_effect = KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        client_of(mock, clock).get_distribution_configuration(ARN)

    assert not hasattr(caught.value, "__notes__")


def test_a_token_resumes_what_was_cut_off(boto3_client: Any, local: LocalImageBuilder, clock: Clock) -> None:
    client = client_of(boto3_client, clock, attempts=1)
    local.inject(CloseAfterApplying(), times=FOREVER, operation="CreateDistributionConfiguration")
    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.create_distribution_configuration("web", [EVERYTHING])
    local.clear_faults()

    again = client.create_distribution_configuration("web", [EVERYTHING], client_token=caught.value.client_token)

    assert again.distribution_configuration_arn == f"{ARN[:-1]}web"
    assert sum(request.applied for request in local.requests) == 1


def test_a_delete_whose_answer_was_lost_says_so(boto3_client: Any, local: LocalImageBuilder, clock: Clock) -> None:
    """
    In a client handed in, botocore repeats a delete by itself, and then nothing is there any more.
    """
    client = client_of(boto3_client, clock)
    arn = client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn
    assert arn is not None
    local.inject(CloseAfterApplying())

    with pytest.raises(ibd.ResourceNotFoundException) as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 2


def test_a_client_of_ours_does_not_repeat_a_delete_that_may_have_run(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    arn = str(client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    local.inject(CloseAfterApplying())

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.delete_distribution_configuration(arn)

    assert (caught.value.attempts, caught.value.may_have_been_applied) == (1, True)


def test_a_client_of_ours_repeats_as_it_is_configured_to(session: Any, local: LocalImageBuilder, clock: Clock) -> None:
    config = Config(retries={"max_attempts": 1, "mode": "standard"})
    client = ibd.DistributionConfigurationClient(
        session=session,
        endpoint_url=local.url,
        config=config,
        retries=ibd.Retries(attempts=4, sleep=clock.sleep, clock=clock),
    )
    local.inject(AnswerError("ServiceException"), times=FOREVER)

    with pytest.raises(ibd.ServiceException):
        client.get_distribution_configuration(ARN)

    assert len(local.requests) == 4
    assert len(clock.slept) == 1  # twice two


def test_a_read_is_never_applied(session: Any) -> None:
    stubs = stubs_of(session, attempts=2)
    stubs.get_distribution_configuration(ARN).raises(ibd.ServiceException).loses_response()

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        stubs.client.get_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False


def test_a_read_that_cannot_be_read_is_never_applied(session: Any) -> None:
    stubs = stubs_of(session)
    stubs.get_distribution_configuration(ARN).responds(200, b"{}")

    with pytest.raises(ibd.ResponseError) as caught:
        stubs.client.get_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False


def test_retries_cannot_be_changed_under_a_client() -> None:
    retries: Any = ibd.Retries()

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        retries.attempts = 1


def test_one_attempt_that_may_have_been_applied_says_its_token(session: Any) -> None:
    stubs = stubs_of(session, attempts=1)
    stub_update(stubs).loses_response()

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        update(stubs.client)

    expected = f"{ARN}, 1 attempt, client token {caught.value.client_token}, may have been applied)"
    assert str(caught.value).endswith(expected)


def test_a_wrong_expectation_after_a_stubbed_throttle_is_seen(session: Any, clock: Clock) -> None:
    theirs = session.client("imagebuilder")
    with Stubber(theirs) as stubber:
        stubber.add_client_error("update_distribution_configuration", "CallRateLimitExceededException")
        stubber.add_response("update_distribution_configuration", {}, {"description": "another"})

        with pytest.raises(StubAssertionError):
            update(client_of(theirs, clock))


def test_another_user_of_a_client_handed_in_is_not_helped(session: Any, local: LocalImageBuilder) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    ibd.DistributionConfigurationClient(theirs)
    local.inject(AnswerError("CallRateLimitExceededException"))

    with pytest.raises(ClientError):
        theirs.list_distribution_configurations()

    assert len(local.requests) == 1


def test_a_paced_service_is_waited_for(session: Any, local: LocalImageBuilder, clock: Clock) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    client = client_of(theirs, clock)
    local.throttle(per_second=0.5, burst=2, clock=clock)

    for nth in range(6):
        client.create_distribution_configuration(f"web {nth}", [EVERYTHING])

    assert sum(request.applied for request in local.requests) == 6
    assert clock() == 8  # two at once, and one every two seconds

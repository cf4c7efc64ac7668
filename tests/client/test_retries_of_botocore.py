"""
Our retries combined with botocore's, in every mode, whoever created the client.
"""

from typing import Any

import attrs
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import StubAssertionError
from botocore.stub import Stubber

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AnswerError,
    Clock,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Fault,
    LocalImageBuilder,
    TruncateBody,
)
from tests.faults import AddUnknownMembers, AnswerNotJson
from tests.samples import ARN, EVERYTHING

from .helpers import UPDATE, Recording, retrying, update


def test_a_stubbed_throttle_without_a_response_after_it_is_what_the_test_sees(session: Any, clock: Clock) -> None:
    """
    A test written for botocore's Stubber, which never retries, keeps working.
    """
    theirs = session.client("imagebuilder")
    with Stubber(theirs) as stubber:
        stubber.add_client_error("update_distribution_configuration", "CallRateLimitExceededException")
        with pytest.raises(ibd.CallRateLimitExceededException) as caught:
            update(retrying(theirs, clock))

    assert caught.value.attempts == 1


def test_a_wrong_expectation_after_a_stubbed_throttle_is_seen(session: Any, clock: Clock) -> None:
    theirs = session.client("imagebuilder")
    with Stubber(theirs) as stubber:
        stubber.add_client_error("update_distribution_configuration", "CallRateLimitExceededException")
        stubber.add_response("update_distribution_configuration", {}, {"description": "another"})

        with pytest.raises(StubAssertionError):
            update(retrying(theirs, clock))


@attrs.frozen
class Row:
    """
    What a fault does to an update, once or every time.

    A call that is retried for ever takes as many requests as it may, five, whoever retries; otherwise it takes one.
    """

    fault: Fault
    once: str
    ever: str
    attempts: int
    applied: int


TABLE = {
    "throttle": Row(AnswerError("CallRateLimitExceededException"), "done", "CallRateLimitExceededException", 5, 0),
    "500": Row(AnswerError("ServiceException"), "done", "ServiceException", 5, 0),
    "in use": Row(AnswerError("ResourceInUseException"), "ResourceInUseException", "ResourceInUseException", 1, 0),
    "refused": Row(AnswerError("ForbiddenException"), "ForbiddenException", "ForbiddenException", 1, 0),
    "late": Row(Delay(60), "done", "RequestTimeoutError", 5, 0),
    "closed before reading": Row(CloseBeforeReading(), "done", "ConnectionFailedError", 5, 0),
    "closed after applying": Row(CloseAfterApplying(), "done", "ConnectionFailedError", 5, 1),
    # Whether botocore itself notices depends on its release; if it doesn't, we do.
    "cut in the middle": Row(TruncateBody(), "done", "ConnectionFailedError", 5, 1),
    "no JSON": Row(AnswerNotJson(), "ResponseError", "ResponseError", 1, 1),
    "unknown members": Row(AddUnknownMembers(), "done", "done", 1, 1),
}


@attrs.frozen
class InProcess:
    """A session whose clients call *local* without a socket, so that a long delay times out at once."""

    session: Any
    local: LocalImageBuilder

    def client(self, *args: Any, **options: Any) -> Any:
        client = self.session.client(*args, **options)
        self.local.attach(client)
        return client


@pytest.mark.usefixtures("_botocore_does_not_sleep")
@pytest.mark.parametrize("times", [1, None], ids=["once", "ever"])
@pytest.mark.parametrize(("kind", "mode"), [("own", "standard"), ("passed in", "standard"), ("passed in", "legacy")])
@pytest.mark.parametrize("name", TABLE)
def test_whatever_goes_wrong_a_write_is_applied_at_most_once_and_with_one_token(
    session: Any, clock: Clock, name: str, kind: str, mode: Any, times: int | None
) -> None:
    row, local = TABLE[name], LocalImageBuilder()
    config = Config(retries={"mode": mode}, read_timeout=50)
    retries = ibd.Retries(sleep=clock.sleep, clock=clock)
    source = InProcess(session, local)
    if kind == "own":
        client = ibd.DistributionConfigurationClient(session=source, config=config, retries=retries)
    else:
        theirs = source.client("imagebuilder", config=config)
        client = ibd.DistributionConfigurationClient(theirs, retries=retries)
    local.put(ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING]))
    local.inject(row.fault, times=times, operation=UPDATE)

    try:
        result: Any = update(client)
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
        assert len(received) == row.attempts
        assert sum(request.applied for request in received) == row.applied
        assert result.may_have_been_applied or row.applied == 0


@pytest.mark.usefixtures("_botocore_does_not_sleep")
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_nothing_exceeds_the_attempts(
    session: Any, local: LocalImageBuilder, clock: Clock, mode: Any, attempts: int
) -> None:
    """
    In a client that is passed in, botocore's own retries would: 3 requests, or 5 in legacy mode.
    """
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": mode}))
    faults: list[Fault] = [AnswerError("ServiceException"), CloseAfterApplying()]
    local.inject(*faults * 9)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        update(retrying(theirs, clock, attempts=attempts))

    assert caught.value.attempts == attempts
    assert len(local.requests) == attempts


def test_others_see_an_attempt_that_ends_the_call(boto3_client: Any, local: LocalImageBuilder, clock: Clock) -> None:
    client = retrying(boto3_client, clock, attempts=1)
    statuses: list[int] = []
    boto3_client.meta.events.register(
        "response-received.imagebuilder", lambda response_dict, **_: statuses.append(response_dict["status_code"])
    )
    local.inject(AnswerError("ServiceException"))

    with pytest.raises(ibd.ServiceException):
        update(client)

    assert statuses == [500]


@pytest.mark.parametrize(
    ("given", "attempts"),
    [
        ({"mode": "adaptive"}, 1),
        ({"mode": "adaptive", "total_max_attempts": 3}, 3),
        ({"mode": "standard", "max_attempts": 2}, 3),
    ],
)
def test_the_retries_that_were_given_are_kept(session: Any, given: Any, attempts: int) -> None:
    recording = Recording(session)

    ibd.DistributionConfigurationClient(session=recording, config=Config(retries=given))

    kept = recording.made.meta.config.retries
    assert (kept.get("mode"), kept["total_max_attempts"]) == (given.get("mode"), attempts)


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("session", [None, boto3.Session], ids=["no session", "a session"])
@pytest.mark.parametrize(("environment", "given", "attempts"), [(None, None, 5), ("3", None, 3), ("3", 4, 4)])
def test_the_environment_sets_the_default_of_attempts(
    monkeypatch: pytest.MonkeyPatch,
    local: LocalImageBuilder,
    session: Any,
    environment: str | None,
    given: int | None,
    attempts: int,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    if environment is not None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", environment)
    retries = ibd.Retries(attempts=given, sleep=lambda _: None)
    client = ibd.DistributionConfigurationClient(session=session and session(), endpoint_url=local.url, retries=retries)
    local.inject(AnswerError("ServiceException"), times=9)

    with pytest.raises(ibd.ServiceException) as caught:
        list(client.list_distribution_configurations())

    assert caught.value.attempts == len(local.requests) == attempts
    assert "max retries" not in str(caught.value)  # they aren't botocore's

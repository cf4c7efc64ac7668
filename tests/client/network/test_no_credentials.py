"""
Credentials that can't be loaded or fetched: nothing was sent, and the error says so.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, Exchange, LocalImageBuilder, Reply
from tests.samples import ARN, WEB

from .sources import ASSUME_ROLE, RETRIES, SetUp, assume_role, keys_of, own_client

PROCESS = "[default]\ncredential_process = "


@pytest.mark.parametrize(
    ("environment", "config", "error", "reason"),
    [
        ({}, f"{PROCESS}no-process\n", ibd.CredentialsError, "fetched: FileNotFoundError: .*no-process"),
        ({}, f"{PROCESS}echo garbage\n", ibd.CredentialsError, "fetched: JSONDecodeError"),
        ({"AWS_ACCESS_KEY_ID": "A"}, "", ibd.CredentialsError, "missing: AWS_SECRET_ACCESS_KEY"),
        ({}, "garbage", ibd.ConfigurationError, "Unable to parse config file"),
        ({}, ASSUME_ROLE, ibd.ConfigurationError, 'source_profile "source"'),
    ],
)
def test_credentials_that_cannot_be_loaded_when_a_client_is_created(
    aws: SetUp, local: LocalImageBuilder, environment: dict[str, str], config: str, error: Any, reason: str
) -> None:
    aws.config(config)
    for name, value in environment.items():
        aws.env(name, value)

    with pytest.raises(ibd.ImageBuilderDistError, match=reason) as caught:
        own_client(local)

    assert type(caught.value) is error
    assert (caught.value.operation, caught.value.may_have_been_applied) == (None, False)


def assert_nothing_was_sent(error: ibd.ImageBuilderDistError, local: LocalImageBuilder) -> None:
    assert type(error) is ibd.CredentialsError
    assert error.operation == "UpdateDistributionConfiguration"
    assert (error.client_token, error.may_have_been_applied) == ("a token", False)
    assert not error.attempts
    assert keys_of(local) == []


def update(client: ibd.DistributionConfigurationClient) -> None:
    client.update_distribution_configuration(ARN, [WEB], client_token="a token")


def test_without_credentials_nothing_is_sent(aws: SetUp, local: LocalImageBuilder) -> None:
    client = own_client(local)

    with pytest.raises(ibd.CredentialsError, match=r"^Unable to locate credentials; set AWS_PROFILE") as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)


@pytest.mark.parametrize("is_own", [True, False], ids=["a client of ours", "passed in"])
def test_a_role_that_is_denied_says_what_to_allow(aws: SetUp, local: LocalImageBuilder, is_own: bool) -> None:
    assume_role(aws)
    local.inject(AnswerError("AccessDenied", 403, "not for you"), operation="AssumeRole")
    theirs = boto3.Session().client("imagebuilder", endpoint_url=local.url)
    client = own_client(local) if is_own else ibd.DistributionConfigurationClient(theirs, retries=RETRIES)
    with pytest.raises(ibd.CredentialsError, match=r"the AssumeRole operation.*: not for you") as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)
    assert caught.value.remedy == "allow sts:AssumeRole in a policy of the caller, and check the role's trust policy"
    assert [each.operation for each in local.requests] == ["AssumeRole"]


def test_credentials_of_sts_that_cannot_be_used(aws: SetUp, local: LocalImageBuilder) -> None:
    assume_role(aws)
    body = b"<AssumeRoleResponse><SecretAccessKey>a secret</Sec"
    local.inject(Reply(200, {"Content-Type": "text/xml"}, body), operation="AssumeRole")
    with pytest.raises(ibd.CredentialsError, match="fetched: ResponseParserError: Unable to parse") as caught:
        update(own_client(local))
    local.inject(AnswerError("ServiceUnavailable", 503), operation="AssumeRole")
    with pytest.raises(ibd.CredentialsError, match="the AssumeRole operation: An injected"):  # no word of retries
        update(own_client(local))
    aws.env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    with pytest.raises(ibd.CredentialsError, match="fetched: EndpointConnectionError: Could not connect"):
        update(own_client(local))
    aws.env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:99999")
    with pytest.raises(ibd.CredentialsError, match="fetched: ValueError: the URL of an endpoint or of a proxy is inv"):
        update(own_client(local))

    assert_nothing_was_sent(caught.value, local)
    assert "a secret" not in str(caught.value)


class ForFiveMinutes:
    """Lets credentials end so soon that botocore fetches new ones for each request."""

    def answer(self, exchange: Exchange, /) -> Reply:
        reply, end = exchange.answer(), datetime.now(UTC) + timedelta(minutes=5)
        return attrs.evolve(reply, body=re.sub(rb"[^>]*(?=</Expiration>)", end.isoformat().encode(), reply.body))


@pytest.mark.usefixtures("_botocore_does_not_sleep")
def test_a_write_that_was_sent_before_credentials_could_not_be_replaced_may_have_been_applied(
    aws: SetUp, local: LocalImageBuilder
) -> None:
    """
    botocore signs each of its own attempts anew.
    """
    assume_role(aws)
    aws.env("AWS_MAX_ATTEMPTS", "2")
    local.inject(AnswerError("ServiceException", 500), operation="UpdateDistributionConfiguration")
    local.inject(ForFiveMinutes(), AnswerError("AccessDenied", 403), operation="AssumeRole")
    client = own_client(local, config=Config(retries={"total_max_attempts": 2}))
    with pytest.raises(ibd.CredentialsError, match="AssumeRole") as caught:
        update(client)

    assert len(keys_of(local)) == 1
    assert (caught.value.attempts, caught.value.may_have_been_applied) == (1, True)


def test_a_mistake_of_somebody_who_listens_to_a_request_being_signed_stays_as_it_is(
    session: Any, local: LocalImageBuilder
) -> None:
    def fail(**_: object) -> None:
        raise LookupError("a mistake")

    theirs = session.client("imagebuilder", endpoint_url=local.url)
    theirs.meta.events.register("before-sign.imagebuilder", fail)

    with pytest.raises(LookupError, match="a mistake"):
        update(ibd.DistributionConfigurationClient(theirs))


def test_a_request_that_another_listener_takes_may_have_been_applied(session: Any) -> None:
    """
    A listener that was registered before the client was passed in comes first, and sends the request in its own way.
    """
    local = LocalImageBuilder()
    theirs = session.client("imagebuilder", config=Config(retries={"total_max_attempts": 1}))
    local.attach(theirs)
    local.inject(CloseAfterApplying())
    client = ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(attempts=1))

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.create_distribution_configuration("web", [WEB])

    assert caught.value.may_have_been_applied
    assert len(local.requests) == 1

"""
Credentials that can't be loaded or fetched: nothing was sent, and the error says so.
"""

import socket
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, LocalImageBuilder
from tests.credential_server import SHORT, CredentialServer
from tests.samples import ARN, WEB

from .sources import (
    ASSUME_ROLE,
    RETRIES,
    SetUp,
    assume_role,
    container,
    own_client,
)

Rows = dict[str, tuple[Callable[[SetUp, CredentialServer], object], str]]

# What fails as soon as a client is created.
WHEN_CREATED: Rows = {
    "process that is missing": (
        lambda aws, _: aws.config(f"[default]\ncredential_process = {aws.home / 'no-process'}\n"),
        "fetched: FileNotFoundError: .*no-process",
    ),
    "process that prints garbage": (lambda aws, _: aws.process("garbage"), "fetched: JSONDecodeError: Expecting value"),
    "half of the environment": (
        lambda aws, _: aws.env("AWS_ACCESS_KEY_ID", "ENVIRONMENT"),
        "missing: AWS_SECRET_ACCESS_KEY",
    ),
    "container that denies": (container, "container-role: .*403"),
}
MISTAKES: Rows = {
    "shared file that is garbage": (lambda aws, _: aws.credentials("garbage"), "Unable to parse config file"),
    "role whose source is missing": (lambda aws, _: aws.config(ASSUME_ROLE), 'source_profile "source"'),
}


@pytest.mark.parametrize("name", [*WHEN_CREATED, *MISTAKES])
def test_credentials_that_cannot_be_loaded_when_a_client_is_created(
    name: str, aws: SetUp, denying: CredentialServer, local: LocalImageBuilder
) -> None:
    set_up, reason = (WHEN_CREATED | MISTAKES)[name]
    aws.monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    set_up(aws, denying)

    with pytest.raises(ibd.ImageBuilderDistError, match=reason) as caught:
        own_client(local)

    assert type(caught.value) is (ibd.CredentialsError if name in WHEN_CREATED else ibd.ConfigurationError)
    assert (caught.value.operation, caught.value.may_have_been_applied) == (None, False)


def sts_that_is_not_there(aws: SetUp, server: CredentialServer) -> None:
    assume_role(aws, server)
    with socket.create_server(("127.0.0.1", 0)) as free:
        aws.env("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{free.getsockname()[1]}")


IN_A_CALL: Rows = {
    "nothing": (lambda *_: None, "^Unable to locate credentials; set AWS_PROFILE"),
    "assume_role": (
        assume_role,
        r"fetched: ClientError: .*\(AccessDenied\) .* the AssumeRole operation.*: not for you",
    ),
    "sts_that_is_not_there": (sts_that_is_not_there, "fetched: EndpointConnectionError: Could not connect"),
}


def assert_nothing_was_sent(error: ibd.ImageBuilderDistError, local: LocalImageBuilder) -> None:
    assert type(error) is ibd.CredentialsError
    assert error.operation == "UpdateDistributionConfiguration"
    assert (error.client_token, error.may_have_been_applied) == ("a token", False)
    assert not error.attempts
    assert local.requests == ()


def update(client: ibd.DistributionConfigurationClient) -> None:
    client.update_distribution_configuration(ARN, [WEB], client_token="a token")


@pytest.mark.parametrize("name", IN_A_CALL)
def test_credentials_that_cannot_be_fetched_in_a_call(
    name: str, aws: SetUp, denying: CredentialServer, local: LocalImageBuilder
) -> None:
    set_up, reason = IN_A_CALL[name]
    set_up(aws, denying)
    client = own_client(local)

    with pytest.raises(ibd.CredentialsError, match=reason) as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)


def test_credentials_of_sts_that_cannot_be_used(aws: SetUp, local: LocalImageBuilder) -> None:
    with CredentialServer(body="<AssumeRoleResponse><SecretAccessKey>a secret</Sec") as server:
        aws.server(server)
        assume_role(aws, server)
        client = own_client(local)

        with pytest.raises(ibd.CredentialsError, match="fetched: ResponseParserError: Unable to parse") as caught:
            update(client)

    assert_nothing_was_sent(caught.value, local)
    assert "a secret" not in str(caught.value)


def test_credentials_that_a_client_that_is_passed_in_cannot_fetch(
    aws: SetUp, denying: CredentialServer, local: LocalImageBuilder
) -> None:
    assume_role(aws, denying)
    client = ibd.DistributionConfigurationClient(
        boto3.Session().client("imagebuilder", endpoint_url=local.url), retries=RETRIES
    )

    with pytest.raises(ibd.CredentialsError, match="AssumeRole") as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)
    assert caught.value.remedy == "allow sts:AssumeRole in a policy of the caller, and check the role's trust policy"
    assert denying.asked == ["AssumeRole"]


@pytest.mark.usefixtures("_botocore_does_not_sleep")
def test_a_write_that_was_sent_before_credentials_could_not_be_replaced_may_have_been_applied(
    aws: SetUp, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    """
    botocore signs each of its own attempts anew.
    """
    aws.env("AWS_MAX_ATTEMPTS", "2")
    local.inject(AnswerError("ServiceException", 500))
    with CredentialServer(["FIRST"], lifetime=SHORT) as server:
        aws.server(server)
        assume_role(aws, server)
        client = own_client(local, config=Config(retries={"total_max_attempts": 2}))

        with pytest.raises(ibd.CredentialsError, match="AssumeRole") as caught:
            update(client)

    assert signed_with == ["FIRST"]
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

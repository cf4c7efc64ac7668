"""
Connection failures over a real socket: may the request have been applied?
"""

import json
import socket
from typing import Any

import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

from .calls import Connect, update


def test_a_refused_connection_was_certainly_not_applied(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(f"http://127.0.0.1:{port}"))

    assert caught.value.may_have_been_applied is False
    assert caught.value.client_token == "a token"
    assert caught.value.operation == "UpdateDistributionConfiguration"
    assert caught.value.__cause__ is not None


def test_a_connection_closed_without_a_response_may_have_been_applied(connect: Connect) -> None:
    with FaultyServer(None) as server, pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(server.url))

    assert caught.value.may_have_been_applied is True
    assert json.loads(server.received[0])["clientToken"] == "a token"


def test_a_response_cut_short_is_an_error(connect: Connect) -> None:
    """
    Newer botocores treat the part that arrived as the whole response.
    """
    response = http("200 OK", b'{"requestId": "an', length=100)
    with FaultyServer(response) as server, pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(server.url))

    assert caught.value.may_have_been_applied is True
    assert caught.value.client_token == "a token"


def test_a_response_that_does_not_come_in_time_may_have_been_applied(connect: Connect) -> None:
    with FaultyServer() as server, pytest.raises(ibd.RequestTimeoutError) as caught:
        update(connect(server.url, read_timeout=0.1))

    assert caught.value.may_have_been_applied is True
    assert caught.value.client_token == "a token"


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_connection_refused_after_an_attempt_without_a_response_may_have_been_applied(
    connect: Connect, mode: str
) -> None:
    """
    Botocore reports only its last attempt; an earlier one may have reached the service.
    """
    with FaultyServer(None, then_refuse=True) as server, pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(server.url, attempts=2, mode=mode))

    assert "Could not connect" in str(caught.value)
    assert caught.value.may_have_been_applied is True


@pytest.mark.parametrize("mode", ["legacy", "standard"])
@pytest.mark.parametrize(
    ("status", "code", "may_have_been_applied"),
    [("500 Internal Server Error", "ServiceException", True), ("400 Bad Request", "ThrottlingException", False)],
)
def test_a_connection_refused_after_a_response_may_have_been_applied_if_the_server_failed(
    connect: Connect, mode: str, status: str, code: str, may_have_been_applied: bool
) -> None:
    response = http(status, b"{}", headers=[f"x-amzn-ErrorType: {code}"])
    with (
        FaultyServer(response, then_refuse=True) as server,
        pytest.raises(ibd.ConnectionFailedError) as caught,
    ):
        update(connect(server.url, attempts=2, mode=mode))

    assert caught.value.may_have_been_applied is may_have_been_applied


def test_no_credentials_is_a_credentials_error(local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(
        session=boto3.Session(), region_name="us-west-2", endpoint_url=local.url
    )

    with pytest.raises(ibd.CredentialsError) as caught:
        update(client)

    assert caught.value.client_token == "a token"
    assert "Unable to locate credentials" in str(caught.value)


@pytest.mark.parametrize(
    "response",
    [
        http("200 OK", b""),
        http("204 No Content", b""),
        http("103 Early Hints", b""),
        b"HTTP/1.1 200 OK\r\nContent-Ty",
    ],
    ids=["200", "204", "103", "cut in the headers"],
)
def test_a_write_is_retried_with_its_token_if_nothing_came_but_a_status(session: Any, response: bytes) -> None:
    applied = http("200 OK", b'{"requestId": "an id"}')
    with FaultyServer(response, applied) as server:
        client = ibd.DistributionConfigurationClient(
            session=session, endpoint_url=server.url, retries=ibd.Retries(sleep=lambda _: None)
        )
        result = client.update_distribution_configuration(ARN, [EVERYTHING])

    assert [json.loads(body)["clientToken"] for body in server.received] == [result.client_token] * 2


def test_a_write_without_a_response_may_have_been_applied(connect: Connect) -> None:
    with FaultyServer(http("204 No Content", b"")) as server, pytest.raises(ibd.ResponseError) as caught:
        update(connect(server.url))

    assert caught.value.may_have_been_applied
    assert caught.value.retryable
    assert "it is empty" in str(caught.value)


def test_another_user_of_the_same_client_sees_botocores_own_errors(session: Any) -> None:
    config = Config(retries={"total_max_attempts": 1, "mode": "legacy"})
    with FaultyServer(http("200 OK", b"[]"), None) as server:
        theirs = session.client("imagebuilder", endpoint_url=server.url, config=config)
        ibd.DistributionConfigurationClient(theirs)

        with pytest.raises(AttributeError):
            theirs.get_distribution_configuration(distributionConfigurationArn=ARN)
        with pytest.raises(theirs.exceptions.ClientError.__mro__[-2], match="Connection was closed"):
            theirs.get_distribution_configuration(distributionConfigurationArn=ARN)

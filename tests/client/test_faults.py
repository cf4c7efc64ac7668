"""
Every failure that isn't the service's no, provoked over a real socket.
"""

import json
import socket
from collections.abc import Callable
from typing import Any

import attrs
import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.faulty import FaultyServer, http
from tests.shapes import ARN, EVERYTHING

Connect = Callable[..., ibd.DistributionConfigurationClient]


@pytest.fixture
def connect(session: Any) -> Connect:
    def make(url: str, attempts: int = 1, mode: Any = "legacy", **options: Any) -> ibd.DistributionConfigurationClient:
        config = Config(retries={"total_max_attempts": attempts, "mode": mode}, **options)
        theirs = session.client("imagebuilder", endpoint_url=url, config=config)
        return ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(attempts=attempts))

    return make


def update(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(ARN, [EVERYTHING], client_token="a token")


def test_a_refused_connection_was_certainly_not_applied(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(f"http://127.0.0.1:{port}"))

    assert caught.value.may_have_been_applied is False
    assert caught.value.client_token == "a token"
    assert caught.value.operation == "UpdateDistributionConfiguration"
    assert caught.value.__cause__ is not None


def test_a_connection_closed_without_an_answer_may_have_been_applied(connect: Connect) -> None:
    with FaultyServer(None) as server, pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(server.url))

    assert caught.value.may_have_been_applied is True
    assert json.loads(server.received[0])["clientToken"] == "a token"


def test_an_answer_cut_short_is_an_error(connect: Connect) -> None:
    """
    Newer botocores take what came of it for the whole.
    """
    answer = http("200 OK", b'{"requestId": "an', length=100)
    with FaultyServer(answer) as server, pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(server.url))

    assert caught.value.may_have_been_applied is True
    assert caught.value.client_token == "a token"


def test_an_answer_that_does_not_come_in_time_may_have_been_applied(connect: Connect) -> None:
    with FaultyServer() as server, pytest.raises(ibd.RequestTimeoutError) as caught:
        update(connect(server.url, read_timeout=0.1))

    assert caught.value.may_have_been_applied is True
    assert caught.value.client_token == "a token"


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_connection_refused_after_an_attempt_without_an_answer_may_have_been_applied(
    connect: Connect, mode: str
) -> None:
    """
    botocore reports its last attempt only; the one before may have reached the service.
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
def test_a_connection_refused_after_an_answer_may_have_been_applied_where_the_server_failed(
    connect: Connect, mode: str, status: str, code: str, may_have_been_applied: bool
) -> None:
    answer = http(status, b"{}", headers=[f"x-amzn-ErrorType: {code}"])
    with (
        FaultyServer(answer, then_refuse=True) as server,
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
    ("body", "reason"),
    [
        (b"<html>welcome</html>", "it isn't JSON"),
        (b'{"requestId": "an', "it isn't JSON"),
        (b"\xff\xfe", "it doesn't have the documented shape"),
        (b"[]", "it doesn't have the documented shape"),
        (b'"yes"', "it doesn't have the documented shape"),
        (b"[" * 100_000 + b"]" * 100_000, "it doesn't have the documented shape"),
        (b'{"requestId": 5}', "requestId (type)"),
        ("\ufeff{}".encode(), "it isn't JSON"),
        ('{"requestId": "an id"}'.encode("utf-16"), "it doesn't have the documented shape"),
        (b"{}", "it has none of requestId, clientToken, distributionConfigurationArn"),
        (b'{"requestId": null}', "it has none of"),
        (b'{"brandNew": 1}', "it has none of"),
        (b'{"__type": "InternalFailure"}', "it has none of"),
        (b'{"requestId": "an id", "clientToken": "another"}', "its clientToken isn't the request's"),
        (b'{"distributionConfigurationArn": "another"}', "its distributionConfigurationArn isn't the request's"),
        (b'{"distributionConfigurationArn": []}', "its distributionConfigurationArn isn't the request's"),
    ],
)
def test_an_answer_that_nobody_can_read_is_a_response_error(connect: Connect, body: bytes, reason: str) -> None:
    with FaultyServer(http("200 OK", body)) as server, pytest.raises(ibd.ResponseError) as caught:
        update(connect(server.url))

    assert reason in str(caught.value)
    assert caught.value.http_status == 200
    assert caught.value.client_token == "a token"


@pytest.mark.parametrize(
    "body",
    [
        b'{"requestId": "an id"}',
        b'{"clientToken": "a token"}',
        b'{"distributionConfigurationArn": "%b", "clientToken": null}' % ARN.encode(),
    ],
)
def test_an_update_may_be_answered_with_one_member(connect: Connect, body: bytes) -> None:
    with FaultyServer(http("200 OK", body)) as server:
        result = update(connect(server.url))

    assert attrs.evolve(result, warnings=()) == ibd.UpdateDistributionConfigurationResult(
        request_id="an id", client_token="a token", distribution_configuration_arn=ARN
    )


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b""),
        http("204 No Content", b""),
        http("103 Early Hints", b""),
        b"HTTP/1.1 200 OK\r\nContent-Ty",
    ],
    ids=["200", "204", "103", "cut in the headers"],
)
def test_a_write_is_retried_with_its_token_if_nothing_came_but_a_status(session: Any, answer: bytes) -> None:
    applied = http("200 OK", b'{"requestId": "an id"}')
    with FaultyServer(answer, applied) as server:
        client = ibd.DistributionConfigurationClient(
            session=session, endpoint_url=server.url, retries=ibd.Retries(sleep=lambda _: None)
        )
        result = client.update_distribution_configuration(ARN, [EVERYTHING])

    assert [json.loads(body)["clientToken"] for body in server.received] == [result.client_token] * 2


def test_a_write_that_nothing_answers_may_have_been_applied(connect: Connect) -> None:
    with FaultyServer(http("204 No Content", b"")) as server, pytest.raises(ibd.ResponseError) as caught:
        update(connect(server.url))

    assert caught.value.may_have_been_applied
    assert caught.value.retryable
    assert "it is empty" in str(caught.value)


@pytest.mark.parametrize("body", [b"[]", b'"yes"', b"5"])
def test_a_body_that_is_not_an_object_is_a_response_error(connect: Connect, body: bytes) -> None:
    """
    botocore looks for nothing in the response to a tag, so it doesn't notice.
    """
    with FaultyServer(http("200 OK", body)) as server, pytest.raises(ibd.ResponseError) as caught:
        connect(server.url).tag_resource(ARN, {"a": "b"})

    assert "it isn't a JSON object" in str(caught.value)
    assert caught.value.may_have_been_applied


def test_a_create_needs_an_arn(connect: Connect) -> None:
    with FaultyServer(http("200 OK", b'{"requestId": "an id"}')) as server, pytest.raises(ibd.ResponseError) as caught:
        connect(server.url).create_distribution_configuration("web", [EVERYTHING])

    assert "it has no distributionConfigurationArn" in str(caught.value)
    assert "stub" not in str(caught.value)
    assert caught.value.may_have_been_applied


def test_a_response_for_another_resource_is_an_error(connect: Connect) -> None:
    other = json.dumps({"distributionConfiguration": {"arn": ARN + "x", "distributions": []}}).encode()
    with FaultyServer(http("200 OK", other)) as server, pytest.raises(ibd.ResponseError, match="its arn isn't"):
        connect(server.url).get_distribution_configuration(ARN)
    deleted = json.dumps({"distributionConfigurationArn": ARN + "x"}).encode()
    with FaultyServer(http("200 OK", deleted)) as server, pytest.raises(ibd.ResponseError) as caught:
        connect(server.url).delete_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied


@pytest.mark.parametrize(
    "configuration",
    [
        {"distributions": 5},
        {"distributions": [5]},
        {"distributions": {"region": "us-west-2"}},
        {"distributions": [{"amiDistributionConfiguration": {}}]},
        {"tags": ["a"]},
        [],
    ],
)
def test_a_configuration_of_another_shape_is_a_response_error(connect: Connect, configuration: object) -> None:
    body = json.dumps({"distributionConfiguration": configuration}).encode()

    with FaultyServer(http("200 OK", body)) as server, pytest.raises(ibd.ResponseError) as caught:
        connect(server.url).get_distribution_configuration(ARN)

    assert caught.value.request_id == "an id"


def test_members_and_values_that_came_later_do_not_break_a_read(connect: Connect) -> None:
    body = json.dumps(
        {
            "distributionConfiguration": {
                "hue": "blue",
                "distributions": [
                    {
                        "region": "us-west-2",
                        "shade": 1,
                        "s3ExportConfiguration": {
                            "roleName": "r",
                            "diskImageFormat": "QCOW2",
                            "s3Bucket": "b",
                        },
                    }
                ],
            }
        }
    ).encode()

    with FaultyServer(http("200 OK", body)) as server:
        configuration = connect(server.url).get_distribution_configuration(ARN)

    export = configuration.distributions[0].s3_export_configuration
    assert export is not None
    assert str(export.disk_image_format) == "QCOW2"


@pytest.mark.parametrize(
    ("status", "body", "headers", "code"),
    [
        ("502 Bad Gateway", b"<html>bad gateway</html>", [], "502"),
        ("400 Bad Request", b'{"__type": "ValidationError", "Message": "why"}', [], "ValidationError"),
        (
            "403 Forbidden",
            b'{"message": "why"}',
            ["x-amzn-ErrorType: ExpiredTokenException:"],
            "ExpiredTokenException",
        ),
        (
            "429 Too Many Requests",
            b'{"__type": "com.amazonaws.imagebuilder#CallRateLimitExceededException", "message": "why"}',
            [],
            "CallRateLimitExceededException",
        ),
    ],
)
def test_an_error_is_found_wherever_the_service_puts_it(
    connect: Connect, status: str, body: bytes, headers: list[str], code: str
) -> None:
    with FaultyServer(http(status, body, headers=headers)) as server, pytest.raises(ibd.ApiError) as caught:
        update(connect(server.url))

    assert caught.value.code == code
    assert caught.value.http_status == int(status[:3])
    assert caught.value.request_id == "an id"


def test_an_error_that_nobody_can_read_is_a_response_error(connect: Connect) -> None:
    with FaultyServer(http("400 Bad Request", b"[]")) as server, pytest.raises(ibd.ResponseError) as caught:
        update(connect(server.url))

    assert caught.value.http_status == 400


def test_an_answer_that_nobody_can_read_counts_as_an_attempt(connect: Connect) -> None:
    failed = http("503 Service Unavailable", b"{}")
    with FaultyServer(failed, http("200 OK", b"[]")) as server, pytest.raises(ibd.ResponseError) as caught:
        update(connect(server.url, attempts=2, mode="standard"))

    assert caught.value.attempts == 2


def test_another_user_of_the_same_client_sees_botocores_own_errors(session: Any) -> None:
    config = Config(retries={"total_max_attempts": 1, "mode": "legacy"})
    with FaultyServer(http("200 OK", b"[]"), None) as server:
        theirs = session.client("imagebuilder", endpoint_url=server.url, config=config)
        ibd.DistributionConfigurationClient(theirs)

        with pytest.raises(AttributeError):
            theirs.get_distribution_configuration(distributionConfigurationArn=ARN)
        with pytest.raises(theirs.exceptions.ClientError.__mro__[-2], match="Connection was closed"):
            theirs.get_distribution_configuration(distributionConfigurationArn=ARN)

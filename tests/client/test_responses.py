"""
Responses of every kind, over a real socket: what is read, and what raises a `ResponseError`.
"""

import json

import attrs
import pytest

import imagebuilder_dist as ibd
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

from .calls import Connect, update


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>welcome</html>", "it isn't JSON"),
        (b'{"requestId": "an', "it isn't JSON"),
        (b"\xff\xfe", "it doesn't have the documented shape"),
        (b"[]", "it doesn't have the documented shape"),
        (b'"yes"', "it doesn't have the documented shape"),
        (b"[" * 100_000 + b"]" * 100_000, "it doesn't have the documented shape"),
        (b'{"requestId": 5}', "it doesn't have the documented shape"),
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
def test_an_unreadable_response_is_a_response_error(connect: Connect, body: bytes, reason: str) -> None:
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
def test_the_response_to_an_update_may_have_one_member(connect: Connect, body: bytes) -> None:
    with FaultyServer(http("200 OK", body)) as server:
        result = update(connect(server.url))

    assert attrs.evolve(result, warnings=()) == ibd.UpdateDistributionConfigurationResult(
        request_id="an id", client_token="a token", distribution_configuration_arn=ARN
    )


@pytest.mark.parametrize("body", [b"[]", b'"yes"', b"5"])
def test_a_body_that_is_not_an_object_is_a_response_error(connect: Connect, body: bytes) -> None:
    """
    Botocore expects nothing in the response to a tag, so it doesn't notice.
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


def test_an_unreadable_response_counts_as_an_attempt(connect: Connect) -> None:
    failed = http("503 Service Unavailable", b"{}")
    with FaultyServer(failed, http("200 OK", b"[]")) as server, pytest.raises(ibd.ResponseError) as caught:
        update(connect(server.url, attempts=2, mode="standard"))

    assert caught.value.attempts == 2

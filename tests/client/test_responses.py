"""
Responses and failures of every kind, over a real socket: what is read, and what may have been applied.
"""

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import attrs
import pytest

import imagebuilder_dist as ibd
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

from .helpers import Connect, update


def got(client: ibd.DistributionConfigurationClient) -> ibd.DistributionConfiguration:
    return client.get_distribution_configuration(ARN)


def updated(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return update(client, "a token")


def tagged(client: ibd.DistributionConfigurationClient) -> object:
    return client.tag_resource(ARN, {"a": "b"})


def deleted(client: ibd.DistributionConfigurationClient) -> object:
    return client.delete_distribution_configuration(ARN)


def created(client: ibd.DistributionConfigurationClient) -> object:
    return client.create_distribution_configuration("web", [EVERYTHING])


@pytest.mark.parametrize(
    ("call", "body", "reason"),
    [
        (updated, b"<html>welcome</html>", "it isn't JSON"),
        (updated, "\ufeff{}".encode(), "it isn't JSON"),
        (updated, b"\xff\xfe", "it doesn't have the documented shape"),
        (updated, b"[]", "it doesn't have the documented shape"),
        (updated, b"[" * 100_000 + b"]" * 100_000, "it doesn't have the documented shape"),
        (updated, b'{"requestId": 5}', "it doesn't have the documented shape"),
        (updated, b"{}", "it has none of requestId, clientToken, distributionConfigurationArn"),
        (updated, b'{"requestId": null}', "it has none of"),
        (updated, b'{"requestId": "an id", "clientToken": "another"}', "its clientToken isn't the request's"),
        (updated, b'{"distributionConfigurationArn": "another"}', "its distributionConfigurationArn isn't the request"),
        # Botocore expects nothing in the response to a tag, so it doesn't notice.
        (tagged, b"[]", "it isn't a JSON object"),
        (created, b'{"requestId": "an id"}', "documented shape: distributionConfigurationArn (required)"),
        (got, b'{"distributionConfiguration": {"arn": "another", "distributions": []}}', "its arn isn't"),
        (got, b'{"distributionConfiguration": {"distributions": 5}}', ""),
        (got, b'{"distributionConfiguration": []}', ""),
    ],
)
def test_an_unreadable_response_is_a_response_error(
    connect: Connect, call: Callable[[Any], Any], body: bytes, reason: str
) -> None:
    with FaultyServer(http("200 OK", body)) as server, pytest.raises(ibd.ResponseError) as caught:
        call(connect(server.url))

    assert reason in str(caught.value)
    assert "stub" not in str(caught.value)
    assert (caught.value.http_status, caught.value.request_id) == (200, "an id")
    assert caught.value.may_have_been_applied is (call is not got)
    assert caught.value.client_token == ("a token" if call is updated else caught.value.client_token)


def listed(client: ibd.DistributionConfigurationClient) -> object:
    return list(client.list_distribution_configurations())


@pytest.mark.parametrize(
    ("call", "response", "reason"),
    [
        (got, {}, "it has no distributionConfiguration"),
        (got, {"distributionConfiguration": {"name": 5}}, r"name \(type\)"),
        (got, None, "it is None"),
        (listed, {"distributionConfigurationSummaryList": {}}, "isn't a list"),
        (listed, {"distributionConfigurationSummaryList": [5]}, r"the whole \(type\)"),
        (listed, {"nextToken": "again"}, "its nextToken isn't a new one"),
        (listed, {"nextToken": []}, "its nextToken isn't a new one"),
    ],
)
def test_what_only_a_fake_returns_is_a_response_error(call: Callable[[Any], Any], response: Any, reason: str) -> None:
    mock = MagicMock()
    mock.get_distribution_configuration.return_value = response
    mock.list_distribution_configurations.return_value = response

    with pytest.raises(ibd.ResponseError, match=rf"^the response to \w+ can't be read: .*{reason}"):
        call(ibd.DistributionConfigurationClient(mock))


@pytest.mark.parametrize(
    "body", [b'{"requestId": "an id"}', b'{"distributionConfigurationArn": "%b", "clientToken": null}' % ARN.encode()]
)
def test_the_response_to_an_update_may_have_one_member(connect: Connect, body: bytes) -> None:
    with FaultyServer(http("200 OK", body)) as server:
        result = updated(connect(server.url))

    assert attrs.evolve(result, warnings=()) == ibd.UpdateDistributionConfigurationResult(
        request_id="an id", client_token="a token", distribution_configuration_arn=ARN
    )


@pytest.mark.parametrize(
    ("status", "body", "header", "code"),
    [
        ("502 Bad Gateway", b"<html>bad gateway</html>", "x: y", "502"),
        ("400 Bad Request", b'{"code": 5, "message": {"a": 1}}', "x: y", "5"),
        ("403 Forbidden", b'{"message": "why"}', "x-amzn-ErrorType: ExpiredTokenException:", "ExpiredTokenException"),
        ("429 Too Many Requests", b'{"__type": "com.amazonaws#TooManyRequests"}', "x: y", "TooManyRequests"),
    ],
)
def test_an_error_is_found_wherever_the_service_puts_it(
    connect: Connect, status: str, body: bytes, header: str, code: str
) -> None:
    with FaultyServer(http(status, body, headers=[header])) as server, pytest.raises(ibd.ApiError) as caught:
        update(connect(server.url))

    assert caught.value.code == code
    assert caught.value.http_status == int(status[:3])
    assert caught.value.request_id == "an id"


SERVER_FAILED = http("500 Internal Server Error", b"{}", headers=["x-amzn-ErrorType: ServiceException"])
THROTTLING = http("400 Bad Request", b"{}", headers=["x-amzn-ErrorType: ThrottlingException"])
CUT = http("200 OK", b'{"requestId": "an', length=100)


@pytest.mark.parametrize(
    ("answers", "options", "error", "text"),
    [
        ([None], {}, ibd.ConnectionFailedError, "Connection was closed"),
        # Newer botocores treat the part that arrived as the whole response.
        ([CUT], {}, ibd.ConnectionFailedError, ""),
        ([], {"read_timeout": 0.1}, ibd.RequestTimeoutError, "Read timeout"),
        ([http("204 No Content", b"")], {}, ibd.ResponseError, "it is empty"),
        ([http("400 Bad Request", b"[]")], {}, ibd.ResponseError, ""),
    ],
    ids=["closed", "cut", "late", "empty", "unreadable"],
)
def test_a_write_without_a_response_may_have_been_applied(
    connect: Connect, answers: list[bytes | None], options: Any, error: type[ibd.TransportError], text: str
) -> None:
    with FaultyServer(*answers) as server, pytest.raises(error) as caught:
        updated(connect(server.url, **options))

    assert type(caught.value) is error
    assert text in str(caught.value)
    assert (caught.value.may_have_been_applied, caught.value.client_token) == (True, "a token")
    assert [json.loads(body)["clientToken"] for body in server.received][:1] == ["a token"]


@pytest.mark.usefixtures("_botocore_does_not_sleep")
@pytest.mark.parametrize(
    ("first", "may_have_been_applied"),
    [(None, True), (SERVER_FAILED, True), (THROTTLING, False)],
    ids=["closed", "500", "throttled"],
)
def test_a_connection_refused_in_botocores_second_attempt_says_what_the_first_one_may_have_done(
    connect: Connect, first: bytes | None, may_have_been_applied: bool
) -> None:
    """
    Botocore reports only its last attempt.
    """
    with FaultyServer(first, then_refuse=True) as server, pytest.raises(ibd.ConnectionFailedError) as caught:
        update(connect(server.url, attempts=2, mode="standard"))

    assert "Could not connect" in str(caught.value)
    assert caught.value.may_have_been_applied is may_have_been_applied


@pytest.mark.parametrize(
    "response",
    [
        http("200 OK", b""),
        http("103 Early Hints", b""),
        b"HTTP/1.1 200 OK\r\nContent-Ty",
    ],
    ids=["200", "103", "cut in the headers"],
)
def test_a_write_is_retried_with_its_token_if_nothing_came_but_a_status(session: Any, response: bytes) -> None:
    applied = http("200 OK", b'{"requestId": "an id"}')
    with FaultyServer(response, applied) as server:
        client = ibd.DistributionConfigurationClient(
            session=session, endpoint_url=server.url, retries=ibd.Retries(sleep=lambda _: None)
        )
        result = client.update_distribution_configuration(ARN, [EVERYTHING])

    assert [json.loads(body)["clientToken"] for body in server.received] == [result.client_token] * 2

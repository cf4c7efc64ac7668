"""
Responses and failures of every kind, over a real socket: what is read, and what may have been applied.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import attrs
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import Delay, Fault, LocalImageBuilder, Reply
from tests.samples import ARN, EVERYTHING

from .helpers import FAILED, LOST, THROTTLED, UPDATE, Connect, NoConnection, update

ID = {"x-amzn-RequestId": "an id"}


def got(client: ibd.DistributionConfigurationClient) -> ibd.DistributionConfiguration:
    return client.get_distribution_configuration(ARN)


def updated(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return update(client, "a token")


def tagged(client: ibd.DistributionConfigurationClient) -> object:
    return client.tag_resource(ARN, {"a": "b"})


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
    connect: Connect, local: LocalImageBuilder, call: Callable[[Any], Any], body: bytes, reason: str
) -> None:
    local.inject(Reply(200, ID, body))
    with pytest.raises(ibd.ResponseError) as caught:
        call(connect(local.url))

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
def test_the_response_to_an_update_may_have_one_member(connect: Connect, local: LocalImageBuilder, body: bytes) -> None:
    local.inject(Reply(200, ID, body))
    result = updated(connect(local.url))

    assert attrs.evolve(result, warnings=()) == ibd.UpdateDistributionConfigurationResult(
        request_id="an id", client_token="a token", distribution_configuration_arn=ARN
    )


@pytest.mark.parametrize(
    ("status", "body", "header", "code"),
    [
        (502, b"<html>bad gateway</html>", None, "502"),
        (400, b'{"code": 5, "message": {"a": 1}}', None, "5"),
        (403, b'{"message": "why"}', "ExpiredTokenException:", "ExpiredTokenException"),
        (429, b'{"__type": "com.amazonaws#TooManyRequests"}', None, "TooManyRequests"),
    ],
)
def test_an_error_is_found_wherever_the_service_puts_it(
    connect: Connect, local: LocalImageBuilder, status: int, body: bytes, header: str | None, code: str
) -> None:
    local.inject(Reply(status, {**ID, **({"x-amzn-ErrorType": header} if header else {})}, body))
    with pytest.raises(ibd.ApiError) as caught:
        update(connect(local.url))

    assert (caught.value.code, caught.value.http_status, caught.value.request_id) == (code, status, "an id")


@pytest.mark.parametrize(
    ("fault", "options", "error", "text"),
    [
        (LOST, {}, ibd.ConnectionFailedError, "Connection was closed"),
        # Newer botocores treat the part that arrived as the whole response.
        (Reply(200, {"Content-Length": "100"}, b'{"requestId": "an'), {}, ibd.ConnectionFailedError, ""),
        (Delay(60), {"read_timeout": 0.1}, ibd.RequestTimeoutError, "Read timeout"),
        (Reply(204, {}, b""), {}, ibd.ResponseError, "it is empty"),
        (Reply(400, {}, b"[]"), {}, ibd.ResponseError, ""),
    ],
    ids=["closed", "cut", "late", "empty", "unreadable"],
)
def test_a_write_without_a_response_may_have_been_applied(
    connect: Connect,
    local: LocalImageBuilder,
    fault: Fault,
    options: Any,
    error: type[ibd.ImageBuilderDistError],
    text: str,
) -> None:
    local.inject(fault)
    with pytest.raises(error) as caught:
        updated(connect(local.url, **options))

    assert type(caught.value) is error
    assert text in str(caught.value)
    assert (caught.value.may_have_been_applied, caught.value.client_token) == (True, "a token")
    assert [request.client_token for request in local.requests] == ["a token"]


@pytest.mark.usefixtures("_botocore_does_not_sleep")
@pytest.mark.parametrize(("first", "may_have_been_applied"), [(LOST, True), (FAILED, True), (THROTTLED, False)])
def test_a_connection_refused_in_botocores_second_attempt_says_what_the_first_one_may_have_done(
    session: Any, first: Fault, may_have_been_applied: bool
) -> None:
    """
    Botocore reports only its last attempt.
    """
    local = LocalImageBuilder()
    theirs = session.client("imagebuilder", config=Config(retries={"total_max_attempts": 2, "mode": "standard"}))
    client = ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(attempts=2))
    local.attach(theirs)
    local.inject(first, NoConnection())
    with pytest.raises(ibd.ConnectionFailedError, match="Could not connect") as caught:
        update(client)

    assert caught.value.may_have_been_applied is may_have_been_applied


@pytest.mark.parametrize("status", [200, 103])
def test_a_write_is_retried_with_its_token_if_nothing_came_but_a_status(
    client: ibd.DistributionConfigurationClient, local: LocalImageBuilder, status: int
) -> None:
    local.put(ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING]))
    local.inject(Reply(status, {}, b""), operation=UPDATE)

    token = update(client).client_token

    assert [request.client_token for request in local.requests] == [token] * 2

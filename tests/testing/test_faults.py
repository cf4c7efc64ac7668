"""
Faults that a user's test injects, over a socket and in the process.
"""

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AnswerError,
    ChangedBySomebodyElse,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Exchange,
    LocalImageBuilder,
    Reply,
    TruncateBody,
)

from .samples import CREATE, PREFIX, Client, create, described

DELETE = "DeleteDistributionConfiguration"


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (AnswerError("CallRateLimitExceededException"), "CallRateLimitExceededException", 429),
        (AnswerError("ServiceQuotaExceededException"), "ServiceQuotaExceededException", 402),
        (AnswerError("BrandNewException"), "BrandNewException", 400),
        (AnswerError("BrandNewException", 418), "BrandNewException", 418),
        (Reply(502, {"Content-Type": "text/html"}, b"<html>"), "502", 502),
        (Reply(503, {"x-amzn-ErrorType": "Mine"}, b"{}"), "Mine", 503),
    ],
)
def test_an_error_is_returned(local: LocalImageBuilder, client_of: Client, fault: Any, code: str, status: int) -> None:
    local.inject(fault)

    with pytest.raises(ClientError) as caught:
        create(client_of())

    response: Any = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert local.stored() == ()


@pytest.mark.parametrize(("fault", "applied"), [(CloseBeforeReading(), False), (CloseAfterApplying(), True)])
def test_a_connection_is_closed(local: LocalImageBuilder, client_of: Client, fault: Any, *, applied: bool) -> None:
    local.inject(fault)

    with pytest.raises(ConnectionClosedError):
        create(client_of())

    assert len(local.stored()) == applied
    assert [request.applied for request in local.requests] == [applied]


def test_a_delay_within_the_timeout_is_only_that(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(Delay(0.2))
    client = client_of(read_timeout=60)
    before = local.clock()

    create(client)

    assert local.clock() - before >= 0.2
    assert len(local.stored()) == 1


def test_a_delay_beyond_the_timeout_is_a_timeout(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(Delay(60))

    with pytest.raises(ReadTimeoutError):
        create(client_of(read_timeout=0.1))

    assert local.stored() == ()


def test_a_response_is_cut_off(local: LocalImageBuilder, connection: http.client.HTTPConnection) -> None:
    local.inject(TruncateBody())

    connection.request("GET", "/tags/x")
    response = connection.getresponse()
    whole = response.length or 0
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()

    assert whole > 50
    assert len(caught.value.partial) == whole // 2


def test_a_fault_of_your_own(local: LocalImageBuilder, client_of: Client) -> None:
    class Twice:
        def answer(self, exchange: Exchange, /) -> Reply:
            exchange.answer()
            reply = exchange.answer()
            return attrs.evolve(reply, body=reply.body.replace(b"configuration/web", b"configuration/api"))

    local.inject(Twice())

    assert create(client_of(), clientToken="t") == PREFIX + "api"
    assert [request.applied for request in local.requests] == [True]


def test_a_fault_of_your_own_that_fails_shows_where(
    session: Any, local: LocalImageBuilder, capfd: pytest.CaptureFixture[str]
) -> None:
    class Buggy:
        def answer(self, _exchange: Exchange, /) -> Reply:
            raise RuntimeError("a bug in the fault")

    local.inject(Buggy())
    once = Config(retries={"total_max_attempts": 1, "mode": "standard"})

    with pytest.raises(ConnectionClosedError):
        create(session.client("imagebuilder", endpoint_url=local.url, config=once))
    local.stop()

    assert "a bug in the fault" in capfd.readouterr().err


def test_a_request_that_is_delayed_does_not_hold_up_the_end(session: Any) -> None:
    arrived = threading.Event()

    class Endless(Delay):
        def answer(self, exchange: Exchange, /) -> Reply:
            arrived.set()
            return super().answer(exchange)

    with ThreadPoolExecutor() as pool, LocalImageBuilder() as local:
        local.inject(Endless(86_400))
        once = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=86_400)
        pool.submit(create, session.client("imagebuilder", endpoint_url=local.url, config=once))
        assert arrived.wait(60)

    assert [request.operation for request in local.requests] == ["CreateDistributionConfiguration"]


def test_faults_strike_in_the_order_given_and_only_the_operation_asked_for(
    local: LocalImageBuilder, client_of: Client
) -> None:
    client = client_of()
    local.inject(times=None)  # of nothing
    local.inject(AnswerError("A"), AnswerError("B"), times=2, operation=DELETE)
    local.inject(AnswerError("C"), times=None, operation=DELETE)
    seen: list[str] = []

    for _ in range(8):
        client.list_distribution_configurations()
        with pytest.raises(ClientError) as caught:
            client.delete_distribution_configuration(distributionConfigurationArn=PREFIX + "web")
        response: Any = caught.value.response
        seen.append(response["Error"]["Code"])

    assert seen == ["A", "B", "A", "B", "C", "C", "C", "C"]


def test_what_is_forbidden_fails_where_it_is_done() -> None:
    local = LocalImageBuilder()
    client = local.client()
    local.put(CREATE)
    local.forbid(DELETE, "TagResource")

    for _ in range(2):
        with pytest.raises(AssertionError, match=r"^DeleteDistributionConfiguration must not happen.*tion/web"):
            client.delete_distribution_configuration(PREFIX + "web")
    with pytest.raises(AssertionError, match="TagResource must not happen"):
        client.tag_resource(PREFIX + "web", {"a": "b"})

    assert client.get_distribution_configuration(PREFIX + "web").tags == {"team": "web"}
    local.forbid()
    with pytest.raises(AssertionError, match="GetDistributionConfiguration must not happen"):
        client.get_distribution_configuration(PREFIX + "web")


def throttled(client: Any, count: int) -> list[bool]:
    found: list[bool] = []
    for _ in range(count):
        try:
            client.list_distribution_configurations()
        except client.exceptions.CallRateLimitExceededException:
            found.append(True)
        else:
            found.append(False)
    return found


def test_what_comes_too_fast_is_throttled(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    local.throttle(per_second=0.002, burst=3)

    assert throttled(client, 5) == [False, False, False, True, True]
    for other in ({"region_name": "eu-west-1"}, {"account_id": "444455556666"}):  # which has a bucket of its own
        assert [*local.client(**other, retries=ibd.Retries(attempts=1)).list_distribution_configurations()] == []
    local.clock.sleep(1000)
    assert throttled(client, 3) == [False, False, True]
    local.clock.sleep(60_000)
    assert throttled(client, 4) == [False, False, False, True]


def test_a_throttle_lets_its_clients_through_after_what_they_would_have_waited() -> None:
    local = LocalImageBuilder()
    stored = local.put(CREATE)
    local.throttle(per_second=2, burst=1)
    client = local.client()

    for _ in range(5):
        client.get_distribution_configuration(stored.arn)

    assert len([each for each in local.requests if each.status is None]) >= 3


def test_faults_can_be_taken_back(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(AnswerError("CallRateLimitExceededException"), times=9)
    local.throttle(per_second=0, burst=1)
    local.forbid()

    local.clear_faults()

    assert throttled(client_of(), 3) == [False, False, False]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda local: local.inject(Delay(1), operation="UpdateDistribution"), "operation must be one of Creat"),
        (lambda local: local.forbid("Delete"), "operation must be one of CreateDistributionConfiguration, "),
        (lambda local: local.client(account_id="4444"), "account_id must be 12 digits, not '4444'"),
        (lambda local: local.put(ibd.DistributionConfiguration(arn="web")), "'web' isn't the ARN of a distribution"),
    ],
)
def test_what_makes_no_sense_is_rejected(wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong(LocalImageBuilder())


def test_another_writer_comes_before_a_write() -> None:
    local = LocalImageBuilder()
    stored = local.put(CREATE)
    local.inject(ChangedBySomebodyElse(lambda now: attrs.evolve(now, tags={"a": "1", "b": "1"})))

    local.client().tag_resource(stored.arn, {"b": "2"})

    (now,) = local.stored()
    assert now.tags == {"a": "1", "b": "2"}
    assert now.date_updated is not None


def test_another_writer_needs_a_configuration() -> None:
    local = LocalImageBuilder()
    local.inject(ChangedBySomebodyElse(described("theirs")), times=2)

    with pytest.raises(ibd.ResourceNotFoundException):
        local.client().get_distribution_configuration(PREFIX + "web")
    with pytest.raises(ValueError, match="ListDistributionConfigurations isn't about a single configuration"):
        list(local.client().list_distribution_configurations())

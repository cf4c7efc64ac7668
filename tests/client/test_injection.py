"""
Faults that a user's test injects, over a socket and in-process.
"""

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AddUnknownMembers,
    AnswerError,
    AnswerNotJson,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    Exchange,
    LocalImageBuilder,
    Reply,
    TruncateBody,
)

from .injected import Client, create, names, response_of


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (AnswerError("CallRateLimitExceededException"), 429),
        (AnswerError("ServiceQuotaExceededException"), 402),
        (AnswerError("BrandNewException"), 400),
        (AnswerError("BrandNewException", 418), 418),
    ],
)
def test_an_error_is_returned_and_nothing_is_run(
    local: LocalImageBuilder, client_of: Client, fault: AnswerError, status: int
) -> None:
    local.inject(fault)

    with pytest.raises(ClientError, match="An injected fault") as caught:
        create(client_of())

    assert response_of(caught.value)["Error"]["Code"] == fault.code
    assert response_of(caught.value)["ResponseMetadata"]["HTTPStatusCode"] == status
    assert names(local) == []


def test_a_delay_within_patience_is_only_that(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(Delay(0.2))
    client = client_of(read_timeout=60)
    before = time.monotonic()

    create(client)

    assert time.monotonic() - before >= 0.2
    assert names(local) == ["web"]


def test_a_delay_beyond_patience_is_a_timeout(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(Delay(60))

    with pytest.raises(ReadTimeoutError):
        create(client_of(read_timeout=0.1))

    assert names(local) == []


def test_a_connection_closed_before_reading_ran_nothing(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(CloseBeforeReading())

    with pytest.raises(ConnectionClosedError):
        create(client_of())

    assert local.requests == ()
    assert names(local) == []


def test_a_connection_closed_after_applying_ran_it(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(CloseAfterApplying())

    with pytest.raises(ConnectionClosedError):
        create(client_of())

    assert names(local) == ["web"]


@pytest.mark.parametrize("keep", [None, 0, 5])
def test_a_truncated_response_announces_its_whole_length(local: LocalImageBuilder, keep: int | None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(local.url).port or 0, timeout=60)
    local.inject(TruncateBody(keep))

    connection.request("GET", "/tags/x")
    response = connection.getresponse()
    whole = response.length or 0
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    connection.close()

    assert whole > 50
    assert len(caught.value.partial) == (whole // 2 if keep is None else keep)


@pytest.mark.parametrize("keep", [None, 0, 5])
def test_a_truncated_response_comes_after_the_operation(session: Any, keep: int | None) -> None:
    local = LocalImageBuilder()
    client = session.client("imagebuilder")
    local.attach(client)
    received: list[Any] = []
    client.meta.events.register(
        "response-received.imagebuilder", lambda response_dict, **_: received.append(response_dict)
    )
    local.inject(TruncateBody(keep))

    create(client)

    (response,) = received
    whole = int(response["headers"]["content-length"])
    assert len(response["body"]) == (whole // 2 if keep is None else keep)
    assert [request.applied for request in local.requests] == [True]


def test_a_response_that_is_not_json_comes_after_the_operation(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(AnswerNotJson(b"<html>", 502))

    with pytest.raises(ClientError) as caught:
        create(client_of())

    assert response_of(caught.value)["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert names(local) == ["web"]


def test_unknown_members_are_everywhere_but_among_tags(local: LocalImageBuilder, client_of: Client) -> None:
    theirs = client_of()
    arn = create(theirs, tags={"brandNew": "mine"})["distributionConfigurationArn"]
    client = ibd.DistributionConfigurationClient(theirs)
    local.inject(AddUnknownMembers(), times=2)

    stored = client.get_distribution_configuration(arn)

    assert stored.tags == {"brandNew": "mine"}
    assert set(stored.unmodelled or ()) == {
        "brandNew",
        "distributions[0].amiDistributionConfiguration.brandNew",
        "distributions[0].brandNew",
    }
    with pytest.raises(ibd.UnmodelledSettingsError):
        client.edit_distribution_configuration(arn, lambda stored: attrs.evolve(stored, description="new"))


def test_a_fault_of_your_own_is_anything_that_responds(local: LocalImageBuilder, client_of: Client) -> None:
    class Renamed:
        def answer(self, exchange: Exchange, /) -> Reply:
            reply = exchange.answer()
            return Reply(reply.status, reply.headers, reply.body.replace(b"configuration/web", b"configuration/api"))

    local.inject(Renamed())

    assert create(client_of())["distributionConfigurationArn"].endswith("/api")


def test_a_fault_that_responds_without_reading_does_not_disturb_the_next(
    local: LocalImageBuilder, client_of: Client
) -> None:
    class Rash:
        def answer(self, _exchange: Exchange, /) -> Reply:
            return Reply(503, {}, b"{}")

    local.inject(Rash())
    client = client_of()

    with pytest.raises(ClientError):
        create(client)
    create(client)

    assert names(local) == ["web"]


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


def test_a_request_delayed_when_the_endpoint_stops_does_not_hold_it_up(session: Any) -> None:
    arrived = threading.Event()

    class Endless(Delay):
        def answer(self, exchange: Exchange, /) -> Reply:
            exchange.receive()
            arrived.set()
            return super().answer(exchange)

    with ThreadPoolExecutor() as pool, LocalImageBuilder() as local:
        local.inject(Endless(86_400))
        once = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=86_400)
        pool.submit(create, session.client("imagebuilder", endpoint_url=local.url, config=once))
        assert arrived.wait(60)

    assert [request.operation for request in local.requests] == ["CreateDistributionConfiguration"]

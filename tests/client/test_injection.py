"""
What a user's test lets go wrong, over a socket and inside the process.
"""

import http.client
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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
from tests.shapes import ANYTHING, ARN

Client = Callable[..., Any]


@pytest.fixture(params=["http", "in-process"])
def client_of(request: pytest.FixtureRequest, session: Any, local: LocalImageBuilder) -> Client:
    """A boto3 client without retries."""

    def make(**config: Any) -> Any:
        once = Config(retries={"total_max_attempts": 1, "mode": "standard"}, **config)
        if request.param == "http":
            return session.client("imagebuilder", endpoint_url=local.url, config=once)
        client = session.client("imagebuilder", config=once)
        local.attach(client)
        return client

    return make


def create(client: Any, name: str = "web", **members: Any) -> Any:
    return client.create_distribution_configuration(name=name, distributions=ANYTHING, **members)


def response_of(error: Any) -> Any:
    """Give a ClientError's response, which botocore's types allow to hold nothing."""
    return error.response


def names(local: LocalImageBuilder) -> list[str]:
    listed = local.boto3_client().list_distribution_configurations()["distributionConfigurationSummaryList"]
    return [each["name"] for each in listed]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (AnswerError("CallRateLimitExceededException"), 429),
        (AnswerError("ServiceQuotaExceededException"), 402),
        (AnswerError("BrandNewException"), 400),
        (AnswerError("BrandNewException", 418), 418),
    ],
)
def test_an_error_is_answered_and_nothing_is_run(
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
def test_a_truncated_answer_announces_its_whole_length(local: LocalImageBuilder, keep: int | None) -> None:
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
def test_a_truncated_answer_comes_after_the_operation(session: Any, keep: int | None) -> None:
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


def test_an_answer_that_is_no_json_comes_after_the_operation(local: LocalImageBuilder, client_of: Client) -> None:
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


def test_a_fault_of_your_own_is_anything_that_answers(local: LocalImageBuilder, client_of: Client) -> None:
    class Renamed:
        def answer(self, exchange: Exchange, /) -> Reply:
            reply = exchange.answer()
            return Reply(reply.status, reply.headers, reply.body.replace(b"configuration/web", b"configuration/api"))

    local.inject(Renamed())

    assert create(client_of())["distributionConfigurationArn"].endswith("/api")


def test_a_fault_that_answers_without_reading_does_not_disturb_the_next(
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


def test_faults_strike_in_the_order_given_and_only_the_operation_asked_for(
    local: LocalImageBuilder, client_of: Client
) -> None:
    client = client_of()
    local.inject(AnswerError("A"), AnswerError("B"), times=2, operation="DeleteDistributionConfiguration")
    seen: list[str] = []

    for _ in range(5):
        client.list_distribution_configurations()
        with pytest.raises(ClientError) as caught:
            client.delete_distribution_configuration(distributionConfigurationArn=ARN)
        seen.append(response_of(caught.value)["Error"]["Code"])

    assert seen == ["A", "B", "A", "B", "ResourceNotFoundException"]


def struck(local: LocalImageBuilder, client: Any, count: int) -> list[bool]:
    found: list[bool] = []
    for _ in range(count):
        try:
            client.list_distribution_configurations()
        except ClientError:
            found.append(True)
        else:
            found.append(False)
    return found


def test_a_seed_strikes_the_same_share_of_requests_again(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    local.inject_randomly(AnswerError("A"), rate=0.2, seed=7)
    first = struck(local, client, 200)
    local.inject_randomly(AnswerError("A"), rate=0.2, seed=7)

    assert struck(local, client, 200) == first
    assert 20 < sum(first) < 60


def test_what_comes_too_fast_is_throttled(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    now = [0.0]
    local.throttle(per_second=2, burst=3, clock=lambda: now[0])

    assert struck(local, client, 5) == [False, False, False, True, True]
    now[0] += 1
    assert struck(local, client, 3) == [False, False, True]
    now[0] += 60
    assert struck(local, client, 4) == [False, False, False, True]


def test_faults_can_be_taken_back(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(AnswerError("A"), times=9)
    local.inject_randomly(AnswerError("A"), rate=1, seed=0)
    local.throttle(per_second=0, burst=1)

    local.clear_faults()

    assert struck(local, client_of(), 3) == [False, False, False]


def test_what_was_received_is_recorded(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    before = datetime.now(UTC)
    arn = create(client, clientToken="a token")["distributionConfigurationArn"]
    create(client, clientToken="a token")
    client.get_distribution_configuration(distributionConfigurationArn=arn)
    local.inject(AnswerError("A"))
    with pytest.raises(ClientError):
        client.delete_distribution_configuration(distributionConfigurationArn=arn)

    first, again, get, refused = local.requests

    assert first.operation == "CreateDistributionConfiguration"
    assert first.target == "/CreateDistributionConfiguration"
    assert first.body == {"name": "web", "distributions": ANYTHING, "clientToken": "a token"}
    assert first.client_token == "a token"
    assert before <= first.time <= datetime.now(UTC)
    assert first.time.utcoffset() == timedelta(0)
    assert (first.status, first.applied) == (200, True)
    assert (again.status, again.applied) == (200, False)
    assert (get.operation, get.body, get.client_token, get.applied) == (
        "GetDistributionConfiguration",
        None,
        None,
        False,
    )
    assert arn.rpartition("/")[2] in get.target
    assert (refused.status, refused.applied) == (None, False)


@pytest.mark.parametrize(("most", "kept"), [(2, ["two", "three"]), (0, [])])
def test_only_the_last_requests_are_kept(session: Any, most: int, kept: list[str]) -> None:
    local = LocalImageBuilder(max_requests=most)
    client = session.client("imagebuilder")
    local.attach(client)

    for name in ("one", "two", "three"):
        create(client, name)

    assert [request.body["name"] for request in local.requests] == kept


@pytest.mark.parametrize("body", [b"[]", b"no JSON", b"[" * 100_000, b'{"clientToken": 5}'])
def test_what_is_no_request_is_recorded_too(local: LocalImageBuilder, body: bytes) -> None:
    client = local.boto3_client(config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))

    def replace(request: Any, **_: object) -> None:
        request.data = body

    client.meta.events.register("request-created.imagebuilder", replace)
    with pytest.raises(ClientError):
        create(client)

    (request,) = local.requests
    assert request.client_token is None
    assert request.status == 400
    assert request.body in ([], None, {"clientToken": 5})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda local: local.inject(Delay(1), operation="UpdateDistribution"), "operation must be one of Create"),
        (lambda local: local.inject_randomly(rate=0.5, seed=0), "give at least one fault and a rate from 0 to 1"),
        (lambda local: local.inject_randomly(Delay(1), rate=20, seed=0), "not 1 and 20"),
        (lambda local: local.throttle(per_second=-1, burst=1), "a rate of 0 or more"),
        (lambda local: local.throttle(per_second=1, burst=0), "a burst of 1 or more"),
        (lambda local: local.inject(), "give at least one fault and times of 1 or more, not 0 and 1"),
        (lambda local: local.inject(Delay(1), times=0), "not 1 and 0"),
        (lambda _: LocalImageBuilder(max_requests=-1), "max_requests must be 0 or more, not -1"),
        (lambda _: Delay(-1), "'seconds' must be >= 0"),
        (lambda _: TruncateBody(-1), "'keep' must be >= 0"),
        (lambda _: AnswerError("A", 200), "'status' must be in range"),
        (lambda _: AnswerError("A\r\nB"), "'code' must match regex"),
        (lambda _: AnswerNotJson(b"", 99), "'status' must be in range"),
    ],
)
def test_what_makes_no_sense_is_refused(
    local: LocalImageBuilder, wrong: Callable[[LocalImageBuilder], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        wrong(local)


@pytest.mark.parametrize("fault", [AnswerError, Delay, None, "Delay", [Delay(1)]])
def test_what_is_no_fault_is_refused(local: LocalImageBuilder, fault: Any) -> None:
    with pytest.raises(TypeError, match="a fault is an object with a method answer"):
        local.inject(fault)
    with pytest.raises(TypeError, match="a fault is an object with a method answer"):
        local.inject_randomly(fault, rate=1, seed=1)


def test_an_answer_in_words_is_refused() -> None:
    words: Any = "<html>"

    with pytest.raises(TypeError, match="'body' must be <class 'bytes'>"):
        AnswerNotJson(words)


def test_a_fault_that_asks_twice_is_recorded_as_what_wrote(local: LocalImageBuilder, client_of: Client) -> None:
    class Twice:
        def answer(self, exchange: Exchange, /) -> Reply:
            exchange.answer()
            assert exchange.operation == "CreateDistributionConfiguration"
            return exchange.answer()

    local.inject(Twice())
    create(client_of(), clientToken="t")

    assert [request.applied for request in local.requests] == [True]


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


@pytest.mark.parametrize(
    "fault",
    [
        AnswerError("A"),
        Delay(1),
        CloseBeforeReading(),
        CloseAfterApplying(),
        TruncateBody(),
        AnswerNotJson(),
        AddUnknownMembers(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_cannot_be_changed_after_it_was_injected(fault: Any) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        fault.anything = 1


def test_what_was_received_cannot_be_changed(local: LocalImageBuilder, client_of: Client) -> None:
    create(client_of())
    (request,) = local.requests
    anything: Any = request

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        anything.status = 500

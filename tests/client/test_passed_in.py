"""
Clients that are passed in: which ones are accepted, that they aren't changed, and who shares them.
"""

import asyncio
import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count, cycle
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock, Mock

import attrs
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AnswerError,
    CloseAfterApplying,
    CloseBeforeReading,
    Exchange,
    Fault,
    LocalImageBuilder,
    Reply,
)
from tests.faults import AddUnknownMembers
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

from .helpers import UPDATE, Fake


class LikeAiobotocores:
    """A client of aiobotocore: its methods return coroutines, but only `close` is a coroutine function."""

    def get_distribution_configuration(self, **_: Any) -> Any: ...

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("client", "text"),
    [
        ("us-west-2", "an imagebuilder client, not 'us-west-2'"),
        (5, "an imagebuilder client, not 5"),
        (SimpleNamespace(get_distribution_configuration=asyncio.sleep), "a synchronous one, not .* takes asynchronous"),
        (LikeAiobotocores(), "a synchronous one, not .*; imagebuilder_dist.aio takes asynchronous ones$"),
    ],
)
def test_something_else_is_not_a_client(client: Any, text: str) -> None:
    with pytest.raises(TypeError, match=f"client must be {text}"):
        ibd.DistributionConfigurationClient(client)


def test_a_client_of_another_service_is_rejected(session: Any) -> None:
    with pytest.raises(TypeError, match="client must be an imagebuilder client, not one for ec2"):
        ibd.DistributionConfigurationClient(session.client("ec2"))


def test_a_mock_is_a_client() -> None:
    mock = MagicMock()
    mock.list_tags_for_resource.return_value = {"tags": {"a": "b"}}

    result = ibd.DistributionConfigurationClient(mock).list_tags_for_resource(ARN)

    assert result.tags == {"a": "b"}


@pytest.mark.parametrize(
    "option",
    [
        {"session": boto3.Session()},
        {"region_name": "us-west-2"},
        {"endpoint_url": "http://127.0.0.1"},
        {"config": Config()},
    ],
    ids=lambda option: next(iter(option)),
)
def test_a_client_comes_alone(option: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="pass in either a client, or session"):
        ibd.DistributionConfigurationClient(MagicMock(), **option)


def test_a_client_that_is_passed_in_is_left_as_it_is(session: Any, local: LocalImageBuilder) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url)
    before = dict(vars(theirs.meta.config))

    for _ in range(3):
        ibd.DistributionConfigurationClient(theirs)

    assert vars(theirs.meta.config) == before
    with pytest.raises(theirs.exceptions.ResourceNotFoundException):
        theirs.get_distribution_configuration(distributionConfigurationArn=ARN)


def test_a_bug_in_a_fake_stays_what_it_is() -> None:
    class Buggy(Fake):
        def get_distribution_configuration(self, **parameters: Any) -> Any:
            raise KeyError(parameters)

    with pytest.raises(KeyError):
        ibd.DistributionConfigurationClient(cast(Any, Buggy({}))).get_distribution_configuration(ARN)


def test_another_user_of_the_same_client_sees_botocores_own_errors(session: Any) -> None:
    config = Config(retries={"total_max_attempts": 1, "mode": "legacy"})
    with FaultyServer(http("200 OK", b"[]"), None) as server:
        theirs = session.client("imagebuilder", endpoint_url=server.url, config=config)
        ibd.DistributionConfigurationClient(theirs)

        with pytest.raises(AttributeError):
            theirs.get_distribution_configuration(distributionConfigurationArn=ARN)
        with pytest.raises(theirs.exceptions.ClientError.__mro__[-2], match="Connection was closed"):
            theirs.get_distribution_configuration(distributionConfigurationArn=ARN)


def test_another_user_of_a_client_passed_in_is_not_helped(session: Any, local: LocalImageBuilder) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    ibd.DistributionConfigurationClient(theirs)
    local.inject(AnswerError("CallRateLimitExceededException"))

    with pytest.raises(ClientError):
        theirs.list_distribution_configurations()

    assert len(local.requests) == 1


class EveryTenth:
    """A fault of every tenth request, one kind after another."""

    def __init__(self) -> None:
        self._numbers = count()
        throttled = AnswerError("CallRateLimitExceededException")
        self._faults: Iterator[Fault] = cycle([throttled, AddUnknownMembers(), CloseBeforeReading()])

    def answer(self, exchange: Exchange, /) -> Reply | None:
        return exchange.answer() if next(self._numbers) % 10 else next(self._faults).answer(exchange)


def test_32_threads_share_a_client_through_faults(session: Any, local: LocalImageBuilder) -> None:
    """
    Each gets its own responses, errors and tokens, and every write runs once.
    """
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(max_pool_connections=32))
    client = ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(sleep=lambda _: None, attempts=30))
    local.inject(EveryTenth(), times=None)
    together = threading.Barrier(32)

    def work(number: int) -> list[str]:
        together.wait()
        created = client.create_distribution_configuration(f"web {number}", [EVERYTHING])
        arn, tokens = str(created.distribution_configuration_arn), [str(created.client_token)]
        assert arn == f"{ARN[:-1]}web-{number}"
        for nth in range(5):
            description = f"{number} {nth}"
            result = client.update_distribution_configuration(arn, [EVERYTHING], description=description)
            tokens.append(str(result.client_token))
            assert client.get_distribution_configuration(arn).description == description
        with pytest.raises(ibd.ResourceNotFoundException, match=f"no-{number}'"):
            client.get_distribution_configuration(f"{ARN[:-1]}no-{number}")
        return tokens

    with ThreadPoolExecutor(32) as pool:
        tokens = [token for each in pool.map(work, range(32)) for token in each]

    assert len(set(tokens)) == len(tokens) == 32 * 6
    applied = [request.client_token for request in local.requests if request.applied]
    assert sorted(map(str, applied)) == sorted(tokens)


def serve(
    url: str, request: ibd.UpdateDistributionConfigurationRequest, retries: ibd.Retries
) -> ibd.DistributionConfiguration:
    """The main function of a worker process, which creates a client for itself."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2")
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=url, retries=retries)
    client.send(request)
    return client.get_distribution_configuration(request.distribution_configuration_arn)


def test_requests_results_and_errors_cross_to_another_process_and_back(local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(local.boto3_client())
    arn = str(client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    request = ibd.UpdateDistributionConfigurationRequest(
        distribution_configuration_arn=arn, distributions=[EVERYTHING], description="theirs", client_token="a token"
    )

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        stored = pool.submit(serve, local.url, request, ibd.Retries()).result()
        local.inject(CloseAfterApplying(), operation=UPDATE)
        another = attrs.evolve(request, client_token="another")
        lost = pool.submit(serve, local.url, another, ibd.Retries(attempts=1)).exception()

    assert (stored.description, stored.distributions) == ("theirs", (EVERYTHING,))
    assert isinstance(lost, ibd.ConnectionFailedError)
    assert (lost.client_token, lost.attempts, lost.may_have_been_applied) == ("another", 1, True)


def test_a_client_closes_what_it_created_and_not_what_was_passed_in() -> None:
    closed: list[Any] = []
    theirs = Mock(spec=["close", "list_tags_for_resource"], close=lambda: closed.append("theirs"))
    meta = SimpleNamespace(endpoint_url="https://imagebuilder.invalid", service_model=None)
    created = SimpleNamespace(meta=meta, close=lambda: closed.append("ours"))
    ours: Any = SimpleNamespace(client=lambda *_, **__: created)

    with ibd.DistributionConfigurationClient(theirs), ibd.DistributionConfigurationClient(session=ours):
        assert closed == []

    assert closed == ["ours"]

"""
One client in many threads; models, requests, results and errors in many processes.
"""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count, cycle
from typing import Any

import attrs
import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AddUnknownMembers,
    AnswerError,
    CloseAfterApplying,
    CloseBeforeReading,
    Exchange,
    Fault,
    LocalImageBuilder,
    Reply,
)
from tests.samples import ARN, EVERYTHING

UPDATE = "UpdateDistributionConfiguration"


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


def client_of(url: str, **options: Any) -> ibd.DistributionConfigurationClient:
    """The client that each worker process creates for itself."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2")
    return ibd.DistributionConfigurationClient(session=session, endpoint_url=url, **options)


def serve(url: str, request: ibd.UpdateDistributionConfigurationRequest) -> ibd.DistributionConfiguration:
    """The main function of a worker process."""
    client = client_of(url, retries=ibd.Retries(attempts=1))
    client.update_distribution_configuration(
        request.distribution_configuration_arn,
        request.distributions,
        description=request.description,
        client_token=request.client_token,
    )
    return client.get_distribution_configuration(request.distribution_configuration_arn)


# Python 3.12 and later warn of a fork in a process with threads, which is what is tried here.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_requests_results_and_errors_cross_to_another_process_and_back(local: LocalImageBuilder, method: str) -> None:
    client = ibd.DistributionConfigurationClient(local.boto3_client())
    arn = str(client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    request = ibd.UpdateDistributionConfigurationRequest(
        distribution_configuration_arn=arn, distributions=[EVERYTHING], description="theirs", client_token="a token"
    )

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        stored = pool.submit(serve, local.url, request).result()
        local.inject(CloseAfterApplying(), operation=UPDATE)
        lost = pool.submit(serve, local.url, attrs.evolve(request, client_token="another")).exception()

    assert (stored.description, stored.distributions) == ("theirs", (EVERYTHING,))
    assert isinstance(lost, ibd.ConnectionFailedError)
    assert (lost.client_token, lost.attempts, lost.may_have_been_applied) == ("another", 1, True)


@pytest.mark.parametrize("make", [lambda: EVERYTHING, ibd.Retries], ids=["model", "retries"])
def test_what_is_passed_to_a_worker_pickles(make: Callable[[], object]) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(type, make()).result() is type(make())

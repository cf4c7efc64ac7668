"""
Bring a fleet of configurations to a state, with two processes and several threads in each.

Requests, results and errors pickle, so they go to a worker and come back; the client doesn't, so each process makes its
own.
"""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

import boto3

from imagebuilder_dist import (
    AmiDistributionConfiguration,
    CreateDistributionConfigurationRequest,
    CreateDistributionConfigurationResult,
    Distribution,
    DistributionConfigurationClient,
    ImageBuilderDistError,
)
from imagebuilder_dist.testing import LocalImageBuilder

THREADS = 8


@cache
def client_of(url: str) -> DistributionConfigurationClient:
    """Make the one client of this process, which its threads share."""
    keys: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}  # the endpoint checks none
    session: Any = boto3.Session(region_name="us-west-2", **keys)
    return DistributionConfigurationClient(session=session, endpoint_url=url)


def create(
    url: str, request: CreateDistributionConfigurationRequest
) -> CreateDistributionConfigurationResult | ImageBuilderDistError:
    """Create one configuration; an error is a result too, with the token that resumes it."""
    try:
        return client_of(url).send(request)
    except ImageBuilderDistError as error:
        return error


def create_all(
    url: str, requests: list[CreateDistributionConfigurationRequest]
) -> list[CreateDistributionConfigurationResult | ImageBuilderDistError]:
    """Do one process's share."""
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(partial(create, url), requests))


def main() -> None:
    """Create 40 configurations, one of them twice."""
    web = Distribution(
        region="us-west-2", ami_distribution_configuration=AmiDistributionConfiguration(description="Web servers")
    )
    names = [f"web servers {number}" for number in range(40)]
    requests = [
        CreateDistributionConfigurationRequest(name=name, distributions=[web], description="Web", tags={"team": "web"})
        for name in [*names, names[0]]
    ]
    with (
        LocalImageBuilder() as local,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes,
    ):
        shares = processes.map(partial(create_all, local.url), [requests[::2], requests[1::2]])
        outcomes = [outcome for share in shares for outcome in share]
    errors = [outcome for outcome in outcomes if isinstance(outcome, ImageBuilderDistError)]
    print(f"{len(outcomes) - len(errors)} created")
    for error in errors:
        print(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()

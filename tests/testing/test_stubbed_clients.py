"""
Stubs under any client: the library's, the user's, boto3's, asyncio's and aiobotocore's.
"""

import asyncio
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import botocore.stub
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter, first_non_none_response
from botocore.parsers import RestJSONParser

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import ANY, StubError, Stubs

from .samples import ARN, WEB


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_client_of_the_users_retries_as_it_is_configured_to_without_waiting(session: Any, mode: Any) -> None:
    boto3_client = session.client("imagebuilder", config=Config(retries={"mode": mode, "total_max_attempts": 4}))
    stubs = Stubs(boto3_client)
    get = stubs.get_distribution_configuration(ARN).raises(ibd.ServiceUnavailableException).always()

    with pytest.raises(ClientError, match=r"reached max retries: 3"):
        boto3_client.get_distribution_configuration(distributionConfigurationArn=ARN)

    assert len(get.calls) == 4
    assert stubs.clock() > 0


def test_our_client_over_one_of_the_users(boto3_client: Any) -> None:
    stubs = Stubs(boto3_client)
    stubs.get_distribution_configuration(ARN).raises(ibd.CallRateLimitExceededException, times=4).returns()

    assert stubs.client.get_distribution_configuration(ARN).arn == ARN
    assert stubs.clock() > 1


def test_empty_lists_of_a_client_of_the_users_are_absent(boto3_client: Any) -> None:
    stubs = Stubs(boto3_client)
    bare = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())
    update = stubs.update_distribution_configuration(ARN, [bare])

    boto3_client.update_distribution_configuration(
        distributionConfigurationArn=ARN,
        distributions=[{"region": "us-west-2", "amiDistributionConfiguration": {"amiTags": {}}}],
    )

    assert update.calls[0].distributions == (bare,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda client: client.list_images(), "ListImages, which can't be read as a request: there are no stubs for"),
        (
            lambda client: client.list_distribution_configurations(filters=[{"name": "name", "values": ["a", "b"]}]),
            "ListDistributionConfigurations, which can't be read as a request: filters",
        ),
    ],
)
def test_what_cannot_be_stubbed(boto3_client: Any, call: Callable[[Any], object], message: str) -> None:
    stubs = Stubs(boto3_client)
    stubs.list_distribution_configurations(name=ANY)

    with pytest.raises(StubError, match=message):
        call(boto3_client)
    assert stubs.calls == ()


def test_a_list_of_the_users_with_a_filter(boto3_client: Any) -> None:
    stubs = Stubs(boto3_client)
    listing = stubs.list_distribution_configurations(name="web")

    boto3_client.list_distribution_configurations(filters=[{"name": "name", "values": ["web"]}])

    assert len(listing.calls) == 1


def test_a_client_of_ours_that_was_there_before(session: Any) -> None:
    client = ibd.DistributionConfigurationClient(session=session)
    with Stubs(client) as stubs:
        stubs.get_distribution_configuration(ARN).raises(ibd.CallRateLimitExceededException, times=4).returns()

        assert client.get_distribution_configuration(ARN).arn == ARN
        assert stubs.client is client


def test_at_the_end_of_a_with_statement_a_client_is_let_go(boto3_client: Any) -> None:
    with Stubs(boto3_client):
        pass
    with botocore.stub.Stubber(boto3_client) as stubber:
        stubber.add_response("list_distribution_configurations", {"distributionConfigurationSummaryList": []})

        assert boto3_client.list_distribution_configurations()["distributionConfigurationSummaryList"] == []


def test_what_is_not_a_client_is_a_type_error() -> None:
    wrong: Any = object()

    with pytest.raises(TypeError, match="client must be a client of boto3, aiobotocore or this library"):
        Stubs(wrong)


def test_the_developers_profile_does_not_matter() -> None:
    code = (
        "from imagebuilder_dist.testing import LocalImageBuilder, Stubs, examples\n"
        "stubs = Stubs()\n"
        "stubs.get_distribution_configuration(examples.ARN)\n"
        "print(stubs.client.get_distribution_configuration(examples.ARN).name, LocalImageBuilder().client())"
    )
    environment = {**os.environ, "AWS_PROFILE": "nowhere"}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert done.stdout.startswith("web <imagebuilder_dist.DistributionConfigurationClient for us-west-2")


async def deploy(client: aio.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    async with client:
        return await client.update_distribution_configuration(ARN, [WEB])


def test_asyncio(stubs: Stubs) -> None:
    update = stubs.update_distribution_configuration(ARN, [WEB])
    update.raises(ibd.CallRateLimitExceededException, times=2).returns()

    result = asyncio.run(deploy(stubs.aio()))

    assert result.distribution_configuration_arn == ARN
    assert len(update.calls) == 3


def test_a_client_of_ours_for_asyncio_that_was_there_before(session: Any) -> None:
    client = aio.DistributionConfigurationClient(session=session)
    stubs = Stubs(client)
    stubs.update_distribution_configuration(ARN, [WEB])

    asyncio.run(deploy(client))

    assert stubs.aio() is client
    stubs.assert_done()


def test_many_threads_at_once(stubs: Stubs) -> None:
    get = stubs.get_distribution_configuration(ANY).returns(times=40)
    client = stubs.client

    with ThreadPoolExecutor(8) as threads:
        arns = [*threads.map(lambda n: client.get_distribution_configuration(f"{ARN}-{n}").arn, range(40))]

    assert sorted(call.distribution_configuration_arn for call in get.calls) == sorted(arns)
    stubs.assert_done()


class LikeAiobotocore:
    """The parts of an aiobotocore client that `Stubs` uses: its events and a response's body are awaited."""

    def __init__(self, client: Any) -> None:
        self.meta = SimpleNamespace(
            events=AsyncEvents(HierarchicalEmitter()), region_name="us-west-2", config=client.meta.config
        )
        self._model = client.meta.service_model.operation_model("GetDistributionConfiguration")

    async def close(self) -> None:
        """Do nothing."""

    async def get_distribution_configuration(self, **parameters: Any) -> Any:
        arn = quote(parameters["distributionConfigurationArn"])
        url = f"https://imagebuilder/GetDistributionConfiguration?distributionConfigurationArn={arn}"
        request = AWSPreparedRequest("GET", url, HTTPHeaders.from_pairs([("a", "b")]), None, stream_output=False)
        while True:
            event = "imagebuilder.GetDistributionConfiguration"
            response: Any = first_non_none_response(
                await self.meta.events.emit(f"before-send.{event}", request=request)
            )
            parsed = {"headers": response.headers, "body": await response.content, "status_code": response.status_code}
            delay: Any = first_non_none_response(await self.meta.events.emit(f"needs-retry.{event}", response=parsed))
            if delay is None:
                return RestJSONParser().parse(parsed, self._model.output_shape)


class AsyncEvents:
    def __init__(self, events: Any) -> None:
        self._events = events
        self.unregister = events.unregister
        self.register = events.register
        self.register_first = events.register_first
        self.register_last = events.register_last

    async def emit(self, name: str, **facts: Any) -> list[Any]:
        return [(each, await it if inspect.isawaitable(it) else it) for each, it in self._events.emit(name, **facts)]


def test_a_client_of_aiobotocore(session: Any) -> None:
    """
    aiobotocore's own tests are in tests/aio, and need an environment that has it; this one runs everywhere.
    """
    client = LikeAiobotocore(session.client("imagebuilder"))
    client.meta.events.register(
        "needs-retry.imagebuilder", lambda response, **_: 2.0 if response["status_code"] == 503 else None
    )
    stubs = Stubs(client)
    stubs.get_distribution_configuration(ARN).raises(ibd.ServiceUnavailableException).returns()

    got = asyncio.run(stubs.aio().get_distribution_configuration(ARN))

    assert got.arn == ARN
    assert stubs.clock() == 2.0
    stubs.assert_done()

"""
Clients that are passed in: which ones are accepted, that they aren't changed, and who shares them.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import CloseBeforeReading, Fault, LocalImageBuilder, Reply
from tests.faults import AddUnknownMembers
from tests.samples import ARN, EVERYTHING

from .helpers import THROTTLED, UPDATE


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
def test_something_else_is_not_a_client(session: Any, client: Any, text: str) -> None:
    with pytest.raises(TypeError, match=f"client must be {text}"):
        ibd.DistributionConfigurationClient(client)
    with pytest.raises(TypeError, match="client must be an imagebuilder client, not one for ssm"):
        ibd.DistributionConfigurationClient(session.client("ssm"))


@pytest.mark.parametrize("option", ["session", "region_name", "endpoint_url", "config"])
def test_a_client_comes_alone(option: str) -> None:
    options: Any = {option: Mock()}
    with pytest.raises(TypeError, match="pass in either a client, or session"):
        ibd.DistributionConfigurationClient(MagicMock(), **options)


def test_a_client_that_is_passed_in_is_left_as_it_is(session: Any, local: LocalImageBuilder) -> None:
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(retries={"mode": "standard"}))
    before = dict(vars(theirs.meta.config))

    for _ in range(3):
        ibd.DistributionConfigurationClient(theirs)

    assert vars(theirs.meta.config) == before
    update = theirs.meta.service_model.operation_model(UPDATE)
    assert not update.input_shape.members["distributions"].member.is_document_type
    # Its other users see botocore's own errors, and no retries of ours.
    with pytest.raises(theirs.exceptions.ResourceNotFoundException):
        theirs.get_distribution_configuration(distributionConfigurationArn=ARN)
    local.inject(THROTTLED, Reply(200, {}, b"[]"))
    with pytest.raises(ClientError):
        theirs.list_distribution_configurations()
    with pytest.raises(AttributeError):
        theirs.get_distribution_configuration(distributionConfigurationArn=ARN)
    assert len(local.requests) == 3


def test_a_bug_in_a_fake_stays_what_it_is() -> None:
    buggy = Mock()
    buggy.get_distribution_configuration.side_effect = KeyError

    with pytest.raises(KeyError):
        ibd.DistributionConfigurationClient(buggy).get_distribution_configuration(ARN)


def test_32_threads_share_a_client_through_faults(session: Any, local: LocalImageBuilder) -> None:
    """
    Each gets its own responses, errors and tokens, and every write runs once.
    """
    theirs = session.client("imagebuilder", endpoint_url=local.url, config=Config(max_pool_connections=32))
    client = ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(sleep=lambda _: None, attempts=30))
    faults: list[Fault] = [THROTTLED, AddUnknownMembers(), CloseBeforeReading()]
    local.inject(*faults * 20)
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


def test_a_client_closes_what_it_created_and_not_what_was_passed_in() -> None:
    closed: list[Any] = []
    theirs = Mock(spec=["close", "list_tags_for_resource"], close=lambda: closed.append("theirs"))
    meta = SimpleNamespace(endpoint_url="https://imagebuilder.invalid", service_model=None)
    created = SimpleNamespace(meta=meta, close=lambda: closed.append("ours"))
    ours: Any = SimpleNamespace(client=lambda *_, **__: created)

    with ibd.DistributionConfigurationClient(theirs), ibd.DistributionConfigurationClient(session=ours):
        assert closed == []

    assert closed == ["ours"]

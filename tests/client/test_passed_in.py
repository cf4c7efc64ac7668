"""
Clients that are passed in: which ones are accepted, and that they aren't changed.
"""

from typing import Any, cast
from unittest.mock import MagicMock

import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN

from .fakes import Fake


@pytest.mark.parametrize("client", ["us-west-2", 5])
def test_something_else_is_not_a_client(client: Any) -> None:
    with pytest.raises(TypeError, match="client must be an imagebuilder client, not "):
        ibd.DistributionConfigurationClient(client)


@pytest.mark.parametrize("service", ["dynamodb", "ec2", "ecr", "lambda", "s3", "ssm"])
def test_a_client_of_another_service_is_rejected(session: Any, service: str) -> None:
    with pytest.raises(TypeError, match=f"client must be an imagebuilder client, not one for {service}$"):
        ibd.DistributionConfigurationClient(session.client(service))


class Asynchronous:
    """A client with methods that are coroutine functions."""

    async def get_distribution_configuration(self, **_: Any) -> Any: ...


class LikeAiobotocores:
    """A client of aiobotocore: its methods return coroutines, but only `close` is a coroutine function."""

    def get_distribution_configuration(self, **_: Any) -> Any: ...

    async def close(self) -> None: ...


@pytest.mark.parametrize("client", [Asynchronous(), LikeAiobotocores()])
def test_an_asynchronous_client_is_rejected(client: Any) -> None:
    with pytest.raises(
        TypeError, match=r"client must be a synchronous one, not .*; imagebuilder_dist.aio takes asynchronous ones$"
    ):
        ibd.DistributionConfigurationClient(client)


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

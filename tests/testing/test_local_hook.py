"""
The local endpoint's hook, if no response reaches the client.
"""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from imagebuilder_dist.testing import Delay, Exchange, LocalImageBuilder, ReceivedRequest, Reply
from tests.samples import ANYTHING


def attached(local: LocalImageBuilder) -> Any:
    client: Any = boto3.client(
        "imagebuilder",
        region_name="us-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    local.attach(client)
    return client


class Gone:
    def answer(self, exchange: Exchange) -> Reply:
        exchange.answer()
        raise ConnectionResetError


def test_a_hook_sees_a_request_that_was_applied_before_the_client_was_gone() -> None:
    seen: list[ReceivedRequest] = []
    local = LocalImageBuilder(on_request=seen.append)
    local.inject(Gone())

    with pytest.raises(ConnectionResetError):
        attached(local).create_distribution_configuration(name="web", distributions=ANYTHING)

    assert [(each.operation, each.applied) for each in seen] == [("CreateDistributionConfiguration", True)]


def test_a_hook_sees_a_request_that_timed_out() -> None:
    seen: list[ReceivedRequest] = []
    local = LocalImageBuilder(on_request=seen.append)
    local.inject(Delay(1000))

    with pytest.raises(ReadTimeoutError):
        attached(local).list_distribution_configurations()

    assert [(each.operation, each.status) for each in seen] == [("ListDistributionConfigurations", None)]

"""
Calls that something goes wrong with.
"""

from collections.abc import Callable
from typing import Any

from imagebuilder_dist.testing import LocalImageBuilder
from tests.shapes import ANYTHING

Client = Callable[..., Any]


def create(client: Any, name: str = "web", **members: Any) -> Any:
    return client.create_distribution_configuration(name=name, distributions=ANYTHING, **members)


def response_of(error: Any) -> Any:
    """Give a ClientError's response, which botocore's types allow to hold nothing."""
    return error.response


def names(local: LocalImageBuilder) -> list[str]:
    listed = local.boto3_client().list_distribution_configurations()["distributionConfigurationSummaryList"]
    return [each["name"] for each in listed]

"""
Calls in which something fails.
"""

from collections.abc import Callable
from typing import Any

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

Client = Callable[..., Any]


def create(client: Any, name: str = "web", **members: Any) -> Any:
    return client.create_distribution_configuration(name=name, distributions=ANYTHING, **members)


def response_of(error: Any) -> Any:
    """Return a ClientError's response, which may be empty according to botocore's types."""
    return error.response


def names(local: LocalImageBuilder) -> list[str]:
    listed = local.boto3_client().list_distribution_configurations()["distributionConfigurationSummaryList"]
    return [each["name"] for each in listed]

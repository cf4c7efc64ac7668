"""
Helpers of the local endpoint's tests.
"""

from collections.abc import Callable
from typing import Any

from tests.samples import ANYTHING

Raw = Callable[..., tuple[int, dict[str, str], dict[str, Any]]]
ARN = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/"
OTHER_ACCOUNT = "444455556666"


def create(boto3_client: Any, name: str = "web", **others: Any) -> str:
    arn: str = boto3_client.create_distribution_configuration(name=name, distributions=ANYTHING, **others)[
        "distributionConfigurationArn"
    ]
    return arn


def body_of(distribution: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    return {"name": "web", "distributions": [distribution, *others], "clientToken": "t"}

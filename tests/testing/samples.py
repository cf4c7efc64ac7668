"""
What several tests of the kit send, store and compare.
"""

from collections.abc import Callable
from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import examples
from tests.samples import ANYTHING

Client = Callable[..., Any]
Raw = Callable[..., tuple[int, dict[str, str], dict[str, Any]]]
PREFIX = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/"
OTHER_ACCOUNT = "444455556666"
WEB = examples.minimal(ibd.Distribution)
EAST = attrs.evolve(WEB, region="us-east-1")
STORED = examples.complete(ibd.DistributionConfiguration)
CREATE = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB], tags={"team": "web"})


def create(boto3_client: Any, name: str = "web", **others: Any) -> str:
    created = boto3_client.create_distribution_configuration(name=name, distributions=ANYTHING, **others)
    return str(created["distributionConfigurationArn"])


def described(text: str) -> Callable[[ibd.DistributionConfiguration], ibd.DistributionConfiguration]:
    return lambda stored: attrs.evolve(stored, description=text)

"""
Clients of the test's server, and calls to make with them.
"""

from collections.abc import Callable
from typing import Any

import imagebuilder_dist as ibd
from tests.samples import ARN, EVERYTHING, WEB

Connect = Callable[..., ibd.DistributionConfigurationClient]


def update(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(ARN, [EVERYTHING], client_token="a token")


OPERATIONS: list[Callable[[Any], Any]] = [
    lambda client: client.get_distribution_configuration(ARN),
    lambda client: client.update_distribution_configuration(ARN, [WEB]),
    lambda client: client.delete_distribution_configuration(ARN),
    lambda client: client.tag_resource(ARN, {"a": "b"}),
    lambda client: client.untag_resource(ARN, ["a"]),
    lambda client: client.list_tags_for_resource(ARN),
    lambda client: client.edit_distribution_configuration(ARN, lambda stored: stored),
]

"""
Updates that are retried, and clients whose retries wait on the test's clock.
"""

from typing import Any, NoReturn

from botocore.exceptions import EndpointConnectionError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, Clock, CloseAfterApplying, Exchange, LocalImageBuilder
from tests.samples import ARN, EVERYTHING

UPDATE = "UpdateDistributionConfiguration"
THROTTLED = AnswerError("CallRateLimitExceededException")
FAILED = AnswerError("ServiceException")
LOST = CloseAfterApplying()
FOREVER = 99


class NoConnection:
    """A fault: the connection can't be opened, so nothing is sent."""

    def answer(self, _exchange: Exchange, /) -> NoReturn:
        raise EndpointConnectionError(endpoint_url="u")


def scene(**options: Any) -> tuple[LocalImageBuilder, ibd.DistributionConfigurationClient, Clock]:
    """Return a service that has the configuration `ARN`, and a client that waits as long as it may, on that clock."""
    local, clock = LocalImageBuilder(), Clock()
    local.put(ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING]))
    retries = ibd.Retries(**{"sleep": clock.sleep, "clock": clock, "random": lambda: 1.0, **options})
    return local, local.client(retries=retries), clock


def retrying(client: Any, clock: Clock, **options: Any) -> ibd.DistributionConfigurationClient:
    retries = ibd.Retries(**{"sleep": clock.sleep, "clock": clock, "random": lambda: 1.0, **options})
    return ibd.DistributionConfigurationClient(client, retries=retries)


def update(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(ARN, [EVERYTHING])

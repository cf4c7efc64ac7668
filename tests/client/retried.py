"""
Updates that are retried, and clients whose retries wait on the test's clock.
"""

from collections.abc import Callable
from typing import Any

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import Clock, Stub, Stubs
from tests.samples import ARN, EVERYTHING

UPDATE = "UpdateDistributionConfiguration"
THROTTLED = ibd.CallRateLimitExceededException
Outcome = Callable[[Any], Any]


def stubs_of(session: Any, **options: Any) -> Stubs:
    """Stubs of a client that waits as long as it may; they share its clock."""
    retries = ibd.Retries(**{"random": lambda: 1.0, **options})
    return Stubs(ibd.DistributionConfigurationClient(session=session, retries=retries))


def retrying(client: Any, clock: Clock, **options: Any) -> ibd.DistributionConfigurationClient:
    retries = ibd.Retries(**{"sleep": clock.sleep, "clock": clock, "random": lambda: 1.0, **options})
    return ibd.DistributionConfigurationClient(client, retries=retries)


def stub_update(stubs: Stubs) -> Stub[ibd.UpdateDistributionConfigurationRequest, Any]:
    return stubs.update_distribution_configuration(ARN, [EVERYTHING])


def update(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(ARN, [EVERYTHING])


FOREVER = 99

"""
One call, twice: as boto3's users make it, and as ours do.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from imagebuilder_dist import DistributionConfigurationClient
from tests.benchmarks.workloads import ARN, Workload

Call: TypeAlias = Callable[[], Any]


def raw_call(client: Any, workload: Workload) -> Call:
    """The dicts are ready before the call."""
    documents = workload.documents()
    return lambda: client.update_distribution_configuration(distributionConfigurationArn=ARN, distributions=documents)


def typed_call(client: DistributionConfigurationClient, workload: Workload) -> Call:
    """The models are made, and everything validated, in the call."""
    return lambda: client.update_distribution_configuration(ARN, workload.models())

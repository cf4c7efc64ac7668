"""
A create's dry run never creates anything.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, EVERYTHING

from .fakes import Fake


def test_a_dry_run_that_creates_all_the_same_is_an_error() -> None:
    class Careless(Fake):
        def create_distribution_configuration(self, **_: Any) -> Any:
            return {"distributionConfigurationArn": ARN}

    fake: Any = Careless({})

    with pytest.raises(ibd.ResponseError, match="created the configuration despite the dry run") as caught:
        ibd.DistributionConfigurationClient(fake).create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert caught.value.may_have_been_applied


def test_a_dry_run_creates_nothing_or_needs_a_newer_botocore(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    shape = boto3_client.meta.service_model.operation_model("CreateDistributionConfiguration").input_shape

    if "dryRun" in shape.members:
        with pytest.raises(ibd.DryRunOperationException) as caught:
            client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)

        assert caught.value.request_id is not None
        assert not caught.value.may_have_been_applied
    else:
        with pytest.raises(ibd.ConfigurationError, match=r"dryRun needs botocore 1\.43\.94 or newer"):
            client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert list(client.list_distribution_configurations()) == []


def test_a_member_that_the_installed_botocore_does_not_know_is_not_sent(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, local: LocalImageBuilder
) -> None:
    model = boto3_client.meta.service_model.operation_model("CreateDistributionConfiguration")
    model.input_shape.members.pop("dryRun", None)

    with pytest.raises(ibd.ConfigurationError, match=r"^dryRun needs botocore 1\.43\.94 or newer"):
        client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert local.requests == ()
    assert client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn

"""
`send` takes a complete request.
"""

from typing import Any, cast

import attrs
import pytest
from botocore.exceptions import ClientError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, EVERYTHING

from .fakes import Fake


def test_a_request_goes_in_whole(client: ibd.DistributionConfigurationClient) -> None:
    created = client.send(
        ibd.CreateDistributionConfigurationRequest(
            name="web", distributions=[EVERYTHING], description="d", tags={"a": "b"}, client_token="a token"
        )
    )
    arn = created.distribution_configuration_arn
    stored = client.get_distribution_configuration(arn)
    updated = client.send(attrs.evolve(stored.to_request(), description="new", client_token="another token"))
    now = client.get_distribution_configuration(arn)

    assert (created.client_token, updated.client_token) == ("a token", "another token")
    assert (stored.name, stored.description, stored.tags, stored.distributions) == (
        "web",
        "d",
        {"a": "b"},
        (EVERYTHING,),
    )
    assert (now.description, now.distributions) == ("new", (EVERYTHING,))
    assert updated.distribution_configuration_arn == arn


def test_a_configuration_makes_the_request_that_would_store_it_again(
    client: ibd.DistributionConfigurationClient,
) -> None:
    arn = client.create_distribution_configuration("web", [EVERYTHING], description="d").distribution_configuration_arn
    before = client.get_distribution_configuration(arn)

    result = client.send(before.to_request())

    after = client.get_distribution_configuration(arn)
    assert result.client_token is not None
    assert attrs.evolve(after, date_updated=None) == before


def test_what_is_sent_whole_is_validated_unless_told_otherwise(imagebuilder_dist_local: LocalImageBuilder) -> None:
    client: Any = imagebuilder_dist_local.client()
    wrong = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[])

    with pytest.raises(ibd.ValidationError):
        client.send(wrong)
    with pytest.raises(ibd.ValidationError):
        client.send(ibd.CreateDistributionConfigurationRequest(name="", distributions=[EVERYTHING]))
    with pytest.raises(TypeError, match="request must be an update request or a create request, not "):
        client.send(EVERYTHING)
    assert imagebuilder_dist_local.requests == ()
    with pytest.raises(ibd.InvalidParameterValueException, match="'distributions'"):
        client.send(wrong, validate=False)


def test_a_dry_run_that_is_sent_whole_ends_as_the_service_says() -> None:
    success: Any = {"Error": {"Code": "DryRunOperationException"}}

    class Dry(Fake):
        def create_distribution_configuration(self, **_: Any) -> Any:
            raise ClientError(success, "CreateDistributionConfiguration")

    client = ibd.DistributionConfigurationClient(cast(Any, Dry({})))

    with pytest.raises(ibd.DryRunOperationException):
        client.send(ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING], dry_run=True))

"""
botocore's Stubber under our client, alone and with the kit's helpers.
"""

from typing import Any

import attrs
import pytest
from botocore.exceptions import StubAssertionError
from botocore.stub import ANY, Stubber

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import examples, expected_params, stub_error, stub_response

from .samples import CREATE, EAST, STORED, WEB

ARN = examples.ARN
UPDATE = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[WEB, EAST])


def test_an_error_arrives_as_its_class_with_its_status(stubber: Stubber, boto3_client: Any) -> None:
    once = ibd.DistributionConfigurationClient(boto3_client, retries=ibd.Retries(attempts=1))
    stub_error(stubber, attrs.evolve(UPDATE, client_token="t"), ibd.ServiceUnavailableException, "why")

    with pytest.raises(ibd.ServiceUnavailableException) as caught:
        once.update_distribution_configuration(ARN, [WEB, EAST], client_token="t")

    error = caught.value
    assert (error.message, error.http_status, error.client_token) == ("why", 503, "t")


def test_a_write_that_means_the_same_matches(stubber: Stubber, client: ibd.DistributionConfigurationClient) -> None:
    stub_error(stubber, UPDATE, ibd.CallRateLimitExceededException)
    stub_response(stubber, UPDATE)
    stub_response(stubber, CREATE)
    result = examples.complete(ibd.CreateDistributionConfigurationResult)
    stub_response(stubber, attrs.evolve(CREATE, client_token=result.client_token), result)

    updated = client.update_distribution_configuration(ARN, [EAST, WEB])
    created = client.create_distribution_configuration("web", [WEB], tags=CREATE.tags)
    again = client.create_distribution_configuration("web", [WEB], tags=CREATE.tags, client_token=result.client_token)
    assert updated.distribution_configuration_arn == created.distribution_configuration_arn == ARN
    assert again == result


def test_an_edit_gets_and_updates(stubber: Stubber, client: ibd.DistributionConfigurationClient) -> None:
    stored = attrs.evolve(STORED, timeout_minutes=None)  # which botocore's model requires
    changed = attrs.evolve(STORED, description="New")
    for _ in range(2):
        stub_response(stubber, "get_distribution_configuration", stored)
    stub_response(stubber, changed.to_request())

    assert client.edit_distribution_configuration(ARN, lambda _: changed).written


def test_the_text_of_stubbers_error_is_the_difference(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    with Stubber(boto3_client) as stubber:
        stub_response(stubber, UPDATE)
        with pytest.raises(StubAssertionError) as caught:
            client.update_distribution_configuration(ARN, [attrs.evolve(WEB, region="eu-west-1"), EAST])

    assert "'distributions': <what differs (- expected, + sent): " in str(caught.value)
    assert "- distributions[us-west-2]" in str(caught.value)
    assert "+ distributions[eu-west-1]" in str(caught.value)


def test_distributions_that_cannot_be_read_differ() -> None:
    expected = expected_params(UPDATE)["distributions"]

    assert expected != [{"region": 1}]
    assert "distributions[0].region: must be a string, not 1 (integer)" in repr(expected)


def test_empty_is_absent_and_any_token_matches_none() -> None:
    expected = expected_params(UPDATE)
    sent = [{**ibd.to_boto3(each), "licenseConfigurationArns": []} for each in (WEB, EAST)]

    assert expected["distributions"] == sent
    assert repr(expected["distributions"]).startswith("(Distribution(region='us-west-2'")
    assert expected["clientToken"] is ANY
    assert expected_params(attrs.evolve(UPDATE, client_token="t"))["clientToken"] == "t"


def test_an_error_that_the_service_does_not_have_cannot_be_stubbed(boto3_client: Any) -> None:
    with pytest.raises(KeyError, match="ThrottledError"):
        stub_error(Stubber(boto3_client), UPDATE, ibd.ThrottledError)

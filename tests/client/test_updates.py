"""
Update a configuration and read it back, with tokens, request ids and errors.
"""

import threading
import uuid
from typing import Any, cast

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder, Reply
from tests.samples import ANYTHING, ARN, DISTRIBUTIONS, EVERYTHING

from .fakes import Fake


@pytest.fixture
def arn(boto3_client: Any) -> str:
    created = boto3_client.create_distribution_configuration(name="web", distributions=ANYTHING)
    return str(created["distributionConfigurationArn"])


def test_an_update_is_stored_and_read_back_equal(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    result = client.update_distribution_configuration(arn, [EVERYTHING], description="Web servers")
    stored = client.get_distribution_configuration(arn)

    assert result.distribution_configuration_arn == arn
    assert stored.distributions == (EVERYTHING,)
    assert stored.description == "Web servers"
    assert stored.name == "web"
    assert stored.timeout_minutes == 720
    assert stored.tags == {}
    assert stored.request_id not in {None, result.request_id}


def test_an_update_replaces_everything(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    other = ibd.Distribution(
        region="eu-west-1", fast_launch_configurations=[ibd.FastLaunchConfiguration(enabled=False)]
    )

    client.update_distribution_configuration(arn, [EVERYTHING], description="Web servers")
    client.update_distribution_configuration(arn, [other])
    stored = client.get_distribution_configuration(arn)

    assert stored.distributions == (other,)
    assert stored.description is None


def test_two_reads_of_the_same_state_are_equal(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    assert client.get_distribution_configuration(arn) == client.get_distribution_configuration(arn)


def test_every_write_has_a_token_of_its_own(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    tokens = {client.update_distribution_configuration(arn, [EVERYTHING]).client_token for _ in range(3)}

    assert len(tokens) == 3
    assert tokens == {str(uuid.UUID(token)) for token in tokens}


@pytest.mark.parametrize("token", ["a token", ""])
def test_the_token_given_is_sent_and_returned(imagebuilder_dist_local: LocalImageBuilder, token: str) -> None:
    imagebuilder_dist_local.inject(Reply(200, {}, b'{"requestId": "an id"}'))

    result = imagebuilder_dist_local.client().update_distribution_configuration(
        ARN, DISTRIBUTIONS, client_token=token, validate=False
    )

    assert imagebuilder_dist_local.requests[0].client_token == result.client_token == token


def test_what_is_left_out_is_not_sent(client: ibd.DistributionConfigurationClient, local: LocalImageBuilder) -> None:
    with pytest.raises(ibd.ResourceNotFoundException):
        client.update_distribution_configuration(ARN, DISTRIBUTIONS)

    assert local.requests[0].body.keys() == {"distributionConfigurationArn", "distributions", "clientToken"}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"requestId": "body", "ResponseMetadata": {"RequestId": "header"}}, "body"),
        ({"ResponseMetadata": {"RequestId": "header"}}, "header"),
        ({}, None),
    ],
)
def test_the_request_id_comes_from_the_body_or_the_header(response: dict[str, Any], expected: str | None) -> None:
    client = ibd.DistributionConfigurationClient(cast(Any, Fake(response)))

    assert client.update_distribution_configuration(ARN, DISTRIBUTIONS).request_id == expected


def test_a_rejected_value_names_its_path(boto3_client: Any, arn: str) -> None:
    nameless = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration(name="no-date")
    )

    with pytest.raises(ibd.InvalidParameterValueException) as caught:
        ibd.DistributionConfigurationClient(boto3_client).update_distribution_configuration(
            arn, [nameless], validate=False
        )

    assert caught.value.parameter == "distributions[0].amiDistributionConfiguration.name"
    assert caught.value.http_status == 400
    assert caught.value.request_id is not None
    assert caught.value.client_token is not None
    assert caught.value.__cause__ is None  # everything is in `response`


def test_a_missing_configuration_is_not_found(boto3_client: Any) -> None:
    with pytest.raises(ibd.ResourceNotFoundException) as caught:
        ibd.DistributionConfigurationClient(boto3_client).get_distribution_configuration(ARN)

    assert caught.value.http_status == 404
    assert caught.value.client_token is None


def test_a_token_reused_for_another_request_is_rejected(boto3_client: Any, arn: str) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    client.update_distribution_configuration(arn, [EVERYTHING], client_token="a token")

    with pytest.raises(ibd.IdempotentParameterMismatchException):
        client.update_distribution_configuration(arn, [EVERYTHING], description="new", client_token="a token")


def test_a_client_can_be_shared_between_threads(boto3_client: Any) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    arns = [
        boto3_client.create_distribution_configuration(name=f"web {n:02}", distributions=ANYTHING)[
            "distributionConfigurationArn"
        ]
        for n in range(8)
    ]
    seen: dict[str, str | None] = {}

    def work(arn: str) -> None:
        client.update_distribution_configuration(arn, [EVERYTHING], description=arn)
        seen[arn] = client.get_distribution_configuration(arn).description

    threads = [threading.Thread(target=work, args=[arn]) for arn in arns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {arn: arn for arn in arns}

"""
A response with an unexpected shape is a `ResponseError`.
"""

from typing import Any, cast
from unittest.mock import MagicMock

import pytest

import imagebuilder_dist as ibd
from tests.samples import ARN, EVERYTHING

from .fakes import Fake


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({}, "it has no distributionConfiguration"),
        ({"distributionConfiguration": []}, "it has no distributionConfiguration"),
        (
            {"distributionConfiguration": {"name": 5}, "ResponseMetadata": {"HTTPStatusCode": 200}},
            "name (type)",
        ),
        (None, "it is None"),
    ],
)
def test_a_response_of_another_shape_is_a_response_error(response: Any, reason: str) -> None:
    client = ibd.DistributionConfigurationClient(cast(Any, Fake(response)))

    with pytest.raises(ibd.ResponseError) as caught:
        client.get_distribution_configuration(ARN)

    assert str(caught.value).startswith("the response to GetDistributionConfiguration can't be read: ")
    assert reason in str(caught.value)
    assert caught.value.operation == "GetDistributionConfiguration"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"distributionConfigurationSummaryList": {}}, "isn't a list"),
        ({"distributionConfigurationSummaryList": [{"arn": 5}]}, r"arn \(type\)"),
        ({"distributionConfigurationSummaryList": [5]}, r"the whole \(type\)"),
        ({"nextToken": "again"}, "its nextToken isn't a new one"),
        ({"nextToken": []}, "its nextToken isn't a new one"),
    ],
)
def test_a_list_of_another_shape_is_a_response_error(response: dict[str, Any], reason: str) -> None:
    class Listing(Fake):
        def list_distribution_configurations(self, **parameters: Any) -> Any:
            self.calls.append(parameters)
            return self.response

    fake: Any = Listing(response)

    with pytest.raises(ibd.ResponseError, match=reason):
        list(ibd.DistributionConfigurationClient(fake).list_distribution_configurations())


def test_a_stubbed_create_needs_an_arn() -> None:
    mock = MagicMock()
    mock.create_distribution_configuration.return_value = {"requestId": "an id"}

    with pytest.raises(
        ibd.ResponseError, match="it has no distributionConfigurationArn; add one to the stubbed response"
    ):
        ibd.DistributionConfigurationClient(mock).create_distribution_configuration("web", [EVERYTHING])

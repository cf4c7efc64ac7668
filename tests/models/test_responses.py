"""
A response is read leniently; if it can't be read, an error says where.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import from_boto3, to_boto3
from imagebuilder_dist.models import RESULTS
from tests.samples import ARN, EVERYTHING


def test_a_response_is_read_leniently_all_the_way_down() -> None:
    response: dict[str, Any] = {
        "arn": ARN,
        "name": "x",
        "hue": "blue",
        "description": None,
        "tags": None,
        "distributions": [
            {
                "region": "us-west-2",
                "amiDistributionConfiguration": {"targetAccountIds": [], "shade": 1, "name": None},
                "launchTemplateConfigurations": None,
                "s3ExportConfiguration": {"roleName": "r", "diskImageFormat": "QCOW2", "s3Bucket": "b", "cold": True},
            }
        ],
    }

    configuration = from_boto3(response, ibd.DistributionConfiguration)

    assert (configuration.tags, configuration.description) == ({}, None)
    (distribution,) = configuration.distributions
    assert distribution.ami_distribution_configuration == ibd.AmiDistributionConfiguration()
    assert distribution.s3_export_configuration is not None
    assert str(distribution.s3_export_configuration.disk_image_format) == "QCOW2"


CONFIGURATION: dict[str, Any] = {"arn": ARN, "distributions": [to_boto3(EVERYTHING)], "timeoutMinutes": 720}


@pytest.mark.parametrize(
    "document",
    [
        {"name": 5},
        {"timeoutMinutes": float("inf")},
        {"distributions": ""},
        {"distributions": {}},
        {"distributions": [{"region": 1}]},
        {"distributions": ["x", None]},
        {"distributions": [{}]},
        {"distributions": [{"region": "us-west-2", "amiDistributionConfiguration": "x"}]},
        {"distributions": [{"region": "r", "launchTemplateConfigurations": {}}]},
        {"tags": 5},
        {"tags": []},
    ],
)
def test_a_response_of_another_shape_is_not_read(document: dict[str, Any]) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({**CONFIGURATION, **document}, ibd.DistributionConfiguration)

    assert [issue.location[0] for issue in caught.value.issues] == [*document] * len(caught.value.issues)


def test_a_whole_response_of_a_get_is_read() -> None:
    metadata = {"RequestId": "of the headers", "HTTPStatusCode": 200}

    read = from_boto3(
        {"requestId": "an id", "distributionConfiguration": CONFIGURATION, "ResponseMetadata": metadata},
        ibd.DistributionConfiguration,
    )

    assert read == ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING], timeout_minutes=720)
    assert read.request_id == "an id"


def test_the_request_id_of_a_whole_response_may_be_in_its_metadata() -> None:
    metadata = {"RequestId": "an id", "HTTPStatusCode": 200}
    got = {"distributionConfiguration": {**CONFIGURATION, "hue": "blue"}, "ResponseMetadata": metadata}

    read = from_boto3(got, ibd.DistributionConfiguration)

    assert (read.request_id, read.unmodelled) == ("an id", ("hue",))
    assert from_boto3({"ResponseMetadata": metadata}, ibd.TagResourceResult).request_id == "an id"


@pytest.mark.parametrize("cls", RESULTS, ids=lambda cls: cls.__name__)
def test_what_is_no_result_is_not_read(cls: type[Any]) -> None:
    with pytest.raises(ibd.ValidationError, match=r"must be a mapping that describes an? \w+, not 'x' \(string\)"):
        from_boto3("x", cls)
    with pytest.raises(ibd.ValidationError, match=f"is not an? {cls.__name__}: it has none of ") as caught:
        from_boto3({"foo": 1}, cls)

    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [("", "unknown-member")]


def test_what_is_wrong_in_a_whole_response_is_found_where_it_stands() -> None:
    response: dict[str, Any] = {"requestId": "an id", "distributionConfiguration": {"distributions": [{"region": 3}]}}

    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3(response, ibd.DistributionConfiguration)
    with pytest.raises(ibd.ValidationError) as other:
        from_boto3({"distributionConfiguration": {"foo": 1}}, ibd.DistributionConfiguration)

    assert [(issue.path, issue.location) for issue in caught.value.issues] == [
        (
            "distributionConfiguration.distributions[0].region",
            ("distributionConfiguration", "distributions", 0, "region"),
        ),
        ("distributionConfiguration.arn", ("distributionConfiguration", "arn")),
    ]
    assert [(issue.path, issue.rule) for issue in other.value.issues] == [
        ("distributionConfiguration", "unknown-member")
    ]

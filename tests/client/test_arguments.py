"""
Arguments that aren't text or have the wrong type are rejected before anything is sent.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, DISTRIBUTIONS


def test_wrong_types_are_rejected_before_anything_is_sent(imagebuilder_dist_local: LocalImageBuilder) -> None:
    imagebuilder_dist_local.forbid()
    client: Any = imagebuilder_dist_local.client()

    with pytest.raises(TypeError, match=r"distribution_configuration_arn must be a str, not None"):
        client.get_distribution_configuration(None)
    with pytest.raises(TypeError, match=r"UpdateDistributionConfigurationRequest\.distributions\[0\] must be a Distr"):
        client.update_distribution_configuration(ARN, [{"region": "us-west-2"}])
    with pytest.raises(TypeError, match=r"UpdateDistributionConfigurationRequest\.client_token must be a str"):
        client.update_distribution_configuration(ARN, DISTRIBUTIONS, client_token=5)


def test_wrong_types_are_rejected_by_the_other_operations_too(imagebuilder_dist_local: LocalImageBuilder) -> None:
    imagebuilder_dist_local.forbid()
    client: Any = imagebuilder_dist_local.client()

    with pytest.raises(TypeError, match=r"CreateDistributionConfigurationRequest\.name must be a str, not 5"):
        client.create_distribution_configuration(5, [])
    with pytest.raises(TypeError, match=r"distribution_configuration_arn must be a str"):
        client.delete_distribution_configuration(None)
    with pytest.raises(TypeError, match=r"^resource_arn must be a str"):
        client.untag_resource(None, ["a"])
    with pytest.raises(TypeError, match=r"^name must be a str"):
        client.list_distribution_configurations(name=5)
    with pytest.raises(TypeError, match=r"page_size must be an int, not True"):
        client.list_distribution_configurations(page_size=True)
    with pytest.raises(TypeError, match=r"resource_arn must be a str"):
        client.tag_resource(None, {})
    with pytest.raises(TypeError, match=r"tags\['a'\] must be a str, not 1"):
        client.tag_resource(ARN, {"a": 1})
    with pytest.raises(TypeError, match=r"tag_keys must be a list of str, not 'a' \(str\); wrap it in a list"):
        client.untag_resource(ARN, "a")
    with pytest.raises(TypeError, match=r"resource_arn must be a str"):
        client.untag_resource(None, ["a"])
    with pytest.raises(TypeError, match=r"resource_arn must be a str"):
        client.list_tags_for_resource(None)


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (lambda client: client.get_distribution_configuration("arn\ud83d"), "distributionConfigurationArn"),
        (lambda client: client.delete_distribution_configuration("arn\ud83d"), "distributionConfigurationArn"),
        (lambda client: client.edit_distribution_configuration("arn\ud83d", str), "distributionConfigurationArn"),
        (lambda client: client.list_tags_for_resource("arn\ud83d"), "resourceArn"),
        (lambda client: client.tag_resource("arn\ud83d", {"a": "b"}), "resourceArn"),
        (lambda client: client.untag_resource(ARN, ["a", "\ud83d"]), "tagKeys[1]"),
        (lambda client: list(client.list_distribution_configurations(name="\ud83d")), "filters[0].values[0]"),
    ],
)
def test_what_is_not_text_is_rejected_before_anything_is_sent(
    imagebuilder_dist_local: LocalImageBuilder, operation: Any, path: str
) -> None:
    imagebuilder_dist_local.forbid()
    with pytest.raises(ibd.ValidationError) as caught:
        operation(imagebuilder_dist_local.client())

    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [(path, "encoding")]

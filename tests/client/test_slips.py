"""
Mistakes that are found before anything is sent.
"""

from collections.abc import Callable
from typing import Any, cast

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, WEB

from .helpers import OPERATIONS


@pytest.fixture
def never(local: LocalImageBuilder) -> ibd.DistributionConfigurationClient:
    """A client for us-west-2 that must not send anything."""
    local.forbid()
    return local.client()


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_arn_of_another_region_is_rejected(
    session: Any, local: LocalImageBuilder, call: Callable[[Any, Any], Any]
) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, region_name="eu-west-1")

    with pytest.raises(ibd.ConfigurationError) as caught:
        call(client, ARN)

    assert caught.value.message == "the client calls eu-west-1, but the ARN is in us-west-2"
    assert "; use a client for us-west-2, such as DistributionConfigurationClient(region_name='us-west-2')" in str(
        caught.value
    )
    assert (caught.value.resource, caught.value.attempts, local.requests) == (ARN, None, ())


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_argument_that_is_not_an_arn_is_rejected(
    never: ibd.DistributionConfigurationClient, call: Callable[[Any, Any], Any]
) -> None:
    with pytest.raises(ibd.ValidationError, match=r"must be an ARN.*distribution_configuration_arn\(\.\.\.\)") as named:
        call(never, "web")
    with pytest.raises(ibd.ValidationError) as encoded:
        call(never, "arn\ud83d")
    with pytest.raises(TypeError, match=r"(distribution_configuration|resource)_arn must be a string, not None"):
        call(never, None)

    assert [(issue.rule, issue.value) for issue in named.value.issues] == [("pattern", "web")]
    assert [issue.rule for issue in encoded.value.issues][:1] == ["encoding"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (ARN.replace("123456789012", "1234"), "the account has 4 digits"),
        (f"{ARN} server", "names in ARNs are lower case, with hyphens for spaces"),
        (ARN.replace("imagebuilder", "ec2"), "the service is 'ec2', not 'imagebuilder'"),
        (ARN.replace("us-west-2", ""), "the partition or the Region is wrong"),
        (
            ARN.replace("distribution", "infrastructure"),
            "it is the ARN of an infrastructure-configuration, not of a distribution-configuration",
        ),
        ("arn:aws:imagebuilder", "an ARN has 6 parts, separated by colons, but this one has 3"),
    ],
)
def test_a_wrong_arn_is_rejected(never: ibd.DistributionConfigurationClient, wrong: str, why: str) -> None:
    """
    The pattern is the service's, whose own message shows only the pattern.
    """
    with pytest.raises(ibd.ValidationError) as caught:
        never.update_distribution_configuration(wrong, [WEB])

    [issue] = caught.value.issues
    assert (issue.path, issue.rule) == ("distributionConfigurationArn", "pattern")
    assert issue.message.endswith(f"(string): {why}")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda client: client.update_distribution_configuration(ARN, [{"region": "us-west-2"}]),
            r"UpdateDistributionConfigurationRequest\.distributions\[0\] must be a Distr",
        ),
        (lambda client: client.list_distribution_configurations(name=5), "^name must be a string"),
        (
            lambda client: client.list_distribution_configurations(page_size=True),
            "page_size must be an integer, not True",
        ),
        (lambda client: client.tag_resource(ARN, {"a": 1}), r"tags\['a'\] must be a string, not 1"),
        (
            lambda client: client.untag_resource(ARN, "a"),
            r"tag_keys must be a list of strings, not 'a' \(string\); wrap it",
        ),
        (
            lambda client: client.edit_distribution_configuration(ARN, ibd.DistributionConfiguration(arn=ARN)),
            r"^change must be a function, such as lambda stored: \.\.\., not ",
        ),
        (lambda _: ibd.from_boto3(ibd.Distribution, cast(Any, {"region": "r"})), "the arguments are swapped$"),
    ],
)
def test_an_argument_of_a_wrong_type_is_rejected(
    never: ibd.DistributionConfigurationClient, call: Callable[[Any], Any], text: str
) -> None:
    with pytest.raises(TypeError, match=text):
        call(never)


def test_tags_of_another_kind_of_resource_are_left_to_the_service(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    with pytest.raises(ibd.ApiError):
        client.list_tags_for_resource(ARN.replace("distribution-configuration", "image-recipe") + "/1.0.0")
    with pytest.raises(ibd.ValidationError, match="the account has 4 digits"):
        client.list_tags_for_resource(ARN.replace("123456789012", "1234"))

    assert len(local.requests) == 1


def test_a_change_of_what_is_frozen_says_how_to_make_a_changed_copy() -> None:
    frozen: Any = WEB
    with pytest.raises(attrs.exceptions.FrozenInstanceError) as of_setting:
        frozen.region = "x"
    with pytest.raises(attrs.exceptions.FrozenInstanceError) as of_deleting:
        del frozen.region

    note = "a Distribution is frozen; attrs.evolve(..., region=...) makes a changed copy"
    assert of_setting.value.__notes__ == of_deleting.value.__notes__ == [note]

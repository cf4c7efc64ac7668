"""
Mistakes that are found before anything is sent.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, WEB

from .calls import OPERATIONS


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_arn_of_another_region_is_rejected_before_it_is_sent(
    session: Any, local: LocalImageBuilder, call: Callable[[Any], Any]
) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, region_name="eu-west-1")

    with pytest.raises(ibd.ConfigurationError) as caught:
        call(client)

    assert caught.value.message == "the client calls eu-west-1, but the ARN is in us-west-2"
    assert "; use a client for us-west-2, such as DistributionConfigurationClient(region_name='us-west-2')" in str(
        caught.value
    )
    assert (caught.value.resource, caught.value.attempts, local.requests) == (ARN, None, ())


def test_an_arn_of_another_region_is_rejected_asynchronously_too(session: Any, local: LocalImageBuilder) -> None:
    async def get() -> None:
        async with aio.DistributionConfigurationClient(
            session=session, endpoint_url=local.url, region_name="eu-west-1"
        ) as client:
            await client.get_distribution_configuration(ARN)

    with pytest.raises(ibd.ConfigurationError, match="the client calls eu-west-1"):
        asyncio.run(get())

    assert local.requests == ()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_distribution_configuration("web"),
        lambda client: client.delete_distribution_configuration("web"),
        lambda client: client.edit_distribution_configuration("web", lambda stored: stored),
        lambda client: client.tag_resource("web", {"a": "b"}),
        lambda client: client.untag_resource("web", ["a"]),
        lambda client: client.list_tags_for_resource("web"),
        lambda client: client.update_distribution_configuration("web", [WEB]),
    ],
)
def test_a_name_in_place_of_an_arn_is_rejected_before_it_is_sent(
    session: Any, local: LocalImageBuilder, call: Callable[[Any], Any]
) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    with pytest.raises(
        ibd.ValidationError, match=r"must be an ARN.*distribution_configuration_arn\(\.\.\.\)"
    ) as caught:
        call(client)

    assert [(issue.rule, issue.value) for issue in caught.value.issues] == [("pattern", "web")]
    assert local.requests == ()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (ARN.replace("123456789012", "1234"), "the account has 4 digits"),
        (ARN.replace("123456789012", "mine"), "'mine' isn't an account"),
        (f"{ARN} server", "names in ARNs are lower case, with hyphens for spaces"),
        (f"{ARN}-B", "names in ARNs are lower case, with hyphens for spaces"),
        (ARN.replace("imagebuilder", "ec2"), "the service is 'ec2', not 'imagebuilder'"),
        (ARN.replace("us-west-2", ""), "the partition or the Region is wrong"),
        (
            ARN.replace("distribution", "infrastructure"),
            "it is the ARN of an infrastructure-configuration, not of a distribution-configuration",
        ),
        (
            ARN.replace("distribution-configuration", "component"),
            "it is the ARN of a component, not of a distribution-configuration",
        ),
        ("arn:aws:imagebuilder", "an ARN has 6 parts, separated by colons, but this one has 3"),
    ],
)
def test_a_wrong_arn_is_rejected_before_it_is_sent(
    session: Any, local: LocalImageBuilder, wrong: str, why: str
) -> None:
    """
    The pattern is the service's, whose own message shows only the pattern.
    """
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    with pytest.raises(ibd.ValidationError) as of_get:
        client.get_distribution_configuration(wrong)
    with pytest.raises(ibd.ValidationError) as of_update:
        client.update_distribution_configuration(wrong, [WEB])

    for caught in (of_get, of_update):
        [issue] = caught.value.issues
        assert (issue.path, issue.rule) == ("distributionConfigurationArn", "pattern")
        assert issue.message.endswith(f"(str): {why}")
    assert local.requests == ()


def test_tags_of_another_kind_of_resource_are_left_to_the_service(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    with pytest.raises(ibd.ApiError):
        client.list_tags_for_resource(ARN.replace("distribution-configuration", "image-recipe") + "/1.0.0")
    with pytest.raises(ibd.ValidationError, match="the account has 4 digits"):
        client.list_tags_for_resource(ARN.replace("123456789012", "1234"))

    assert len(local.requests) == 1


@pytest.mark.parametrize(
    ("instance", "attribute"),
    [
        (WEB, "region"),
        (ibd.DistributionConfiguration(arn=ARN), "description"),
    ],
)
def test_a_change_of_what_is_frozen_says_how_to_make_a_changed_copy(instance: Any, attribute: str) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError) as of_setting:
        setattr(instance, attribute, "x")
    with pytest.raises(attrs.exceptions.FrozenInstanceError) as of_deleting:
        delattr(instance, attribute)

    note = f"a {type(instance).__name__} is frozen; attrs.evolve(..., {attribute}=...) makes a changed copy"
    assert of_setting.value.__notes__ == of_deleting.value.__notes__ == [note]


def test_a_configuration_in_place_of_a_change_is_rejected_before_anything_is_sent(
    session: Any, local: LocalImageBuilder
) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    wrong: Any = ibd.DistributionConfiguration(arn=ARN)

    with pytest.raises(TypeError, match=r"^change must be a function, such as lambda stored: \.\.\., not "):
        client.edit_distribution_configuration(ARN, wrong)

    assert local.requests == ()


def test_swapped_arguments_are_seen() -> None:
    swapped: Any = {"region": "us-west-2"}

    with pytest.raises(TypeError, match=r"the arguments are swapped$"):
        ibd.from_boto3(ibd.Distribution, swapped)

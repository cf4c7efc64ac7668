import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given

import imagebuilder_dist as ibd
from imagebuilder_dist.converter import MODELS

from . import strategies
from .shapes import ARN, EVERYTHING


def untyped(cls: type[Any]) -> Callable[..., Any]:
    """Let a test pass what a type checker would refuse."""
    return cls


@given(strategies.update_requests)
def test_a_model_survives_pickle_and_copy_and_hashes(
    request_: ibd.UpdateDistributionConfigurationRequest,
) -> None:
    assert pickle.loads(pickle.dumps(request_)) == request_  # noqa: S301 - our own
    assert copy.copy(request_) == request_
    assert copy.deepcopy(request_) == request_
    assert hash(copy.deepcopy(request_)) == hash(request_)


@pytest.mark.parametrize("cls", MODELS)
def test_every_model_is_frozen_slotted_and_keyword_only(cls: type[attrs.AttrsInstance]) -> None:
    assert "__slots__" in vars(cls)
    assert all(field.kw_only for field in attrs.fields(cls))
    assert cls.__setattr__ is not object.__setattr__


def test_an_attribute_cannot_be_set() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        EVERYTHING.region = "eu-west-1"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    "ids",
    [
        ["1", "2"],
        ("1", "2"),
        {"1": None, "2": None}.keys(),
        (each for each in "12"),
    ],
)
def test_any_iterable_becomes_a_tuple(ids: Any) -> None:
    assert ibd.LaunchPermissionConfiguration(user_ids=ids).user_ids == ("1", "2")


def test_a_list_changed_afterwards_does_not_change_the_model() -> None:
    ids = ["1"]

    permission = ibd.LaunchPermissionConfiguration(user_ids=ids)
    ids.append("2")

    assert permission.user_ids == ("1",)


def test_tags_changed_afterwards_do_not_change_the_model() -> None:
    tags = {"a": "b"}

    ami = ibd.AmiDistributionConfiguration(ami_tags=tags)
    tags["c"] = "d"

    assert ami.ami_tags == {"a": "b"}


@pytest.mark.parametrize(
    "change",
    [
        lambda tags: tags.__setitem__("c", "d"),
        lambda tags: tags.__delitem__("a"),
        lambda tags: tags.__ior__({"c": "d"}),
        lambda tags: tags.clear(),
        lambda tags: tags.pop("a"),
        lambda tags: tags.popitem(),
        lambda tags: tags.setdefault("c", "d"),
        lambda tags: tags.update(c="d"),
    ],
)
def test_tags_cannot_be_changed_under_the_model(change: Callable[[Any], object]) -> None:
    tags: Any = ibd.AmiDistributionConfiguration(ami_tags={"a": "b"}).ami_tags

    with pytest.raises(TypeError, match="tags can't be changed under a model"):
        change(tags)
    assert tags == {"a": "b"}
    assert {**tags, "c": "d"} == tags | {"c": "d"} == {"a": "b", "c": "d"}


def test_tags_show_as_a_dict() -> None:
    assert repr(ibd.AmiDistributionConfiguration(ami_tags={"a": "b"}).ami_tags) == "{'a': 'b'}"


def test_tags_in_another_order_are_equal_and_hash_alike() -> None:
    one = ibd.AmiDistributionConfiguration(ami_tags={"a": "1", "b": "2"})
    other = ibd.AmiDistributionConfiguration(ami_tags={"b": "2", "a": "1"})

    assert one == other
    assert hash(one) == hash(other)


def test_an_empty_optional_collection_equals_an_absent_one() -> None:
    absent = ibd.AmiDistributionConfiguration(launch_permission=ibd.LaunchPermissionConfiguration())
    empty = ibd.AmiDistributionConfiguration(
        target_account_ids=[],
        ami_tags={},
        launch_permission=ibd.LaunchPermissionConfiguration(user_ids=iter(())),
    )

    assert empty == absent


def test_values_are_not_judged() -> None:
    ami = ibd.AmiDistributionConfiguration(name="", target_account_ids=["not an account"])

    assert ami.target_account_ids == ("not an account",)


def test_an_enum_value_that_is_not_known_yet_passes() -> None:
    export = untyped(ibd.S3ExportConfiguration)(role_name="r", disk_image_format="QCOW2", s3_bucket="b")

    assert export.disk_image_format == "QCOW2"


@pytest.mark.parametrize(
    ("cls", "arguments", "message"),
    [
        (
            ibd.LaunchPermissionConfiguration,
            {"user_ids": "123456789012"},
            "LaunchPermissionConfiguration.user_ids must be a list of str, not '123456789012' (str); "
            "put it into a list: [...]",
        ),
        (
            ibd.LaunchPermissionConfiguration,
            {"user_ids": ""},
            "LaunchPermissionConfiguration.user_ids must be a list of str, not '' (str); put it into a list: [...]",
        ),
        (
            ibd.LaunchPermissionConfiguration,
            {"user_ids": ["123456789012", 123456789012]},
            "LaunchPermissionConfiguration.user_ids[1] must be a str, not 123456789012 (int)",
        ),
        (
            ibd.LaunchPermissionConfiguration,
            {"user_ids": {"a": "b"}},
            "LaunchPermissionConfiguration.user_ids must be a list of str, not {'a': 'b'} (dict)",
        ),
        (
            ibd.LaunchPermissionConfiguration,
            {"user_ids": 0},
            "LaunchPermissionConfiguration.user_ids must be a list of str, not 0 (int)",
        ),
        (
            ibd.LaunchTemplateConfiguration,
            {"launch_template_id": "lt-1", "account_id": 123456789012},
            "LaunchTemplateConfiguration.account_id must be a str, not 123456789012 (int)",
        ),
        (
            ibd.LaunchTemplateConfiguration,
            {"launch_template_id": "lt-1", "set_default_version": "no"},
            "LaunchTemplateConfiguration.set_default_version must be a bool, not 'no' (str)",
        ),
        (
            ibd.LaunchTemplateConfiguration,
            {"launch_template_id": None},
            "LaunchTemplateConfiguration.launch_template_id must be a str, not None",
        ),
        (
            ibd.FastLaunchConfiguration,
            {"enabled": True, "max_parallel_launches": True},
            "FastLaunchConfiguration.max_parallel_launches must be an int, not True (bool)",
        ),
        (
            ibd.FastLaunchConfiguration,
            {"enabled": 1},
            "FastLaunchConfiguration.enabled must be a bool, not 1 (int)",
        ),
        (
            ibd.AmiDistributionConfiguration,
            {"ami_tags": ["a"]},
            "AmiDistributionConfiguration.ami_tags must be a mapping of str to str, not ['a'] (list)",
        ),
        (
            ibd.AmiDistributionConfiguration,
            {"ami_tags": {"a": 1}},
            "AmiDistributionConfiguration.ami_tags['a'] must be a str, not 1 (int)",
        ),
        (
            ibd.AmiDistributionConfiguration,
            {"ami_tags": {1: "a"}},
            "a key of AmiDistributionConfiguration.ami_tags must be a str, not 1 (int)",
        ),
        (
            ibd.AmiDistributionConfiguration,
            {"launch_permission": {"userIds": ["1"]}},
            "AmiDistributionConfiguration.launch_permission must be a LaunchPermissionConfiguration, "
            "not {'userIds': ['1']} (dict); from_boto3(value, LaunchPermissionConfiguration) makes one of a dict",
        ),
        (
            ibd.Distribution,
            {"region": "us-west-2", "fast_launch_configurations": [{}]},
            "Distribution.fast_launch_configurations[0] must be a FastLaunchConfiguration, not {} (dict); "
            "from_boto3(value, FastLaunchConfiguration) makes one of a dict",
        ),
        (
            ibd.UpdateDistributionConfigurationRequest,
            {"distribution_configuration_arn": ARN, "distributions": None},
            "UpdateDistributionConfigurationRequest.distributions must be a list of Distribution, not None",
        ),
        (
            ibd.DistributionConfiguration,
            {"tags": None},
            "DistributionConfiguration.tags must be a mapping of str to str, not None",
        ),
    ],
)
def test_a_wrong_type_is_refused_by_name(cls: type[Any], arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        cls(**arguments)

    assert str(caught.value) == message


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(TypeError) as caught:
        untyped(ibd.LaunchPermissionConfiguration)(user_ids="1" * 10_000)

    assert len(str(caught.value)) < 400

"""
Constructors check types, take any collection for a list, and name the class and the attribute in errors.
"""

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, get_origin, get_type_hints

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.models import MODELS, RESULTS
from tests.samples import without_none


def attributes(*origins: Any) -> list[Any]:
    """Yield every attribute of every model and result, with its class; if *origins* is given, only such containers."""
    return [
        pytest.param(cls, name, id=f"{cls.__name__}.{name}")
        for cls in MODELS + RESULTS
        for name, hint in get_type_hints(cls).items()
        if not origins or get_origin(without_none(hint)) in origins
    ]


def is_empty_if_omitted(cls: type[attrs.AttrsInstance], name: str) -> bool:
    return getattr(attrs.fields(cls), name).default in ((), {})


def least(cls: type[Any]) -> dict[str, Any]:
    """Return the required arguments of a class."""
    hints = get_type_hints(cls)
    required = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    return {name: value_of(hints[name]) for name in required}


def value_of(annotation: Any) -> Any:
    if get_origin(annotation) is tuple:
        return ()
    if annotation is ibd.Issue:
        return ibd.Issue((), "r", "warning", "m")
    cls: Any = str if get_origin(annotation) is Literal else annotation
    return cls(**least(cls)) if attrs.has(cls) else cls(1)


@pytest.mark.parametrize(("cls", "name"), attributes())
def test_every_attribute_has_its_type_checked(cls: type[Any], name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{cls.__name__}\.{name} must be .*, not <object object"):
        cls(**{**least(cls), name: object()})


@pytest.mark.parametrize(("cls", "name"), attributes(tuple))
def test_every_item_of_a_list_has_its_type_checked(cls: type[Any], name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{cls.__name__}\.{name}\[0\] must be an? \w+, not <object object"):
        cls(**{**least(cls), name: [object()]})


@pytest.mark.parametrize(("cls", "name"), attributes(tuple))
@pytest.mark.parametrize("to", [list, tuple, deque, lambda items: dict.fromkeys(items).keys()])
def test_every_list_takes_any_collection_and_is_a_tuple(
    cls: type[Any], name: str, to: Callable[[list[Any]], Any]
) -> None:
    hint: Any = without_none(get_type_hints(cls)[name])
    items = [value_of(hint.__args__[0])]

    model = cls(**{**least(cls), name: to(items)})

    assert getattr(model, name) == tuple(items)
    assert hash(model) == hash(cls(**{**least(cls), name: items}))


@pytest.mark.parametrize(("cls", "name"), attributes(Mapping))
def test_every_mapping_is_a_copy(cls: type[Any], name: str) -> None:
    tags = {"a": "b"}

    model = cls(**{**least(cls), name: tags})
    tags["c"] = "d"

    assert getattr(model, name) == {"a": "b"}
    assert hash(model) == hash(cls(**{**least(cls), name: {"a": "b"}}))


@pytest.mark.parametrize(("cls", "name"), attributes(tuple))
@pytest.mark.parametrize("to", [iter, partial(map, str), lambda items: (each for each in items)])
def test_no_list_takes_an_iterator(cls: type[Any], name: str, to: Callable[[list[Any]], Any]) -> None:
    """
    Its items could be read once only.
    """
    with pytest.raises(TypeError, match=rf"^{cls.__name__}\.{name} must be a list of \w+, not .*; .* pass list\("):
        cls(**{**least(cls), name: to([])})


@pytest.mark.parametrize(
    ("cls", "name"), [each for each in attributes(tuple, Mapping) if is_empty_if_omitted(*each.values)]
)
def test_an_optional_collection_is_empty_and_never_none(cls: type[Any], name: str) -> None:
    """
    `None` means the same, so that older code keeps working.
    """
    omitted = cls(**least(cls))

    for empty in None, getattr(omitted, name).__class__():
        assert cls(**{**least(cls), name: empty}) == omitted
    assert list(getattr(omitted, name)) == []


@pytest.mark.parametrize("name", ["name", "region_name", "account_id", "partition"])
def test_an_arn_is_made_of_strings(name: str) -> None:
    arguments: dict[str, Any] = {"name": "web", "region_name": "us-west-2", "account_id": "123456789012"}

    with pytest.raises(TypeError, match=rf"^{name} must be a string, not 123456789012 \(integer\)$"):
        ibd.distribution_configuration_arn(**{**arguments, name: 123456789012})


def test_an_arn_has_the_partition() -> None:
    arn = ibd.distribution_configuration_arn(
        "A b_c", region_name="cn-north-1", account_id="123456789012", partition="aws-cn"
    )

    assert arn == "arn:aws-cn:imagebuilder:cn-north-1:123456789012:distribution-configuration/a-b-c"


LP, AMI = ibd.LaunchPermissionConfiguration, ibd.AmiDistributionConfiguration
FAST, UPDATE = ibd.FastLaunchConfiguration, ibd.UpdateDistributionConfigurationRequest
DICT = "{0} must be a {1}, not {{}} (mapping); from_boto3(value, {1}) converts a dict"


@pytest.mark.parametrize(
    ("cls", "name", "value", "message"),
    [
        (LP, "user_ids", "", " must be a list of strings, not '' (string); wrap it in a list: [...]"),
        (LP, "user_ids", ["1", 123456789012], "[1] must be a string, not 123456789012 (integer)"),
        (LP, "user_ids", {"a": "b"}, " must be a list of strings, not {'a': 'b'} (mapping)"),
        (LP, "user_ids", 0, " must be a list of strings, not 0 (integer)"),
        (FAST, "max_parallel_launches", True, " must be an integer, not True (boolean)"),
        (FAST, "enabled", 1, " must be a boolean, not 1 (integer)"),
        (FAST, "enabled", "no", " must be a boolean, not 'no' (string)"),
        (AMI, "ami_tags", ["a"], " must be a mapping of strings to strings, not ['a'] (list)"),
        (AMI, "ami_tags", {"a": 1}, "['a'] must be a string, not 1 (integer)"),
        (AMI, "launch_permission", {}, DICT.format("", "LaunchPermissionConfiguration")),
        (ibd.Distribution, "fast_launch_configurations", [{}], DICT.format("[0]", "FastLaunchConfiguration")),
        (UPDATE, "distributions", None, " must be a list of Distribution, not None"),
    ],
)
def test_a_wrong_type_is_rejected_by_name(cls: type[Any], name: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        cls(**{**least(cls), name: value})

    assert str(caught.value) == f"{cls.__name__}.{name}{message}"


def test_a_wrong_key_is_named_and_a_long_value_cut() -> None:
    wrong: Any = {1: "a"}
    long: Any = "1" * 10_000

    with pytest.raises(
        TypeError, match=r"a key of AmiDistributionConfiguration.ami_tags must be a string, not 1 \(integer\)"
    ):
        AMI(ami_tags=wrong)
    with pytest.raises(TypeError) as caught:
        LP(user_ids=long)
    assert len(str(caught.value)) < 400

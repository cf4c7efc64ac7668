"""
Models are plain data: frozen, hashable, picklable, with read-only collections.
"""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.changes import Change, Changes, Plan
from imagebuilder_dist.models import MODELS, RESULTS


@pytest.mark.parametrize("cls", MODELS + RESULTS)
def test_every_model_and_result_is_slotted_and_keyword_only(cls: type[attrs.AttrsInstance]) -> None:
    assert "__slots__" in vars(cls)
    assert [field.name for field in attrs.fields(cls) if not field.kw_only] == []


@pytest.mark.parametrize("cls", [*MODELS, *RESULTS, Change, Changes, Plan, ibd.Issue])
def test_no_attribute_can_be_set(cls: type[attrs.AttrsInstance]) -> None:
    instance = cls.__new__(cls)

    for field in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(instance, field.name, None)


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

    with pytest.raises(TypeError, match="a model's tags are read-only"):
        change(tags)
    assert tags == {"a": "b"}
    assert repr(tags) == "{'a': 'b'}"
    assert {**tags, "c": "d"} == tags | {"c": "d"} == {"a": "b", "c": "d"}


def test_tags_in_another_order_are_equal_and_hash_alike() -> None:
    one = ibd.AmiDistributionConfiguration(ami_tags={"a": "1", "b": "2"})
    other = ibd.AmiDistributionConfiguration(ami_tags={"b": "2", "a": "1"})

    assert one == other
    assert hash(one) == hash(other)

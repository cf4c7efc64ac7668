"""
Our classes, tables and names against botocore's model: nothing missing, nothing extra.
"""

import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

import attrs
import pytest
from botocore.model import ListShape, MapShape, Shape, StringShape

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist._common.attributes import member_name
from imagebuilder_dist.models import MODELS, RESULTS
from tests.samples import structure, without_none

# Members that botocore fills in where they aren't given.
FILLED_IN = {"clientToken"}
# Members that a class of ours has and the installed botocore may be too old to know.
NEWER = {("CreateDistributionConfigurationRequest", "dryRun")}
# Shapes that hold no request id of their own get it from the response's headers, or not at all.
WITHOUT_REQUEST_ID = {"DistributionConfigurationSummary"}


def members_of(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls)
    ours = {"unmodelled", "warnings"}  # neither sent nor read
    return {member_name(field.name): hints[field.name] for field in attrs.fields(cls) if field.name not in ours}


def fits(annotation: Any, shape: Shape) -> bool:
    inner = without_none(annotation)
    if isinstance(shape, ListShape):
        return get_origin(inner) is tuple and fits(get_args(inner)[0], shape.member)
    if isinstance(shape, MapShape):
        return get_origin(inner) is Mapping and get_args(inner) == (str, str)
    if isinstance(shape, StringShape) and shape.enum:
        return set(get_args(inner)) == set(shape.enum)
    plain = {"string": str, "integer": int, "boolean": bool}
    return bool(inner is plain.get(shape.type_name) or inner.__name__ == shape.name)


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_a_model_has_the_members_of_its_shape_with_their_types(cls: type) -> None:
    newer = {member for name, member in NEWER if name == cls.__name__}

    shape = structure(cls.__name__)
    annotations = members_of(cls)
    required = {member_name(field.name) for field in attrs.fields(cls) if field.default is attrs.NOTHING}

    assert annotations.keys() - newer == shape.members.keys() - newer
    assert required == set(shape.required_members) - FILLED_IN
    assert [name for name, member in shape.members.items() if not fits(annotations[name], member)] == []


def test_every_structure_that_a_request_reaches_has_a_model() -> None:
    reached: set[str] = set()

    def walk(shape: Shape) -> None:
        if shape.type_name == "structure" and shape.name not in reached:
            reached.add(shape.name)
            for member in structure(shape.name).members.values():
                walk(member)
        elif isinstance(shape, ListShape):
            walk(shape.member)

    walk(structure("UpdateDistributionConfigurationRequest"))
    walk(structure("CreateDistributionConfigurationRequest"))

    assert reached == {cls.__name__ for cls in MODELS}


@pytest.mark.parametrize("cls", RESULTS, ids=lambda cls: cls.__name__)
def test_a_result_has_the_members_of_its_shape(cls: type) -> None:
    shape = structure(re.sub("Result$", "Response", cls.__name__))
    annotations = members_of(cls)
    own = set() if cls.__name__ in WITHOUT_REQUEST_ID else {"requestId"}

    assert annotations.keys() == shape.members.keys() | own
    assert [name for name, member in shape.members.items() if not fits(annotations[name], member)] == []


@pytest.mark.parametrize("cls", RESULTS, ids=lambda cls: cls.__name__)
def test_no_member_of_a_result_but_its_arn_is_required(cls: type) -> None:
    """
    The service may omit any member; the ARN is known from the request or else required.
    """
    required = {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}

    assert required == {"arn", "distribution_configuration_arn"} & {field.name for field in attrs.fields(cls)}


COLLECTIONS = [
    pytest.param(cls, member, id=f"{cls.__name__}.{member}")
    for cls in MODELS
    for member, shape in structure(cls.__name__).members.items()
    if isinstance(shape, ListShape | MapShape) and member not in structure(cls.__name__).required_members
]


@pytest.mark.parametrize(("cls", "member"), COLLECTIONS)
def test_an_empty_list_is_wrong_if_the_shape_has_a_minimum(cls: type, member: str) -> None:
    shape = structure(cls.__name__).members[member]
    empty: Any = [] if isinstance(shape, ListShape) else {}

    with pytest.raises(ibd.ValidationError) as caught:
        ibd.from_boto3({member: empty, "brandNew": 1}, cls)

    wrong = {issue.path: issue.message for issue in caught.value.issues if issue.rule == "empty-list"}
    what = "item" if isinstance(shape, ListShape) else "entry"
    message = f"must have at least 1 {what}; leave it out instead"
    assert wrong == ({member: message} if shape.metadata.get("min") else {})


def test_every_class_of_the_table_is_exported_under_its_code() -> None:
    assert {code: getattr(ibd, code) for code in errors.BY_CODE} == errors.BY_CODE
    assert len(errors.BY_CODE) == 20

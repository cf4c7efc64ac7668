"""
Every limit is that of botocore's model, and is checked at the bound and beyond.
"""

from typing import Any

import attrs
import botocore
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

import imagebuilder_dist as ibd
from imagebuilder_dist._common.attributes import Member, members_of
from imagebuilder_dist._shapes.limits import LIMITS, NO_LIMIT, Limit, limit_of
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.models import MODELS
from tests.samples import structure

from .builders import BUILD_DATE, ami, fast, found, ssm, update
from .cases import CASES

# Where an older botocore is stricter than the newest, whose limits ours are.
LOOSENED = {"clientToken", "TagKey"}


def model_limit(shape: Shape) -> Limit:
    """Return the limit of a shape that isn't a structure."""
    metadata: Any = shape.metadata
    return Limit(
        min=metadata.get("min"),
        # botocore doesn't check it, but the service's integers have 32 bits.
        max=metadata.get("max", 2**31 - 1 if shape.type_name == "integer" else None),
        pattern=metadata.get("pattern"),
        items=_items(shape.member if isinstance(shape, ListShape) else getattr(shape, "value", None)),
        keys=_items(shape.key) if isinstance(shape, MapShape) else None,
    )


def _items(shape: Shape | None) -> Limit | None:
    return None if shape is None or isinstance(shape, StructureShape) else model_limit(shape)


def wordless(limit: Limit | None) -> Limit | None:
    if limit is None:
        return None
    return attrs.evolve(limit, says=None, why=None, items=wordless(limit.items), keys=wordless(limit.keys))


MEMBERS = [(cls, member) for cls in MODELS for member in members_of(cls)]


def newest() -> bool:
    version = tuple(int(part) for part in botocore.__version__.split("."))
    return version >= (1, 42, 83)


@pytest.mark.parametrize(("cls", "member"), MEMBERS, ids=lambda value: getattr(value, "name", None) or value.__name__)
def test_a_limit_is_the_models(cls: type, member: Member) -> None:
    shape = structure(cls.__name__).members.get(member.name)
    if shape is None:
        pytest.skip(f"botocore {botocore.__version__} doesn't know {member.name}")
    theirs = NO_LIMIT if isinstance(shape, StructureShape) else model_limit(shape)
    loosened = member.name in LOOSENED or (isinstance(shape, MapShape) and shape.key.name in LOOSENED)
    if loosened and not newest():
        pytest.skip(f"{member.name} was loosened after botocore {botocore.__version__}")

    assert wordless(limit_of(cls, member)) == theirs
    assert sorted(member.allowed) == sorted(shape.metadata.get("enum", []))


def test_every_pattern_is_put_into_words() -> None:
    def walk(limit: Limit | None) -> list[Limit]:
        return [] if limit is None else [limit, *walk(limit.items), *walk(limit.keys)]

    limits = [each for limit in LIMITS.values() for each in walk(limit)]

    assert all((each.pattern is None) == (each.says is None) for each in limits)


@pytest.mark.parametrize(("request_", "path", "rule", "message"), CASES)
def test_a_broken_limit_is_an_error(request_: Any, path: str, rule: str, message: str) -> None:
    issue = next(issue for issue in validate(request_) if issue.rule == rule)

    assert (issue.path, issue.message, issue.severity) == (path, message, "error")


@pytest.mark.parametrize(
    "request_",
    [
        fast(max_parallel_launches=2**31 - 1),
        fast(snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=10_000)),
        ami(ami_tags={str(n): "" for n in range(50)}),
        ami(ami_tags={"x" * 128: "x" * 256}),
        ami(name="x" * (127 - len(BUILD_DATE)) + BUILD_DATE),
        update(ami(), client_token="x" * 64),
        update(ami(), description="x" * 1024),
        ssm(("x" * 1011, None)),
        ibd.CreateDistributionConfigurationRequest(
            name="x" * 128, distributions=[ami()], tags={str(n): "" for n in range(50)}
        ),
    ],
)
def test_a_value_at_its_bound_is_fine(request_: Any) -> None:
    assert found(request_) == []


def test_fifty_tags_can_be_set_and_not_one_more(boto3_client: Any) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    fifty = {str(n): "" for n in range(50)}
    arn = client.create_distribution_configuration("web", [ami(description="d")]).distribution_configuration_arn or ""

    client.tag_resource(arn, fifty)

    with pytest.raises(ibd.ValidationError, match="tags: must have at most 50 items, not 51"):
        client.tag_resource(arn, {**fifty, "50": ""})
    assert client.list_tags_for_resource(arn).tags == fifty

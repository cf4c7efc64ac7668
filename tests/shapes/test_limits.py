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
from imagebuilder_dist._shapes.limits import NO_LIMIT, Limit, limit_of
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.models import MODELS
from tests.samples import ami, structure

from .builders import OWNER, fast

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

    ours = limit_of(cls, member)
    assert wordless(ours) == theirs
    assert (ours.pattern is None) == (ours.says is None)
    assert sorted(member.allowed) == sorted(shape.metadata.get("enum", []))


def created(**members: Any) -> ibd.CreateDistributionConfigurationRequest:
    return ibd.CreateDistributionConfigurationRequest(**{"name": "web", "distributions": [ami()], **members})


def export(disk_image_format: Any) -> ibd.Distribution:
    configuration = ibd.S3ExportConfiguration(role_name="r", s3_bucket="b", disk_image_format=disk_image_format)
    return ibd.Distribution(region="us-west-2", s3_export_configuration=configuration)


AMI = "amiDistributionConfiguration"
TARGETS, FORMAT = f"{AMI}.targetAccountIds", "s3ExportConfiguration.diskImageFormat"
FIFTY_ONE = {str(number): "" for number in range(51)}
LAUNCHES = "fastLaunchConfigurations[0].maxParallelLaunches"


@pytest.mark.parametrize(
    ("request_", "path", "rule", "message"),
    [
        (ami(kms_key_id=""), f"{AMI}.kmsKeyId", "min", "must have at least 1 character, not 0"),
        (ami(kms_key_id="x" * 1025), f"{AMI}.kmsKeyId", "max", "must have at most 1024 characters, not 1025"),
        (ami(target_account_ids=[OWNER] * 1537), TARGETS, "max", "must have at most 1536 items, not 1537"),
        (ami(ami_tags=FIFTY_ONE), f"{AMI}.amiTags", "max", "must have at most 50 items, not 51"),
        (fast(max_parallel_launches=0), LAUNCHES, "min", "must be at least 1, not 0"),
        (fast(max_parallel_launches=2**31), LAUNCHES, "max", "must be at most 2147483647, not 2147483648"),
        (export("vhd"), FORMAT, "enum", "must be one of 'VMDK', 'RAW', 'VHD', not 'vhd' (string)"),
        (
            created(name="x"),
            "name",
            "pattern",
            "must be 3 to 128 letters, digits, hyphens, underscores or spaces, with no space at either end, "
            "not 'x' (string)",
        ),
    ],
)
def test_a_broken_limit_is_an_error(request_: Any, path: str, rule: str, message: str) -> None:
    issues = [(issue.path, issue.rule, issue.severity, issue.message) for issue in validate(request_)]

    assert (path, rule, "error", message) in issues

"""
CloudFormation: its names, and its resource in a template.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, describe
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist._shapes.walk import Structure
from imagebuilder_dist.errors import Issue, ValidationError

RESOURCE_TYPE = "AWS::ImageBuilder::DistributionConfiguration"
EXPORT = "s3ExportConfiguration"
PROPERTY_OF_EXPORT = "S3ExportConfiguration"
NO_EXPORT = "isn't supported by CloudFormation, whose resource can't export to S3"
_MEMBER, _PROPERTY = "launchPermission", "LaunchPermissionConfiguration"
_RESPELLED = {_MEMBER: _PROPERTY, _PROPERTY: _MEMBER}
# The first two belong to the call, not to the resource; the third is the one structure that the resource lacks.
_NOT_IN_CLOUDFORMATION = {"clientToken", "dryRun", EXPORT}
TAGS = {(name,) for name in ("tags", "amiTags", "Tags", "AmiTags")}
"""What a location of a tag has before the tag's key, which is the user's and isn't respelled."""


@cache
def properties_of(shape: Structure) -> Mapping[str, str]:
    """
    Return CloudFormation's names of the members of *shape*, with the API's.
    """
    return {respelled(name): name for name in shape.members if name not in _NOT_IN_CLOUDFORMATION}


def respelled(name: str) -> str:
    """
    Return CloudFormation's name of a member, or the API's of a property.
    """
    return _RESPELLED.get(name, name[:1].swapcase() + name[1:])


def respelled_location(location: Location) -> Location:
    """
    Return a *location* in the API's names in CloudFormation's, and the other way round.
    """
    steps = [respelled(step) if isinstance(step, str) else step for step in location]
    return (*steps[:-1], location[-1]) if location[-2:-1] in TAGS else tuple(steps)


def _respelled_data(data: Any) -> Any:
    if is_list(data):
        return [_respelled_data(each) for each in data]
    if not is_mapping(data):
        return data
    return {respelled(name): value if (name,) in TAGS else _respelled_data(value) for name, value in data.items()}


def to_cloudformation(configuration: models.Configuration) -> dict[str, Any]:
    """
    Return an `AWS::ImageBuilder::DistributionConfiguration` with its `Type` and its `Properties`.

    It leaves out client token and dry run, which belong to a call, and AWS's own tags (`aws:`).

    >>> update = models.Distribution(region="us-west-2", license_configuration_arns=["arn:..."])
    >>> to_cloudformation(models.CreateDistributionConfigurationRequest(name="web", distributions=[update]))["Type"]
    'AWS::ImageBuilder::DistributionConfiguration'

    Args:
        configuration: A request to create one, or a stored one.

    Raises:
        TypeError:
            If *configuration* has no name, because it is an update or distributions alone.
        imagebuilder_dist.errors.ValidationError:
            If it exports to S3, which CloudFormation doesn't support.
    """
    name = getattr(configuration, "name", None)
    if name is None or not isinstance(configuration, models.WHOLE):
        what = describe(configuration)
        raise TypeError(f"to_cloudformation takes a create or a stored configuration with a name, not {what}")
    data = to_boto3(configuration)
    distributions = data.get("distributions", [])
    issues = [
        Issue(("distributions", nth, EXPORT), "not-in-cloudformation", "error", NO_EXPORT, each[EXPORT])
        for nth, each in enumerate(distributions)
        if EXPORT in each
    ]
    if issues:
        raise ValidationError(issues, resource=name)
    tags = {key: value for key, value in data.get("tags", {}).items() if not key.startswith("aws:")}
    properties = {"name": name, "distributions": distributions, "description": data.get("description"), "tags": tags}
    kept = {member: value for member, value in properties.items() if value or member == "distributions"}
    return {"Type": RESOURCE_TYPE, "Properties": _respelled_data(kept)}

"""
CloudFormation: its names, its functions as far as they only substitute values, and its resource in a template.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, describe, show
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist._shapes.walk import Structure
from imagebuilder_dist.errors import Issue, ValidationError

RESOURCE_TYPE = "AWS::ImageBuilder::DistributionConfiguration"
NO_VALUE = {"Ref": "AWS::NoValue"}
"""CloudFormation drops a property with this value."""

Parameters: TypeAlias = Mapping[str, str | Sequence[str]]

_EXPORT = "s3ExportConfiguration"
_MEMBER, _PROPERTY = "launchPermission", "LaunchPermissionConfiguration"
_RESPELLED = {_MEMBER: _PROPERTY, _PROPERTY: _MEMBER}
# The first two belong to the call, not to the resource; the third is the one structure that the resource lacks.
_NOT_IN_CLOUDFORMATION = {"clientToken", "dryRun", _EXPORT}
TAGS = {(name,) for name in ("tags", "amiTags", "Tags", "AmiTags")}
"""What a location of a tag has before the tag's key, which is the user's and isn't respelled."""

_VARIABLE = re.compile(r"\$\{(!?)([^${}]*)\}")


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
    message = "isn't supported by CloudFormation, whose resource can't export to S3"
    issues = [
        Issue(("distributions", nth, _EXPORT), "not-in-cloudformation", "error", message, each[_EXPORT])
        for nth, each in enumerate(distributions)
        if _EXPORT in each
    ]
    if issues:
        raise ValidationError(issues, resource=name)
    tags = {key: value for key, value in data.get("tags", {}).items() if not key.startswith("aws:")}
    properties = {"name": name, "distributions": distributions, "description": data.get("description"), "tags": tags}
    kept = {member: value for member, value in properties.items() if value or member == "distributions"}
    return {"Type": RESOURCE_TYPE, "Properties": _respelled_data(kept)}


def text_of(value: str | int) -> str:
    """
    Return a scalar as CloudFormation reads it where it takes a string.
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


class UnresolvedError(Exception):
    """A function whose value isn't known; the text says what to do."""


def is_function(value: object) -> bool:
    """
    Return whether *value* calls a function of CloudFormation.
    """
    if not is_mapping(value) or len(value) != 1:
        return False
    [name] = value
    return name in {"Condition", "Ref"} or str(name).startswith("Fn::")


def resolve(value: Any, parameters: Parameters) -> object:
    """
    Return *value*, or the result if it calls a function.

    Raises:
        UnresolvedError:
            If a parameter is missing, or if the function does more than substitute.
    """
    if not is_function(value):
        return value
    [(function, argument)] = value.items()
    if function == "Ref" and isinstance(argument, str):
        return _parameter(argument, parameters)
    if function == "Fn::GetAtt":
        parts = argument if is_list(argument) else [argument]
        if all(isinstance(each, str) for each in parts):
            return _parameter(".".join(parts), parameters)
    if function == "Fn::ImportValue" and isinstance(name := resolve(argument, parameters), str):
        return _parameter(name, parameters)
    if function == "Fn::Sub":
        return _substituted(argument, parameters)
    raise UnresolvedError(
        f"calls {show(function)}, which can't be resolved here: write the value, or use Ref, Fn::Sub, Fn::GetAtt or "
        "Fn::ImportValue with parameters"
    )


def _parameter(name: str, parameters: Mapping[str, object]) -> object:
    if name not in parameters:
        raise UnresolvedError(f"needs a value for {show(name)}: give it as a parameter")
    value = parameters[name]
    return [*value] if is_list(value) else value


def _substituted(argument: object, parameters: Parameters) -> str:
    text, *more = argument if is_list(argument) and argument else [argument]
    own: object = more[0] if more else dict[str, object]()
    if not isinstance(text, str) or not is_mapping(own):
        raise UnresolvedError("must pass a string, or a list of a string and its variables, to Fn::Sub")
    variables = {**parameters, **{name: resolve(value, parameters) for name, value in own.items()}}

    def replaced(match: re.Match[str]) -> str:
        if match[1]:
            return f"${{{match[2]}}}"  # ${!Literal}
        value = _parameter(match[2].strip(), variables)
        if not isinstance(value, str):
            raise UnresolvedError(f"inserts {show(match[2])} into a string, but its value is a list")
        return value

    return _VARIABLE.sub(replaced, text)

"""
CloudFormation's resource: find it in a template, and create it from a request.
"""

from collections.abc import Mapping
from typing import Any

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._common.text import Location
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.documents._intrinsics import Parameters
from imagebuilder_dist.documents._parsed import Plain
from imagebuilder_dist.documents._spelling import RESOURCE_TYPE, names_of
from imagebuilder_dist.errors import Issue, ValidationError


def is_template(data: Mapping[Any, Any]) -> bool:
    """
    Return whether *data* is a template.
    """
    return is_mapping(data.get("Resources"))


def is_resource(data: Mapping[Any, Any]) -> bool:
    """
    Return whether *data* is a resource without a template.
    """
    return data.get("Type") == RESOURCE_TYPE


def resources_of(template: Mapping[Any, Any]) -> dict[str, Location]:
    """
    Return the locations of distribution configurations' properties, by the logical names of their resources.
    """
    return {
        name: ("Resources", name, "Properties")
        for name, resource in template["Resources"].items()
        if is_mapping(resource) and is_resource(resource)
    }


def defaults_of(template: Mapping[Any, Any]) -> Parameters:
    """
    Return the defaults that a template gives its parameters.
    """
    declared = template.get("Parameters")
    found: dict[str, str] = {}
    for name, parameter in declared.items() if is_mapping(declared) else ():
        default = parameter.get("Default") if is_mapping(parameter) else None
        if isinstance(default, int) and not isinstance(default, bool):
            default = str(default)
        if isinstance(default, str):
            found[name] = str(default)
    return found


def coerced(value: object, cls: type) -> object:
    """
    Return a scalar as CloudFormation reads it for a *cls*: quotes around numbers and booleans don't matter.
    """
    if cls is str and isinstance(value, int):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, str) and cls is not str:
        return Plain(value)
    return value


def resource_of(request: models.CreateDistributionConfigurationRequest) -> dict[str, Any]:
    """
    Return the resource that creates the same configuration as *request*.
    """
    issues = [
        Issue(
            ("distributions", index, "s3ExportConfiguration"),
            "not-in-cloudformation",
            "error",
            "isn't supported by CloudFormation, whose resource can't export to S3",
            each.s3_export_configuration,
        )
        for index, each in enumerate(request.distributions)
        if each.s3_export_configuration is not None
    ]
    if issues:
        raise ValidationError(issues, resource=request.name)
    return {"Type": RESOURCE_TYPE, "Properties": _renamed(to_boto3(request), type(request))}


def _renamed(data: dict[str, Any], cls: type) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for name, member in names_of(cls, cloudformation=True).items():
        if member.name in data:
            value = data[member.name]
            if member.model is not None:
                value = (
                    [_renamed(each, member.model) for each in value]
                    if member.container
                    else _renamed(value, member.model)
                )
            renamed[name] = value
    return renamed

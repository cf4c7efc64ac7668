"""
What a file holds, and its content as plain data in the API's names.

A request, a response, distributions alone, or CloudFormation's resource.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, describe, did_you_mean, show
from imagebuilder_dist._shapes.walk import Collection, Shape, Structure, shape_of
from imagebuilder_dist.documents import _cloudformation as cfn
from imagebuilder_dist.documents._parsed import Parsed, Plain, unreadable
from imagebuilder_dist.errors import DocumentError, Issue

Form: TypeAlias = Literal["create", "update", "configuration", "distributions", "distribution", "cloudformation"]

_CREATE = models.CreateDistributionConfigurationRequest
_RESOURCES = ("Resources",)


@attrs.frozen
class Source:
    """
    What a document holds, and where.
    """

    form: Form
    cls: type
    data: Any
    """The data to read as a *cls*."""
    root: Location = ()
    """Its location in the file."""
    added: int = 0
    """How many leading steps of a location in `data` don't exist in the file."""
    defaults: cfn.Parameters = attrs.field(factory=dict[str, str])

    def in_file(self, location: Location) -> Location:
        """
        Return the location in the file of a *location* in the data, in the API's names.
        """
        if self.form == "cloudformation":
            location = cfn.respelled_location(location)
        return (*self.root, *location[self.added :])

    def in_content(self, location: Location) -> Location:
        """
        Return a *location* in the file in the API's names, without what is around the content.
        """
        if location[: len(self.root)] == self.root:
            location = location[len(self.root) :]
        return cfn.respelled_location(location) if self.form == "cloudformation" else location


def recognise(parsed: Parsed, resource: str | None, *, cloudformation: bool) -> Source:
    """
    Return what a document holds.

    Args:
        parsed: The whole document.
        resource: The logical name of a template's resource; it may be omitted if there is only one.
        cloudformation: Whether to accept nothing but CloudFormation.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it isn't any of these.
    """
    data = parsed.data
    if is_mapping(data):
        if is_mapping(data.get("Resources")):
            return _template(parsed, data, resource)
        if data.get("Type") == cfn.RESOURCE_TYPE:
            return Source("cloudformation", _CREATE, data.get("Properties", {}), ("Properties",))
        if cloudformation or "Distributions" in data:
            return Source("cloudformation", _CREATE, data)
        return _mapping(parsed, data)
    if is_list(data) and not cloudformation:
        return _alone("distributions", data, 1)
    written = str(data) if isinstance(data, Plain) else data
    raise _unrecognised(parsed, f"must be an object or a list of distributions, not {describe(written)}")


def _mapping(parsed: Parsed, data: Mapping[Any, Any]) -> Source:
    wrapped = data.get("distributionConfiguration")
    if is_mapping(wrapped):
        return Source("configuration", models.DistributionConfiguration, wrapped, ("distributionConfiguration",))
    if "arn" in data:
        return Source("configuration", models.DistributionConfiguration, data)
    if "distributionConfigurationArn" in data:
        return Source("update", models.UpdateDistributionConfigurationRequest, data)
    if data.keys() & {"name", "distributions"}:
        return Source("create", _CREATE, data)
    if data.keys() & shape_of(models.Distribution).members.keys():
        return _alone("distribution", [data], 2)
    message = (
        "is neither a request, a response, a distribution nor a CloudFormation template: "
        "it has none of name, distributions, distributionConfigurationArn, arn, region, Resources"
    )
    raise _unrecognised(parsed, message)


def _template(parsed: Parsed, template: Mapping[Any, Any], resource: str | None) -> Source:
    found = {
        name: each
        for name, each in template["Resources"].items()
        if is_mapping(each) and each.get("Type") == cfn.RESOURCE_TYPE
    }
    listed = f"it has {', '.join(map(show, found))}" if found else "it has none"
    if resource is None and len(found) == 1:
        [resource] = found
    if resource is None or resource not in found:
        kind = cfn.RESOURCE_TYPE
        wanted = f"must have one {kind}" if resource is None else f"has no {kind} called {show(resource)}"
        remedy = "; choose the resource to read" if found and resource is None else ""
        raise _unrecognised(parsed, f"{wanted}; {listed}{remedy}", _RESOURCES)
    properties = found[resource].get("Properties")
    declared = template.get("Parameters")
    defaults = {
        name: cfn.text_of(each["Default"])
        for name, each in (declared.items() if is_mapping(declared) else ())
        if is_mapping(each) and isinstance(each.get("Default"), str | int)
    }
    root = (*_RESOURCES, resource, "Properties")
    return Source("cloudformation", _CREATE, {} if properties is None else properties, root, defaults=defaults)


def _alone(form: Form, distributions: object, added: int) -> Source:
    return Source(form, _CREATE, {"name": "distributions", "distributions": distributions}, added=added)


def _unrecognised(parsed: Parsed, message: str, location: Location = ()) -> DocumentError:
    return unreadable(parsed.file, parsed.place(location), message, "unrecognised", location)


# Those of YAML 1.1, which the AWS CLI and CloudFormation read.
_BOOLEANS = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}
# Without octal, binary and sexagesimal numbers, which readers of YAML 1.1 and 1.2 read differently.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")


@attrs.define
class Normaliser:
    """
    Makes plain data in the API's names of what was parsed; whatever has a wrong type stays as it is.
    """

    is_cloudformation: bool
    parameters: cfn.Parameters
    issues: list[Issue] = attrs.field(factory=list[Issue])
    """What can't be said in the API's names; with locations in the file's."""

    def plain(self, value: object, shape: Shape, at: Location) -> object:
        """
        Return *value*, which is *at* a location in the file, as its *shape* takes it.
        """
        if self.is_cloudformation and cfn.is_function(value):
            value = self._resolved(value, at)
            if shape.cls is list and isinstance(value, str):
                value = [each.strip() for each in value.split(",")]
        if isinstance(shape, Structure) and is_mapping(value):
            return self._members(value, shape, at)
        if isinstance(shape, Collection) and shape.cls is list and is_list(value):
            if shape.item.cls is str and not self.is_cloudformation:
                return value  # there may be thousands
            return [self.plain(each, shape.item, (*at, nth)) for nth, each in enumerate(value)]
        if isinstance(shape, Collection) and shape.cls is dict and is_mapping(value):
            return {key: self.plain(each, shape.item, (*at, key)) for key, each in value.items()}
        if isinstance(shape, Collection) and shape.cls is dict and is_list(value) and self.is_cloudformation:
            self._report(at, "type", "must be a map of keys and values here, not a list of Key and Value", value)
        return self._scalar(value, shape.cls)

    def _members(self, value: Mapping[Any, Any], shape: Structure, at: Location) -> object:
        names = cfn.properties_of(shape) if self.is_cloudformation else {name: name for name in shape.members}
        plain: dict[str, object] = {}
        for key, each in value.items():
            if self.is_cloudformation and each == cfn.NO_VALUE:
                continue
            if key in names:
                plain[names[key]] = self.plain(each, shape.members[names[key]], (*at, key))
            elif not self.is_cloudformation:
                plain[key] = each
            else:
                hint = did_you_mean(key, names) or f"; it has {', '.join(names)}"
                self._report((*at, key), "unknown-member", f"isn't a property here, and would be lost{hint}", each)
        return plain

    def _scalar(self, value: object, cls: type) -> object:
        if self.is_cloudformation and isinstance(value, int) and cls is str:
            return cfn.text_of(value)
        # To CloudFormation, quotes around numbers and booleans don't matter.
        if isinstance(value, Plain) or (self.is_cloudformation and isinstance(value, str)):
            if cls is bool:
                return _BOOLEANS.get(value.lower(), str(value))
            if cls is int and _INTEGER.fullmatch(value):
                return int(value)
        return str(value) if isinstance(value, Plain) else value

    def _resolved(self, value: object, at: Location) -> object:
        try:
            return cfn.resolve(value, self.parameters)
        except cfn.UnresolvedError as error:
            self._report(at, "unresolved", str(error), value)
            return None

    def _report(self, at: Location, rule: str, message: str, value: object) -> None:
        self.issues.append(Issue(at, rule, "error", message, value))

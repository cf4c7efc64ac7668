"""
Recognise a document: a request, a response, distributions alone, or CloudFormation's.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_list, is_mapping, members_of
from imagebuilder_dist._common.text import Location, describe, show
from imagebuilder_dist.documents._cloudformation import defaults_of, is_resource, is_template, resources_of
from imagebuilder_dist.documents._intrinsics import Parameters
from imagebuilder_dist.documents._parsed import as_text, step_into
from imagebuilder_dist.documents._spelling import RESOURCE_TYPE, spelled

Form: TypeAlias = Literal["create", "update", "configuration", "distributions", "distribution", "cloudformation"]


class UnrecognisedError(Exception):
    """
    The document isn't one of these; *location* is what shows it.
    """

    def __init__(self, message: str, location: Location = ()) -> None:
        super().__init__(message)
        self.location = location


@attrs.frozen
class Shape:
    """
    A document's form, and how to read it.
    """

    form: Form
    cls: type[Any]
    data: object
    """The data to read as a *cls*."""
    root: Location = ()
    """Its location in the file."""
    added: int = 0
    """How many leading steps of a location in `data` don't exist in the file."""
    defaults: Parameters = attrs.field(factory=dict[str, str])

    @property
    def is_cloudformation(self) -> bool:
        """Whether the document has CloudFormation's spelling."""
        return self.form == "cloudformation"

    def in_file(self, location: Location) -> Location:
        """
        Return the location in the file of a *location* in the `cls`, by attributes or by the API's names.
        """
        return (*self.root, *spelled(self.cls, location, cloudformation=self.is_cloudformation)[self.added :])


def recognise(data: object, resource: str | None, *, cloudformation: bool) -> Shape:
    """
    Return the shape of *data*, the whole document.

    Args:
        data: The parsed document.
        resource: The logical name of a template's resource; it may be omitted if there is only one.
        cloudformation: Whether to accept nothing but CloudFormation.

    Raises:
        UnrecognisedError:
            If it isn't any of these.
    """
    if is_mapping(data):
        if is_template(data):
            return _template(data, resource)
        if is_resource(data):
            return _cloudformation(data.get("Properties", {}), ("Properties",))
        if cloudformation or "Distributions" in data:
            return _cloudformation(data)
        return _mapping(data)
    if is_list(data) and not cloudformation:
        return _distributions("distributions", data, 1)
    raise UnrecognisedError(f"must be an object or a list of distributions, not {describe(as_text(data))}")


def _template(template: Mapping[Any, Any], resource: str | None) -> Shape:
    found = resources_of(template)
    if resource is not None and resource not in found:
        raise UnrecognisedError(f"has no {RESOURCE_TYPE} called {show(resource)}; {_listed(found)}", ("Resources",))
    if resource is None and len(found) != 1:
        remedy = "; choose the resource to read" if found else ""
        raise UnrecognisedError(f"must have one {RESOURCE_TYPE}; {_listed(found)}{remedy}", ("Resources",))
    root = found[resource or next(iter(found))]
    properties = step_into(template, root)
    return attrs.evolve(_cloudformation({} if properties is None else properties, root), defaults=defaults_of(template))


def _listed(found: Mapping[str, Location]) -> str:
    return f"it has {', '.join(map(show, found))}" if found else "it has none"


def _cloudformation(properties: object, root: Location = ()) -> Shape:
    return Shape("cloudformation", models.CreateDistributionConfigurationRequest, properties, root)


def _distributions(form: Form, distributions: object, added: int) -> Shape:
    data = {"name": "distributions", "distributions": distributions}  # a request has a name
    return Shape(form, models.CreateDistributionConfigurationRequest, data, added=added)


def _mapping(document: Mapping[Any, Any]) -> Shape:
    wrapped = document.get("distributionConfiguration")
    if is_mapping(wrapped):
        root = ("distributionConfiguration",)
        return Shape("configuration", models.DistributionConfiguration, wrapped, root)
    if "arn" in document:
        return Shape("configuration", models.DistributionConfiguration, document)
    if "distributionConfigurationArn" in document:
        return Shape("update", models.UpdateDistributionConfigurationRequest, document)
    if "distributions" in document or "name" in document:
        return Shape("create", models.CreateDistributionConfigurationRequest, document)
    members = {member.name for member in members_of(models.Distribution)}
    if document.keys() & members:
        return _distributions("distribution", [document], 2)
    raise UnrecognisedError(
        "is neither a request, a response, a distribution nor a CloudFormation template: "
        "it has none of name, distributions, distributionConfigurationArn, arn, region, Resources"
    )

"""
What a file holds: a request, a response, distributions alone, CloudFormation's resources, or something else.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.arns import split_arn
from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, closest, describe, show
from imagebuilder_dist._shapes.walk import shape_of
from imagebuilder_dist.documents import _cloudformation as cfn
from imagebuilder_dist.documents._parsed import Parsed, Plain, unreadable
from imagebuilder_dist.errors import DocumentError

Form: TypeAlias = Literal["create", "update", "configuration", "distributions", "distribution", "cloudformation"]

_CREATE = models.CreateDistributionConfigurationRequest
_UPDATE = models.UpdateDistributionConfigurationRequest
_STORED = models.DistributionConfiguration
_RESOURCES = ("Resources",)


@attrs.frozen
class Source:
    """
    A configuration in a document, and where it is.
    """

    form: Form
    cls: type
    data: Any
    """The data to read as a *cls*."""
    root: Location = ()
    """Its location in the file."""
    added: int = 0
    """How many leading steps of a location in `data` don't exist in the file."""
    template: Mapping[Any, Any] = attrs.field(factory=dict[Any, Any])
    """What its functions refer to."""
    condition: Any = None
    """The name of the condition on which it depends."""

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


def recognise(parsed: Parsed, resource: str | None, *, cloudformation: bool) -> list[Source]:
    """
    Return the configurations in a document: one, or any number in a template.

    Args:
        parsed: The whole document.
        resource: The logical name of a template's resource; if omitted, all are returned.
        cloudformation: Whether to accept nothing but CloudFormation.

    Raises:
        imagebuilder_dist.errors.DocumentError:
            If it isn't any of these.
    """
    data = parsed.data
    if is_mapping(data):
        if is_mapping(data.get("Resources")):
            return _template(parsed, data, _RESOURCES, resource)
        if any(map(_is_resource, data.values())):  # such as a snippet for AWS::Include
            return _template(parsed, data, (), resource)
        if data.get("Type") == cfn.RESOURCE_TYPE:
            properties = data.get("Properties", {})
            return [Source("cloudformation", _CREATE, properties, ("Properties",), condition=data.get("Condition"))]
        if cloudformation or "Distributions" in data:
            return [Source("cloudformation", _CREATE, data)]
        return [_mapping(parsed, data)]
    if is_list(data) and not cloudformation:
        items = [each for each in data if is_mapping(each)]
        for each in items:
            _reject_others(parsed, each)
        if data and not any(not each or _fits(each, models.Distribution, any) for each in items):
            raise unrecognised(parsed, f"isn't {_READ}")
        return [Source("distributions", _CREATE, {"name": "distributions", "distributions": data}, added=1)]
    written = str(data) if isinstance(data, Plain) else data
    raise unrecognised(parsed, f"must be an object or a list of distributions, not {describe(written)}")


# By the keys that tell what else a file may be; none of them is a member of what is read here.
_OTHERS: Mapping[str, str] = {
    "apiVersion": "a Kubernetes manifest",
    "digest": "a saved plan, which `plan` and `apply` take",
    "distributionConfigurationSummaryList": "a list of configurations, which has none of their settings",
    "regions": "a summary of a configuration, which has none of its settings",
    "image": "the response to GetImage, of which only image.distributionConfiguration can be read",
    "requestId": "a response that has no distribution configuration",
    "resource": "a Terraform configuration",
    "terraform_version": "a plan or a state of Terraform",
    "builders": "a Packer template",
    "parentImage": "a recipe",
    "instanceTypes": "an infrastructure configuration",
    "instanceProfileName": "an infrastructure configuration",
    "infrastructureConfigurationArn": "an image or an image pipeline",
    "steps": "a workflow",
    "phases": "a component",
}
_READ = "a request, the response to GetDistributionConfiguration, distributions, or a CloudFormation template"


def _mapping(parsed: Parsed, data: Mapping[Any, Any]) -> Source:
    wrapped, arn = data.get("distributionConfiguration"), data.get("arn")
    if is_mapping(wrapped) and arn is None:
        return Source("configuration", _STORED, wrapped, ("distributionConfiguration",))
    if "distributions" not in data:
        _reject_others(parsed, data)
        outputs = shape_of(models.Distribution).members.keys() - {"region"}
        if data.keys() & outputs or ("region" in data and _fits(data, models.Distribution)):
            return Source("distribution", _CREATE, {"name": "distributions", "distributions": [data]}, added=2)
    if "arn" in data:
        return Source("configuration", _STORED, data)
    if "distributionConfigurationArn" in data and ("distributions" in data or _fits(data, _UPDATE)):
        return Source("update", _UPDATE, data)
    if "distributions" in data and data.keys() <= {"distributions", "description"}:
        return Source("distributions", _CREATE, {"name": "distributions", **data})
    if "distributions" in data or ("name" in data and _fits(data, _CREATE)):
        return Source("create", _CREATE, data)
    raise unrecognised(parsed, f"isn't {_READ}")


def _reject_others(parsed: Parsed, data: Mapping[Any, Any]) -> None:
    """Raise an error that says what *data* is instead of a distribution configuration, if that is clear."""
    arn = split_arn(data["arn"]) if isinstance(data.get("arn"), str) else None
    kind, _, _ = arn.resource.partition("/") if arn else ("", "", "")
    what = next((what for key, what in _OTHERS.items() if key in data), "")
    if kind not in {"", "distribution-configuration"}:
        what = f"another resource, {show(kind)} by its arn"
    if what:
        raise unrecognised(parsed, f"looks like {what}; what can be read is {_READ}")


def _fits(data: Mapping[Any, Any], cls: type, among: Callable[[Iterable[object]], bool] = all) -> bool:
    """Return whether *data* has only members of *cls*, or any of them, as far as they aren't misspelt."""
    members = shape_of(cls).members
    return among(key in members or closest(key, members) for key in data)


def _is_resource(data: object) -> bool:
    return is_mapping(data) and data.get("Type") == cfn.RESOURCE_TYPE


def _template(parsed: Parsed, template: Mapping[Any, Any], at: Location, resource: str | None) -> list[Source]:
    resources: Mapping[Any, Any] = template["Resources"] if at else template
    found = {
        name: Source(
            "cloudformation",
            _CREATE,
            each.get("Properties") or {},
            (*at, name, "Properties"),
            template=template,
            condition=each.get("Condition"),
        )
        for name, each in resources.items()
        if _is_resource(each)
    }
    if resource is None:
        return [*found.values()]
    if resource not in found:
        listed = ", ".join(map(show, found)) or "none"
        raise unrecognised(parsed, f"has no {cfn.RESOURCE_TYPE} called {show(resource)}; it has {listed}", at)
    return [found[resource]]


def unrecognised(parsed: Parsed, message: str, location: Location = ()) -> DocumentError:
    """
    Return the error for a document that isn't what is read here.
    """
    return unreadable(parsed.file, parsed.place(location), message, "unrecognised", location)

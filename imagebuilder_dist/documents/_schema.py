"""
A JSON Schema for files, built from the limits and the descriptions of members.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_list, is_mapping, member_name
from imagebuilder_dist._common.text import show
from imagebuilder_dist._shapes.walk import Collection, Scalar, Shape, Structure, shape_of
from imagebuilder_dist.documents._cloudformation import RESOURCE_TYPE, properties_of

Spelling: TypeAlias = Literal["api", "cloudformation"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_CREATE = models.CreateDistributionConfigurationRequest
_UPDATE = models.UpdateDistributionConfigurationRequest
_PLAIN = {str: "string", bool: "boolean", int: "integer"}

_BUILD_DATE = r"\{\{\s*imagebuilder:buildDate\s*(:[^{}]*)?\}\}"

# What rules check beyond the limits, by class and by member; a schema can't express that Regions are unique.
_OF_CLASSES: Mapping[type, Mapping[str, Any]] = {models.Distribution: {"minProperties": 2}}
_OF_MEMBERS: Mapping[tuple[type, str], Mapping[str, Any]] = {
    (_CREATE, "distributions"): {"minItems": 1},
    (_UPDATE, "distributions"): {"minItems": 1},
    (models.AmiDistributionConfiguration, "name"): {"allOf": [{"pattern": _BUILD_DATE}]},
}
_EITHER_OR: Mapping[type, tuple[str, str]] = {
    models.FastLaunchLaunchTemplateSpecification: ("launchTemplateId", "launchTemplateName")
}

_FUNCTION_NAMES = {"pattern": "^(Ref|Fn::[A-Za-z0-9]+)$"}
_FUNCTION = {"type": "object", "propertyNames": _FUNCTION_NAMES, "minProperties": 1, "maxProperties": 1}


def json_schema(spelling: Spelling = "api") -> dict[str, Any]:
    """
    Return a JSON Schema (draft 2020-12) for files, to use in editors and other tools.

    It checks limits, names, types and missing members like `validate`, and contains AWS's description of each member.
    It can't compare values, for example to find a duplicate Region, and it accepts any response.

    Args:
        spelling: `api` for requests and distributions as the AWS CLI takes them, `cloudformation` for templates.

    Raises:
        ValueError:
            If *spelling* is neither.
    """
    if spelling not in get_args(Spelling):
        raise ValueError(f"spelling must be api or cloudformation, not {show(spelling)}")
    return _Schema(cloudformation=spelling == "cloudformation").whole()


class _Schema:
    def __init__(self, *, cloudformation: bool) -> None:
        self._cloudformation = cloudformation
        self._definitions: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        root = self._resources() if self._cloudformation else self._requests()
        title = "EC2 Image Builder distribution configuration"
        whole: dict[str, Any] = _without_none({"$schema": _DRAFT, "title": title, **root, "$defs": self._definitions})
        return whole

    def _requests(self) -> dict[str, Any]:
        distribution = self._of(shape_of(models.Distribution))
        responses = [{"required": ["arn"]}, {"required": ["distributionConfiguration"]}]
        # Nested conditions, because for alternatives (`anyOf`) an editor can only report that none matches.
        request = _choice({"required": ["region"]}, distribution, self._of(shape_of(_CREATE)))
        request = _choice({"required": ["distributionConfigurationArn"]}, self._of(shape_of(_UPDATE)), request)
        request = _choice({"anyOf": responses}, {}, request)
        return {
            "type": ["object", "array"],
            **_choice({"type": "array"}, {"items": distribution, "minItems": 1}, request),
        }

    def _resources(self) -> dict[str, Any]:
        of_type = {"Type": {"const": RESOURCE_TYPE}}
        resource = {
            "type": "object",
            "properties": {**of_type, "Properties": self._of(shape_of(_CREATE))},
            "required": ["Type", "Properties"],
        }
        self._definitions["Resource"] = resource
        self._definitions["Function"] = _FUNCTION
        reference = {"$ref": "#/$defs/Resource"}
        every = {"if": {"properties": of_type, "required": ["Type"]}, "then": reference}
        template = {"properties": {"Resources": {"type": "object", "additionalProperties": every}}}
        return {"type": "object", **_choice({"required": ["Resources"]}, template, reference)}

    def _of(self, shape: Shape) -> dict[str, Any]:
        limit = shape.limit
        if isinstance(shape, Structure):
            name = shape.model.__name__
            if name not in self._definitions:
                self._definitions[name] = self._object(shape)
            return {"$ref": f"#/$defs/{name}"}
        if isinstance(shape, Collection):
            items = self._or_function(self._of(shape.item))
            if shape.keys is None:
                return {"type": "array", "items": items, "minItems": limit.min, "maxItems": limit.max}
            keys = {"propertyNames": self._of(shape.keys), "additionalProperties": items}
            return {"type": "object", **keys, "minProperties": limit.min, "maxProperties": limit.max}
        least, most = ("minimum", "maximum") if shape.cls is int else ("minLength", "maxLength")
        return {
            "type": _PLAIN[shape.cls],
            "enum": [*shape.allowed] if isinstance(shape, Scalar) else None,
            least: limit.min,
            most: limit.max,
            # `\\s` is ASCII white space to the service, but not in JSON Schema.
            "pattern": limit.pattern and limit.pattern.replace(r"\s", r" \t\n\v\f\r"),
        }

    def _object(self, shape: Structure) -> dict[str, Any]:
        cls, members = shape.model, shape.members
        names = properties_of(shape) if self._cloudformation else {name: name for name in members}
        texts = _texts_of(cls)
        properties = {
            name: {
                "description": texts.get(member),
                **self._or_function({**self._of(members[member]), **_OF_MEMBERS.get((cls, member), {})}),
            }
            for name, member in names.items()
        }
        both = [name for name, member in names.items() if member in _EITHER_OR.get(cls, ())]
        return {
            "type": "object",
            "description": cls.__doc__ and inspect.cleandoc(cls.__doc__),
            "properties": properties,
            "required": [name for name, member in names.items() if member in shape.required],
            "additionalProperties": False,
            "not": {"required": both} if both else None,
            **_OF_CLASSES.get(cls, {}),
        }

    def _or_function(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"anyOf": [schema, {"$ref": "#/$defs/Function"}]} if self._cloudformation else schema


def _choice(condition: dict[str, Any], then: dict[str, Any], otherwise: dict[str, Any]) -> dict[str, Any]:
    return {"if": condition, "then": then, "else": otherwise}


def _without_none(schema: Any) -> Any:
    if is_list(schema):
        return [_without_none(each) for each in schema]
    if is_mapping(schema):
        return {key: _without_none(value) for key, value in schema.items() if value not in (None, [])}
    return schema


def _texts_of(cls: type) -> dict[str, str | None]:
    """Return the docstrings under the attributes of *cls* in the source, by member; empty if there is no source."""
    try:
        nodes: Iterator[Any] = ast.walk(ast.parse(inspect.getsource(cls)))  # siblings follow each other
    except (OSError, SyntaxError, TypeError):  # no source, or not the source of what was imported
        return {}
    return {
        member_name(ast.unparse(node.target)): ast.get_docstring(ast.Module([after], []))
        for node, after in pairwise(nodes)
        if isinstance(node, ast.AnnAssign)
    }

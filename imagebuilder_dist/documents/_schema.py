"""
A JSON Schema for files, built from the limits and the descriptions of members.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import Member
from imagebuilder_dist._shapes.limits import LIMITS, NO_LIMIT, Limit
from imagebuilder_dist.documents._spelling import RESOURCE_TYPE, names_of

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
    models.FastLaunchLaunchTemplateSpecification: ("launch_template_id", "launch_template_name")
}

_FUNCTION: Mapping[str, Any] = {
    "description": "A function of CloudFormation, such as Ref.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "patternProperties": {"^(Ref|Fn::[A-Za-z0-9]+)$": {}},
    "additionalProperties": False,
}


def json_schema(spelling: Spelling) -> dict[str, Any]:
    """
    Return the schema for files in one *spelling*.
    """
    return _Schema(cloudformation=spelling == "cloudformation").whole()


class _Schema:
    def __init__(self, *, cloudformation: bool) -> None:
        self._cloudformation = cloudformation
        self._definitions: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        root = self._resources() if self._cloudformation else self._requests()
        return {
            "$schema": _DRAFT,
            "title": "EC2 Image Builder distribution configuration",
            **root,
            "$defs": self._definitions,
        }

    def _requests(self) -> dict[str, Any]:
        distribution = self._reference(models.Distribution)
        responses = [{"required": ["arn"]}, {"required": ["distributionConfiguration"]}]
        # Nested conditions, because for alternatives (`anyOf`) an editor can only report that none matches.
        request = _choice({"required": ["region"]}, distribution, self._reference(_CREATE))
        request = _choice({"required": ["distributionConfigurationArn"]}, self._reference(_UPDATE), request)
        request = _choice({"anyOf": responses}, {}, request)
        return {
            "type": ["object", "array"],
            **_choice({"type": "array"}, {"items": distribution, "minItems": 1}, request),
        }

    def _resources(self) -> dict[str, Any]:
        of_type = {"Type": {"const": RESOURCE_TYPE}}
        resource = {
            "type": "object",
            "properties": {**of_type, "Properties": self._reference(_CREATE)},
            "required": ["Type", "Properties"],
        }
        self._definitions["Resource"] = resource
        self._definitions["Function"] = _FUNCTION
        reference = {"$ref": "#/$defs/Resource"}
        every = {"if": {"properties": of_type, "required": ["Type"]}, "then": reference}
        template = {"properties": {"Resources": {"type": "object", "additionalProperties": every}}}
        return {"type": "object", **_choice({"required": ["Resources"]}, template, reference)}

    def _reference(self, cls: type) -> dict[str, Any]:
        if cls.__name__ not in self._definitions:
            self._definitions[cls.__name__] = self._object(cls)
        return {"$ref": f"#/$defs/{cls.__name__}"}

    def _object(self, cls: type) -> dict[str, Any]:
        names = names_of(cls, cloudformation=self._cloudformation)
        texts = _texts_of(cls)
        schema = {
            "type": "object",
            "description": cls.__doc__ and inspect.cleandoc(cls.__doc__),
            "properties": {
                name: _without_none(
                    {"description": texts.get(member.attribute), **self._or_function(self._member(cls, member))}
                )
                for name, member in names.items()
            },
            "required": [name for name, member in names.items() if not member.is_optional],
            "additionalProperties": False,
            **_OF_CLASSES.get(cls, {}),
        }
        if cls in _EITHER_OR:
            both = [name for name, member in names.items() if member.attribute in _EITHER_OR[cls]]
            schema["not"] = {"required": both}
        return _without_none(schema)

    def _or_function(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"anyOf": [schema, {"$ref": "#/$defs/Function"}]} if self._cloudformation else schema

    def _member(self, cls: type, member: Member) -> dict[str, Any]:
        limit = LIMITS[cls].get(member.attribute, NO_LIMIT)
        rules = _OF_MEMBERS.get((cls, member.attribute), {})
        item = self._reference(member.model) if member.model else _plain(member, limit)
        if member.container is None:
            return {**item, **rules}
        if member.container is tuple:
            item = item if member.model else _plain(member, limit.items or NO_LIMIT)
            sizes = {"minItems": limit.min, "maxItems": limit.max}
            return _without_none({"type": "array", "items": self._or_function(item), **sizes, **rules})
        return _without_none(
            {
                "type": "object",
                "propertyNames": _plain(member, limit.keys or NO_LIMIT),
                "additionalProperties": self._or_function(_plain(member, limit.items or NO_LIMIT)),
                "minProperties": limit.min,
                "maxProperties": limit.max,
            }
        )


def _plain(member: Member, limit: Limit) -> dict[str, Any]:
    least, most = ("minimum", "maximum") if member.cls is int else ("minLength", "maxLength")
    return _without_none(
        {
            "type": _PLAIN[member.cls],
            "enum": [*member.allowed],
            least: limit.min,
            most: limit.max,
            # `\\s` is ASCII white space to the service, but not in JSON Schema.
            "pattern": limit.pattern and limit.pattern.replace(r"\s", r" \t\n\v\f\r"),
        }
    )


def _choice(condition: dict[str, Any], then: dict[str, Any], otherwise: dict[str, Any]) -> dict[str, Any]:
    return {"if": condition, "then": then, "else": otherwise}


def _without_none(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if value not in (None, [])}


def _texts_of(cls: type) -> dict[str, str | None]:
    """Return the docstrings under the attributes of *cls* in the source; empty if the source isn't available."""
    try:
        nodes: Iterator[Any] = ast.walk(ast.parse(inspect.getsource(cls)))  # siblings follow each other
    except (OSError, SyntaxError, TypeError):  # no source, or not the source of what was imported
        return {}
    return {
        ast.unparse(node.target): ast.get_docstring(ast.Module([after], []))
        for node, after in pairwise(nodes)
        if isinstance(node, ast.AnnAssign)
    }

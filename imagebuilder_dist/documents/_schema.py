"""
A JSON Schema for files, built from the shapes and the descriptions of members.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import is_list, is_mapping, member_name
from imagebuilder_dist._shapes.walk import Collection, Scalar, Shape, Structure, shape_of

_PLAIN = {str: "string", bool: "boolean", int: "integer"}
_BUILD_DATE = r"\{\{\s*imagebuilder:buildDate\s*(:[^{}]*)?\}\}"

# What rules check beyond the limits, by class and by member; a schema can't express that Regions are unique.
_OF_CLASSES: Mapping[type, Mapping[str, Any]] = {
    models.Distribution: {"minProperties": 2},
    models.FastLaunchLaunchTemplateSpecification: {"not": {"required": ["launchTemplateId", "launchTemplateName"]}},
}
_OF_MEMBERS: Mapping[tuple[type, str], Mapping[str, Any]] = {
    (models.CreateDistributionConfigurationRequest, "distributions"): {"minItems": 1},
    (models.UpdateDistributionConfigurationRequest, "distributions"): {"minItems": 1},
    (models.AmiDistributionConfiguration, "name"): {"allOf": [{"pattern": _BUILD_DATE}]},
}


def json_schema() -> dict[str, Any]:
    """
    Return a JSON Schema (draft 2020-12) for files, to use in editors and other tools.

    It checks limits, names, types and missing members like `validate`, and contains AWS's description of each member.
    It can't compare values, for example to find a duplicate Region, and it accepts any response.
    """
    definitions = {cls.__name__: _object(shape_of(cls)) for cls in models.MODELS}
    draft, title = "https://json-schema.org/draft/2020-12/schema", "EC2 Image Builder distribution configuration"
    whole: dict[str, Any] = _without_none({"$schema": draft, "title": title, **_request(), "$defs": definitions})
    return whole


def _request() -> dict[str, Any]:
    distribution = _reference(models.Distribution)
    responses = [{"required": ["arn"]}, {"required": ["distributionConfiguration"]}]
    update = _reference(models.UpdateDistributionConfigurationRequest)
    # Nested conditions, because for alternatives (`anyOf`) an editor can only report that none matches.
    create = _reference(models.CreateDistributionConfigurationRequest)
    members = {each: {"$ref": f"{create['$ref']}/properties/{each}"} for each in ("distributions", "description")}
    nameless = {"properties": members, "required": ["distributions"]}
    create = _choice({"propertyNames": {"enum": [*members]}}, nameless, create)
    request = _choice({"required": ["region"]}, distribution, create)
    request = _choice({"required": ["distributionConfigurationArn"]}, update, request)
    request = _choice({"anyOf": responses}, {}, request)
    distributions = {"items": distribution, "minItems": 1}
    return {"type": ["object", "array"], **_choice({"type": "array"}, distributions, request)}


def _object(shape: Structure) -> dict[str, Any]:
    cls, texts = shape.model, _texts_of(shape.model)
    properties = {
        name: {"description": texts.get(name), **_of(member), **_OF_MEMBERS.get((cls, name), {})}
        for name, member in shape.members.items()
    }
    return {
        "type": "object",
        "description": cls.__doc__ and inspect.cleandoc(cls.__doc__),
        "properties": properties,
        "required": [*shape.required],
        "additionalProperties": False,
        **_OF_CLASSES.get(cls, {}),
    }


def _of(shape: Shape) -> dict[str, Any]:
    limit = shape.limit
    if isinstance(shape, Structure):
        return _reference(shape.model)
    if isinstance(shape, Collection):
        items = _of(shape.item)
        if shape.keys is None:
            return {"type": "array", "items": items, "minItems": limit.min, "maxItems": limit.max}
        keys = {"propertyNames": _of(shape.keys), "additionalProperties": items}
        return {"type": "object", **keys, "minProperties": limit.min, "maxProperties": limit.max}
    least, most = ("minimum", "maximum") if shape.cls is int else ("minLength", "maxLength")
    # `\\s` is ASCII white space to the service, but not in JSON Schema.
    pattern = limit.pattern and limit.pattern.replace(r"\s", r" \t\n\v\f\r")
    allowed = [*shape.allowed] if isinstance(shape, Scalar) else None
    return {"type": _PLAIN[shape.cls], "enum": allowed, least: limit.min, most: limit.max, "pattern": pattern}


def _reference(cls: type) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{cls.__name__}"}


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

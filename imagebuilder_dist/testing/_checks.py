"""
The local endpoint's checks: botocore's service model, applied generically, and the service's own rules.

They don't use the library's models or its validation, so that tests can compare the two.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import attrs
from botocore.model import ListShape, MapShape, Shape, StructureShape

Json: TypeAlias = Any


@attrs.frozen
class Problem:
    """
    A reason why the service rejects a request.
    """

    path: str
    reason: str
    code: str = "InvalidParameterValueException"

    @property
    def message(self) -> str:
        """
        The message, in the service's words.
        """
        return f"The value supplied for parameter '{self.path}' is not valid. {self.reason}"


_TYPES: Mapping[str, type] = {
    "boolean": bool,
    "integer": int,
    "list": list,
    "map": dict,
    "string": str,
    "structure": dict,
}


def model_problems(shape: Shape, value: Json, path: str = "") -> Iterator[Problem]:
    """
    Yield what *shape*, from botocore's service model, doesn't allow in *value*, in document order.
    """
    if not _is_a(shape.type_name, value):
        yield Problem(path, f"Expected a value of type {shape.type_name}, got {_json_type(value)}.")
    else:
        yield from _limit_problems(shape, value, path)
        yield from _member_problems(shape, value, path)


def _member_problems(shape: Shape, value: Json, path: str) -> Iterator[Problem]:
    if isinstance(shape, StructureShape):
        for member in shape.required_members:
            if member not in value:
                yield Problem(_join(path, member), "The parameter is required.")
        for member, item in value.items():
            if member in shape.members:
                yield from model_problems(shape.members[member], item, _join(path, member))
            else:
                yield Problem(_join(path, member), "The parameter is not known.")
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from model_problems(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from model_problems(shape.key, key, _join(path, key))
            yield from model_problems(shape.value, item, _join(path, key))


def _is_a(type_name: str, value: Json) -> bool:
    return isinstance(value, _TYPES[type_name]) and not (type_name == "integer" and isinstance(value, bool))


def _limit_problems(shape: Shape, value: Json, path: str) -> Iterator[Problem]:
    limits: Mapping[str, Any] = shape.metadata
    measured, unit, size = _measure(value)
    if "min" in limits and size < limits["min"]:
        yield Problem(path, f"It {measured} at least {_bound(limits['min'], unit)}.")
    if "max" in limits and size > limits["max"]:
        yield Problem(path, f"It {measured} at most {_bound(limits['max'], unit)}.")
    if "pattern" in limits and not _pattern(limits["pattern"]).search(value):
        yield Problem(path, f"It must match the pattern {limits['pattern']}.")
    if "enum" in limits and value not in limits["enum"]:
        yield Problem(path, f"It must be one of {', '.join(limits['enum'])}.")


def _bound(number: int, unit: str) -> str:
    return f"{number}{unit.removesuffix('s') if number == 1 else unit}"


def _measure(value: Json) -> tuple[str, str, Json]:
    """Return the size of *value*, after the verb and the unit for a message about it."""
    if isinstance(value, str):
        return "must contain", " characters", len(value)
    if not isinstance(value, bool | int):
        return "must contain", " items", len(value)
    return "must be", "", value


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    # Python's $ would let a trailing newline pass, and the service's \s is ASCII.
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


def _json_type(value: object) -> str:
    names: Mapping[type, str] = {
        bool: "a boolean",
        dict: "an object",
        list: "a list",
        str: "a string",
        type(None): "null",
    }
    return names.get(type(value), "a number")


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


_BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*(?::[^{}]*)?\}\}", re.ASCII)


def _no_distributions(distributions: list[Json]) -> Iterator[Problem]:
    if not distributions:
        yield Problem("distributions", "It must contain at least 1 item.")


def _region_twice(distributions: list[Json]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, distribution in enumerate(distributions):
        region = distribution["region"]
        if region in seen:
            yield Problem(f"distributions[{index}].region", f"The Region {region} is given more than once.")
        seen.add(region)


def _no_output(distributions: list[Json]) -> Iterator[Problem]:
    for index, distribution in enumerate(distributions):
        if not any(value != [] for member, value in distribution.items() if member != "region"):
            yield Problem(
                f"distributions[{index}]",
                "One or more outputs should be provided for each region in a distribution configuration.",
            )


def _name_without_build_date(distributions: list[Json]) -> Iterator[Problem]:
    for index, distribution in enumerate(distributions):
        name = distribution.get("amiDistributionConfiguration", {}).get("name")
        if name is not None and not _BUILD_DATE.search(name):
            yield Problem(
                f"distributions[{index}].amiDistributionConfiguration.name",
                "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure that the name will be unique.",
            )


def _template_by_id_and_name(distributions: list[Json]) -> Iterator[Problem]:
    for index, distribution in enumerate(distributions):
        for nth, fast_launch in enumerate(distribution.get("fastLaunchConfigurations", [])):
            if {"launchTemplateId", "launchTemplateName"} <= fast_launch.get("launchTemplate", {}).keys():
                yield Problem(
                    f"distributions[{index}].fastLaunchConfigurations[{nth}].launchTemplate",
                    "Give either launchTemplateId or launchTemplateName.",
                    "InvalidParameterCombinationException",
                )


_RULES: tuple[Callable[[list[Json]], Iterator[Problem]], ...] = (
    _no_distributions,
    _region_twice,
    _no_output,
    _name_without_build_date,
    _template_by_id_and_name,
)


def rule_problems(distributions: list[Json]) -> Iterator[Problem]:
    """
    Yield what the service rejects in *distributions* although its model allows it.
    """
    for rule in _RULES:
        yield from rule(distributions)

"""
The local endpoint's checks: botocore's service model, applied generically, and the service's own rules.

They don't use the library's models or its validation, so that tests can compare the two.
"""

import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from botocore.model import ListShape, MapShape, Shape, StructureShape

from imagebuilder_dist._common.text import counted

Json: TypeAlias = Any


class RejectionError(Exception):
    """
    The service rejects the request; the arguments are the error's code and its message.
    """


def reject(path: str, reason: str, code: str = "InvalidParameterValueException") -> NoReturn:
    """
    Reject a request because of the value of one parameter.
    """
    raise RejectionError(code, f"The value supplied for parameter '{path}' is not valid. {reason}")


_TYPES: Json = {"boolean": bool, "integer": int, "list": list, "map": dict, "string": str, "structure": dict}
_JSON_TYPES = {bool: "a boolean", dict: "an object", list: "a list", str: "a string", type(None): "null"}


def check_model(shape: Shape, value: Json, path: str = "") -> None:
    """
    Reject the first thing in *value* that *shape*, from botocore's service model, doesn't allow.
    """
    if type(value) is not _TYPES[shape.type_name]:
        reject(path, f"Expected a value of type {shape.type_name}, got {_JSON_TYPES.get(value.__class__, 'a number')}.")
    _check_limits(shape, value, path)
    if isinstance(shape, StructureShape):
        _check_members(shape, value, path)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            check_model(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            check_model(shape.key, key, _join(path, key))
            check_model(shape.value, item, _join(path, key))


def _check_members(shape: StructureShape, value: Json, path: str) -> None:
    for member in shape.required_members:
        if member not in value:
            reject(_join(path, member), "The parameter is required.")
    for member, item in value.items():
        if member not in shape.members:
            reject(_join(path, member), "The parameter is not known.")
        check_model(shape.members[member], item, _join(path, member))


def _check_limits(shape: Shape, value: Json, path: str) -> None:
    limits: Mapping[str, Any] = shape.metadata
    size = value if shape.type_name in {"boolean", "integer"} else len(value)
    if "min" in limits and size < limits["min"]:
        reject(path, f"It must {_amount(value, 'at least', limits['min'])}.")
    if "max" in limits and size > limits["max"]:
        reject(path, f"It must {_amount(value, 'at most', limits['max'])}.")
    # Python's $ would let a trailing newline pass, and the service's \s is ASCII.
    if "pattern" in limits and not re.search(re.sub(r"\$$", r"\\Z", limits["pattern"]), value, re.ASCII):
        reject(path, f"It must match the pattern {limits['pattern']}.")
    if "enum" in limits and value not in limits["enum"]:
        reject(path, f"It must be one of {', '.join(limits['enum'])}.")


def _amount(value: Json, words: str, bound: int) -> str:
    if isinstance(value, int):
        return f"be {words} {bound}"
    return f"contain {words} {counted(bound, 'character' if isinstance(value, str) else 'item')}"


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


_BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*(?::[^{}]*)?\}\}", re.ASCII)


def check_rules(distributions: list[Json]) -> None:
    """
    Reject the first thing that the service rejects in *distributions* although its model allows it.
    """
    if not distributions:
        reject("distributions", "It must contain at least 1 item.")
    regions = [distribution["region"] for distribution in distributions]
    for index, region in enumerate(regions):
        if region in regions[:index]:
            reject(f"distributions[{index}].region", f"The Region {region} is given more than once.")
    for index, distribution in enumerate(distributions):
        _check_distribution(distribution, f"distributions[{index}]")


def _check_distribution(distribution: Json, path: str) -> None:
    if not any(value != [] for member, value in distribution.items() if member != "region"):
        reject(path, "One or more outputs should be provided for each region in a distribution configuration.")
    name = distribution.get("amiDistributionConfiguration", {}).get("name")
    if name is not None and not _BUILD_DATE.search(name):
        reject(
            f"{path}.amiDistributionConfiguration.name",
            "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure that the name will be unique.",
        )
    for index, fast_launch in enumerate(distribution.get("fastLaunchConfigurations", [])):
        if {"launchTemplateId", "launchTemplateName"} <= fast_launch.get("launchTemplate", {}).keys():
            reject(
                f"{path}.fastLaunchConfigurations[{index}].launchTemplate",
                "Give either launchTemplateId or launchTemplateName.",
                "InvalidParameterCombinationException",
            )

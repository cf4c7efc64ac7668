"""
CloudFormation's functions: those that only compute are resolved, and what only a deployment knows stays unknown.
"""

import base64
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.arns import dns_suffix, partition_by_region
from imagebuilder_dist._common.attributes import EMPTY, is_list, is_mapping
from imagebuilder_dist._common.text import show

Parameters: TypeAlias = Mapping[str, str | Sequence[str]]

NO_VALUE = {"Ref": "AWS::NoValue"}
"""CloudFormation drops a property or an item with this value."""

REFERENCES = frozenset({"Ref", "Fn::GetAtt", "Fn::ImportValue"})

MACRO = re.compile("Fn::(Transform$|ForEach::)")
"""Functions that add members to the mapping in which they stand."""

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_LITERAL = re.compile(r"\$\{!([^${}]*)\}")
# Not `{{ imagebuilder:buildDate }}`, which Image Builder replaces.
_DYNAMIC_REFERENCE = re.compile(r"\{\{(resolve:[^{}]*)\}\}")


@attrs.frozen
class Unknown:
    """
    A value that only a deployment knows.
    """

    names: tuple[str, ...] = ()
    """What it depends on; parameters with these names make it known."""


class FunctionError(Exception):
    """A call that CloudFormation rejects; the text says why."""


def is_function(value: object) -> bool:
    """
    Return whether *value* calls a function of CloudFormation.
    """
    if not is_mapping(value) or len(value) != 1:
        return False
    [name] = value
    return name in {"Condition", "Ref"} or str(name).startswith("Fn::")


def text_of(value: object) -> str:
    """
    Return a scalar as CloudFormation reads it where it takes a string.
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def with_pseudo_parameters(parameters: Parameters, owner: str | None) -> Parameters:
    """
    Return *parameters* with the pseudo parameters that follow from the owner and from `AWS::Region`.
    """
    known: dict[str, str | Sequence[str]] = {"AWS::AccountId": owner} if owner else {}
    region = parameters.get("AWS::Region")
    partition = partition_by_region().get(str(region)) if region else None
    if partition is not None:
        known |= {"AWS::Partition": partition, "AWS::URLSuffix": dns_suffix(partition)}
    return {**known, **parameters}


def split(text: str) -> list[str]:
    """
    Return the items of a list that is written as a text.
    """
    return [each.strip() for each in text.split(",")]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _equals(one: object, other: object) -> bool:
    return text_of(one) == text_of(other)


def _join(separator: str, values: Sequence[object]) -> str:
    return separator.join(map(text_of, values))


def _select(index: str, values: Sequence[object]) -> object:
    return values[int(index)]


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator)


_PURE: Mapping[str, Callable[..., Any]] = {
    "Fn::And": lambda *conditions: all(conditions),
    "Fn::Base64": _base64,
    "Fn::Equals": _equals,
    "Fn::Join": _join,
    "Fn::Length": lambda *values: str(len(values)),
    "Fn::Not": operator.not_,
    "Fn::Or": lambda *conditions: any(conditions),
    "Fn::Select": _select,
    "Fn::Split": _split,
}
_LAZY = frozenset({"Fn::If", "Fn::Sub"})
"""They resolve only those of their arguments that they need."""


@attrs.frozen
class Functions:
    """
    The functions that a template calls, and what they refer to.
    """

    template: Mapping[Any, Any]
    """The whole template; empty for a resource alone."""

    parameters: Parameters

    names: set[object] = attrs.field(init=False, factory=set[object])
    """What was looked up so far."""

    def look_up_all(self, value: object) -> None:
        """
        Look up whatever functions in *value* refer to, also those that don't need it.
        """
        pending = [value]
        while pending:
            each = pending.pop()
            with suppress(FunctionError, RecursionError):
                self.resolve(each)
            if is_mapping(each) and isinstance(each.get("Condition"), str):  # a resource's
                self.names.add(each["Condition"])
            pending += each.values() if is_mapping(each) else each if is_list(each) else ()

    def resolve(self, value: Any) -> Any:
        """
        Return *value*, or the result if it calls a function, which may be `Unknown`; nothing in it is resolved.

        Raises:
            imagebuilder_dist.documents._functions.FunctionError:
                If CloudFormation rejects the call.
        """
        name, argument = "resolve", value
        macros = [str(key) for key in value if MACRO.match(str(key))] if is_mapping(value) else []
        if macros:
            return Unknown((*macros,))
        try:
            if isinstance(value, str):
                return self._filled(_DYNAMIC_REFERENCE, value) if "{{resolve:" in value else value
            if not is_function(value):
                return value
            [(name, argument)] = value.items()
            if name not in _LAZY:
                argument = self._whole(argument)
            if isinstance(argument, Unknown):
                return argument
            function = self._by_name.get(name)
            if function is None:  # such as Fn::GetAZs
                return self._named(name)
            result = function(*argument) if is_list(argument) else function(argument)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise FunctionError(f"calls {show(name)} in a way that CloudFormation rejects: {show(argument)}") from None
        return self.resolve(result) if isinstance(result, str) else result  # it may be a dynamic reference

    def resolved(self, value: Any) -> Any:
        """
        Do as `resolve`, and return the error instead of raising it.
        """
        try:
            return self.resolve(value)
        except FunctionError as error:
            return error

    @property
    def _by_name(self) -> Mapping[str, Callable[..., Any]]:
        return {
            **_PURE,
            "Condition": self._condition,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._attribute,
            "Fn::If": self._if,
            "Fn::ImportValue": self._named,
            "Fn::Sub": self._sub,
            "Ref": self._named,
        }

    def _whole(self, value: Any) -> Any:
        """Return *value* with every item in it resolved; `Unknown` if any is."""
        value = self.resolve(value)
        if is_list(value):
            items = [self._whole(each) for each in value]
            return _unknown(items) or [each for each in items if each != NO_VALUE]
        return value

    def _named(self, name: str) -> Any:
        """Return the value of a parameter, an attribute, an export: of whatever has a name."""
        if name == "AWS::NoValue":
            return NO_VALUE
        self.names.add(name)
        declared = self.template.get("Parameters", {}).get(name, {})
        kind: str = declared.get("Type", "")
        value = self.parameters.get(name)
        if value is None and not kind.startswith("AWS::SSM::Parameter::Value"):  # whose default is a name in SSM
            value = declared.get("Default")
        if value is None:
            return Unknown((name + "",))  # a name that is no text is an error
        if is_list(value):
            return [*value]
        return split(text_of(value)) if "List" in kind else text_of(value)

    def _attribute(self, *parts: str) -> Any:
        return self._named(".".join(parts))

    def _find_in_map(self, name: str, key: str, second: str, default: Mapping[str, Any] = EMPTY) -> Any:
        mappings = self.template.get("Mappings", {})
        if name not in mappings:  # a macro or AWS::Include may add it
            return self._attribute(name, key, second)
        try:
            return mappings[name][key][second]
        except KeyError:
            return self.resolve(default["DefaultValue"])

    def _condition(self, name: str) -> Any:
        conditions = self.template.get("Conditions", {})
        if name in conditions:
            return self._whole(conditions[name])
        value = self._named(name)
        return value if isinstance(value, Unknown) else value == "true"

    def _if(self, condition: str, met: Any, unmet: Any) -> Any:
        is_met = self._condition(condition)
        return is_met if isinstance(is_met, Unknown) else self.resolve(met if is_met else unmet)

    def _sub(self, text: str, variables: Mapping[str, Any] = EMPTY) -> Any:
        literals = {f"!{name}": f"${{{name}}}" for name in _LITERAL.findall(text)}
        return self._filled(_VARIABLE, text, literals | {name: self._whole(each) for name, each in variables.items()})

    def _filled(self, pattern: re.Pattern[str], text: str, variables: Mapping[str, Any] = EMPTY) -> Any:
        """Return *text* with a value for each name that *pattern* finds in it."""
        names = [match[1].strip() for match in pattern.finditer(text)]
        values = {name: variables[name] if name in variables else self._named(name) for name in names}
        return _unknown(values.values()) or pattern.sub(lambda match: values[match[1].strip()], text)


def _unknown(values: Iterable[Any]) -> Unknown | None:
    """Return an unknown value if any of *values* is, with the names of all."""
    names = [name for each in values if isinstance(each, Unknown) for name in each.names]
    return Unknown(tuple(dict.fromkeys(names))) if names else None

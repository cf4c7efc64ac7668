"""
CloudFormation's functions, as far as they only substitute values.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import show

Parameters: TypeAlias = Mapping[str, str | Sequence[str]]

_VARIABLE = re.compile(r"\$\{(!?)([^${}]*)\}")
_FUNCTIONS = frozenset({"Condition", "Ref"})


class UnresolvedError(Exception):
    """A function whose value isn't known; the text says what to do."""


NO_VALUE = {"Ref": "AWS::NoValue"}
"""CloudFormation drops a property with this value."""


def is_function(value: object) -> bool:
    """
    Return whether *value* calls a function of CloudFormation.
    """
    if not is_mapping(value) or len(value) != 1:
        return False
    [name] = value
    return name in _FUNCTIONS or name.startswith("Fn::")


def resolve(value: object, parameters: Parameters) -> object:
    """
    Return *value*, or the result if it calls a function.

    Raises:
        UnresolvedError:
            If a parameter is missing, or if the function does more than substitute.
    """
    if not is_mapping(value) or not is_function(value):
        return value
    [(function, argument)] = value.items()
    if function == "Ref" and isinstance(argument, str):
        return _parameter(argument, parameters)
    if function == "Fn::GetAtt":
        parts = argument if is_list(argument) else [argument]
        if all(isinstance(each, str) for each in parts):
            return _parameter(".".join(map(str, parts)), parameters)
    if function == "Fn::ImportValue" and isinstance(name := resolve(argument, parameters), str):
        return _parameter(name, parameters)
    if function == "Fn::Sub":
        return _substituted(argument, parameters)
    raise UnresolvedError(
        f"calls {show(function)}, which can't be resolved here: write the value, or use Ref, Fn::Sub, Fn::GetAtt or "
        "Fn::ImportValue with parameters"
    )


def _parameter(name: str, parameters: Mapping[str, object]) -> object:
    if name not in parameters:
        raise UnresolvedError(f"needs a value for {show(name)}: give it as a parameter")
    value = parameters[name]
    return [*value] if is_list(value) else value


def _substituted(argument: object, parameters: Parameters) -> str:
    text, *more = argument if is_list(argument) and argument else [argument]
    own: object = more[0] if more else dict[str, object]()
    if not isinstance(text, str) or not is_mapping(own):
        raise UnresolvedError("must pass a string, or a list of a string and its variables, to Fn::Sub")
    variables = {**parameters, **{name: resolve(value, parameters) for name, value in own.items()}}

    def replaced(match: re.Match[str]) -> str:
        if match[1]:
            return f"${{{match[2]}}}"  # ${!Literal}
        value = _parameter(match[2].strip(), variables)
        if not isinstance(value, str):
            raise UnresolvedError(f"inserts {show(match[2])} into a string, but its value is a list")
        return value

    return _VARIABLE.sub(replaced, text)

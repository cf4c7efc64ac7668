"""
How a value differs from what a test expects, as the service sees it.
"""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import attrs

from imagebuilder_dist._common.attributes import members_of
from imagebuilder_dist._common.text import show
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.changes import Change, diff, differences
from imagebuilder_dist.models import MODELS, RESULTS, Distribution


def explain(left: Any, right: Any) -> list[str] | None:
    """
    Return what pytest shows for two unequal models, results or lists of distributions; `None` for other values.
    """
    if left.__class__ is not right.__class__:
        return None
    if left.__class__ in _CLASSES:
        lines = list(_model_differences(left, right))
    elif left.__class__ in {list, tuple} and all(isinstance(each, Distribution) for each in (*left, *right)):
        lines = list(map(_line, diff(left, right)))
    else:
        return None
    summary = f"{left.__class__.__name__} == {left.__class__.__name__}"
    if not lines:
        return [summary, "they mean the same to the service, but differ in order or in duplicates"]
    return [summary, "what differs (- left, + right):", *lines]


_CLASSES = frozenset(MODELS + RESULTS)


def _model_differences(left: Any, right: Any) -> Iterator[str]:
    members = {member.attribute for member in members_of(left.__class__)}
    for field in attrs.fields(left.__class__):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if field.name in members and field.eq:
            yield from member_differences(left.__class__, field.name, one, other)
        elif field.eq and one != other:
            yield f"~ {field.name}: {show(one)} -> {show(other)}"


def member_differences(cls: type, attribute: str, expected: Any, actual: Any) -> Iterator[str]:
    """
    Yield what differs in an *attribute* of *cls*; *expected* may be any object that decides what it is equal to.
    """
    if expected == actual:
        return
    member = next(member for member in members_of(cls) if member.attribute == attribute)
    if expected is None or isinstance(expected, str | int | tuple | Mapping) or expected.__class__ is actual.__class__:
        sides: list[Any] = [expected, actual]
        one, other = (SimpleNamespace(**({} if each is None else {attribute: each})) for each in sides)
        yield from map(_line, differences(cls, (), one, other))
    else:
        yield f"~ {member.name}: {show(expected)} -> {show(actual)}"


def _line(change: Change) -> str:
    # A change's own text is written for plans: it has several lines, and only suits stored configurations.
    before, after = _shown(change.before), _shown(change.after)
    if change.kind == "changed":
        return f"~ {change.path}: {before} -> {after}"
    return f"+ {change.path}: {after}" if change.kind == "added" else f"- {change.path}: {before}"


def _shown(value: Any) -> str:
    return repr(to_boto3(value) if attrs.has(value.__class__) else value)

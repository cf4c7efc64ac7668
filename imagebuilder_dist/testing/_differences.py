"""
What differs between what a test expects and what it got, in the service's meaning.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from imagebuilder_dist._converter import MODELS, RESULTS
from imagebuilder_dist._fields import member_name, show
from imagebuilder_dist.changes import _differences, diff  # pyright: ignore[reportPrivateUsage] # `diff` is for wholes
from imagebuilder_dist.models import Distribution


def explain(left: Any, right: Any) -> list[str] | None:
    """
    Return what pytest shows of two models, results or lists of distributions that aren't equal; `None` for others.
    """
    if left.__class__ is not right.__class__:
        return None
    if left.__class__ in _CLASSES:
        lines = list(_model_differences(left, right))
    elif left.__class__ in {list, tuple} and all(isinstance(each, Distribution) for each in (*left, *right)):
        lines = list(map(str, diff(left, right)))
    else:
        return None
    summary = f"{left.__class__.__name__} == {left.__class__.__name__}"
    if not lines:
        return [summary, "they mean the same to the service, but differ in order or repetition"]
    return [summary, "what differs (- left, + right):", *lines]


_CLASSES = frozenset(MODELS + RESULTS)


def _model_differences(left: Any, right: Any) -> Iterator[str]:
    for field in attrs.fields(left.__class__):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if field.metadata.get("member", True) and field.eq:
            yield from member_differences(field.name, one, other)
        elif field.eq and one != other:
            yield f"~ {field.name}: {show(one)} -> {show(other)}"


def member_differences(attribute: str, expected: Any, actual: Any) -> Iterator[str]:
    """
    Give what differs in an *attribute*; an expected value may be anything that says what it is equal to.
    """
    name = member_name(attribute)
    if expected == actual:
        return
    if attribute == "distributions" and expected.__class__ is tuple:
        yield from map(str, diff(expected, actual))
    elif (
        expected is None or isinstance(expected, str | int | tuple | Mapping) or expected.__class__ is actual.__class__
    ):
        yield from map(str, _differences((attribute,), name, expected, actual))
    else:
        yield f"~ {name}: {show(expected)} -> {show(actual)}"

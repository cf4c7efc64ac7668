"""
What differs between what a test expects and what it got, in the service's meaning.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from imagebuilder_dist._fields import member_name, show
from imagebuilder_dist.changes import _differences, diff  # pyright: ignore[reportPrivateUsage] # `diff` is for wholes


def model_differences(expected: Any, actual: Any) -> Iterator[str]:
    """
    Give what differs between two values of one of this library's classes, a line each.
    """
    for field in attrs.fields(expected.__class__):
        if field.eq:
            yield from member_differences(field.name, getattr(expected, field.name), getattr(actual, field.name))


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

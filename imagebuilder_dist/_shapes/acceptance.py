"""
The short way to tell that a document is as it should be: one expression for each structure, compiled from its shape.

It never says what is wrong, and it may doubt what is fine, such as text that isn't ASCII. The walk then looks closely,
which takes several times as long.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from imagebuilder_dist._common.text import Location
from imagebuilder_dist._shapes.limits import ACCOUNT_ID
from imagebuilder_dist._shapes.walk import Collection, Shape, Structure, are_account_ids, shape_of
from imagebuilder_dist.errors import Issue


def problems_of(document: object, cls: type, at: Location = ()) -> list[Issue]:
    """
    Return what is wrong with a *document* that becomes a *cls*, and was found *at* a location.
    """
    shape = shape_of(cls)
    return [] if acceptance_of(shape)(document) else [*shape.walk(document, at)]


@cache
def acceptance_of(shape: Structure) -> Callable[[Any], object]:
    """
    Return a function that tells whether a document with a *shape* is certainly as it should be.
    """
    names: dict[str, object] = {"known": frozenset(shape.members)}
    parts = ["type(it) is dict", "it.keys() <= known", "None not in it.values()"]
    for name, member in shape.members.items():
        absent = f"(v := it.get({name!r})) is None"
        fine = _fine("v", member, names)
        parts.append(f"not {absent} and {fine}" if name in shape.required else f"({absent} or {fine})")
    # The source contains nothing but names of our own members and the limits of the service's model.
    exec(f"def accept(it):\n    return {' and '.join(parts)}", names)  # noqa: S102
    return cast("Callable[[Any], object]", names["accept"])


def _fine(value: str, shape: Shape, names: dict[str, object]) -> str:
    """Return an expression that tells whether a *value*, a variable, has a *shape*; add what it uses to *names*."""
    if isinstance(shape, Structure):
        return f"{_named(acceptance_of(shape), names)}({value})"
    size = value if shape.cls is int else f"len({value})"
    parts = [f"type({value}) is {shape.cls.__name__}"]
    if shape.cls is str:
        parts.append(f"{value}.isascii()")
    if shape.limit.min is not None:
        parts.append(f"{size} >= {shape.limit.min}")
    if shape.limit.max is not None:
        parts.append(f"{size} <= {shape.limit.max}")
    if shape.limit is ACCOUNT_ID:  # a pattern takes five times as long
        parts += [f"len({value}) == 12", f"{value}.isdigit()"]
    elif shape.matches is not None:
        parts.append(f"{_named(shape.matches, names)}({value})")
    if isinstance(shape, Collection) and shape.limit.items is ACCOUNT_ID:
        parts.append(f"{_named(are_account_ids, names)}({value})")
    elif isinstance(shape, Collection) and shape.keys is None:
        parts.append(f"all([{_fine('each', shape.item, names)} for each in {value}])")
    elif isinstance(shape, Collection) and shape.keys is not None:
        fine = f"{_fine('key', shape.keys, names)} and {_fine('each', shape.item, names)}"
        parts.append(f"all([{fine} for key, each in {value}.items()])")
    return f"({' and '.join(parts)})"


def _named(value: object, names: dict[str, object]) -> str:
    name = f"_{len(names)}"
    names[name] = value
    return name

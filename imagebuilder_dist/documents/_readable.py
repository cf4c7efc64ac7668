"""
What validation can still check in a document that can't be read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from imagebuilder_dist._common.attributes import Member, members_of
from imagebuilder_dist._common.text import Location


def readable(data: Mapping[Any, Any], cls: type, wrong: Iterable[Location]) -> dict[str, Any]:
    """
    Return *data* without what is *wrong* in it, so that it can be read as a *cls*.

    Required members and items are replaced, so that everything else keeps its location; other members are left out.
    """
    kept: dict[str, Any] = dict(data)
    members = {member.name: member for member in members_of(cls)}
    for name, below in _by_step(wrong).items():
        member = members.get(str(name))
        if member is not None and () not in below:
            kept[member.name] = _readable_below(kept[member.name], member, below)
        elif member is not None and not member.is_optional:
            kept[member.name] = _stand_in(member)
        else:
            kept.pop(str(name))
    return kept


def _readable_below(value: Any, member: Member, wrong: list[Location]) -> object:
    """Return the *value* of a *member* without what is *wrong* inside it."""
    if member.container is None:
        return readable(value, member.cls, wrong)
    by_step = _by_step(wrong)
    items = {
        step: _readable_item(item, member.cls, by_step[step]) if step in by_step else item
        for step, item in (value.items() if member.container is Mapping else enumerate(value))
    }
    return items if member.container is Mapping else [*items.values()]


def _readable_item(item: Any, cls: type, wrong: list[Location]) -> object:
    return _empty(cls) if () in wrong else readable(item, cls, wrong)


def _stand_in(member: Member) -> object:
    return [] if member.container else _empty(member.cls)


def _empty(cls: type) -> object:
    """Return the data of a *cls* with only the required members."""
    if cls in {bool, int, str}:
        return cls()
    return {member.name: _stand_in(member) for member in members_of(cls) if not member.is_optional}


def _by_step(locations: Iterable[Location]) -> dict[str | int, list[Location]]:
    """Group locations by their first step, and return the rest of each."""
    found: dict[str | int, list[Location]] = {}
    for first, *below in locations:
        found.setdefault(first, []).append(tuple(below))
    return found

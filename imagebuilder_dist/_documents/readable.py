"""
What can still be validated of a document that can't be read.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from imagebuilder_dist import models
from imagebuilder_dist._converter import from_boto3
from imagebuilder_dist._fields import is_list, is_mapping, members_of
from imagebuilder_dist._paths import Location
from imagebuilder_dist._validation import validate
from imagebuilder_dist.errors import Issue


def validated_rest(data: object, wrong: Iterable[Location]) -> Iterator[tuple[Location, Issue]]:
    """
    Validate what isn't *wrong* in the distributions of *data*, and give each issue with its location in *data*.
    """
    distributions = data.get("distributions") if is_mapping(data) else None
    if not is_list(distributions):
        return
    gaps = _by_step(_by_step(wrong).get("distributions", []))
    kept = {
        index: rest
        for index, each in enumerate(distributions)
        if (rest := _readable(each, models.Distribution, gaps.get(index, []))) is not None
    }
    if not kept:  # there is nothing to say about no distributions
        return
    indices = [*kept]
    for issue in validate([from_boto3(each, models.Distribution) for each in kept.values()]):
        above, *below = issue.location[1:]
        yield ("distributions", indices[above], *below), issue


def _readable(value: object, cls: type, gaps: list[Location]) -> dict[str, Any] | None:
    """Return *value* without what is wrong in it; `None` if a member that has to be there is."""
    if not is_mapping(value) or () in gaps:
        return None
    rest: dict[str, Any] = dict(value)
    members = {member.name: member for member in members_of(cls)}
    for name, below in _by_step(gaps).items():
        member = members.get(str(name))
        kept = None
        if member is not None and member.model is not None and member.container is None:
            kept = _readable(rest.get(member.name), member.model, below)
        if kept is None:
            rest.pop(str(name), None)
        else:
            rest[str(name)] = kept
    if any(not member.is_optional and name not in rest for name, member in members.items()):
        return None
    return rest


def _by_step(gaps: Iterable[Location]) -> dict[str | int, list[Location]]:
    """Return what comes after the first step of each location, by that step."""
    found: dict[str | int, list[Location]] = {}
    for first, *below in filter(None, gaps):
        found.setdefault(first, []).append(tuple(below))
    return found

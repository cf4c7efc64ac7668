"""
Locations of differences: attribute names, and the keys of items that have one, from the configuration down.

Regions, SSM parameters, launch templates and fast-launch configurations have keys, so a location continues below them.
"""

from collections.abc import Mapping
from functools import cache

import attrs

from imagebuilder_dist._common.attributes import Member, members_of
from imagebuilder_dist._common.text import join, key_text, show
from imagebuilder_dist.models import (
    Distribution,
    DistributionConfiguration,
    FastLaunchConfiguration,
    LaunchTemplateConfiguration,
    SsmParameterConfiguration,
)

_KEYS: Mapping[type, tuple[str, ...]] = {
    Distribution: ("region",),
    FastLaunchConfiguration: ("account_id",),
    LaunchTemplateConfiguration: ("launch_template_id", "account_id"),
    SsmParameterConfiguration: ("parameter_name", "ami_account_id"),
}


def key_of(item: object, cls: type) -> tuple[str, ...]:
    """
    Return the key of an *item* in a list of *cls*: empty if it has none, with "" for a missing account.
    """
    return tuple(getattr(item, name) or "" for name in _KEYS.get(cls, ()))


@attrs.frozen
class Place:
    """
    What a location refers to.
    """

    member: Member
    """The last attribute in the location."""

    member_path: str

    key: tuple[str, ...]
    """The tag key or the item's key after it; empty at the attribute itself."""

    path: str


def locate(location: tuple[str, ...], cls: type = DistributionConfiguration) -> Place:
    """
    Return what *location*, which starts at a *cls*, refers to.

    Raises:
        LookupError:
            If it refers to nothing.
    """
    path, place = "", None
    while location:
        member = _members(cls)[location[0]]
        member_path = f"{path}.{member.name}" if path else member.name
        length = 1 if member.container is Mapping else len(_KEYS.get(member.cls, ())) if member.container else 0
        key, location = location[1 : 1 + length], location[1 + length :]
        if len(key) < length and (key or member.container is Mapping):
            raise LookupError(f"the key is incomplete: {show(key)}")
        path, cls = path_at(member, member_path, key), member.cls
        place = Place(member, member_path, key, path)
    if place is None:
        raise LookupError("the location is empty")
    return place


def path_at(member: Member, path: str, key: tuple[str, ...]) -> str:
    """
    Return the path of the item with a *key* in the *member* at *path*.
    """
    if member.container is Mapping:
        return join(path, *key) if key else path
    if not key:
        return path
    return path + ("".join(f"[{key_text(each)}]" for each in key if each) or "[own account]")


@cache
def _members(cls: type) -> Mapping[str, Member]:
    return {member.attribute: member for member in members_of(cls)} if attrs.has(cls) else {}

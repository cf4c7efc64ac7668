"""
How a file spells members: like the API, or like CloudFormation.
"""

from collections.abc import Mapping
from functools import cache

from imagebuilder_dist._common.attributes import Member, members_of
from imagebuilder_dist._common.text import Location
from imagebuilder_dist._shapes.limits import LIMITS, NO_LIMIT, Limit

RESOURCE_TYPE = "AWS::ImageBuilder::DistributionConfiguration"

_RENAMED = {"launchPermission": "LaunchPermissionConfiguration"}
# The first two belong to the call, not to the resource; the third is the one structure that the resource lacks.
_NOT_IN_CLOUDFORMATION = {"clientToken", "dryRun", "s3ExportConfiguration"}


@cache
def names_of(cls: type, *, cloudformation: bool) -> Mapping[str, Member]:
    """
    Return the members of *cls* by their names in a file.
    """
    if not cloudformation:
        return {member.name: member for member in members_of(cls)}
    return {
        _RENAMED.get(member.name, member.name[0].upper() + member.name[1:]): member
        for member in members_of(cls)
        if member.name not in _NOT_IN_CLOUDFORMATION
    }


def spelled(cls: type, location: Location, *, cloudformation: bool) -> Location:
    """
    Return a *location* in a *cls*, by attributes or by the API's names, in the file's spelling.
    """
    steps: list[str | int] = []
    within: type | None = cls
    for step in location:
        name = None
        if within is not None and isinstance(step, str):
            names = names_of(within, cloudformation=cloudformation)
            name = next((name for name, member in names.items() if step in {member.name, member.attribute}), None)
            within = names[name].model if name else None
        steps.append(step if name is None else name)
    return tuple(steps)


def limit_at(cls: type, location: Location) -> Limit:
    """
    Return the limit of the value at *location* in a *cls*, by attributes or by the API's names.
    """
    limit, within = NO_LIMIT, cls
    for step in location:
        if isinstance(step, int):
            limit = limit.items or NO_LIMIT
        else:
            member = next((each for each in members_of(within) if step in {each.name, each.attribute}), None)
            if member is None or member.container is Mapping:
                return NO_LIMIT
            limit, within = LIMITS.get(within, {}).get(member.attribute, NO_LIMIT), member.cls
    return limit

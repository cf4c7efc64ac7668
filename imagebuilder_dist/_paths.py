"""
How the place of a value is written: as the service does, `distributions[0].amiDistributionConfiguration.name`.
"""

import re
from functools import reduce
from typing import TypeAlias

from imagebuilder_dist._fields import member_name, show

Location: TypeAlias = tuple[str | int, ...]
"""The steps from the whole to a value: names, positions and keys."""

# What members, Regions and tag keys consist of. Any other character could forge a line, or hide one.
_PLAIN = re.compile(r"[\w.:/=+@ -]+", re.ASCII)


def key_text(key: object) -> str:
    """
    Return *key* as a path shows it: a plain string as it is, anything else escaped.
    """
    return key if isinstance(key, str) and _PLAIN.fullmatch(key) else show(key)


def join(path: str, step: object) -> str:
    """
    Return the path of what stands at *step*, a key or an index, below *path*.
    """
    text = key_text(step)
    if text is not step:
        return f"{path}[{text}]"
    return f"{path}.{text}" if path else text


def path_of(location: tuple[object, ...]) -> str:
    """
    Return the path of a *location* whose names are the service's.
    """
    return reduce(join, location, "")


def path_of_attributes(location: Location) -> str:
    """
    Return the path of a *location* whose names are attributes.
    """
    return path_of(tuple(member_name(step) if isinstance(step, str) else step for step in location))

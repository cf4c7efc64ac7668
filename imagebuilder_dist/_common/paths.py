"""
Paths of values, in the service's spelling: `distributions[0].amiDistributionConfiguration.name`.
"""

import re
from functools import reduce
from typing import TypeAlias

from imagebuilder_dist._common.attributes import member_name, show

Location: TypeAlias = tuple[str | int, ...]
"""The steps from the whole to a value: names, positions and keys."""

# The characters of members, Regions and tag keys. Others could forge or hide a line.
_PLAIN = re.compile(r"[\w.:/=+@ -]+", re.ASCII)


def key_text(key: object) -> str:
    """
    Return *key* as a path shows it: a plain string unchanged, anything else escaped.
    """
    return key if isinstance(key, str) and _PLAIN.fullmatch(key) else show(key)


def join(path: str, step: object) -> str:
    """
    Append *step*, a key or an index, to *path*.
    """
    text = key_text(step)
    if text is not step:
        return f"{path}[{text}]"
    return f"{path}.{text}" if path else text


def path_of(location: tuple[object, ...]) -> str:
    """
    Return the path of a *location* in the service's names.
    """
    return reduce(join, location, "")


def path_of_attributes(location: Location) -> str:
    """
    Return the path of a *location* in attribute names.
    """
    return path_of(tuple(member_name(step) if isinstance(step, str) else step for step in location))

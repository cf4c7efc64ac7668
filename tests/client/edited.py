"""
Changes for edits.
"""

from collections.abc import Callable

import attrs

from imagebuilder_dist import DistributionConfiguration


def described(text: str | None) -> Callable[[DistributionConfiguration], DistributionConfiguration]:
    """Return a copy with another description."""
    return lambda stored: attrs.evolve(stored, description=text)

"""
One change over thousands of configurations, in many accounts and Regions, on an executor of your choice.

`docs/fleet.md` shows how.
"""

from imagebuilder_dist._fleet.driver import Run, run
from imagebuilder_dist._fleet.journal import Journal
from imagebuilder_dist._fleet.targets import Target
from imagebuilder_dist._fleet.work import Outcome

__all__ = [
    "Journal",
    "Outcome",
    "Run",
    "Target",
    "run",
]

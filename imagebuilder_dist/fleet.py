"""
One change to thousands of configurations, in many accounts and Regions, on an executor of your choice.

`docs/fleet.md` shows how.
"""

from imagebuilder_dist._fleet.driver import Run, run
from imagebuilder_dist._fleet.edits import Discovery, discover, edit_all, ensure_all
from imagebuilder_dist._fleet.journal import Journal
from imagebuilder_dist._fleet.plan import CommonChange, FleetPlan, plan_all
from imagebuilder_dist._fleet.pool import Executor
from imagebuilder_dist._fleet.report import Cause, Summary, summary
from imagebuilder_dist._fleet.targets import Target
from imagebuilder_dist._fleet.work import Outcome

__all__ = [
    "Cause",
    "CommonChange",
    "Discovery",
    "Executor",
    "FleetPlan",
    "Journal",
    "Outcome",
    "Run",
    "Summary",
    "Target",
    "discover",
    "edit_all",
    "ensure_all",
    "plan_all",
    "run",
    "summary",
]

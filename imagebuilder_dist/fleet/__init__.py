"""
One change to thousands of configurations, in many accounts and Regions, on an executor of your choice.

`docs/fleet.md` shows how.
"""

from imagebuilder_dist.fleet._driver import Run, run
from imagebuilder_dist.fleet._edits import Discovery, discover, edit_all, ensure_all
from imagebuilder_dist.fleet._journal import Journal
from imagebuilder_dist.fleet._plan import CommonChange, FleetPlan, plan_all
from imagebuilder_dist.fleet._pool import Executor
from imagebuilder_dist.fleet._report import Cause, Summary, summary
from imagebuilder_dist.fleet._targets import Target
from imagebuilder_dist.fleet._work import Outcome

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

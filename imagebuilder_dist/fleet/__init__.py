"""
One change to thousands of configurations, in many accounts and Regions, on an executor of your choice.

    with ThreadPoolExecutor(16) as threads:
        found = discover(roles, regions, executor=threads)
        print(summary(run(EditJob(change), found.targets, executor=threads)))
"""

from imagebuilder_dist.fleet._jobs import ApplyJob, Discovery, EditJob, EnsureJob, discover
from imagebuilder_dist.fleet._journal import Journal
from imagebuilder_dist.fleet._run import Outcome, run
from imagebuilder_dist.fleet._summary import Group, Summary, summary
from imagebuilder_dist.fleet._targets import Target

__all__ = [
    "ApplyJob",
    "Discovery",
    "EditJob",
    "EnsureJob",
    "Group",
    "Journal",
    "Outcome",
    "Summary",
    "Target",
    "discover",
    "run",
    "summary",
]

"""
Let another account launch the images of every account and Region: plan, apply, report.

Restart it after a crash, and it resumes. Without arguments it runs a demo on a local endpoint.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from imagebuilder_dist.fleet import EditJob, Journal, discover, run, summary
from imagebuilder_dist.steps import add_launch_permissions
from imagebuilder_dist.testing import LocalImageBuilder

REGIONS = ["us-west-2", "eu-west-1"]


def share_everywhere(user_id: str, accounts: list[str | None], journal: Path) -> bool:
    """Share with an account, and return whether everything succeeded; *accounts* are roles or profiles."""
    change = partial(add_launch_permissions, user_ids=[user_id])
    with ThreadPoolExecutor(16) as threads:
        discovery = discover(accounts, REGIONS, executor=threads)
        print(discovery)
        print(summary(run(EditJob(change, dry_run=True), discovery.targets, executor=threads)))
        outcomes = run(EditJob(change), discovery.targets, executor=threads, journal=Journal(journal))
        report = summary(tqdm(outcomes, total=len(discovery.targets), disable=None))
    print(report)
    return not (report.again or discovery.errors)


def main() -> bool:
    """Share in the accounts on the command line, or run a demo."""
    if len(sys.argv) > 1:
        user_id, journal, *accounts = sys.argv[1:]
        return share_everywhere(user_id, [*accounts], Path(journal))
    with LocalImageBuilder() as local, TemporaryDirectory() as folder:
        web: dict[str, Any] = {"amiDistributionConfiguration": {"description": "Web servers"}}
        for region in REGIONS:
            client = local.boto3_client(region_name=region)
            for number in range(4):
                client.create_distribution_configuration(
                    name=f"web servers {number}", distributions=[{"region": region, **web}]
                )
        os.environ |= {
            "AWS_ENDPOINT_URL": local.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        return share_everywhere("111122223333", [None], Path(folder, "journal"))


if __name__ == "__main__":
    sys.exit(not main())

"""
Rehearse `fleet.py` with two accounts, whose roles it assumes, two Regions, and a `kill -9` halfway through.

The service and STS are a `LocalImageBuilder`, which `fleet.py` doesn't know.
"""

import os
import subprocess
import sys
from collections import Counter
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from imagebuilder_dist import AmiDistributionConfiguration, Distribution
from imagebuilder_dist.testing import Exchange, LocalImageBuilder, Reply

ACCOUNTS = ["111111111111", "222222222222"]
REGIONS = ["us-west-2", "eu-west-1"]


def main() -> bool:
    """Run `fleet.py`, kill it after some writes, run it again; return whether each configuration was written once."""
    begun = Event()
    written: Counter[str] = Counter()

    class Watch:
        def answer(self, exchange: Exchange, /) -> Reply:
            reply = exchange.answer()
            if exchange.request.applied:
                written[exchange.request.parameters["distributionConfigurationArn"]] += 1
                if written.total() == 7:  # noqa: PLR2004 - halfway through
                    begun.set()
            return reply

    with LocalImageBuilder() as local, TemporaryDirectory() as folder:
        local.inject(Watch(), times=None, operation="UpdateDistributionConfiguration")
        for account, region, number in product(ACCOUNTS, REGIONS, range(4)):
            web = Distribution(region=region, ami_distribution_configuration=AmiDistributionConfiguration())
            client = local.client(account_id=account, region_name=region)
            client.create_distribution_configuration(f"web servers {number}", [web])
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": local.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        roles = [f"arn:aws:iam::{account}:role/fleet" for account in ACCOUNTS]
        program = [sys.executable, str(Path(__file__).with_name("fleet.py"))]
        command = [*program, "333333333333", str(Path(folder, "journal")), *roles]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as first:  # noqa: S603 - our own program
            begun.wait(60)
            first.kill()
        print(f"killed after {written.total()} writes; running it again:")
        done = subprocess.run(command, env=environment, check=False)  # noqa: S603 - as above
        print(f"{len(written)} configurations were written, each {max(written.values())} time")
        return done.returncode == 0 and written.total() == len(written) == len(ACCOUNTS) * len(REGIONS) * 4


if __name__ == "__main__":
    sys.exit(not main())

"""
The recipe of `docs/resume-after-a-crash.md` under kill -9.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

SCRIPT = Path(__file__).parents[2] / "docs/examples/deploy_once.py"
UPDATE = "UpdateDistributionConfiguration"


@attrs.frozen
class Kill:
    """Kills the client before or after its request runs, or while the response is on its way."""

    kill: Callable[[], object]
    moment: str

    def answer(self, exchange: Any) -> Any:
        if self.moment == "before":
            self.kill()
            return None
        reply = exchange.answer()
        self.kill()
        return reply if self.moment == "response" else None


def deployed(local: LocalImageBuilder, arn: str, release: str, folder: Path, moment: str | None) -> bool:
    """Run the recipe in its own process, which is killed at *moment*; return whether it finished."""
    command = [sys.executable, str(SCRIPT), local.url, arn, release, str(folder)]
    process = subprocess.Popen(command)
    if moment is not None:
        local.inject(Kill(process.kill, moment), operation=UPDATE)
    status = process.wait()
    local.clear_faults()
    assert status in {0, -9}
    return status == 0


def applied(local: LocalImageBuilder, description: str) -> int:
    updates = [request for request in local.requests if request.operation == UPDATE and request.applied]
    return sum(request.body.get("description") == description for request in updates)


@pytest.mark.long
def test_a_release_is_stored_once_whenever_the_process_is_killed(
    local: LocalImageBuilder, boto3_client: Any, tmp_path: Path
) -> None:
    """
    What another writer stores after the crash isn't overwritten with the old version.
    """
    created = boto3_client.create_distribution_configuration(name="web", distributions=ANYTHING)
    arn = created["distributionConfigurationArn"]
    for release, moments in {"1": ("before", "after"), "2": ("response",)}.items():
        expected = release
        for moment in (*moments, None):
            came_to_its_end = deployed(local, arn, release, tmp_path, moment)
            if applied(local, release) and not came_to_its_end:
                expected = f"after {release}"
                boto3_client.update_distribution_configuration(
                    distributionConfigurationArn=arn, distributions=ANYTHING, description=expected
                )

        stored = boto3_client.get_distribution_configuration(distributionConfigurationArn=arn)
        assert applied(local, release) == 1
        assert stored["distributionConfiguration"]["description"] == expected

"""
The local Image Builder as a command.
"""

import os
import select
import signal
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from imagebuilder_dist.testing import LocalImageBuilder

from .samples import create

COMMAND = [sys.executable, "-m", "imagebuilder_dist.testing"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_other_tools_until_it_is_stopped(session: Any, stop: signal.Signals) -> None:
    options = ["--port", "0", "--account-id", "111122223333", "--region", "eu-west-1", "--log"]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}  # the developer may have set it
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            printed, _, _ = select.select([process.stdout], [], [], 60)
            assert printed, "no URL was printed"
            unsigned = Config(signature_version=UNSIGNED)
            client = session.client(
                "imagebuilder", endpoint_url=process.stdout.readline().strip(), region_name="eu-west-1", config=unsigned
            )
            arn = create(client)
            client.list_distribution_configurations()
            client.close()
            process.send_signal(stop)
            _, log = process.communicate(timeout=60)
        finally:
            process.kill()

    assert process.returncode == 0
    assert arn == "arn:aws:imagebuilder:eu-west-1:111122223333:distribution-configuration/web"
    assert log.splitlines() == [
        "PUT CreateDistributionConfiguration: 200, applied",
        "POST ListDistributionConfigurations: 200",
    ]


def test_a_port_that_is_taken_is_an_error(local: LocalImageBuilder) -> None:
    port = urlsplit(local.url).port

    done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"can't listen on port {port}: " in done.stderr

"""
The local Image Builder as a command.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import Target
from imagebuilder_dist.testing import LocalImageBuilder, examples
from imagebuilder_dist.testing.__main__ import main

from .samples import WEB, create

COMMAND = [sys.executable, "-m", "imagebuilder_dist.testing"]


@contextmanager
def served(*options: str) -> Generator[tuple[Any, dict[str, str]]]:
    """Run the command; yield its process and the variables that it prints for a shell."""
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}  # the developer may have set it
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            printed, _, _ = select.select([process.stdout], [], [], 60)
            assert printed, "nothing was printed"
            lines = [process.stdout.readline().split() for _ in range(2)]
            assert [line.pop(0) for line in lines] == ["export", "export"]
            yield process, dict(each.split("=", 1) for line in lines for each in line)
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_other_tools_until_it_is_stopped(session: Any, stop: signal.Signals) -> None:
    with served("--port", "0", "--log") as (process, printed):
        unsigned = Config(signature_version=UNSIGNED)
        url = printed["AWS_ENDPOINT_URL"]
        client = session.client("imagebuilder", endpoint_url=url, config=unsigned)
        arn = create(client)
        client.list_distribution_configurations()
        client.close()
        process.send_signal(stop)
        _, log = process.communicate(timeout=60)

    assert process.returncode == 0
    assert arn == examples.ARN
    assert log.splitlines() == [
        '"PUT /CreateDistributionConfiguration HTTP/1.1" 200 -',
        '"POST /ListDistributionConfigurations HTTP/1.1" 200 -',
    ]


def test_what_it_prints_is_all_that_a_fleet_with_roles_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    with served() as (_, printed):
        for name, value in printed.items():
            monkeypatch.setenv(name, value)
        for account in ("111122223333", "444455556666"):
            arn = ibd.distribution_configuration_arn("web", region_name="eu-west-1", account_id=account)
            target = Target(arn, role_arn=f"arn:aws:iam::{account}:role/fleet")
            assert target.client().create_distribution_configuration("web", [WEB]).distribution_configuration_arn == arn

        assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
        assert [*ibd.DistributionConfigurationClient().list_distribution_configurations()] == []


def test_faults_strike_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = ("--fault", "throttle", "--fault", "lost-after-write", "--times", "2")
    with served(*faults, "--operation", "CreateDistributionConfiguration", "--log") as (process, printed):
        for name, value in printed.items():
            monkeypatch.setenv(name, value)
        client = ibd.DistributionConfigurationClient(retries=ibd.Retries(sleep=lambda _: None))
        assert [*client.list_distribution_configurations()] == []
        client.create_distribution_configuration("web", [WEB])
        client.close()
        process.terminate()
        _, log = process.communicate(timeout=60)

    outcomes = ["429", "-", "429", "-", "200"]
    assert log.splitlines()[1:] == [f'"PUT /CreateDistributionConfiguration HTTP/1.1" {each} -' for each in outcomes]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "flood"], "invalid choice: 'flood' (choose from "),
        (["--fault", "throttle", "--operation", "Update"], "operation must be one of CreateDistributionConfiguration,"),
    ],
)
def test_a_fault_that_does_not_exist_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)

    assert message in capsys.readouterr().err


def test_a_port_that_is_taken_is_an_error(local: LocalImageBuilder) -> None:
    port = str(urlsplit(local.url).port)

    done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"can't listen on port {port}: " in done.stderr

"""
The local endpoint as a command.
"""

import contextlib
import http.client
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing.__main__ import main
from tests.samples import ANYTHING

from .endpoint import ARN, create
from .samples import WEB


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the endpoint as a command; yield the process and the URL that it prints."""
    command = [sys.executable, "-m", "imagebuilder_dist.testing", *arguments]
    # The developer may have set PYTHONUNBUFFERED.
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            printed, _, _ = select.select([process.stdout], [], [], 60)
            assert printed, "no URL was printed"
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_for_other_tools_until_it_is_stopped(session: Any, stop: signal.Signals) -> None:
    unsigned = Config(signature_version=UNSIGNED)

    with running() as (process, url):
        client = session.client("imagebuilder", region_name="eu-west-1", endpoint_url=url, config=unsigned)
        arn = create(client)
        client.close()
        process.send_signal(stop)
        status = process.wait(timeout=60)

    assert status == 0
    assert arn == ARN + "web"


def test_its_options_are_those_of_the_class(session: Any) -> None:
    with running(
        *("--port", "0", "--account-id", "111122223333", "--region", "eu-west-1"),
        *("--allow-host", "one", "--allow-host", "two"),
    ) as (_, url):
        statuses: list[int] = []
        for name in ("one", "two", "three"):
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 0, timeout=60)
            body = json.dumps({"name": name, "distributions": ANYTHING, "clientToken": name})
            connection.request("PUT", "/CreateDistributionConfiguration", body, {"Host": f"{name}:80"})
            statuses.append(connection.getresponse().status)
            connection.close()
        client = session.client("imagebuilder", endpoint_url=url, region_name="eu-west-1")
        stored = client.list_distribution_configurations()["distributionConfigurationSummaryList"]
        client.close()

    assert statuses == [200, 200, 403]
    assert [each["arn"] for each in stored] == [
        "arn:aws:imagebuilder:eu-west-1:111122223333:distribution-configuration/one",
        "arn:aws:imagebuilder:eu-west-1:111122223333:distribution-configuration/two",
    ]


def served(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "imagebuilder_dist.testing", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen[str]) -> str:
    """Stop the process, and return what it wrote to stderr."""
    process.terminate()
    return process.communicate(timeout=60)[1]


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_command_keeps_its_state_over_a_restart(session: Any, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    create = {"name": "web", "distributions": [ibd.to_boto3(WEB)], "clientToken": "t"}

    process = served("--state", str(state), "--log")
    client = session.client("imagebuilder", endpoint_url=url_of(process))
    arn = client.create_distribution_configuration(**create)["distributionConfigurationArn"]
    client.close()
    process.kill()
    log = process.communicate(timeout=60)[1]
    process = served("--state", str(state))
    client = session.client("imagebuilder", endpoint_url=url_of(process))
    got = client.get_distribution_configuration(distributionConfigurationArn=arn)
    client.close()
    quiet = stop(process)

    assert got["distributionConfiguration"]["name"] == "web"
    assert log.split(" ", 1)[1] == "PUT CreateDistributionConfiguration: 200, applied\n"
    assert quiet == ""


def test_the_command_says_if_it_cannot_write_its_state(session: Any, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    process = served("--state", str(folder / "state.json"), "--log")
    url = url_of(process)
    shutil.rmtree(folder)
    client = session.client("imagebuilder", endpoint_url=url)
    client.create_distribution_configuration(name="web", distributions=[ibd.to_boto3(WEB)], clientToken="t")
    client.list_distribution_configurations()
    client.close()

    lines = stop(process).splitlines()

    assert "can't write" in lines[1]
    assert lines[2].endswith("POST ListDistributionConfigurations: 200")


def test_the_command_does_not_begin_if_it_cannot_write_its_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "nowhere" / "state.json"

    with pytest.raises(SystemExit) as exited:
        main(["--state", str(state)])

    assert exited.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: can't write {state}: No such file or directory\n")


def test_the_command_says_if_it_cannot_read_its_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps([]))

    with pytest.raises(SystemExit):
        main(["--state", str(state)])

    assert "wasn't written by LocalImageBuilder.save" in capsys.readouterr().err

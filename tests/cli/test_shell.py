"""
How the command behaves in a shell.
"""

import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist._cli.main import main
from tests.cli.samples import (
    WRONG,
    Run,
    command,
    on_a_terminal,
)


def test_a_command_is_needed(run: Run) -> None:
    code, _, err = run()

    assert code == 2
    assert err.endswith("error: the following arguments are required: COMMAND\n")
    assert run("--version") == (0, f"{ibd.__version__}\n", "")


@pytest.mark.parametrize(
    ("environment", "has_colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_there_is_colour_on_a_terminal(
    run: Run, service: Any, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], has_colour: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    on_a_terminal(sys.stdout, monkeypatch)

    _, checked, _ = run("check", "wrong.yaml")
    on_a_terminal(sys.stdout, monkeypatch)
    _, planned, _ = run("plan", "right.yaml")

    assert ("\x1b[1;31merror\x1b[0m" in checked) == has_colour
    assert ("\x1b[32m+ distributions[us-west-2]\x1b[0m" in planned) == has_colour
    assert ("\x1b" in checked + planned) == has_colour


def test_an_interrupt_is_quiet_and_says_the_token(run: Run, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt = KeyboardInterrupt()
    interrupt.add_note("client token t")

    def interrupted(*_: object, **__: object) -> None:
        raise interrupt

    monkeypatch.setattr(ibd.DistributionConfigurationClient, "ensure_distribution_configuration", interrupted)

    assert run("plan", "right.yaml") == (130, "", "interrupted\nclient token t\n")


def test_completion_is_argcompletes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    completed: list[str] = []
    fake = SimpleNamespace(autocomplete=lambda parser: completed.append(parser.prog))
    monkeypatch.setitem(sys.modules, "argcomplete", fake)

    run("check", "right.yaml")

    assert completed == ["imagebuilder-dist"]


def test_the_pre_commit_hook_runs_a_command_that_is_installed(run: Run) -> None:
    root = Path(__file__).parents[2]
    [hook] = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    scripts = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]

    program, *arguments = hook["entry"].split()
    assert scripts[program] == f"{main.__module__}:{main.__name__}"
    assert run(*arguments, "right.yaml")[0] == 0
    assert re.search(hook["files"], "images/distribution-web.yaml")


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    environment = {**os.environ, "PYTHONUNBUFFERED": ""}

    done = subprocess.run(
        command("schema"), stdout=writing, stderr=subprocess.PIPE, text=True, env=environment, check=False
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, "")


def test_it_runs_as_a_module_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)

    done = subprocess.run(command("check", str(path)), stdout=theirs, stderr=theirs, env=environment, check=False)
    os.close(theirs)
    written = os.read(ours, 10_000).decode()
    os.close(ours)

    assert done.returncode == 1
    assert f"{path}:4:34: \x1b[1;31merror\x1b[0m: " in written

"""
`fleet apply` while it runs: questions, journals, interrupts and progress.
"""

import io
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.testing import (
    AnswerError,
    LocalImageBuilder,
)
from tests.cli.samples import (
    PLANNED,
    TARGETS,
    WEB,
    Run,
    command,
    on_a_terminal,
    store,
)


def test_a_fleet_is_not_written_without_confirmation(
    fleet: Run, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = fleet("apply", "targets.csv", "right.yaml", stdin="y\n")
    assert (code, out) == (2, PLANNED)
    message = "there is no terminal to ask for confirmation; --yes writes without asking"
    assert err == f"imagebuilder-dist fleet apply: {message}\n"

    monkeypatch.setattr(sys, "stdin", io.StringIO("n\ny\n"))
    on_a_terminal(sys.stdin, monkeypatch)
    assert fleet("apply", "targets.csv", "right.yaml")[::2] == (1, "nothing was written\n")
    assert not any(request.applied for request in local.requests)
    assert fleet("apply", "targets.csv", "right.yaml")[0] == 0


def test_a_journal_skips_what_has_succeeded(
    fleet: Run, service: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("apply", "--yes", "--concurrency", "1", "--journal", "journal", "targets.csv", "right.yaml")
    local.inject(AnswerError("ServiceQuotaExceededException"), operation="CreateDistributionConfiguration")

    failed, out, err = fleet(*arguments)
    assert (failed, out.splitlines()[4]) == (1, "2 targets: 1 created, 1 failed")
    assert err.startswith(f"{WEB}: An error occurred (ServiceQuotaExceededException)")

    on_a_terminal(sys.stderr, monkeypatch)
    monkeypatch.setenv("TERM", "xterm")
    code, out, err = fleet(*arguments)
    assert code == 0
    assert err.endswith("] 2/2\r\x1b[K")
    assert out.splitlines()[-1] == "2 targets: 1 done earlier, 1 created"


def test_the_journal_of_another_change_is_rejected(fleet: Run, local: LocalImageBuilder) -> None:
    Path("other").write_text("{}\n")
    code, _, err = fleet("apply", "--yes", "--journal", "other", "targets.csv", "right.yaml")
    assert (code, err.startswith("imagebuilder-dist fleet apply: other:1: not the journal of this job: ")) == (2, True)

    code, _, err = fleet("apply", "--yes", "--journal", ".", "targets.csv", "right.yaml")
    assert (code, err) == (1, "imagebuilder-dist fleet apply: .: Is a directory\n")

    code, _, err = fleet("apply", "--yes", "--journal", "", "targets.csv", "right.yaml")
    assert (code, err) == (1, "imagebuilder-dist fleet apply: : Is a directory\n")
    assert not any(request.applied for request in local.requests)


def test_ctrl_c_waits_for_what_is_running_and_reports_every_target(
    fleet: Run, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A shell starts what runs in the background with Ctrl-C ignored, so the test sets its handler.
    """
    arns = store(service, "one", "two", "three")
    edit: Any = ibd.DistributionConfigurationClient.edit_distribution_configuration

    def interrupting(self: object, *arguments: object, dry_run: bool, **options: object) -> object:
        if not dry_run:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return edit(self, *arguments, dry_run=dry_run, **options)

    monkeypatch.setattr(ibd.DistributionConfigurationClient, "edit_distribution_configuration", interrupting)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    targets = "\n".join(["arn", *arns])
    try:
        code, out, err = fleet("apply", "--yes", "--concurrency", "1", "-", "ssm.yaml", stdin=targets)
    finally:
        signal.signal(signal.SIGINT, before)

    assert code == 130
    assert re.fullmatch(r"3 targets: (1 changed, 2|3) not begun \(interrupted\)", out.splitlines()[-1])
    assert err == "run the same command again to write only what is still missing\n"
    ssm = documents.load("ssm.yaml").distributions
    assert [service.get_distribution_configuration(arn).distributions == ssm for arn in arns] == [True, False, False]


@pytest.mark.parametrize(("terminal", "has_bar"), [("xterm", True), ("dumb", False)])
def test_a_terminal_shows_progress(fleet: Run, monkeypatch: pytest.MonkeyPatch, terminal: str, has_bar: bool) -> None:
    monkeypatch.setenv("TERM", terminal)
    on_a_terminal(sys.stderr, monkeypatch)

    _, _, err = fleet("plan", "-", "right.yaml", stdin=f"{TARGETS}{WEB}-2\n")

    if has_bar:
        assert f"\r[{'#' * 20:<30}] 2/3" in err
        assert f"\r\x1b[K{WEB}-2: the name" in err
        assert err.endswith(f"\r[{'#' * 30}] 3/3\r\x1b[K")
    else:
        assert err.startswith(f"{WEB}-2: the name")
        assert err.count("\n") == 1


def test_a_fleet_is_applied_by_a_process_on_a_terminal(fleet: Run, service: Any) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}

    done = subprocess.run(
        command("fleet", "apply", "--yes", "--journal", "journal", "targets.csv", "right.yaml"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
        text=True,
        check=False,
    )
    os.close(theirs)
    written = os.read(ours, 10_000).decode()
    os.close(ours)

    assert (done.returncode, done.stdout) == (0, PLANNED + "2 targets: 2 created\n")
    assert written.count(f"\r[{'#' * 30}] 2/2\r\x1b[K") == 2  # of the plan and of the run
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions

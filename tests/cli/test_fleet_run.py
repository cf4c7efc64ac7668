"""
`fleet apply` while it runs: questions, journals, interrupts and progress.
"""

import io
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
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
    assert (failed, out.splitlines()[4]) == (1, "1 of 2 targets succeeded (1 written), 1 failed")
    assert err.startswith(f"{WEB}: An error occurred (ServiceQuotaExceededException)")

    on_a_terminal(sys.stderr, monkeypatch)
    monkeypatch.setenv("TERM", "xterm")
    code, out, err = fleet(*arguments)
    assert code == 0
    assert err.endswith("] 2/2\r\x1b[K")
    assert out.splitlines()[-1] == "2 of 2 targets succeeded (1 in an earlier run, 1 written)"


def test_the_journal_of_another_change_is_rejected(fleet: Run, local: LocalImageBuilder) -> None:
    Path("other").write_text("{}\n")
    error = "isn't a journal, or belongs to other targets or another file"

    code, _, err = fleet("apply", "--yes", "--journal", "other", "targets.csv", "right.yaml")
    assert (code, err) == (2, f"imagebuilder-dist fleet apply: other: {error}\n")

    code, _, err = fleet("apply", "--yes", "--journal", ".", "targets.csv", "right.yaml")
    assert (code, err) == (1, "imagebuilder-dist fleet apply: .: Is a directory\n")

    code, _, err = fleet("apply", "--yes", "--journal", "", "targets.csv", "right.yaml")
    assert (code, err) == (1, "imagebuilder-dist fleet apply: : Is a directory\n")
    assert not any(request.applied for request in local.requests)


def test_ctrl_c_waits_for_what_is_in_flight_and_reports_every_target(
    fleet: Run, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A fake queue raises what a signal would, but exactly when the first write has begun.
    """
    arns = store(service, "one", "two", "three")
    edit: Any = ibd.DistributionConfigurationClient.edit_distribution_configuration
    begun = threading.Event()
    planned: list[object] = []

    def beginning(self: object, *arguments: object, dry_run: bool, **options: object) -> object:
        if not dry_run:
            begun.set()
        return edit(self, *arguments, dry_run=dry_run, **options)

    class Interrupted(SimpleQueue[object]):
        def get(self, *arguments: Any, **options: Any) -> object:
            if len(planned) == len(arns):
                assert begun.wait(60)
                raise KeyboardInterrupt
            planned.append(super().get(*arguments, **options))
            return planned[-1]

    monkeypatch.setattr(ibd.DistributionConfigurationClient, "edit_distribution_configuration", beginning)
    monkeypatch.setattr("imagebuilder_dist.fleet._driver.SimpleQueue", Interrupted)
    targets = "\n".join(["arn", *arns])

    code, out, err = fleet("apply", "--yes", "--concurrency", "1", "-", "ssm.yaml", stdin=targets)

    assert (code, out.splitlines()[-1]) == (130, "1 of 3 targets succeeded (1 written), 2 not begun")
    assert err == "interrupted; run the same command again to write only what is still missing\n"
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

    assert (done.returncode, done.stdout) == (0, PLANNED + "2 of 2 targets succeeded (2 written)\n")
    assert written.count(f"\r[{'#' * 30}] 2/2\r\x1b[K") == 2  # of the plan and of the run
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions

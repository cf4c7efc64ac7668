"""
`apply`: its question, its failures, and where its requests go.
"""

import io
import sys
from typing import Any

import pytest

from imagebuilder_dist.testing import (
    AnswerError,
    LocalImageBuilder,
)
from tests.cli.samples import (
    Run,
    on_a_terminal,
)


def test_without_a_terminal_nobody_is_asked(run: Run, service: Any) -> None:
    code, _, err = run("apply", "right.yaml", stdin="y\n")

    message = "there is no terminal to ask for confirmation; --yes writes without asking"
    assert (code, err) == (2, f"imagebuilder-dist apply: {message}\n")
    assert [*service.list_distribution_configurations()] == []


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("Yes\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_the_user_decides(
    run: Run, service: Any, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    found, out, err = run("apply", "right.yaml")

    assert found == code
    assert "Apply this plan? [y/N] " in out
    assert out.endswith("Apply this plan? [y/N] \n") == (answer == "")  # Ctrl-D leaves the line open
    assert ("nothing was written" in err) == bool(code)
    assert len([*service.list_distribution_configurations()]) == 1 - code


def test_an_interrupt_at_the_question_has_a_line_of_its_own(
    run: Run, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(prompt: str) -> str:
        sys.stdout.write(prompt)
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    on_a_terminal(sys.stdin, monkeypatch)

    code, out, err = run("apply", "right.yaml")

    assert (code, err) == (130, "interrupted\n")
    assert out.endswith("\nApply this plan? [y/N] \n")
    assert [*service.list_distribution_configurations()] == []


def test_a_failed_apply_says_what_to_do(run: Run, service: Any, local: LocalImageBuilder) -> None:
    local.inject(AnswerError("ServiceQuotaExceededException"), operation="CreateDistributionConfiguration")

    code, _, err = run("apply", "--yes", "right.yaml")

    assert code == 1
    assert err.splitlines()[0] == "apply failed; run the same command again to write only what is still missing"
    assert "imagebuilder-dist apply: An error occurred (ServiceQuotaExceededException)" in err
    assert "client token" in err


def test_a_wrong_file_is_neither_planned_nor_applied(run: Run, service: Any) -> None:
    for command in ("plan", "apply", "needs"):
        code, out, err = run(command, "wrong.yaml")

        assert (code, out) == (1, "")
        assert err.startswith("wrong.yaml:4:34: error: ")
    assert run("plan", "none.yaml")[0] == 2


def test_a_warning_of_a_file_is_shown_beside_its_plan(run: Run, service: Any) -> None:
    assert "surprising.yaml:3:11: warning: " in run("plan", "surprising.yaml")[2]


def test_a_profile_is_looked_for(run: Run, service: Any) -> None:
    code, _, err = run("plan", "--profile", "none", "right.yaml")

    assert code == 1
    assert err.startswith("imagebuilder-dist plan: The config profile (none) could not be found")


def test_region_and_endpoint_can_be_given(run: Run, service: Any, local: LocalImageBuilder) -> None:
    run("apply", "--yes", "right.yaml", "--region", "eu-west-1", "--endpoint-url", local.url)

    assert [*service.list_distribution_configurations()] == []
    assert "distributions[0].region: us-west-2" in run("show", "--region", "eu-west-1", "web")[1]

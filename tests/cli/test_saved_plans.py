"""
Plans that are saved, reviewed and applied; and what `apply` does if somebody else is faster.
"""

from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import Exchange, LocalImageBuilder, Reply
from tests.cli.samples import RIGHT, WEB, Run, store

NEW = RIGHT + "description: new\n"


def theirs(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    return attrs.evolve(stored, description="theirs")


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_saved_plan_is_applied_once(
    run: Run, service: Any, local: LocalImageBuilder, is_stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    In the Region in which it was made, whatever the environment's is by then.
    """
    if is_stored:
        store(service, "web", tags={"team": "web"})
    code, planned, _ = run("plan", "--out", "web.plan", "-", stdin=NEW + "tags: {team: db}\n")
    assert code == 3
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert run("plan", "web.plan") == (3, planned, "")

    code, out, _ = run("apply", "--yes", "web.plan")

    assert (code, out) == (0, f"{planned}stored {WEB}\n")
    stored = service.get_distribution_configuration(WEB)
    assert (stored.description, stored.tags) == ("new", {"team": "db"})
    assert run("apply", "--yes", "web.plan") == (0, f"{planned}was stored already: {WEB}\n", "")
    assert service.get_distribution_configuration(WEB) == stored


def test_a_stale_plan_is_refused_and_says_what_changed(run: Run, service: Any, local: LocalImageBuilder) -> None:
    store(service, "web")
    run("plan", "--out", "web.plan", "-", stdin=NEW)
    edited = service.edit_distribution_configuration(WEB, theirs).after

    code, _, err = run("apply", "--yes", "web.plan")

    assert code == 6
    assert "description: 'theirs'" in err
    assert "description: 'new'" in err
    assert service.get_distribution_configuration(WEB).description == edited.description


def test_what_comes_in_between_plan_and_write_is_kept_and_shown(
    run: Run, service: Any, local: LocalImageBuilder
) -> None:
    """
    What would be written now is shown, too: the plan of another file, perhaps.
    """

    class SecondRead:
        reads = 0

        def answer(self, exchange: Exchange, /) -> Reply:
            self.reads += 1
            if self.reads == 2:
                exchange.change(theirs)
            return exchange.answer()

    store(service, "web")
    local.inject(SecondRead(), operation="GetDistributionConfiguration", times=3)

    code, out, err = run("apply", "--yes", "-", stdin=NEW)

    assert (code, "stored" in out) == (6, False)
    assert f"now it would be:\n{WEB}:\n" in err
    assert "\n~ description: 'theirs' -> 'new'\n" in err
    assert service.get_distribution_configuration(WEB).description == "theirs"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["plan", "--out", "x", "right.yaml", "right.yaml"], 2, "--out saves one plan, but there are 2 files"),
        (["plan", "--out", "no/x", "right.yaml"], 2, "no/x: No such file or directory"),
        (["apply", "--to", "web", "web.plan"], 2, "a saved plan says what it is for; omit --to"),
        (
            ["apply", "--region", "eu-west-1", "web.plan"],
            2,
            "--region is eu-west-1, but the plan is in us-west-2; omit",
        ),
        (["apply", "edited.plan"], 5, "edited.plan:1:1: error: "),
        (["check", "web.plan"], 5, "web.plan:1:1: error: looks like a saved plan"),
    ],
)
def test_what_can_not_be_saved_or_applied_is_rejected(
    run: Run, service: Any, arguments: list[str], code: int, told: str
) -> None:
    run("plan", "--out", "web.plan", "right.yaml")
    Path("edited.plan").write_text(Path("web.plan").read_text().replace("alias/web", "alias/other"))

    found, out, err = run(*arguments)

    assert found == code
    assert told in out + err
    assert [*service.list_distribution_configurations()] == []

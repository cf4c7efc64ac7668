"""
`plan` and `apply`: what a file changes, and in which configuration.
"""

import json
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.cli.samples import RIGHT, WEB, Run


def test_a_plan_of_something_new_is_shown(run: Run, service: Any) -> None:
    code, out, err = run("plan", "right.yaml")

    assert (code, err) == (3, "")
    assert out.splitlines()[0] == "web (new):"
    assert "+ distributions[us-west-2]" in out
    assert [*service.list_distribution_configurations()] == []


def test_what_is_applied_needs_no_change(run: Run, service: Any) -> None:
    code, out, _ = run("apply", "--yes", "right.yaml")

    assert code == 0
    assert out.splitlines()[-1] == f"stored {WEB}"
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions
    assert run("plan", "right.yaml") == (0, f"{WEB}:\nno changes\n", "")
    assert run("apply", "right.yaml") == (0, f"{WEB}:\nno changes\n", "")


def test_tags_that_a_file_does_not_mention_stay(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions, tags={"a": "b"})

    assert run("plan", "right.yaml")[0] == 0
    Path("tagged.yaml").write_text(RIGHT + "tags: {a: c}\n")
    code, out, _ = run("plan", "tagged.yaml")
    assert code == 3
    assert "tags.a" in out


def test_a_file_with_an_arn_is_for_that_configuration(run: Run, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The Region is the ARN's.
    """
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions, description="old")
    Path("update.yaml").write_text(RIGHT.replace("name: web", f"distributionConfigurationArn: {WEB}\ndescription: new"))

    code, out, _ = run("apply", "--yes", "update.yaml")

    assert code == 0
    assert out.splitlines()[0] == f"{WEB}:"
    assert out.splitlines()[-1] == f"stored {WEB}"
    assert service.get_distribution_configuration(WEB).description == "new"


@pytest.mark.parametrize(("tag", "is_reported"), [("c", True), ("b", False)])
def test_tags_that_are_not_stored_are_reported(run: Run, service: Any, tag: str, is_reported: bool) -> None:
    """
    An edit, as with `--to`, leaves tags alone.
    """
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions, tags={"a": "b"})

    code, _, err = run("plan", "--to", "web", "-", stdin=RIGHT + f"tags: {{a: {tag}}}\n")

    assert code == 0
    note = "<stdin>: its tags aren't stored; only a file with a name sets tags, and only without --to\n"
    assert err == (note if is_reported else "")


def test_a_stored_configuration_is_applied_again(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)
    documents.dump(service.get_distribution_configuration(WEB), "stored.json")

    assert run("plan", "stored.json")[0] == 0


def test_distributions_alone_need_a_configuration(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions, description="stays")
    Path("one.yaml").write_text("region: eu-west-1\nssmParameterConfigurations: [{parameterName: /ami}]")

    code, _, err = run("plan", "one.yaml")

    assert code == 2
    message = "has neither a name nor an ARN; use --to to say which configuration it is for"
    assert err == f"imagebuilder-dist plan: one.yaml {message}\n"
    code, _, err = run("plan", "--to", "nope", "one.yaml")
    assert (code, err.partition("; ")[2]) == (1, "without --to, a file with a name creates one\n")
    assert run("plan", "--to", "web", "one.yaml")[0] == 3
    assert run("apply", "--to", WEB, "--yes", "one.yaml")[0] == 0
    stored = service.get_distribution_configuration(WEB)
    assert [each.region for each in stored.distributions] == ["eu-west-1"]
    assert stored.description == "stays"


def test_a_plan_is_json_or_markdown(run: Run, service: Any) -> None:
    code, out, _ = run("plan", "--format", "json", "right.yaml")
    written = json.loads(out)

    assert code == 3
    assert (written["arn"], written["name"], written["created"]) == (None, "web", True)
    assert ibd.Changes.from_json(out) == ibd.diff([], documents.load("right.yaml").distributions)
    assert run("plan", "--format", "markdown", "right.yaml")[1].startswith("`web` (new):\n\n**1 Region is added")


@pytest.mark.parametrize("arguments", [[], ["--to", "web"]])
def test_a_plan_names_the_configuration_that_is_there(run: Run, service: Any, arguments: list[str]) -> None:
    run("apply", "--yes", "right.yaml")

    written = json.loads(run("plan", "--format", "json", "right.yaml", *arguments)[1])

    assert (written["arn"], written["name"], written["created"], written["changes"]) == (WEB, "web", False, [])
    markdown = f"`{WEB}`:\n\n**no changes**\n"
    assert run("plan", "--format", "markdown", "right.yaml", *arguments) == (0, markdown, "")


def test_apply_says_the_same_of_a_name_and_of_an_arn(run: Run, service: Any) -> None:
    run("apply", "--yes", "right.yaml")
    wanted = RIGHT.replace("alias/web", "alias/new")

    by_name = run("apply", "--yes", "-", stdin=wanted)
    run("apply", "--yes", "right.yaml")
    by_arn = run("apply", "--yes", "--to", WEB, "-", stdin=wanted)

    assert by_name == by_arn
    assert by_name[1].splitlines()[-1] == f"stored {WEB}"

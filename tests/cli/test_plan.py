"""
`plan` and `apply`: what a file changes, in which configuration, and what is written.
"""

import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, LocalImageBuilder
from tests.cli.samples import NO_TERMINAL, RIGHT, WEB, Run, on_a_terminal, store

OWNERS = """\
name: web
distributions:
- region: us-west-2
  amiDistributionConfiguration: {targetAccountIds: ["111122223333"]}
  ssmParameterConfigurations: [{parameterName: /ami, amiAccountId: "444455556666"}]
"""
NOT_TO_IT = "5:68: warning: distributions[0].ssmParameterConfigurations[0].amiAccountId: should be the owner's account"
NEW = RIGHT.replace("alias/web", "alias/new")
UPDATE = RIGHT.replace("name: web", f"distributionConfigurationArn: {WEB}\ndescription: new")
AGAIN = "run the same command again to write only what is still missing"


def test_what_is_applied_needs_no_change(run: Run, service: Any) -> None:
    code, out, _ = run("apply", "--yes", "right.yaml")

    assert (code, out.splitlines()[-1]) == (0, f"stored {WEB}")
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions
    assert run("plan", "right.yaml") == run("apply", "right.yaml") == (0, f"{WEB}:\nno changes\n", "")


def test_several_files_are_planned(run: Run, service: Any) -> None:
    store(service, "web")
    Path("new.yaml").write_text(RIGHT.replace("web", "new"))

    code, out, _ = run("plan", "right.yaml", "new.yaml")

    assert code == 3
    assert out.startswith(f"{WEB}:\nno changes\nnew (new):\n1 Region is added")


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (UPDATE, [], 3),
        (RIGHT.replace("name: web", f"distributionConfigurationArn: {WEB}-2"), ["--to", "web"], 3),
        ("region: eu-west-1\nssmParameterConfigurations: [{parameterName: /ami}]", ["--to", WEB], 3),
        ("region: eu-west-1\nssmParameterConfigurations: [{parameterName: /ami}]", ["--to", "web"], 3),
        (NEW, [], 3),
        (NEW, ["--to", WEB], 3),
    ],
)
def test_a_file_or_an_option_names_the_configuration(
    run: Run, service: Any, text: str, arguments: list[str], code: int
) -> None:
    """
    A file with distributions alone keeps the description.
    """
    store(service, "web", description="stays" if "name" not in text else None)
    document = documents.loads(text)

    assert run("plan", *arguments, "-", stdin=text)[0] == code
    _, out, _ = run("apply", "--yes", *arguments, "-", stdin=text)

    stored = service.get_distribution_configuration(WEB)
    assert out.splitlines()[0] == f"{WEB}:"
    assert out.splitlines()[-1] == (f"stored {WEB}" if code else "no changes")
    assert stored.distributions == document.distributions
    assert stored.description == getattr(document.content, "description", "stays")


def test_the_region_is_the_arns(run: Run, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store(service, "web")
    documents.dump(service.get_distribution_configuration(WEB), "stored.json")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert run("plan", "stored.json")[0] == 0
    error = "--region is eu-west-1, but the ARN is in us-west-2; omit --region"
    assert run("plan", "--region", "eu-west-1", "stored.json") == (2, "", f"imagebuilder-dist plan: {error}\n")
    code, _, err = run("plan", "right.yaml")
    assert code == 1
    assert err.startswith("imagebuilder-dist plan: You must specify a region; ")


def test_region_and_endpoint_can_be_given(
    run: Run, service: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    options = ("--region", "eu-west-1", "--endpoint-url", local.url)

    run("apply", "--yes", "right.yaml", *options)

    assert [*service.list_distribution_configurations()] == []
    for arguments in [("list", *options), (*options, "list")]:
        assert run(*arguments)[1] == f"{WEB.replace('us-west-2', 'eu-west-1')}  web\n"
    code, _, err = run("list", *options, "--profile", "none")
    assert code == 1
    assert err.startswith("imagebuilder-dist list: The config profile (none) could not be found")


@pytest.mark.parametrize(
    ("arguments", "code", "err"),
    [
        (["wrong.yaml"], 5, "wrong.yaml:4:34: error: "),
        (["none.yaml"], 2, "imagebuilder-dist {}: none.yaml: No such file or directory\n"),
        (["ssm.yaml"], 2, "imagebuilder-dist {}: ssm.yaml has neither a name nor an ARN; use --to to say what"),
        (["ssm.yaml", "--to", "nope"], 1, "imagebuilder-dist {}: no configuration is called 'nope' in us-west-2 at "),
    ],
)
def test_a_file_that_says_too_little_is_neither_planned_nor_applied(
    run: Run, service: Any, arguments: list[str], code: int, err: str
) -> None:
    for command in ("plan", "apply"):
        found, out, written = run(command, *arguments)

        assert (found, out) == (code, "")
        assert written.startswith(err.format(command))


def test_tags_that_a_file_does_not_mention_stay(run: Run, service: Any) -> None:
    store(service, "web", tags={"a": "b"})

    assert run("plan", "right.yaml")[0] == 0
    code, out, _ = run("plan", "-", stdin=RIGHT + "tags: {a: c}\n")
    assert code == 3
    assert "tags.a" in out


@pytest.mark.parametrize(("tag", "is_reported"), [("c", True), ("b", False)])
def test_tags_that_are_not_stored_are_reported(run: Run, service: Any, tag: str, is_reported: bool) -> None:
    """
    An edit, as with `--to`, leaves tags alone.
    """
    store(service, "web", tags={"a": "b"})

    code, _, err = run("plan", "--to", "web", "-", stdin=RIGHT + f"tags: {{a: {tag}}}\n")

    assert code == 0
    note = "<stdin>: its tags aren't stored; only a file with a name sets tags, and only without --to\n"
    assert err == (note if is_reported else "")


def test_rules_about_the_owner_need_a_stored_configuration(run: Run, service: Any) -> None:
    """
    The file is a pipe, which can't be read again once the owner is known.
    """
    os.mkfifo("pipe.yaml")
    assert NOT_TO_IT not in run("plan", "-", stdin=OWNERS)[1]
    store(service, "web")

    for command in ("plan", "apply"):
        writer = threading.Thread(target=Path("pipe.yaml").write_text, args=[OWNERS])
        writer.start()
        _, out, _ = run(command, "pipe.yaml")
        writer.join()
        assert out.splitlines()[-1].startswith(f"pipe.yaml:{NOT_TO_IT}")
    assert run("check", "--owner", "123456789012", "-", stdin=OWNERS)[1].startswith(f"<stdin>:{NOT_TO_IT}")
    assert run("check", "--owner", "444455556666", "-", stdin=OWNERS)[1] == ""


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_plan_carries_the_files_warnings_in_every_format(run: Run, service: Any, is_stored: bool) -> None:
    if is_stored:
        run("apply", "--yes", "surprising.yaml")
    [warning] = run("check", "surprising.yaml")[1].splitlines()

    code, text, err = run("plan", "surprising.yaml")
    written = json.loads(run("plan", "--format", "json", "surprising.yaml")[1])
    _, markdown, _ = run("plan", "--format", "markdown", "surprising.yaml")

    assert (code, err) == (0 if is_stored else 3, "")
    assert text.startswith(f"{WEB}:\nno changes\n" if is_stored else "web (new):\n1 Region is added")
    assert text.endswith(f"\n{warning}\n")
    assert (written["arn"], written["name"], written["created"]) == (WEB if is_stored else None, "web", not is_stored)
    assert bool(written["changes"]) is not is_stored
    assert [(each["line"], each["rule"]) for each in written["warnings"]] == [(3, "region-unknown")]
    assert markdown.startswith(f"`{WEB}`:\n\n**no changes**" if is_stored else "`web (new)`:\n\n**1 Region is added")
    assert warning in markdown.splitlines()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("Yes\n", 0), ("n\n", 1), ("\n", 1), ("", 130)])
def test_on_a_terminal_the_user_decides(
    run: Run, service: Any, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    on_a_terminal(sys.stdin, monkeypatch)

    found, out, err = run("apply", "right.yaml")

    assert found == code
    assert "Apply this plan? [y/N]: " in out
    assert err == {0: "", 1: "nothing was written\n", 130: "\ninterrupted\n"}[code]
    assert len([*service.list_distribution_configurations()]) == (code == 0)


def test_without_a_terminal_nobody_is_asked(run: Run, service: Any) -> None:
    code, _, err = run("apply", "right.yaml", stdin="y\n")

    assert (code, err) == (2, f"imagebuilder-dist apply: {NO_TERMINAL}\n")
    assert [*service.list_distribution_configurations()] == []


@pytest.mark.parametrize(
    ("operation", "fault", "advice"),
    [
        ("UpdateDistributionConfiguration", AnswerError("ServiceQuotaExceededException"), []),
        ("UpdateDistributionConfiguration", CloseAfterApplying(), [AGAIN]),
        ("TagResource", AnswerError("AccessDeniedException"), [AGAIN]),
    ],
)
def test_a_failed_apply_says_what_failed_and_then_what_to_do(
    run: Run,
    service: Any,
    local: LocalImageBuilder,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    fault: Any,
    advice: list[str],
) -> None:
    """
    There is nothing to run again if nothing was written.
    """
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store(service, "web")
    local.inject(fault, operation=operation)

    code, _, err = run("apply", "--yes", "-", stdin=NEW + "tags: {a: b}\n")

    failure, *then = err.splitlines()
    assert code == 1
    assert failure.startswith("imagebuilder-dist apply: ")
    assert operation in failure
    assert then == advice


def test_each_wait_is_reported_and_counted(
    run: Run, service: Any, local: LocalImageBuilder, slept: list[float]
) -> None:
    local.inject(AnswerError("ThrottlingException"), operation="ListDistributionConfigurations", times=2)

    code, _, err = run("plan", "right.yaml")

    assert code == 3
    for number, (line, seconds) in enumerate(zip(err.splitlines(), slept, strict=True), 2):
        assert line.endswith(f": ThrottlingException; attempt {number} follows in {seconds:.1f} s")


def test_an_interrupt_says_the_token(run: Run, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt = KeyboardInterrupt()
    interrupt.add_note("client token t")

    def interrupted(*_: object, **__: object) -> None:
        raise interrupt

    monkeypatch.setattr(ibd.DistributionConfigurationClient, "ensure_distribution_configuration", interrupted)

    assert run("plan", "right.yaml") == (130, "", "interrupted\nclient token t\n")


def test_what_show_writes_is_planned_and_what_is_ignored_is_said(run: Run, service: Any) -> None:
    store(service, "web", tags={"team": "web"})
    _, shown, _ = run("show", WEB)

    assert run("plan", "-", stdin=shown) == (0, f"{WEB}:\nno changes\n", "")
    _, _, err = run("plan", "-", stdin=shown.replace("name: web", "name: new").replace("team: web", "team: new"))
    assert err.splitlines() == [
        "<stdin>: its tags aren't stored; only a file with a name sets tags, and only without --to",
        "<stdin>: its name isn't stored; the name of a configuration can't be changed",
    ]


@pytest.mark.parametrize(("description", "added"), [("", []), ("description: Web\n", ["+ description: 'Web'"])])
def test_distributions_alone_may_come_with_a_description(
    run: Run, service: Any, description: str, added: list[str]
) -> None:
    store(service, "web")

    _, out, _ = run("plan", "--to", "web", "-", stdin=RIGHT.replace("name: web\n", description))

    assert [line for line in out.splitlines() if line.startswith(("+", "-", "~"))] == added


TEMPLATE = """\
Resources:
  Web:
    Type: AWS::ImageBuilder::DistributionConfiguration
    Properties:
      Name: !Ref Name
      Distributions: [{Region: !Ref AWS::Region, AmiDistributionConfiguration: {KmsKeyId: !Sub "${Name}${Key.Arn}"}}]
"""


def test_a_template_is_planned_with_all_its_values(run: Run, service: Any) -> None:
    code, _, err = run("plan", "-", stdin=TEMPLATE)

    options = ("--parameter Name=VALUE", "--region REGION", "--parameter Key.Arn=VALUE")
    assert code == 5
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == [f"{each} [unresolved]" for each in options]
    values = ["--parameter", "Name=web", "--parameter", "Key.Arn=-key", "--region", "us-west-2"]
    assert run("plan", *values, "-", stdin=TEMPLATE)[0] == 3

"""
The command, as it is called.
"""

import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest
import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist._command.main import main
from imagebuilder_dist.testing import AddUnknownMembers, AnswerError, LocalImageBuilder

from .shapes import ARN

RIGHT = """\
name: web
distributions:
- region: us-west-2
  amiDistributionConfiguration: {kmsKeyId: alias/web, targetAccountIds: [111122223333]}
"""
SURPRISING = RIGHT.replace("us-west-2", "us-wets-2")
WRONG = RIGHT.replace("kmsKeyId", "kmsKey")
WARNING = "isn't a Region that botocore knows; did you mean 'us-west-2'?"
UNKNOWN = "is not a member of AmiDistributionConfiguration; did you mean 'kmsKeyId'?"
WEB = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/web"
Run: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in a folder with files; return its exit code, and what it wrote to both outputs."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"right.yaml": RIGHT, "surprising.yaml": SURPRISING, "wrong.yaml": WRONG}.items():
        Path(name).write_text(text)

    def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            code = main(arguments)
        except SystemExit as exited:  # argparse's
            code = int(exited.code or 0)
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> ibd.DistributionConfigurationClient:
    """A client for the endpoint that the command calls, too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    return ibd.DistributionConfigurationClient()


def on_a_terminal(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "isatty", lambda: True)


# check


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["right.yaml"], 0, "", "1 file: 0 errors, 0 warnings\n"),
        (
            ["surprising.yaml"],
            0,
            f"surprising.yaml:3:11: warning: distributions[0].region: {WARNING} [region-unknown]\n",
            "1 file: 0 errors, 1 warning\n",
        ),
        (
            ["--strict", "surprising.yaml"],
            1,
            f"surprising.yaml:3:11: warning: distributions[0].region: {WARNING} [region-unknown]\n",
            "1 file: 0 errors, 1 warning\n",
        ),
        (
            ["right.yaml", "wrong.yaml"],
            1,
            "wrong.yaml:4:34: error: distributions[0].amiDistributionConfiguration.kmsKey: "
            f"{UNKNOWN} [unknown-member]\n",
            "2 files: 1 error, 0 warnings\n",
        ),
        (
            ["--format", "github", "surprising.yaml", "wrong.yaml"],
            1,
            "::warning file=surprising.yaml,line=3,col=11,title=region-unknown::distributions[0].region: "
            f"{WARNING}\n"
            "::error file=wrong.yaml,line=4,col=34,title=unknown-member::"
            f"distributions[0].amiDistributionConfiguration.kmsKey: {UNKNOWN}\n",
            "2 files: 1 error, 1 warning\n",
        ),
        (
            ["none.yaml", "."],
            2,
            "",
            "imagebuilder-dist check: none.yaml: No such file or directory\n"
            "imagebuilder-dist check: .: Is a directory\n"
            "2 files: 0 errors, 0 warnings\n",
        ),
    ],
)
def test_files_are_checked(run: Run, arguments: list[str], code: int, out: str, err: str) -> None:
    assert run("check", *arguments) == (code, out, err)


def test_standard_input_is_checked(run: Run) -> None:
    code, out, _ = run("check", "-", stdin='{"name": "web"\n')

    assert (code, out) == (1, "<stdin>:2:1: error: isn't JSON: Expecting ',' delimiter [syntax]\n")


def test_issues_are_json_for_machines(run: Run) -> None:
    code, out, _ = run("check", "--format", "json", "wrong.yaml")

    assert code == 1
    assert json.loads(out) == [
        {
            "file": "wrong.yaml",
            "line": 4,
            "column": 34,
            "severity": "error",
            "path": "distributions[0].amiDistributionConfiguration.kmsKey",
            "message": UNKNOWN,
            "rule": "unknown-member",
        }
    ]


def test_what_a_workflow_command_can_not_hold_is_escaped(run: Run) -> None:
    Path("a,b:c%.json").write_text("")

    _, out, _ = run("check", "--format", "github", "a,b:c%.json")

    assert out == "::error file=a%2Cb%3Ac%25.json,line=1,col=1,title=syntax::is empty\n"


def test_a_template_is_checked_with_parameters(run: Run) -> None:
    resource = """\
Type: AWS::ImageBuilder::DistributionConfiguration
Properties:
  Name: web
  Distributions:
  - {Region: !Ref AWS::Region, AmiDistributionConfiguration: {Description: !Ref Text}}
"""
    parameters = ["--parameter", "AWS::Region=us-west-2", "--parameter", "Text=a=b"]

    assert run("check", *parameters, "-", stdin=resource)[:2] == (0, "")
    assert run("check", "--input-format", "cloudformation", "-", stdin=resource)[0] == 1
    code, _, err = run("check", "--parameter", "x", "-", stdin=resource)
    assert code == 2
    assert err.endswith("argument --parameter: 'x' isn't NAME=VALUE\n")


def test_one_of_several_resources_is_checked(run: Run) -> None:
    resource = "{Type: AWS::ImageBuilder::DistributionConfiguration, Properties: {}}"

    code, out, _ = run("check", "--resource", "B", "-", stdin=f"Resources:\n  A: {resource}\n  B: {resource}")

    assert code == 1
    assert "Resources.B.Properties.Name: is required but missing" in out


# plan and apply


def test_a_plan_of_something_new_is_shown(run: Run, service: Any) -> None:
    code, out, err = run("plan", "right.yaml")

    assert (code, err) == (3, "")
    assert out.splitlines()[0] == "web, which is new:"
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
    The Region is the ARN's, and the token is printed.
    """
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions, description="old")
    Path("update.yaml").write_text(RIGHT.replace("name: web", f"distributionConfigurationArn: {WEB}\ndescription: new"))

    code, out, _ = run("apply", "--yes", "update.yaml")

    assert code == 0
    assert out.splitlines()[0] == f"{WEB}:"
    assert out.splitlines()[-1].startswith(f"stored {WEB} with client token ")
    assert service.get_distribution_configuration(WEB).description == "new"


def test_a_stored_configuration_is_applied_again(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)
    documents.dump(service.get_distribution_configuration(WEB), "stored.json")

    assert run("plan", "stored.json")[0] == 0


def test_distributions_alone_need_a_configuration(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions, description="stays")
    Path("one.yaml").write_text("region: eu-west-1\nssmParameterConfigurations: [{parameterName: /ami}]")

    code, _, err = run("plan", "one.yaml")

    assert code == 2
    assert err == (
        "imagebuilder-dist plan: one.yaml has neither a name nor an ARN; say with --to which configuration it is for\n"
    )
    assert run("plan", "--to", "nope", "one.yaml")[0] == 1
    assert run("plan", "--to", "web", "one.yaml")[0] == 3
    assert run("apply", "--to", WEB, "--yes", "one.yaml")[0] == 0
    stored = service.get_distribution_configuration(WEB)
    assert [each.region for each in stored.distributions] == ["eu-west-1"]
    assert stored.description == "stays"


def test_a_plan_is_json_or_markdown(run: Run, service: Any) -> None:
    assert json.loads(run("plan", "--format", "json", "right.yaml")[1])["changes"]
    assert run("plan", "--format", "markdown", "right.yaml")[1].startswith("**1 Region is added")


def test_without_a_terminal_nobody_is_asked(run: Run, service: Any) -> None:
    code, _, err = run("apply", "right.yaml", stdin="y\n")

    assert (code, err) == (2, "imagebuilder-dist apply: there is no terminal to ask on; --yes writes without asking\n")
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
    assert "Write this? [y/N] " in out
    assert ("nothing was written" in err) == bool(code)
    assert len([*service.list_distribution_configurations()]) == 1 - code


def test_a_failed_apply_says_what_to_do(run: Run, service: Any, local: LocalImageBuilder) -> None:
    local.inject(AnswerError("ServiceQuotaExceededException"), operation="CreateDistributionConfiguration")

    code, _, err = run("apply", "--yes", "right.yaml")

    assert code == 1
    assert err.splitlines()[0] == "the same command again writes only what is still missing:"
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


# fleet

ABROAD = WEB.replace("us-west-2", "eu-west-1")
TARGETS = f"arn\n{WEB}\n{ABROAD}\n"
PLANNED = """\
2 configurations would change (2 would be created), 0 would stay the same
+ distributions[us-west-2]  (2 configurations)
+   amiDistributionConfiguration.targetAccountIds (widens access): 111122223333
+   amiDistributionConfiguration.kmsKeyId: 'alias/web'
"""
SSM = "region: us-west-2\nssmParameterConfigurations: [{parameterName: /ami}]"


@pytest.fixture
def fleet(run: Run, service: Any) -> Run:
    """Run the command in a folder with targets and files."""
    Path("targets.csv").write_text(TARGETS)
    Path("ssm.yaml").write_text(SSM)
    return partial(run, "fleet")


def store(service: Any, *names: str) -> list[str]:
    """Store configurations, and give their ARNs."""
    distributions = documents.load("right.yaml").distributions
    return [
        service.create_distribution_configuration(
            name, distributions, description="stays"
        ).distribution_configuration_arn
        for name in names
    ]


def test_a_fleet_is_planned_in_one_plan(fleet: Run, local: LocalImageBuilder) -> None:
    assert fleet("plan", "targets.csv", "right.yaml") == (3, PLANNED, "")
    assert not any(request.applied for request in local.requests)


def test_a_fleet_is_created_and_needs_no_change_then(fleet: Run, service: Any) -> None:
    code, out, err = fleet("apply", "--yes", "targets.csv", "right.yaml")

    assert (code, out, err) == (0, PLANNED + "2 of 2 targets succeeded\n", "")
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions
    same = "0 configurations would change, 2 would stay the same\n"
    assert fleet("plan", "targets.csv", "right.yaml") == (0, same, "")
    assert fleet("apply", "targets.csv", "right.yaml") == (0, same, "")


def test_distributions_alone_are_for_targets_of_any_name(fleet: Run, service: Any) -> None:
    arns = store(service, "one", "two")

    code, out, _ = fleet("apply", "--yes", "-", "ssm.yaml", stdin="\n".join(["arn", *arns]))

    assert (code, out.splitlines()[-1]) == (0, "2 of 2 targets succeeded")
    for arn in arns:
        stored = service.get_distribution_configuration(arn)
        assert stored.distributions == documents.load("ssm.yaml").distributions
        assert stored.description == "stays"


def test_what_is_stored_in_one_is_stored_in_all(fleet: Run, service: Any) -> None:
    one, two = store(service, "one", "two")
    service.update_distribution_configuration(one, documents.load("ssm.yaml").distributions, description="new")
    documents.dump(service.get_distribution_configuration(one), "stored.json")

    code, _, _ = fleet("apply", "--yes", "-", "stored.json", stdin=f"arn\n{two}")

    stored = service.get_distribution_configuration(two)
    assert code == 0
    assert (stored.distributions, stored.description) == (documents.load("ssm.yaml").distributions, "new")


def test_a_target_says_where_to_send_requests_or_the_option_does(
    fleet: Run, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    Path("targets.jsonl").write_text(
        f'{{"arn": "{WEB}", "endpoint_url": "{local.url}", "role_arn": null}}\n\n{{"arn": "{ABROAD}"}}\n'
    )

    code, out, _ = fleet("plan", "--endpoint-url", local.url, "targets.jsonl", "right.yaml")

    assert (code, out) == (3, PLANNED)


def test_a_targets_own_profile_comes_before_the_options(fleet: Run) -> None:
    targets = f"arn,profile,external_id\n{WEB},one\n{ABROAD},,\n"

    code, _, err = fleet("plan", "--profile", "two", "-", "right.yaml", stdin=targets)

    assert code == 1
    assert f"{WEB}: The config profile (one) could not be found" in err
    assert f"{ABROAD}: The config profile (two) could not be found" in err


COLUMNS = "arn, region_name, role_arn, profile, external_id, endpoint_url"
NOT_AN_ARN = "Target.arn must be the ARN of a distribution configuration, not 'web'"


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ("", "-: has no targets"),
        ("arn\n", "-: has no targets"),
        ("arn,role\na,b\n", f"-:1: role isn't one of {COLUMNS}"),
        (f"{WEB}\n", f"-:1: {WEB} isn't one of {COLUMNS}"),
        ("profile\nweb\n", "-:1: has no arn"),
        (f"arn\nweb\n\n{WEB},x\n", f"-:2: {NOT_AN_ARN}\n-:4: has more values than the header"),
        ("arn,profile\n,web\n", "-:2: has no arn"),
        (f"arn\n{WEB}\n{ABROAD}\n{WEB}\n", "-:4: is the target of line 2 again"),
        (f'arn\n"{WEB}" x\n', "-: isn't CSV after line 1: ',' expected after '\"'"),
        ('{"arn": 1}\n{"arn": "web"}', f"-:1: arn must be a str, not 1 (int)\n-:2: {NOT_AN_ARN}"),
        ("{\n[]\n{}", "-:1: isn't JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)\n"
         "-:2: isn't a JSON object\n-:3: has no arn"),
    ],
)  # fmt: skip
def test_targets_are_rejected_with_the_line(fleet: Run, targets: str, message: str) -> None:
    assert fleet("plan", "-", "right.yaml", stdin=targets) == (2, "", f"imagebuilder-dist fleet plan: {message}\n")


def test_files_that_can_not_be_read_are_rejected(fleet: Run) -> None:
    Path("latin.csv").write_bytes(b"arn\n\xe9")

    def error(*arguments: str) -> str:
        code, out, err = fleet("apply", *arguments)
        assert (code, out) == (2, "")
        return err.removeprefix("imagebuilder-dist fleet apply: ")

    assert error("none.csv", "right.yaml") == "none.csv: No such file or directory\n"
    assert error("targets.csv", "none.yaml") == "none.yaml: No such file or directory\n"
    assert error("latin.csv", "right.yaml") == "latin.csv: isn't UTF-8: unexpected end of data\n"
    assert error("-", "-") == "TARGETS and FILE can't both be standard input\n"
    assert fleet("apply", "targets.csv", "wrong.yaml")[0] == 1


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--per-second", "0", "0 isn't above 0"),
        ("--per-second", "nan", "nan isn't above 0"),
        ("--per-second", "x", "invalid rate value: 'x'"),
        ("--concurrency", "0", "0 isn't above 0"),
        ("--concurrency", "1.5", "invalid count value: '1.5'"),
    ],
)
def test_numbers_are_above_zero(fleet: Run, option: str, value: str, message: str) -> None:
    code, _, err = fleet("plan", option, value, "targets.csv", "right.yaml")

    assert code == 2
    assert err.endswith(f"error: argument {option}: {message}\n")


def test_pace_and_concurrency_can_be_given(fleet: Run) -> None:
    options = ("--per-second", "1000.5", "--concurrency", "1")

    assert fleet("plan", *options, "targets.csv", "right.yaml")[0] == 3


def test_a_target_that_fails_does_not_stop_the_others(fleet: Run, service: Any) -> None:
    (web,) = store(service, "web")
    targets = f"arn\n{ARN}-nope\n{web}\n"

    code, _, planned = fleet("plan", "-", "ssm.yaml", stdin=targets)
    applied, out, _ = fleet("apply", "--yes", "-", "ssm.yaml", stdin=targets)

    assert code == applied == 1
    assert planned.startswith(f"{ARN}-nope: ")
    assert "ResourceNotFoundException" in planned
    assert "\n1 of 2 targets succeeded, 1 failed\nResourceNotFoundException in " in out
    assert service.get_distribution_configuration(web).distributions == documents.load("ssm.yaml").distributions
    assert fleet("apply", "--yes", "-", "ssm.yaml", stdin=targets)[0] == 1


def test_a_name_that_makes_another_arn_is_the_targets_error(fleet: Run) -> None:
    code, _, err = fleet("plan", "-", "right.yaml", stdin=f"arn\n{WEB}-2\n")

    assert (code, err) == (1, f"{WEB}-2: the name 'web' makes the ARN {WEB}, not the target's {WEB}-2\n")


def test_a_fleet_plan_is_json_or_markdown(fleet: Run) -> None:
    assert json.loads(fleet("plan", "--format", "json", "targets.csv", "right.yaml")[1])["created"] == 2
    assert fleet("plan", "--format", "markdown", "targets.csv", "right.yaml")[1].startswith("**2 configurations would")


def test_a_fleet_is_not_written_without_being_asked_for(
    fleet: Run, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = fleet("apply", "targets.csv", "right.yaml", stdin="y\n")
    assert (code, out) == (2, PLANNED)
    assert err == "imagebuilder-dist fleet apply: there is no terminal to ask on; --yes writes without asking\n"

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
    assert (failed, out.splitlines()[4]) == (1, "1 of 2 targets succeeded, 1 failed")
    assert err.startswith(f"{WEB}: An error occurred (ServiceQuotaExceededException)")

    on_a_terminal(sys.stderr, monkeypatch)
    monkeypatch.setenv("TERM", "xterm")
    code, out, err = fleet(*arguments)
    assert code == 0
    assert err.endswith("] 1/1\r\x1b[K")
    assert out.splitlines()[-2:] == ["1 done before, according to the journal", "1 of 1 target succeeded"]


def test_a_journal_that_is_not_this_changes_is_rejected(fleet: Run, local: LocalImageBuilder) -> None:
    Path("other").write_text("{}\n")
    error = "isn't a journal, or is that of other targets or another file"

    code, _, err = fleet("apply", "--yes", "--journal", "other", "targets.csv", "right.yaml")
    assert (code, err) == (2, f"imagebuilder-dist fleet apply: other: {error}\n")

    code, _, err = fleet("apply", "--yes", "--journal", ".", "targets.csv", "right.yaml")
    assert (code, err) == (1, "imagebuilder-dist fleet apply: .: Is a directory\n")
    assert not any(request.applied for request in local.requests)


def test_ctrl_c_waits_for_what_is_in_flight_and_tells_what_came_of_all(
    fleet: Run, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A signal would do the same while the command waits; this one comes when the first write has begun, and no sooner.
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
    monkeypatch.setattr("imagebuilder_dist._fleet.driver.SimpleQueue", Interrupted)
    targets = "\n".join(["arn", *arns])

    code, out, err = fleet("apply", "--yes", "--concurrency", "1", "-", "ssm.yaml", stdin=targets)

    assert (code, out.splitlines()[-1]) == (130, "1 of 3 targets succeeded, 2 not begun")
    assert err == "interrupted; the same command again writes only what is still missing\n"
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

    assert (done.returncode, done.stdout) == (0, PLANNED + "2 of 2 targets succeeded\n")
    assert written.count(f"\r[{'#' * 30}] 2/2\r\x1b[K") == 2  # of the plan and of the run
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions


# show


def test_what_is_stored_is_shown(run: Run, service: Any) -> None:
    service.create_distribution_configuration(
        "web", documents.load("right.yaml").distributions, description="a\nb", tags={"a.b": ""}
    )

    code, out, _ = run("show", "web")

    assert code == 0
    lines = out.splitlines()
    assert lines[:6] == [
        f"arn: {WEB}",
        "name: web",
        "description: a\\nb",
        "distributions[0].region: us-west-2",
        "distributions[0].amiDistributionConfiguration.targetAccountIds[0]: 111122223333",
        "distributions[0].amiDistributionConfiguration.kmsKeyId: alias/web",
    ]
    assert "timeoutMinutes: 720" in lines
    assert "tags.a.b: " in lines


@pytest.mark.parametrize("form", ["json", "yaml", "cloudformation"])
def test_what_is_shown_can_be_read(run: Run, service: Any, form: str) -> None:
    distributions = documents.load("right.yaml").distributions
    service.create_distribution_configuration("web", distributions)

    _, out, _ = run("show", "--format", form, WEB)

    assert documents.loads(out).distributions == distributions


def test_a_picture_is_shown(run: Run, service: Any) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)

    _, out, _ = run("show", "--format", "mermaid", WEB)

    assert out == documents.to_mermaid(service.get_distribution_configuration(WEB))


def test_a_configuration_without_settings_has_none_to_show(run: Run, service: Any, local: LocalImageBuilder) -> None:
    ami = ibd.AmiDistributionConfiguration()
    distribution = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)
    service.create_distribution_configuration("web", [distribution])

    assert "distributions[0].amiDistributionConfiguration: {}\n" in run("show", "web")[1]


def test_settings_that_are_not_known_are_named(run: Run, service: Any, local: LocalImageBuilder) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)
    local.inject(AddUnknownMembers(), operation="GetDistributionConfiguration")

    _, _, err = run("show", WEB)

    assert err.startswith("not shown, because this version doesn't know it: ")


def test_a_name_that_is_not_there_is_not_shown(run: Run, service: Any) -> None:
    code, _, err = run("show", "nope")

    assert code == 1
    assert err == (
        "imagebuilder-dist show: no configuration is called 'nope' in this Region; an ARN begins with arn:\n"
    )
    assert run("show", ARN.replace("web", "nope"))[0] == 1


# needs, schema, serve


def test_what_a_build_needs_is_listed(run: Run) -> None:
    code, out, _ = run("needs", "right.yaml", "--owner", "123456789012")

    assert code == 0
    assert out.startswith("The owner, account 123456789012\n  [ ] us-west-2: the KMS key alias/web exists")
    assert run("needs", "right.yaml", "--owner", "5") == (
        2,
        "",
        "imagebuilder-dist needs: owner must be an account id of 12 digits, not '5'\n",
    )


def test_policies_are_written_into_a_folder(run: Run) -> None:
    code, out, _ = run("needs", "right.yaml", "--owner", "123456789012", "--policies", "a/b")

    assert code == 0
    assert "a/b/123456789012-us_west_2-alias_web-key.json" in out.splitlines()
    for path in out.splitlines():
        assert json.loads(Path(path).read_text())["Version"] == "2012-10-17"
    assert run("needs", "right.yaml", "--policies", "right.yaml") == (
        2,
        "",
        "imagebuilder-dist needs: right.yaml: File exists\n",
    )


@pytest.mark.parametrize("spelling", ["api", "cloudformation"])
def test_a_schema_is_printed(run: Run, spelling: Any) -> None:
    code, out, _ = run("schema", "--spelling", spelling)

    assert code == 0
    assert json.loads(out) == documents.json_schema(spelling)


def test_the_local_endpoint_has_its_own_options(run: Run) -> None:
    code, out, _ = run("serve", "--help")

    assert code == 0
    assert out.startswith("usage: imagebuilder-dist serve [-h] [--port PORT]")


# How it behaves in a shell.


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


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "imagebuilder_dist", *arguments]


def test_the_pre_commit_hook_runs_a_command_that_is_installed(run: Run) -> None:
    root = Path(__file__).parent.parent
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

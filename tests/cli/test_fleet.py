"""
`fleet plan` and `fleet apply`: targets, what is written, journals, interrupts and progress.
"""

import json
import re
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.testing import ChangedBySomebodyElse, LocalImageBuilder
from tests.cli.samples import NO_TERMINAL, WEB, Run, on_a_terminal, store

ABROAD = WEB.replace("us-west-2", "eu-west-1")
TARGETS = f"arn\n{WEB}\n{ABROAD}\n"
PLANNED = """\
2 targets: 2 would be created
+ distributions[us-west-2]  (2 targets in 1 account)
+   amiDistributionConfiguration.targetAccountIds (widens access): 111122223333
+   amiDistributionConfiguration.kmsKeyId: 'alias/web'
"""
CREATED = "2 targets: 2 created"
COLUMNS = "must have arn, and may have role_arn, profile, external_id, endpoint_url; it has"
NOT_AN_ARN = (
    "Target.arn must be the ARN of a distribution configuration, not 'web': "
    "an ARN has 6 parts, separated by colons, but this one has 1"
)


@pytest.fixture
def fleet(run: Run, service: Any) -> Run:
    """Run the command in a folder with targets and files."""
    Path("targets.csv").write_text(TARGETS)
    return partial(run, "fleet")


def test_a_fleet_is_created_and_needs_no_change_then(fleet: Run, service: Any, local: LocalImageBuilder) -> None:
    assert fleet("plan", "targets.csv", "right.yaml") == (3, PLANNED, "")
    assert not any(request.applied for request in local.requests)

    assert fleet("apply", "--yes", "targets.csv", "right.yaml") == (0, f"{PLANNED}{CREATED}\n", "")
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions
    same = "2 targets: 2 unchanged\n"
    assert fleet("plan", "targets.csv", "right.yaml") == fleet("apply", "targets.csv", "right.yaml") == (0, same, "")


@pytest.mark.parametrize(("file", "description"), [("ssm.yaml", "stays"), ("stored.json", "new")])
def test_a_file_is_for_targets_of_any_name(fleet: Run, service: Any, file: str, description: str) -> None:
    """
    Distributions alone keep the descriptions; what is stored in one configuration is stored in all.
    """
    wanted = documents.load("ssm.yaml").distributions
    first, *arns = store(service, "one", "two", "three", description="stays")
    service.update_distribution_configuration(first, wanted, description="new")
    documents.dump(service.get_distribution_configuration(first), "stored.json")

    code, out, _ = fleet("apply", "--yes", "-", file, stdin="\n".join(["arn", *arns]))

    assert (code, out.splitlines()[-1]) == (0, "2 targets: 2 changed")
    for arn in arns:
        stored = service.get_distribution_configuration(arn)
        assert (stored.distributions, stored.description) == (wanted, description)


def test_a_target_says_how_to_reach_it_or_the_options_do(
    fleet: Run, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    first = {"arn": WEB, "endpoint_url": local.url, "role_arn": None}
    Path("targets.jsonl").write_text(f'{json.dumps(first)}\n\n{{"arn": "{ABROAD}"}}\n')
    assert fleet("plan", "--endpoint-url", local.url, "targets.jsonl", "right.yaml")[:2] == (3, PLANNED)

    targets = f"arn,profile,external_id\n{WEB},one\n{ABROAD},,\n"
    code, _, err = fleet("plan", "--profile", "two", "-", "right.yaml", stdin=targets)
    assert code == 1
    assert f"{WEB}: The config profile (one) could not be found" in err
    assert f"{ABROAD}: The config profile (two) could not be found" in err


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ("", "-: has no targets"),
        ("arn\n", "-: has no targets"),
        ("arn,role\na,b\n", f"-:2: {COLUMNS} arn, role"),
        ("arn,profile\n,web\n", f"-:2: {COLUMNS} profile"),
        (f"arn\nweb\n\n{WEB},x\n", f"-:2: {NOT_AN_ARN}\n-:4: {COLUMNS} arn, values without a name"),
        (f"arn\n{WEB}\n{ABROAD}\n{WEB}\n", "-:4: has the same arn as line 2"),
        (f'arn\n"{WEB}" x\n', "-: ',' expected after '\"'"),
        ('{"arn": 1}\n{"arn": "web"}', f"-:1: arn must be a string, not 1 (integer)\n-:2: {NOT_AN_ARN}"),
        ('{"arn": }\n[]', "-:1: Expecting value: line 1 column 9 (char 8)\n"
         f"-:2: {COLUMNS} nothing"),
    ],
)  # fmt: skip
def test_targets_are_rejected_with_the_line(fleet: Run, targets: str, message: str) -> None:
    assert fleet("plan", "-", "right.yaml", stdin=targets) == (2, "", f"imagebuilder-dist fleet plan: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.csv", "right.yaml"], 2, "fleet apply: none.csv: No such file or directory\n"),
        (["targets.csv", "none.yaml"], 2, "fleet apply: none.yaml: No such file or directory\n"),
        (["latin.csv", "right.yaml"], 2, "latin.csv: 'utf-8' codec can't decode byte 0xe9 in position 4"),
        (["-", "-"], 2, "TARGETS and FILE can't both be standard input\n"),
        (["targets.csv", "wrong.yaml"], 5, "wrong.yaml:4:34: error: "),
        (["targets.csv", "right.yaml", "--per-second", "0"], 2, "'--per-second': 0.0 is not in the range x>0."),
        (["targets.csv", "right.yaml", "--per-second", "nan"], 2, "per_second must be above 0, not nan\n"),
        (["targets.csv", "right.yaml", "--concurrency", "0"], 2, "'--concurrency': 0 is not in the range x>=1."),
        (["targets.csv", "right.yaml", "--concurrency", "1.5"], 2, "'--concurrency': '1.5' is not a valid integer"),
        (["targets.csv", "right.yaml"], 2, f"fleet apply: {NO_TERMINAL}\n"),
    ],
)
def test_what_can_not_be_used_is_rejected(
    fleet: Run, local: LocalImageBuilder, arguments: list[str], code: int, message: str
) -> None:
    Path("latin.csv").write_bytes(b"arn\n\xe9")

    found, _, err = fleet("apply", *arguments, stdin="y\n")

    assert found == code
    assert message in err
    assert not any(request.applied for request in local.requests)


def test_a_target_that_fails_does_not_stop_the_others(fleet: Run, service: Any) -> None:
    (web,) = store(service, "web")
    targets = f"arn\n{WEB}-nope\n{web}\n"

    code, _, planned = fleet("plan", "-", "ssm.yaml", stdin=targets)
    applied, out, _ = fleet("apply", "--yes", "-", "ssm.yaml", stdin=targets)

    assert code == applied == 1
    assert planned.startswith(f"{WEB}-nope: An error occurred (ResourceNotFoundException)")
    assert "\n2 targets: 1 changed, 1 failed\nResourceNotFoundException in " in out
    assert service.get_distribution_configuration(web).distributions == documents.load("ssm.yaml").distributions
    assert fleet("apply", "--yes", "-", "ssm.yaml", stdin=targets)[0] == 1


def test_only_what_was_confirmed_is_written(fleet: Run, service: Any, local: LocalImageBuilder) -> None:
    """
    Somebody else's change comes between plan and confirmation.
    """
    one, two = store(service, "one", "two")
    targets = f"arn\n{one}\n{two}\n"
    theirs = ChangedBySomebodyElse(lambda stored: attrs.evolve(stored, description="theirs"))
    local.inject(theirs, operation="GetDistributionConfiguration")

    code, out, err = fleet("apply", "--yes", "--concurrency", "1", "-", "ssm.yaml", stdin=targets)

    assert code == 1
    assert "\n2 targets: 1 changed, 1 failed\nConcurrentModificationError" in out
    assert err.startswith(f"{one}: ")
    changed = [service.get_distribution_configuration(arn) for arn in (one, two)]
    ssm = documents.load("ssm.yaml").distributions
    assert [each.description for each in changed] == ["theirs", None]
    assert [each.distributions == ssm for each in changed] == [False, True]


def test_a_fleet_plan_is_json_or_markdown(fleet: Run) -> None:
    options = ("--per-second", "1000.5", "--concurrency", "1")

    code, out, _ = fleet("plan", "--format", "json", *options, "targets.csv", "right.yaml")
    assert (code, json.loads(out)["counts"]["would be created"]) == (3, 2)
    _, out, err = fleet("plan", "--format", "markdown", "targets.csv", "surprising.yaml")
    assert err.startswith("surprising.yaml:3:11: warning: ")
    assert out.startswith("**2 targets: 2 would be created**")


@pytest.mark.parametrize("in_plan", [False, True])
def test_ctrl_c_waits_for_what_is_running_and_reports_every_target(
    fleet: Run, service: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, in_plan: bool
) -> None:
    """
    A shell starts what runs in the background with Ctrl-C ignored, so the test sets its handler.
    """
    arns = store(service, "one", "two", "three")
    name = "edit_distribution_configuration" if in_plan else "apply"
    method: Any = getattr(ibd.DistributionConfigurationClient, name)

    def interrupting(*arguments: object, **options: object) -> object:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return method(*arguments, **options)

    monkeypatch.setattr(ibd.DistributionConfigurationClient, name, interrupting)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    targets = "\n".join(["arn", *arns])
    try:
        code, out, err = fleet("apply", "--yes", "--concurrency", "1", "-", "ssm.yaml", stdin=targets)
    finally:
        signal.signal(signal.SIGINT, before)

    assert code == 130
    ssm = documents.load("ssm.yaml").distributions
    written = [service.get_distribution_configuration(arn).distributions == ssm for arn in arns]
    if in_plan:
        assert (out, err, written) == ("", "interrupted\n", [False, False, False])
    else:
        # It has failed, and may have been written, if the signal came before the executor had accepted it.
        assert re.search(
            r"^3 targets: 1 (changed|failed), 2 not begun\nnot begun: interrupted  \(2 ", out, re.MULTILINE
        )
        assert err.endswith("run the same command again to write only what is still missing\n")
        assert written[1:] == [False, False]


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_a_terminal_shows_progress(fleet: Run, monkeypatch: pytest.MonkeyPatch, terminal: str) -> None:
    """
    A target whose ARN isn't the name's fails.
    """
    monkeypatch.setenv("TERM", terminal)
    on_a_terminal(sys.stderr, monkeypatch)

    code, _, err = fleet("plan", "-", "right.yaml", stdin=f"{TARGETS}{WEB}-2\n")

    failure = f"{WEB}-2: the name 'web' maps to the ARN {WEB}, not to the target's {WEB}-2\n"
    assert code == 1
    if terminal == "dumb":
        assert err == failure
    else:
        assert f"\r\x1b[K[{'#' * 20:<30}] 2/3" in err
        assert f"\r\x1b[K{failure}" in err
        assert err.endswith(f"\r\x1b[K[{'#' * 30}] 3/3\r\x1b[K")

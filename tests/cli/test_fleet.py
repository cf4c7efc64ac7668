"""
`fleet plan` and `fleet apply`: targets, options and plans.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from imagebuilder_dist import documents
from imagebuilder_dist.testing import LocalImageBuilder
from tests.cli.samples import ABROAD, PLANNED, WEB, Run, store
from tests.samples import ARN


def test_a_fleet_is_planned_in_one_plan(fleet: Run, local: LocalImageBuilder) -> None:
    assert fleet("plan", "targets.csv", "right.yaml") == (3, PLANNED, "")
    assert not any(request.applied for request in local.requests)


def test_a_fleet_is_created_and_needs_no_change_then(fleet: Run, service: Any) -> None:
    code, out, err = fleet("apply", "--yes", "targets.csv", "right.yaml")

    assert (code, out, err) == (0, PLANNED + "2 targets: 2 created\n", "")
    assert service.get_distribution_configuration(WEB).distributions == documents.load("right.yaml").distributions
    same = "2 targets: 2 unchanged\n"
    assert fleet("plan", "targets.csv", "right.yaml") == (0, same, "")
    assert fleet("apply", "targets.csv", "right.yaml") == (0, same, "")


def test_distributions_alone_are_for_targets_of_any_name(fleet: Run, service: Any) -> None:
    arns = store(service, "one", "two")

    code, out, _ = fleet("apply", "--yes", "-", "ssm.yaml", stdin="\n".join(["arn", *arns]))

    assert (code, out.splitlines()[-1]) == (0, "2 targets: 2 changed")
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


COLUMNS = "arn, role_arn, profile, external_id, endpoint_url"
NOT_AN_ARN = (
    "Target.arn must be the ARN of a distribution configuration, not 'web': "
    "an ARN has 6 parts, separated by colons, but this one has 1"
)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ("", "-: has no targets"),
        ("arn\n", "-: has no targets"),
        ("arn,role\na,b\n", f"-:1: has unknown names: role; known are {COLUMNS}"),
        (f"{WEB}\n", f"-:1: has unknown names: {WEB}; known are {COLUMNS}"),
        ("profile\nweb\n", "-:1: has no arn"),
        (f"arn\nweb\n\n{WEB},x\n", f"-:2: {NOT_AN_ARN}\n-:4: has more values than the header"),
        ("arn,profile\n,web\n", "-:2: has no arn"),
        (f"arn\n{WEB}\n{ABROAD}\n{WEB}\n", "-:4: has the same target as line 2"),
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
        ("--per-second", "0", "must be above 0, not 0"),
        ("--per-second", "nan", "must be above 0, not nan"),
        ("--per-second", "x", "invalid rate value: 'x'"),
        ("--concurrency", "0", "must be above 0, not 0"),
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
    assert "\n2 targets: 1 changed, 1 failed\nResourceNotFoundException in " in out
    assert service.get_distribution_configuration(web).distributions == documents.load("ssm.yaml").distributions
    assert fleet("apply", "--yes", "-", "ssm.yaml", stdin=targets)[0] == 1


def test_a_name_that_maps_to_another_arn_is_the_targets_error(fleet: Run) -> None:
    code, _, err = fleet("plan", "-", "right.yaml", stdin=f"arn\n{WEB}-2\n")

    assert (code, err) == (1, f"{WEB}-2: the name 'web' maps to the ARN {WEB}, not to the target's {WEB}-2\n")


def test_a_fleet_plan_is_json_or_markdown(fleet: Run) -> None:
    assert (
        json.loads(fleet("plan", "--format", "json", "targets.csv", "right.yaml")[1])["counts"]["would be created"] == 2
    )
    assert fleet("plan", "--format", "markdown", "targets.csv", "right.yaml")[1].startswith(
        "**2 targets: 2 would be created**"
    )

"""
What can't be looked at is unknown, says why, and stops nothing; reports are for people and machines.
"""

import io
import json
import time
from typing import Any

import attrs
import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse

import imagebuilder_dist as ibd
from imagebuilder_dist.preflight import AUDIT_ACTIONS, Finding, Report, preflight
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ami

from .world import FIRST, FOURTH, OWNER, ROLE, SECOND, World, managed

pytestmark = pytest.mark.xdist_group("moto")  # which takes a worker ten seconds to set up

AUDIT_ROLE = "AuditRole"
FIFTH = "555566667777"


def by_kind(report: Report, kind: str) -> list[str]:
    return [
        f"{each.account_id} {each.status} {each.evidence}" for each in report.findings if each.prerequisite.kind == kind
    ]


def test_a_role_that_may_nothing_leaves_all_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    And the report says what to allow.
    """
    monkeypatch.setattr(world, "denied", {"all"})

    report = world.look()

    assert not report
    assert {each.status for each in report.findings} == {"unknown"}
    assert report.denied_actions == (
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeRegions",
        "ec2:GetImageBlockPublicAccessState",
        "ecr:DescribeRepositories",
        "iam:GetRole",
        "imagebuilder:GetImagePipeline",
        "kms:DescribeKey",
        "license-manager:GetLicenseConfiguration",
        "organizations:DescribeOrganization",
        "s3:GetBucketLocation",
    )
    assert {*report.denied_actions} <= {*AUDIT_ACTIONS}
    assert f"To look further, the sessions must be allowed {', '.join(report.denied_actions)}." in str(report)
    assert "the session may not call kms:DescribeKey" in str(report)


def test_what_one_action_would_tell_is_unknown_and_the_rest_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "denied", {"GetKeyPolicy"})

    report = world.look()

    kinds = {each.prerequisite.kind for each in report.unknown}
    assert kinds == {"kms-key-policy", "fast-launch-service-role"}
    assert report.denied_actions == ("kms:GetKeyPolicy",)


def test_a_throttled_look_is_retried_and_has_a_time_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session: Any = boto3.Session("test", "test")
    waits, configs = list[float](), list[Any]()
    monkeypatch.setattr(time, "sleep", waits.append)

    def throttle(**_: Any) -> AWSResponse | None:
        text = b'{"__type": "ThrottlingException"}' if len(waits) < 2 else b""
        body = HTTPResponse(io.BytesIO(text), preload_content=False)
        return AWSResponse("https://aws.test", 400, HTTPHeaders(), body) if text else None

    class Owner:
        def client(self, *given: str, config: Any, **also: str) -> Any:
            configs.append(config)
            client = session.client(*given, config=config, **also)
            client.meta.events.register_first("before-send", throttle)
            return client

    key = distribution(kms_key_id=world.keys["us-east-1"])

    report = preflight(key, sessions=lambda _: Owner(), owner=OWNER, timeout=7)

    assert ({each.status for each in report.findings}, report.requests, len(waits)) == ({"met"}, 1, 2)
    assert [(each.connect_timeout, each.read_timeout) for each in configs] == [(7, 7)]


def test_an_account_without_a_session_is_unknown(world: World) -> None:
    """
    So is one whose session can't be had: whatever the function raises, the others are looked at, and secrets are kept.
    """

    def sessions(account: str) -> Any:
        if account == FOURTH:
            raise RuntimeError("secret_access_key=abc")
        return None if account == FIRST else world.session(account)

    report = world.look(sessions=sessions)

    by_account: dict[str, set[tuple[str, str]]] = {}
    for each in report.findings:
        by_account.setdefault(each.account_id, set()).add((each.status, each.evidence))
    assert by_account[FIRST] == {("unknown", f"there is no session for account {FIRST}")}
    assert by_account[FOURTH] == {("unknown", "RuntimeError: secret_access_key=***")}
    assert {status for status, _ in by_account[SECOND]} == {"met"}


def test_condition_keys_that_are_not_known_make_a_simulation_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "missing_keys", ["aws:SourceVpce"])

    report = world.look()

    assert not report
    assert (
        f"{OWNER} unknown the permissions policy of web-instance has statements that can't be judged from outside"
        in by_kind(report, "ecr-push")
    )


@pytest.mark.parametrize("pipeline_arn", [None, "web"])
def test_without_a_pipelines_arn_its_roles_are_unknown(world: World, pipeline_arn: str | None) -> None:
    report = world.look(pipeline_arn=pipeline_arn)

    reason = "it depends on the pipeline, which the configuration doesn't name: pass in its ARN"
    assert {*by_kind(report, "ecr-push")} == {f"{OWNER} unknown {reason}"}
    assert f"{OWNER} unknown {reason}" in by_kind(report, "ssm-parameter")


@pytest.mark.parametrize(("has_role", "status"), [(True, "missing"), (False, "met")])
def test_the_service_itself_writes_its_own_parameters(
    world: World, monkeypatch: pytest.MonkeyPatch, has_role: bool, status: str
) -> None:
    """
    A pipeline without an execution role uses the service-linked role; one that has a role needs it allowed.
    """
    parameter = ibd.SsmParameterConfiguration(parameter_name="/imagebuilder/web")
    monkeypatch.setattr(world, "execution_role", "web-execution" if has_role else None)

    report = world.look(ibd.Distribution(region="us-east-1", ssm_parameter_configurations=[parameter]))

    assert [each.status for each in report.findings] == [status]


def distribution(*, region: str = "us-east-1", is_fast: bool = False, **members: Any) -> ibd.Distribution:
    fast_launch = [ibd.FastLaunchConfiguration(enabled=True)] if is_fast else []
    return attrs.evolve(ami(region, **members), fast_launch_configurations=fast_launch)


FOREIGN = ibd.LaunchPermissionConfiguration(
    organization_arns=["arn:aws:organizations::999999999999:organization/o-other12345"]
)


@pytest.mark.parametrize(
    ("given", "kind", "seen"),
    [
        ({"kms_key_id": "aws/ebs", "target_account_ids": [FIRST]}, "kms-key", "missing kmsKeyId is aws/ebs"),
        ({"kms_key_id": "alias/none"}, "kms-key", "missing there is no KMS key alias/none in us-east-1"),
        ({"kms_key_id": "alias/none", "target_account_ids": [FIRST]}, "kms-key-arn", "missing kmsKeyId is alias/none"),
        ({"kms_key_id": f"arn:aws:kms:us-east-1:{FIFTH}:alias/web"}, "kms-key", f"no session for account {FIFTH}"),
        ({"target_account_ids": [FIRST], "is_fast": True}, "fast-launch-account", "seen before there is an AMI"),
        ({"launch_permission": FOREIGN}, "organizations", "owner's organization, which is all that the owner sees"),
        ({"region": "us-wets-2", "target_account_ids": [FIRST]}, "region-enabled", "missing it is not a Region of AWS"),
    ],
)
def test_what_is_never_met(world: World, given: Any, kind: str, seen: str) -> None:
    found = by_kind(world.look(distribution(**given)), kind)[0]
    assert found.endswith(seen)
    assert seen.startswith("missing") or found.split()[1] == "unknown"


def test_a_key_is_found_by_its_alias(world: World) -> None:
    """
    The role is allowed the key, not its alias, which policies can't name.
    """
    alias = "alias/web"
    kms = world.client(OWNER, "kms", "us-east-1")
    kms.create_alias(AliasName=alias, TargetKeyId=world.keys["us-east-1"].rpartition("/")[2])
    try:
        report = world.look(
            distribution(kms_key_id=f"arn:aws:kms:us-east-1:{OWNER}:{alias}", target_account_ids=[FIRST])
        )
    finally:
        kms.delete_alias(AliasName=alias)

    assert not report.missing
    assert (
        by_kind(report, "cross-account-keys")[0]
        == f"{FIRST} met kms:DescribeKey, iam:GetRole, iam:SimulatePrincipalPolicy"
    )


def test_a_fast_launch_needs_its_policy_on_the_execution_role(world: World) -> None:
    def found() -> list[str]:
        return by_kind(world.look(distribution(is_fast=True)), "fast-launch-role")

    assert found() == [f"{OWNER} missing EC2FastLaunchFullAccess isn't attached to web-execution"]
    world.attach(OWNER, "web-execution", "EC2FastLaunchFullAccess")
    assert found() == [f"{OWNER} met imagebuilder:GetImagePipeline, iam:GetRole, iam:ListAttachedRolePolicies"]
    world.client(OWNER, "iam").detach_role_policy(
        RoleName="web-execution", PolicyArn=managed("EC2FastLaunchFullAccess")
    )


def test_a_fast_launch_needs_access_to_the_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Who enables it makes a grant of the key for EC2's own role; AWSServiceRoleForImageBuilder may.
    """

    def found() -> Finding:
        report = world.look(distribution(kms_key_id=world.keys["us-east-1"], is_fast=True))
        return next(each for each in report.findings if each.prerequisite.kind == "fast-launch-service-role")

    assert found().evidence == "the permissions policy of web-execution lacks kms:CreateGrant"
    assert [each.name for each in found().policies] == ["web-execution"]
    for policy in found().policies:
        world.apply(policy)
    assert found().status == "met"
    monkeypatch.setattr(world, "execution_role", None)
    assert found().status == "met"
    world.client(OWNER, "iam").delete_role_policy(RoleName="web-execution", PolicyName="needs-1")


def test_an_owner_that_is_not_known_is_rejected() -> None:
    with pytest.raises(
        ValueError, match="owner is needed, because the configuration doesn't say which account owns it"
    ):
        preflight([ibd.Distribution(region="us-west-2")], sessions="AuditRole")


TARGET = distribution(region="us-west-2", target_account_ids=[FIFTH])


@pytest.mark.usefixtures("credentials")
def test_a_role_is_assumed_in_every_account() -> None:
    report = preflight(TARGET, sessions=AUDIT_ROLE, owner=OWNER)

    assert f"\n\nAccount {FIFTH}\n- [!] the role {ROLE} exists" in str(report)
    assert str(report).endswith(str(report.notes))
    data = json.loads(report.to_json())
    assert data["owner"] == OWNER
    assert [(each["accountId"], each["status"], each["kind"]) for each in data["findings"]] == [
        (FIFTH, "missing", "cross-account-role"),
        (FIFTH, "missing", "cross-account-policy"),
    ]
    assert data["findings"][0]["policies"][0]["kind"] == "trust"
    assert {each["kind"] for each in data["notes"]} == {"image-encryption", "concurrent-copies"}
    assert f"### Account {FIFTH}" in report.to_markdown()


@pytest.mark.usefixtures("credentials")
def test_accounts_in_which_the_same_is_missing_share_a_block() -> None:
    """
    At its end are the policies to paste, one for each role.
    """
    other = FIFTH[::-1]
    keys = [
        f"arn:aws:kms:{each}:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab" for each in ("us-east-1", "us-west-2")
    ]
    distributions = [
        distribution(region=key.split(":")[3], kms_key_id=key, target_account_ids=[FIFTH, other]) for key in keys
    ]

    lines = str(preflight(distributions, sessions=AUDIT_ROLE, owner=OWNER)).splitlines()

    start = f"- add to the permissions policy of {ROLE}: "
    documents = [json.loads(line.removeprefix(start)) for line in lines if line.startswith(start)]
    assert f"2 accounts: {FIFTH}, {other}" in lines
    assert [each["Statement"][0]["Resource"] for each in documents] == [keys]
    assert len([line for line in lines if line.startswith(f"- add to the trust policy of {ROLE}: ")]) == 1


@pytest.mark.usefixtures("credentials")
def test_without_a_role_only_the_own_account_is_looked_at() -> None:
    bucket = ibd.S3ExportConfiguration(role_name="none", s3_bucket="none-of-ours", disk_image_format="RAW")
    own = ibd.Distribution(region="us-west-2", s3_export_configuration=bucket)

    report = preflight([TARGET, own], owner=OWNER)

    assert {each.account_id for each in report.missing} == {OWNER}
    assert {(each.account_id, each.evidence) for each in report.unknown} == {
        (FIFTH, f"there is no session for account {FIFTH}")
    }


def test_an_endpoint_that_does_not_answer_like_aws_is_one_sentence_of_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Botocore's parser, which takes it for AWS, shows the whole response.
    """
    template = ibd.LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
    web = ibd.Distribution(region="us-west-2", launch_template_configurations=[template])
    with LocalImageBuilder() as local:
        monkeypatch.setenv("AWS_ENDPOINT_URL", local.url)
        report = preflight(web, owner=OWNER, sessions=lambda _: boto3.Session("test", "test"))

    [finding] = report.unknown
    assert finding.evidence.startswith("ResponseParserError: Unable to parse response (not well-formed")
    assert finding.evidence.endswith("invalid XML received")


def test_the_auditing_roles_policy_is_valid() -> None:
    import parliament  # noqa: PLC0415 - it takes half a second

    statement = {"Effect": "Allow", "Action": [*AUDIT_ACTIONS], "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    assert [each for each in parliament.analyze_policy_string(text).findings if each.issue != "RESOURCE_STAR"] == []
    assert len({*AUDIT_ACTIONS}) == len(AUDIT_ACTIONS)

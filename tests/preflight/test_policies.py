"""
Whether a trust or a key policy allows it: what `policies()` writes does, and what isn't understood never does.
"""

import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.preflight import Finding, preflight
from imagebuilder_dist.prerequisites import prerequisites
from tests import strategies

OWNER = "123456789012"
KEY = f"arn:aws:kms:us-west-2:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGET = "111122223333"
ROOT = f"arn:aws:iam::{TARGET}:root"

accounts = st.lists(strategies.account_ids, max_size=3, unique=True)
organizations = st.lists(strategies.account_ids.map("o-{}".format), max_size=2, unique=True)
units = st.lists(strategies.account_ids.map("o-{0}/ou-abcd-{0}".format), max_size=2, unique=True)


def answering(**answers: Any) -> Any:
    """Return a session whose clients answer from a table."""
    events = SimpleNamespace(register=lambda *_: None)
    client = SimpleNamespace(meta=SimpleNamespace(events=events), can_paginate=lambda _: False)
    for method, answer in answers.items():
        setattr(client, method, partial(lambda answer, **_: answer, answer))
    return SimpleNamespace(client=lambda _service, **_: client)


def distribution(targets: list[str], users: list[str], orgs: list[str], ous: list[str]) -> ibd.Distribution:
    arn = f"arn:aws:organizations::{OWNER}"
    permission = ibd.LaunchPermissionConfiguration(
        user_ids=users,
        organization_arns=[f"{arn}:organization/{each}" for each in orgs],
        organizational_unit_arns=[f"{arn}:ou/{each}" for each in ous],
    )
    ami = ibd.AmiDistributionConfiguration(kms_key_id=KEY, target_account_ids=targets, launch_permission=permission)
    return ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)


def judge(configuration: ibd.Distribution, document: Any) -> Finding | None:
    """Return what preflight says of a key with that policy; None if nobody else gets the AMI."""
    session = answering(
        describe_key={"KeyMetadata": {"KeyId": "1234", "KeyState": "Enabled", "KeyManager": "CUSTOMER"}},
        get_key_policy={"Policy": json.dumps(document)},
    )
    report = preflight(configuration, sessions=lambda _: session, owner=OWNER)
    return next((each for each in report.findings if each.prerequisite.kind == "kms-key-policy"), None)


def status(configuration: ibd.Distribution, statements: Any) -> str:
    finding = judge(configuration, {"Statement": statements})
    assert finding
    return finding.status


def policy_of(configuration: ibd.Distribution) -> dict[str, Any]:
    policies = prerequisites(configuration, owner=OWNER).policies()
    return next((json.loads(json.dumps(each.document)) for each in policies if each.kind == "key"), {"Statement": []})


@settings(max_examples=25)
@given(st.builds(distribution, accounts, accounts, organizations, units), st.data())
def test_what_policies_write_is_met_and_nothing_less(configuration: ibd.Distribution, data: st.DataObject) -> None:
    """
    Whether an account belongs to an organization, which is allowed as a whole, can't be told.
    """
    document = policy_of(configuration)
    finding = judge(configuration, document)
    if finding is None:
        assert document["Statement"] == []
        return
    assert finding.status == "met"
    statements = document["Statement"]
    removed = data.draw(st.sampled_from(statements))
    rest = [each for each in statements if each is not removed]

    left = judge(configuration, {"Statement": rest})

    assert left
    is_sure = all(each["Principal"] != {"AWS": ["*"]} for each in rest) or not rest
    assert left.status in ({"missing"} if is_sure else {"missing", "unknown"})
    if left.status == "missing":
        mended = [*rest, *left.policies[0].document["Statement"]]
        assert status(configuration, mended) == "met"
    deny = {**removed, "Effect": "Deny"}
    assert status(configuration, [*statements, deny]) == "missing"
    operator, key = data.draw(st.sampled_from([("Bool", "aws:SecureTransport"), ("StringEquals", "kms:ViaService")]))
    foreign = {**removed, "Condition": {**removed.get("Condition", {}), operator: {key: "true"}}}
    for changed in ([*rest, foreign], [*statements, {**foreign, "Effect": "Deny"}]):
        assert status(configuration, changed) == "unknown"


ONE = distribution([TARGET], [], [], [])
USE, GRANTS = sorted(policy_of(ONE)["Statement"], key=lambda each: "Condition" in each)
SPELT_OUT = [
    *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"),
    *("kms:ReEncryptFrom", "kms:ReEncryptTo"),
]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}], "met"),
        ([{"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "KMS:*", "Resource": "*"}], "met"),
        ([{**USE, "Action": SPELT_OUT}, GRANTS], "met"),
        ([{**USE, "Action": SPELT_OUT[1:]}, GRANTS], "missing"),
        ([USE, {**GRANTS, "Condition": {"Bool": {"kms:GrantIsForAWSResource": True}}}], "met"),
        ([USE, {**GRANTS, "Condition": {"Bool": {"kms:GrantIsForAWSResource": False}}}], "unknown"),
        ([USE, {**GRANTS, "Condition": {"Bool": {"KMS:grantisforawsresource": "true"}}}], "met"),
        ([{**USE, "Principal": {"AWS": f"arn:aws:iam::{TARGET}:role/web"}}, GRANTS], "unknown"),
        ([{**USE, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}}, GRANTS], "missing"),
        ([{**USE, "Principal": {"Service": "ec2.amazonaws.com"}}, GRANTS], "missing"),
        ([{**USE, "Resource": KEY}, GRANTS], "unknown"),
        ([USE, GRANTS, {**USE, "Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:user/web"}}], "unknown"),
        ([USE, GRANTS, {**USE, "Effect": "Deny", "Principal": {"AWS": "999999999999"}}], "met"),
        (
            [USE, GRANTS, {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}],
            "unknown",
        ),
        ([GRANTS, {**{k: v for k, v in USE.items() if k != "Action"}, "NotAction": "kms:Delete*"}], "unknown"),
        ([{"Principal": "*"}], "unknown"),
        ("?", "unknown"),
    ],
)
def test_what_a_key_policy_says(statements: Any, expected: str) -> None:
    assert status(ONE, statements) == expected


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ({}, "met"),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "vmimport"}}}, "met"),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "other"}}}, "unknown"),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": OWNER}}}, "unknown"),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, "missing"),
        ({"Principal": "*"}, "unknown"),
        ({"Action": "sts:TagSession"}, "missing"),
    ],
)
def test_what_a_trust_policy_says(statement: Any, status: str) -> None:
    export = ibd.S3ExportConfiguration(role_name="vmimport", s3_bucket="images", disk_image_format="RAW")
    trusting = {"Effect": "Allow", "Principal": {"Service": "vmie.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {"Arn": "arn", "RoleName": "vmimport", "AssumeRolePolicyDocument": {"Statement": {**trusting, **statement}}}
    allowed = [{"EvalActionName": "any", "EvalDecision": "allowed"}]
    session = answering(get_role={"Role": role}, simulate_principal_policy={"EvaluationResults": allowed})

    report = preflight(
        ibd.Distribution(region="us-west-2", s3_export_configuration=export), sessions=lambda _: session, owner=OWNER
    )

    assert next(each.status for each in report.findings if each.prerequisite.kind == "export-role") == status


def test_only_what_is_lacking_is_named_and_added() -> None:
    other = "arn:aws:iam::444455556666:root"
    use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    grants = ["kms:CreateGrant", "kms:ListGrants"]
    allowed = [
        {"Effect": "Allow", "Principal": {"AWS": [ROOT, other]}, "Action": use, "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": other}, "Action": grants, "Resource": "*"},
    ]

    finding = judge(distribution([TARGET, "444455556666"], [], [], []), {"Statement": allowed})

    assert finding is not None
    assert finding.evidence.endswith(f" lacks kms:RevokeGrant for {other}")
    (added,) = finding.policies
    assert added.document["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [other]},
            "Action": ["kms:RevokeGrant"],
            "Resource": ["*"],
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": ["true"]}},
        }
    ]

"""
Prerequisites as IAM policies: complete, merged, minimal and valid.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.prerequisites import prerequisites
from tests.samples import ARN, ami, manifest
from tests.shapes.builders import container, export

from .samples import CONTAINER, EXPORT, KEY, OTHER, OWNER, ROLE, TARGET, TEMPLATE, documents, of_document, ssm, template


def lines(document: Mapping[str, Any]) -> list[str]:
    """Return a line for each statement: its principals, actions, resources and conditions."""
    return [
        " ".join(
            text
            for text in (
                json.dumps(each.get("Principal", "")).translate(BARE).replace(":", "", 1),
                *each["Action"],
                *each.get("Resource", ()),
                json.dumps(each.get("Condition", "")).translate(BARE),
            )
            if text
        )
        for each in document["Statement"]
    ]


KEY_ID = KEY.rpartition("/")[2]
BARE = str.maketrans("", "", '"[]{},')
ORGANIZATION = f"arn:aws:organizations::{OWNER}:organization/o-abcdefghij"
UNIT = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh"


def test_policies() -> None:
    """
    The same actions on several resources make one statement, and so do several actions on the same resource.

    A key policy names who gets a copy and who may launch, except the key's own account.
    Values aren't validated here, and IAM would interpret `*`, `?` and `${...}`.
    """
    permission = ibd.LaunchPermissionConfiguration(
        user_ids=[OTHER, OWNER], organization_arns=[ORGANIZATION], organizational_unit_arns=[UNIT]
    )
    distributions = [
        ami(target_account_ids=[TARGET], kms_key_id=KEY, launch_permission=permission),
        template(OTHER),
        ssm("/web", data_type="aws:ec2:image"),
        ssm("web", OTHER, "aws:ec2:image"),
        ssm("/${aws:username}/*?", OTHER),
        EXPORT,
        CONTAINER,
    ]

    policies = prerequisites(distributions, owner=OWNER).policies()

    text = "\n".join(
        "\n  ".join([f"{each.account_id} {each.kind} {each.name} {each.region}", *lines(each.document)])
        for each in policies
    )
    template_arn = f"arn:aws:ec2:us-west-2:{OTHER}:launch-template/{TEMPLATE}"
    parameter = f"arn:aws:ssm:us-west-2:{OTHER}:parameter"
    use = "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey* kms:ReEncrypt*"
    grants = "kms:CreateGrant kms:ListGrants kms:RevokeGrant"
    organization, unit = "aws:PrincipalOrgID: o-abcdefghij", "aws:PrincipalOrgPaths: o-abcdefghij/*/ou-abcd-abcdefgh/*"
    assert (
        text
        == f"""\
{OWNER} trust vmimport None
  Service vmie.amazonaws.com sts:AssumeRole StringEquals: sts:ExternalId: vmimport
{OWNER} permissions vmimport None
  ec2:CopySnapshot ec2:Describe* ec2:ModifySnapshotAttribute ec2:RegisterImage *
  s3:GetBucketAcl s3:GetBucketLocation s3:ListBucket arn:aws:s3:::images
  s3:GetObject s3:PutObject arn:aws:s3:::images/*
{OWNER} key {KEY} us-west-2
  AWS * {grants} * Bool: kms:GrantIsForAWSResource: true ForAnyValue:StringLike: {unit}
  AWS * {grants} * Bool: kms:GrantIsForAWSResource: true StringEquals: {organization}
  AWS * {use} * ForAnyValue:StringLike: {unit}
  AWS * {use} * StringEquals: {organization}
  AWS arn:aws:iam::{TARGET}:root arn:aws:iam::{OTHER}:root {grants} * Bool: kms:GrantIsForAWSResource: true
  AWS arn:aws:iam::{TARGET}:root arn:aws:iam::{OTHER}:root {use} *
{OWNER} permissions EXECUTION_ROLE None
  ec2:DescribeImages *
  ssm:PutParameter arn:aws:ssm:us-west-2:{OWNER}:parameter/web
{OWNER} permissions INSTANCE_PROFILE_ROLE None
  ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:InitiateLayerUpload ecr:PutImage \
ecr:UploadLayerPart arn:aws:ecr:us-west-2:{OWNER}:repository/web
  ecr:GetAuthorizationToken *
{TARGET} trust {ROLE} None
  AWS arn:aws:iam::{OWNER}:root sts:AssumeRole
{TARGET} permissions {ROLE} None
  kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey* kms:ListGrants kms:ReEncrypt* \
kms:RevokeGrant {KEY}
{OTHER} trust {ROLE} None
  AWS arn:aws:iam::{OWNER}:root sts:AssumeRole
{OTHER} permissions {ROLE} None
  ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate {template_arn} \
StringEquals: aws:ResourceTag/CreatedBy: EC2 Image Builder
  ec2:CreateTags {template_arn} StringEquals: aws:RequestTag/CreatedBy: EC2 Image Builder
  ec2:DescribeImages ec2:DescribeLaunchTemplates *
  ssm:PutParameter {parameter}/${{$}}{{aws:username}}/${{*}}${{?}} {parameter}/web"""
    )


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        (KEY_ID, f"arn:aws:kms:us-west-2:{OWNER}:key/{KEY_ID}"),
        ("alias/web", f"arn:aws:kms:us-west-2:{OWNER}:key/*"),
        (f"arn:aws:kms:eu-west-1:{OTHER}:alias/web", f"arn:aws:kms:eu-west-1:{OTHER}:key/*"),
        (f"arn:aws:kms:eu-west-1:{OTHER}:key/{KEY_ID}", f"arn:aws:kms:eu-west-1:{OTHER}:key/{KEY_ID}"),
    ],
)
def test_a_policy_names_a_key_by_its_arn(key: str, resource: str) -> None:
    """
    For an alias it allows every key there, because a policy can't name a key by its alias.
    """
    policies = documents(ami(kms_key_id=key, target_account_ids=[TARGET]))

    assert policies[TARGET, "permissions", ROLE]["Statement"][0]["Resource"] == [resource]


def test_no_policy_has_a_malformed_arn() -> None:
    """
    Some write ARNs and URIs for names, and what names no key leads to no permission.
    """
    distributions = [
        ami(kms_key_id="not a key!", target_account_ids=[TARGET]),
        container(f"{OWNER}.dkr.ecr.us-west-2.amazonaws.com/team/web:latest"),
        export(f"arn:aws:iam::{OWNER}:role/x/vmimport", "s3://b/x"),
    ]

    allowed = {
        name: {resource for each in document["Statement"] for resource in each["Resource"]}
        for (_, kind, name), document in documents(distributions).items()
        if kind == "permissions"
    }

    assert allowed == {
        "vmimport": {"*", "arn:aws:s3:::b", "arn:aws:s3:::b/*"},
        "INSTANCE_PROFILE_ROLE": {"*", f"arn:aws:ecr:us-west-2:{OWNER}:repository/team/web"},
    }


def test_principals_of_one_key_are_merged() -> None:
    """
    Two Regions with the same key, by mistake or not, share a policy.
    """
    west = ami(kms_key_id=KEY, target_account_ids=[TARGET])
    policies = documents([west, ami("eu-west-1", kms_key_id=KEY, target_account_ids=[OTHER])])

    _, use = lines(policies[OWNER, "key", KEY])
    assert use.startswith(f"AWS arn:aws:iam::{TARGET}:root arn:aws:iam::{OTHER}:root kms:Decrypt ")


def test_organizations_in_another_order_make_no_second_statement() -> None:
    other = ORGANIZATION.replace("abcdefghij", "klmnopqrst")
    permissions = [
        ibd.LaunchPermissionConfiguration(organization_arns=each)
        for each in ([ORGANIZATION, other], [other, ORGANIZATION, other])
    ]

    policies = documents([ami(kms_key_id=KEY, launch_permission=each) for each in permissions])

    statements = [json.dumps(each) for each in policies[OWNER, "key", KEY]["Statement"]]
    assert len(statements) == len({*statements})


@pytest.mark.parametrize(
    ("region", "arn", "partition"),
    [
        ("us-west-2", "", "aws"),
        ("cn-north-1", "", "aws-cn"),
        ("us-gov-west-1", "", "aws-us-gov"),
        ("yet-to-come-1", "", "aws"),
        ("yet-to-come-1", ARN.replace("arn:aws:", "arn:aws-cn:"), "aws-cn"),
        ("us-gov-west-1", "web", "aws-us-gov"),
    ],
)
def test_the_partition_is_the_arns_or_the_regions(region: str, arn: str, partition: str) -> None:
    distributions = [ami(region, target_account_ids=[TARGET])]
    stored = ibd.DistributionConfiguration(arn=arn, distributions=distributions) if arn else distributions

    policy = prerequisites(stored, owner=OWNER).policies()[0]

    principal = {"AWS": [f"arn:{partition}:iam::{OWNER}:root"]}
    assert policy.region is None
    assert policy.document == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}],
    }


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_real_document_has_valid_policies(name: str) -> None:
    """
    Parliament finds nothing wrong in what roles may do.

    It doesn't know the other kinds well, and what it finds in `*` is AWS's own, in the role for exports.
    """
    import parliament  # noqa: PLC0415 - it takes half a second

    for policy in of_document(name).policies():
        text = json.dumps(policy.document).replace("OWNER", OWNER)  # no account to parliament
        if policy.kind == "permissions":
            analysed = parliament.analyze_policy_string(text)
            assert [each for each in analysed.findings if each.issue != "RESOURCE_STAR"] == []

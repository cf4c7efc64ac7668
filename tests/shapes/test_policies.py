"""
Prerequisites as IAM policies: one per kind of need.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd

from .builders import OWNER, TEMPLATE, ami
from .needs import CONTAINER, EXPORT, KEY, ORGANIZATION, OTHER, ROLE, TARGET, UNIT, documents, shared, ssm, template


def test_the_cross_account_role() -> None:
    policies = documents(ami(target_account_ids=[TARGET], kms_key_id=KEY))

    assert policies[TARGET, "trust", ROLE] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{OWNER}:root"]},
                "Action": ["sts:AssumeRole"],
            }
        ],
    }
    assert policies[TARGET, "permissions", ROLE] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey*",
                    "kms:ListGrants",
                    "kms:ReEncrypt*",
                    "kms:RevokeGrant",
                ],
                "Resource": [KEY],
            }
        ],
    }


USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
GRANTS = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
FOR_SERVICES = {"Bool": {"kms:GrantIsForAWSResource": ["true"]}}


def test_the_key_policy_for_accounts() -> None:
    """
    It names the accounts that get a copy and those that may launch, except the key's own.
    """
    permission = ibd.LaunchPermissionConfiguration(user_ids=[OTHER, OWNER])
    (policy,) = [
        each
        for each in ibd.prerequisites(
            ami(kms_key_id=KEY, target_account_ids=[TARGET], launch_permission=permission), owner=OWNER
        ).policies()
        if each.kind == "key"
    ]

    principals = {"AWS": [f"arn:aws:iam::{TARGET}:root", f"arn:aws:iam::{OTHER}:root"]}
    assert (policy.account_id, policy.name, policy.region) == (OWNER, KEY, "us-west-2")
    assert policy.document["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": principals,
            "Action": GRANTS,
            "Resource": ["*"],
            "Condition": FOR_SERVICES,
        },
        {"Effect": "Allow", "Principal": principals, "Action": USE, "Resource": ["*"]},
    ]


@pytest.mark.parametrize(
    ("members", "condition"),
    [
        ({"organization_arns": [ORGANIZATION]}, {"StringEquals": {"aws:PrincipalOrgID": ["o-abcdefghij"]}}),
        (
            {"organizational_unit_arns": [UNIT]},
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-abcdefghij/*/ou-abcd-abcdefgh/*"]}},
        ),
    ],
)
def test_the_key_policy_for_organizations(members: dict[str, Any], condition: dict[str, Any]) -> None:
    policies = documents(shared(KEY, **members))

    assert policies[OWNER, "key", KEY]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["*"]},
            "Action": GRANTS,
            "Resource": ["*"],
            "Condition": {**condition, **FOR_SERVICES},
        },
        {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": USE, "Resource": ["*"], "Condition": condition},
    ]


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("1234abcd", f"arn:aws:kms:us-west-2:{OWNER}:key/1234abcd"),
        ("alias/web", f"arn:aws:kms:us-west-2:{OWNER}:key/*"),
        (f"arn:aws:kms:eu-west-1:{OTHER}:alias/web", f"arn:aws:kms:eu-west-1:{OTHER}:key/*"),
        (f"arn:aws:kms:eu-west-1:{OTHER}:key/1", f"arn:aws:kms:eu-west-1:{OTHER}:key/1"),
    ],
)
def test_a_policy_names_a_key_by_its_arn(key: str, resource: str) -> None:
    """
    For an alias it allows every key there, because a policy can't name a key by its alias.
    """
    policies = documents(ami(kms_key_id=key, target_account_ids=[TARGET]))

    assert policies[TARGET, "permissions", ROLE]["Statement"][0]["Resource"] == [resource]


def test_a_launch_template_of_another_account() -> None:
    policies = documents(template(OTHER))

    arn = f"arn:aws:ec2:us-west-2:{OTHER}:launch-template/{TEMPLATE}"
    assert policies[OTHER, "permissions", ROLE]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
            "Resource": [arn],
            "Condition": {"StringEquals": {"aws:ResourceTag/CreatedBy": ["EC2 Image Builder"]}},
        },
        {
            "Effect": "Allow",
            "Action": ["ec2:CreateTags"],
            "Resource": [arn],
            "Condition": {"StringEquals": {"aws:RequestTag/CreatedBy": ["EC2 Image Builder"]}},
        },
        {"Effect": "Allow", "Action": ["ec2:DescribeLaunchTemplates"], "Resource": ["*"]},
    ]


@pytest.mark.parametrize(
    ("distribution", "account", "role", "name"),
    [
        (ssm("/ami/web", data_type="aws:ec2:image"), OWNER, "EXECUTION_ROLE", "ami/web"),
        (ssm("/ami/web", OTHER, "aws:ec2:image"), OTHER, ROLE, "ami/web"),
        (ssm("web", OTHER, "aws:ec2:image"), OTHER, ROLE, "web"),
    ],
)
def test_an_ssm_parameter(distribution: ibd.Distribution, account: str, role: str, name: str) -> None:
    policies = documents(distribution)

    assert policies[account, "permissions", role]["Statement"] == [
        {"Effect": "Allow", "Action": ["ec2:DescribeImages"], "Resource": ["*"]},
        {
            "Effect": "Allow",
            "Action": ["ssm:PutParameter"],
            "Resource": [f"arn:aws:ssm:us-west-2:{account}:parameter/{name}"],
        },
    ]


def test_an_export() -> None:
    policies = documents(EXPORT)

    assert policies == {
        (OWNER, "trust", "vmimport"): {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["vmie.amazonaws.com"]},
                    "Action": ["sts:AssumeRole"],
                    "Condition": {"StringEquals": {"sts:ExternalId": ["vmimport"]}},
                }
            ],
        },
        (OWNER, "permissions", "vmimport"): {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [
                        "ec2:CopySnapshot",
                        "ec2:Describe*",
                        "ec2:ModifySnapshotAttribute",
                        "ec2:RegisterImage",
                    ],
                    "Resource": ["*"],
                },
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"],
                    "Resource": ["arn:aws:s3:::images"],
                },
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject"],
                    "Resource": ["arn:aws:s3:::images/*"],
                },
            ],
        },
    }


def test_a_container() -> None:
    policies = documents(CONTAINER)

    assert [each["Resource"] for each in policies[OWNER, "permissions", "INSTANCE_PROFILE_ROLE"]["Statement"]] == [
        [f"arn:aws:ecr:us-west-2:{OWNER}:repository/web"],
        ["*"],
    ]

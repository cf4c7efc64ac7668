"""
Policies are merged, minimal and valid.
"""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from tests import strategies
from tests.samples import ARN, EVERYTHING, manifest

from .builders import OWNER, ami
from .needs import KEY, OTHER, ROLE, TARGET, check, documents, of_document, ssm, template


def test_statements_are_merged() -> None:
    """
    The same actions on several resources make one statement, and so do several actions on the same resource.
    """
    policies = documents([ssm("/b", OTHER, "aws:ec2:image"), ssm("/a", OTHER, "aws:ec2:image"), template(OTHER)])

    statements = policies[OTHER, "permissions", ROLE]["Statement"]
    assert [each for each in statements if "Condition" not in each] == [
        {"Effect": "Allow", "Action": ["ec2:DescribeImages", "ec2:DescribeLaunchTemplates"], "Resource": ["*"]},
        {
            "Effect": "Allow",
            "Action": ["ssm:PutParameter"],
            "Resource": [f"arn:aws:ssm:us-west-2:{OTHER}:parameter/{name}" for name in "ab"],
        },
    ]


def test_principals_of_one_key_are_merged() -> None:
    """
    Two Regions with the same key, by mistake or not, share a policy.
    """
    policies = documents(
        [ami(kms_key_id=KEY, target_account_ids=[TARGET]), ami("eu-west-1", kms_key_id=KEY, target_account_ids=[OTHER])]
    )

    _, use = policies[OWNER, "key", KEY]["Statement"]
    assert use["Principal"] == {"AWS": [f"arn:aws:iam::{TARGET}:root", f"arn:aws:iam::{OTHER}:root"]}


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-west-2", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("yet-to-come-1", "aws")],
)
def test_the_partition_is_the_regions(region: str, partition: str) -> None:
    policies = documents(ami(region, target_account_ids=[TARGET]))

    assert policies[TARGET, "trust", ROLE]["Statement"][0]["Principal"] == {
        "AWS": [f"arn:{partition}:iam::{OWNER}:root"]
    }


def test_the_partition_is_the_arns_first() -> None:
    stored = ibd.DistributionConfiguration(
        arn=ARN.replace("arn:aws:", "arn:aws-cn:"), distributions=[ami("yet-to-come-1", target_account_ids=[TARGET])]
    )

    (policy,) = ibd.prerequisites(stored).policies()

    assert policy.document["Statement"][0]["Principal"] == {"AWS": [f"arn:aws-cn:iam::{OWNER}:root"]}


def test_a_value_is_not_a_wildcard_in_a_policy() -> None:
    """
    Values aren't validated here, and IAM would interpret `*`, `?` and `${...}`.
    """
    policies = documents(ssm("/${aws:username}/*?", OTHER))

    assert policies[OTHER, "permissions", ROLE]["Statement"][0]["Resource"] == [
        f"arn:aws:ssm:us-west-2:{OTHER}:parameter/${{$}}{{aws:username}}/${{*}}${{?}}"
    ]


def test_everything_at_once_has_valid_policies() -> None:
    check(ibd.prerequisites([EVERYTHING], owner=OWNER))


def test_what_is_returned_pickles_and_hashes() -> None:
    needs = ibd.prerequisites([EVERYTHING], owner=OWNER)

    assert pickle.loads(pickle.dumps(needs)) == needs  # noqa: S301 - our own
    assert hash(needs) == hash(ibd.prerequisites([EVERYTHING], owner=OWNER))
    assert len({*needs.policies()}) == len(needs.policies())


@given(st.lists(strategies.distributions, max_size=3), strategies.account_ids)
def test_merged_policies_are_minimal(distributions: list[ibd.Distribution], owner: str) -> None:
    """
    No two statements differ in only one part, lists are sorted, and there are no duplicates.
    """
    for policy in ibd.prerequisites(distributions, owner=owner).policies():
        statements = policy.document["Statement"]
        for part in ("Principal", "Action", "Resource"):
            others = [json.dumps({**each, part: None}, sort_keys=True) for each in statements]
            assert len(others) == len({*others})
        for each in statements:
            assert each["Action"] == sorted({*each["Action"]})
            assert each.get("Resource", []) == sorted({*each.get("Resource", [])})


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_real_document_has_valid_policies(name: str) -> None:
    check(of_document(name))

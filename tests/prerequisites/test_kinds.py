"""
Every kind of prerequisite is found in distributions that need it, and in no others.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.prerequisites import Prerequisite, prerequisites
from tests.samples import ARN, EVERYTHING, LICENCE, ami
from tests.shapes.builders import export

from .samples import (
    CONTAINER,
    EXPORT,
    FAST_TARGET,
    KEY,
    LICENSED,
    OTHER,
    OWNER,
    PUBLIC,
    ROLE,
    TARGET,
    TEMPLATE,
    fast,
    licensed,
    shared,
    ssm,
    template,
)

AMI = "amiDistributionConfiguration"
TARGETS = f"{AMI}.targetAccountIds"
KEYS = f"{AMI}.kmsKeyId"
SHARED = f"{AMI}.launchPermission"
UNITS = "organizationalUnitArns"
TEMPLATES, PARAMETERS = "launchTemplateConfigurations[0]", "ssmParameterConfigurations[0]"
LICENSES, LAUNCHES = "licenseConfigurationArns[0]", "fastLaunchConfigurations[0]"
REPOSITORY = "containerDistributionConfiguration.targetRepository.repositoryName"
TO_TARGET = ami(target_account_ids=[TARGET])
TO_OWNER = ami(target_account_ids=[OWNER])
WITH_KEY = ami(kms_key_id=KEY, target_account_ids=[TARGET])
WITH_DEFAULT = ami(kms_key_id="alias/aws/ebs", target_account_ids=[TARGET])
THEIR_KEY = ami(kms_key_id=f"arn:aws:kms:eu-west-1:{OTHER}:key/1")
ORGANIZATIONS = shared(KEY, organization_arns=["arn:o"], organizational_unit_arns=["arn:ou"])

# Distributions of OWNER's that need it: which accounts, in which Region, and what asks for it.
FOUND: list[tuple[str, ibd.Distribution, str]] = [
    ("cross-account-role", ami(target_account_ids=[OWNER, TARGET]), f"{TARGET} None {TARGETS}"),
    ("cross-account-role", template(OTHER), f"{OTHER} None {TEMPLATES}"),
    ("cross-account-role", ssm("/a", OTHER), f"{OTHER} None {PARAMETERS}"),
    ("cross-account-policy", ami(target_account_ids=[TARGET, OTHER]), f"{TARGET} {OTHER} None {TARGETS}"),
    ("kms-key", ami(kms_key_id="alias/web"), f"{OWNER} us-west-2 {KEYS}"),
    ("kms-key", THEIR_KEY, f"{OTHER} eu-west-1 {KEYS}"),
    ("kms-key", WITH_DEFAULT, f"{OWNER} us-west-2 {KEYS} {TARGETS}"),
    ("kms-key-arn", ami(kms_key_id="1", target_account_ids=[TARGET]), f"{OWNER} us-west-2 {KEYS}"),
    ("kms-key-policy", WITH_KEY, f"{OWNER} us-west-2 {KEYS} {TARGETS}"),
    ("kms-key-policy", ORGANIZATIONS, f"{OWNER} us-west-2 {KEYS} {SHARED}.organizationArns {SHARED}.{UNITS}"),
    ("kms-key-policy", THEIR_KEY, f"{OTHER} eu-west-1 {KEYS}"),  # the owner isn't in the key's account
    ("cross-account-keys", WITH_KEY, f"{TARGET} None {KEYS} {TARGETS}"),
    ("image-encryption", shared(user_ids=[OTHER]), f"{OWNER} None {SHARED}.userIds"),
    ("concurrent-copies", TO_TARGET, f"{TARGET} us-west-2 {TARGETS}"),
    ("block-public-access", PUBLIC, f"{OWNER} us-west-2 {SHARED}.userGroups"),
    ("public-ami", PUBLIC, f"{OWNER} us-west-2 {SHARED}.userGroups"),
    ("launch-template", template(), f"{OWNER} us-west-2 {TEMPLATES}"),
    ("launch-template", template(OTHER), f"{OTHER} us-west-2 {TEMPLATES}"),
    ("launch-template-access", template(OTHER), f"{OTHER} us-west-2 {TEMPLATES}"),
    ("ssm-parameter", ssm("/ami/web"), f"{OWNER} us-west-2 {PARAMETERS}"),
    ("ssm-parameter", ssm("/ami/web", OTHER), f"{OTHER} us-west-2 {PARAMETERS}"),
    ("export-role", EXPORT, f"{OWNER} None s3ExportConfiguration.roleName"),
    ("export-bucket", EXPORT, f"{OWNER} us-west-2 s3ExportConfiguration.s3Bucket"),
    ("license-sharing", LICENSED, f"{TARGET} us-west-2 {LICENSES}"),
    ("license-sharing", licensed(LICENCE.replace(OWNER, OTHER)), f"{OWNER} us-west-2 {LICENSES}"),
    ("ecr-repository", CONTAINER, f"{OWNER} us-west-2 {REPOSITORY}"),
    ("ecr-push", CONTAINER, f"{OWNER} us-west-2 {REPOSITORY}"),
    ("fast-launch-windows", fast(), f"{OWNER} us-west-2 {LAUNCHES}"),
    ("fast-launch-role", fast(), f"{OWNER} None {LAUNCHES}"),
    ("fast-launch-service-role", fast(), f"{OWNER} us-west-2 {LAUNCHES}"),
    ("fast-launch-template", fast(launch_template_id=TEMPLATE), f"{OWNER} us-west-2 {LAUNCHES}.launchTemplate"),
    ("fast-launch-template", fast(launch_template_name="web"), f"{OWNER} us-west-2 {LAUNCHES}.launchTemplate"),
    ("fast-launch-account", FAST_TARGET, f"{TARGET} us-west-2 {LAUNCHES}"),
    ("fast-launch-account", fast(account=OTHER), f"{OTHER} us-west-2 {LAUNCHES}"),
]
# And distributions that don't need it.
SILENT: dict[str, list[ibd.Distribution]] = {
    "cross-account-role": [TO_OWNER, template(), template(OWNER), ssm("/a"), ssm("/a", OWNER)],
    "cross-account-policy": [TO_OWNER, shared(user_ids=[OTHER])],
    "kms-key": [TO_TARGET, ami(kms_key_id="alias/aws/ebs"), EXPORT],
    "kms-key-arn": [ami(kms_key_id="alias/web"), WITH_KEY, ami(kms_key_id="aws/ebs", target_account_ids=[TARGET])],
    "kms-key-policy": [ami(kms_key_id=KEY, target_account_ids=[OWNER]), TO_TARGET, WITH_DEFAULT],
    "cross-account-keys": [TO_TARGET, WITH_DEFAULT, shared(KEY, user_ids=[OTHER])],
    "image-encryption": [TO_OWNER, shared(user_ids=[OWNER]), PUBLIC],
    "concurrent-copies": [TO_OWNER],
    "organizations": [shared(user_ids=[OTHER])],
    "block-public-access": [shared(user_groups=["some"]), shared(user_ids=[OTHER])],
    "public-ami": [shared(user_groups=["some"])],
    "launch-template": [ami(), fast(launch_template_id=TEMPLATE)],
    "launch-template-access": [template(), template(OWNER)],
    "license-sharing": [licensed(LICENCE)],
    "fast-launch-windows": [fast(enabled=False), ami()],
    "fast-launch-service-role": [fast(enabled=False), ami()],
    "fast-launch-role": [fast(enabled=False), fast(launch_template_id=TEMPLATE)],
    "fast-launch-template": [fast(), fast(enabled=False, launch_template_id=TEMPLATE)],
    "fast-launch-account": [fast(), fast(account=OWNER), TO_TARGET],
}


def found(kind: str, distribution: ibd.Distribution) -> list[Prerequisite]:
    return [each for each in prerequisites(distribution, owner=OWNER) if each.kind == kind]


@pytest.mark.parametrize("nth", range(len(FOUND)))
def test_a_need_is_found(nth: int) -> None:
    kind, distribution, expected = FOUND[nth]

    (need,) = found(kind, distribution)

    assert " ".join((*need.account_ids, str(need.region), *need.paths)) == expected
    assert " guide, " in need.source or " reference, " in need.source


@pytest.mark.parametrize("kind", SILENT)
def test_what_is_not_needed_is_not_found(kind: str) -> None:
    for distribution in SILENT[kind]:
        assert found(kind, distribution) == []


def test_a_need_leads_to_the_configuration() -> None:
    """
    The location leads to what `paths` says, in the argument.
    """
    request = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING])

    for need in prerequisites(request):
        for location in need.locations:
            value: Any = ibd.to_boto3(request)
            for step in location:
                value = value[step]

            assert value


VMIMPORT = "the role vmimport exists, trusts vmie.amazonaws.com, and may read and write the bucket images"
NAMED_OTHERWISE = export(f"arn:aws:iam::{OWNER}:role/service/vmimport", "s3://images/web")
WHATS: list[tuple[str, ibd.Distribution, str]] = [
    ("kms-key", WITH_DEFAULT, "a customer-managed KMS key replaces alias/aws/ebs, which no other account can use"),
    ("export-role", NAMED_OTHERWISE, VMIMPORT),
    ("export-bucket", NAMED_OTHERWISE, "the bucket images exists and is in this Region"),
    ("organizations", shared(organizational_unit_arns=["arn:ou"]), "the organizational unit arn:ou exists"),
    # Image Builder's service-linked role may write only below `/imagebuilder/`, and only in the owner's account.
    ("ssm-parameter", ssm("/a"), "the pipeline has an execution role, which may call ssm:PutParameter for /a"),
    (
        "ssm-parameter",
        ssm("/imagebuilder/web"),
        "the pipeline's execution role, if it has one, may call ssm:PutParameter for /imagebuilder/web",
    ),
    ("ssm-parameter", ssm("/imagebuilder/a", OTHER), f"{ROLE} may call ssm:PutParameter for /imagebuilder/a"),
    (
        "ssm-parameter",
        ssm("/a", OTHER, "aws:ec2:image"),
        f"{ROLE} may call ssm:PutParameter and ec2:DescribeImages for /a",
    ),
]


@pytest.mark.parametrize("nth", range(len(WHATS)))
def test_a_need_says_what(nth: int) -> None:
    kind, distribution, what = WHATS[nth]

    assert [each.what for each in found(kind, distribution)] == [what]


def test_a_launch_template_can_not_be_in_several_regions() -> None:
    elsewhere = attrs.evolve(template(), region="eu-west-1")

    needs = [each for each in prerequisites([template(), elsewhere], owner=OWNER) if each.kind == "launch-template"]

    what = f"a launch template of this Region replaces {TEMPLATE}, which exists in one Region only"
    assert [(each.region, each.what) for each in needs] == [("us-west-2", what), ("eu-west-1", what)]


def test_accounts_share_what_they_all_need() -> None:
    """
    So the cost grows with the number of accounts and settings, not with its square.
    """
    count = 200
    targets, others = ([f"{each:012}" for each in range(start, start + count)] for start in (0, 5000))
    launches = [ibd.FastLaunchConfiguration(enabled=True, account_id=each) for each in (*others, *targets)]
    distribution = ibd.Distribution(
        region="us-west-2",
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(target_account_ids=targets),
        fast_launch_configurations=launches,
    )

    needs = found("fast-launch-account", distribution)

    assert [each.account_ids for each in needs] == [tuple(targets), *((each,) for each in others)]
    assert [len(each.locations) for each in needs] == [2 * count, *[1] * count]

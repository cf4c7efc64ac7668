"""
Every kind of prerequisite is found in distributions that need it, and in no others.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.needs import RULES
from tests.samples import ARN, EVERYTHING, LICENCE

from .builders import OWNER, TEMPLATE, ami
from .needs import (
    AMI,
    CONTAINER,
    EXPORT,
    FAST_TARGET,
    KEY,
    LICENSED,
    ORGANIZATION,
    OTHER,
    PUBLIC,
    REPOSITORY,
    ROLE,
    TARGET,
    TARGETS,
    UNIT,
    fast,
    shared,
    ssm,
    template,
)

# Of each kind, distributions of OWNER's that need it: which account, in which Region, and what asks for it.
FOUND: dict[str, list[tuple[ibd.Distribution, list[tuple[str, str | None, str]]]]] = {
    "cross-account-role": [
        (ami(target_account_ids=[OWNER, TARGET]), [(TARGET, None, TARGETS)]),
        (template(OTHER), [(OTHER, None, "launchTemplateConfigurations[0]")]),
        (ssm("/a", OTHER), [(OTHER, None, "ssmParameterConfigurations[0]")]),
    ],
    "cross-account-policy": [(ami(target_account_ids=[TARGET]), [(TARGET, None, TARGETS)])],
    "kms-key": [
        (ami(kms_key_id="alias/web"), [(OWNER, "us-west-2", f"{AMI}.kmsKeyId")]),
        (ami(kms_key_id=f"arn:aws:kms:eu-west-1:{OTHER}:key/1"), [(OTHER, "eu-west-1", f"{AMI}.kmsKeyId")]),
        (
            ami(kms_key_id="alias/aws/ebs", target_account_ids=[TARGET]),
            [(OWNER, "us-west-2", f"{AMI}.kmsKeyId {TARGETS}")],
        ),
    ],
    "kms-key-arn": [
        (ami(kms_key_id="alias/web", target_account_ids=[TARGET]), [(OWNER, "us-west-2", f"{AMI}.kmsKeyId")])
    ],
    "kms-key-policy": [
        (
            ami(kms_key_id=KEY, target_account_ids=[TARGET]),
            [(OWNER, "us-west-2", f"{AMI}.kmsKeyId {TARGETS}")],
        ),
        (
            shared(KEY, organization_arns=[ORGANIZATION]),
            [(OWNER, "us-west-2", f"{AMI}.kmsKeyId {AMI}.launchPermission.organizationArns")],
        ),
        # The owner isn't in the account of the key.
        (ami(kms_key_id=f"arn:aws:kms:us-west-2:{OTHER}:key/1"), [(OTHER, "us-west-2", f"{AMI}.kmsKeyId")]),
    ],
    "cross-account-keys": [
        (ami(kms_key_id=KEY, target_account_ids=[TARGET]), [(TARGET, None, f"{AMI}.kmsKeyId {TARGETS}")])
    ],
    "image-encryption": [
        (ami(target_account_ids=[TARGET]), [(OWNER, None, TARGETS), (TARGET, None, TARGETS)]),
        (shared(user_ids=[OTHER]), [(OWNER, None, f"{AMI}.launchPermission.userIds")]),
    ],
    "concurrent-copies": [(ami(target_account_ids=[TARGET]), [(TARGET, "us-west-2", TARGETS)])],
    "organizations": [
        (
            shared(organization_arns=[ORGANIZATION], organizational_unit_arns=[UNIT]),
            [
                (OWNER, None, f"{AMI}.launchPermission.organizationArns"),
                (OWNER, None, f"{AMI}.launchPermission.organizationalUnitArns"),
            ],
        )
    ],
    "block-public-access": [(PUBLIC, [(OWNER, "us-west-2", f"{AMI}.launchPermission.userGroups")])],
    "public-ami": [(PUBLIC, [(OWNER, "us-west-2", f"{AMI}.launchPermission.userGroups")])],
    "launch-template": [
        (template(), [(OWNER, "us-west-2", "launchTemplateConfigurations[0]")]),
        (template(OTHER), [(OTHER, "us-west-2", "launchTemplateConfigurations[0]")]),
    ],
    "launch-template-access": [(template(OTHER), [(OTHER, "us-west-2", "launchTemplateConfigurations[0]")])],
    "ssm-parameter": [
        (ssm("/ami/web"), [(OWNER, "us-west-2", "ssmParameterConfigurations[0]")]),
        (ssm("/ami/web", OTHER), [(OTHER, "us-west-2", "ssmParameterConfigurations[0]")]),
    ],
    "export-role": [(EXPORT, [(OWNER, None, "s3ExportConfiguration.roleName")])],
    "export-bucket": [(EXPORT, [(OWNER, "us-west-2", "s3ExportConfiguration.s3Bucket")])],
    "license-sharing": [
        (LICENSED, [(TARGET, "us-west-2", "licenseConfigurationArns[0]")]),
        (
            ibd.Distribution(region="us-west-2", license_configuration_arns=[LICENCE.replace(OWNER, OTHER)]),
            [(OWNER, "us-west-2", "licenseConfigurationArns[0]")],
        ),
    ],
    "ecr-repository": [(CONTAINER, [(OWNER, "us-west-2", REPOSITORY)])],
    "ecr-push": [(CONTAINER, [(OWNER, "us-west-2", REPOSITORY)])],
    "fast-launch-windows": [(fast(), [(OWNER, "us-west-2", "fastLaunchConfigurations[0]")])],
    "fast-launch-role": [(fast(), [(OWNER, None, "fastLaunchConfigurations[0]")])],
    "fast-launch-template": [
        (fast(launch_template_id=TEMPLATE), [(OWNER, "us-west-2", "fastLaunchConfigurations[0].launchTemplate")]),
        (fast(launch_template_name="web"), [(OWNER, "us-west-2", "fastLaunchConfigurations[0].launchTemplate")]),
    ],
    "fast-launch-account": [
        (FAST_TARGET, [(TARGET, "us-west-2", "fastLaunchConfigurations[0]")]),
        (fast(account=OTHER), [(OTHER, "us-west-2", "fastLaunchConfigurations[0]")]),
    ],
}
# And distributions that don't need it.
SILENT: dict[str, list[ibd.Distribution]] = {
    "cross-account-role": [ami(target_account_ids=[OWNER]), template(), template(OWNER), ssm("/a"), ssm("/a", OWNER)],
    "cross-account-policy": [ami(target_account_ids=[OWNER]), shared(user_ids=[OTHER])],
    "kms-key": [ami(target_account_ids=[TARGET]), ami(kms_key_id="alias/aws/ebs"), EXPORT],
    "kms-key-arn": [
        ami(kms_key_id="alias/web"),
        ami(kms_key_id=KEY, target_account_ids=[TARGET]),
        ami(kms_key_id="aws/ebs", target_account_ids=[TARGET]),
    ],
    "kms-key-policy": [
        ami(kms_key_id=KEY, target_account_ids=[OWNER]),
        ami(target_account_ids=[TARGET]),
        ami(kms_key_id="alias/aws/ebs", target_account_ids=[TARGET]),
    ],
    "cross-account-keys": [
        ami(target_account_ids=[TARGET]),
        ami(kms_key_id="alias/aws/ebs", target_account_ids=[TARGET]),
        shared(KEY, user_ids=[OTHER]),
    ],
    "image-encryption": [ami(target_account_ids=[OWNER]), shared(user_ids=[OWNER]), PUBLIC],
    "concurrent-copies": [ami(target_account_ids=[OWNER])],
    "organizations": [shared(user_ids=[OTHER])],
    "block-public-access": [shared(user_groups=["some"]), shared(user_ids=[OTHER])],
    "public-ami": [shared(user_groups=["some"])],
    "launch-template": [ami(), fast(launch_template_id=TEMPLATE)],
    "launch-template-access": [template(), template(OWNER)],
    "ssm-parameter": [ami()],
    "export-role": [ami()],
    "export-bucket": [ami()],
    "license-sharing": [attrs.evolve(ami(), license_configuration_arns=[LICENCE])],
    "ecr-repository": [ami()],
    "ecr-push": [ami()],
    "fast-launch-windows": [fast(enabled=False), ami()],
    "fast-launch-role": [fast(enabled=False), fast(launch_template_id=TEMPLATE)],
    "fast-launch-template": [fast(), fast(enabled=False, launch_template_id=TEMPLATE)],
    "fast-launch-account": [fast(), fast(account=OWNER), attrs.evolve(FAST_TARGET, fast_launch_configurations=[])],
}


def found(kind: str, distribution: ibd.Distribution) -> list[ibd.Prerequisite]:
    return [each for each in ibd.prerequisites(distribution, owner=OWNER) if each.kind == kind]


@pytest.mark.parametrize(("kind", "nth"), [(kind, n) for kind, cases in FOUND.items() for n in range(len(cases))])
def test_a_need_is_found(kind: str, nth: int) -> None:
    distribution, expected = FOUND[kind][nth]

    needs = found(kind, distribution)

    assert [(each.account_id, each.region, " ".join(each.paths)) for each in needs] == expected


@pytest.mark.parametrize(("kind", "nth"), [(kind, n) for kind, cases in SILENT.items() for n in range(len(cases))])
def test_what_is_not_needed_is_not_found(kind: str, nth: int) -> None:
    assert found(kind, SILENT[kind][nth]) == []


def test_every_kind_has_cases() -> None:
    kinds = [rule.kind for rule in RULES]

    assert list(FOUND) == kinds
    assert list(SILENT) == kinds


def test_a_need_leads_to_the_configuration() -> None:
    """
    The location leads to what `paths` says, in the argument.
    """
    request = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING])

    for need in ibd.prerequisites(request):
        for location in need.locations:
            value: Any = ibd.to_boto3(request)
            for step in location:
                value = value[step]

            assert value


def test_a_need_has_its_source() -> None:
    (need,) = found("concurrent-copies", ami(target_account_ids=[TARGET]))

    assert need.source == "EC2 Image Builder user guide, Set up cross-account AMI distribution"


def test_the_key_of_the_default_can_not_be_shared() -> None:
    (need,) = found("kms-key", ami(kms_key_id="alias/aws/ebs", target_account_ids=[TARGET]))

    assert need.what == "a customer-managed KMS key replaces alias/aws/ebs, which no other account can use"


@pytest.mark.parametrize(
    ("distribution", "what"),
    [
        (ssm("/ami/web"), "the pipeline has an execution role, which may call ssm:PutParameter for /ami/web"),
        (
            ssm("/imagebuilder/web"),
            "the pipeline's execution role, if it has one, may call ssm:PutParameter for /imagebuilder/web",
        ),
        (ssm("/imagebuilder/web", OTHER), f"{ROLE} may call ssm:PutParameter for /imagebuilder/web"),
        (
            ssm("/ami/web", OTHER, "aws:ec2:image"),
            f"{ROLE} may call ssm:PutParameter and ec2:DescribeImages for /ami/web",
        ),
    ],
)
def test_who_writes_a_parameter(distribution: ibd.Distribution, what: str) -> None:
    """
    Image Builder's service-linked role may write only below `/imagebuilder/`, and only in the owner's account.
    """
    (need,) = found("ssm-parameter", distribution)

    assert need.what == what

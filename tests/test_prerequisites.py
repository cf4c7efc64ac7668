"""
What a build needs: every rule with a case for and a case against it, the checklist, and the policies.
"""

import json
import pickle
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist._needs import RULES
from imagebuilder_dist.testing import strategies

from .shapes import ARN, EVERYTHING, manifest, request_class, request_document

OWNER, TARGET, OTHER, THIRD = "123456789012", "111122223333", "444455556666", "777788889999"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
TEMPLATE = "lt-0123456789abcdef0"
KEY = f"arn:aws:kms:us-west-2:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ORGANIZATION = f"arn:aws:organizations::{OWNER}:organization/o-abcdefghij"
UNIT = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh"
LICENCE = f"arn:aws:license-manager:us-west-2:{OWNER}:license-configuration:lic-{'a' * 32}"
AMI = "amiDistributionConfiguration"
TARGETS = f"{AMI}.targetAccountIds"
REPOSITORY = "containerDistributionConfiguration.targetRepository.repositoryName"


def ami(region: str = "us-west-2", **members: Any) -> ibd.Distribution:
    return ibd.Distribution(region=region, ami_distribution_configuration=ibd.AmiDistributionConfiguration(**members))


def shared(key: str | None = None, **members: Any) -> ibd.Distribution:
    return ami(launch_permission=ibd.LaunchPermissionConfiguration(**members), kms_key_id=key)


def template(account: str | None = None) -> ibd.Distribution:
    configuration = ibd.LaunchTemplateConfiguration(launch_template_id=TEMPLATE, account_id=account)
    return ibd.Distribution(region="us-west-2", launch_template_configurations=[configuration])


def ssm(name: str, account: str | None = None, data_type: ibd.SsmParameterDataType | None = None) -> ibd.Distribution:
    configuration = ibd.SsmParameterConfiguration(parameter_name=name, ami_account_id=account, data_type=data_type)
    return ibd.Distribution(region="us-west-2", ssm_parameter_configurations=[configuration])


def fast(*, enabled: bool = True, account: str | None = None, **by: str) -> ibd.Distribution:
    configuration = ibd.FastLaunchConfiguration(
        enabled=enabled,
        account_id=account,
        launch_template=ibd.FastLaunchLaunchTemplateSpecification(**by) if by else None,
    )
    return ibd.Distribution(region="us-west-2", fast_launch_configurations=[configuration])


EXPORT = ibd.Distribution(region="us-west-2", s3_export_configuration=EVERYTHING.s3_export_configuration)
CONTAINER = ibd.Distribution(
    region="us-west-2", container_distribution_configuration=EVERYTHING.container_distribution_configuration
)
LICENSED = attrs.evolve(ami(target_account_ids=[OWNER, TARGET]), license_configuration_arns=[LICENCE])
FAST_TARGET = attrs.evolve(
    ami(target_account_ids=[TARGET]), fast_launch_configurations=fast().fast_launch_configurations
)
PUBLIC = shared(user_groups=["all"])

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
    The location is where `paths` says, in what was passed in.
    """
    request = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING])

    for need in ibd.prerequisites(request):
        for location in need.locations:
            value: Any = request
            for step in location:
                value = value[step] if isinstance(step, int) else getattr(value, step)

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


def test_the_owner_is_read_off_the_arn() -> None:
    update = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING])
    stored = ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING])

    expected = ibd.prerequisites([EVERYTHING], owner=OWNER)

    assert expected.owner == OWNER
    assert [ibd.prerequisites(each) for each in (update, stored)] == [expected, expected]
    assert ibd.prerequisites(update, owner=OWNER) == expected


def test_distributions_may_come_in_any_collection() -> None:
    create = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING])

    assert ibd.prerequisites(create) == ibd.prerequisites(iter([EVERYTHING])) == ibd.prerequisites((EVERYTHING,))


def test_without_an_owner_there_is_a_placeholder() -> None:
    needs = ibd.prerequisites([ami(target_account_ids=[TARGET])])

    assert needs.owner == "OWNER"
    assert str(needs).startswith("OWNER stands for the account that owns the configuration, which isn't known.")
    assert f"the role {ROLE} exists and trusts the owner's account, OWNER" in str(needs)
    assert needs.policies()[0].document["Statement"][0]["Principal"] == {"AWS": ["arn:aws:iam::OWNER:root"]}


def test_a_licence_of_an_unknown_owner_is_shared_with_the_targets() -> None:
    needs = ibd.prerequisites(LICENSED)

    assert [each.account_id for each in needs if each.kind == "license-sharing"] == [TARGET]


def test_an_arn_without_an_account_leaves_the_owner_unknown() -> None:
    update = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn="web", distributions=[PUBLIC])

    assert ibd.prerequisites(update).owner == "OWNER"


@pytest.mark.parametrize("owner", ["12345678901", "1234567890123", "OWNER", "\u0661" * 12, "123456789012\n"])
def test_an_owner_that_is_no_account_id_is_rejected(owner: str) -> None:
    with pytest.raises(ValueError, match="owner must be an account id of 12 digits, not "):
        ibd.prerequisites(EVERYTHING, owner=owner)


def test_an_owner_that_is_no_string_is_rejected() -> None:
    owner: Any = 123456789012

    with pytest.raises(TypeError, match=r"owner must be a str, not 123456789012 \(int\)"):
        ibd.prerequisites(EVERYTHING, owner=owner)


def test_an_owner_that_contradicts_the_arn_is_rejected() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN)

    with pytest.raises(ValueError, match=f"owner is {OTHER}, but the configuration's ARN says {OWNER}"):
        ibd.prerequisites(stored, owner=OTHER)


@pytest.mark.parametrize("value", ["us-west-2", None, 5, [{"region": "us-west-2"}]])
def test_what_is_no_configuration_is_rejected(value: Any) -> None:
    with pytest.raises(TypeError, match="configuration"):
        ibd.prerequisites(value)


def test_a_checklist() -> None:
    needs = ibd.prerequisites(
        [ami(target_account_ids=[TARGET], kms_key_id=KEY), shared(user_groups=["all"])], owner=OWNER
    )

    assert (
        str(needs)
        == f"""\
The owner, account {OWNER}
  [ ] us-west-2: the KMS key {KEY} exists and is enabled
      distributions[0].amiDistributionConfiguration.kmsKeyId
  [ ] us-west-2: the key policy of {KEY} allows its use to whoever gets the AMI
      distributions[0].amiDistributionConfiguration.kmsKeyId
      distributions[0].amiDistributionConfiguration.targetAccountIds
  [ ] if the recipe encrypts the image: with a customer-managed key, whose key policy allows its use to whoever gets \
the AMI, and every Region that shares the AMI has a kmsKeyId
      distributions[0].amiDistributionConfiguration.targetAccountIds
  [ ] us-west-2: block public access for AMIs is off
      distributions[1].amiDistributionConfiguration.launchPermission.userGroups
  [ ] us-west-2: neither the recipe nor a kmsKeyId encrypts the AMI, and it has neither product codes nor watermarks
      distributions[1].amiDistributionConfiguration.launchPermission.userGroups

Account {TARGET}
  [ ] the role {ROLE} exists and trusts the owner's account, {OWNER}
      distributions[0].amiDistributionConfiguration.targetAccountIds
  [ ] {ROLE} has the AWS managed policy Ec2ImageBuilderCrossAccountDistributionAccess
      distributions[0].amiDistributionConfiguration.targetAccountIds
  [ ] {ROLE} may use the KMS key {KEY}
      distributions[0].amiDistributionConfiguration.kmsKeyId
      distributions[0].amiDistributionConfiguration.targetAccountIds
  [ ] if the recipe encrypts the image: {ROLE} may use the recipe's key
      distributions[0].amiDistributionConfiguration.targetAccountIds
  [ ] us-west-2: no more than 50 AMIs are copied at a time
      distributions[0].amiDistributionConfiguration.targetAccountIds"""
    )


def test_nothing_is_needed() -> None:
    needs = ibd.prerequisites(ami(description="web"))

    assert not needs
    assert str(needs) == "no prerequisites"
    assert needs.policies() == ()


def test_the_owner_comes_first() -> None:
    needs = ibd.prerequisites([template(OTHER), PUBLIC], owner=OWNER)

    assert list(dict.fromkeys(each.account_id for each in needs)) == [OWNER, OTHER]


def test_three_are_not_cut() -> None:
    needs = ibd.prerequisites(ami(target_account_ids=[TARGET, OTHER, THIRD]), owner=OWNER)

    assert f"3 accounts: {TARGET}, {OTHER}, {THIRD}" in str(needs).splitlines()


def test_many_accounts_and_regions_stay_readable() -> None:
    """
    Accounts with the same needs are one block, and lists are cut.
    """
    accounts = [f"{n:012}" for n in range(1536)]
    regions = [f"eu-west-{n}" for n in range(17)]

    needs = ibd.prerequisites(
        [ami(region, target_account_ids=accounts, kms_key_id="alias/web") for region in regions], owner=OWNER
    )

    lines = str(needs).splitlines()
    assert len(needs) > 1536 * 17
    assert len(lines) < 50
    assert "1536 accounts: 000000000000, 000000000001, 000000000002, and 1533 more" in lines
    assert "  [ ] eu-west-0, eu-west-1, eu-west-2, and 14 more: no more than 50 AMIs are copied at a time" in lines
    assert "      and 14 more" in lines
    assert len(needs.policies()) == 17 + 2 * 1536


# The expected lines of real documents.
LINES = {
    "008-userguide-ssm-own-account.json": [
        f"  [ ] us-west-2: {ROLE} may call ssm:PutParameter and ec2:DescribeImages for /output/image/param"
    ],
    "022-tf-ami-kms-only.json": [
        "  [ ] us-east-1: the KMS key arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012 "
        "exists and is enabled"
    ],
    "023-tf-public-user-group.json": [
        "  [ ] us-east-1: block public access for AMIs is off",
        "      distributions[0].amiDistributionConfiguration.launchPermission.userGroups",
    ],
    "028-tf-target-accounts-only.json": [
        "Account 111111111111",
        f"  [ ] the role {ROLE} exists and trusts the owner's account, {OWNER}",
        f"  [ ] {ROLE} has the AWS managed policy Ec2ImageBuilderCrossAccountDistributionAccess",
        "      distributions[0].amiDistributionConfiguration.targetAccountIds",
    ],
    "039-tf-lt-other-account.json": [
        "Account 111111111111",
        "  [ ] us-east-1: the launch template lt-0ab1234c56d789012 has the tag CreatedBy = EC2 Image Builder, "
        f"and {ROLE} may change it",
    ],
    "041-tf-s3-export-raw.json": [
        "  [ ] the role role-name exists, trusts vmie.amazonaws.com, and may read and write the bucket "
        "tf-acc-test-bucket",
        "  [ ] us-east-1: the bucket tf-acc-test-bucket exists, and is in this Region",
    ],
    "045-tf-ssm-only.json": [
        "  [ ] us-east-1: the pipeline has an execution role, which may call ssm:PutParameter and ec2:DescribeImages "
        "for /test/output"
    ],
    "058-cdk-image-pipeline-kms-alias-name.json": [
        "  [ ] us-east-1: kmsKeyId is an ARN, because another account can't find alias/app1/key",
        "  [ ] us-east-1: the key policy of alias/app1/key allows its use to whoever gets the AMI",
        f"  [ ] {ROLE} may use the KMS key alias/app1/key",
    ],
    "060-pcluster-public-two-regions.json": ["  [ ] eu-south-1, us-west-1: block public access for AMIs is off"],
    "072-moj-kms-targets-lt.json": [
        "Account 123456789012",
        "Account 210987654321",
        "  [ ] eu-west-2: the launch template lt-0ab1234c56d789012 exists",
    ],
}


def of_document(name: str, owner: str | None = None) -> ibd.Prerequisites:
    document = request_document(name)
    return ibd.prerequisites(ibd.from_boto3(document, request_class(document)), owner=owner)


@pytest.mark.parametrize("name", LINES)
def test_a_real_document_has_its_lines(name: str) -> None:
    owner = THIRD if "072" in name else OWNER

    lines = str(of_document(name, owner)).splitlines()

    assert [line for line in LINES[name] if line not in lines] == []


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_real_document_has_a_checklist(name: str) -> None:
    needs = of_document(name)

    assert (str(needs) == "no prerequisites") == (not needs)


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_real_document_has_valid_policies(name: str) -> None:
    check(of_document(name))


def documents(configuration: Any, owner: str = OWNER) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    policies = ibd.prerequisites(configuration, owner=owner).policies()
    return {(each.account_id, each.kind, each.name): each.document for each in policies}


def check(needs: ibd.Prerequisites) -> None:
    """
    Every document is JSON, and parliament finds nothing wrong in what roles may do.

    It doesn't know the other kinds well, and what it finds in `*` is AWS's own, in the role for exports.
    """
    import parliament  # noqa: PLC0415 - it takes half a second

    for policy in needs.policies():
        text = json.dumps(policy.document).replace("OWNER", OWNER)  # no account to parliament
        if policy.kind == "permissions":
            analysed = parliament.analyze_policy_string(text)
            assert [each for each in analysed.findings if each.issue != "RESOURCE_STAR"] == []


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
    Those that get a copy and those that may launch, without the key's own.
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
    An alias stands for any key there, because a policy can't name a key by its alias.
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


def test_statements_are_merged() -> None:
    """
    The same actions on several resources are one statement, and so are several actions on the same.
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
    Two Regions with the same key, by mistake or not, are one policy.
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


def test_a_value_is_no_wildcard_in_a_policy() -> None:
    """
    Nothing here validates, and IAM would read `*`, `?` and `${...}` as more than themselves.
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


anything = st.text(max_size=20)
unchecked_distributions = strategies.distributions | st.builds(
    ibd.Distribution,
    region=anything,
    ami_distribution_configuration=st.builds(
        ibd.AmiDistributionConfiguration,
        target_account_ids=st.lists(anything, max_size=2),
        kms_key_id=anything,
        launch_permission=st.builds(
            ibd.LaunchPermissionConfiguration,
            user_ids=st.lists(anything, max_size=2),
            organization_arns=st.lists(anything, max_size=2),
            organizational_unit_arns=st.lists(anything, max_size=2),
        ),
    ),
    license_configuration_arns=st.lists(anything, max_size=2),
    launch_template_configurations=st.lists(
        st.builds(ibd.LaunchTemplateConfiguration, launch_template_id=anything, account_id=anything), max_size=2
    ),
    ssm_parameter_configurations=st.lists(
        st.builds(ibd.SsmParameterConfiguration, parameter_name=anything, ami_account_id=anything), max_size=2
    ),
    s3_export_configuration=st.builds(
        ibd.S3ExportConfiguration, role_name=anything, s3_bucket=anything, disk_image_format=st.just("RAW")
    ),
)


@given(st.lists(unchecked_distributions, max_size=3), st.none() | strategies.account_ids)
def test_nothing_raises_and_every_line_is_printable(distributions: list[ibd.Distribution], owner: str | None) -> None:
    needs = ibd.prerequisites(distributions, owner=owner)

    assert all(line.isprintable() for line in str(needs).split("\n"))
    json.dumps([policy.document for policy in needs.policies()])


@given(st.lists(strategies.distributions, max_size=3), strategies.account_ids)
def test_merged_policies_are_minimal(distributions: list[ibd.Distribution], owner: str) -> None:
    """
    No two statements differ in one part alone, lists are sorted, and nothing is there twice.
    """
    for policy in ibd.prerequisites(distributions, owner=owner).policies():
        statements = policy.document["Statement"]
        for part in ("Principal", "Action", "Resource"):
            others = [json.dumps({**each, part: None}, sort_keys=True) for each in statements]
            assert len(others) == len({*others})
        for each in statements:
            assert each["Action"] == sorted({*each["Action"]})
            assert each.get("Resource", []) == sorted({*each.get("Resource", [])})

"""
Prerequisites as text: short, sorted, and right for real documents.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from tests import strategies
from tests.samples import manifest

from .builders import OWNER, ami
from .needs import KEY, OTHER, PUBLIC, ROLE, TARGET, THIRD, of_document, shared, template


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
    Accounts with the same needs share a block, and long lists are cut.
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
        "  [ ] us-east-1: the bucket tf-acc-test-bucket exists and is in this Region",
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


@pytest.mark.parametrize("name", LINES)
def test_a_real_document_has_its_lines(name: str) -> None:
    owner = THIRD if "072" in name else OWNER

    lines = str(of_document(name, owner)).splitlines()

    assert [line for line in LINES[name] if line not in lines] == []


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_real_document_has_a_checklist(name: str) -> None:
    needs = of_document(name)

    assert (str(needs) == "no prerequisites") == (not needs)


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

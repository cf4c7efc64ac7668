"""
Prerequisites as text: short, sorted, and right for real documents.
"""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.prerequisites import prerequisites
from tests import strategies
from tests.samples import EVERYTHING, manifest

from .samples import KEY, OTHER, OWNER, PUBLIC, ROLE, TARGET, THIRD, ami, of_document, template


def test_a_checklist() -> None:
    needs = prerequisites([ami(target_account_ids=[TARGET], kms_key_id=KEY), PUBLIC], owner=OWNER)

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
    needs = prerequisites(ami(description="web"))

    assert not needs
    assert str(needs) == "no prerequisites"
    assert needs.policies() == ()


def test_the_owner_comes_first() -> None:
    lines = str(prerequisites([template(OTHER), PUBLIC], owner=OWNER)).splitlines()

    assert [each for each in lines if not each.startswith("  ")] == [
        f"The owner, account {OWNER}",
        "",
        f"Account {OTHER}",
    ]


def test_accounts_in_several_regions_need_each_thing_once() -> None:
    needs = prerequisites([ami("r-1", target_account_ids=[TARGET, OTHER]), ami("r-2", target_account_ids=[OTHER])])

    lines = str(needs).split(f"Account {OTHER}")[1].splitlines()
    assert lines[1:4] == [
        f"  [ ] the role {ROLE} exists and trusts the owner's account, OWNER",
        "      distributions[0].amiDistributionConfiguration.targetAccountIds",
        "      distributions[1].amiDistributionConfiguration.targetAccountIds",
    ]
    assert "  [ ] r-1, r-2: no more than 50 AMIs are copied at a time" in lines


def test_many_accounts_and_regions_stay_readable() -> None:
    """
    Accounts with the same needs share a block, and lists of more than three are cut.
    """
    accounts = [f"{n:012}" for n in range(1536)]
    regions = [f"eu-west-{n}" for n in range(17)]

    needs = prerequisites(
        [ami(region, target_account_ids=accounts, kms_key_id="alias/web") for region in regions], owner=OWNER
    )
    three = prerequisites(ami(target_account_ids=[TARGET, OTHER, THIRD]), owner=OWNER)

    lines = str(needs).splitlines()
    assert len(lines) < 50
    assert "1536 accounts: 000000000000, 000000000001, 000000000002, ... 1533 more" in lines
    assert "  [ ] eu-west-0, eu-west-1, eu-west-2, ... 14 more: no more than 50 AMIs are copied at a time" in lines
    assert "      ... 14 more" in lines
    assert len(needs.policies()) == 17 + 2 * 1536
    assert f"3 accounts: {TARGET}, {OTHER}, {THIRD}" in str(three).splitlines()


# The expected lines of real documents.
LINES = {
    "008-userguide-ssm-own-account.json": [
        f"  [ ] us-west-2: {ROLE} may call ssm:PutParameter and ec2:DescribeImages for /output/image/param"
    ],
    "041-tf-s3-export-raw.json": [
        "  [ ] the role role-name exists, trusts vmie.amazonaws.com, and may read and write the bucket "
        "tf-acc-test-bucket",
        "  [ ] us-east-1: the bucket tf-acc-test-bucket exists and is in this Region",
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


@pytest.mark.parametrize("name", manifest("accept"))
def test_a_real_document_has_a_checklist(name: str) -> None:
    needs = of_document(name)

    lines = str(needs).splitlines()
    assert [line for line in LINES.get(name, []) if line not in lines] == []
    assert (lines == ["no prerequisites"]) == (not needs)


def test_what_is_returned_pickles_and_hashes() -> None:
    needs = prerequisites([EVERYTHING], owner=OWNER)

    assert pickle.loads(pickle.dumps(needs)) == needs  # noqa: S301 - our own
    assert hash(needs) == hash(prerequisites([EVERYTHING], owner=OWNER))
    assert len({*needs.policies()}) == len(needs.policies())


anything = st.text(max_size=20)
several = st.lists(anything, max_size=2)
unchecked_distributions = strategies.distributions | st.builds(
    ibd.Distribution,
    region=anything,
    ami_distribution_configuration=st.builds(
        ibd.AmiDistributionConfiguration,
        target_account_ids=several,
        kms_key_id=anything,
        launch_permission=st.builds(
            ibd.LaunchPermissionConfiguration,
            user_ids=several,
            organization_arns=several,
            organizational_unit_arns=several,
        ),
    ),
    license_configuration_arns=several,
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
    needs = prerequisites(distributions, owner=owner)

    assert all(line.isprintable() for line in str(needs).split("\n"))
    json.dumps([policy.document for policy in needs.policies()])

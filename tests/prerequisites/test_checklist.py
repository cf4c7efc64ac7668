"""
Prerequisites as text: short, sorted, and right for real documents.
"""

import json
import pickle
import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.prerequisites import prerequisites
from tests import strategies
from tests.samples import EVERYTHING, ami
from tests.shapes.builders import strings_in

from .samples import KEY, OTHER, OWNER, PUBLIC, ROLE, TARGET, THIRD, fast, ssm


def test_a_checklist() -> None:
    needs = prerequisites([ami(target_account_ids=[TARGET], kms_key_id=KEY), PUBLIC], owner=OWNER)

    assert (
        str(needs)
        == f"""\
The owner, account {OWNER}
  Must exist
    [ ] us-west-2: the KMS key {KEY} exists and is enabled
        distributions[0].amiDistributionConfiguration.kmsKeyId
  Must be allowed
    [ ] us-west-2: the key policy of {KEY} lets everyone who gets the AMI use the key
        distributions[0].amiDistributionConfiguration.kmsKeyId
        distributions[0].amiDistributionConfiguration.targetAccountIds
    [ ] us-west-2: block public access for AMIs is off
        distributions[1].amiDistributionConfiguration.launchPermission.userGroups
  To know
    - if the recipe encrypts the image, sharing it takes a customer-managed key that everyone who gets the AMI may \
use, and a kmsKeyId in each Region that shares it
        distributions[0].amiDistributionConfiguration.targetAccountIds
    - us-west-2: an AMI that is encrypted, or has product codes or watermarks, can't be public
        distributions[1].amiDistributionConfiguration.launchPermission.userGroups

Account {TARGET}
  Must exist
    [ ] the role {ROLE} exists and trusts the owner's account, {OWNER}
        distributions[0].amiDistributionConfiguration.targetAccountIds
  Must be allowed
    [ ] {ROLE} has the AWS managed policy Ec2ImageBuilderCrossAccountDistributionAccess
        distributions[0].amiDistributionConfiguration.targetAccountIds
    [ ] {ROLE} may use the KMS key {KEY}
        distributions[0].amiDistributionConfiguration.kmsKeyId
        distributions[0].amiDistributionConfiguration.targetAccountIds
  To know
    - if the recipe encrypts the image, {ROLE} needs access to the recipe's key
        distributions[0].amiDistributionConfiguration.targetAccountIds
    - us-west-2: EC2 copies at most 50 AMIs at a time to the account
        distributions[0].amiDistributionConfiguration.targetAccountIds"""
    )


def test_a_checklist_as_markdown() -> None:
    """
    Values can't format it, and a task is a task list's item.
    """
    needs = prerequisites([ssm("/<b>_*"), fast()], owner=OWNER).for_account(OWNER)

    assert (
        needs.to_markdown().partition("\n\nAdd to")[0]
        == f"""\
### The owner, account {OWNER}

Must exist:

- [ ] the pipeline has an execution role with the AWS managed policy EC2FastLaunchFullAccess
  - `distributions[1].fastLaunchConfigurations[0]`

Must be allowed:

- [ ] us-west-2: the pipeline has an execution role, which may call ssm:PutParameter for '/\\<b\\>\\_\\*'
  - `distributions[0].ssmParameterConfigurations[0]`
- [ ] us-west-2: AWSServiceRoleForEC2FastLaunch, which EC2 creates, may use the AMI's key, if it is customer-managed
  - `distributions[1].fastLaunchConfigurations[0]`

To know:

- us-west-2: EC2 Fast Launch is for Windows images
  - `distributions[1].fastLaunchConfigurations[0]`"""
    )


def test_needs_as_json() -> None:
    needs = prerequisites(ssm("/web"), owner=OWNER)

    assert json.loads(needs.to_json()) == {
        "owner": OWNER,
        "prerequisites": [
            {
                "kind": "ssm-parameter",
                "group": "allow",
                "accountIds": [OWNER],
                "region": "us-west-2",
                "resource": "/web",
                "what": "the pipeline has an execution role, which may call ssm:PutParameter for /web",
                "paths": ["ssmParameterConfigurations[0]"],
                "source": "EC2 Image Builder user guide, Create and update AMI distribution configurations",
            }
        ],
    }


def test_the_needs_of_one_account() -> None:
    """
    Of six Regions and twenty accounts, they fit on a screen.
    """
    regions = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "sa-east-1"]
    accounts = [TARGET, *(f"2222{number:08}" for number in range(19))]
    keys = {region: f"arn:aws:kms:{region}:{OWNER}:alias/web" for region in regions}
    needs = prerequisites(
        [ami(region, target_account_ids=accounts, kms_key_id=key) for region, key in keys.items()], owner=OWNER
    )

    own = needs.for_account(TARGET)

    lines = str(own).splitlines()
    assert (lines[0], len(lines)) == (f"Account {TARGET}", 21)
    listed = lines.index("    [ ] EC2ImageBuilderDistributionCrossAccountRole may use the KMS key ...") + 1
    assert [line.strip() for line in lines[listed : listed + 6]] == [*keys.values()]
    assert {each.account_ids for each in own} == {(TARGET,)}
    assert own.policies() == tuple(each for each in needs.policies() if each.account_id == TARGET)
    pattern = r"Add to the (\w+) policy of `(.*?)`:\n\n(    {\n.*?\n    })"
    handed_on = [
        (kind, name, json.loads(text)) for kind, name, text in re.findall(pattern, own.to_markdown(), re.DOTALL)
    ]
    assert handed_on == [(each.kind, each.name, each.document) for each in own.policies()]
    assert "Add to" not in needs.to_markdown()
    assert not needs.for_account(THIRD)
    with pytest.raises(ValueError, match="account_id must be an account id of 12 digits"):
        needs.for_account("1")


def test_paths_are_as_the_file_spells_them() -> None:
    document = documents.loads(
        '{"Type": "AWS::ImageBuilder::DistributionConfiguration", "Properties": {"Name": "web", "Distributions": '
        '[{"Region": "us-west-2", "SsmParameterConfigurations": [{"ParameterName": "/web"}]}]}}'
    )

    (need,) = prerequisites(document.content, path=document.path_of)

    assert need.paths == ("Properties.Distributions[0].SsmParameterConfigurations[0]",)
    assert need.locations == (("distributions", 0, "ssmParameterConfigurations", 0),)


def test_nothing_is_needed() -> None:
    needs = prerequisites(ami(description="web"))

    assert not needs
    assert str(needs) == "no prerequisites"
    assert needs.policies() == ()


def test_accounts_in_several_regions_need_each_thing_once() -> None:
    west = ami("r-1", target_account_ids=[TARGET, OTHER], kms_key_id="alias/west")
    needs = prerequisites([west, ami("r-2", target_account_ids=[OTHER], kms_key_id="alias/east")])

    assert "the KMS key ... exists and is enabled\n        r-1: alias/west\n        r-2: alias/east\n" in str(needs)
    lines = str(needs).split(f"Account {OTHER}")[1].splitlines()
    assert lines[4:6] == [
        f"    [ ] the role {ROLE} exists and trusts the owner's account, OWNER",
        "        distributions[0, 1].amiDistributionConfiguration.targetAccountIds",
    ]
    assert "    - r-1, r-2: EC2 copies at most 50 AMIs at a time to the account" in lines


def test_many_accounts_and_regions_stay_readable() -> None:
    """
    Accounts with the same needs share a block, and lists of more than six are cut.
    """
    accounts = [f"{n:012}" for n in range(1536)]
    regions = [f"eu-west-{n}" for n in range(17)]

    needs = prerequisites(
        [ami(region, target_account_ids=accounts, kms_key_id="alias/web") for region in regions], owner=OWNER
    )
    many = attrs.evolve(fast(), fast_launch_configurations=fast().fast_launch_configurations * 9)
    three = prerequisites(ami(target_account_ids=[TARGET, OTHER, THIRD]), owner=OWNER)

    lines = str(needs).splitlines()
    assert len(lines) < 50
    assert f"1536 accounts: {', '.join(accounts[:6])}, ... 1530 more" in lines
    assert f"    - {', '.join(regions[:6])}, ... 11 more: EC2 copies at most 50 AMIs at a time to the account" in lines
    assert "        distributions[0, 1, 2, 3, 4, 5, ... 11 more].amiDistributionConfiguration.targetAccountIds" in lines
    assert str(prerequisites([many])).splitlines()[-2:] == [
        "        distributions[0].fastLaunchConfigurations[5]",
        "        ... 3 more",
    ]
    assert len(needs.policies()) == 17 + 2 * 1536
    assert f"3 accounts: {TARGET}, {OTHER}, {THIRD}" in str(three).splitlines()


def test_what_is_returned_pickles_and_hashes() -> None:
    needs = prerequisites([EVERYTHING], owner=OWNER)

    assert pickle.loads(pickle.dumps(needs)) == needs  # noqa: S301 - our own
    assert hash(needs) == hash(prerequisites([EVERYTHING], owner=OWNER))
    assert len({*needs.policies()}) == len(needs.policies())


@st.composite
def unchecked_distributions(draw: st.DrawFn) -> ibd.Distribution:
    """Draw a distribution with any text in some places."""
    document = ibd.to_boto3(EVERYTHING)
    for _, replace in strings_in(document):
        if draw(st.booleans()):
            replace(draw(st.text(max_size=20)))
    return ibd.from_boto3(document, ibd.Distribution)


@given(st.lists(strategies.distributions | unchecked_distributions(), max_size=3), st.none() | strategies.account_ids)
def test_every_line_is_printable_and_policies_are_minimal(
    distributions: list[ibd.Distribution], owner: str | None
) -> None:
    """
    No two statements differ in only one part, lists are sorted, and there are no duplicates.
    """
    needs = prerequisites(distributions, owner=owner)

    assert all(line.isprintable() for line in str(needs).split("\n"))
    for policy in needs.policies():
        assert json.loads(json.dumps(policy.document)) == policy.document
        statements = policy.document["Statement"]
        for part in ("Principal", "Action", "Resource"):
            others = [json.dumps({**each, part: None}, sort_keys=True) for each in statements]
            assert len(others) == len({*others})
        for each in statements:
            assert each["Action"] == sorted({*each["Action"]})
            assert each.get("Resource", []) == sorted({*each.get("Resource", [])})

"""
The configuration's owner is passed in, taken from the ARN, or a placeholder.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from tests.samples import ARN, EVERYTHING

from .builders import OWNER, ami
from .needs import LICENSED, OTHER, PUBLIC, ROLE, TARGET


def test_the_owner_is_read_off_the_arn() -> None:
    update = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING])
    stored = ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING])

    expected = ibd.prerequisites([EVERYTHING], owner=OWNER)

    assert expected.owner == OWNER
    assert [ibd.prerequisites(each) for each in (update, stored)] == [expected, expected]
    assert ibd.prerequisites(update, owner=OWNER) == expected


def test_distributions_may_come_in_any_collection() -> None:
    create = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING])

    assert ibd.prerequisites(create) == ibd.prerequisites({EVERYTHING}) == ibd.prerequisites((EVERYTHING,))


def test_without_an_owner_there_is_a_placeholder() -> None:
    needs = ibd.prerequisites([ami(target_account_ids=[TARGET])])

    assert needs.owner == "OWNER"
    assert str(needs).startswith("OWNER stands for the unknown account that owns the configuration.")
    assert f"the role {ROLE} exists and trusts the owner's account, OWNER" in str(needs)
    assert needs.policies()[0].document["Statement"][0]["Principal"] == {"AWS": ["arn:aws:iam::OWNER:root"]}


def test_a_licence_of_an_unknown_owner_is_shared_with_the_targets() -> None:
    needs = ibd.prerequisites(LICENSED)

    assert [each.account_id for each in needs if each.kind == "license-sharing"] == [TARGET]


def test_an_arn_without_an_account_leaves_the_owner_unknown() -> None:
    update = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn="web", distributions=[PUBLIC])

    assert ibd.prerequisites(update).owner == "OWNER"


@pytest.mark.parametrize("owner", ["12345678901", "1234567890123", "OWNER", "\u0661" * 12, "123456789012\n"])
def test_an_owner_that_is_not_an_account_id_is_rejected(owner: str) -> None:
    with pytest.raises(ValueError, match="owner must be an account id of 12 digits, not "):
        ibd.prerequisites(EVERYTHING, owner=owner)


def test_an_owner_that_is_not_a_string_is_rejected() -> None:
    owner: Any = 123456789012

    with pytest.raises(TypeError, match=r"owner must be a str, not 123456789012 \(int\)"):
        ibd.prerequisites(EVERYTHING, owner=owner)


def test_an_owner_that_contradicts_the_arn_is_rejected() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN)

    with pytest.raises(ValueError, match=f"owner is {OTHER}, but the configuration's ARN has {OWNER}"):
        ibd.prerequisites(stored, owner=OTHER)


@pytest.mark.parametrize("value", ["us-west-2", None, 5, [{"region": "us-west-2"}]])
def test_what_is_not_a_configuration_is_rejected(value: Any) -> None:
    with pytest.raises(TypeError, match="configuration"):
        ibd.prerequisites(value)

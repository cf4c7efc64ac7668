"""
The configuration's owner is passed in, taken from the ARN, or a placeholder.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.prerequisites import prerequisites
from tests.samples import ARN, EVERYTHING, ami

from .samples import LICENSED, OTHER, OWNER, ROLE, TARGET


def test_the_owner_is_read_off_the_arn() -> None:
    update = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING])
    stored = ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING])

    expected = prerequisites([EVERYTHING], owner=OWNER)

    assert expected.owner == OWNER
    assert [prerequisites(each) for each in (update, stored)] == [expected, expected]
    assert prerequisites(update, owner=OWNER) == expected


def test_distributions_may_come_in_any_collection() -> None:
    create = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING])

    assert prerequisites(create) == prerequisites({EVERYTHING}) == prerequisites((EVERYTHING,))


def test_without_an_owner_there_is_a_placeholder() -> None:
    distributions = [ami(target_account_ids=[TARGET])]
    update = ibd.UpdateDistributionConfigurationRequest(
        distribution_configuration_arn="web", distributions=distributions
    )
    needs = prerequisites(distributions)

    assert needs.owner == prerequisites(update).owner == "OWNER"
    assert str(needs).startswith("OWNER stands for the unknown account that owns the configuration.")
    assert f"the role {ROLE} exists and trusts the owner's account, OWNER" in str(needs)
    assert needs.policies()[0].document["Statement"][0]["Principal"] == {"AWS": ["arn:aws:iam::OWNER:root"]}


def test_a_licence_of_an_unknown_owner_is_shared_with_the_targets() -> None:
    needs = prerequisites(LICENSED)

    assert [each.account_ids for each in needs if each.kind == "license-sharing"] == [(TARGET,)]


@pytest.mark.parametrize(
    ("configuration", "owner", "error", "message"),
    [
        (EVERYTHING, "OWNER", ValueError, "owner must be an account id of 12 digits, not "),
        (EVERYTHING, "\u0661" * 12, ValueError, "owner must be an account id of 12 digits, not "),
        (EVERYTHING, f"{OWNER}\n", ValueError, "owner must be an account id of 12 digits, not "),
        (EVERYTHING, 123456789012, TypeError, r"owner must be a string, not 123456789012 \(integer\)"),
        (
            ibd.DistributionConfiguration(arn=ARN),
            OTHER,
            ValueError,
            f"owner is {OTHER}, but the configuration's ARN has {OWNER}",
        ),
        ("us-west-2", None, TypeError, "configuration must be a list of Distribution"),
        ([{"region": "us-west-2"}], None, TypeError, r"configuration\[0\] must be a Distribution"),
    ],
)
def test_what_is_not_an_owner_or_a_configuration_is_rejected(
    configuration: Any, owner: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        prerequisites(configuration, owner=owner)

"""
Steps that remove something: only what is there, unless it may be missing, and nothing else.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps

from .samples import TWO, ami_of

Step = Callable[..., DistributionConfiguration]
# Of each step, what TWO has, what it doesn't have, and what the error says then.
REMOVED: list[tuple[Step, dict[str, Any], dict[str, Any], str]] = [
    (
        steps.remove_launch_permissions,
        {"user_ids": ["111122223333"]},
        {"user_ids": ["999999999999", "111122223333"]},
        "launch permission for '999999999999'; it has '111122223333', '444455556666'",
    ),
    (
        steps.remove_target_accounts,
        {"account_ids": ["111122223333"]},
        {"account_ids": ["999999999999"]},
        "target account '999999999999'; it has '111122223333'",
    ),
    (steps.remove_ami_tags, {"keys": ["team"]}, {"keys": ["stage"]}, "AMI tag 'stage'; it has 'team'"),
    (
        steps.remove_license_configurations,
        {"license_configuration_arns": ["a"]},
        {"license_configuration_arns": ["b", "c"]},
        "license configuration 'b', 'c'; it has 'arn:",
    ),
    (
        steps.remove_launch_templates,
        {"launch_template_ids": ["lt-0123456789abcdef0"], "account_id": "111122223333"},
        {"launch_template_ids": ["lt-0123456789abcdef0"]},
        "launch template 'lt-0123456789abcdef0'; it has 'lt-0123456789abcdef0 in account 111122223333'",
    ),
    (
        steps.remove_ssm_parameters,
        {"parameter_names": ["/ami/web"], "ami_account_id": "111122223333"},
        {"parameter_names": ["/ami/web"]},
        "SSM parameter '/ami/web'; it has '/ami/web in account 111122223333'",
    ),
    (
        steps.remove_regions,
        {"regions": ["eu-west-1"]},
        {"regions": ["sa-east-1"]},
        "Region 'sa-east-1'; it has 'us-west-2', 'eu-west-1'",
    ),
]


@pytest.mark.parametrize(("step", "there", "missing", "message"), REMOVED)
def test_what_is_not_there_is_an_error_unless_it_may_be_missing(
    step: Step, there: dict[str, Any], missing: dict[str, Any], message: str
) -> None:
    once = step(TWO, **there)

    assert diff(TWO, once)
    assert step(once, **there, missing_ok=True) == once
    for configuration, arguments in (once, there), (TWO, missing):
        with pytest.raises(ibd.NotConfiguredError) as caught:
            step(configuration, **arguments)

    assert caught.value.message.startswith(f"the configuration has no {message}")


def test_what_is_there_is_removed_beside_what_is_missing() -> None:
    some = steps.remove_launch_permissions(TWO, user_ids=["999999999999", "111122223333"], missing_ok=True)

    assert some == steps.remove_launch_permissions(TWO, user_ids=["111122223333"])


def test_what_is_only_in_other_regions_is_not_there() -> None:
    with pytest.raises(ibd.NotConfiguredError, match="AMI tag 'team'; it has none"):
        steps.remove_ami_tags(TWO, ["team"], regions=["eu-west-1"])


def test_unsharing_leaves_no_empty_launch_permission() -> None:
    shared = steps.add_launch_permissions(TWO, user_ids=["777788889999"])
    unshared = steps.remove_launch_permissions(shared, user_ids=["777788889999"])

    assert unshared["us-west-2"] == TWO["us-west-2"]
    assert ami_of(unshared, "eu-west-1") == ibd.AmiDistributionConfiguration()


def test_adding_and_removing_again_leaves_the_others() -> None:
    accounts = ["111122223333", "777788889999"]
    two = steps.add_target_accounts(TWO, ["999999999999"], regions=["us-west-2"])

    removed = steps.remove_target_accounts(steps.add_target_accounts(two, accounts), accounts)

    west, europe = ami_of(removed, "us-west-2"), ami_of(removed, "eu-west-1")
    assert west == attrs.evolve(ami_of(two, "us-west-2"), target_account_ids=["999999999999"])
    assert europe == ibd.AmiDistributionConfiguration()


class Account(str):
    """An account's id that counts comparisons."""

    __slots__ = ()
    __hash__ = str.__hash__
    compared: ClassVar[list[object]] = []

    def __eq__(self, other: object) -> bool:
        self.compared.append(other)
        return str.__eq__(self, other)


def test_removing_many_compares_each_a_few_times() -> None:
    """
    Not with every other: 15,000 of 30,000 accounts took three seconds.
    """
    accounts = [f"{n:012}" for n in range(1000)]
    stored = steps.add_launch_permissions(TWO, user_ids=accounts)

    removed = steps.remove_launch_permissions(stored, user_ids=[Account(each) for each in accounts[::2]])

    permission = ami_of(removed, "eu-west-1").launch_permission
    assert permission
    assert permission.user_ids == tuple(accounts[1::2])
    assert len(Account.compared) < 10 * len(accounts)

"""
Steps that drop something, taken again, as when a run is resumed.
"""

from collections.abc import Callable
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps

from .edited import TWO

Step = Callable[..., DistributionConfiguration]
DROPPED: list[tuple[Step, dict[str, Any]]] = [
    (steps.stop_sharing_with, {"user_ids": ["111122223333"]}),
    (steps.drop_target_accounts, {"account_ids": ["111122223333"]}),
    (steps.drop_ami_tags, {"keys": ["team"]}),
    (steps.drop_license_configurations, {"license_configuration_arns": ["a"]}),
    (
        steps.drop_launch_template,
        {"launch_template_id": "lt-0123456789abcdef0", "account_id": "111122223333"},
    ),
    (steps.drop_ssm_parameter, {"parameter_name": "/ami/web", "ami_account_id": "111122223333"}),
    (steps.drop_region, {"region": "eu-west-1"}),
]


@pytest.mark.parametrize(("step", "arguments"), DROPPED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_dropped_already_is_an_error_unless_it_may_be_missing(step: Step, arguments: dict[str, Any]) -> None:
    once = step(TWO, **arguments, missing_ok=True)

    assert diff(TWO, once)
    assert step(once, **arguments, missing_ok=True) == once
    with pytest.raises(ibd.NotConfiguredError):
        step(once, **arguments)


def test_what_is_there_is_dropped_beside_what_is_missing() -> None:
    some = steps.stop_sharing_with(TWO, user_ids=["999999999999", "111122223333"], missing_ok=True)

    assert some == steps.stop_sharing_with(TWO, user_ids=["111122223333"])


def test_a_region_to_drop_from_may_not_be_missing() -> None:
    with pytest.raises(ibd.NotConfiguredError, match="no Region 'sa-east-1'"):
        steps.drop_ami_tags(TWO, ["team"], regions=["sa-east-1"], missing_ok=True)


def test_a_region_that_may_be_missing_is_a_string() -> None:
    region: Any = None

    with pytest.raises(TypeError, match="region must be a str"):
        steps.drop_region(TWO, region, missing_ok=True)

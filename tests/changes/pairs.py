"""
Pairs of configurations that differ, from Hypothesis and handwritten.
"""

import random
from typing import Any

import attrs
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration
from tests.samples import ARN, ami
from tests.strategies import configurations

KEYS: dict[type, tuple[str, ...]] = {
    ibd.Distribution: ("region",),
    ibd.FastLaunchConfiguration: ("account_id",),
    ibd.LaunchTemplateConfiguration: ("launch_template_id", "account_id"),
    ibd.SsmParameterConfiguration: ("parameter_name", "ami_account_id"),
}


def mixed(before: Any, other: Any, seed: random.Random) -> Any:
    """Return *before* with some of the values of *other*, at any depth."""
    if attrs.has(type(before)) and type(before) is type(other):
        names = [field.name for field in attrs.fields(type(before)) if field.name not in KEYS.get(type(before), ())]
        changed = {name: mixed(getattr(before, name), getattr(other, name), seed) for name in names}
        return attrs.evolve(before, **changed)
    if before and other and isinstance(before, tuple) and attrs.has(type(before[0])):
        return tuple(mixed(each, seed.choice(other), seed) for each in before if seed.random() < 0.9)
    return other if seed.random() < 0.3 else before


@st.composite
def edits(draw: st.DrawFn) -> tuple[DistributionConfiguration, DistributionConfiguration]:
    """Draw a configuration and an edited copy of it."""
    before, other = draw(configurations), draw(configurations)
    return before, mixed(before, other, draw(st.randoms(use_true_random=False)))


any_two = st.tuples(configurations, configurations) | edits()


REGIONS = ["ap-south-1", "eu-central-1", "eu-west-1", "sa-east-1", "us-east-1", "us-west-2"]
ACCOUNTS = [f"{111122223333 + n}" for n in range(100)]


def shared_with(*user_ids: str) -> DistributionConfiguration:
    """Return a configuration of six Regions that share with the same accounts."""
    permission = ibd.LaunchPermissionConfiguration(user_ids=user_ids)
    return DistributionConfiguration(
        arn=ARN, distributions=[ami(each, launch_permission=permission) for each in REGIONS]
    )

"""
Pairs of configurations that differ, from Hypothesis and handwritten.
"""

import random
from typing import Any

import attrs
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration
from imagebuilder_dist._common.attributes import is_mapping
from tests import strategies
from tests.samples import ARN

KEYS: dict[type, tuple[str, ...]] = {
    ibd.Distribution: ("region",),
    ibd.FastLaunchConfiguration: ("account_id",),
    ibd.LaunchTemplateConfiguration: ("launch_template_id", "account_id"),
    ibd.SsmParameterConfiguration: ("parameter_name", "ami_account_id"),
}

configurations = st.builds(
    DistributionConfiguration,
    arn=st.just(ARN),
    description=strategies.maybe(strategies.text),
    distributions=strategies.accepted_distributions,
    tags=strategies.tags,
)


def mixed(before: Any, other: Any, seed: random.Random) -> Any:
    """Return *before* with parts of *other* mixed in at any depth."""
    if is_mapping(before) and is_mapping(other):
        kept = {key: each for key, each in before.items() if seed.random() < 0.7}
        return {**kept, **{key: each for key, each in other.items() if seed.random() < 0.3}}
    if attrs.has(type(before)) and type(before) is type(other):
        names = [field.name for field in attrs.fields(type(before)) if field.name not in KEYS.get(type(before), ())]
        changed = {name: mixed(getattr(before, name), getattr(other, name), seed) for name in names}
        return attrs.evolve(before, **changed)
    if before and other and isinstance(before, tuple) and attrs.has(type(before[0])):
        # Below the items, and now and then an item more or less.
        here = [mixed(each, seed.choice(other), seed) for each in before if seed.random() < 0.9]
        there = [each for each in other if seed.random() < 0.1]
        regions = {each.region for each in before if isinstance(each, ibd.Distribution)}
        return (*here, *(each for each in there if getattr(each, "region", None) not in regions))
    if isinstance(before, tuple) and isinstance(other, tuple):
        return tuple(each for each in dict.fromkeys((*before, *other)) if seed.random() < 0.7)
    return other if seed.random() < 0.2 else before


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
    ami = ibd.AmiDistributionConfiguration(launch_permission=permission)
    return DistributionConfiguration(
        arn=ARN, distributions=[ibd.Distribution(region=each, ami_distribution_configuration=ami) for each in REGIONS]
    )

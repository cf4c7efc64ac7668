"""
Configurations and edits of them, from Hypothesis and handwritten.
"""

import random
from collections.abc import Callable
from typing import Any

import attrs
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps
from imagebuilder_dist._common.attributes import is_mapping
from tests import strategies
from tests.samples import ARN

KEYS: dict[str, tuple[type, tuple[str, ...]]] = {
    "distributions": (ibd.Distribution, ("region",)),
    "fast_launch_configurations": (ibd.FastLaunchConfiguration, ("account_id",)),
    "launch_template_configurations": (ibd.LaunchTemplateConfiguration, ("launch_template_id", "account_id")),
    "ssm_parameter_configurations": (ibd.SsmParameterConfiguration, ("parameter_name", "ami_account_id")),
}

configurations = st.builds(
    DistributionConfiguration,
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
        keys = [name for cls, names in KEYS.values() if cls is type(before) for name in names]
        names = [field.name for field in attrs.fields(type(before)) if field.name not in keys]
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
SIX = DistributionConfiguration(
    arn=ARN,
    distributions=[ibd.Distribution(region=region, license_configuration_arns=["a"]) for region in REGIONS],
)
ACCOUNTS = [f"{111122223333 + n}" for n in range(100)]
SHARED = diff(SIX, steps.add_launch_permissions(SIX, user_ids=ACCOUNTS))


def described(text: str | None) -> Callable[[DistributionConfiguration], DistributionConfiguration]:
    """Return a copy with another description."""
    return lambda stored: attrs.evolve(stored, description=text)

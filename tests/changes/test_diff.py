"""
`diff` finds all differences and nothing else.
"""

import random
from typing import Any

import attrs
import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff
from imagebuilder_dist._common.attributes import is_mapping, members_of
from imagebuilder_dist.changes import Steps
from imagebuilder_dist.models import Configuration
from tests import strategies
from tests.samples import ARN, EUROPE, EVERYTHING, WEB, ami

from .pairs import KEYS, any_two


def shuffled(model: Any, seed: random.Random) -> Any:
    """Return an equal configuration to the service: every set-like list in another order, with a duplicate."""
    if isinstance(model, tuple):
        items = [shuffled(each, seed) for each in model]
        seed.shuffle(items)
        return (*items, items[0]) if items else ()
    if attrs.has(type(model)):
        changed = {field.name: shuffled(getattr(model, field.name), seed) for field in attrs.fields(type(model))}
        return attrs.evolve(model, **changed)
    return model


def applied(value: Any, steps: Steps, change: ibd.Change) -> Any:
    """Apply a change like a person with the plan in hand."""
    if not steps:
        return change.after
    (name, key), *below = steps
    cls: Any = type(value)
    (member,) = (each for each in members_of(cls) if each.name == name)
    present = getattr(value, member.attribute)
    if is_mapping(present):
        tags = {**present, key[0]: change.after}
        return attrs.evolve(value, **{member.attribute: {key: each for key, each in tags.items() if each is not None}})
    if not isinstance(present, tuple):
        return attrs.evolve(value, **{member.attribute: applied(present, tuple(below), change)})
    if key:
        found = [each for each in present if tuple(getattr(each, part) or "" for part in KEYS[member.cls]) == key]
        after = [applied(each, tuple(below), change) for each in found or [None]]
    else:
        found, after = [each for each in present if each == change.before], [change.after]
    others = [each for each in present if each not in found]
    return attrs.evolve(value, **{member.attribute: [*others, *(each for each in after if each is not None)]})


@given(strategies.accepted_distributions, st.randoms(use_true_random=False))
def test_the_order_of_what_is_a_set_is_no_change(distributions: list[ibd.Distribution], seed: random.Random) -> None:
    regions = [shuffled(each, seed) for each in distributions]
    seed.shuffle(regions)

    assert not diff(distributions, regions)


@pytest.mark.long
@settings(max_examples=25)
@given(any_two)
def test_the_changes_make_after_of_before_and_show_whether_access_is_widened(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    before, after = two
    changes = diff(before, after)
    hypothesis.event(f"depth {max((len(change.steps) for change in changes), default=0)}")
    changed = before
    for change in changes:
        changed = applied(changed, change.steps, change)

    assert not diff(changed, after)
    assert not diff(after, changed)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    there = {(each.path, each.location, turned[each.kind], each.after, each.before) for each in changes}
    back = {(each.path, each.location, each.kind, each.before, each.after) for each in diff(after, before)}
    assert there == back
    assert any(change.widens_access for change in changes) == bool(access(after) - access(before))


def access(configuration: DistributionConfiguration) -> set[tuple[str, str, str]]:
    """Return who may use the AMI, in which Region and in which way."""
    found: set[tuple[str, str, str]] = set()
    for each in configuration.distributions:
        given_ami = each.ami_distribution_configuration or ibd.AmiDistributionConfiguration()
        permission = given_ami.launch_permission or ibd.LaunchPermissionConfiguration()
        found |= {(each.region, "copy", one) for one in given_ami.target_account_ids}
        found |= {(each.region, "launch", one) for one in permission.user_ids}
        found |= {(each.region, "launch", one) for one in permission.user_groups if one == "all"}
        found |= {(each.region, "launch", one) for one in permission.organization_arns}
        found |= {(each.region, "launch", one) for one in permission.organizational_unit_arns}
    return found


@pytest.mark.parametrize(("group", "widens"), [("all", True), ("aws-marketplace", False)])
def test_of_groups_only_everybody_gains_access(group: str, *, widens: bool) -> None:
    public = ibd.LaunchPermissionConfiguration(user_groups=[group])

    (change,) = diff([WEB], [ami(description="d", launch_permission=public)])

    assert change.widens_access is widens


UPDATE = ibd.UpdateDistributionConfigurationRequest(
    distribution_configuration_arn=ARN, distributions=[EUROPE], description="d"
)
CREATE = ibd.CreateDistributionConfigurationRequest(name="n", distributions=[EUROPE], description="d", tags={"a": "b"})
STORED = DistributionConfiguration(arn=ARN, name="m", distributions=[EUROPE], description="d", tags={"a": "b"})


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        (STORED, CREATE, []),
        (STORED, UPDATE, []),  # a request to update leaves the tags as they are
        (UPDATE, CREATE, []),
        (EUROPE, [EUROPE], []),
        ({EUROPE}, UPDATE, ["description"]),
        (EUROPE, STORED, ["description", "tags.a"]),
        (CREATE, [], ["description", "distributions[eu-west-1]", "tags.a"]),
    ],
)
def test_whatever_has_distributions_can_be_compared(
    before: Configuration, after: Configuration, paths: list[str]
) -> None:
    assert [change.path for change in diff(before, after)] == paths


def test_anything_else_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="str"):
        diff([], ["eu-west-1"])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]


def test_what_has_a_key_differs_member_by_member() -> None:
    fast_launch = ibd.FastLaunchConfiguration(enabled=True)
    before = attrs.evolve(EVERYTHING, fast_launch_configurations=[fast_launch])
    after = attrs.evolve(
        EVERYTHING,
        launch_template_configurations=[
            attrs.evolve(EVERYTHING.launch_template_configurations[0], set_default_version=True)
        ],
        fast_launch_configurations=[attrs.evolve(fast_launch, enabled=False)],
        ssm_parameter_configurations=[attrs.evolve(EVERYTHING.ssm_parameter_configurations[0], data_type=None)],
    )

    changes = diff([before], [after])

    assert [(change.location[2:], change.before, change.after) for change in changes] == [
        (("launchTemplateConfigurations", "lt-0123456789abcdef0", "111122223333", "setDefaultVersion"), False, True),
        (("fastLaunchConfigurations", "", "enabled"), True, False),
        (("ssmParameterConfigurations", "/ami/web", "111122223333", "dataType"), "aws:ec2:image", None),
    ]
    assert {change.region for change in changes} == {"us-west-2"}
    assert str(changes).splitlines()[1:] == [
        "~ distributions[us-west-2].launchTemplateConfigurations[lt-0123456789abcdef0][111122223333]"
        ".setDefaultVersion: False -> True",
        "~ distributions[us-west-2].fastLaunchConfigurations[own account].enabled: True -> False",
        "- distributions[us-west-2].ssmParameterConfigurations[/ami/web][111122223333].dataType: 'aws:ec2:image'",
    ]


def test_a_key_that_is_there_twice_makes_whole_items() -> None:
    one = ibd.SsmParameterConfiguration(parameter_name="/a", data_type="text")
    other = ibd.SsmParameterConfiguration(parameter_name="/a", data_type="aws:ec2:image")
    before = ibd.Distribution(region="us-west-2", ssm_parameter_configurations=[one, other])
    after = ibd.Distribution(region="us-west-2", ssm_parameter_configurations=[attrs.evolve(one, data_type=None)])

    changes = diff([before], [after])

    assert [(change.location[2:], change.kind, change.before or change.after) for change in changes] == [
        (("ssmParameterConfigurations",), "removed", one),
        (("ssmParameterConfigurations",), "removed", other),
        (("ssmParameterConfigurations",), "added", after.ssm_parameter_configurations[0]),
    ]
    assert "2 SSM parameters: {parameterName: '/a', dataType: 'text'}, {" in str(changes)


def test_a_region_that_is_there_twice_counts_twice() -> None:
    one = ibd.Distribution(region="us-west-2", license_configuration_arns=["a"])
    other = ibd.Distribution(region="us-west-2", license_configuration_arns=["b"])

    assert not diff([one, other], [one, other])
    (change,) = diff([one, other], [one])
    assert (change.location, change.region) == (("distributions",), "us-west-2")
    assert str(change) == "- distributions[us-west-2]\n-   licenseConfigurationArns: b"


def with_tags(tags: dict[str, str] | None) -> DistributionConfiguration:
    return DistributionConfiguration(arn=ARN, distributions=[ami(description="d", ami_tags=tags)], tags=tags or {})


def test_tags_come_and_go_one_by_one_also_the_first_and_the_last() -> None:
    of_ami = "distributions[us-west-2].amiDistributionConfiguration.amiTags"
    none, some = with_tags(None), with_tags({"a": "b", "c": "d"})

    assert [each.path for each in diff(none, some)] == [f"{of_ami}.a", f"{of_ami}.c", "tags.a", "tags.c"]
    assert [each.path for each in diff(with_tags({"a": "b"}), some)] == [f"{of_ami}.c", "tags.c"]
    for sign, changes in (("+", diff(none, some)), ("-", diff(some, none))):
        assert str(changes).splitlines() == [
            "1 Region changes, 2 tags change",
            f"{sign} {of_ami}: 2 tags: a: 'b', c: 'd'",
            f"{sign} tags: 2 tags: a: 'b', c: 'd'",
        ]

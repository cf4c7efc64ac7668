import random
from typing import Any

import attrs
import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, diff, steps
from imagebuilder_dist._fields import is_mapping
from imagebuilder_dist.testing import strategies

from .shapes import ARN, EVERYTHING

configurations = st.builds(
    DistributionConfiguration,
    description=strategies.maybe(strategies.text),
    distributions=strategies.accepted_distributions,
    tags=strategies.tags,
)


def mixed(before: Any, other: Any, seed: random.Random) -> Any:
    """Give *before* with something of *other* here and there, at any depth."""
    if is_mapping(before) and is_mapping(other):
        kept = {key: each for key, each in before.items() if seed.random() < 0.7}
        return {**kept, **{key: each for key, each in other.items() if seed.random() < 0.3}}
    if attrs.has(type(before)) and type(before) is type(other):
        names = [field.name for field in attrs.fields(type(before)) if field.name != "region"]
        changed = {name: mixed(getattr(before, name), getattr(other, name), seed) for name in names}
        return attrs.evolve(before, **changed)
    if before and other and isinstance(before, tuple) and isinstance(before[0], ibd.Distribution):
        # Below a Region, and now and then a Region more or less.
        here = [mixed(each, seed.choice(other), seed) for each in before if seed.random() < 0.9]
        there = [each for each in other if each.region not in {one.region for one in before} and seed.random() < 0.1]
        return (*here, *there)
    if isinstance(before, tuple) and isinstance(other, tuple):
        return tuple(each for each in dict.fromkeys((*before, *other)) if seed.random() < 0.7)
    return other if seed.random() < 0.2 else before


@st.composite
def edits(draw: st.DrawFn) -> tuple[DistributionConfiguration, DistributionConfiguration]:
    """Give a configuration and what an edit made of it."""
    before, other = draw(configurations), draw(configurations)
    return before, mixed(before, other, draw(st.randoms(use_true_random=False)))


def shuffled(model: Any, seed: random.Random) -> Any:
    """Give the same in the service's meaning, with every set-like list in another order, and an item twice."""
    if isinstance(model, tuple):
        items = [shuffled(each, seed) for each in model]
        seed.shuffle(items)
        return (*items, items[0]) if items else ()
    if attrs.has(type(model)):
        changed = {field.name: shuffled(getattr(model, field.name), seed) for field in attrs.fields(type(model))}
        return attrs.evolve(model, **changed)
    return model


def applied(before: DistributionConfiguration, change: ibd.Change) -> DistributionConfiguration:
    after: DistributionConfiguration = _applied(before, change.location, change)
    return after


def _applied(value: Any, location: tuple[str, ...], change: ibd.Change) -> Any:
    """Do what a change says, as a person would with the plan in hand."""
    if not location:
        if isinstance(value, tuple) or isinstance(change.before or change.after, tuple):
            raise AssertionError(change)
        return change.after
    step, *rest = location
    if isinstance(value, tuple):  # distributions, by Region
        regions = {each.region: each for each in value}
        new = _applied(regions.get(step), tuple(rest), change)
        regions = {region: each for region, each in {**regions, step: new}.items() if each is not None}
        return tuple(regions.values())
    if isinstance(value, ibd.Distribution | DistributionConfiguration) or attrs.has(type(value)):
        present = getattr(value, step)
        is_item = not rest and (isinstance(present, tuple) or _is_list(type(value), step))
        if is_item:
            kept = tuple(each for each in present or () if each != change.before)
            return attrs.evolve(value, **{step: kept if change.kind == "removed" else (*kept, change.after)})
        return attrs.evolve(value, **{step: _applied(present, tuple(rest), change)})
    tags = dict(value or {})
    tags[step] = change.after
    return {key: each for key, each in tags.items() if each is not None}


def _is_list(cls: type, name: str) -> bool:
    return "tuple" in str(attrs.fields_dict(cls)[name].type)


@given(configurations)
def test_nothing_differs_from_itself(configuration: DistributionConfiguration) -> None:
    changes = diff(configuration, configuration)

    assert not changes
    assert len(changes) == 0
    assert str(changes) == "no changes"


@given(strategies.accepted_distributions, st.randoms(use_true_random=False))
def test_the_order_of_what_is_a_set_is_no_change(distributions: list[ibd.Distribution], seed: random.Random) -> None:
    regions = [shuffled(each, seed) for each in distributions]
    seed.shuffle(regions)

    assert not diff(distributions, regions)


@given(edits())
def test_the_changes_applied_to_before_make_after(
    edit: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    before, after = edit
    hypothesis.event(f"depth {max((len(change.location) for change in diff(before, after)), default=0)}")
    changed = before
    for change in diff(before, after):
        changed = applied(changed, change)

    assert not diff(changed, after)
    assert not diff(after, changed)


@given(edits())
def test_a_difference_one_way_is_one_the_other_way(
    edit: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    before, after = edit
    turned = {"added": "removed", "removed": "added", "changed": "changed"}

    there = {(each.path, turned[each.kind], each.after, each.before) for each in diff(before, after)}
    back = {(each.path, each.kind, each.before, each.after) for each in diff(after, before)}

    assert there == back


def test_a_plan_reads_at_a_glance() -> None:
    before = DistributionConfiguration(
        arn=ARN,
        description="old",
        distributions=[EVERYTHING, ibd.Distribution(region="eu-west-1", license_configuration_arns=["a"])],
        tags={"team": "web"},
    )
    ami = EVERYTHING.ami_distribution_configuration
    assert ami is not None
    after = DistributionConfiguration(
        arn=ARN,
        description="new",
        distributions=[
            attrs.evolve(
                EVERYTHING,
                ami_distribution_configuration=attrs.evolve(
                    ami,
                    name=None,
                    ami_tags={"team": "infra", "stage": "test"},
                    launch_permission=ibd.LaunchPermissionConfiguration(user_ids=["444455556666", "777788889999"]),
                ),
                s3_export_configuration=None,
            ),
            ibd.Distribution(region="ap-south-1", license_configuration_arns=["b"]),
        ],
    )

    assert str(diff(before, after)).splitlines() == [
        "~ description: 'old' -> 'new'",
        "- distributions[us-west-2].amiDistributionConfiguration.name: 'web {{ imagebuilder:buildDate }}'",
        "~ distributions[us-west-2].amiDistributionConfiguration.amiTags.team: 'web' -> 'infra'",
        "+ distributions[us-west-2].amiDistributionConfiguration.amiTags.stage: 'test'",
        "- distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds: '111122223333'",
        "+ distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds: '777788889999'",
        "- distributions[us-west-2].amiDistributionConfiguration.launchPermission.userGroups: 'all'",
        "- distributions[us-west-2].amiDistributionConfiguration.launchPermission.organizationArns: "
        "'arn:aws:organizations::123456789012:organization/o-abcdefghij'",
        "- distributions[us-west-2].amiDistributionConfiguration.launchPermission.organizationalUnitArns: "
        "'arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-abcd-abcdefgh'",
        "- distributions[us-west-2].s3ExportConfiguration: {'roleName': 'vmimport', 'diskImageFormat': 'VHD', "
        "'s3Bucket': 'images', 's3Prefix': 'web/'}",
        "- distributions[eu-west-1]: {'region': 'eu-west-1', 'licenseConfigurationArns': ['a']}",
        "+ distributions[ap-south-1]: {'region': 'ap-south-1', 'licenseConfigurationArns': ['b']}",
        "- tags.team: 'web'",
    ]


def with_tags(tags: dict[str, str] | None) -> DistributionConfiguration:
    ami = ibd.AmiDistributionConfiguration(description="d", ami_tags=tags)
    distribution = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)
    return DistributionConfiguration(arn=ARN, distributions=[distribution], tags=tags or {})


def test_tags_come_and_go_one_by_one_also_the_first_and_the_last() -> None:
    ami = "distributions[us-west-2].amiDistributionConfiguration.amiTags"
    none, some = with_tags(None), with_tags({"a": "b", "c": "d"})

    assert str(diff(none, some)).splitlines() == [
        f"+ {ami}.a: 'b'",
        f"+ {ami}.c: 'd'",
        "+ tags.a: 'b'",
        "+ tags.c: 'd'",
    ]
    assert str(diff(some, none)).splitlines() == [
        f"- {ami}.a: 'b'",
        f"- {ami}.c: 'd'",
        "- tags.a: 'b'",
        "- tags.c: 'd'",
    ]


def test_no_key_forges_a_line_of_a_plan() -> None:
    before = DistributionConfiguration(arn=ARN, distributions=[ibd.Distribution(region="r\n")], tags={"a\nb": "c\n"})

    assert str(diff(before, DistributionConfiguration(arn=ARN))).splitlines() == [
        r"- distributions['r\n']: {'region': 'r\n'}",
        r"- tags['a\nb']: 'c\n'",
    ]
    assert [change.location for change in diff(before, DistributionConfiguration(arn=ARN))] == [
        ("distributions", "r\n"),
        ("tags", "a\nb"),
    ]


def test_a_region_that_is_there_twice_counts_twice() -> None:
    one = ibd.Distribution(region="us-west-2", license_configuration_arns=["a"])
    other = ibd.Distribution(region="us-west-2", license_configuration_arns=["b"])

    assert not diff([one, other], [one, other])
    assert len(diff([one, other], [one])) == 1


TWO = DistributionConfiguration(
    arn=ARN,
    description="kept",
    distributions=[EVERYTHING, ibd.Distribution(region="eu-west-1", license_configuration_arns=["a"])],
)


def plan(after: DistributionConfiguration) -> list[tuple[str, str]]:
    return [(each.kind, each.path) for each in diff(TWO, after)]


def test_sharing_adds_what_is_not_there_in_all_regions_or_some() -> None:
    west = "distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds"

    everywhere = steps.share_with(TWO, user_ids=["111122223333", "777788889999"])
    somewhere = steps.share_with(TWO, user_ids=["777788889999"], regions=["us-west-2"])

    assert plan(everywhere) == [("added", west), ("added", "distributions[eu-west-1].amiDistributionConfiguration")]
    assert plan(somewhere) == [("added", west)]


def test_sharing_takes_organizations_and_their_units() -> None:
    shared = steps.share_with(TWO, organization_arns=["o"], organizational_unit_arns=["u"], regions=["us-west-2"])

    assert [path.rsplit(".", 1)[1] for _, path in plan(shared)] == ["organizationArns", "organizationalUnitArns"]


def test_sharing_and_stopping_again_changes_nothing() -> None:
    shared = steps.share_with(TWO, user_ids=["777788889999"], regions=["us-west-2"])

    assert not diff(steps.stop_sharing_with(shared, user_ids=["777788889999"]), TWO)


def test_stopping_leaves_nothing_empty_behind() -> None:
    shared = steps.share_with(TWO, user_ids=["777788889999"], regions=["eu-west-1"])
    stopped = steps.stop_sharing_with(shared, user_ids=["777788889999"])

    assert stopped.distributions[1].ami_distribution_configuration == ibd.AmiDistributionConfiguration()
    assert steps.stop_sharing_with(TWO, user_ids=["777788889999"]) == TWO


def test_a_region_is_put_dropped_and_copied() -> None:
    new = ibd.Distribution(region="eu-west-1", license_configuration_arns=["b"])

    assert plan(steps.put_distribution(TWO, new)) == [
        ("removed", "distributions[eu-west-1].licenseConfigurationArns"),
        ("added", "distributions[eu-west-1].licenseConfigurationArns"),
    ]
    assert plan(steps.drop_region(TWO, "eu-west-1")) == [("removed", "distributions[eu-west-1]")]
    copied = steps.copy_region(TWO, "eu-west-1", ["us-west-2", "ap-south-1"])
    assert [(each.region, each.license_configuration_arns) for each in copied.distributions] == [
        ("us-west-2", ("a",)),
        ("eu-west-1", ("a",)),
        ("ap-south-1", ("a",)),
    ]


def test_an_ssm_parameter_is_set_replaced_and_dropped() -> None:
    plain = ibd.SsmParameterConfiguration(parameter_name="/ami/db")
    typed = ibd.SsmParameterConfiguration(parameter_name="/ami/db", data_type="text")

    once = steps.set_ssm_parameter(TWO, plain)
    twice = steps.set_ssm_parameter(once, typed, regions=["eu-west-1"])

    assert [each.ssm_parameter_configurations for each in twice.distributions] == [
        (*(EVERYTHING.ssm_parameter_configurations or ()), plain),
        (typed,),
    ]
    assert not diff(steps.drop_ssm_parameter(twice, "/ami/db"), TWO)
    assert plan(steps.drop_ssm_parameter(TWO, "/ami/web")) == []
    assert len(plan(steps.drop_ssm_parameter(TWO, "/ami/web", ami_account_id="111122223333"))) == 1


def test_a_region_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError, match="doesn't distribute to 'sa-east-1'"):
        steps.share_with(TWO, user_ids=["1"], regions=["sa-east-1"])
    with pytest.raises(LookupError, match="doesn't distribute to 'sa-east-1'"):
        steps.copy_region(TWO, "sa-east-1", ["us-west-2"])


def test_a_lone_string_is_no_list_of_accounts() -> None:
    ids: Any = "111122223333"

    with pytest.raises(TypeError, match="user_ids must be a list of str"):
        steps.share_with(TWO, user_ids=ids)

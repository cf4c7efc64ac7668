import io
import json
import pickle
import random
from pathlib import Path
from typing import Any

import attrs
import hypothesis
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import imagebuilder_dist as ibd
from imagebuilder_dist import Changes, DistributionConfiguration, diff, steps
from imagebuilder_dist._converter import MODELS
from imagebuilder_dist._fields import is_mapping, members_of
from imagebuilder_dist._report import _NOUNS
from imagebuilder_dist.testing import strategies
from tests.shapes import ARN, EVERYTHING

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/changes.schema.json").read_text())
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
    """Give *before* with something of *other* here and there, at any depth."""
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
        return change.after
    step, *rest = location
    if is_mapping(value):
        tags = {**value, step: change.after}
        return {key: each for key, each in tags.items() if each is not None}
    present = getattr(value, step)
    if rest and step in KEYS:
        names = KEYS[step][1]
        key, below = rest[: len(names)], tuple(rest[len(names) :])
        others = [each for each in present if [getattr(each, name) or "" for name in names] != key]
        found = [each for each in present if each not in others]
        after = [_applied(each, below, change) for each in found] if below else [change.after]
        return attrs.evolve(value, **{step: [*others, *(each for each in after if each is not None)]})
    if isinstance(present, tuple):
        kept = tuple(each for each in present if each != change.before)
        return attrs.evolve(value, **{step: kept if change.kind == "removed" else (*kept, change.after)})
    return attrs.evolve(value, **{step: _applied(present, tuple(rest), change)})


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


any_two = st.tuples(configurations, configurations) | edits()


@given(any_two)
def test_whatever_differs_is_written_on_lines_that_fit_a_screen(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    changes = diff(*two)
    text = str(changes)
    console = Console(file=io.StringIO(), width=80)
    console.print(changes)

    assert all(each.isprintable() for each in text.splitlines())
    assert len(text.splitlines()) <= 42
    assert repr(changes).isprintable()
    assert changes.__rich__().plain == text
    assert sum(line.startswith("```") for line in changes.to_markdown().splitlines()) == (2 if changes else 0)
    assert all(str(change) for change in changes)


@given(any_two)
def test_what_is_written_as_json_is_read_back(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    changes = diff(*two)

    text = changes.to_json()

    jsonschema.validate(json.loads(text), SCHEMA)
    assert Changes.from_json(text) == changes
    assert pickle.loads(pickle.dumps(changes)) == changes  # noqa: S301 - our own


@given(any_two)
def test_access_is_widened_if_and_only_if_somebody_is_new(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    before, after = map(access, two)

    assert any(change.widens_access for change in diff(*two)) == bool(after - before)


def access(configuration: DistributionConfiguration) -> set[tuple[str, str, str]]:
    """Give who may use the AMI where, in which way."""
    found: set[tuple[str, str, str]] = set()
    for each in configuration.distributions:
        ami = each.ami_distribution_configuration or ibd.AmiDistributionConfiguration()
        permission = ami.launch_permission or ibd.LaunchPermissionConfiguration()
        found |= {(each.region, "copy", one) for one in ami.target_account_ids}
        found |= {(each.region, "launch", one) for one in permission.user_ids}
        found |= {(each.region, "launch", one) for one in permission.user_groups if one == "all"}
        found |= {(each.region, "launch", one) for one in permission.organization_arns}
        found |= {(each.region, "launch", one) for one in permission.organizational_unit_arns}
    return found


def test_every_list_has_a_word_for_its_items() -> None:
    lists = {
        member.attribute
        for cls in (*MODELS, DistributionConfiguration)
        for member in members_of(cls)
        if member.container is not None
    }

    assert set(_NOUNS) == lists


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

    ami_path = "distributions[us-west-2].amiDistributionConfiguration"
    assert str(diff(before, after)).splitlines() == [
        "1 Region changes, 1 is added, 1 is removed, the description changes, 1 tag changes; 1 account gains access; "
        "1 account, 1 organization, 1 organizational unit lose access; the AMI is no longer public in 1 Region",
        "~ description: 'old' -> 'new'",
        f"- {ami_path}.name: 'web {{{{ imagebuilder:buildDate }}}}'",
        f"~ {ami_path}.amiTags.team: 'web' -> 'infra'",
        f"+ {ami_path}.amiTags.stage: 'test'",
        f"- {ami_path}.launchPermission.userIds: 111122223333",
        f"+ {ami_path}.launchPermission.userIds (widens access): 777788889999",
        f"- {ami_path}.launchPermission.userGroups: all",
        f"- {ami_path}.launchPermission.organizationArns: "
        "arn:aws:organizations::123456789012:organization/o-abcdefghij",
        f"- {ami_path}.launchPermission.organizationalUnitArns: "
        "arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-abcd-abcdefgh",
        "- distributions[us-west-2].s3ExportConfiguration.roleName: 'vmimport'",
        "- distributions[us-west-2].s3ExportConfiguration.diskImageFormat: 'VHD'",
        "- distributions[us-west-2].s3ExportConfiguration.s3Bucket: 'images'",
        "- distributions[us-west-2].s3ExportConfiguration.s3Prefix: 'web/'",
        "- distributions[eu-west-1]",
        "-   licenseConfigurationArns: a",
        "+ distributions[ap-south-1]",
        "+   licenseConfigurationArns: b",
        "- tags.team: 'web'",
    ]


REGIONS = ["ap-south-1", "eu-central-1", "eu-west-1", "sa-east-1", "us-east-1", "us-west-2"]
SIX = DistributionConfiguration(
    arn=ARN,
    distributions=[ibd.Distribution(region=region, license_configuration_arns=["a"]) for region in REGIONS],
)
ACCOUNTS = [f"{111122223333 + n}" for n in range(100)]
SHARED = diff(SIX, steps.share_with(SIX, user_ids=ACCOUNTS))


def test_a_hundred_accounts_in_six_regions_are_one_line() -> None:
    shared_before = steps.share_with(SIX, user_ids=["999999999999"], regions=REGIONS[:3])

    changes = diff(shared_before, steps.share_with(shared_before, user_ids=ACCOUNTS))

    assert len(changes) == 303
    assert str(changes).splitlines() == [
        "6 Regions change; 100 accounts gain access",
        "+ distributions[all 6 Regions].amiDistributionConfiguration.launchPermission.userIds (widens access): "
        "100 accounts: 111122223333, 111122223334, 111122223335, ... 97 more",
    ]
    assert Changes.from_json(changes.to_json()) == changes


def test_the_regions_of_a_change_are_named_unless_they_are_many() -> None:
    def plan(count: int) -> str:
        changes = diff(SIX, steps.set_ami_description(SIX, "d", regions=REGIONS[:count]))
        return str(changes).splitlines()[1].split(".ami")[0]

    assert plan(1) == "+ distributions[ap-south-1]"
    assert plan(2) == "+ distributions[ap-south-1, eu-central-1]"
    assert plan(5) == "+ distributions[ap-south-1, eu-central-1, eu-west-1, sa-east-1, ... 1 more]"


def test_the_same_items_in_another_order_are_the_same_change() -> None:
    one, other = (
        ibd.Distribution(region=region, license_configuration_arns=arns)
        for region, arns in (("us-west-2", ["a", "b"]), ("eu-west-1", ["b", "a"]))
    )
    before = [attrs.evolve(each, license_configuration_arns=["c"]) for each in (one, other)]

    assert len(str(diff(before, [one, other])).splitlines()) == 3


def test_regions_that_are_added_with_the_same_settings_are_one_block() -> None:
    template = ibd.LaunchTemplateConfiguration(launch_template_id="lt-1", set_default_version=False)
    new = [
        ibd.Distribution(
            region=region,
            ami_distribution_configuration=ibd.AmiDistributionConfiguration(
                target_account_ids=["111122223333"],
                launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["all"]),
            ),
            launch_template_configurations=[template],
            s3_export_configuration=None,
        )
        for region in ("eu-west-1", "eu-west-2")
    ]

    changes = diff([], new)

    assert str(changes).splitlines() == [
        "2 Regions are added; 1 account gains access; the AMI becomes public in 2 Regions",
        "+ distributions[eu-west-1, eu-west-2]",
        "+   amiDistributionConfiguration.targetAccountIds (widens access): 111122223333",
        "+   amiDistributionConfiguration.launchPermission.userGroups (widens access): all",
        "+   launchTemplateConfigurations: {launchTemplateId: 'lt-1', setDefaultVersion: False}",
    ]
    assert all(change.widens_access for change in changes)


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
        (
            ("launch_template_configurations", "lt-0123456789abcdef0", "111122223333", "set_default_version"),
            False,
            True,
        ),
        (("fast_launch_configurations", "", "enabled"), True, False),
        (("ssm_parameter_configurations", "/ami/web", "111122223333", "data_type"), "aws:ec2:image", None),
    ]
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
        (("ssm_parameter_configurations",), "removed", one),
        (("ssm_parameter_configurations",), "removed", other),
        (("ssm_parameter_configurations",), "added", after.ssm_parameter_configurations[0]),
    ]
    assert Changes.from_json(changes.to_json()) == changes
    assert "2 SSM parameters: {parameterName: '/a', dataType: 'text'}, {" in str(changes)


def test_a_structure_without_anything_in_it_is_written_as_such() -> None:
    after = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration(name=None)
    )

    assert str(diff([ibd.Distribution(region="us-west-2")], [after])).splitlines()[1:] == [
        "+ distributions[us-west-2].amiDistributionConfiguration: {}"
    ]


def test_of_too_many_lines_those_that_widen_access_stay() -> None:
    before = [ibd.Distribution(region=f"r-{n}", license_configuration_arns=["a"]) for n in range(50)]
    after = [attrs.evolve(each, license_configuration_arns=[each.region]) for each in before]
    ami = ibd.AmiDistributionConfiguration(target_account_ids=["111122223333"])
    after[-1] = attrs.evolve(after[-1], ami_distribution_configuration=ami)
    other = ibd.AmiDistributionConfiguration(target_account_ids=["444455556666"], name="n")
    after.append(ibd.Distribution(region="new", ami_distribution_configuration=other))

    lines = str(diff(before, after)).splitlines()

    assert len(lines) == 42
    assert lines[-4:] == [
        "+ distributions[r-49].amiDistributionConfiguration.targetAccountIds (widens access): 111122223333",
        "+ distributions[new]",
        "+   amiDistributionConfiguration.targetAccountIds (widens access): 444455556666",
        "  ... 15 more lines",
    ]


def test_a_change_prints_as_in_the_plan() -> None:
    (change,) = diff([], [ibd.Distribution(region="us-west-2", license_configuration_arns=["a"])])

    assert str(change) == "+ distributions[us-west-2]\n+   licenseConfigurationArns: a"


def test_a_long_value_is_cut() -> None:
    before = ibd.Distribution(region="us-west-2", license_configuration_arns=["a" * 5000])
    after = ibd.Distribution(region="us-west-2", license_configuration_arns=["b" * 5000])

    assert all(len(line) < 200 for line in str(diff([before], [after])).splitlines())


def with_tags(tags: dict[str, str] | None) -> DistributionConfiguration:
    ami = ibd.AmiDistributionConfiguration(description="d", ami_tags=tags)
    distribution = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)
    return DistributionConfiguration(arn=ARN, distributions=[distribution], tags=tags or {})


def test_tags_come_and_go_one_by_one_also_the_first_and_the_last() -> None:
    ami = "distributions[us-west-2].amiDistributionConfiguration.amiTags"
    none, some = with_tags(None), with_tags({"a": "b", "c": "d"})

    assert [each.path for each in diff(none, some)] == [f"{ami}.a", f"{ami}.c", "tags.a", "tags.c"]
    assert str(diff(none, some)).splitlines() == [
        "1 Region changes, 2 tags change",
        f"+ {ami}: 2 tags: a: 'b', c: 'd'",
        "+ tags: 2 tags: a: 'b', c: 'd'",
    ]
    assert str(diff(some, none)).splitlines() == [
        "1 Region changes, 2 tags change",
        f"- {ami}: 2 tags: a: 'b', c: 'd'",
        "- tags: 2 tags: a: 'b', c: 'd'",
    ]


def test_no_key_forges_a_line_of_a_plan() -> None:
    before = DistributionConfiguration(arn=ARN, distributions=[ibd.Distribution(region="r\n")], tags={"a\nb": "c\n"})
    changes = diff(before, DistributionConfiguration(arn=ARN))

    assert str(changes).splitlines() == [
        "1 Region is removed, 1 tag changes",
        r"- distributions['r\n']",
        r"- tags['a\nb']: 'c\n'",
    ]
    assert [change.location for change in changes] == [("distributions", "r\n"), ("tags", "a\nb")]


def test_markdown_is_a_summary_and_a_block_with_a_diffs_colours() -> None:
    before = DistributionConfiguration(arn=ARN, description="old")
    after = DistributionConfiguration(arn=ARN, description="```\n~new", tags={"a": "b"})

    assert diff(before, after).to_markdown().splitlines() == [
        "**the description changes, 1 tag changes**",
        "",
        "```diff",
        r"! description: 'old' -> '```\n~new'",
        "+ tags.a: 'b'",
        "```",
    ]
    assert diff(before, before).to_markdown() == "**no changes**"


def test_rich_colours_the_plan_and_takes_no_value_for_markup() -> None:
    markup = DistributionConfiguration(arn=ARN, description="[red]x[/red] :smile: [/]")
    file = io.StringIO()

    Console(file=file, force_terminal=True, width=200, color_system="standard").print(
        diff(DistributionConfiguration(arn=ARN), markup)
    )

    assert "\x1b[32m+ description: '[red]x[/red] :smile: [/]'\x1b[0m" in file.getvalue()


DOCUMENT: dict[str, Any] = json.loads(SHARED.to_json())
CHANGE: dict[str, Any] = DOCUMENT["changes"][0]
WRONG: list[dict[str, Any]] = [
    {"location": []},
    {"location": [1]},
    {"location": ["nothing"]},
    {"location": ["description", "below"]},
    {"location": ["tags"], "after": "x"},
    {
        "location": ["distributions", "r", "ssm_parameter_configurations", "name"],
        "after": {"parameterName": "name"},
    },
    {"location": ["description"], "after": {"a": "b"}},
    {"after": {"launchPermission": {"userIds": [1]}}},
    {"after": None},
]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {**DOCUMENT, "version": 2},
        {**DOCUMENT, "regions": [1]},
        {**DOCUMENT, "regions": None},
        {**DOCUMENT, "changes": ["x"]},
        *({**DOCUMENT, "changes": [{**CHANGE, **wrong}]} for wrong in WRONG),
    ],
)
def test_json_that_is_no_plan_is_a_value_error(document: Any) -> None:
    with pytest.raises(ValueError, match=r"plan|problem"):
        Changes.from_json(json.dumps(document))


@pytest.mark.parametrize(
    "wrong", [{"kind": "added", "before": "x"}, {"kind": "removed"}, {"kind": "new"}, {"location": []}, {"path": 1}]
)
def test_the_schema_rejects_what_is_no_change(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**DOCUMENT, "changes": [{**CHANGE, **wrong}]}, SCHEMA)


def test_what_follows_from_a_change_is_not_read() -> None:
    """
    A path that is forged in a document doesn't come into a plan.
    """
    forged = {**CHANGE, "path": "a\nb", "kind": "removed", "widensAccess": False}

    (change,) = Changes.from_json(json.dumps({**DOCUMENT, "changes": [forged]}))

    assert change == SHARED.items[0]


def test_reprs_are_short() -> None:
    stored = attrs.evolve(SIX, arn=ARN + "\n")
    edit = ibd.Edit(before=stored, after=stored, changes=SHARED, result=None)
    result = ibd.UpdateDistributionConfigurationResult(distribution_configuration_arn=ARN)

    summary = "6 Regions change; 100 accounts gain access"
    assert repr(SHARED) == f"<Changes: {summary}>"
    assert repr(edit) == f"<Edit of '{ARN}\\n': {summary} (not written)>"
    assert repr(attrs.evolve(edit, after=SIX, result=result)) == f"<Edit of {ARN}: {summary} (written)>"
    plan = ibd.EnsurePlan(distribution_configuration_arn=None, created=True, changes=SHARED)
    assert repr(plan) == f"<EnsurePlan of a new configuration: {summary}>"
    ensured = ibd.Ensured(distribution_configuration_arn=ARN, created=False, changes=diff([], []))
    assert repr(ensured) == f"<Ensured of {ARN}: no changes>"


def test_a_region_that_is_there_twice_counts_twice() -> None:
    one = ibd.Distribution(region="us-west-2", license_configuration_arns=["a"])
    other = ibd.Distribution(region="us-west-2", license_configuration_arns=["b"])

    assert not diff([one, other], [one, other])
    assert len(diff([one, other], [one])) == 1

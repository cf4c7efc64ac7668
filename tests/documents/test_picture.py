"""
A configuration's picture: a chart that Mermaid can read, with everything that a build does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from sybil.evaluators.python import PythonEvaluator

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.testing.examples import ARN, complete, minimal
from tests.documents.charts import EVERYBODY, Effect, chart_of, effects_of, regions_of, shown
from tests.pages import ROOT, examples_of
from tests.strategies import (
    accepted_distributions,
    configurations,
    create_requests,
    update_requests,
)


def expected_effects(distributions: Iterable[ibd.Distribution]) -> set[Effect]:
    return {
        (shown(each.region), kind, shown(item))
        for each in distributions
        for kind, item in (*access_of(each), *updates_of(each), *outputs_of(each))
    }


def access_of(distribution: ibd.Distribution) -> Iterator[tuple[str, str]]:
    ami = distribution.ami_distribution_configuration or ibd.AmiDistributionConfiguration()
    permission = ami.launch_permission or ibd.LaunchPermissionConfiguration()
    yield from (("copy", each) for each in ami.target_account_ids)
    yield from (("account", each) for each in permission.user_ids)
    yield from (("public" if each == "all" else "group", each) for each in permission.user_groups)
    yield from (("organization", each.split("/")[-1]) for each in permission.organization_arns)
    yield from (("unit", each.split("/")[-1]) for each in permission.organizational_unit_arns)


def updates_of(distribution: ibd.Distribution) -> Iterator[tuple[str, str]]:
    for template in distribution.launch_template_configurations:
        where = f" in {template.account_id}" if template.account_id else ""
        yield ("default" if template.set_default_version else "version"), template.launch_template_id + where
    for parameter in distribution.ssm_parameter_configurations:
        where = f" in {parameter.ami_account_id}" if parameter.ami_account_id else ""
        yield "parameter", parameter.parameter_name + where
    for fast in distribution.fast_launch_configurations:
        named = fast.launch_template and (
            fast.launch_template.launch_template_id or fast.launch_template.launch_template_name
        )
        item = (fast.account_id or "own account") + (f" with {named}" if named else "")
        yield ("fast_launch" if fast.enabled else "no_fast_launch"), item


def outputs_of(distribution: ibd.Distribution) -> Iterator[tuple[str, str]]:
    if export := distribution.s3_export_configuration:
        yield "export", f"{export.disk_image_format} to {export.s3_bucket}/{export.s3_prefix or ''}"
    if container := distribution.container_distribution_configuration:
        yield "repository", container.target_repository.repository_name
    yield from (("license", arn.split(":")[-1]) for arn in distribution.license_configuration_arns)


WEIRD = (
    'a"b`c` <b>&amp;#35;#quot; {{ imagebuilder:buildDate }} %%{init}%% $$x$$ \\n \u202e\n- 1. _x_ *y* | '
    "\ufb02\xb0\xb035\xb6\xdf \ud800\U0001f600"
)
EVERYTHING = complete(ibd.DistributionConfiguration)
(WHOLE,) = EVERYTHING.distributions


def with_repository(region: str, name: str) -> ibd.Distribution:
    repository = ibd.TargetContainerRepository(service="ECR", repository_name=name)
    container = ibd.ContainerDistributionConfiguration(target_repository=repository)
    return ibd.Distribution(region=region, container_distribution_configuration=container)


@example((with_repository(WEIRD, WEIRD), with_repository("", ""), with_repository("- x", "fa:fa-car style:x#33;")))
@example(EVERYTHING.distributions)
@given(accepted_distributions.map(tuple))
def test_every_effect_is_drawn_in_its_regions(distributions: tuple[ibd.Distribution, ...]) -> None:
    nodes = chart_of(documents.to_mermaid(distributions))

    effects, counts = effects_of(nodes)
    expected = expected_effects(distributions)
    assert {region for node in nodes.values() if node.source == "image" for region in regions_of(node)} == {
        shown(each.region) for each in distributions
    }
    assert counts == Counter((region, kind) for region, kind, _ in expected)
    # No strategy draws more than five of a kind in a Region, so everything is listed.
    assert effects == Counter(expected)


@given(create_requests | update_requests | configurations)
def test_a_name_stands_at_the_root(content: Any) -> None:
    root = chart_of(documents.to_mermaid(content))["image"]

    arn = getattr(content, "distribution_configuration_arn", None)
    assert root.lines == [arn.split("/")[-1] if arn else content.name]


def test_what_has_no_name_is_called_by_its_arn() -> None:
    stored = attrs.evolve(minimal(ibd.DistributionConfiguration), name=None)

    assert chart_of(documents.to_mermaid(stored))["image"].lines == [ARN.split("/")[-1]]


def test_distributions_alone_are_those_of_an_image() -> None:
    assert documents.to_mermaid(()) == 'flowchart LR\n  image(["the image"])\n'


def test_twenty_accounts_in_six_regions_are_one_branch() -> None:
    accounts = [f"{number:012}" for number in range(20)]
    ami = ibd.AmiDistributionConfiguration(target_account_ids=accounts)
    regions = ["us-west-2", "us-east-1", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1"]

    text = documents.to_mermaid(
        tuple(ibd.Distribution(region=each, ami_distribution_configuration=ami) for each in regions)
    )

    assert {name: node.lines for name, node in chart_of(text).items()} == {
        "image": ["the image"],
        "regions1": ["6 Regions", *regions],
        "copy1": ["20 accounts get a copy", *accounts[:5], "and 15 more"],
    }


def test_what_a_region_has_for_itself_stands_apart() -> None:
    common, special = (ibd.AmiDistributionConfiguration(target_account_ids=ids) for ids in (["1"], ["1", "2"]))
    west = ibd.Distribution(region="us-west-2", ami_distribution_configuration=common)
    east = ibd.Distribution(region="us-east-1", ami_distribution_configuration=special)

    nodes = chart_of(documents.to_mermaid((west, east)))

    assert {name: (node.source, node.lines[1:]) for name, node in nodes.items() if name != "image"} == {
        "regions1": ("image", ["us-west-2", "us-east-1"]),
        "copy1": ("regions1", ["1"]),
        "regions2": ("image", []),
        "copy2": ("regions2", ["2"]),
    }
    assert nodes["regions2"].lines == ["Region us-east-1"]


def test_regions_with_nothing_in_common_are_listed_together_all_the_same() -> None:
    nodes = chart_of(documents.to_mermaid((with_repository("b", "x"), with_repository("a", "y"))))

    assert [node.lines for node in nodes.values() if node.source == "image"] == [
        ["2 Regions", "b", "a"],
        ["Region b"],
        ["Region a"],
    ]


def test_a_region_that_is_there_twice_is_drawn_once() -> None:
    """
    The service rejects it; a picture doesn't.
    """
    distributions = (with_repository("b", "x"), with_repository("a", "y"), with_repository("b", "y"))

    nodes = chart_of(documents.to_mermaid(distributions))

    assert [node.lines for node in nodes.values() if node.source == "image"] == [["2 Regions", "b", "a"], ["Region b"]]


def with_ami(ami: ibd.AmiDistributionConfiguration) -> ibd.Distribution:
    return attrs.evolve(WHOLE, ami_distribution_configuration=ami)


def with_permission(permission: ibd.LaunchPermissionConfiguration) -> ibd.Distribution:
    return with_ami(attrs.evolve(complete(ibd.AmiDistributionConfiguration), launch_permission=permission))


@pytest.mark.parametrize(
    ("cls", "within", "not_drawn"),
    [
        (ibd.Distribution, lambda whole: whole, {"region"}),
        (ibd.AmiDistributionConfiguration, with_ami, {"name", "description", "ami_tags", "kms_key_id"}),
        (ibd.LaunchPermissionConfiguration, with_permission, set()),
    ],
)
def test_every_member_is_drawn_or_named_here(
    cls: type[Any], within: Callable[[Any], ibd.Distribution], not_drawn: set[str]
) -> None:
    names = {field.name for field in attrs.fields(cls)} - not_drawn

    texts = {each: documents.to_mermaid((within(attrs.evolve(complete(cls), **{each: None})),)) for each in names}

    assert documents.to_mermaid((WHOLE,)) not in texts.values()


def test_a_public_ami_has_a_red_border() -> None:
    text = documents.to_mermaid(EVERYTHING)

    assert chart_of(text)["public1"].lines == [EVERYBODY, "all"]
    assert "\n  style public1 stroke:red,stroke-width:4px\n" in text


def several() -> ibd.Distribution:
    numbers = range(1, 3)
    templates = [
        ibd.LaunchTemplateConfiguration(launch_template_id=f"lt-{number}", set_default_version=default)
        for number in numbers
        for default in (True, False)
    ]
    fast = [
        ibd.FastLaunchConfiguration(enabled=enabled, account_id=f"{number}")
        for number in numbers
        for enabled in (True, False)
    ]
    permission = ibd.LaunchPermissionConfiguration(
        user_ids=["1", "2"],
        user_groups=["a", "b"],
        organization_arns=["arn/o-1", "arn/o-2"],
        organizational_unit_arns=["arn/ou-1", "arn/ou-2"],
    )
    ami = ibd.AmiDistributionConfiguration(target_account_ids=["1", "2"], launch_permission=permission)
    return ibd.Distribution(
        region="us-west-2",
        ami_distribution_configuration=ami,
        launch_template_configurations=templates,
        fast_launch_configurations=fast,
        ssm_parameter_configurations=[ibd.SsmParameterConfiguration(parameter_name=name) for name in "ab"],
        license_configuration_arns=["arn:lic-1", "arn:lic-2"],
    )


def headings(*distributions: ibd.Distribution) -> list[str]:
    nodes = chart_of(documents.to_mermaid(distributions))
    return [node.lines[0] for node in nodes.values() if node.source and node.source != "image"]


def test_one_of_a_kind_has_a_heading() -> None:
    off = ibd.FastLaunchConfiguration(enabled=False)
    older = ibd.LaunchTemplateConfiguration(launch_template_id="lt-1")
    new = attrs.evolve(
        WHOLE,
        fast_launch_configurations=[*WHOLE.fast_launch_configurations, off],
        launch_template_configurations=[*WHOLE.launch_template_configurations, older],
    )

    assert headings(new) == [
        "1 account gets a copy",
        EVERYBODY,
        "1 account may launch it",
        "1 organization may launch it",
        "1 organizational unit may launch it",
        "1 launch template gets a new default version",
        "1 launch template gets a new version",
        "1 SSM parameter gets its id",
        "fast launch is on in 1 account",
        "fast launch is off in 1 account",
        "1 export to S3",
        "1 ECR repository gets the container",
        "1 license configuration is attached",
    ]


def test_several_of_a_kind_have_a_heading() -> None:
    assert headings(several()) == [
        "2 accounts get a copy",
        "2 groups may launch it",
        "2 accounts may launch it",
        "2 organizations may launch it",
        "2 organizational units may launch it",
        "2 launch templates get a new default version",
        "2 launch templates get a new version",
        "2 SSM parameters get its id",
        "fast launch is on in 2 accounts",
        "fast launch is off in 2 accounts",
        "2 license configurations are attached",
    ]


def test_the_docs_show_the_picture_that_they_describe() -> None:
    page = ROOT / "docs/files.md"
    examples = examples_of(page, PythonEvaluator())
    for each in examples:
        each.evaluate()

    assert f"```mermaid\n{examples[0].namespace['picture']}```\n" in page.read_text()


@pytest.mark.parametrize("configuration", [None, "us-west-2", (1,)])
def test_only_configurations_have_a_picture(configuration: Any) -> None:
    with pytest.raises(TypeError, match=r"^must be a request, a configuration, a Distribution or a list of them, not "):
        documents.to_mermaid(configuration)

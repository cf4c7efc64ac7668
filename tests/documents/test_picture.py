"""
A configuration's picture: a chart that Mermaid can read, with everything that a build does.
"""

import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import example, given

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from imagebuilder_dist.testing.examples import ARN, complete, minimal
from tests.samples import ami
from tests.strategies import accepted_distributions

# The part of Mermaid's language that pictures use, stricter than Mermaid's own.
TEXT = r"(?:[A-Za-z0-9/]|(?<=[A-Za-z0-9])[-_ ](?=[A-Za-z0-9])|#[0-9]+;|<br/>)+"
NODE = re.compile(rf'  (?P<name>image|[a-z_]+\d+)(?:\["(?P<label>{TEXT})"\]|\(\["(?P<root>{TEXT})"\]\))', re.ASCII)
EDGE = re.compile(r"  (\w+) --> (\w+)", re.ASCII)
STYLE = re.compile(r"  style (public\d+) stroke:red,stroke-width:4px", re.ASCII)
WEIRD = (
    'a"b`c` <b>&amp;#35;#quot; {{ imagebuilder:buildDate }} %%{init}%% $$x$$ \\n \u202e\n- 1. _x_ *y* | '
    "\ufb02\xb0\xb035\xb6\xdf \ud800\U0001f600"
)
EVERYTHING = complete(ibd.DistributionConfiguration)
(WHOLE,) = EVERYTHING.distributions


def chart_of(configuration: Any) -> dict[str, tuple[str | None, list[str]]]:
    """
    Return the nodes of a picture: where each one's arrow comes from, and the lines of its label.
    """
    header, *lines = documents.to_mermaid(configuration).removesuffix("\n").split("\n")
    assert header == "flowchart LR"
    nodes: dict[str, tuple[str | None, list[str]]] = {}
    for line in lines:
        if node := NODE.fullmatch(line):
            text = re.sub("#([0-9]+);", lambda code: chr(int(code[1])), node["label"] or node["root"])
            assert node["name"] not in nodes
            nodes[node["name"]] = None, text.split("<br/>")
        elif edge := EDGE.fullmatch(line):
            assert edge[1] in nodes
            nodes[edge[2]] = edge[1], nodes[edge[2]][1]
        else:
            style = STYLE.fullmatch(line)
            assert style, line
            assert nodes[style[1]][1][0] == "everybody may launch it"
    assert [name for name, (source, _) in nodes.items() if source is None] == ["image"]
    return nodes


def to(region: str, *accounts: str) -> ibd.Distribution:
    return ami(region, target_account_ids=accounts)


@example((to(WEIRD, WEIRD), to(" ", "- x"), to("- x", "fa:fa-car style:x#33;")))
@given(accepted_distributions.map(tuple))
def test_every_region_and_every_copy_is_drawn(distributions: tuple[ibd.Distribution, ...]) -> None:
    """
    Nothing in a configuration can break or forge the picture.
    """

    def shown(text: str) -> str:
        return "".join(c if c.isprintable() and c not in "\\$:\ufb02\xb6" else f"(U+{ord(c):04X})" for c in text)

    nodes = chart_of(distributions)

    regions = {
        name: {shown(each) for each in lines[1:]} or {lines[0].removeprefix("Region ")}
        for name, (source, lines) in nodes.items()
        if source == "image"
    }
    assert set().union(*regions.values()) == {shown(each.region) for each in distributions}
    # No strategy draws more than five copies in a Region, so all are listed.
    assert {
        (region, account)
        for name, (source, lines) in nodes.items()
        if source and name.startswith("copy")
        for region in regions[source]
        for account in lines[1:]
    } == {
        (shown(each.region), shown(account))
        for each in distributions
        for account in (
            each.ami_distribution_configuration or minimal(ibd.AmiDistributionConfiguration)
        ).target_account_ids
    }


def test_what_a_build_does_is_drawn() -> None:
    assert [lines for source, lines in chart_of(EVERYTHING).values() if source == "regions1"] == [
        ["1 account gets a copy", "111122223333"],
        ["everybody may launch it", "all"],
        ["1 account may launch it", "111122223333"],
        ["1 organization may launch it", "o-abcdefghij"],
        ["1 organizational unit may launch it", "ou-abcd-abcdefgh"],
        ["1 launch template gets a new default version", "lt-0123456789abcdef0 in 111122223333"],
        ["1 SSM parameter gets its id", "/ami/web in 111122223333"],
        ["fast launch is enabled in 1 account", "111122223333 with lt-0123456789abcdef0"],
        ["1 export to S3", "VHD to images/web/"],
        ["1 ECR repository gets the container", "web"],
        ["1 license configuration is attached", "lic-0123456789abcdef0123456789abcdef"],
    ]


def test_several_of_a_kind_are_counted() -> None:
    permission = ibd.LaunchPermissionConfiguration(user_groups=["a", "b"], user_ids=["1", "2"])
    configuration = ibd.Distribution(
        region="us-west-2",
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(launch_permission=permission),
        launch_template_configurations=[ibd.LaunchTemplateConfiguration(launch_template_id=each) for each in "ab"],
        fast_launch_configurations=[ibd.FastLaunchConfiguration(enabled=False, account_id=each) for each in "12"],
        ssm_parameter_configurations=[ibd.SsmParameterConfiguration(parameter_name=name) for name in "abcdefg"],
    )

    assert [lines for source, lines in chart_of(configuration).values() if source == "regions1"] == [
        ["2 groups may launch it", "a", "b"],
        ["2 accounts may launch it", "1", "2"],
        ["2 launch templates get a new version", "a", "b"],
        ["7 SSM parameters get its id", *"abcde", "and 2 more"],
        ["fast launch isn't enabled in 2 accounts", "1", "2"],
    ]


@pytest.mark.parametrize(
    ("distributions", "nodes"),
    [
        ([], {}),
        ([to("a", "1")], {"regions1": ["Region a"], "copy1": ["1 account gets a copy", "1"]}),
        (
            [to("b", "1"), to("a", "1", "2")],
            {
                "regions1": ["2 Regions", "b", "a"],
                "copy1": ["1 account gets a copy", "1"],
                "regions2": ["Region a"],
                "copy2": ["1 account gets a copy", "2"],
            },
        ),
        # The service rejects a Region that is there twice; a picture doesn't.
        (
            [to("b", "1"), to("a", "2"), to("b", "2")],
            {
                "regions1": ["2 Regions", "b", "a"],
                "regions2": ["Region b"],
                "copy1": ["1 account gets a copy", "2"],
                "copy2": ["1 account gets a copy", "1"],
            },
        ),
    ],
)
def test_what_regions_have_in_common_is_drawn_once(
    distributions: list[ibd.Distribution], nodes: dict[str, list[str]]
) -> None:
    assert {name: lines for name, (_, lines) in chart_of(distributions).items()} == {"image": ["the image"], **nodes}


@pytest.mark.parametrize(
    ("configuration", "name"),
    [
        (EVERYTHING, "web"),
        (attrs.evolve(EVERYTHING, name=None), ARN.split("/")[-1]),
        (EVERYTHING.to_request(), ARN.split("/")[-1]),
        (ibd.CreateDistributionConfigurationRequest(name="my web", distributions=[]), "my web"),
        (WHOLE, "the image"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_name_stands_at_the_root(configuration: Any, name: str) -> None:
    assert chart_of(configuration)["image"] == (None, [name])


@pytest.mark.parametrize(
    ("cls", "within", "not_drawn"),
    [
        (ibd.Distribution, lambda whole: whole, {"region"}),
        (
            ibd.AmiDistributionConfiguration,
            lambda whole: attrs.evolve(WHOLE, ami_distribution_configuration=whole),
            {"name", "description", "ami_tags", "kms_key_id"},
        ),
    ],
)
def test_every_member_is_drawn_or_named_here(
    cls: type[Any], within: Callable[[Any], ibd.Distribution], not_drawn: set[str]
) -> None:
    names = {field.name for field in attrs.fields(cls)} - not_drawn

    texts = {each: documents.to_mermaid(within(attrs.evolve(complete(cls), **{each: None}))) for each in names}

    assert documents.to_mermaid(WHOLE) not in texts.values()


@pytest.mark.parametrize("configuration", [None, "us-west-2", (1,)])
def test_only_configurations_have_a_picture(configuration: Any) -> None:
    with pytest.raises(TypeError, match=r"^configuration(\[0\])? must be a (list of )?Distribution, not "):
        documents.to_mermaid(configuration)

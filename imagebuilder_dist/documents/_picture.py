"""
A configuration as a Mermaid flowchart: a tree of the image, its Regions, and what a build does in them.

Effects with the same Regions share a branch. So what happens everywhere is drawn once, and what is special to a Region
stands out; with a node for each Region, dozens of arrows would cross.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import TypeAlias

from imagebuilder_dist import models
from imagebuilder_dist._common.text import counted

_SHOWN = 5


class _Kind(Enum):
    """A kind of effect: the heading of a node with one, and with several."""

    COPY = "1 account gets a copy", "{} accounts get a copy"
    PUBLIC = "everybody may launch it", ""
    GROUP = "1 group may launch it", "{} groups may launch it"
    ACCOUNT = "1 account may launch it", "{} accounts may launch it"
    ORGANIZATION = "1 organization may launch it", "{} organizations may launch it"
    UNIT = "1 organizational unit may launch it", "{} organizational units may launch it"
    DEFAULT = "1 launch template gets a new default version", "{} launch templates get a new default version"
    VERSION = "1 launch template gets a new version", "{} launch templates get a new version"
    PARAMETER = "1 SSM parameter gets its id", "{} SSM parameters get its id"
    FAST_LAUNCH = "fast launch is enabled in 1 account", "fast launch is enabled in {} accounts"
    NO_FAST_LAUNCH = "fast launch isn't enabled in 1 account", "fast launch isn't enabled in {} accounts"
    EXPORT = "1 export to S3", "{} exports to S3"
    REPOSITORY = "1 ECR repository gets the container", "{} ECR repositories get the container"
    LICENSE = "1 license configuration is attached", "{} license configurations are attached"

    def lines(self, texts: Sequence[str]) -> list[str]:
        """Return the heading, the first *texts*, and the number of the others."""
        one, several = self.value
        heading = one if len(texts) == 1 else several.format(len(texts))
        more = len(texts) - _SHOWN
        return [heading, *texts[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]


_Effect: TypeAlias = tuple[_Kind, str]


def to_mermaid(configuration: models.Configuration) -> str:
    """
    Return a picture of *configuration* as a Mermaid flowchart, which code hosts render in Markdown.

    It shows who gets the image and what a build changes: Regions, accounts that get a copy, who may launch the AMI,
    launch templates, SSM parameters, fast launch, exports to S3, repositories and license configurations. It doesn't
    show how the AMI is named, tagged and encrypted.

    What several Regions have in common is drawn once, starting with what all Regions have in common. A node lists up to
    five items and counts the rest. If everybody may launch the AMI, that node has a red border.

    Mermaid draws up to 500 arrows and 50,000 characters (`maxEdges` and `maxTextSize` in its configuration), far more
    than fits on a screen.

    >>> import attrs
    >>> web = models.AmiDistributionConfiguration(target_account_ids=["111122223333", "444455556666"])
    >>> west = models.Distribution(region="us-west-2", ami_distribution_configuration=web)
    >>> print(to_mermaid((west, attrs.evolve(west, region="eu-west-1"))))
    flowchart LR
      image(["the image"])
      regions1["2 Regions<br/>us-west-2<br/>eu-west-1"]
      image --> regions1
      copy1["2 accounts get a copy<br/>111122223333<br/>444455556666"]
      regions1 --> copy1
    <BLANKLINE>

    Args:
        configuration: A request, a stored configuration, or one or several distributions.

    Raises:
        TypeError:
            If *configuration* isn't one of these.
    """
    distributions = models.distributions_of(configuration)
    every: dict[str, int] = {}
    regions_by_effect: dict[_Effect, set[str]] = {}
    for each in distributions:
        every.setdefault(each.region, len(every))
        for effect in _effects(each):
            regions_by_effect.setdefault(effect, set()).add(each.region)
    # The branch of all Regions comes first, even if they have nothing in common.
    branches: dict[tuple[str, ...], dict[_Kind, list[str]]] = {tuple(every): {}} if every else {}
    for (kind, text), among in regions_by_effect.items():
        regions = tuple(sorted(among, key=every.__getitem__))
        branches.setdefault(regions, {}).setdefault(kind, []).append(text)
    lines = ["flowchart LR", f"  image([{_label([_name_of(configuration) or 'the image'])}])"]
    for number, (regions, kinds) in enumerate(branches.items(), 1):
        where = [counted(len(regions), "Region"), *regions] if len(regions) > 1 else [" ".join(["Region", *regions])]
        lines += [f"  regions{number}[{_label(where)}]", f"  image --> regions{number}"]
        for kind, texts in kinds.items():
            node = f"{kind.name.lower()}{number}"
            lines += [f"  {node}[{_label(kind.lines(texts))}]", f"  regions{number} --> {node}"]
            if kind is _Kind.PUBLIC:
                lines.append(f"  style {node} stroke:red,stroke-width:4px")
    return "\n".join(lines) + "\n"


def _name_of(configuration: object) -> str:
    arn = getattr(configuration, "arn", getattr(configuration, "distribution_configuration_arn", ""))
    return getattr(configuration, "name", None) or arn.rpartition("/")[2]


def _effects(distribution: models.Distribution) -> Iterator[_Effect]:
    ami = distribution.ami_distribution_configuration or models.AmiDistributionConfiguration()
    permission = ami.launch_permission or models.LaunchPermissionConfiguration()
    yield from ((_Kind.COPY, each) for each in ami.target_account_ids)
    yield from ((_Kind.PUBLIC if each == "all" else _Kind.GROUP, each) for each in permission.user_groups)
    yield from ((_Kind.ACCOUNT, each) for each in permission.user_ids)
    yield from ((_Kind.ORGANIZATION, _tail(each)) for each in permission.organization_arns)
    yield from ((_Kind.UNIT, _tail(each)) for each in permission.organizational_unit_arns)
    for template in distribution.launch_template_configurations:
        kind = _Kind.DEFAULT if template.set_default_version else _Kind.VERSION
        yield kind, _in_account(template.launch_template_id, template.account_id)
    for parameter in distribution.ssm_parameter_configurations:
        yield _Kind.PARAMETER, _in_account(parameter.parameter_name, parameter.ami_account_id)
    for fast_launch in distribution.fast_launch_configurations:
        yield _Kind.FAST_LAUNCH if fast_launch.enabled else _Kind.NO_FAST_LAUNCH, _fast_launch(fast_launch)
    if export := distribution.s3_export_configuration:
        yield _Kind.EXPORT, f"{export.disk_image_format} to {export.s3_bucket}/{export.s3_prefix or ''}"
    if container := distribution.container_distribution_configuration:
        yield _Kind.REPOSITORY, container.target_repository.repository_name
    yield from ((_Kind.LICENSE, _tail(each)) for each in distribution.license_configuration_arns)


def _in_account(name: str, account_id: str | None) -> str:
    return f"{name} in {account_id}" if account_id else name


def _fast_launch(configuration: models.FastLaunchConfiguration) -> str:
    account, template = configuration.account_id or "own account", configuration.launch_template
    name = template and (template.launch_template_id or template.launch_template_name)
    return f"{account} with {name}" if name else account


def _tail(arn: str) -> str:
    """Return the last part of *arn*, the name or id of the resource."""
    return re.split("[:/]", arn)[-1]


def _label(lines: Iterable[str]) -> str:
    return f'"{"<br/>".join(_UNSAFE.sub(_escape, line) for line in lines)}"'


# Mermaid reads labels as Markdown and HTML, so only characters without a meaning in either are written as they are;
# hyphens, underscores and spaces have none between letters and digits.
_UNSAFE = re.compile(r"[^A-Za-z0-9/_ -]|(?<![A-Za-z0-9])[_ -]|[_ -](?![A-Za-z0-9])")
# Mermaid interprets these even if they are written as codes: a line break `\n`, mathematics in dollar signs, an icon
# `fa:fa-...`, and the ligature and the paragraph sign that it marks codes with.
_READ_LATER = frozenset("\\$:\ufb02\xb6")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return f"#{code};" if char.isprintable() and char not in _READ_LATER else f"#40;U#43;{code:04X}#41;"

"""
One plan for many configurations.
"""

import json
import math
from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import FleetPlan, Target, edit_all, plan_all
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN

from .work import NEW, REGIONS, Inline, share, stored, writes


def planned(local: LocalImageBuilder, targets: list[Target], change: Any = share) -> FleetPlan:
    return plan_all(edit_all(targets, change, executor=Inline(), per_second=math.inf, dry_run=True))


def test_a_plan_shows_a_change_once_however_many_configurations_have_it(local: LocalImageBuilder) -> None:
    targets = stored(local, 3, regions=REGIONS)

    plan = planned(local, targets)

    assert str(plan) == (
        "6 configurations would change, 0 would stay the same\n"
        f"+ distributions[us-west-2].amiDistributionConfiguration.launchPermission.userIds (widens access): {NEW}"
        "  (6 configurations)"
    )
    assert plan.widens_access
    assert plan.changes[0].arns == tuple(target.arn for target in targets)
    assert repr(plan) == "<FleetPlan: 6 configurations would change, 0 would stay the same>"
    assert repr(plan.changes[0]).startswith("<CommonChange: + distributions[us-west-2].")
    assert not writes(local)[6:]


def describe_by_name(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    """Make the same change to all except web 1, and another one to web 0."""
    if stored.name == "web 1":
        return stored
    distributions = [*stored.distributions]
    if stored.name == "web 0":
        distributions.append(ibd.Distribution(region="eu-west-1", license_configuration_arns=[LICENCE]))
    return attrs.evolve(stored, description="New", distributions=distributions)


LICENCE = "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-" + "a" * 32


def test_different_changes_are_shown_separately(local: LocalImageBuilder) -> None:
    plan = planned(local, stored(local, 4), describe_by_name)

    assert str(plan).splitlines() == [
        "3 configurations would change, 1 would stay the same",
        "+ description: 'New'  (3 configurations)",
        "+ distributions[eu-west-1]  (1 configuration)",
        f"+   licenseConfigurationArns: {LICENCE}",
    ]
    assert not plan.widens_access


def test_one_change_in_several_regions_is_one_line(local: LocalImageBuilder, boto3_client: Any) -> None:
    distributions = [
        {"region": region, "amiDistributionConfiguration": {"description": "x"}} for region in (*REGIONS, "us-east-1")
    ]
    created = boto3_client.create_distribution_configuration(name="three", distributions=distributions)
    targets = [*stored(local, 1), Target(created["distributionConfigurationArn"], endpoint_url=local.url)]

    plan = planned(local, targets)

    assert str(plan).splitlines()[1:] == [
        "+ distributions[us-west-2, eu-west-1, us-east-1].amiDistributionConfiguration.launchPermission.userIds "
        f"(widens access): {NEW}  (2 configurations)"
    ]


def test_a_plan_says_what_could_not_be_planned(local: LocalImageBuilder) -> None:
    missing = Target(ARN, endpoint_url=local.url)

    plan = planned(local, [missing, *stored(local, 1)])

    head, report, cause, example, change = str(plan).splitlines()
    assert head == "1 configuration would change, 0 would stay the same"
    assert report == "1 of 2 targets succeeded, 1 failed"
    assert cause.startswith("ResourceNotFoundException in GetDistributionConfiguration: 1 target")
    assert example.startswith(f"  {ARN}: ")
    assert change.startswith("+ distributions")
    assert plan.to_markdown().splitlines()[:3] == [f"**{head}**", "", f"**{report}**"]


def test_a_long_plan_is_cut_and_what_widens_access_comes_first(local: LocalImageBuilder) -> None:
    def by_name(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
        changed = attrs.evolve(stored, description=f"of {stored.name}")
        return share(changed) if stored.name == "web 44" else changed

    plan = planned(local, stored(local, 45), by_name)

    lines = str(plan).splitlines()
    assert "(widens access)" in lines[1]
    assert len(lines) == 42
    assert lines[-1] == "  ... 6 more changes"
    assert len(plan.changes) == 46


def test_a_plan_in_markdown_has_a_diffs_colours(local: LocalImageBuilder) -> None:
    plan = planned(local, stored(local, 2), describe_again)

    assert plan.to_markdown().splitlines() == [
        "**2 configurations would change, 0 would stay the same**",
        "",
        "```diff",
        "! distributions[us-west-2].amiDistributionConfiguration.description: 'anything' -> 'another'  "
        "(2 configurations)",
        "```",
    ]
    assert planned(local, []).to_markdown() == "**0 configurations would change, 0 would stay the same**"


def describe_again(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    ami = ibd.AmiDistributionConfiguration(description="another")
    return attrs.evolve(
        stored, distributions=[ibd.Distribution(region="us-west-2", ami_distribution_configuration=ami)]
    )


def test_a_plan_in_json_has_everything(local: LocalImageBuilder) -> None:
    targets = stored(local, 2)

    document = json.loads(planned(local, targets).to_json())

    path = "distributions[us-west-2].amiDistributionConfiguration.launchPermission"
    (change,) = document.pop("changes")
    assert change.pop("text").startswith(f"+ {path}")
    assert change.pop("paths") == [path]
    assert change == {"widensAccess": True, "arns": [target.arn for target in targets]}
    assert document.pop("summary")["succeeded"] == 2
    assert document == {"version": 1, "changed": 2, "created": 0}

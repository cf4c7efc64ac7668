"""
The summary of a run, or the plan of a dry run: counts, shared changes, and errors by their cause.
"""

import json
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial
from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.fleet import EditJob, Outcome, Summary, Target, run, summary
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import LICENCE

from .work import ANY_PACE, NEW, REGIONS, UPDATE, Inline, made_up, share, stored


def planned(
    targets: list[Target], change: Callable[[ibd.DistributionConfiguration], ibd.DistributionConfiguration] = share
) -> Summary:
    return summary(run(EditJob(change, dry_run=True), targets, executor=Inline(), per_second=ANY_PACE))


def test_a_plan_shows_a_change_once_however_many_targets_have_it(local: LocalImageBuilder, boto3_client: Any) -> None:
    """
    If it is in several Regions, they share its line, too.
    """
    distributions = [
        {"region": region, "amiDistributionConfiguration": {"description": "x"}} for region in (*REGIONS, "us-east-1")
    ]
    created = boto3_client.create_distribution_configuration(name="three", distributions=distributions)
    three = Target(created["distributionConfigurationArn"], endpoint_url=local.url)
    targets = [*stored(local, 3), three]
    before = len(local.requests)

    plan = planned(targets)

    assert str(plan) == (
        "4 targets: 4 would be changed\n"
        "+ distributions[us-west-2, eu-west-1, us-east-1].amiDistributionConfiguration.launchPermission.userIds "
        f"(widens access): {NEW}  (4 targets in 1 account)"
    )
    assert {*plan.changes[0].targets} == {*targets}
    assert plan.changes[0].widens_access
    assert not any(each.applied for each in local.requests[before:])


def describe_by_name(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    """Make the same change to all except web 1, and another one to web 0."""
    if stored.name == "web 1":
        return stored
    distributions = [*stored.distributions]
    if stored.name == "web 0":
        distributions.append(ibd.Distribution(region="eu-west-1", license_configuration_arns=[LICENCE]))
    return attrs.evolve(stored, description="New", distributions=distributions)


def test_different_changes_are_shown_separately(local: LocalImageBuilder) -> None:
    plan = planned(stored(local, 4), describe_by_name)

    assert str(plan).splitlines() == [
        "4 targets: 1 unchanged, 3 would be changed",
        "+ description: 'New'  (3 targets in 1 account)",
        "+ distributions[eu-west-1]  (1 target in 1 account)",
        f"+   licenseConfigurationArns: {LICENCE}",
    ]
    assert not any(each.widens_access for each in plan.changes)


def test_a_long_plan_is_cut_and_what_widens_access_comes_first(local: LocalImageBuilder) -> None:
    def by_name(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
        changed = attrs.evolve(stored, description=f"of {stored.name}")
        return share(changed) if stored.name == "web 44" else changed

    plan = planned(stored(local, 45), by_name)

    lines = str(plan).splitlines()
    assert "(widens access)" in lines[1]
    assert len(lines) == 42
    assert lines[-1] == "... 6 more"
    assert len(plan.changes) == 46


def test_a_plan_in_markdown_has_a_diffs_colours(local: LocalImageBuilder) -> None:
    assert planned(
        stored(local, 2), partial(steps.set_ami_description, description="another")
    ).to_markdown().splitlines() == [
        "**2 targets: 2 would be changed**",
        "",
        "```diff",
        "! distributions[us-west-2].amiDistributionConfiguration.description: 'anything' -> 'another'  "
        "(2 targets in 1 account)",
        "```",
    ]
    assert planned([]).to_markdown() == "**0 targets**"


def test_errors_are_grouped_by_cause_with_an_example() -> None:
    targets = made_up(10, accounts=2)

    def fail(target: Target) -> str:
        number = targets.index(target)
        if number < 4:
            response = {"Error": {"Code": "AccessDeniedException", "Message": f"no {number}"}}
            raise ibd.AccessDeniedException(response, UPDATE)
        if number == 4:
            raise LookupError
        return target.arn

    report = summary(run(fail, targets, executor=Inline(), per_second=ANY_PACE))

    assert str(report).splitlines() == [
        "10 targets: 5 failed, 5 succeeded",
        "AccessDeniedException in UpdateDistributionConfiguration  (4 targets in 2 accounts)",
        f"  {ibd.AccessDeniedException.remedy}",
        f"  {targets[0].arn}: no 0",
        "LookupError  (1 target in 1 account)",
        f"  {targets[4].arn}",
    ]
    assert {*report.again} == {*targets[:5]}


def test_a_summary_in_json_has_everything(local: LocalImageBuilder) -> None:
    (good,) = stored(local, 1)
    bad, late, later = made_up(3)
    (plan,) = run(EditJob(share, dry_run=True), [good], executor=Inline())
    outcomes = [
        plan,
        Outcome[Any](target=bad, error=LookupError("`a`\n|b")),
        Outcome[Any](target=late, error=CancelledError("interrupted")),
        Outcome[Any](target=later, error=CancelledError("interrupted")),
    ]

    report = summary(outcomes)

    document = json.loads(report.to_json())
    (change,) = document.pop("changes")
    assert change.pop("text").startswith("+ distributions[us-west-2].")
    assert change == {"widensAccess": True, "arns": [good.arn]}
    assert document == {
        "version": 2,
        "counts": {"would be changed": 1, "failed": 1, "not begun": 2},
        "causes": [
            {"text": "not begun: interrupted", "widensAccess": False, "arns": [late.arn, later.arn]},
            {"text": f"LookupError\n  {bad.arn}: `a` |b", "widensAccess": False, "arns": [bad.arn]},
        ],
    }
    assert report.again == (late, later, bad)


def message_of(error: Exception) -> str:
    (target,) = made_up(1)
    return summary([Outcome[None](target=target, error=error)]).causes[0].text.rpartition(f"{target.arn}: ")[2]


def test_a_cause_says_what_its_first_error_says_on_one_line() -> None:
    issues = [ibd.Issue(("a",), "length", "error", "is too long", "x")]

    assert message_of(LookupError("one\n  two\x1b")) == "one two\\x1b"
    assert message_of(ValueError("x-amz-security-token=abc")) == "x-amz-security-token=***"
    assert message_of(ValueError("x" * 301)) == "x" * 300
    assert message_of(ibd.ValidationError(issues)) == "a: is too long"
    assert "it has none" in message_of(ibd.NotConfiguredError("Region", ["a"], []))

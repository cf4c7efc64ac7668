"""
Finding configurations, editing many, or bringing them all to one state.
"""

import pickle
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.fleet import (
    ApplyJob,
    EditJob,
    EnsureJob,
    Journal,
    Outcome,
    Summary,
    Target,
    discover,
    run,
    summary,
)
from imagebuilder_dist.testing import AnswerError, ChangedBySomebodyElse, LocalImageBuilder
from tests.faults import AddUnknownMembers
from tests.samples import ARN

from .work import ANY_PACE, NEW, REGIONS, ROLE, UPDATE, WEB, Inline, share, stored


def plans_of(job: Any, targets: list[Target]) -> list[Outcome[ibd.Plan]]:
    return [*run(job, targets, executor=Inline(), per_second=ANY_PACE)]


def report_of(job: Any, targets: list[Target]) -> Summary:
    return summary(plans_of(job, targets))


def heads_of(plan: Any, job: Any, targets: list[Target]) -> list[str]:
    """Plan, run and run again; return the first lines of the reports."""
    return [str(report_of(each, targets)).splitlines()[0] for each in (plan, job, job)]


def writes(local: LocalImageBuilder) -> list[str]:
    return [str(request.operation) for request in local.requests if request.applied]


def test_an_edit_writes_what_differs_and_nothing_the_second_time(local: LocalImageBuilder) -> None:
    heads = heads_of(EditJob(share, dry_run=True), EditJob(share), stored(local, 3))

    assert heads == ["3 targets: 3 would be changed", "3 targets: 3 changed", "3 targets: 3 unchanged"]
    assert writes(local) == [UPDATE] * 3


def test_plans_are_applied_as_they_were_shown(local: LocalImageBuilder) -> None:
    """
    One target was changed since, one couldn't be planned, and one had nothing to do.
    """
    first, second, third = targets = stored(local, 3)
    report_of(EditJob(share), [third])
    missing = Target(f"{third.arn}-2", endpoint_url=local.url)
    planned = plans_of(EditJob(share, dry_run=True), [*targets, missing])
    local.client().update_distribution_configuration(first.arn, [WEB], description="theirs")
    before = len(local.requests)

    done = plans_of(ApplyJob(planned), [*targets, missing])

    errors = {each.target: type(each.error) for each in done if each.error is not None}
    assert errors == {first: ibd.ConcurrentModificationError, missing: ibd.ResourceNotFoundException}
    assert str(summary(done)).splitlines()[0] == "4 targets: 1 changed, 2 failed, 1 unchanged"
    since = local.requests[before:]
    assert [each.parameters["distributionConfigurationArn"] for each in since if each.applied] == [second.arn]
    assert missing.arn not in str([each.parameters for each in since])
    assert plans_of(ApplyJob(planned), [second])[0].error is None  # and is written only once
    assert type(plans_of(ApplyJob([]), [second])[0].error) is KeyError


def test_plans_that_create_are_applied(local: LocalImageBuilder) -> None:
    request = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB])
    target = Target(f"{ARN.rpartition('/')[0]}/web", endpoint_url=local.url)

    done = plans_of(ApplyJob(plans_of(EnsureJob(request, dry_run=True), [target])), [target])

    assert summary(done).counts == {"created": 1}
    assert [each.arn for each in local.stored()] == [target.arn]


def test_a_journal_belongs_to_the_plans(local: LocalImageBuilder, tmp_path: Path) -> None:
    targets = stored(local, 2)
    job = ApplyJob(plans_of(EditJob(share, dry_run=True), targets))
    unshare = EditJob(partial(steps.remove_launch_permissions, user_ids=[NEW], missing_ok=True), dry_run=True)
    path = tmp_path / "journal"
    list(run(job, targets[:1], executor=Inline(), journal=Journal(path)))

    again = summary(run(pickle.loads(pickle.dumps(job)), targets, executor=Inline(), journal=Journal(path)))  # noqa: S301 - our own

    assert again.counts == {"done earlier": 1, "changed": 1}
    with pytest.raises(ValueError, match="it belongs to another job"):
        run(ApplyJob(plans_of(unshare, targets)), targets, executor=Inline(), journal=Journal(path))


def test_a_worker_gets_the_plan_of_its_target_only(local: LocalImageBuilder) -> None:
    submitted: list[int] = []

    class Measuring(Inline):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            submitted.append(len(pickle.dumps(args)))
            return super().submit(fn, *args, **kwargs)

    targets = stored(local, 20)
    planned = plans_of(EditJob(share, dry_run=True), targets)
    list(run(ApplyJob(planned), targets, executor=Measuring(), per_second=ANY_PACE))

    assert max(submitted) < len(pickle.dumps(planned)) / 4


def test_a_step_without_its_arguments_is_every_targets_error(local: LocalImageBuilder) -> None:
    report = report_of(EditJob(steps.add_launch_permissions), stored(local, 2))

    assert str(report).splitlines()[:2] == ["2 targets: 2 failed", "TypeError  (2 targets in 1 account)"]
    assert writes(local) == []


def test_an_edit_that_others_interfere_with_gives_up_in_the_end(local: LocalImageBuilder) -> None:
    fault = ChangedBySomebodyElse(lambda theirs: attrs.evolve(theirs, description=str(len(local.requests))))
    targets = stored(local, 1)
    local.inject(fault, operation="GetDistributionConfiguration", times=10)

    report = report_of(EditJob(share, max_conflicts=1), targets)

    assert str(report).splitlines()[1].startswith("ConcurrentModificationError")
    assert len(local.requests) == 2


REQUEST = ibd.CreateDistributionConfigurationRequest(name="web 0", distributions=[WEB], description="Web")


def test_an_ensure_creates_or_updates_in_every_account_and_region(local: LocalImageBuilder) -> None:
    (there,) = stored(local, 1)
    abroad = Target(there.arn.replace("us-west-2", "eu-west-1"), endpoint_url=local.url)

    heads = heads_of(EnsureJob(REQUEST, dry_run=True), EnsureJob(REQUEST), [there, abroad])

    assert heads == [
        "2 targets: 1 would be changed, 1 would be created",
        "2 targets: 1 changed, 1 created",
        "2 targets: 2 unchanged",
    ]
    assert writes(local) == [UPDATE, "CreateDistributionConfiguration"]


def test_an_ensure_keeps_tags_unless_it_has_some(local: LocalImageBuilder) -> None:
    (target,) = stored(local, 1)
    client = target.client()
    client.tag_resource(target.arn, {"team": "web"})

    report_of(EnsureJob(REQUEST), [target])
    kept = client.list_tags_for_resource(target.arn).tags
    report_of(EnsureJob(attrs.evolve(REQUEST, tags={"team": "new"})), [target])

    assert kept == {"team": "web"}
    assert client.list_tags_for_resource(target.arn).tags == {"team": "new"}


def test_an_ensure_of_another_name_is_its_targets_error(local: LocalImageBuilder) -> None:
    (outcome,) = run(EnsureJob(REQUEST), [Target(ARN, endpoint_url=local.url)], executor=Inline())

    assert str(outcome.error) == (f"the name 'web 0' maps to the ARN {ARN[:-1]}web-0, not to the target's {ARN}")
    assert not local.requests


@pytest.mark.parametrize(("cls", "what"), [(EditJob, share), (EnsureJob, REQUEST)])
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_not_modelled_is_dropped_only_if_that_is_allowed(
    local: LocalImageBuilder, cls: Any, what: Any, dry_run: bool
) -> None:
    targets = stored(local, 1)
    local.inject(AddUnknownMembers(), operation="GetDistributionConfiguration", times=10)

    rejected = report_of(cls(what, dry_run=dry_run), targets)
    allowed = report_of(cls(what, dry_run=dry_run, allow_unmodelled=True), targets)

    assert (rejected.counts, allowed.counts["failed"]) == ({"failed": 1}, 0)


def test_the_configurations_of_all_accounts_and_regions_are_found_and_mixed(local: LocalImageBuilder) -> None:
    targets = stored(local, 30, regions=REGIONS)
    role = ROLE.format("123456789012")

    found = discover([role, None], REGIONS, executor=Inline(), endpoint_url=local.url, external_id="of two")

    named = discover([None], REGIONS, executor=Inline(), endpoint_url=local.url, name="web 1")

    assert {*named.targets} == {targets[1], targets[31]}
    assert str(found) == "Discovery(targets=120 configurations, errors={})"
    assert [(each.role_arn, each.external_id, each.region_name) for each in found.targets[:4]] == [
        (role, "of two", "us-west-2"),
        (role, "of two", "eu-west-1"),
        (None, None, "us-west-2"),
        (None, None, "eu-west-1"),
    ]
    assert {each.endpoint_url for each in found.targets} == {local.url}
    assert [request.operation for request in local.requests].count("AssumeRole") == 1


def test_what_cannot_be_listed_is_reported(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile team]\naws_access_key_id = TEAM\naws_secret_access_key = a secret\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    stored(local, 1)
    local.inject(AnswerError("AccessDeniedException"), operation="ListDistributionConfigurations")

    found = discover([None, "team", "nobody", "333333333333"], ["us-west-2"], executor=Inline(), endpoint_url=local.url)

    assert [each.profile for each in found.targets] == ["team"]
    assert {key: type(error) for key, error in found.errors.items()} == {
        ("own account", "us-west-2"): ibd.AccessDeniedException,
        ("nobody", "us-west-2"): ibd.ConfigurationError,
        ("333333333333", "us-west-2"): ibd.ConfigurationError,
    }
    advice = "pass a role's ARN or a profile, not an account id"
    assert [name for (name, _), error in found.errors.items() if advice in str(error)] == ["333333333333"]
    assert str(found).startswith("Discovery(targets=1 configuration, errors={('own account', 'us-west-2'): Access")


@pytest.mark.parametrize(
    ("accounts", "regions", "expected"),
    [
        ("one", REGIONS, "accounts must be a list of strings, not 'one' "),
        ([111122223333], REGIONS, r"accounts\[0\] must be a string, not 111122223333 "),
        (["one"], iter(REGIONS), "regions must be a list of strings, not <"),
    ],
)
def test_what_is_not_a_list_of_names_is_rejected(accounts: Any, regions: Any, expected: str) -> None:
    with pytest.raises(TypeError, match=expected):
        discover(accounts, regions, executor=Inline())

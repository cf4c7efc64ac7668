"""
Editing many configurations, or bringing them all to one state.
"""

import math
from functools import partial
from pathlib import Path

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.fleet import Journal, Target, edit_all, ensure_all, plan_all, summary
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN

from .work import NEW, UPDATE, Inline, share, stored, writes

WEB = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())


def test_an_edit_writes_what_differs_and_nothing_the_second_time(local: LocalImageBuilder) -> None:
    targets = stored(local, 3)

    first, second = ([*edit_all(targets, share, executor=Inline(), per_second=math.inf)] for _ in range(2))

    assert all(each.result and each.result.result for each in first)
    assert all(each.result and not each.result.changes for each in second)
    assert writes(local)[3:] == [UPDATE] * 3
    assert str(summary([*first, second[0]])) == "4 of 4 targets succeeded (3 written, 1 unchanged)"
    assert str(plan_all([*first, second[0]])).startswith("3 configurations changed, 1 stayed the same\n")


def test_a_removal_that_was_stored_but_not_noted_is_resumed(local: LocalImageBuilder, tmp_path: Path) -> None:
    targets = stored(local, 3)
    list(edit_all(targets, share, executor=Inline(), per_second=math.inf))
    unshare = partial(steps.remove_launch_permissions, user_ids=[NEW], missing_ok=True)
    path = tmp_path / "journal"
    list(edit_all(targets, unshare, executor=Inline(), per_second=math.inf, journal=Journal(path), window=1))
    path.write_text(path.read_text().rpartition('{"done"')[0])  # killed before it was noted

    resumed = [*edit_all(targets, unshare, executor=Inline(), per_second=math.inf, journal=Journal(path))]

    assert [each.error for each in resumed] == [None] * 3
    assert [each.earlier for each in resumed].count(False) == 1


def test_a_step_without_its_arguments_is_every_targets_error(local: LocalImageBuilder) -> None:
    (outcome,) = edit_all(stored(local, 1), steps.add_launch_permissions, executor=Inline())

    assert isinstance(outcome.error, TypeError)
    assert len(writes(local)) == 1


REQUEST = ibd.CreateDistributionConfigurationRequest(name="web 0", distributions=[WEB], description="Web")


def test_an_ensure_creates_or_updates_in_every_account_and_region(local: LocalImageBuilder) -> None:
    (there,) = stored(local, 1)
    abroad = Target(there.arn.replace("us-west-2", "eu-west-1"), endpoint_url=local.url)

    plan = plan_all(ensure_all([there, abroad], REQUEST, executor=Inline(), dry_run=True))
    done = [*ensure_all([there, abroad], REQUEST, executor=Inline())]

    assert str(plan).startswith("2 configurations would change (1 would be created), 0 would stay the same\n")
    assert [each.result and each.result.created for each in done] == [False, True]
    assert (plan.summary.written, summary(done).written) == (0, 2)
    assert str(plan_all(done)).startswith("2 configurations changed (1 created), 0 stayed the same\n")
    assert writes(local)[1:] == [UPDATE, "CreateDistributionConfiguration"]


def test_an_ensure_keeps_tags_unless_it_has_some(local: LocalImageBuilder) -> None:
    (target,) = stored(local, 1)
    client = target.client()
    client.tag_resource(target.arn, {"team": "web"})

    list(ensure_all([target], REQUEST, executor=Inline()))
    kept = client.list_tags_for_resource(target.arn).tags
    list(ensure_all([target], attrs.evolve(REQUEST, tags={"team": "new"}), executor=Inline()))

    assert kept == {"team": "web"}
    assert client.list_tags_for_resource(target.arn).tags == {"team": "new"}


def test_an_ensure_of_another_name_is_its_targets_error(local: LocalImageBuilder) -> None:
    (outcome,) = ensure_all([Target(ARN, endpoint_url=local.url)], REQUEST, executor=Inline())

    assert str(outcome.error) == (f"the name 'web 0' maps to the ARN {ARN[:-1]}web-0, not to the target's {ARN}")
    assert not local.requests


def test_anything_but_a_request_is_rejected() -> None:
    with pytest.raises(TypeError, match="request must be a CreateDistributionConfigurationRequest, not 'web' "):
        ensure_all([], "web", executor=Inline())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

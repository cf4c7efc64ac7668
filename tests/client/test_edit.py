"""
Edits against the real endpoint: what they write, and how they treat other writers.
"""

from typing import Any, cast

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, steps
from tests.samples import ANYTHING, EUROPE, EVERYTHING

from .edited import described


def test_an_edit_changes_one_thing_and_keeps_the_rest(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    edit = client.edit_distribution_configuration(
        arn, lambda stored: steps.add_launch_permissions(stored, user_ids=["777788889999"], regions=["eu-west-1"])
    )

    stored = client.get_distribution_configuration(arn)
    assert stored.distributions == edit.after.distributions
    assert stored.distributions[0] == EVERYTHING
    assert (stored.description, stored.name, stored.tags) == ("d", "web", {"a": "b"})
    assert [str(change) for change in edit.changes] == [
        "+ distributions[eu-west-1].amiDistributionConfiguration.launchPermission.userIds (widens access): 777788889999"
    ]
    assert edit.result is not None
    assert edit.result.distribution_configuration_arn == arn


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: stored,
        lambda stored: attrs.evolve(stored, distributions=stored.distributions[::-1]),
    ],
)
def test_an_edit_that_changes_nothing_writes_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str], change: Any
) -> None:
    edit = client.edit_distribution_configuration(arn, change)

    assert not edit.changes
    assert edit.result is None
    assert writes == []


def test_a_dry_run_writes_nothing_and_says_what_would_change(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    edit = client.edit_distribution_configuration(arn, described("new"), dry_run=True)

    assert str(edit.changes) == "the description changes\n~ description: 'd' -> 'new'"
    assert edit.result is None
    assert writes == []


def test_an_edit_that_is_wrong_writes_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.edit_distribution_configuration(arn, lambda stored: steps.add_launch_permissions(stored, user_ids=["1"]))

    assert [issue.path for issue in caught.value.issues if issue.severity == "error"] == [
        "distributions[0].amiDistributionConfiguration.launchPermission.userIds[2]",
        "distributions[1].amiDistributionConfiguration.launchPermission.userIds[0]",
    ]
    assert writes == []


@pytest.mark.parametrize(
    ("members", "paths"),
    [({"name": "other"}, ["name"]), ({"tags": {}, "arn": "x"}, ["arn", "tags"])],
)
def test_what_an_update_cannot_change_is_rejected(
    client: ibd.DistributionConfigurationClient, arn: str, members: dict[str, Any], paths: list[str]
) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.edit_distribution_configuration(arn, lambda stored: attrs.evolve(stored, **members))

    assert [issue.path for issue in caught.value.issues] == paths


def test_a_change_that_returns_something_else_is_a_type_error(
    client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    with pytest.raises(TypeError, match="change's return value must be a DistributionConfiguration, not None"):
        client.edit_distribution_configuration(arn, cast(Any, lambda _: None))
    with pytest.raises(ValueError, match="max_conflicts must be 1 or more, not 0"):
        client.edit_distribution_configuration(arn, described("x"), max_conflicts=0)


def test_somebody_else_s_change_is_not_overwritten(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    def interrupted(stored: DistributionConfiguration) -> DistributionConfiguration:
        boto3_client.update_distribution_configuration(distributionConfigurationArn=arn, distributions=ANYTHING)
        return attrs.evolve(stored, description="mine")

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        client.edit_distribution_configuration(arn, interrupted, max_conflicts=1)

    assert caught.value.expected == attrs.evolve(cast(Any, caught.value.expected), distributions=[EVERYTHING, EUROPE])
    assert cast(Any, caught.value.found).distributions[0].region == "us-west-2"
    assert client.get_distribution_configuration(arn).description is None


def test_the_change_is_made_to_the_newer_one_where_asked(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    calls: list[DistributionConfiguration] = []

    def interrupted(stored: DistributionConfiguration) -> DistributionConfiguration:
        calls.append(stored)
        if len(calls) < 3:
            ibd.DistributionConfigurationClient(boto3_client).update_distribution_configuration(
                arn, [EUROPE], description=str(len(calls))
            )
        return steps.add_launch_permissions(stored, user_ids=["777788889999"], regions=["eu-west-1"])

    edit = client.edit_distribution_configuration(arn, interrupted, max_conflicts=3)

    assert len(calls) == 3
    assert edit.before is not None
    assert edit.before.description == "2"
    assert client.get_distribution_configuration(arn).distributions == edit.after.distributions


def test_a_dry_run_rejects_what_the_write_would(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    with pytest.raises(ibd.ValidationError):
        client.edit_distribution_configuration(arn, described("x" * 3000), dry_run=True)
    with pytest.raises(ibd.ValidationError):
        client.ensure_distribution_configuration("web", [], dry_run=True)


def test_an_edit_inside_an_edit_is_a_concurrent_one(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    def outer(stored: DistributionConfiguration) -> DistributionConfiguration:
        client.edit_distribution_configuration(arn, described("inner"))
        return attrs.evolve(stored, description="outer")

    with pytest.raises(ibd.ConcurrentModificationError):
        client.edit_distribution_configuration(arn, outer, max_conflicts=1)

    assert client.get_distribution_configuration(arn).description == "inner"

"""
Edits: what they write, and that nothing that isn't modelled is lost unnoticed.
"""

from typing import Any, cast
from unittest.mock import Mock

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, steps
from imagebuilder_dist.testing import Exchange, LocalImageBuilder, Reply
from tests.samples import ANYTHING, ARN, EUROPE, EVERYTHING

from .helpers import UPDATE, described


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
    "change", [lambda stored: stored, lambda stored: attrs.evolve(stored, distributions=stored.distributions[::-1])]
)
def test_an_edit_that_changes_nothing_and_a_dry_run_write_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str], change: Any
) -> None:
    same = client.edit_distribution_configuration(arn, change)
    dry = client.edit_distribution_configuration(arn, described("new"), dry_run=True)

    assert not same.changes
    assert str(dry.changes) == "the description changes\n~ description: 'd' -> 'new'"
    assert (same.result, dry.result, writes) == (None, None, [])


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("members", "paths"),
    [({"description": "x" * 3000}, ["description"]), ({"tags": {}, "arn": "x", "name": "y"}, ["arn", "name", "tags"])],
)
def test_an_edit_that_is_wrong_or_that_no_update_can_make_writes_nothing(
    client: ibd.DistributionConfigurationClient,
    arn: str,
    writes: list[str],
    members: Any,
    paths: list[str],
    dry_run: Any,
) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.edit_distribution_configuration(arn, lambda stored: attrs.evolve(stored, **members), dry_run=dry_run)

    assert [issue.path for issue in caught.value.issues if issue.severity == "error"] == paths
    assert writes == []


def test_a_change_that_returns_something_else_is_a_type_error(
    client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    with pytest.raises(TypeError, match="change's return value must be a DistributionConfiguration, not None"):
        client.edit_distribution_configuration(arn, cast(Any, lambda _: None))
    with pytest.raises(ValueError, match="max_conflicts must be 1 or more, not 0"):
        client.edit_distribution_configuration(arn, described("x"), max_conflicts=0)


def teach(local: LocalImageBuilder, arn: str, **members: Any) -> None:
    """Make the endpoint store and return unmodelled settings in the first Region."""
    shown: Any = local.boto3_client().get_distribution_configuration(distributionConfigurationArn=arn)
    stored = shown["distributionConfiguration"]
    first, *rest = stored["distributions"]
    local.put({**stored, "distributions": [{**first, **members}, *rest]})


def test_somebody_else_s_setting_that_nobody_models_is_not_overwritten(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    def interrupted(stored: DistributionConfiguration) -> DistributionConfiguration:
        teach(local, arn, hue="blue")
        return attrs.evolve(stored, description="mine")

    with pytest.raises(ibd.ConcurrentModificationError):
        client.edit_distribution_configuration(arn, interrupted, max_conflicts=1)
    with pytest.raises(ibd.UnmodelledSettingsError):
        client.edit_distribution_configuration(arn, interrupted, max_conflicts=2)

    assert writes == []


def test_an_edit_drops_what_nobody_models_only_when_told_to(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    teach(local, arn, hue={"shade": 1}, amiDistributionConfiguration={"shade": 1, "amiTags": {"hue": "blue"}})

    for dry_run in (True, False):
        with pytest.raises(ibd.UnmodelledSettingsError) as caught:
            client.edit_distribution_configuration(arn, described("new"), dry_run=dry_run)
    still = client.get_distribution_configuration(arn).unmodelled
    client.edit_distribution_configuration(arn, described("new"), allow_unmodelled=True)

    paths = ("distributions[0].amiDistributionConfiguration.shade", "distributions[0].hue")
    assert caught.value.paths == still == paths
    assert str(caught.value) == (
        f"the update would drop settings that this library doesn't know: {', '.join(paths)}; "
        "upgrade imagebuilder_dist, which may know them by now; in Python, allow_unmodelled=True drops them "
        f"(UpdateDistributionConfiguration of {arn})"
    )
    assert client.get_distribution_configuration(arn).unmodelled == ()


def test_behind_a_fake_nobody_knows_what_is_not_modelled() -> None:
    stored = {"distributionConfiguration": {"arn": ARN, "distributions": ANYTHING}}
    fake = Mock(spec=["get_distribution_configuration", "update_distribution_configuration"])
    fake.get_distribution_configuration.return_value = stored
    fake.update_distribution_configuration.return_value = {}
    client = ibd.DistributionConfigurationClient(fake)

    edit = client.edit_distribution_configuration(ARN, described("new"))

    assert edit.before is not None
    assert edit.before.unmodelled is None
    assert fake.update_distribution_configuration.call_args.kwargs["description"] == "new"


def test_what_was_wrong_before_does_not_stop_an_edit_elsewhere(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    """
    The service is the judge of whatever the edit doesn't touch.
    """
    teach(local, arn, amiDistributionConfiguration={"name": "legacy", "kmsKeyId": "k"})

    with pytest.raises(ibd.InvalidParameterValueException) as rejected:
        client.edit_distribution_configuration(
            arn, lambda stored: attrs.evolve(stored, description="new", distributions=stored.distributions[::-1])
        )
    with pytest.raises(ibd.ValidationError):
        client.edit_distribution_configuration(
            arn, lambda stored: steps.copy_region(stored, "us-west-2", ["sa-east-1"])
        )

    assert rejected.value.parameter == "distributions[1].amiDistributionConfiguration.name"
    assert writes == [UPDATE]


@pytest.mark.parametrize("is_taken", [False, True], ids=["no update takes it", "an update takes it"])
def test_what_is_at_the_top_can_be_lost_only_if_an_update_would_take_it(
    local: LocalImageBuilder, boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str, is_taken: bool
) -> None:
    """
    Whether the service stores it or only shows it is known from the installed botocore's model.
    """
    model = boto3_client.meta.service_model
    shown = model.operation_model("GetDistributionConfiguration").output_shape.members["distributionConfiguration"]
    shown.members["hue"] = shown.members["description"]
    if is_taken:
        model.operation_model("UpdateDistributionConfiguration").input_shape.members["hue"] = shown.members["hue"]

    class Shown:
        def answer(self, exchange: Exchange, /) -> Reply:
            reply = exchange.answer()
            return attrs.evolve(reply, body=reply.body.replace(b'"name"', b'"hue": "blue", "name"', 1))

    local.inject(Shown(), times=99, operation="GetDistributionConfiguration")

    stored = client.get_distribution_configuration(arn)
    if is_taken:
        with pytest.raises(ibd.UnmodelledSettingsError):
            client.ensure_distribution_configuration("web", [EUROPE])
    ensured = client.ensure_distribution_configuration("web", [EUROPE], allow_unmodelled=is_taken)

    assert ("hue" in (stored.unmodelled or ())) is is_taken
    assert ensured.changes

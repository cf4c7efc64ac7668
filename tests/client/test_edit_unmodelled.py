"""
Edits of configurations with unmodelled settings: nothing is lost unnoticed.
"""

import json
import logging
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, steps
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING, ARN, EUROPE

from .edited import described


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


def test_plain_boto3_wipes_unmodelled_settings_and_an_edit_rejects_that(
    local: LocalImageBuilder, boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    teach(local, arn, hue={"shade": 1})

    before = client.get_distribution_configuration(arn)
    with pytest.raises(ibd.UnmodelledSettingsError) as caught:
        client.edit_distribution_configuration(arn, described("new"))
    with pytest.raises(ibd.UnmodelledSettingsError):
        client.edit_distribution_configuration(arn, described("new"), dry_run=True)
    still = client.get_distribution_configuration(arn).unmodelled
    # Get, change, update, as everybody writes it by hand.
    plain = boto3_client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]
    boto3_client.update_distribution_configuration(
        distributionConfigurationArn=arn, distributions=plain["distributions"], description="new"
    )

    assert before.unmodelled == ("distributions[0].hue",)
    assert caught.value.paths == ("distributions[0].hue",)
    assert str(caught.value) == (
        "the update would drop settings that this library doesn't know: distributions[0].hue; "
        "upgrade imagebuilder_dist, which may know them by now; in Python, allow_unmodelled=True drops them "
        f"(UpdateDistributionConfiguration of {arn})"
    )
    assert still == ("distributions[0].hue",)
    assert client.get_distribution_configuration(arn).unmodelled == ()


def with_last_used(boto3_client: Any, local: LocalImageBuilder, member: str) -> None:
    """Make get return a new top-level member that the installed botocore knows."""
    output = boto3_client.meta.service_model.operation_model("GetDistributionConfiguration").output_shape
    shown = output.members["distributionConfiguration"].members
    shown[member] = shown["dateCreated"]

    class Used:
        def answer(self, exchange: Any) -> Any:
            reply = exchange.answer()
            body = json.loads(reply.body)
            body["distributionConfiguration"][member] = "2026-11-24"
            return attrs.evolve(reply, body=json.dumps(body).encode())

    local.inject(Used(), times=99, operation="GetDistributionConfiguration")


def test_what_botocore_shows_and_no_update_takes_cannot_be_lost(
    local: LocalImageBuilder, boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    with_last_used(boto3_client, local, "lastUsed")

    edit = client.edit_distribution_configuration(arn, described("new"))
    ensured = client.ensure_distribution_configuration("web", [EUROPE])

    assert edit.before is not None
    assert edit.before.unmodelled == ()
    assert edit.result is not None
    assert ensured.changes


def test_what_an_update_would_take_can_be_lost(
    local: LocalImageBuilder, boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    update = boto3_client.meta.service_model.operation_model("UpdateDistributionConfiguration").input_shape
    update.members["hue"] = update.members["description"]
    with_last_used(boto3_client, local, "hue")

    with pytest.raises(ibd.UnmodelledSettingsError) as caught:
        client.ensure_distribution_configuration("web", [EUROPE])
    ensured = client.ensure_distribution_configuration("web", [EUROPE], allow_unmodelled=True)

    assert caught.value.paths == ("hue",)
    assert arn in str(caught.value)
    assert ensured.changes


def test_an_edit_loses_what_nobody_models_only_when_told_to(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    teach(local, arn, hue="blue")

    client.edit_distribution_configuration(arn, described("new"), allow_unmodelled=True)

    assert client.get_distribution_configuration(arn).unmodelled == ()


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("amiDistributionConfiguration", {"hue": 1}, "amiDistributionConfiguration.hue"),
        (
            "launchTemplateConfigurations",
            [{"launchTemplateId": "lt-1"}, {"launchTemplateId": "lt-2", "hue": None, "shade": 0}],
            "launchTemplateConfigurations[1].shade",
        ),
        ("amiDistributionConfiguration", {"amiTags": {"hue": "blue"}, "targetAccountIds": ["1"]}, None),
    ],
)
def test_what_nobody_models_is_found_at_every_depth(
    local: LocalImageBuilder,
    client: ibd.DistributionConfigurationClient,
    arn: str,
    member: str,
    value: Any,
    path: str | None,
) -> None:
    teach(local, arn, **{member: value})

    assert client.get_distribution_configuration(arn).unmodelled == (
        () if path is None else (f"distributions[0].{path}",)
    )


def test_behind_a_fake_nobody_knows_what_is_not_modelled() -> None:
    class Fake:
        def __init__(self) -> None:
            self.written: list[Any] = []

        def get_distribution_configuration(self, **_: Any) -> Any:
            return {"distributionConfiguration": {"arn": ARN, "distributions": ANYTHING}}

        def update_distribution_configuration(self, **parameters: Any) -> Any:
            self.written.append(parameters)
            return {}

    fake: Any = Fake()
    client = ibd.DistributionConfigurationClient(fake)

    assert client.get_distribution_configuration(ARN).unmodelled is None
    client.edit_distribution_configuration(ARN, described("new"))
    assert [each["description"] for each in fake.written] == ["new"]


def test_what_was_wrong_before_does_not_stop_an_edit_elsewhere(
    local: LocalImageBuilder,
    client: ibd.DistributionConfigurationClient,
    arn: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    The service is the judge of whatever the edit doesn't touch.
    """
    teach(local, arn, amiDistributionConfiguration={"name": "legacy", "kmsKeyId": "k"})

    with pytest.raises(ibd.InvalidParameterValueException) as rejected:
        client.edit_distribution_configuration(arn, described("new"))
    monkeypatch.setattr("imagebuilder_dist.testing._service.check_rules", lambda _: None)
    with caplog.at_level(logging.WARNING, logger="imagebuilder_dist"):
        client.edit_distribution_configuration(
            arn, lambda stored: attrs.evolve(stored, description="new", distributions=stored.distributions[::-1])
        )
    with pytest.raises(ibd.ValidationError):
        client.edit_distribution_configuration(
            arn, lambda stored: steps.copy_region(stored, "us-west-2", ["sa-east-1"])
        )

    assert rejected.value.parameter == "distributions[0].amiDistributionConfiguration.name"
    assert client.get_distribution_configuration(arn).description == "new"

"""
Edits that lose nothing, over the real endpoint.
"""

import json
import logging
import threading
from typing import Any, cast

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, steps
from imagebuilder_dist.testing import LocalImageBuilder
from tests.shapes import ANYTHING, ARN, EVERYTHING

EUROPE = ibd.Distribution(
    region="eu-west-1", ami_distribution_configuration=ibd.AmiDistributionConfiguration(description="d")
)


@pytest.fixture
def arn(client: ibd.DistributionConfigurationClient) -> str:
    created = client.create_distribution_configuration("web", [EVERYTHING, EUROPE], description="d", tags={"a": "b"})
    return str(created.distribution_configuration_arn)


@pytest.fixture
def writes(boto3_client: Any) -> list[Any]:
    """The names of the operations that the client calls and that write."""
    seen: list[Any] = []

    def note(model: Any, **_: Any) -> None:
        if not model.name.startswith(("Get", "List")):
            seen.append(model.name)

    boto3_client.meta.events.register("before-call.imagebuilder", note)
    return seen


def teach(local: LocalImageBuilder, arn: str, **members: Any) -> None:
    """Have the endpoint keep and return what nobody models, in the first Region."""
    stored: dict[str, Any] = cast(Any, local)._endpoint.service._stored  # noqa: SLF001 - no client can send it
    first, *rest = stored[arn].distributions
    stored[arn] = attrs.evolve(stored[arn], distributions=[{**first, **members}, *rest])


def renamed(description: str | None) -> Any:
    return lambda stored: attrs.evolve(stored, description=description)


def test_an_edit_changes_one_thing_and_keeps_the_rest(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    edit = client.edit_distribution_configuration(
        arn, lambda stored: steps.share_with(stored, user_ids=["777788889999"], regions=["eu-west-1"])
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
    edit = client.edit_distribution_configuration(arn, renamed("new"), dry_run=True)

    assert str(edit.changes) == "the description changes\n~ description: 'd' -> 'new'"
    assert edit.result is None
    assert writes == []


def test_an_edit_that_is_wrong_writes_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.edit_distribution_configuration(arn, lambda stored: steps.share_with(stored, user_ids=["1"]))

    assert [issue.path for issue in caught.value.issues if issue.severity == "error"] == [
        "distributions[0].amiDistributionConfiguration.launchPermission.userIds[2]",
        "distributions[1].amiDistributionConfiguration.launchPermission.userIds[0]",
    ]
    assert writes == []


@pytest.mark.parametrize(
    ("members", "paths"),
    [({"name": "other"}, ["name"]), ({"tags": {}, "arn": "x"}, ["arn", "tags"])],
)
def test_what_an_update_cannot_change_is_refused(
    client: ibd.DistributionConfigurationClient, arn: str, members: dict[str, Any], paths: list[str]
) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.edit_distribution_configuration(arn, lambda stored: attrs.evolve(stored, **members))

    assert [issue.path for issue in caught.value.issues] == paths


def test_a_change_that_returns_something_else_is_a_type_error(
    client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    with pytest.raises(TypeError, match="what change returns must be a DistributionConfiguration, not None"):
        client.edit_distribution_configuration(arn, cast(Any, lambda _: None))
    with pytest.raises(ValueError, match="attempts must be 1 or more, not 0"):
        client.edit_distribution_configuration(arn, renamed("x"), attempts=0)


def test_somebody_else_s_change_is_not_overwritten(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    def interrupted(stored: DistributionConfiguration) -> DistributionConfiguration:
        boto3_client.update_distribution_configuration(distributionConfigurationArn=arn, distributions=ANYTHING)
        return attrs.evolve(stored, description="mine")

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        client.edit_distribution_configuration(arn, interrupted, attempts=1)

    assert caught.value.expected == attrs.evolve(cast(Any, caught.value.expected), distributions=[EVERYTHING, EUROPE])
    assert cast(Any, caught.value.found).distributions[0].region == "us-west-2"
    assert client.get_distribution_configuration(arn).description is None


def test_somebody_else_s_setting_that_nobody_models_is_not_overwritten(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    def interrupted(stored: DistributionConfiguration) -> DistributionConfiguration:
        teach(local, arn, hue="blue")
        return attrs.evolve(stored, description="mine")

    with pytest.raises(ibd.ConcurrentModificationError):
        client.edit_distribution_configuration(arn, interrupted, attempts=1)
    with pytest.raises(ibd.UnmodelledSettingsError):
        client.edit_distribution_configuration(arn, interrupted, attempts=2)

    assert writes == []


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
        return steps.share_with(stored, user_ids=["777788889999"], regions=["eu-west-1"])

    edit = client.edit_distribution_configuration(arn, interrupted, attempts=3)

    assert len(calls) == 3
    assert edit.before.description == "2"
    assert client.get_distribution_configuration(arn).distributions == edit.after.distributions


def test_plain_boto3_wipes_what_nobody_models_and_an_edit_refuses(
    local: LocalImageBuilder, boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    teach(local, arn, hue={"shade": 1})

    before = client.get_distribution_configuration(arn)
    with pytest.raises(ibd.UnmodelledSettingsError) as caught:
        client.edit_distribution_configuration(arn, renamed("new"))
    with pytest.raises(ibd.UnmodelledSettingsError):
        client.edit_distribution_configuration(arn, renamed("new"), dry_run=True)
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
        "a newer imagebuilder_dist may know them, and allow_unmodelled=True drops them "
        f"(UpdateDistributionConfiguration of {arn})"
    )
    assert still == ("distributions[0].hue",)
    assert client.get_distribution_configuration(arn).unmodelled == ()


def with_last_used(boto3_client: Any, local: LocalImageBuilder, member: str) -> None:
    """Have get return a member at the top, and the installed botocore know it there."""
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

    edit = client.edit_distribution_configuration(arn, renamed("new"))
    ensured = client.ensure_distribution_configuration("web", [EUROPE])

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

    client.edit_distribution_configuration(arn, renamed("new"), allow_unmodelled=True)

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
    client.edit_distribution_configuration(ARN, renamed("new"))
    assert [each["description"] for each in fake.written] == ["new"]


def test_what_was_wrong_before_does_not_stop_an_edit_elsewhere(
    local: LocalImageBuilder,
    client: ibd.DistributionConfigurationClient,
    arn: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    What is left untouched is for the service to judge.
    """
    teach(local, arn, amiDistributionConfiguration={"name": "legacy", "kmsKeyId": "k"})

    with pytest.raises(ibd.InvalidParameterValueException) as refused:
        client.edit_distribution_configuration(arn, renamed("new"))
    monkeypatch.setattr("imagebuilder_dist.testing._service.rule_problems", lambda _: iter(()))
    with caplog.at_level(logging.WARNING, logger="imagebuilder_dist"):
        client.edit_distribution_configuration(
            arn, lambda stored: attrs.evolve(stored, description="new", distributions=stored.distributions[::-1])
        )
    with pytest.raises(ibd.ValidationError):
        client.edit_distribution_configuration(
            arn, lambda stored: steps.copy_region(stored, "us-west-2", ["sa-east-1"])
        )

    assert refused.value.parameter == "distributions[0].amiDistributionConfiguration.name"
    assert client.get_distribution_configuration(arn).description == "new"


def test_ensure_creates_what_is_not_there_and_then_writes_nothing(
    client: ibd.DistributionConfigurationClient, writes: list[str]
) -> None:
    def ensure() -> ibd.Ensured:
        return client.ensure_distribution_configuration("web", [EVERYTHING], description="d", tags={"a": "b"})

    first, second = ensure(), ensure()

    assert (first.created, second.created) == (True, False)
    assert first.changes
    assert not second.changes
    assert writes == ["CreateDistributionConfiguration"]
    arn = first.distribution_configuration_arn
    assert second.distribution_configuration_arn == arn
    assert arn is not None
    stored = client.get_distribution_configuration(arn)
    assert (stored.description, stored.distributions, stored.tags) == ("d", (EVERYTHING,), {"a": "b"})


def test_ensure_brings_what_is_there_to_the_wanted_state(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    ensured = client.ensure_distribution_configuration("web", [EUROPE], tags={"c": "d"})

    stored = client.get_distribution_configuration(arn)
    assert (stored.description, stored.distributions, stored.tags) == (None, (EUROPE,), {"c": "d"})
    assert not ensured.created
    assert [(change.kind, change.path) for change in ensured.changes] == [
        ("removed", "description"),
        ("removed", "distributions[us-west-2]"),
        ("removed", "tags.a"),
        ("added", "tags.c"),
    ]
    assert writes == ["UpdateDistributionConfiguration", "TagResource", "UntagResource"]


def test_ensure_makes_room_for_fifty_other_tags(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    for prefix in ("x", "y"):
        tags = {f"{prefix}{number}": "" for number in range(50)}
        client.ensure_distribution_configuration("web", [EUROPE], tags=tags)

        assert client.list_tags_for_resource(arn).tags == tags


def test_ensure_leaves_system_tags_alone(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    """
    AWS's own tags can be neither set nor removed, and don't count towards the 50.
    """
    system = {"aws:cloudformation:stack-name": "web"}
    stored: dict[str, Any] = cast(Any, local)._endpoint.service._stored  # noqa: SLF001 - no client can send it
    stored[arn] = attrs.evolve(stored[arn], tags={**system, "a": "b"})

    dry = client.ensure_distribution_configuration("web", [EVERYTHING, EUROPE], description="d", tags={}, dry_run=True)
    client.ensure_distribution_configuration("web", [EVERYTHING, EUROPE], description="d", tags={"c": "d"})
    changed = client.list_tags_for_resource(arn).tags
    again = client.ensure_distribution_configuration("web", [EVERYTHING, EUROPE], description="d", tags={"c": "d"})

    assert [change.path for change in dry.changes] == ["tags.a"]
    assert changed == {**system, "c": "d"}
    assert not again.changes
    assert writes == ["TagResource", "UntagResource"]


def test_system_tags_take_no_room(
    local: LocalImageBuilder,
    client: ibd.DistributionConfigurationClient,
    arn: str,
    writes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    With room for all, tags are added before others are removed, so that a failure in between loses nothing.
    """
    monkeypatch.setattr("imagebuilder_dist.testing._service.MAX_TAGS", 51)  # it counts all
    stored: dict[str, Any] = cast(Any, local)._endpoint.service._stored  # noqa: SLF001 - no client can send it
    stored[arn] = attrs.evolve(stored[arn], tags={"aws:x": "", "a": "b"})
    tags = {f"x{number}": "" for number in range(49)}

    client.ensure_distribution_configuration("web", [EVERYTHING, EUROPE], description="d", tags=tags)

    assert writes == ["TagResource", "UntagResource"]
    assert client.list_tags_for_resource(arn).tags == {"aws:x": "", **tags}


def test_ensure_refuses_a_wrong_name_before_it_asks(client: ibd.DistributionConfigurationClient) -> None:
    with pytest.raises(ibd.ValidationError, match="name: must be 3 to 128"):
        client.ensure_distribution_configuration("", [EUROPE])


def test_a_dry_run_refuses_what_the_write_would(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    with pytest.raises(ibd.ValidationError):
        client.edit_distribution_configuration(arn, renamed("x" * 3000), dry_run=True)
    with pytest.raises(ibd.ValidationError):
        client.ensure_distribution_configuration("web", [], dry_run=True)


def test_an_edit_inside_an_edit_is_a_concurrent_one(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    def outer(stored: DistributionConfiguration) -> DistributionConfiguration:
        client.edit_distribution_configuration(arn, renamed("inner"))
        return attrs.evolve(stored, description="outer")

    with pytest.raises(ibd.ConcurrentModificationError):
        client.edit_distribution_configuration(arn, outer, attempts=1)

    assert client.get_distribution_configuration(arn).description == "inner"


def test_ensure_with_wrong_tags_writes_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    with pytest.raises(ibd.ValidationError, match=r"tags\.aws:a"):
        client.ensure_distribution_configuration("web", [EUROPE], tags={"aws:a": ""})

    assert client.get_distribution_configuration(arn).description == "d"
    assert writes == []


def test_ensure_leaves_tags_alone_where_none_are_given(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    client.ensure_distribution_configuration("web", [EVERYTHING, EUROPE], description="d")

    assert client.list_tags_for_resource(arn).tags == {"a": "b"}
    assert writes == []


def test_a_dry_run_of_ensure_writes_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str]
) -> None:
    new = client.ensure_distribution_configuration("new", [EUROPE], dry_run=True)
    old = client.ensure_distribution_configuration("web", [EUROPE], tags={}, dry_run=True)

    assert (new.created, new.distribution_configuration_arn, len(new.changes)) == (True, None, 1)
    assert (old.created, old.distribution_configuration_arn, len(old.changes)) == (False, arn, 3)
    assert writes == []
    with pytest.raises(ibd.ValidationError):
        client.ensure_distribution_configuration("new", [], dry_run=True)


def test_two_that_race_to_create_both_succeed(boto3_client: Any) -> None:
    results: list[ibd.Ensured] = []
    start = threading.Barrier(8)

    def race() -> None:
        client = ibd.DistributionConfigurationClient(boto3_client)
        start.wait()
        results.append(client.ensure_distribution_configuration("web", [EVERYTHING]))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 8
    assert sum(each.created for each in results) == 1
    assert len({each.distribution_configuration_arn for each in results}) == 1


def test_the_one_who_comes_second_to_create_finds_it_there(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    def create_first(**_: Any) -> None:
        boto3_client.meta.events.unregister("before-call.imagebuilder.CreateDistributionConfiguration", create_first)
        boto3_client.create_distribution_configuration(name="web", distributions=ANYTHING)

    boto3_client.meta.events.register("before-call.imagebuilder.CreateDistributionConfiguration", create_first)

    ensured = client.ensure_distribution_configuration("web", [EUROPE])

    assert not ensured.created
    assert client.get_distribution_configuration(str(ensured.distribution_configuration_arn)).distributions == (EUROPE,)


def test_a_name_whose_arn_another_has_is_an_error(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    with pytest.raises(ibd.ResourceAlreadyExistsException):
        client.ensure_distribution_configuration("Web", [EUROPE])

    assert len(client.get_distribution_configuration(arn).distributions) == 2


@pytest.mark.parametrize("name", ["web", "My Web_Servers", "A-b_c D"])
def test_the_arn_of_a_name_is_the_services(client: ibd.DistributionConfigurationClient, name: str) -> None:
    created = client.create_distribution_configuration(name, [EUROPE])

    assert created.distribution_configuration_arn == ibd.distribution_configuration_arn(
        name, region_name="us-west-2", account_id="123456789012"
    )

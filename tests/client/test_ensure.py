"""
Create or update in one call, against the real endpoint.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING, EUROPE, EVERYTHING

from .helpers import CREATE


def test_ensure_creates_what_is_not_there_and_then_writes_nothing(
    client: ibd.DistributionConfigurationClient, writes: list[str]
) -> None:
    def ensure() -> ibd.Plan:
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
    local: LocalImageBuilder,
    client: ibd.DistributionConfigurationClient,
    arn: str,
    writes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    AWS's own tags can be neither set nor removed, and don't count towards the 50: if there is room for all, tags are
    added before others are removed, so a failure in between loses nothing.
    """
    monkeypatch.setattr("imagebuilder_dist.testing._service.MAX_TAGS", 51)  # it counts all
    system, wanted = {"aws:cloudformation:stack-name": "web"}, {f"x{number}": "" for number in range(49)}
    local.put(attrs.evolve(local.stored()[0], tags={**system, "a": "b"}))

    def ensure(tags: dict[str, str], *, dry_run: bool = False) -> ibd.Plan:
        return client.ensure_distribution_configuration(
            "web", [EVERYTHING, EUROPE], description="d", tags=tags, dry_run=dry_run
        )

    assert [change.path for change in ensure({}, dry_run=True).changes] == ["tags.a"]
    ensure(wanted)
    assert not ensure(wanted).changes

    assert writes == ["TagResource", "UntagResource"]
    assert client.list_tags_for_resource(arn).tags == {**system, **wanted}


@pytest.mark.parametrize(
    ("name", "options", "path"),
    [("", {}, "name"), ("web", {"tags": {"aws:a": ""}}, "tags.aws:a"), ("new", {"description": ""}, "description")],
)
def test_ensure_of_what_is_wrong_writes_nothing(
    client: ibd.DistributionConfigurationClient, arn: str, writes: list[str], name: str, options: Any, path: str
) -> None:
    for dry_run in (True, False):
        with pytest.raises(ibd.ValidationError) as caught:
            client.ensure_distribution_configuration(name, [EUROPE], dry_run=dry_run, **options)

    assert {issue.path for issue in caught.value.issues} == {path}
    assert writes == []
    assert client.get_distribution_configuration(arn).description == "d"


@pytest.mark.parametrize("theirs", [ANYTHING, [ibd.to_boto3(EUROPE)]], ids=["another", "the same"])
def test_the_one_who_comes_second_to_create_finds_it_there(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, theirs: Any
) -> None:
    event = f"before-call.imagebuilder.{CREATE}"

    def create_first(**_: Any) -> None:
        boto3_client.meta.events.unregister(event, create_first)
        boto3_client.create_distribution_configuration(name="web", distributions=theirs)

    boto3_client.meta.events.register(event, create_first)

    ensured = client.ensure_distribution_configuration("web", [EUROPE])

    assert not ensured.created
    assert client.get_distribution_configuration(str(ensured.distribution_configuration_arn)).distributions == (EUROPE,)


def test_a_name_whose_arn_another_has_is_an_error(client: ibd.DistributionConfigurationClient, arn: str) -> None:
    with pytest.raises(ibd.ResourceAlreadyExistsException):
        client.ensure_distribution_configuration("Web", [EUROPE])

    assert len(client.get_distribution_configuration(arn).distributions) == 2


def test_the_arn_of_a_name_is_the_services(client: ibd.DistributionConfigurationClient) -> None:
    name = "My Web_Servers"
    created = client.create_distribution_configuration(name, [EUROPE])

    assert created.distribution_configuration_arn == ibd.distribution_configuration_arn(
        name, region_name="us-west-2", account_id="123456789012"
    )

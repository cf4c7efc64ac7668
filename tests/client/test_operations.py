"""
Create, read, update, list, tag and delete: their effects, their results, and their warnings.
"""

from typing import Any
from unittest.mock import Mock

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder, Reply
from tests.samples import ARN, DISTRIBUTIONS, EVERYTHING, PUBLIC, WEB, ami

from .helpers import CREATE, described

FIFTY_ONE = {str(number): "" for number in range(51)}


def test_a_configuration_is_created_listed_tagged_and_deleted(client: ibd.DistributionConfigurationClient) -> None:
    created = client.create_distribution_configuration(
        "Web servers", [EVERYTHING], description="d", tags={"team": "web"}, client_token="a token"
    )
    arn = created.distribution_configuration_arn
    assert arn is not None
    stored = client.get_distribution_configuration(arn)
    tagged = client.tag_resource(arn, {"team": "infra", "stage": "test"})
    untagged = client.untag_resource(arn, ["stage"])
    tags = client.list_tags_for_resource(arn)
    listed = list(client.list_distribution_configurations())
    deleted = client.delete_distribution_configuration(arn)

    assert created.client_token == "a token"
    assert (stored.name, stored.description, stored.tags) == ("Web servers", "d", {"team": "web"})
    assert stored.distributions == (EVERYTHING,)
    assert tags.tags == {"team": "infra"}
    assert [(each.arn, each.name, each.regions, each.tags) for each in listed] == [
        (arn, "Web servers", ("us-west-2",), {"team": "infra"})
    ]
    assert deleted.distribution_configuration_arn == arn
    assert all(each.request_id for each in (created, stored, tagged, untagged, tags, deleted))
    with pytest.raises(ibd.ResourceNotFoundException):
        client.delete_distribution_configuration(arn)


def test_the_token_given_is_sent_and_returned_and_what_is_left_out_is_not_sent(
    imagebuilder_dist_local: LocalImageBuilder,
) -> None:
    imagebuilder_dist_local.inject(Reply(200, {}, b'{"requestId": "an id"}'))

    result = imagebuilder_dist_local.client().update_distribution_configuration(
        ARN, DISTRIBUTIONS, client_token="", validate=False
    )

    assert imagebuilder_dist_local.requests[0].body["clientToken"] == result.client_token == ""
    assert imagebuilder_dist_local.requests[0].body.keys() == {
        "distributionConfigurationArn",
        "distributions",
        "clientToken",
    }


def test_a_list_goes_through_all_pages_and_asks_as_it_goes(
    client: ibd.DistributionConfigurationClient, local: LocalImageBuilder
) -> None:
    names = [f"web {number}" for number in range(7)]
    for name in names:
        client.create_distribution_configuration(name, [EVERYTHING])

    listed = client.list_distribution_configurations(page_size=3)
    first = next(listed)
    asked_for_the_first = len(local.requests) - 7

    assert asked_for_the_first == 1
    assert [each.name for each in [first, *listed]] == names
    assert len(local.requests) - 7 == 3
    assert [each.name for each in client.list_distribution_configurations(name="web 5")] == ["web 5"]


@pytest.mark.parametrize(
    ("tags", "paths"),
    [({"aws:a": "x" * 257}, ["tags.aws:a"] * 2), ({}, ["tags"]), ({str(n): "" for n in range(51)}, ["tags"])],
)
def test_tags_are_validated(imagebuilder_dist_local: LocalImageBuilder, tags: dict[str, str], paths: list[str]) -> None:
    client = imagebuilder_dist_local.client()

    with pytest.raises(ibd.ValidationError) as caught:
        client.tag_resource(ARN, tags)
    assert imagebuilder_dist_local.requests == ()
    with pytest.raises(ibd.InvalidParameterValueException):
        client.tag_resource(ARN, tags, validate=False)

    assert [issue.path for issue in caught.value.issues] == paths


def test_a_request_goes_in_whole(client: ibd.DistributionConfigurationClient) -> None:
    created = client.send(
        ibd.CreateDistributionConfigurationRequest(
            name="web", distributions=[EVERYTHING], description="d", tags={"a": "b"}, client_token="a token"
        )
    )
    arn = created.distribution_configuration_arn
    stored = client.get_distribution_configuration(arn)
    again = client.send(stored.to_request())
    still = client.get_distribution_configuration(arn)
    updated = client.send(attrs.evolve(stored.to_request(), description="new", client_token="another token"))

    assert (created.client_token, updated.client_token) == ("a token", "another token")
    assert again.client_token is not None
    assert (stored.name, stored.description, stored.tags) == ("web", "d", {"a": "b"})
    assert attrs.evolve(still, date_updated=None) == stored
    assert client.get_distribution_configuration(arn).description == "new"


def test_what_is_sent_whole_is_validated_unless_told_otherwise(imagebuilder_dist_local: LocalImageBuilder) -> None:
    client: Any = imagebuilder_dist_local.client()
    wrong = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[])

    with pytest.raises(ibd.ValidationError):
        client.send(wrong)
    with pytest.raises(TypeError, match="request must be an update request or a create request, not "):
        client.send(EVERYTHING)
    assert imagebuilder_dist_local.requests == ()
    with pytest.raises(ibd.InvalidParameterValueException, match="'distributions'"):
        client.send(wrong, validate=False)


def test_a_dry_run_that_the_service_takes_for_a_create_is_an_error() -> None:
    fake = Mock(spec=["create_distribution_configuration"])
    fake.create_distribution_configuration.return_value = {"distributionConfigurationArn": ARN}
    client = ibd.DistributionConfigurationClient(fake)

    with pytest.raises(ibd.ResponseError, match="created the configuration despite the dry run") as caught:
        client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)

    assert caught.value.may_have_been_applied


def test_a_dry_run_creates_nothing_or_needs_a_newer_botocore(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, local: LocalImageBuilder
) -> None:
    members = boto3_client.meta.service_model.operation_model(CREATE).input_shape.members
    if "dryRun" in members:
        with pytest.raises(ibd.DryRunOperationException) as caught:
            client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)
        assert not caught.value.may_have_been_applied
        del members["dryRun"]
    sent = len(local.requests)

    with pytest.raises(ibd.ConfigurationError, match=r"^dryRun needs botocore 1\.43\.94 or newer"):
        client.create_distribution_configuration("web", [EVERYTHING], dry_run=True)
    assert len(local.requests) == sent
    assert client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn


def test_warnings_are_on_every_result(session: Any, local: LocalImageBuilder) -> None:
    public = [ami(launch_permission=PUBLIC)]
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    created = client.create_distribution_configuration("web", public)
    arn = created.distribution_configuration_arn
    results: list[Any] = [created, client.update_distribution_configuration(arn, public)]
    unchanged = client.edit_distribution_configuration(arn, described("new"))
    client.update_distribution_configuration(arn, [WEB])
    for dry_run in (True, False):
        edit = client.edit_distribution_configuration(
            arn, lambda stored: attrs.evolve(stored, distributions=public), dry_run=dry_run
        )
        ensured = client.ensure_distribution_configuration("third", public, dry_run=dry_run)
        results += [edit, ensured]

    assert [[issue.rule for issue in each.warnings] for each in results] == [["public-ami"]] * 6
    assert {issue.severity for each in results for issue in each.warnings} == {"warning"}
    assert unchanged.warnings == ()  # an edit's are of what it brings in

"""
Create, list, tag and delete: their effects and their results.
"""

import json
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder, Reply
from tests.samples import ARN, EVERYTHING, response_document


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


def test_a_create_is_validated(client: ibd.DistributionConfigurationClient) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.create_distribution_configuration("x", [])

    assert [issue.path for issue in caught.value.issues] == ["name", "distributions"]
    assert caught.value.operation == "CreateDistributionConfiguration"
    with pytest.raises(ibd.InvalidParameterValueException):
        client.create_distribution_configuration("x", [], validate=False)


def test_a_name_is_given_once(client: ibd.DistributionConfigurationClient) -> None:
    client.create_distribution_configuration("web", [EVERYTHING])

    with pytest.raises(ibd.ResourceAlreadyExistsException) as caught:
        client.create_distribution_configuration("Web", [EVERYTHING])

    assert caught.value.client_token is not None


def test_a_list_goes_through_all_pages_and_asks_as_it_goes(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    names = [f"web {number}" for number in range(7)]
    for name in names:
        client.create_distribution_configuration(name, [EVERYTHING])
    asked: list[Any] = []
    boto3_client.meta.events.register(
        "before-call.imagebuilder.ListDistributionConfigurations", lambda params, **_: asked.append(params)
    )

    listed = client.list_distribution_configurations(page_size=3)
    first = next(listed)
    asked_for_the_first = len(asked)
    rest = list(listed)

    assert asked_for_the_first == 1
    assert [each.name for each in [first, *rest]] == names
    assert len(asked) == 3
    assert [each.name for each in client.list_distribution_configurations(name="web 5")] == ["web 5"]


def test_a_warning_in_the_log_shows_no_value(
    client: ibd.DistributionConfigurationClient, caplog: pytest.LogCaptureFixture
) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    encrypted = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration(kms_key_id=key)
    )

    client.create_distribution_configuration("web", [encrypted])

    assert [record.getMessage() for record in caplog.records if record.name == "imagebuilder_dist"] == [
        "CreateDistributionConfiguration of web: kms-region at distributions[0].amiDistributionConfiguration.kmsKeyId"
    ]


@pytest.mark.parametrize("name", ["r03-list-2020-awscli.json", "r04-list-2026-awscli.json"])
def test_a_recorded_list_is_read(imagebuilder_dist_local: LocalImageBuilder, name: str) -> None:
    document = response_document(name)
    imagebuilder_dist_local.inject(Reply(200, {}, json.dumps(document).encode()))

    (summary,) = imagebuilder_dist_local.client().list_distribution_configurations()

    written = ibd.to_boto3(summary)
    (expected,) = document["distributionConfigurationSummaryList"]
    assert written == {member: value for member, value in expected.items() if value != {}}


def test_a_recorded_response_to_a_create_is_read() -> None:
    document = response_document("r07-create-2026-apiref.json")

    assert ibd.to_boto3(ibd.from_boto3(document, ibd.CreateDistributionConfigurationResult)) == document


def test_tags_are_validated(imagebuilder_dist_local: LocalImageBuilder) -> None:
    client = imagebuilder_dist_local.client()

    with pytest.raises(ibd.ValidationError) as caught:
        client.tag_resource(ARN, {"aws:a": "x" * 257, "b": ""})
    with pytest.raises(ibd.ValidationError, match="tags: must have at least 1 item,"):
        client.tag_resource(ARN, {})
    assert imagebuilder_dist_local.requests == ()
    with pytest.raises(ibd.InvalidParameterValueException, match="aws:a"):
        client.tag_resource(ARN, {"aws:a": ""}, validate=False)

    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [
        ("tags.aws:a", "pattern"),
        ("tags.aws:a", "max"),
    ]

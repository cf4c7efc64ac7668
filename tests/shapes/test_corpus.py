"""
Real documents, with what is known about their fate.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder, Reply
from tests.samples import ANYTHING, ARN, EVERYTHING, manifest, request_class, request_document, response_document

from .builders import found

# Where each rejected document is wrong.
REFUSED_AT = {
    "011-userguide-update-wrong-keys.json": [
        "distributions[0].amiDistributionConfiguration.launchPermissions",
        "distributions[1].amiDistributionConfiguration.tags",
        "distributions[1].amiDistributionConfiguration.launchPermissions",
    ],
    "012-userguide-2022-fast-launch-wrong.json": [
        "distributions[0].amiDistributionConfiguration.fastLaunchConfigurations"
    ],
    "061-pcluster-empty-user-ids.json": ["distributions[0].amiDistributionConfiguration.launchPermission.userIds"],
    "086-echoed-empty-lists.json": [
        "distributions[0].amiDistributionConfiguration.targetAccountIds",
        "distributions[0].fastLaunchConfigurations",
        "distributions[0].launchTemplateConfigurations",
    ],
    "077-tf-36610-name-without-builddate.json": ["distributions[0].amiDistributionConfiguration.name"],
}


@pytest.mark.parametrize("name", manifest("accept", "reject-build"))
def test_an_accepted_document_goes_there_and_back_unchanged(boto3_client: Any, name: str) -> None:
    document = request_document(name)
    request = ibd.from_boto3(document, request_class(document))
    client = ibd.DistributionConfigurationClient(boto3_client)

    if isinstance(request, ibd.CreateDistributionConfigurationRequest):
        arn = boto3_client.create_distribution_configuration(**ibd.to_boto3(request))["distributionConfigurationArn"]
    else:
        arn = create(boto3_client, document)
        client.update_distribution_configuration(
            arn, request.distributions, description=request.description, client_token=request.client_token
        )

    stored = client.get_distribution_configuration(arn)
    assert ibd.to_boto3(request) == document
    assert (stored.distributions, stored.description) == (request.distributions, request.description)
    assert stored.tags == (document.get("tags", {}))
    raw = boto3_client.get_distribution_configuration(distributionConfigurationArn=arn)
    assert raw["distributionConfiguration"]["distributions"] == document["distributions"]


def create(boto3_client: Any, document: dict[str, Any]) -> str:
    """Create the configuration that a document's update is for."""
    name = document.get("distributionConfigurationArn", "/x").rsplit("/")[1]
    created = boto3_client.create_distribution_configuration(name=name.ljust(3, "x"), distributions=ANYTHING)
    return str(created["distributionConfigurationArn"])


VERDICTS = [
    *((name, []) for name in manifest("accept")),
    *((name, ["public-ami"]) for name in manifest("reject-build")),
]


@pytest.mark.parametrize(("name", "rules"), VERDICTS)
def test_a_document_that_is_accepted_has_no_error_and_one_whose_build_fails_a_warning(
    name: str, rules: list[str]
) -> None:
    document = request_document(name)

    issues = ibd.validate(ibd.from_boto3(document, request_class(document)))

    assert [issue for issue in issues if issue.severity == "error"] == []
    assert not rules or sorted({issue.rule for issue in issues}) == rules


@pytest.mark.parametrize("name", manifest("reject-local"))
def test_a_wrong_document_is_rejected_with_its_paths_and_by_boto3(boto3_client: Any, name: str) -> None:
    document = request_document(name)
    is_update = "distributionConfigurationArn" in document
    operation = "update_distribution_configuration" if is_update else "create_distribution_configuration"

    with pytest.raises(ibd.ValidationError) as caught:
        ibd.from_boto3(document, request_class(document))

    assert [issue.path for issue in caught.value.issues] == REFUSED_AT[name]
    with pytest.raises(ParamValidationError):
        getattr(boto3_client, operation)(**document)


@pytest.mark.parametrize("name", manifest("reject-service"))
def test_a_document_that_the_service_rejects_is_rejected_with_its_path(boto3_client: Any, name: str) -> None:
    document = request_document(name)
    request = ibd.from_boto3(document, request_class(document))
    client = ibd.DistributionConfigurationClient(boto3_client)
    arn = create(boto3_client, document)

    with pytest.raises(ibd.InvalidParameterValueException) as caught:
        client.update_distribution_configuration(arn, request.distributions, validate=False)

    assert [caught.value.parameter] == REFUSED_AT[name]
    assert found(request) == [(path, "ami-name-build-date") for path in REFUSED_AT[name]]
    assert client.get_distribution_configuration(arn).date_updated is None


@pytest.mark.parametrize("name", manifest("unknown"))
def test_a_document_of_unknown_fate_can_be_written_as_it_was_read(name: str) -> None:
    document = request_document(name)

    assert ibd.to_boto3(ibd.from_boto3(document, request_class(document))) == document


@pytest.mark.parametrize("name", ["r01-get-2026-apiref.json", "r02-get-2020-awscli.json"])
def test_a_recorded_configuration_is_read(name: str) -> None:
    document = response_document(name)["distributionConfiguration"]

    configuration = ibd.from_boto3(document, ibd.DistributionConfiguration)

    written = ibd.to_boto3(configuration)
    assert written == {member: value for member, value in document.items() if value != {}}


@pytest.mark.parametrize("name", ["r05-update-2026-apiref.json", "r06-update-2020-awscli.json"])
def test_a_recorded_response_to_an_update_is_read(name: str) -> None:
    document = response_document(name)
    local = LocalImageBuilder()
    local.inject(Reply(200, {}, json.dumps(document).encode()))

    request = ibd.UpdateDistributionConfigurationRequest(
        distribution_configuration_arn=document.get("distributionConfigurationArn", ARN),
        distributions=[EVERYTHING],
        client_token=document.get("clientToken"),
    )
    result = local.client().send(request)

    arn, token = result.distribution_configuration_arn, result.client_token
    assert ibd.to_boto3(result) == {"clientToken": token, "distributionConfigurationArn": arn, **document}

"""
A user's own tests, with nothing but botocore's Stubber.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError, StubAssertionError, UnStubbedResponseError
from botocore.stub import ANY, Stubber

import imagebuilder_dist as ibd
from tests.samples import ARN, DISTRIBUTIONS, EVERYTHING, LICENCE

OPERATION = "update_distribution_configuration"
EXPECTED = {
    "distributionConfigurationArn": ARN,
    "description": "Web servers",
    "distributions": [{"region": "us-west-2", "licenseConfigurationArns": [LICENCE]}],
    "clientToken": "a token",
}
DOCUMENTED_ERRORS = {
    "ServiceException": 500,
    "ClientException": 400,
    "ServiceUnavailableException": 503,
    "InvalidRequestException": 400,
    "IdempotentParameterMismatchException": 400,
    "ForbiddenException": 403,
    "CallRateLimitExceededException": 429,
    "ResourceInUseException": 400,
    "InvalidParameterCombinationException": 400,
}


def update(client: ibd.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    return client.update_distribution_configuration(
        ARN, DISTRIBUTIONS, description="Web servers", client_token="a token"
    )


def test_an_update_is_sent_as_expected_and_its_response_read(
    stubber: Stubber, client: ibd.DistributionConfigurationClient
) -> None:
    answer = {"requestId": "an id", "clientToken": "a token", "distributionConfigurationArn": ARN}
    stubber.add_response(OPERATION, answer, EXPECTED)

    assert update(client) == ibd.UpdateDistributionConfigurationResult(
        request_id="an id", client_token="a token", distribution_configuration_arn=ARN
    )


def test_everything_passes_through(stubber: Stubber, client: ibd.DistributionConfigurationClient) -> None:
    expected = {
        "distributionConfigurationArn": ARN,
        "distributions": [ibd.to_boto3(EVERYTHING)],
        "clientToken": ANY,
    }
    stubber.add_response(OPERATION, {}, expected)

    result = client.update_distribution_configuration(ARN, [EVERYTHING])

    assert result.client_token is not None
    assert result.distribution_configuration_arn == ARN


def test_the_nine_documented_errors_are_tried(session: Any) -> None:
    operation = session.client("imagebuilder").meta.service_model.operation_model("UpdateDistributionConfiguration")

    assert {shape.name for shape in operation.error_shapes} == DOCUMENTED_ERRORS.keys()


@pytest.mark.parametrize(("code", "status"), DOCUMENTED_ERRORS.items())
def test_a_documented_error_arrives_as_its_class(
    stubber: Stubber, client: ibd.DistributionConfigurationClient, code: str, status: int
) -> None:
    stubber.add_client_error(OPERATION, code, "why", status, expected_params=EXPECTED)

    with pytest.raises(getattr(ibd, code)) as caught:
        update(client)

    assert caught.value.message == "why"
    assert caught.value.http_status == status
    assert caught.value.operation == "UpdateDistributionConfiguration"
    assert caught.value.client_token == "a token"
    assert type(caught.value.__cause__).__name__ in {code, "ClientError"}


def test_an_expectation_that_is_not_met_is_the_tests_to_see(boto3_client: Any) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)

    with Stubber(boto3_client) as stubber:
        stubber.add_response(OPERATION, {}, {"distributionConfigurationArn": ARN})
        with pytest.raises(StubAssertionError):
            update(client)
    with Stubber(boto3_client), pytest.raises(UnStubbedResponseError):
        update(client)


def test_code_that_catches_botocores_error_goes_on_working(
    stubber: Stubber, client: ibd.DistributionConfigurationClient
) -> None:
    stubber.add_client_error(OPERATION, "ResourceInUseException", "why")

    with pytest.raises(ClientError) as caught:
        update(client)

    response: Any = caught.value.response
    assert response["Error"]["Code"] == "ResourceInUseException"


def test_a_get_is_sent_as_expected_and_its_response_read(
    stubber: Stubber, client: ibd.DistributionConfigurationClient
) -> None:
    stubber.add_response(
        "get_distribution_configuration",
        {"requestId": "an id", "distributionConfiguration": {"name": "x", "timeoutMinutes": 720}},
        {"distributionConfigurationArn": ARN},
    )

    configuration = client.get_distribution_configuration(ARN)

    assert configuration == ibd.DistributionConfiguration(arn=ARN, name="x", timeout_minutes=720)
    assert configuration.request_id == "an id"


def test_what_botocore_rejects_is_a_validation_error(client: ibd.DistributionConfigurationClient) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        client.update_distribution_configuration(
            ARN, DISTRIBUTIONS, description="", client_token="a token", validate=False
        )

    (issue,) = caught.value.issues
    assert issue.path == "description"
    assert caught.value.client_token == "a token"

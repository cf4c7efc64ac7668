"""
Validation judges the corpus as the service does, and a client acts on the verdict.
"""

import logging

import pytest
from hypothesis import given

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.testing import LocalImageBuilder
from tests import strategies
from tests.samples import ARN, manifest, request_class, request_document

from .builders import OTHER, ami, found, ssm
from .cases import PUBLIC


@given(strategies.update_requests)
def test_what_is_valid_has_no_errors(request_: ibd.UpdateDistributionConfigurationRequest) -> None:
    assert [issue for issue in validate(request_) if issue.severity == "error"] == []


@pytest.mark.parametrize("name", manifest("accept"))
def test_no_error_on_an_accepted_document(name: str) -> None:
    document = request_document(name)

    issues = validate(ibd.from_boto3(document, request_class(document)))

    assert [issue for issue in issues if issue.severity == "error"] == []


@pytest.mark.parametrize("name", manifest("reject-service"))
def test_an_error_on_a_document_that_the_service_rejects(name: str) -> None:
    document = request_document(name)

    assert found(ibd.from_boto3(document, request_class(document))) == [
        ("distributions[0].amiDistributionConfiguration.name", "ami-name-build-date")
    ]


@pytest.mark.parametrize("name", manifest("reject-build"))
def test_a_warning_on_a_document_whose_build_fails(name: str) -> None:
    document = request_document(name)

    issues = validate(ibd.from_boto3(document, request_class(document)))

    assert {(issue.rule, issue.severity) for issue in issues} == {("public-ami", "warning")}


def test_the_client_sends_nothing_that_has_errors() -> None:
    local = LocalImageBuilder()

    with pytest.raises(ibd.ValidationError) as caught:
        local.client().update_distribution_configuration(
            ARN, [ami(name="ab", launch_permission=PUBLIC)], client_token="a token"
        )

    assert local.requests == ()
    assert caught.value.client_token == "a token"
    assert caught.value.operation == "UpdateDistributionConfiguration"
    assert [issue.rule for issue in caught.value.issues] == ["pattern", "ami-name-build-date", "public-ami"]
    lines = str(caught.value).splitlines()
    assert lines[0] == f"3 problems in UpdateDistributionConfiguration of {ARN}:"
    assert lines[3].endswith("block public access is on (warning)")


def test_the_client_logs_warnings_and_sends(caplog: pytest.LogCaptureFixture) -> None:
    local = LocalImageBuilder()
    local.put(ibd.DistributionConfiguration(arn=ARN))

    with caplog.at_level(logging.WARNING, logger="imagebuilder_dist"):
        local.client().update_distribution_configuration(
            ARN, [ssm(("secret/name", OTHER)), ami("eu-west-1", launch_permission=PUBLIC)]
        )

    assert len(local.requests) == 1
    assert len(caplog.records) == 2
    assert OTHER not in caplog.text
    assert "secret/name" not in caplog.text
    assert "distributions[0].ssmParameterConfigurations[0].amiAccountId" in caplog.text


def test_the_client_leaves_it_to_the_service_where_asked() -> None:
    local = LocalImageBuilder()

    with pytest.raises(ibd.InvalidParameterValueException):
        local.client().update_distribution_configuration(ARN, [ami(name="ab")], validate=False)

    assert len(local.requests) == 1

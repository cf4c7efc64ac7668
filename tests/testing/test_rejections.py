"""
The local endpoint rejects what the service rejects, in the service's words.
"""

import json
from typing import Any

import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

from .samples import Raw, body_of


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        ({"distributions": [], "clientToken": "t"}, "name", "The parameter is required."),
        ({"name": "web", "distributions": []}, "clientToken", "The parameter is required."),
        (
            {"name": 5, "distributions": [], "clientToken": "t"},
            "name",
            "Expected a value of type string, got a number.",
        ),
        (
            {"name": None, "distributions": [], "clientToken": "t"},
            "name",
            "Expected a value of type string, got null.",
        ),
        (
            {"name": "web", "distributions": {}, "clientToken": "t"},
            "distributions",
            "Expected a value of type list, got an object.",
        ),
        (
            {"name": "web", "distributions": [True], "clientToken": "t"},
            "distributions[0]",
            "Expected a value of type structure, got a boolean.",
        ),
        ({"name": "x", "distributions": [], "clientToken": "t"}, "name", "It must match the pattern"),
        ({"name": "web\n", "distributions": [], "clientToken": "t"}, "name", "It must match the pattern"),
        (
            {"name": "web", "hue": "blue", "distributions": [], "clientToken": "t"},
            "hue",
            "The parameter is not known.",
        ),
        (
            {"name": "web", "distributions": [], "clientToken": "t" * 65},
            "clientToken",
            "It must contain at most ",
        ),
        (
            {"name": "web", "description": "", "distributions": [], "clientToken": "t"},
            "description",
            "It must contain at least 1 character.",
        ),
        (
            {"name": "web", "tags": {"aws:x": ""}, "distributions": [], "clientToken": "t"},
            "tags.aws:x",
            "It must match the pattern",
        ),
        (
            {"name": "web", "tags": {"a": "x" * 257}, "distributions": [], "clientToken": "t"},
            "tags.a",
            "It must contain at most 256 characters.",
        ),
        (
            body_of({"region": "r", "amiDistributionConfiguration": {"targetAccountIds": []}}),
            "distributions[0].amiDistributionConfiguration.targetAccountIds",
            "It must contain at least 1 item.",
        ),
        (
            body_of(
                {
                    "region": "r",
                    "containerDistributionConfiguration": {
                        "targetRepository": {"service": "GHCR", "repositoryName": "x"}
                    },
                }
            ),
            "distributions[0].containerDistributionConfiguration.targetRepository.service",
            "It must be one of ECR.",
        ),
        (
            body_of(
                {
                    "region": "r",
                    "fastLaunchConfigurations": [
                        {"enabled": True, "snapshotConfiguration": {"targetResourceCount": 10001}}
                    ],
                }
            ),
            "distributions[0].fastLaunchConfigurations[0].snapshotConfiguration.targetResourceCount",
            "It must be at most 10000.",
        ),
        (
            body_of({"region": "r", "fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": True}]}),
            "distributions[0].fastLaunchConfigurations[0].maxParallelLaunches",
            "Expected a value of type integer, got a boolean.",
        ),
        (
            body_of({"region": "r"}),
            "distributions[0]",
            "One or more outputs should be provided for each region in a distribution configuration.",
        ),
        (
            body_of({"region": "r", "ssmParameterConfigurations": []}),
            "distributions[0]",
            "One or more outputs",
        ),
        (
            body_of(ANYTHING[0], ANYTHING[0]),
            "distributions[1].region",
            "The Region us-west-2 is given more than once.",
        ),
        (
            {"name": "web", "distributions": [], "clientToken": "t"},
            "distributions",
            "It must contain at least 1 item.",
        ),
        (
            body_of({"region": "r", "amiDistributionConfiguration": {"name": "no-date"}}),
            "distributions[0].amiDistributionConfiguration.name",
            "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure",
        ),
    ],
)
def test_what_the_service_rejects_is_rejected_in_its_words(
    raw: Raw, body: dict[str, Any], path: str, reason: str
) -> None:
    status, headers, answer = raw("PUT", "/CreateDistributionConfiguration", body)

    assert status == 400
    assert headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    assert headers["x-amzn-RequestId"]
    assert answer["message"].startswith(f"The value supplied for parameter '{path}' is not valid. {reason}")


def test_a_template_by_id_and_name_is_a_wrong_combination(raw: Raw) -> None:
    template = {"launchTemplateId": "lt-0123456789abcdef0", "launchTemplateName": "web"}
    fast_launch = [{"enabled": True}, {"enabled": True, "launchTemplate": template}]

    status, headers, answer = raw(
        "PUT",
        "/CreateDistributionConfiguration",
        body_of({"region": "r", "fastLaunchConfigurations": fast_launch}),
    )

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidParameterCombinationException")
    assert "'distributions[0].fastLaunchConfigurations[1].launchTemplate'" in answer["message"]


@pytest.mark.parametrize("name", ["{{imagebuilder:buildDate}}", "web-{{  imagebuilder:buildDate }}"])
def test_a_name_with_the_build_date_is_accepted(raw: Raw, name: str) -> None:
    status, _, _ = raw(
        "PUT",
        "/CreateDistributionConfiguration",
        body_of({"region": "r", "amiDistributionConfiguration": {"name": name}}),
    )

    assert status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"\xff", b"[" * 100_000, b'{"name": ' + b"9" * 10_000 + b"}"])
def test_a_body_that_is_not_a_json_object_is_rejected(raw: Raw, local: LocalImageBuilder, body: bytes) -> None:
    status, headers, _ = raw("PUT", "/CreateDistributionConfiguration", body)

    (request,) = local.requests
    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")
    assert (request.status, request.parameters, request.client_token, request.typed) == (400, {}, None, None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"distributions":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"name": NaN, "distributions": [Infinity, 1e999]}',
        b'{"name": "\\ud800", "distributions": [{"region": "\\u0000"}], "clientToken": "t"}',
        json.dumps({"name": "x" * 1_000_000}).encode(),
        json.dumps({str(nth): nth for nth in range(20_000)}).encode(),
    ],
    ids=["deep", "no numbers", "surrogates", "long", "wide"],
)
def test_hostile_json_gets_an_error(raw: Raw, body: bytes) -> None:
    status, _, answer = raw("PUT", "/CreateDistributionConfiguration", body)

    assert status == 400
    assert answer["message"]


def test_a_missing_query_parameter_is_rejected(raw: Raw) -> None:
    status, _, answer = raw("GET", "/GetDistributionConfiguration")

    assert status == 400
    assert "'distributionConfigurationArn'" in answer["message"]


@pytest.mark.parametrize(
    ("method", "target", "message"),
    [
        ("POST", "/ListImages", "The local endpoint doesn't support ListImages. It supports CreateDist"),
        ("GET", "/", "The local endpoint doesn't support GET /. "),
        (
            "PUT",
            "/GetDistributionConfiguration",
            "The local endpoint doesn't support PUT /GetDistributionConf",
        ),
    ],
)
def test_anything_else_gets_a_clear_501(raw: Raw, method: str, target: str, message: str) -> None:
    status, _, answer = raw(method, target, {})

    assert status == 501
    assert answer["message"].startswith(message)

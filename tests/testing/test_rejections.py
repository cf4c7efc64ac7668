"""
The local endpoint rejects what the service rejects, in the service's words.
"""

from typing import Any

import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

from .samples import Raw

BODY = {"name": "web", "distributions": ANYTHING, "clientToken": "t"}
AMI = "distributions[0].amiDistributionConfiguration"
FAST_LAUNCH = "distributions[0].fastLaunchConfigurations[0]"
COUNT = f"{FAST_LAUNCH}.snapshotConfiguration.targetResourceCount"
SERVICE = "distributions[0].containerDistributionConfiguration.targetRepository.service"
GHCR = {"service": "GHCR", "repositoryName": "x"}


def region(**settings: Any) -> dict[str, Any]:
    return {"distributions": [{"region": "r", **settings}]}


def fast_launch(**settings: Any) -> dict[str, Any]:
    return region(fastLaunchConfigurations=[{"enabled": True, **settings}])


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({"name": 5}, "name", "Expected a value of type string, got a number."),
        ({"name": None}, "name", "Expected a value of type string, got null."),
        ({"distributions": {}}, "distributions", "Expected a value of type list, got an object."),
        ({"distributions": [True]}, "distributions[0]", "Expected a value of type structure, got a boolean."),
        ({"name": "x"}, "name", "It must match the pattern"),
        ({"name": "web\n"}, "name", "It must match the pattern"),
        ({"hue": "blue"}, "hue", "The parameter is not known."),
        ({"clientToken": "t" * 65}, "clientToken", "It must contain at most "),
        ({"description": ""}, "description", "It must contain at least 1 character."),
        ({"tags": {"aws:x": ""}}, "tags.aws:x", "It must match the pattern"),
        ({"tags": {"a": "x" * 257}}, "tags.a", "It must contain at most 256 characters."),
        (region(amiDistributionConfiguration={"targetAccountIds": []}), f"{AMI}.targetAccountIds", "It must contain"),
        (region(containerDistributionConfiguration={"targetRepository": GHCR}), SERVICE, "It must be one of ECR."),
        (fast_launch(snapshotConfiguration={"targetResourceCount": 10001}), COUNT, "It must be at most 10000."),
        (
            fast_launch(maxParallelLaunches=True),
            f"{FAST_LAUNCH}.maxParallelLaunches",
            "Expected a value of type integer",
        ),
        (region(), "distributions[0]", "One or more outputs should be provided for each region in a distribution"),
        (region(ssmParameterConfigurations=[]), "distributions[0]", "One or more outputs"),
        ({"distributions": ANYTHING * 2}, "distributions[1].region", "The Region us-west-2 is given more than once."),
        ({"distributions": []}, "distributions", "It must contain at least 1 item."),
        (region(amiDistributionConfiguration={"name": "no-date"}), f"{AMI}.name", "The EC2 AMI name must contain '{{"),
    ],
)
def test_what_the_service_rejects_is_rejected_in_its_words(
    raw: Raw, changes: dict[str, Any], path: str, reason: str
) -> None:
    status, headers, answer = raw("PUT", "/CreateDistributionConfiguration", {**BODY, **changes})

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidParameterValueException")
    assert headers["x-amzn-RequestId"]
    assert answer["message"].startswith(f"The value supplied for parameter '{path}' is not valid. {reason}")


@pytest.mark.parametrize("member", BODY)
def test_a_missing_member_is_rejected(raw: Raw, member: str) -> None:
    status, _, answer = raw(
        "PUT", "/CreateDistributionConfiguration", {name: value for name, value in BODY.items() if name != member}
    )

    assert status == 400
    assert answer["message"] == f"The value supplied for parameter '{member}' is not valid. The parameter is required."


def test_a_template_by_id_and_name_is_a_wrong_combination(raw: Raw) -> None:
    template = {"launchTemplateId": "lt-0123456789abcdef0", "launchTemplateName": "web"}
    twice = region(fastLaunchConfigurations=[{"enabled": True}, {"enabled": True, "launchTemplate": template}])

    status, headers, answer = raw("PUT", "/CreateDistributionConfiguration", {**BODY, **twice})

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidParameterCombinationException")
    assert "'distributions[0].fastLaunchConfigurations[1].launchTemplate'" in answer["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"\xff", b"[" * 100_000, b'{"name": ' + b"9" * 10_000 + b"}"])
def test_a_body_that_is_not_a_json_object_is_rejected(raw: Raw, local: LocalImageBuilder, body: bytes) -> None:
    status, headers, _ = raw("PUT", "/CreateDistributionConfiguration", body)

    (request,) = local.requests
    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")
    assert (request.status, request.parameters, request.client_token) == (400, {}, None)


def test_a_missing_query_parameter_is_rejected(raw: Raw) -> None:
    status, _, answer = raw("GET", "/GetDistributionConfiguration")

    assert status == 400
    assert "'distributionConfigurationArn'" in answer["message"]


@pytest.mark.parametrize(
    ("method", "target", "message"),
    [
        ("POST", "/ListImages", "The local endpoint doesn't support ListImages. It supports CreateDist"),
        ("GET", "/", "The local endpoint doesn't support GET /. "),
        ("PUT", "/GetDistributionConfiguration", "The local endpoint doesn't support PUT /GetDistributionConf"),
    ],
)
def test_anything_else_gets_a_clear_501(raw: Raw, method: str, target: str, message: str) -> None:
    status, _, answer = raw(method, target, {})

    assert status == 501
    assert answer["message"].startswith(message)

"""
The kit's helpers for botocore's Stubber, for every operation.
"""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from botocore.exceptions import ParamValidationError, StubAssertionError
from botocore.stub import Stubber

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import examples, expected_params, requests, stub_error, stub_response

from .samples import ARN, EAST, STORED, WEB

UPDATE = ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[WEB, EAST])
CREATE = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB], tags={"a": "b"})
GET = requests.GetDistributionConfigurationRequest(distribution_configuration_arn=ARN)
RECIPES: list[tuple[requests.Request, Callable[[Any], object]]] = [
    (UPDATE, lambda client: client.update_distribution_configuration(ARN, [EAST, WEB]).client_token),
    (CREATE, lambda client: client.create_distribution_configuration("web", [WEB], tags={"a": "b"}).client_token),
    (GET, lambda client: client.get_distribution_configuration(ARN).name),
    (
        requests.DeleteDistributionConfigurationRequest(distribution_configuration_arn=ARN),
        lambda client: client.delete_distribution_configuration(ARN),
    ),
    (
        requests.ListDistributionConfigurationsRequest(name="web", page_size=2),
        lambda client: [[*client.list_distribution_configurations(name="web", page_size=2)]],
    ),
    (requests.ListTagsForResourceRequest(resource_arn=ARN), lambda client: client.list_tags_for_resource(ARN)),
    (
        requests.TagResourceRequest(resource_arn=ARN, tags={"a": "b", "c": "d"}),
        lambda client: client.tag_resource(ARN, {"c": "d", "a": "b"}),
    ),
    (
        requests.UntagResourceRequest(resource_arn=ARN, tag_keys=["a", "b"]),
        lambda client: client.untag_resource(ARN, ["b", "a"]),
    ),
]
recipes = pytest.mark.parametrize(("request_", "call"), RECIPES, ids=[type(each).__name__ for each, _ in RECIPES])


@recipes
def test_a_request_that_means_the_same_matches(
    stubber: Stubber,
    client: ibd.DistributionConfigurationClient,
    request_: requests.Request,
    call: Callable[[Any], object],
) -> None:
    stub_error(stubber, request_, ibd.CallRateLimitExceededException, "slow", times=2)
    stub_response(stubber, request_)

    assert call(client)


@recipes
def test_a_request_that_does_not_mean_the_same(
    boto3_client: Any,
    client: ibd.DistributionConfigurationClient,
    request_: requests.Request,
    call: Callable[[Any], object],
) -> None:
    others = {"distributions": [EAST], "tags": {"x": "y"}, "tag_keys": ["x"], "name": "other"}
    others |= {"resource_arn": ARN + "-other", "distribution_configuration_arn": ARN + "-other"}
    attribute = next(name for name in others if hasattr(request_, name))
    changes: Any = {attribute: others[attribute]}

    with Stubber(boto3_client) as stubber:
        stub_response(stubber, attrs.evolve(request_, **changes))
        with pytest.raises(StubAssertionError):
            call(client)


def test_the_text_of_stubbers_error_is_the_difference(
    boto3_client: Any, client: ibd.DistributionConfigurationClient
) -> None:
    with Stubber(boto3_client) as stubber:
        stub_response(stubber, UPDATE)
        with pytest.raises(StubAssertionError) as caught:
            client.update_distribution_configuration(ARN, [attrs.evolve(WEB, region="eu-west-1"), EAST])

    shown = "{'region': '%s', 'amiDistributionConfiguration': {'description': 'Web servers'}}"
    assert (
        "'distributions': <what differs (- expected, + sent):\n"
        f"    - distributions[us-west-2]: {shown % 'us-west-2'}\n"
        f"    + distributions[eu-west-1]: {shown % 'eu-west-1'}>"
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ([{"region": 1}], "distributions[0].region: must be a str, not 1 (int)"),
        ([{**ibd.to_boto3(WEB), "brandNew": 1}], "+ distributions[0].brandNew: isn't known to this library"),
    ],
)
def test_what_cannot_be_read_differs(sent: Any, text: str) -> None:
    expected = expected_params(attrs.evolve(UPDATE, distributions=[WEB]))

    assert expected["distributions"] != sent
    assert text in repr(expected["distributions"])


def test_empty_is_absent() -> None:
    expected = expected_params(attrs.evolve(UPDATE, distributions=[WEB]))
    sent = [{**ibd.to_boto3(WEB), "licenseConfigurationArns": []}]

    assert expected["distributions"] == sent
    assert repr(expected["distributions"]).startswith("(Distribution(region='us-west-2'")
    assert len({expected["distributions"], *map(id, sent)}) == 2


def test_a_token_that_is_given_is_expected() -> None:
    assert expected_params(attrs.evolve(UPDATE, client_token="t"))["clientToken"] == "t"
    assert expected_params(UPDATE)["clientToken"] == "any"


def test_a_configuration_is_expected_as_its_update() -> None:
    assert expected_params(STORED) == {
        "distributionConfigurationArn": ARN,
        "description": "Web servers",
        "distributions": [ibd.to_boto3(STORED.distributions[0])],
        "clientToken": "any",
    }


def test_an_edit_gets_twice(stubber: Stubber, client: ibd.DistributionConfigurationClient) -> None:
    changed = attrs.evolve(STORED, description="New")
    stub_response(stubber, GET, STORED, times=2)
    stub_response(stubber, changed.to_request())

    assert client.edit_distribution_configuration(ARN, lambda _: changed).result


def test_an_ensure_that_creates_lists_first(stubber: Stubber, client: ibd.DistributionConfigurationClient) -> None:
    stub_response(stubber, requests.ListDistributionConfigurationsRequest(name="web"))
    stub_response(stubber, CREATE)

    assert client.ensure_distribution_configuration("web", [WEB], tags={"a": "b"}).created


def test_an_ensure_that_updates_lists_gets_and_tags(
    stubber: Stubber, client: ibd.DistributionConfigurationClient
) -> None:
    summary = examples.minimal(ibd.DistributionConfigurationSummary)
    stored = attrs.evolve(STORED, tags={"old": "1"})
    stub_response(stubber, requests.ListDistributionConfigurationsRequest(name="web"), [summary])
    stub_response(stubber, GET, stored, times=2)
    stub_response(stubber, attrs.evolve(UPDATE, distributions=[WEB]))
    stub_response(stubber, requests.TagResourceRequest(resource_arn=ARN, tags={"new": "1"}))
    stub_response(stubber, requests.UntagResourceRequest(resource_arn=ARN, tag_keys=["old"]))

    ensured = client.ensure_distribution_configuration("web", [WEB], tags={"new": "1"})

    assert len(ensured.changes) > 2


def test_an_error_has_the_code_and_the_status_of_the_model(
    stubber: Stubber, client: ibd.DistributionConfigurationClient
) -> None:
    stub_error(stubber, GET, ibd.ResourceNotFoundException, "gone")

    with pytest.raises(ibd.ResourceNotFoundException, match="gone") as caught:
        client.get_distribution_configuration(ARN)

    assert caught.value.http_status == 404


def test_wrong_arguments_are_type_errors(boto3_client: Any) -> None:
    stubber = Stubber(boto3_client)
    wrong: Any = "ResourceNotFound"

    with pytest.raises(TypeError, match=r"did you mean 'ResourceNotFoundException'\?"):
        stub_error(stubber, GET, wrong)
    with pytest.raises(TypeError, match="result must be a DistributionConfiguration"):
        stub_response(stubber, GET, CREATE)
    with pytest.raises(ValueError, match="times must be 1 or more"):
        stub_response(stubber, GET, times=0)


def test_stubber_still_checks_its_own(boto3_client: Any) -> None:
    with pytest.raises(ParamValidationError):
        Stubber(boto3_client).add_response("get_distribution_configuration", {"brandNew": 1}, expected_params(GET))

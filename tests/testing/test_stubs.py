"""
A stub of an operation: its signature, its response, and what is left over at the end.
"""

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import ANY, Stub, StubError, Stubs, examples
from imagebuilder_dist.testing.requests import (
    DeleteDistributionConfigurationRequest,
    GetDistributionConfigurationRequest,
    ListDistributionConfigurationsRequest,
    ListTagsForResourceRequest,
    TagResourceRequest,
    UntagResourceRequest,
)
from tests.samples import structure

from .samples import ARN, EAST, STORED, SUMMARY, WEB

COMPOUND = {"edit_distribution_configuration", "ensure_distribution_configuration", "send"}
OPERATIONS = sorted({name for name in vars(ibd.DistributionConfigurationClient) if name[0] != "_"} - COMPOUND)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_stub_has_the_signature_of_the_clients_method(operation: str) -> None:
    theirs = inspect.signature(getattr(ibd.DistributionConfigurationClient, operation)).parameters
    stubbed = inspect.signature(getattr(Stubs, operation)).parameters

    assert [str(each) for each in stubbed.values()] == [
        str(each) for name, each in theirs.items() if name != "validate"
    ]


def test_a_stub_meets_the_request_that_it_stands_for(stubs: Stubs) -> None:
    update = stubs.update_distribution_configuration(ARN, [WEB, EAST])
    update.raises(ibd.CallRateLimitExceededException, times=2).returns()
    stubs.get_distribution_configuration(ANY).returns(STORED).always()

    result = stubs.client.update_distribution_configuration(ARN, [WEB, EAST])

    assert stubs.client.get_distribution_configuration(ARN) == STORED
    assert update.calls[-1].distributions == (WEB, EAST)
    assert [call.client_token for call in update.calls] == [result.client_token] * 3
    assert stubs.clock() > 0.5 + 1
    stubs.assert_done()


@pytest.mark.parametrize(
    ("declare", "call", "result", "request_"),
    [
        (
            lambda to: to.create_distribution_configuration("Web 1", [WEB], tags={"a": "b"}),
            lambda to: to.create_distribution_configuration("Web 1", [WEB], tags={"a": "b"}, client_token="t"),
            ibd.CreateDistributionConfigurationResult(distribution_configuration_arn=ARN + "-1", client_token="t"),
            ibd.CreateDistributionConfigurationRequest(
                name="Web 1", distributions=[WEB], tags={"a": "b"}, client_token="t"
            ),
        ),
        (
            lambda to: to.update_distribution_configuration(ARN, [WEB], description="d"),
            lambda to: to.update_distribution_configuration(ARN, [WEB], description="d", client_token="t"),
            ibd.UpdateDistributionConfigurationResult(distribution_configuration_arn=ARN, client_token="t"),
            ibd.UpdateDistributionConfigurationRequest(
                distribution_configuration_arn=ARN, distributions=[WEB], description="d", client_token="t"
            ),
        ),
        (
            lambda to: to.get_distribution_configuration(ARN),
            lambda to: to.get_distribution_configuration(ARN),
            examples.minimal(ibd.DistributionConfiguration),
            GetDistributionConfigurationRequest(distribution_configuration_arn=ARN),
        ),
        (
            lambda to: to.delete_distribution_configuration(ARN),
            lambda to: to.delete_distribution_configuration(ARN),
            ibd.DeleteDistributionConfigurationResult(distribution_configuration_arn=ARN),
            DeleteDistributionConfigurationRequest(distribution_configuration_arn=ARN),
        ),
        (
            lambda to: to.list_distribution_configurations(name="web", page_size=5),
            lambda to: [*to.list_distribution_configurations(name="web", page_size=5)],
            [],
            ListDistributionConfigurationsRequest(name="web", page_size=5),
        ),
        (
            lambda to: to.list_tags_for_resource(ARN),
            lambda to: to.list_tags_for_resource(ARN),
            ibd.ListTagsForResourceResult(),
            ListTagsForResourceRequest(resource_arn=ARN),
        ),
        (
            lambda to: to.tag_resource(ARN, {"a": "b"}),
            lambda to: to.tag_resource(ARN, {"a": "b"}),
            ibd.TagResourceResult(),
            TagResourceRequest(resource_arn=ARN, tags={"a": "b"}),
        ),
        (
            lambda to: to.untag_resource(ARN, ["b", "a"]),
            lambda to: to.untag_resource(ARN, ["a", "b"]),
            ibd.UntagResourceResult(),
            UntagResourceRequest(resource_arn=ARN, tag_keys=["a", "b"]),
        ),
    ],
    ids=[each.split("_")[0] for each in ["create", "update", "get", "delete", "list", "list_tags", "tag", "untag"]],
)
def test_a_response_is_made_from_the_request(
    stubs: Stubs,
    declare: Callable[[Any], Stub[Any, Any]],
    call: Callable[[Any], object],
    result: object,
    request_: object,
) -> None:
    stub = declare(stubs)

    assert without_request_id(call(stubs.client)) == result
    assert stub.calls == stubs.calls == (request_,)
    stubs.assert_done()


def without_request_id(result: Any) -> object:
    return attrs.evolve(result, request_id=None) if hasattr(result, "request_id") else result


@pytest.mark.parametrize(
    ("declare", "call", "result"),
    [
        (
            lambda to: to.create_distribution_configuration(ANY, ANY),
            lambda to: to.create_distribution_configuration("web", [WEB], client_token=examples.CLIENT_TOKEN),
            examples.complete(ibd.CreateDistributionConfigurationResult),
        ),
        (
            lambda to: to.update_distribution_configuration(ANY, ANY),
            lambda to: to.update_distribution_configuration(ARN, [WEB], client_token=examples.CLIENT_TOKEN),
            examples.complete(ibd.UpdateDistributionConfigurationResult),
        ),
        (
            lambda to: to.get_distribution_configuration(ANY),
            lambda to: to.get_distribution_configuration(ARN),
            STORED,
        ),
        (
            lambda to: to.list_distribution_configurations(),
            lambda to: [*to.list_distribution_configurations()],
            [SUMMARY],
        ),
        (
            lambda to: to.list_tags_for_resource(ANY),
            lambda to: to.list_tags_for_resource(ARN),
            examples.complete(ibd.ListTagsForResourceResult),
        ),
        (
            lambda to: to.untag_resource(ARN, ANY),
            lambda to: to.untag_resource(ARN, ["a"]),
            examples.complete(ibd.UntagResourceResult),
        ),
    ],
    ids=["create", "update", "get", "list", "list_tags", "untag"],
)
def test_a_result_that_is_given_is_what_comes_back(
    stubs: Stubs, declare: Callable[[Any], Stub[Any, Any]], call: Callable[[Any], object], result: object
) -> None:
    declare(stubs).returns(result)

    assert without_request_id(call(stubs.client)) == without_request_id(result)


def test_a_result_of_another_operation_is_a_type_error(stubs: Stubs) -> None:
    get: Any = stubs.get_distribution_configuration(ARN)
    listing: Any = stubs.list_distribution_configurations()

    with pytest.raises(TypeError, match=r"result must be a DistributionConfiguration, not .*UpdateDistr"):
        get.returns(examples.minimal(ibd.UpdateDistributionConfigurationResult))
    with pytest.raises(TypeError, match=r"result\[0\] must be a DistributionConfigurationSummary"):
        listing.returns([STORED])


def test_a_dry_run_succeeds(stubs: Stubs) -> None:
    """
    The service reports it as an error, which the client turns into a result.
    """
    if "dryRun" not in structure("CreateDistributionConfigurationRequest").members:
        pytest.skip("needs botocore 1.43.94 or newer")
    stubs.create_distribution_configuration("web", [WEB], dry_run=True)

    result = stubs.client.create_distribution_configuration("web", [WEB], dry_run=True)

    assert isinstance(result, ibd.CreateDistributionConfigurationDryRunResult)


def test_an_unmatched_request_that_the_code_swallows_fails_in_the_end(stubs: Stubs) -> None:
    with contextlib.suppress(Exception):  # the code under test swallows the error
        stubs.client.get_distribution_configuration(ARN)

    with pytest.raises(StubError, match="no stub matches GetDistributionConfiguration"), stubs:
        pass


def test_what_is_left_over_fails_in_the_end(stubs: Stubs) -> None:
    stubs.tag_resource(ARN, {"a": "b"}).returns(times=3)
    stubs.get_distribution_configuration(ARN).always()
    stubs.list_tags_for_resource(ARN).optional()
    stubs.client.tag_resource(ARN, {"a": "b"})

    with pytest.raises(StubError) as caught:
        stubs.assert_done()

    assert str(caught.value).splitlines() == [
        f"left over: tag_resource(resource_arn='{ARN}', tags={{'a': 'b'}}), which received 1 of 3 requests",
        f"left over: get_distribution_configuration(distribution_configuration_arn='{ARN}'), "
        "which received 0 of 1 request",
    ]


def test_an_exception_in_a_with_statement_is_not_hidden(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN)

    with pytest.raises(ZeroDivisionError), stubs:
        raise ZeroDivisionError

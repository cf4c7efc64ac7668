"""
Typed stubs of the service's operations, for our own clients and for clients of boto3.
"""

import asyncio
import contextlib
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import attrs
import botocore.stub
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter, first_non_none_response
from botocore.parsers import RestJSONParser

import imagebuilder_dist as ibd
from imagebuilder_dist import aio, errors
from imagebuilder_dist.testing import ANY, Stub, StubError, Stubs, examples
from imagebuilder_dist.testing.requests import (
    DeleteDistributionConfigurationRequest,
    GetDistributionConfigurationRequest,
    ListDistributionConfigurationsRequest,
    ListTagsForResourceRequest,
    TagResourceRequest,
    UntagResourceRequest,
)

from .shapes import service_model, structure

ARN = examples.ARN
WEB = examples.minimal(ibd.Distribution)
EAST = attrs.evolve(WEB, region="us-east-1")
STORED = examples.complete(ibd.DistributionConfiguration)
SUMMARY = examples.complete(ibd.DistributionConfigurationSummary)
COMPOUND = {"edit_distribution_configuration", "ensure_distribution_configuration", "send"}
OPERATIONS = sorted({name for name in vars(ibd.DistributionConfigurationClient) if name[0] != "_"} - COMPOUND)


@pytest.fixture
def stubs() -> Stubs:
    return Stubs()


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
    The service says so with an error, and the client gives it a result of its own.
    """
    if "dryRun" not in structure("CreateDistributionConfigurationRequest").members:
        pytest.skip("needs botocore 1.43.94 or newer")
    stubs.create_distribution_configuration("web", [WEB], dry_run=True)

    result = stubs.client.create_distribution_configuration("web", [WEB], dry_run=True)

    assert isinstance(result, ibd.CreateDistributionConfigurationDryRunResult)


def test_distributions_match_in_the_services_meaning(stubs: Stubs) -> None:
    launch = ibd.LaunchPermissionConfiguration(user_ids=["111122223333", "444455556666"])
    reverse = ibd.LaunchPermissionConfiguration(user_ids=["444455556666", "111122223333"])
    one, other = (
        attrs.evolve(WEB, ami_distribution_configuration=ibd.AmiDistributionConfiguration(launch_permission=permission))
        for permission in (launch, reverse)
    )
    stubs.update_distribution_configuration(ARN, [one, EAST])

    stubs.client.update_distribution_configuration(ARN, [EAST, other])

    stubs.assert_done()


@pytest.mark.parametrize("wildcard", [ANY, botocore.stub.ANY], ids=["ours", "botocore"])
def test_the_most_specific_stub_wins_in_any_order(stubs: Stubs, wildcard: Any) -> None:
    wide = stubs.update_distribution_configuration(wildcard, wildcard, description=wildcard).optional()
    narrow = stubs.update_distribution_configuration(ARN, wildcard)
    wider = stubs.update_distribution_configuration(wildcard, wildcard, description=wildcard).optional()

    counts: list[list[int]] = []
    for _ in range(2):
        stubs.client.update_distribution_configuration(ARN, [WEB])
        counts.append([len(each.calls) for each in (wide, narrow, wider)])

    assert counts == [[0, 1, 0], [1, 1, 0]]


def test_what_is_omitted_has_to_be_absent(stubs: Stubs) -> None:
    stubs.update_distribution_configuration(ARN, [WEB])

    with pytest.raises(StubError) as caught:
        stubs.client.update_distribution_configuration(ARN, [EAST], description="East")

    assert str(caught.value) == (
        "no stub matches UpdateDistributionConfiguration; the nearest differs (- stubbed, + sent):\n"
        f"  update_distribution_configuration(distribution_configuration_arn='{ARN}', distributions=['us-west-2'])\n"
        "    - distributions[us-west-2]: "
        "{'region': 'us-west-2', 'amiDistributionConfiguration': {'description': 'Web servers'}}\n"
        "    + distributions[us-east-1]: "
        "{'region': 'us-east-1', 'amiDistributionConfiguration': {'description': 'Web servers'}}\n"
        "    + description: 'East'"
    )


def test_the_nearest_stub_is_that_with_the_fewest_differences(stubs: Stubs) -> None:
    stubs.tag_resource(ARN, {"a": "b"})
    stubs.tag_resource(ARN.replace("web", "other"), {"c": "d"})

    with pytest.raises(StubError) as caught:
        stubs.client.tag_resource(ARN.replace("web", "other"), {"c": "e"})

    assert str(caught.value).splitlines()[-1] == "    ~ tags.c: 'd' -> 'e'"


def test_a_matcher_of_the_users_that_does_not_match_is_shown(stubs: Stubs) -> None:
    @attrs.frozen
    class EndsWith:
        end: str

        def __eq__(self, other: object) -> bool:
            return str(other).endswith(self.end)

        def __hash__(self) -> int:
            return 0

    ends: Any = EndsWith("/other")
    stubs.get_distribution_configuration(ends)

    with pytest.raises(StubError, match=rf"~ distributionConfigurationArn: .*'/other'.* -> '{ARN}'"):
        stubs.client.get_distribution_configuration(ARN)


def test_an_operation_without_a_stub(stubs: Stubs) -> None:
    with pytest.raises(StubError, match=r"^no stub matches GetDistributionConfiguration: there is none for it$"):
        stubs.client.get_distribution_configuration(ARN)


def test_a_stub_that_is_used_up(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN)
    stubs.client.get_distribution_configuration(ARN)

    with pytest.raises(StubError, match=r"get_distribution_configuration\(.*\) is used up, after 1 request$"):
        stubs.client.get_distribution_configuration(ARN)


def test_an_unmatched_request_that_the_code_swallows_fails_in_the_end(stubs: Stubs) -> None:
    with contextlib.suppress(Exception):  # such code is what this is about
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
        f"left over: tag_resource(resource_arn='{ARN}', tags={{'a': 'b'}}), which met 1 of 3 requests",
        f"left over: get_distribution_configuration(distribution_configuration_arn='{ARN}'), which met 0 of 1 request",
    ]


def test_an_exception_in_a_with_statement_is_not_hidden(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN)

    with pytest.raises(ZeroDivisionError), stubs:
        raise ZeroDivisionError


def test_outcomes_follow_each_other(stubs: Stubs) -> None:
    stub = stubs.get_distribution_configuration(ARN).returns().raises(ibd.ResourceNotFoundException, "gone").always()

    assert stubs.client.get_distribution_configuration(ARN).arn == ARN
    for _ in range(2):
        with pytest.raises(ibd.ResourceNotFoundException, match="gone"):
            stubs.client.get_distribution_configuration(ARN)
    assert len(stub.calls) == 3
    assert repr(stub).startswith("<Stub of get_distribution_configuration(")


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_an_error_arrives_as_its_class_with_the_status_of_the_model(stubs: Stubs, code: str) -> None:
    stubs.get_distribution_configuration(ARN).raises(errors.BY_CODE[code]).always()
    statuses = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in service_model().error_shapes}

    with pytest.raises(errors.BY_CODE[code]) as caught:
        stubs.client.get_distribution_configuration(ARN)

    assert type(caught.value) is errors.BY_CODE[code]
    assert caught.value.http_status == statuses.get(code, caught.value.http_status)


@pytest.mark.parametrize("wrong", ["CallRateLimitExceeded", KeyError, ibd.ApiError])
def test_an_error_that_does_not_exist_is_a_type_error(stubs: Stubs, wrong: Any) -> None:
    with pytest.raises(TypeError, match="error must be a class of imagebuilder_dist named like a code"):
        stubs.get_distribution_configuration(ARN).raises(wrong)


def test_a_code_that_is_misspelt_gets_a_suggestion(stubs: Stubs) -> None:
    wrong: Any = "CallRateLimitExeeded"

    with pytest.raises(TypeError, match=r"; did you mean CallRateLimitExceededException\?$"):
        stubs.get_distribution_configuration(ARN).raises(wrong)


@pytest.mark.parametrize(("applied", "may_have_been"), [(True, True), (False, False)])
def test_a_response_is_lost(stubs: Stubs, applied: bool, may_have_been: bool) -> None:
    update = stubs.update_distribution_configuration(ARN, [WEB]).loses_response(applied=applied).always()

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        stubs.client.update_distribution_configuration(ARN, [WEB])

    assert caught.value.may_have_been_applied is may_have_been
    assert caught.value.attempts == len(update.calls) == 5


def test_a_slow_response_takes_no_time(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(after=59).returns(after=61).returns()
    client = stubs.client

    client.get_distribution_configuration(ARN)
    client.get_distribution_configuration(ARN)  # the first attempt times out

    assert 59 + 60 + 0.5 <= stubs.clock() <= 59 + 60 + 1


def test_the_clock_notes_no_sleep_for_a_response_at_once(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(after=2).returns()

    stubs.client.get_distribution_configuration(ARN)
    stubs.client.get_distribution_configuration(ARN)

    assert stubs.clock.slept == [2]


def test_a_request_times_out(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(after=61).always()

    with pytest.raises(ibd.RequestTimeoutError) as caught:
        stubs.client.get_distribution_configuration(ARN)

    assert caught.value.elapsed is not None
    assert caught.value.elapsed >= 120  # `max_seconds` of the clock that nobody waits for


def test_any_bytes_can_be_the_response(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).responds(200, b"<html>", {"Content-Type": "text/html"})

    with pytest.raises(ibd.ResponseError, match="it isn't JSON"):
        stubs.client.get_distribution_configuration(ARN)


def test_requests_in_order(stubs: Stubs) -> None:
    stubs.in_order()
    stubs.get_distribution_configuration(ARN).always()
    stubs.list_tags_for_resource(ARN).optional()
    update = stubs.update_distribution_configuration(ARN, [WEB])
    stubs.get_distribution_configuration(ARN)
    client = stubs.client

    client.get_distribution_configuration(ARN)
    client.get_distribution_configuration(ARN)
    client.update_distribution_configuration(ARN, [WEB])
    client.get_distribution_configuration(ARN)

    assert stubs.calls[2] == update.calls[0]
    stubs.assert_done()


def test_requests_out_of_order(stubs: Stubs) -> None:
    stubs.in_order()
    stubs.get_distribution_configuration(ARN)
    stubs.tag_resource(ARN, {"a": "b"})
    client = stubs.client

    with pytest.raises(StubError, match=r"TagResource: the next in order is get_distribution_configuration\("):
        client.tag_resource(ARN, {"a": "b"})
    client.get_distribution_configuration(ARN)
    client.tag_resource(ARN, {"a": "b"})
    with pytest.raises(StubError, match=r"TagResource: there is none for it$"):
        client.tag_resource(ARN, {"a": "b"})


def test_an_edit_gets_twice(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(STORED, times=2)
    update = stubs.update_distribution_configuration(ARN, ANY, description="New")

    edit = stubs.client.edit_distribution_configuration(ARN, lambda stored: attrs.evolve(stored, description="New"))

    assert edit.result is not None
    assert update.calls[0].client_token == edit.result.client_token
    stubs.assert_done()


def test_an_edit_that_meets_another_writer(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(STORED).returns(attrs.evolve(STORED, description="theirs"))

    with pytest.raises(ibd.ConcurrentModificationError, match="'Web servers' -> 'theirs'"):
        stubs.client.edit_distribution_configuration(
            ARN, lambda stored: attrs.evolve(stored, description="mine"), attempts=1
        )


def test_an_ensure_lists_and_creates(stubs: Stubs) -> None:
    stubs.list_distribution_configurations(name="web")
    stubs.create_distribution_configuration("web", [WEB])

    assert stubs.client.ensure_distribution_configuration("web", [WEB]).created
    stubs.assert_done()


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_client_of_the_users_retries_as_it_is_configured_to_without_waiting(session: Any, mode: Any) -> None:
    boto3_client = session.client("imagebuilder", config=Config(retries={"mode": mode, "total_max_attempts": 4}))
    stubs = Stubs(boto3_client)
    get = stubs.get_distribution_configuration(ARN).raises(ibd.ServiceUnavailableException).always()

    with pytest.raises(ClientError, match=r"reached max retries: 3"):
        boto3_client.get_distribution_configuration(distributionConfigurationArn=ARN)

    assert len(get.calls) == 4
    assert stubs.clock() > 0


def test_our_client_over_one_of_the_users(boto3_client: Any) -> None:
    stubs = Stubs(boto3_client)
    stubs.get_distribution_configuration(ARN).raises(ibd.CallRateLimitExceededException, times=4).returns()

    assert stubs.client.get_distribution_configuration(ARN).arn == ARN
    assert stubs.clock() > 1


def test_empty_lists_of_a_client_of_the_users_are_absent(boto3_client: Any) -> None:
    stubs = Stubs(boto3_client)
    bare = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())
    update = stubs.update_distribution_configuration(ARN, [bare])

    boto3_client.update_distribution_configuration(
        distributionConfigurationArn=ARN,
        distributions=[{"region": "us-west-2", "amiDistributionConfiguration": {"amiTags": {}}}],
    )

    assert update.calls[0].distributions == (bare,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda client: client.list_images(),
            "ListImages, which can't be read as a request: stubs have no such",
        ),
        (
            lambda client: client.list_distribution_configurations(filters=[{"name": "name", "values": ["a", "b"]}]),
            "ListDistributionConfigurations, which can't be read as a request: filters",
        ),
    ],
)
def test_what_cannot_be_stubbed(boto3_client: Any, call: Callable[[Any], object], message: str) -> None:
    stubs = Stubs(boto3_client)
    stubs.list_distribution_configurations(name=ANY)

    with pytest.raises(StubError, match=message):
        call(boto3_client)
    assert stubs.calls == ()


def test_a_list_of_the_users_with_a_filter(boto3_client: Any) -> None:
    stubs = Stubs(boto3_client)
    listing = stubs.list_distribution_configurations(name="web")

    boto3_client.list_distribution_configurations(filters=[{"name": "name", "values": ["web"]}])

    assert len(listing.calls) == 1


def test_a_client_of_ours_that_was_there_before(session: Any) -> None:
    client = ibd.DistributionConfigurationClient(session=session)
    with Stubs(client) as stubs:
        stubs.get_distribution_configuration(ARN).raises(ibd.CallRateLimitExceededException, times=4).returns()

        assert client.get_distribution_configuration(ARN).arn == ARN
        assert stubs.client is client


def test_at_the_end_of_a_with_statement_a_client_is_let_go(boto3_client: Any) -> None:
    with Stubs(boto3_client):
        pass
    with botocore.stub.Stubber(boto3_client) as stubber:
        stubber.add_response("list_distribution_configurations", {"distributionConfigurationSummaryList": []})

        assert boto3_client.list_distribution_configurations()["distributionConfigurationSummaryList"] == []


def test_what_is_no_client_is_a_type_error() -> None:
    wrong: Any = object()

    with pytest.raises(TypeError, match="client must be a client of boto3, of aiobotocore or of this library"):
        Stubs(wrong)


def test_the_developers_profile_does_not_matter() -> None:
    code = (
        "from imagebuilder_dist.testing import LocalImageBuilder, Stubs, examples\n"
        "stubs = Stubs()\n"
        "stubs.get_distribution_configuration(examples.ARN)\n"
        "print(stubs.client.get_distribution_configuration(examples.ARN).name, LocalImageBuilder().client())"
    )
    environment = {**os.environ, "AWS_PROFILE": "nowhere"}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert done.stdout.startswith("web <imagebuilder_dist.DistributionConfigurationClient for us-west-2")


async def deploy(client: aio.DistributionConfigurationClient) -> ibd.UpdateDistributionConfigurationResult:
    async with client:
        return await client.update_distribution_configuration(ARN, [WEB])


def test_asyncio(stubs: Stubs) -> None:
    update = stubs.update_distribution_configuration(ARN, [WEB])
    update.raises(ibd.CallRateLimitExceededException, times=2).returns()

    result = asyncio.run(deploy(stubs.aio()))

    assert result.distribution_configuration_arn == ARN
    assert len(update.calls) == 3


def test_a_client_of_ours_for_asyncio_that_was_there_before(session: Any) -> None:
    client = aio.DistributionConfigurationClient(session=session)
    stubs = Stubs(client)
    stubs.update_distribution_configuration(ARN, [WEB])

    asyncio.run(deploy(client))

    assert stubs.aio() is client
    stubs.assert_done()


def test_many_threads_at_once(stubs: Stubs) -> None:
    get = stubs.get_distribution_configuration(ANY).returns(times=40)
    client = stubs.client

    with ThreadPoolExecutor(8) as threads:
        arns = [*threads.map(lambda n: client.get_distribution_configuration(f"{ARN}-{n}").arn, range(40))]

    assert sorted(call.distribution_configuration_arn for call in get.calls) == sorted(arns)
    stubs.assert_done()


class LikeAiobotocore:
    """What `Stubs` meets of an aiobotocore client: events that are awaited, and a body, too."""

    def __init__(self, client: Any) -> None:
        self.meta = SimpleNamespace(
            events=AsyncEvents(HierarchicalEmitter()), region_name="us-west-2", config=client.meta.config
        )
        self._model = client.meta.service_model.operation_model("GetDistributionConfiguration")

    async def close(self) -> None:
        """Do nothing."""

    async def get_distribution_configuration(self, **parameters: Any) -> Any:
        arn = quote(parameters["distributionConfigurationArn"])
        url = f"https://imagebuilder/GetDistributionConfiguration?distributionConfigurationArn={arn}"
        request = AWSPreparedRequest("GET", url, HTTPHeaders.from_pairs([("a", "b")]), None, stream_output=False)
        while True:
            event = "imagebuilder.GetDistributionConfiguration"
            response: Any = first_non_none_response(
                await self.meta.events.emit(f"before-send.{event}", request=request)
            )
            parsed = {"headers": response.headers, "body": await response.content, "status_code": response.status_code}
            delay: Any = first_non_none_response(await self.meta.events.emit(f"needs-retry.{event}", response=parsed))
            if delay is None:
                return RestJSONParser().parse(parsed, self._model.output_shape)


class AsyncEvents:
    def __init__(self, events: Any) -> None:
        self._events = events
        self.unregister = events.unregister
        self.register = events.register
        self.register_first = events.register_first
        self.register_last = events.register_last

    async def emit(self, name: str, **facts: Any) -> list[Any]:
        return [(each, await it if inspect.isawaitable(it) else it) for each, it in self._events.emit(name, **facts)]


def test_a_client_of_aiobotocore(session: Any) -> None:
    """
    Its own tests are in test_aio, in an environment that has it; this one is to be seen everywhere.
    """
    client = LikeAiobotocore(session.client("imagebuilder"))
    client.meta.events.register(
        "needs-retry.imagebuilder", lambda response, **_: 2.0 if response["status_code"] == 503 else None
    )
    stubs = Stubs(client)
    stubs.get_distribution_configuration(ARN).raises(ibd.ServiceUnavailableException).returns()

    got = asyncio.run(stubs.aio().get_distribution_configuration(ARN))

    assert got.arn == ARN
    assert stubs.clock() == 2.0
    stubs.assert_done()

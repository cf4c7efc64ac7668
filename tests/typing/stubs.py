"""
Read by mypy and pyright, never run: a stub takes what the client's method takes, and returns what it returns.
"""

from typing import assert_type

from botocore.stub import Stubber
from types_boto3_imagebuilder import ImagebuilderClient

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import ANY, Stub, Stubs, expected_params, requests, stub_error

WEB = ibd.Distribution(region="us-west-2")


def made(
    typed: ImagebuilderClient, client: ibd.DistributionConfigurationClient, awaited: aio.DistributionConfigurationClient
) -> None:
    assert_type(Stubs().client, ibd.DistributionConfigurationClient)
    assert_type(Stubs(awaited).aio(), aio.DistributionConfigurationClient)
    Stubs(typed)
    Stubs(client)
    Stubs(5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    Stubs("us-west-2")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    with Stubs() as stubs:
        assert_type(stubs, Stubs)
        assert_type(stubs.in_order(), Stubs)


def stubbed(stubs: Stubs, stored: ibd.DistributionConfiguration) -> None:
    get = stubs.get_distribution_configuration("arn")
    assert_type(get, Stub[requests.GetDistributionConfigurationRequest, ibd.DistributionConfiguration])
    assert_type(
        get.returns(stored).raises(ibd.ServiceException, times=2).loses_response().always(),
        Stub[requests.GetDistributionConfigurationRequest, ibd.DistributionConfiguration],
    )
    get.returns(WEB)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    get.raises(ValueError)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    get.raises("ServiceException")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    update = stubs.update_distribution_configuration("arn", [WEB], description="d")
    assert_type(update.calls, tuple[ibd.UpdateDistributionConfigurationRequest, ...])
    assert_type(update.calls[-1].distributions, tuple[ibd.Distribution, ...])
    update.returns(stored)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    stubs.update_distribution_configuration(ANY, ANY, description=ANY, client_token=ANY)
    stubs.update_distribution_configuration("arn", stored.distributions)
    stubs.update_distribution_configuration("arn", [{}])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
    stubs.update_distribution_configuration("arn", [WEB], tags={})  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    stubs.create_distribution_configuration("web", [WEB], "d")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    stubs.list_distribution_configurations(name="web").returns(stored.to_request())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    stubs.get_image("arn")  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def for_stubber(stubber: Stubber, request: ibd.UpdateDistributionConfigurationRequest) -> None:
    expected_params(request)
    expected_params(WEB)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    stub_error(stubber, request, ibd.ServiceException)
    stub_error(stubber, request, KeyError)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

"""
Read by mypy and pyright, never run: which clients fit, and what the results are.
"""

from typing import Any, assert_type

import boto3
from botocore.config import Config
from types_boto3_imagebuilder import ImagebuilderClient

import imagebuilder_dist as ibd


class Fake:
    def get_distribution_configuration(self, *, distributionConfigurationArn: str) -> dict[str, Any]:  # noqa: N803
        return {"distributionConfiguration": {"arn": distributionConfigurationArn}}

    def update_distribution_configuration(self, **parameters: Any) -> dict[str, Any]:
        return parameters

    create_distribution_configuration = update_distribution_configuration
    delete_distribution_configuration = update_distribution_configuration
    list_distribution_configurations = update_distribution_configuration
    list_tags_for_resource = update_distribution_configuration
    tag_resource = update_distribution_configuration
    untag_resource = update_distribution_configuration


class FakeOfTwo:
    def get_distribution_configuration(self, **parameters: Any) -> dict[str, Any]:
        return parameters

    update_distribution_configuration = get_distribution_configuration


def clients(typed: ImagebuilderClient, untyped: Any) -> None:
    ibd.DistributionConfigurationClient(typed)
    ibd.DistributionConfigurationClient(untyped)
    ibd.DistributionConfigurationClient(Fake())
    ibd.DistributionConfigurationClient(FakeOfTwo())
    ibd.DistributionConfigurationClient(boto3.client("imagebuilder"))  # pyright: ignore[reportUnknownMemberType] - other services' types aren't installed
    ibd.DistributionConfigurationClient(session=boto3.Session(), config=Config(read_timeout=5))


def results(client: ibd.DistributionConfigurationClient) -> None:
    configuration = client.get_distribution_configuration("arn")
    assert_type(configuration, ibd.DistributionConfiguration)
    assert_type(configuration.distributions, tuple[ibd.Distribution, ...])
    result = client.update_distribution_configuration("arn", [ibd.Distribution(region="us-west-2")])
    assert_type(result.client_token, str | None)
    client.update_distribution_configuration("arn", iter(configuration.distributions))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.update_distribution_configuration("arn", [{}])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
    client.get_distribution_configuration(5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

"""
Short builders of requests and distributions.
"""

import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.validation import validate
from tests.samples import ARN, EVERYTHING, LICENCE, ami

OWNER, OTHER, THIRD = "123456789012", "111122223333", "444455556666"
TEMPLATE = "lt-0123456789abcdef0"


def update(*distributions: ibd.Distribution, **others: Any) -> ibd.UpdateDistributionConfigurationRequest:
    arguments = {"distribution_configuration_arn": ARN, "distributions": distributions, **others}
    return ibd.UpdateDistributionConfigurationRequest(**arguments)


def everything() -> dict[str, Any]:
    """Return the document of an update with everything in it."""
    return ibd.to_boto3(update(EVERYTHING, description="d", client_token="t"))


def fast(*, region: str = "us-west-2", targets: list[str] | None = None, **members: Any) -> ibd.Distribution:
    configuration = ibd.FastLaunchConfiguration(**{"enabled": True, **members})
    return attrs.evolve(ami(region, target_account_ids=targets), fast_launch_configurations=[configuration])


def ssm(
    *parameters: tuple[str, str | None], region: str = "us-west-2", targets: list[str] | None = None
) -> ibd.Distribution:
    configurations = [
        ibd.SsmParameterConfiguration(parameter_name=name, ami_account_id=account) for name, account in parameters
    ]
    return attrs.evolve(ami(region, target_account_ids=targets), ssm_parameter_configurations=configurations)


def container(repository_name: str) -> ibd.Distribution:
    repository = ibd.TargetContainerRepository(service="ECR", repository_name=repository_name)
    configuration = ibd.ContainerDistributionConfiguration(target_repository=repository)
    return ibd.Distribution(region="us-west-2", container_distribution_configuration=configuration)


def template(launch_template_id: str, region: str = "us-west-2") -> ibd.Distribution:
    configuration = ibd.LaunchTemplateConfiguration(launch_template_id=launch_template_id)
    return ibd.Distribution(region=region, launch_template_configurations=[configuration])


def licensed(region: str) -> ibd.Distribution:
    return ibd.Distribution(region=region, license_configuration_arns=[LICENCE])


def export(role: str = "vmimport", bucket: str = "images") -> ibd.Distribution:
    configuration = ibd.S3ExportConfiguration(
        role_name=role, s3_bucket=bucket, s3_prefix="web/", disk_image_format="RAW"
    )
    return ibd.Distribution(region="us-west-2", s3_export_configuration=configuration)


def strings_in(document: Any, path: str = "") -> Iterator[tuple[str, Callable[[str], None]]]:
    """Yield every string in a document except keys: its path, and a function that replaces it."""
    items = list(document.items() if isinstance(document, dict) else enumerate(document))
    for key, value in items:
        at = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".removeprefix(".")
        if isinstance(value, str):
            yield at, functools.partial(operator.setitem, document, key)
        elif isinstance(value, dict | list):
            yield from strings_in(value, at)


def found(request: Any) -> list[tuple[str, str]]:
    return [(issue.path, issue.rule) for issue in validate(request)]

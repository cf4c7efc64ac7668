"""
Values for tests: a minimal and a complete value of every model and result, and ids and ARNs.

Evolve them, so that a test states only what it is about:

>>> from imagebuilder_dist import Distribution
>>> web = attrs.evolve(minimal(Distribution), region="eu-west-1")
"""

from collections.abc import Mapping
from typing import TypeVar, cast

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.text import describe

T = TypeVar("T")

ACCOUNT_ID = "123456789012"
"""The account that owns the examples, and the default one of `LocalImageBuilder`."""

OTHER_ACCOUNT_ID = "111122223333"

REGION = "us-west-2"

OTHER_REGION = "eu-west-1"

ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT_ID}:distribution-configuration/web"
"""The ARN of a distribution configuration called `web`."""

LAUNCH_TEMPLATE_ID = "lt-0123456789abcdef0"

LICENSE_CONFIGURATION_ARN = (
    f"arn:aws:license-manager:{REGION}:{ACCOUNT_ID}:license-configuration:lic-0123456789abcdef0123456789abcdef"
)

ORGANIZATION_ARN = f"arn:aws:organizations::{ACCOUNT_ID}:organization/o-abcdefghij"

ORGANIZATIONAL_UNIT_ARN = f"arn:aws:organizations::{ACCOUNT_ID}:ou/o-abcdefghij/ou-abcd-abcdefgh"

KMS_KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/01234567-89ab-cdef-0123-456789abcdef"

CLIENT_TOKEN = "01234567-89ab-cdef-0123-456789abcdef"  # noqa: S105 - no password

REQUEST_ID = "fedcba98-7654-3210-fedc-ba9876543210"

_DATE = "2026-09-09T19:37:37.231Z"


def minimal(cls: type[T]) -> T:
    """
    Return a model or result with the fewest members that the service accepts.

    Raises:
        TypeError:
            If *cls* isn't one of this library's models or results.
    """
    return _find(cls, _MINIMAL)


def complete(cls: type[T]) -> T:
    """
    Return a model or result with all members that the service accepts together; a create isn't a dry run.

    Raises:
        TypeError:
            If *cls* isn't one of this library's models or results.
    """
    return _find(cls, _COMPLETE)


def _find(cls: type[T], values: Mapping[type, object]) -> T:
    if cls not in values:
        raise TypeError(f"there are examples of imagebuilder_dist's models and results only, not of {describe(cls)}")
    return cast(T, values[cls])


_MINIMAL_DISTRIBUTION = models.Distribution(
    region=REGION, ami_distribution_configuration=models.AmiDistributionConfiguration(description="Web servers")
)
_REPOSITORY = models.TargetContainerRepository(service="ECR", repository_name="web")
_EXPORT = models.S3ExportConfiguration(role_name="vmimport", disk_image_format="VHD", s3_bucket="images")

_MINIMAL: Mapping[type, object] = {
    type(each): each
    for each in (
        models.LaunchPermissionConfiguration(),
        models.AmiDistributionConfiguration(),
        _REPOSITORY,
        models.ContainerDistributionConfiguration(target_repository=_REPOSITORY),
        models.LaunchTemplateConfiguration(launch_template_id=LAUNCH_TEMPLATE_ID),
        _EXPORT,
        models.FastLaunchSnapshotConfiguration(),
        models.FastLaunchLaunchTemplateSpecification(),
        models.FastLaunchConfiguration(enabled=True),
        models.SsmParameterConfiguration(parameter_name="/ami/web"),
        _MINIMAL_DISTRIBUTION,
        models.UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=ARN, distributions=[_MINIMAL_DISTRIBUTION]
        ),
        models.CreateDistributionConfigurationRequest(name="web", distributions=[_MINIMAL_DISTRIBUTION]),
        models.DistributionConfiguration(
            arn=ARN, name="web", distributions=[_MINIMAL_DISTRIBUTION], timeout_minutes=720
        ),
        models.UpdateDistributionConfigurationResult(distribution_configuration_arn=ARN),
        models.CreateDistributionConfigurationResult(distribution_configuration_arn=ARN),
        models.CreateDistributionConfigurationDryRunResult(),
        models.DeleteDistributionConfigurationResult(distribution_configuration_arn=ARN),
        models.DistributionConfigurationSummary(arn=ARN, name="web"),
        models.ListTagsForResourceResult(),
        models.TagResourceResult(),
        models.UntagResourceResult(),
    )
}

_PERMISSION = models.LaunchPermissionConfiguration(
    user_ids=[OTHER_ACCOUNT_ID],
    user_groups=["all"],
    organization_arns=[ORGANIZATION_ARN],
    organizational_unit_arns=[ORGANIZATIONAL_UNIT_ARN],
)
_AMI = models.AmiDistributionConfiguration(
    name="web {{ imagebuilder:buildDate }}",
    description="Web servers",
    target_account_ids=[OTHER_ACCOUNT_ID],
    ami_tags={"team": "web"},
    kms_key_id=KMS_KEY_ARN,
    launch_permission=_PERMISSION,
)
_CONTAINER = models.ContainerDistributionConfiguration(
    target_repository=_REPOSITORY, description="Web container", container_tags=["latest"]
)
_TEMPLATE = models.LaunchTemplateConfiguration(
    launch_template_id=LAUNCH_TEMPLATE_ID, account_id=OTHER_ACCOUNT_ID, set_default_version=True
)
_SNAPSHOTS = models.FastLaunchSnapshotConfiguration(target_resource_count=5)
_SPECIFICATION = models.FastLaunchLaunchTemplateSpecification(
    launch_template_id=LAUNCH_TEMPLATE_ID, launch_template_version="$Latest"
)
_FAST_LAUNCH = models.FastLaunchConfiguration(
    enabled=True,
    snapshot_configuration=_SNAPSHOTS,
    max_parallel_launches=6,
    launch_template=_SPECIFICATION,
    account_id=ACCOUNT_ID,
)
_PARAMETER = models.SsmParameterConfiguration(
    parameter_name="/ami/web", ami_account_id=OTHER_ACCOUNT_ID, data_type="aws:ec2:image"
)
_COMPLETE_DISTRIBUTION = models.Distribution(
    region=REGION,
    ami_distribution_configuration=_AMI,
    container_distribution_configuration=_CONTAINER,
    license_configuration_arns=[LICENSE_CONFIGURATION_ARN],
    launch_template_configurations=[_TEMPLATE],
    s3_export_configuration=attrs.evolve(_EXPORT, s3_prefix="web/"),
    fast_launch_configurations=[_FAST_LAUNCH],
    ssm_parameter_configurations=[_PARAMETER],
)

_COMPLETE: Mapping[type, object] = {
    type(each): each
    for each in (
        _PERMISSION,
        _AMI,
        _REPOSITORY,
        _CONTAINER,
        _TEMPLATE,
        _COMPLETE_DISTRIBUTION.s3_export_configuration,
        _SNAPSHOTS,
        _SPECIFICATION,
        _FAST_LAUNCH,
        _PARAMETER,
        _COMPLETE_DISTRIBUTION,
        models.UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=ARN,
            distributions=[_COMPLETE_DISTRIBUTION],
            description="Web servers",
            client_token=CLIENT_TOKEN,
        ),
        models.CreateDistributionConfigurationRequest(
            name="web",
            distributions=[_COMPLETE_DISTRIBUTION],
            description="Web servers",
            tags={"team": "web"},
            client_token=CLIENT_TOKEN,
        ),
        models.DistributionConfiguration(
            arn=ARN,
            name="web",
            description="Web servers",
            distributions=[_COMPLETE_DISTRIBUTION],
            timeout_minutes=720,
            date_created=_DATE,
            date_updated=_DATE,
            tags={"team": "web"},
            request_id=REQUEST_ID,
        ),
        models.UpdateDistributionConfigurationResult(
            distribution_configuration_arn=ARN, request_id=REQUEST_ID, client_token=CLIENT_TOKEN
        ),
        models.CreateDistributionConfigurationResult(
            distribution_configuration_arn=ARN, request_id=REQUEST_ID, client_token=CLIENT_TOKEN
        ),
        models.CreateDistributionConfigurationDryRunResult(request_id=REQUEST_ID, client_token=CLIENT_TOKEN),
        models.DeleteDistributionConfigurationResult(distribution_configuration_arn=ARN, request_id=REQUEST_ID),
        models.DistributionConfigurationSummary(
            arn=ARN,
            name="web",
            description="Web servers",
            date_created=_DATE,
            date_updated=_DATE,
            tags={"team": "web"},
            regions=[REGION],
        ),
        models.ListTagsForResourceResult(tags={"team": "web"}, request_id=REQUEST_ID),
        models.TagResourceResult(request_id=REQUEST_ID),
        models.UntagResourceResult(request_id=REQUEST_ID),
    )
}

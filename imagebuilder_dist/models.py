"""
What a request says, one class per shape of the service, under the service's names.

Attributes are the service's members in snake case (`kmsKeyId` is `kms_key_id`).
An optional member that is `None`, or an empty list or mapping, is left out of the request.
Constructors take any iterable for a list and any mapping of strings for tags, copy both, and raise a `TypeError` that
names class and attribute if a type is wrong; `None` for an optional list or mapping is empty.
They don't judge values.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

from imagebuilder_dist._fields import EMPTY, Items, check_types, to_optional_mapping, to_optional_tuple, to_tuple

ContainerRepositoryService: TypeAlias = Literal["ECR"]
DiskImageFormat: TypeAlias = Literal["VMDK", "RAW", "VHD"]
SsmParameterDataType: TypeAlias = Literal["text", "aws:ec2:image"]


# The type checkers read a constructor's argument type off a named function, one for each item type.
def to_strings(items: Items[str] | None) -> tuple[str, ...]:
    """
    Return *items* as a tuple; `None` is empty.
    """
    return to_optional_tuple(items)


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class LaunchPermissionConfiguration:
    """
    Who may launch instances from the AMI.
    """

    user_ids: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """AWS account ids of 12 digits; at most 1536."""

    user_groups: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """`all` makes the AMI public; no other group means anything."""

    organization_arns: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """ARNs of AWS Organizations; at most 25."""

    organizational_unit_arns: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """ARNs of organizational units; at most 25."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class AmiDistributionConfiguration:
    """
    How the AMI is named, tagged, encrypted, copied and shared in a Region.
    """

    name: str | None = None
    """
    The AMI's name, which has to contain `{{ imagebuilder:buildDate }}`; at most 127 characters.

    Without it the service makes one up.
    """

    description: str | None = None
    """Up to 1024 characters."""

    target_account_ids: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """Accounts that get a copy of their own, as ids of 12 digits; at most 1536."""

    ami_tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the AMI; at most 50, keys up to 128 and values up to 256 characters."""

    kms_key_id: str | None = None
    """The KMS key that encrypts the copies: key id, key ARN, alias name or alias ARN."""

    launch_permission: LaunchPermissionConfiguration | None = None
    """Without it only the owner, and the target accounts for their copies, can launch."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class TargetContainerRepository:
    """
    The repository that a container image is pushed to.
    """

    service: ContainerRepositoryService
    """`ECR` is the only service there is."""

    repository_name: str
    """The name without the registry's address; up to 1024 characters."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class ContainerDistributionConfiguration:
    """
    Where a container image goes in a Region, and how it is tagged there.
    """

    target_repository: TargetContainerRepository

    description: str | None = None
    """Up to 1024 characters."""

    container_tags: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """Image tags, such as `latest`."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class LaunchTemplateConfiguration:
    """
    An EC2 launch template that gets a new version with the AMI.
    """

    launch_template_id: str
    """`lt-` and 17 characters."""

    account_id: str | None = None
    """The account that owns the template; without it, your own."""

    set_default_version: bool | None = None
    """Whether the new version becomes the template's default."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class S3ExportConfiguration:
    """
    The export of the image as a virtual machine's disk to a bucket.
    """

    role_name: str
    """The role that lets VM Import/Export write to the bucket: a name, not an ARN."""

    disk_image_format: DiskImageFormat

    s3_bucket: str

    s3_prefix: str | None = None
    """What the object keys start with; a trailing slash is fine."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class FastLaunchSnapshotConfiguration:
    """
    How many pre-provisioned snapshots are kept.
    """

    target_resource_count: int | None = None
    """Snapshots on hand, 1 to 10,000."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class FastLaunchLaunchTemplateSpecification:
    """
    The launch template for the instances that snapshots are made from, by id or by name, not both.
    """

    launch_template_id: str | None = None
    """`lt-` and 17 characters."""

    launch_template_name: str | None = None

    launch_template_version: str | None = None
    """A number as a string, `$Latest` or `$Default`."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class FastLaunchConfiguration:
    """
    Whether Windows instances launch from pre-provisioned snapshots.
    """

    enabled: bool
    """`False` stops it; required by the service, so there is no default."""

    snapshot_configuration: FastLaunchSnapshotConfiguration | None = None

    max_parallel_launches: int | None = None
    """Instances launched at once to make snapshots. EC2 wants 6 or more."""

    launch_template: FastLaunchLaunchTemplateSpecification | None = None

    account_id: str | None = None
    """The account that owns the AMI; without it, your own."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class SsmParameterConfiguration:
    """
    A parameter in the SSM Parameter Store that is set to the new AMI's id.
    """

    parameter_name: str
    """Created if it doesn't exist; up to 1011 characters."""

    ami_account_id: str | None = None
    """The account that gets the parameter; it has to be one that the AMI is distributed to."""

    data_type: SsmParameterDataType | None = None
    """AWS recommends `aws:ec2:image`, which lets SSM check that the AMI is there."""


def _launch_template_configurations(
    items: Items[LaunchTemplateConfiguration] | None,
) -> tuple[LaunchTemplateConfiguration, ...]:
    return to_optional_tuple(items)


def _fast_launch_configurations(items: Items[FastLaunchConfiguration] | None) -> tuple[FastLaunchConfiguration, ...]:
    return to_optional_tuple(items)


def _ssm_parameter_configurations(
    items: Items[SsmParameterConfiguration] | None,
) -> tuple[SsmParameterConfiguration, ...]:
    return to_optional_tuple(items)


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class Distribution:
    """
    What happens to the image in one Region.

    The service rejects a Region without any output: at least one member besides `region` has to be given.
    """

    region: str
    """The Region's code, for example `eu-west-1`; each at most once in a configuration."""

    ami_distribution_configuration: AmiDistributionConfiguration | None = None

    container_distribution_configuration: ContainerDistributionConfiguration | None = None

    license_configuration_arns: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """ARNs of License Manager configurations; at most 50."""

    launch_template_configurations: tuple[LaunchTemplateConfiguration, ...] = attrs.field(
        default=(), converter=_launch_template_configurations
    )
    """At most 100."""

    s3_export_configuration: S3ExportConfiguration | None = None

    fast_launch_configurations: tuple[FastLaunchConfiguration, ...] = attrs.field(
        default=(), converter=_fast_launch_configurations
    )
    """At most 1000."""

    ssm_parameter_configurations: tuple[SsmParameterConfiguration, ...] = attrs.field(
        default=(), converter=_ssm_parameter_configurations
    )


def to_distributions(items: Items[Distribution]) -> tuple[Distribution, ...]:
    """
    Return *items* as a tuple.
    """
    return to_tuple(items)


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class UpdateDistributionConfigurationRequest:
    """
    Everything that is to be stored under an ARN from now on.
    """

    distribution_configuration_arn: str

    distributions: tuple[Distribution, ...] = attrs.field(converter=to_distributions)
    """The whole list: a Region that isn't in it is no longer distributed to."""

    description: str | None = None
    """Up to 1024 characters; without it, a stored description is removed."""

    client_token: str | None = None
    """Belongs to one intended write and all its retries; up to 64 characters. Generated if omitted."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class CreateDistributionConfigurationRequest:
    """
    A new configuration.
    """

    name: str
    """3 to 128 letters, digits, spaces, hyphens and underscores; it can't be changed later."""

    distributions: tuple[Distribution, ...] = attrs.field(converter=to_distributions)

    description: str | None = None
    """Up to 1024 characters."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself; at most 50, keys up to 128 and values up to 256 characters."""

    client_token: str | None = None
    """Belongs to one intended write and all its retries; up to 64 characters. Generated if omitted."""

    dry_run: bool | None = None
    """Whether only to check; botocore 1.43.94 or newer."""

"""
The contents of requests: one class per shape of the service, under the service's name.

Attributes are the service's members in snake case (`kmsKeyId` is `kms_key_id`).
An optional member that is `None`, an empty list or an empty mapping is left out of the request.
Constructors copy any collection for a list and any mapping of strings for tags; `None` for an optional one means empty.
An iterator isn't a collection, because it would be empty the second time.
They raise a `TypeError` that names class and attribute if a type is wrong, but don't validate values.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

import attrs

from imagebuilder_dist._common.attributes import (
    EMPTY,
    NOT_A_MEMBER,
    Items,
    check_tuple,
    check_type,
    check_types,
    explain_frozen,
    to_optional_mapping,
    to_optional_tuple,
    to_tuple,
)
from imagebuilder_dist.errors import Issue, NotConfiguredError

__all__ = [
    "BUILD_DATE", "AmiDistributionConfiguration", "Configuration", "ContainerDistributionConfiguration",
    "ContainerRepositoryService", "CreateDistributionConfigurationRequest", "CreateDistributionConfigurationResult",
    "DeleteDistributionConfigurationResult", "DiskImageFormat", "Distribution",
    "DistributionConfiguration", "DistributionConfigurationSummary", "FastLaunchConfiguration",
    "FastLaunchLaunchTemplateSpecification", "FastLaunchSnapshotConfiguration", "LaunchPermissionConfiguration",
    "LaunchTemplateConfiguration", "ListTagsForResourceResult", "S3ExportConfiguration", "SsmParameterConfiguration",
    "SsmParameterDataType", "TagResourceResult", "TargetContainerRepository", "UntagResourceResult",
    "UpdateDistributionConfigurationRequest", "UpdateDistributionConfigurationResult",
]  # fmt: skip

ContainerRepositoryService: TypeAlias = Literal["ECR"]
DiskImageFormat: TypeAlias = Literal["VMDK", "RAW", "VHD"]
SsmParameterDataType: TypeAlias = Literal["text", "aws:ec2:image"]

BUILD_DATE = "{{imagebuilder:buildDate}}"
"""The tag that stands for the time of the build, so that an f-string needs no doubled braces: `f"web {BUILD_DATE}"`."""


# Type checkers take a constructor's argument type from a named function, so each item type has its own.
def to_strings(items: Items[str] | None) -> tuple[str, ...]:
    """
    Return *items* as a tuple, empty for `None`.
    """
    return to_optional_tuple(items)


# Nothing refers weakly to what is inside of a configuration, and without the slot it is smaller.
@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class LaunchPermissionConfiguration:
    """
    Who may launch instances from the AMI.
    """

    user_ids: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """AWS account ids of 12 digits; at most 1536."""

    user_groups: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """`all`, which makes the AMI public, is the only group that the service supports."""

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
    The AMI's name, which must contain `{{ imagebuilder:buildDate }}` (see `BUILD_DATE`); at most 127 characters.

    If omitted, it is the image's name and the time of the build.
    """

    description: str | None = None
    """
    Up to 1024 characters.

    If omitted, the AMI in the build's Region has the recipe's description, and copies in other Regions and accounts
    have none.
    """

    target_account_ids: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """Accounts that get their own copy, as ids of 12 digits; at most 1536. If omitted, only your own account."""

    ami_tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the AMI; at most 50, keys up to 128 and values up to 256 characters."""

    kms_key_id: str | None = None
    """The KMS key that encrypts the copies: key id, key ARN, alias name or alias ARN."""

    launch_permission: LaunchPermissionConfiguration | None = None
    """If omitted, only the owner can launch the AMI, and each target account its copy."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class TargetContainerRepository:
    """
    The repository that a container image is pushed to.
    """

    service: ContainerRepositoryService
    """`ECR` is the only service so far."""

    repository_name: str
    """The name, also with a namespace (`team/web`), without the registry's host; up to 1024 characters."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class ContainerDistributionConfiguration:
    """
    Where a container image goes in a Region, and how it is tagged there.
    """

    target_repository: TargetContainerRepository

    description: str | None = None
    """Up to 1024 characters."""

    container_tags: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """Tags of the image in the repository, such as `latest`."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class LaunchTemplateConfiguration:
    """
    An EC2 launch template that gets a new version with the AMI.
    """

    launch_template_id: str
    """`lt-` and 17 characters."""

    account_id: str | None = None
    """The account that owns the template; your own if omitted."""

    set_default_version: bool | None = None
    """Whether the new version becomes the template's default; the service treats `None` as true."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class S3ExportConfiguration:
    """
    The export of the image to an S3 bucket as the disk of a virtual machine.
    """

    role_name: str
    """The name, not the ARN, of the role that lets VM Import/Export write to the bucket."""

    disk_image_format: DiskImageFormat

    s3_bucket: str

    s3_prefix: str | None = None
    """The prefix of the object keys; it may end with a slash."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class FastLaunchSnapshotConfiguration:
    """
    How many pre-provisioned snapshots are kept.
    """

    target_resource_count: int | None = None
    """How many snapshots to keep ready, 1 to 10,000."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class FastLaunchLaunchTemplateSpecification:
    """
    The launch template for the instances that create the snapshots, by id or by name, not both.
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
    """
    Whether a build enables EC2 Fast Launch for its AMI.

    If false, Image Builder does nothing about it; it doesn't switch off what is on. The service requires a value, so
    there is no default.
    """

    snapshot_configuration: FastLaunchSnapshotConfiguration | None = None

    max_parallel_launches: int | None = None
    """How many instances may create snapshots at once. EC2 requires 6 or more."""

    launch_template: FastLaunchLaunchTemplateSpecification | None = None

    account_id: str | None = None
    """The account that owns the AMI; your own if omitted."""


@attrs.frozen(kw_only=True, weakref_slot=False, field_transformer=check_types)
class SsmParameterConfiguration:
    """
    An SSM parameter that is set to the new AMI's id.
    """

    parameter_name: str
    """The parameter is created if it doesn't exist; up to 1011 characters."""

    ami_account_id: str | None = None
    """The account that gets the parameter, which must be one that the AMI is distributed to."""

    data_type: SsmParameterDataType | None = None
    """AWS recommends `aws:ec2:image`, with which SSM checks that the AMI exists."""


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

    At least one member besides `region` is required: the service rejects a Region without any output.
    """

    region: str
    """The Region's code, for example `eu-west-1`; unique in a configuration."""

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


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UpdateDistributionConfigurationRequest:
    """
    An update, which replaces everything stored under an ARN.
    """

    distribution_configuration_arn: str

    distributions: tuple[Distribution, ...] = attrs.field(converter=to_distributions)
    """The complete list: a Region that isn't in it is no longer distributed to."""

    description: str | None = None
    """Up to 1024 characters; if omitted, a stored description is removed."""

    client_token: str | None = None
    """
    Identifies one intended write and all its retries; up to 64 characters. Generated if omitted.

    The service writes once for each token and answers a retry with the first response. A token that comes with other
    parameters is an `IdempotentParameterMismatchException`.
    """


class _ByRegion:
    """The distributions of a configuration, looked up by Region."""

    __slots__ = ()

    __iter__ = None  # because of __getitem__, Python would iterate from index 0

    def __getitem__(self, region: str) -> Distribution:
        """
        Return the distribution to *region*: `stored["eu-west-1"]`.

        Raises:
            imagebuilder_dist.errors.NotConfiguredError:
                If the configuration doesn't distribute to *region*.
        """
        check_type("region", region, str)
        distributions = distributions_of(cast("Configuration", self))
        for distribution in distributions:
            if distribution.region == region:
                return distribution
        resource = getattr(self, "arn", None) or getattr(self, "name", None)
        raise NotConfiguredError("Region", [region], [each.region for each in distributions], resource)

    def __contains__(self, region: object) -> bool:
        """
        Tell whether the configuration distributes to *region*.
        """
        return any(each.region == region for each in distributions_of(cast("Configuration", self)))


@attrs.frozen(kw_only=True, field_transformer=check_types)
class CreateDistributionConfigurationRequest(_ByRegion):
    """
    A request for a new configuration.
    """

    name: str
    """
    3 to 128 letters, digits, spaces, hyphens and underscores; it can't be changed later.

    Names that differ only in case, spaces or underscores count as the same name.
    """

    distributions: tuple[Distribution, ...] = attrs.field(converter=to_distributions)

    description: str | None = None
    """Up to 1024 characters."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself; at most 50, keys up to 128 and values up to 256 characters."""

    client_token: str | None = None
    """As in `UpdateDistributionConfigurationRequest`."""

    dry_run: bool | None = None
    """Whether the service only checks the request; needs botocore 1.43.94 or newer."""


def _issues(items: Items[Issue] | None) -> tuple[Issue, ...]:
    return to_optional_tuple(items)


def _optional_strings(items: Items[str] | None) -> tuple[str, ...] | None:
    return None if items is None else to_tuple(items)


def _optional_distributions(items: Items[Distribution] | None) -> tuple[Distribution, ...]:
    return to_optional_tuple(items)


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DistributionConfiguration(_ByRegion):
    """
    A stored configuration.

    Two are equal if they store the same; `request_id` and `unmodelled` don't count.
    """

    arn: str

    name: str | None = None

    description: str | None = None

    distributions: tuple[Distribution, ...] = attrs.field(default=(), converter=_optional_distributions)
    """In the stored order."""

    timeout_minutes: int | None = None
    """The service sets it; it has no effect, and no request can set it."""

    date_created: str | None = None
    """In the service's format, for example `2026-09-09T19:37:37.231Z`."""

    date_updated: str | None = None
    """Absent until the first update."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself."""

    request_id: str | None = attrs.field(default=None, eq=False)

    unmodelled: tuple[str, ...] | None = attrs.field(
        default=None, eq=False, converter=_optional_strings, metadata=NOT_A_MEMBER
    )
    """
    The paths, as the service spells them, of settings that this library or botocore doesn't know.

    `None` if that can't be told, because a fake or a Stubber hides the raw response.
    """

    def to_request(self) -> UpdateDistributionConfigurationRequest:
        """
        Return an update request with the same ARN, description and distributions.

        An update doesn't change tags, but drops settings that are `unmodelled`; an edit raises an error instead.
        """
        return UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=self.arn, distributions=self.distributions, description=self.description
        )


Configuration: TypeAlias = (
    DistributionConfiguration
    | CreateDistributionConfigurationRequest
    | UpdateDistributionConfigurationRequest
    | Distribution
    | Items[Distribution]
)
"""What functions take that only read a configuration: stored, a request, or its distributions alone."""


WHOLE = (DistributionConfiguration, CreateDistributionConfigurationRequest, UpdateDistributionConfigurationRequest)
"""The classes of a whole configuration, which has more than its distributions."""


def distributions_of(configuration: Configuration) -> tuple[Distribution, ...]:
    """
    Return the distributions of a *configuration*.

    Raises:
        TypeError:
            If it isn't one.
    """
    if isinstance(configuration, Distribution):
        return (configuration,)
    if isinstance(configuration, WHOLE):
        return configuration.distributions
    distributions = to_tuple(configuration)
    check_tuple("configuration", distributions, Distribution)
    return distributions


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UpdateDistributionConfigurationResult:
    """
    The result of an update: the service has stored it.
    """

    distribution_configuration_arn: str

    request_id: str | None = None

    client_token: str | None = None
    """The token that the write was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """Validation's warnings: the write succeeded, but they break or surprise in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class CreateDistributionConfigurationResult:
    """
    The result of a create: the service has stored the configuration.
    """

    distribution_configuration_arn: str

    request_id: str | None = None

    client_token: str | None = None
    """The token that the write was sent with."""

    warnings: tuple[Issue, ...] = attrs.field(default=(), converter=_issues, metadata=NOT_A_MEMBER)
    """Validation's warnings: the write succeeded, but they break or surprise in the build."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DeleteDistributionConfigurationResult:
    """
    The result of a delete: the configuration is gone.
    """

    distribution_configuration_arn: str

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DistributionConfigurationSummary:
    """
    A configuration in a list.
    """

    arn: str

    name: str | None = None

    description: str | None = None

    date_created: str | None = None
    """In the service's format, for example `2026-09-09T19:37:37.231Z`."""

    date_updated: str | None = None
    """Absent until the first update."""

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)
    """Tags of the configuration itself."""

    regions: tuple[str, ...] = attrs.field(default=(), converter=to_strings)
    """The Regions that it distributes to, which older responses lack."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class ListTagsForResourceResult:
    """
    The tags of a configuration.
    """

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class TagResourceResult:
    """
    The result of tagging: the tags are set.
    """

    request_id: str | None = None


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UntagResourceResult:
    """
    The result of untagging: the tags are gone.
    """

    request_id: str | None = None


RESULTS: tuple[type[attrs.AttrsInstance], ...] = (
    DistributionConfiguration,
    UpdateDistributionConfigurationResult,
    CreateDistributionConfigurationResult,
    DeleteDistributionConfigurationResult,
    DistributionConfigurationSummary,
    ListTagsForResourceResult,
    TagResourceResult,
    UntagResourceResult,
)
"""The classes of responses, which are read leniently."""

MODELS: tuple[type[attrs.AttrsInstance], ...] = tuple(
    each for each in [*globals().values()] if attrs.has(each) and each.__module__ == __name__ and each not in RESULTS
)
"""The classes of requests and of what is in them, which are read strictly."""

explain_frozen(MODELS + RESULTS)

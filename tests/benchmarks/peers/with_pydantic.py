"""
The same models in pydantic: built from dicts, everything checked that the service's model says.
"""

from typing import Annotated, Literal

from annotated_types import Ge, Le, Len
from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from tests.benchmarks.peers import patterns
from tests.benchmarks.workloads import Document

AccountId = Annotated[str, StringConstraints(pattern=patterns.ACCOUNT_ID)]
AccountIds = Annotated[list[AccountId], Len(1, 1536)]
AmiName = Annotated[str, StringConstraints(min_length=1, max_length=127, pattern=patterns.AMI_NAME)]
LaunchTemplateId = Annotated[str, StringConstraints(pattern=patterns.LAUNCH_TEMPLATE_ID)]
Licence = Annotated[str, StringConstraints(pattern=patterns.LICENCE)]
NonEmpty = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Organization = Annotated[str, StringConstraints(pattern=patterns.ORGANIZATION)]
OrganizationalUnit = Annotated[str, StringConstraints(pattern=patterns.ORGANIZATIONAL_UNIT)]
ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=1011, pattern=patterns.PARAMETER_NAME)]
TagKey = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=patterns.TAG_KEY)]
TagValue = Annotated[str, StringConstraints(max_length=256)]


class Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class LaunchPermissionConfiguration(Model):
    user_ids: AccountIds | None = None
    user_groups: list[NonEmpty] | None = None
    organization_arns: Annotated[list[Organization], Len(1, 25)] | None = None
    organizational_unit_arns: Annotated[list[OrganizationalUnit], Len(1, 25)] | None = None


class AmiDistributionConfiguration(Model):
    model_config = ConfigDict(regex_engine="python-re")  # its own one doesn't know the look-ahead in TAG_KEY

    name: AmiName | None = None
    description: NonEmpty | None = None
    target_account_ids: AccountIds | None = None
    ami_tags: Annotated[dict[TagKey, TagValue], Len(1, 50)] | None = None
    kms_key_id: NonEmpty | None = None
    launch_permission: LaunchPermissionConfiguration | None = None


class TargetContainerRepository(Model):
    service: Literal["ECR"]
    repository_name: NonEmpty


class ContainerDistributionConfiguration(Model):
    target_repository: TargetContainerRepository
    description: NonEmpty | None = None
    container_tags: list[NonEmpty] | None = None


class LaunchTemplateConfiguration(Model):
    launch_template_id: LaunchTemplateId
    account_id: AccountId | None = None
    set_default_version: bool | None = None


class S3ExportConfiguration(Model):
    role_name: NonEmpty
    disk_image_format: Literal["VMDK", "RAW", "VHD"]
    s3_bucket: NonEmpty
    s3_prefix: NonEmpty | None = None


class FastLaunchSnapshotConfiguration(Model):
    target_resource_count: Annotated[int, Ge(1), Le(10_000)] | None = None


class FastLaunchLaunchTemplateSpecification(Model):
    launch_template_id: LaunchTemplateId | None = None
    launch_template_name: NonEmpty | None = None
    launch_template_version: NonEmpty | None = None


class FastLaunchConfiguration(Model):
    enabled: bool
    snapshot_configuration: FastLaunchSnapshotConfiguration | None = None
    max_parallel_launches: Annotated[int, Ge(1)] | None = None
    launch_template: FastLaunchLaunchTemplateSpecification | None = None
    account_id: AccountId | None = None


class SsmParameterConfiguration(Model):
    parameter_name: ParameterName
    ami_account_id: AccountId | None = None
    data_type: Literal["text", "aws:ec2:image"] | None = None


class Distribution(Model):
    region: NonEmpty
    ami_distribution_configuration: AmiDistributionConfiguration | None = None
    container_distribution_configuration: ContainerDistributionConfiguration | None = None
    license_configuration_arns: Annotated[list[Licence], Len(1, 50)] | None = None
    launch_template_configurations: Annotated[list[LaunchTemplateConfiguration], Len(1, 100)] | None = None
    s3_export_configuration: S3ExportConfiguration | None = None
    fast_launch_configurations: Annotated[list[FastLaunchConfiguration], Len(1, 1000)] | None = None
    ssm_parameter_configurations: list[SsmParameterConfiguration] | None = None


def build(document: Document) -> Distribution:
    return Distribution.model_validate(document)


def dump(distribution: Distribution) -> Document:
    return distribution.model_dump(by_alias=True, exclude_none=True)

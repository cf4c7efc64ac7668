"""
The same models in mashumaro: read from dicts; it knows no lengths or patterns and lets strings through unchecked.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from mashumaro import DataClassDictMixin
from mashumaro.config import BaseConfig
from mashumaro.types import Alias

from tests.benchmarks.workloads import Document


@dataclass(frozen=True, slots=True)
class Model(DataClassDictMixin):
    class Config(BaseConfig):
        omit_none = True
        serialize_by_alias = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchPermissionConfiguration(Model):
    user_ids: Annotated[list[str] | None, Alias("userIds")] = None
    user_groups: Annotated[list[str] | None, Alias("userGroups")] = None
    organization_arns: Annotated[list[str] | None, Alias("organizationArns")] = None
    organizational_unit_arns: Annotated[list[str] | None, Alias("organizationalUnitArns")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiDistributionConfiguration(Model):
    name: str | None = None
    description: str | None = None
    target_account_ids: Annotated[list[str] | None, Alias("targetAccountIds")] = None
    ami_tags: Annotated[dict[str, str] | None, Alias("amiTags")] = None
    kms_key_id: Annotated[str | None, Alias("kmsKeyId")] = None
    launch_permission: Annotated[LaunchPermissionConfiguration | None, Alias("launchPermission")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetContainerRepository(Model):
    service: Literal["ECR"]
    repository_name: Annotated[str, Alias("repositoryName")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerDistributionConfiguration(Model):
    target_repository: Annotated[TargetContainerRepository, Alias("targetRepository")]
    description: str | None = None
    container_tags: Annotated[list[str] | None, Alias("containerTags")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchTemplateConfiguration(Model):
    launch_template_id: Annotated[str, Alias("launchTemplateId")]
    account_id: Annotated[str | None, Alias("accountId")] = None
    set_default_version: Annotated[bool | None, Alias("setDefaultVersion")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3ExportConfiguration(Model):
    role_name: Annotated[str, Alias("roleName")]
    disk_image_format: Annotated[Literal["VMDK", "RAW", "VHD"], Alias("diskImageFormat")]
    s3_bucket: Annotated[str, Alias("s3Bucket")]
    s3_prefix: Annotated[str | None, Alias("s3Prefix")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FastLaunchSnapshotConfiguration(Model):
    target_resource_count: Annotated[int | None, Alias("targetResourceCount")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FastLaunchLaunchTemplateSpecification(Model):
    launch_template_id: Annotated[str | None, Alias("launchTemplateId")] = None
    launch_template_name: Annotated[str | None, Alias("launchTemplateName")] = None
    launch_template_version: Annotated[str | None, Alias("launchTemplateVersion")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FastLaunchConfiguration(Model):
    enabled: bool
    snapshot_configuration: Annotated[FastLaunchSnapshotConfiguration | None, Alias("snapshotConfiguration")] = None
    max_parallel_launches: Annotated[int | None, Alias("maxParallelLaunches")] = None
    launch_template: Annotated[FastLaunchLaunchTemplateSpecification | None, Alias("launchTemplate")] = None
    account_id: Annotated[str | None, Alias("accountId")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SsmParameterConfiguration(Model):
    parameter_name: Annotated[str, Alias("parameterName")]
    ami_account_id: Annotated[str | None, Alias("amiAccountId")] = None
    data_type: Annotated[Literal["text", "aws:ec2:image"] | None, Alias("dataType")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Model):
    region: str
    ami_distribution_configuration: Annotated[
        AmiDistributionConfiguration | None, Alias("amiDistributionConfiguration")
    ] = None
    container_distribution_configuration: Annotated[
        ContainerDistributionConfiguration | None, Alias("containerDistributionConfiguration")
    ] = None
    license_configuration_arns: Annotated[list[str] | None, Alias("licenseConfigurationArns")] = None
    launch_template_configurations: Annotated[
        list[LaunchTemplateConfiguration] | None, Alias("launchTemplateConfigurations")
    ] = None
    s3_export_configuration: Annotated[S3ExportConfiguration | None, Alias("s3ExportConfiguration")] = None
    fast_launch_configurations: Annotated[list[FastLaunchConfiguration] | None, Alias("fastLaunchConfigurations")] = (
        None
    )
    ssm_parameter_configurations: Annotated[
        list[SsmParameterConfiguration] | None, Alias("ssmParameterConfigurations")
    ] = None


def build(document: Document) -> Distribution:
    return Distribution.from_dict(document)


def dump(distribution: Distribution) -> Document:
    return distribution.to_dict()

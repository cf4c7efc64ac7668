"""
What is sent: the same distributions as our models, as a user writes them, and as boto3's dicts.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

import imagebuilder_dist as ibd

Document: TypeAlias = dict[str, Any]

OWNER = "123456789012"
FOREIGN = "111122223333"
ARN = f"arn:aws:imagebuilder:us-west-2:{OWNER}:distribution-configuration/web"
LICENCE = f"arn:aws:license-manager:us-west-2:{OWNER}:license-configuration:lic-0123456789abcdef0123456789abcdef"
ORGANIZATION = f"arn:aws:organizations::{OWNER}:organization/o-abcdefghij"
UNIT = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh"
TEMPLATE = "lt-0123456789abcdef0"

# Those that botocore knows: any other makes a warning.
REGIONS = [
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1"),
    *("ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "af-south-1", "il-central-1", "me-central-1", "me-south-1"),
]


@attrs.frozen
class Workload:
    name: str
    models: Callable[[], list[ibd.Distribution]]
    warnings: int = 0
    """As many as validation finds."""

    def documents(self) -> list[Document]:
        return [ibd.to_boto3(each) for each in self.models()]


def everything(count: int, *, warns: bool = False) -> Workload:
    """Regions with every structure of the service in them, and with two warnings each if it *warns*."""
    return Workload(
        name="1 Region" if count == 1 else f"{count} Regions",
        models=lambda: [_model(region, warns=warns) for region in REGIONS[:count]],
        warnings=2 * count if warns else 0,
    )


def accounts(region_count: int, account_count: int, *, warns: bool = False) -> Workload:
    """Regions that are little but lists of target accounts."""
    ids = [str(100_000_000_000 + number) for number in range(account_count)]
    return Workload(
        name=f"{region_count}x{account_count}",
        models=lambda: [_sharing_model(region, ids, warns=warns) for region in REGIONS[:region_count]],
        warnings=2 * region_count if warns else 0,
    )


# Two warnings: the AMI is public, and fast launch isn't for a foreign account. A public one with a key is a third.
def _model(region: str, *, warns: bool) -> ibd.Distribution:
    return ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            name="web {{ imagebuilder:buildDate }}",
            description="Web servers",
            target_account_ids=[FOREIGN if warns else OWNER],
            ami_tags={"team": "web", "stage": "production"},
            kms_key_id=None if warns else "alias/web",
            launch_permission=ibd.LaunchPermissionConfiguration(
                user_ids=[FOREIGN, "444455556666"],
                user_groups=["all"] if warns else [],
                organization_arns=[ORGANIZATION],
                organizational_unit_arns=[UNIT],
            ),
        ),
        container_distribution_configuration=ibd.ContainerDistributionConfiguration(
            description="Web container",
            container_tags=["latest"],
            target_repository=ibd.TargetContainerRepository(service="ECR", repository_name="web"),
        ),
        license_configuration_arns=[LICENCE],
        launch_template_configurations=[
            ibd.LaunchTemplateConfiguration(launch_template_id=TEMPLATE, account_id=OWNER, set_default_version=False)
        ],
        s3_export_configuration=ibd.S3ExportConfiguration(
            role_name="vmimport", disk_image_format="VHD", s3_bucket="images", s3_prefix="web/"
        ),
        fast_launch_configurations=[
            ibd.FastLaunchConfiguration(
                enabled=True,
                snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=5),
                max_parallel_launches=6,
                launch_template=ibd.FastLaunchLaunchTemplateSpecification(
                    launch_template_id=TEMPLATE, launch_template_version="$Latest"
                ),
                account_id=OWNER,
            )
        ],
        ssm_parameter_configurations=[
            ibd.SsmParameterConfiguration(parameter_name="/ami/web", ami_account_id=OWNER, data_type="aws:ec2:image")
        ],
    )


def _sharing_model(region: str, ids: list[str], *, warns: bool) -> ibd.Distribution:
    return ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            name="web {{ imagebuilder:buildDate }}",
            target_account_ids=ids,
            launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["all"]) if warns else None,
        ),
        fast_launch_configurations=[ibd.FastLaunchConfiguration(enabled=True)] if warns else [],
    )

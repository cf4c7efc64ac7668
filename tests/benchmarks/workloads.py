"""
What is sent: the same distributions as our models, as a user writes them, and as boto3's dicts.
"""

import itertools
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

import imagebuilder_dist as ibd

Document: TypeAlias = dict[str, Any]

OWNER = "123456789012"
ARN = f"arn:aws:imagebuilder:us-west-2:{OWNER}:distribution-configuration/web"
LICENCE = f"arn:aws:license-manager:us-west-2:{OWNER}:license-configuration:lic-0123456789abcdef0123456789abcdef"
ORGANIZATION = f"arn:aws:organizations::{OWNER}:organization/o-abcdefghij"
UNIT = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh"
TEMPLATE = "lt-0123456789abcdef0"

_AREAS = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn"]
_DIRECTIONS = ["east", "west", "north", "south", "central", "northeast", "northwest", "southeast", "southwest"]
REGIONS = [
    f"{area}-{direction}-{number}" for number, direction, area in itertools.product(range(1, 13), _DIRECTIONS, _AREAS)
]


@attrs.frozen
class Workload:
    name: str
    models: Callable[[], list[ibd.Distribution]]
    documents: Callable[[], list[Document]]


def everything(count: int) -> Workload:
    """Regions with every structure of the service in them."""
    regions = REGIONS[:count]
    return Workload(
        name="1 Region" if count == 1 else f"{count} Regions",
        models=lambda: [_model(region) for region in regions],
        documents=lambda: [_document(region) for region in regions],
    )


def accounts(region_count: int, account_count: int) -> Workload:
    """Regions that are nothing but lists of target accounts."""
    regions = REGIONS[:region_count]
    ids = [str(100_000_000_000 + number) for number in range(account_count)]
    return Workload(
        name=f"{region_count}x{account_count}",
        models=lambda: [_sharing_model(region, ids) for region in regions],
        documents=lambda: [_sharing_document(region, ids) for region in regions],
    )


# No user group and no foreign target account: they make warnings, and writing those to the log would be measured.
def _model(region: str) -> ibd.Distribution:
    return ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            name="web {{ imagebuilder:buildDate }}",
            description="Web servers",
            target_account_ids=[OWNER],
            ami_tags={"team": "web", "stage": "production"},
            kms_key_id="alias/web",
            launch_permission=ibd.LaunchPermissionConfiguration(
                user_ids=["111122223333", "444455556666"],
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


def _document(region: str) -> Document:
    return {
        "region": region,
        "amiDistributionConfiguration": {
            "name": "web {{ imagebuilder:buildDate }}",
            "description": "Web servers",
            "targetAccountIds": [OWNER],
            "amiTags": {"team": "web", "stage": "production"},
            "kmsKeyId": "alias/web",
            "launchPermission": {
                "userIds": ["111122223333", "444455556666"],
                "organizationArns": [ORGANIZATION],
                "organizationalUnitArns": [UNIT],
            },
        },
        "containerDistributionConfiguration": {
            "description": "Web container",
            "containerTags": ["latest"],
            "targetRepository": {"service": "ECR", "repositoryName": "web"},
        },
        "licenseConfigurationArns": [LICENCE],
        "launchTemplateConfigurations": [
            {"launchTemplateId": TEMPLATE, "accountId": OWNER, "setDefaultVersion": False}
        ],
        "s3ExportConfiguration": {
            "roleName": "vmimport",
            "diskImageFormat": "VHD",
            "s3Bucket": "images",
            "s3Prefix": "web/",
        },
        "fastLaunchConfigurations": [
            {
                "enabled": True,
                "snapshotConfiguration": {"targetResourceCount": 5},
                "maxParallelLaunches": 6,
                "launchTemplate": {"launchTemplateId": TEMPLATE, "launchTemplateVersion": "$Latest"},
                "accountId": OWNER,
            }
        ],
        "ssmParameterConfigurations": [
            {"parameterName": "/ami/web", "amiAccountId": OWNER, "dataType": "aws:ec2:image"}
        ],
    }


def _sharing_model(region: str, ids: list[str]) -> ibd.Distribution:
    return ibd.Distribution(
        region=region,
        ami_distribution_configuration=ibd.AmiDistributionConfiguration(
            name="web {{ imagebuilder:buildDate }}", target_account_ids=ids
        ),
    )


def _sharing_document(region: str, ids: list[str]) -> Document:
    return {
        "region": region,
        "amiDistributionConfiguration": {"name": "web {{ imagebuilder:buildDate }}", "targetAccountIds": ids},
    }

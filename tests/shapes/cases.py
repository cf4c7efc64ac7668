"""
Values that each break one limit or one rule, and what is found.
"""

from typing import Any, cast

import attrs

import imagebuilder_dist as ibd
from tests.samples import EVERYTHING

from .builders import BUILD_DATE, OTHER, OWNER, TEMPLATE, THIRD, ami, container, fast, ssm, update

CASES: list[tuple[Any, str, str, str]] = [
    (update(EVERYTHING, description=""), "description", "min", "must have at least 1 character, not 0"),
    (update(EVERYTHING, description="x" * 1025), "description", "max", "must have at most 1024 characters, not 1025"),
    (update(EVERYTHING, client_token=""), "clientToken", "min", "must have at least 1 character, not 0"),
    (update(EVERYTHING, client_token="x" * 65), "clientToken", "max", "must have at most 64 characters, not 65"),
    (
        update(EVERYTHING, distribution_configuration_arn="x"),
        "distributionConfigurationArn",
        "pattern",
        "must be an ARN such as "
        "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/my-configuration, "
        "which distribution_configuration_arn(...) builds from a name, not 'x' (str)",
    ),
    (
        ibd.CreateDistributionConfigurationRequest(name="x", distributions=[EVERYTHING]),
        "name",
        "pattern",
        "must be 3 to 128 letters, digits, hyphens, underscores or spaces, with no space at either end, not 'x' (str)",
    ),
    (
        ibd.CreateDistributionConfigurationRequest(name="xxx", distributions=[EVERYTHING], tags={"aws:x": ""}),
        "tags.aws:x",
        "pattern",
        "must be letters, digits, white space and _ . : / = + - @, and not begin with `aws:`, not 'aws:x' (str)",
    ),
    (ami("", name=BUILD_DATE), "region", "min", "must have at least 1 character, not 0"),
    (
        ami(target_account_ids=[OWNER] * 1537),
        "amiDistributionConfiguration.targetAccountIds",
        "max",
        "must have at most 1536 items, not 1537",
    ),
    (
        ami(target_account_ids=["1"]),
        "amiDistributionConfiguration.targetAccountIds[0]",
        "pattern",
        "must be an account id of 12 digits, not '1' (str)",
    ),
    (
        ami(ami_tags={"a": "x" * 257}),
        "amiDistributionConfiguration.amiTags.a",
        "max",
        "must have at most 256 characters, not 257",
    ),
    (
        ami(ami_tags={"": ""}),
        "amiDistributionConfiguration.amiTags['']",
        "min",
        "must have at least 1 character, not 0",
    ),
    (
        ami(ami_tags={"x" * 129: ""}),
        "amiDistributionConfiguration.amiTags." + "x" * 129,
        "max",
        "must have at most 128 characters, not 129",
    ),
    (
        ami(ami_tags={str(n): "" for n in range(51)}),
        "amiDistributionConfiguration.amiTags",
        "max",
        "must have at most 50 items, not 51",
    ),
    (ami(kms_key_id=""), "amiDistributionConfiguration.kmsKeyId", "min", "must have at least 1 character, not 0"),
    (
        ami(name="x" * 101 + BUILD_DATE),
        "amiDistributionConfiguration.name",
        "max",
        "must have at most 127 characters, not 129",
    ),
    (
        ami(launch_permission=ibd.LaunchPermissionConfiguration(organization_arns=["x"])),
        "amiDistributionConfiguration.launchPermission.organizationArns[0]",
        "pattern",
        "must be an ARN of an organization, such as arn:aws:organizations::123456789012:organization/o-a1b2c3d4e5, "
        "not 'x' (str)",
    ),
    (
        ibd.Distribution(
            region="r",
            fast_launch_configurations=[
                ibd.FastLaunchConfiguration(
                    enabled=True,
                    snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=10_001),
                )
            ],
        ),
        "fastLaunchConfigurations[0].snapshotConfiguration.targetResourceCount",
        "max",
        "must be at most 10000, not 10001",
    ),
    (
        ibd.Distribution(
            region="r",
            fast_launch_configurations=[
                ibd.FastLaunchConfiguration(
                    enabled=True, snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=0)
                )
            ],
        ),
        "fastLaunchConfigurations[0].snapshotConfiguration.targetResourceCount",
        "min",
        "must be at least 1, not 0",
    ),
    (
        ibd.Distribution(
            region="r",
            s3_export_configuration=ibd.S3ExportConfiguration(
                role_name="r", s3_bucket="b", disk_image_format=cast(Any, "vhd")
            ),
        ),
        "s3ExportConfiguration.diskImageFormat",
        "enum",
        "must be one of 'VMDK', 'RAW', 'VHD', not 'vhd' (str)",
    ),
    (
        fast(max_parallel_launches=2**31),
        "fastLaunchConfigurations[0].maxParallelLaunches",
        "max",
        "must be at most 2147483647, not 2147483648",
    ),
    (
        fast(max_parallel_launches=10**5000),
        "fastLaunchConfigurations[0].maxParallelLaunches",
        "max",
        "must be at most 2147483647, not <an integer of 16610 bits>",
    ),
]
TEMPLATES = ibd.FastLaunchLaunchTemplateSpecification(launch_template_id=TEMPLATE, launch_template_name="web")
SHARED = ibd.LaunchPermissionConfiguration(user_ids=[OTHER])
PUBLIC = ibd.LaunchPermissionConfiguration(user_groups=["all"])
Broken = tuple[str, Any, list[str]]
REJECTED: list[Broken] = [
    ("empty-distributions", update(), ["distributions"]),
    (
        "region-unique",
        update(ami(), ami("eu-west-1"), ami(), ami()),
        ["distributions[2].region", "distributions[3].region"],
    ),
    ("region-output", update(ami(), ibd.Distribution(region="eu-west-1")), ["distributions[1]"]),
    ("region-output", ibd.Distribution(region="eu-west-1", ssm_parameter_configurations=[]), [""]),
    ("ami-name-build-date", update(ami(name="web")), ["distributions[0].amiDistributionConfiguration.name"]),
    (
        "ami-name-build-date",
        update(ami(name="web {{ imagebuilder:buildVersion }}")),
        ["distributions[0].amiDistributionConfiguration.name"],
    ),
    (
        "launch-template-one-of",
        update(fast(), attrs.evolve(fast(launch_template=TEMPLATES), region="eu-west-1")),
        ["distributions[1].fastLaunchConfigurations[0].launchTemplate"],
    ),
]
STORED: list[Broken] = [
    ("region-unknown", update(ami("us-west-9"), ami()), ["distributions[0].region"]),
    (
        "ami-name-build-date",
        update(ami(name="web {{ imagebuilder:buildDate:yyyyMMdd }}")),
        ["distributions[0].amiDistributionConfiguration.name"],
    ),
    (
        "encrypted-public",
        update(ami(kms_key_id="alias/web", launch_permission=PUBLIC)),
        ["distributions[0].amiDistributionConfiguration.kmsKeyId"],
    ),
    (
        "repository-name",
        update(container(f"{OWNER}.dkr.ecr.us-west-2.amazonaws.com/web")),
        ["distributions[0].containerDistributionConfiguration.targetRepository.repositoryName"],
    ),
    (
        "fast-launch-parallel",
        update(fast(max_parallel_launches=5)),
        ["distributions[0].fastLaunchConfigurations[0].maxParallelLaunches"],
    ),
    (
        "ssm-account",
        update(ssm(("a", OTHER), ("b", THIRD), targets=[OTHER])),
        ["distributions[0].ssmParameterConfigurations[1].amiAccountId"],
    ),
    (
        "ssm-account",
        update(ssm(("a", OTHER)), attrs.evolve(ssm(("a", None), targets=[OTHER]), region="eu-west-1")),
        ["distributions[0].ssmParameterConfigurations[0].amiAccountId"],
    ),
    (
        "ssm-duplicate",
        update(ssm(("a", None), ("b", None), ("a", None))),
        ["distributions[0].ssmParameterConfigurations[2]"],
    ),
    (
        "public-ami",
        update(ami(launch_permission=PUBLIC)),
        ["distributions[0].amiDistributionConfiguration.launchPermission.userGroups[0]"],
    ),
    (
        "public-ami",
        update(ami(launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["some"]))),
        ["distributions[0].amiDistributionConfiguration.launchPermission.userGroups[0]"],
    ),
    ("fast-launch-cross-account", update(fast(targets=[OTHER])), ["distributions[0].fastLaunchConfigurations[0]"]),
    ("fast-launch-cross-account", fast(targets=[OTHER, THIRD]), ["fastLaunchConfigurations[0]"]),
    (
        "kms-default-shared",
        update(ami(kms_key_id="aws/ebs", target_account_ids=[OTHER])),
        ["distributions[0].amiDistributionConfiguration.kmsKeyId"],
    ),
    (
        "kms-default-shared",
        update(ami(kms_key_id="alias/aws/ebs", launch_permission=SHARED)),
        ["distributions[0].amiDistributionConfiguration.kmsKeyId"],
    ),
    (
        "kms-default-shared",
        update(ami(kms_key_id=f"arn:aws:kms:us-west-2:{OWNER}:alias/aws/ebs", launch_permission=PUBLIC)),
        ["distributions[0].amiDistributionConfiguration.kmsKeyId"],
    ),
    (
        "kms-region",
        update(ami("eu-west-1", kms_key_id=f"arn:aws:kms:us-west-2:{OWNER}:key/1")),
        ["distributions[0].amiDistributionConfiguration.kmsKeyId"],
    ),
]
BROKEN = [*(("error", *broken) for broken in REJECTED), *(("warning", *broken) for broken in STORED)]

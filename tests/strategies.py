"""
Hypothesis strategies: models and documents that the service accepts, and documents with one mistake.
"""

import string
from typing import Literal, TypeVar

from hypothesis import strategies as st

import imagebuilder_dist as ibd
from tests.samples import ARN

# Ids are made from integers, because drawing strings from regular expressions takes several times as long.
WORD = string.ascii_letters + string.digits + "_-"
text: st.SearchStrategy[str] = st.text(min_size=1, max_size=20)
account_ids: st.SearchStrategy[str] = st.integers(0, 10**12 - 1).map("{:012}".format)
template_ids: st.SearchStrategy[str] = st.integers(0, 16**17 - 1).map("lt-{:017x}".format)
regions: st.SearchStrategy[str] = st.sampled_from(
    ["ap-south-1", "cn-north-1", "eu-west-1", "us-gov-west-1", "us-west-2", "yet-to-come-1"]
)
# Without white space and @, because botocore before 1.42.45 doesn't allow them in keys.
tags: st.SearchStrategy[dict[str, str]] = st.dictionaries(
    st.text(WORD + "./:=+", min_size=1, max_size=20).filter(lambda key: not key.startswith("aws:")),
    st.text(max_size=20),
    max_size=3,
)
disk_image_formats: st.SearchStrategy[Literal["VMDK", "RAW", "VHD"]] = st.sampled_from(["VMDK", "RAW", "VHD"])
data_types: st.SearchStrategy[Literal["text", "aws:ec2:image"]] = st.sampled_from(["text", "aws:ec2:image"])

T = TypeVar("T")


def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """
    Draw from *strategy*, or draw `None`.
    """
    return st.none() | strategy


launch_permissions: st.SearchStrategy[ibd.LaunchPermissionConfiguration] = st.builds(
    ibd.LaunchPermissionConfiguration,
    user_ids=maybe(st.lists(account_ids, max_size=3)),
    user_groups=maybe(st.lists(text, max_size=2)),
    organization_arns=maybe(
        st.lists(account_ids.map("arn:aws:organizations::{0}:organization/o-{0}".format), max_size=2)
    ),
    organizational_unit_arns=maybe(
        st.lists(account_ids.map("arn:aws-cn:organizations::{0}:ou/o-{0}/ou-{0}-{0}".format), max_size=2)
    ),
)
ami_distribution_configurations: st.SearchStrategy[ibd.AmiDistributionConfiguration] = st.builds(
    ibd.AmiDistributionConfiguration,
    name=maybe(
        st.builds(
            "{}{}{{{{ imagebuilder:buildDate }}}}".format, st.sampled_from(WORD), st.text(WORD + " :{}.", max_size=20)
        )
    ),
    description=maybe(text),
    target_account_ids=maybe(st.lists(account_ids, max_size=3)),
    ami_tags=maybe(tags),
    kms_key_id=maybe(text),
    launch_permission=maybe(launch_permissions),
)
container_distribution_configurations: st.SearchStrategy[ibd.ContainerDistributionConfiguration] = st.builds(
    ibd.ContainerDistributionConfiguration,
    target_repository=st.builds(ibd.TargetContainerRepository, service=st.just("ECR"), repository_name=text),
    description=maybe(text),
    container_tags=maybe(st.lists(text, max_size=2)),
)
launch_template_configurations: st.SearchStrategy[ibd.LaunchTemplateConfiguration] = st.builds(
    ibd.LaunchTemplateConfiguration,
    launch_template_id=template_ids,
    account_id=maybe(account_ids),
    set_default_version=maybe(st.booleans()),
)
s3_export_configurations: st.SearchStrategy[ibd.S3ExportConfiguration] = st.builds(
    ibd.S3ExportConfiguration,
    role_name=text,
    disk_image_format=disk_image_formats,
    s3_bucket=text,
    s3_prefix=maybe(text),
)
launch_templates: st.SearchStrategy[ibd.FastLaunchLaunchTemplateSpecification] = st.builds(
    ibd.FastLaunchLaunchTemplateSpecification, launch_template_id=template_ids, launch_template_version=maybe(text)
) | st.builds(
    ibd.FastLaunchLaunchTemplateSpecification, launch_template_name=maybe(text), launch_template_version=maybe(text)
)
fast_launch_configurations: st.SearchStrategy[ibd.FastLaunchConfiguration] = st.builds(
    ibd.FastLaunchConfiguration,
    enabled=st.booleans(),
    snapshot_configuration=maybe(
        st.builds(ibd.FastLaunchSnapshotConfiguration, target_resource_count=maybe(st.integers(1, 10_000)))
    ),
    max_parallel_launches=maybe(st.integers(1, 2**31 - 1)),
    launch_template=maybe(launch_templates),
    account_id=maybe(account_ids),
)
ssm_parameter_configurations: st.SearchStrategy[ibd.SsmParameterConfiguration] = st.builds(
    ibd.SsmParameterConfiguration,
    parameter_name=st.text(WORD + "./", min_size=1, max_size=20),
    ami_account_id=maybe(account_ids),
    data_type=maybe(data_types),
)
distributions: st.SearchStrategy[ibd.Distribution] = st.builds(
    ibd.Distribution,
    region=regions,
    ami_distribution_configuration=maybe(ami_distribution_configurations),
    container_distribution_configuration=maybe(container_distribution_configurations),
    license_configuration_arns=maybe(
        st.lists(
            account_ids.map("arn:aws:license-manager:us-west-2:{0}:license-configuration:lic-{0:0>32}".format),
            max_size=2,
        )
    ),
    launch_template_configurations=maybe(st.lists(launch_template_configurations, max_size=2)),
    s3_export_configuration=maybe(s3_export_configurations),
    fast_launch_configurations=maybe(st.lists(fast_launch_configurations, max_size=2)),
    ssm_parameter_configurations=maybe(st.lists(ssm_parameter_configurations, max_size=2)),
)
accepted_distributions: st.SearchStrategy[list[ibd.Distribution]] = st.lists(
    # Each Region at most once, and with an output.
    distributions.filter(lambda distribution: len(ibd.to_boto3(distribution)) > 1),
    min_size=1,
    max_size=3,
    unique_by=lambda distribution: distribution.region,
)
create_requests: st.SearchStrategy[ibd.CreateDistributionConfigurationRequest] = st.builds(
    ibd.CreateDistributionConfigurationRequest,
    name=text,
    distributions=accepted_distributions,
    description=maybe(text),
    tags=tags,
)
dates = st.datetimes().map(lambda date: f"{date.isoformat(timespec='milliseconds')}Z")
configurations: st.SearchStrategy[ibd.DistributionConfiguration] = st.builds(
    ibd.DistributionConfiguration,
    arn=st.just(ARN),
    name=maybe(text),
    description=maybe(text),
    distributions=accepted_distributions,
    timeout_minutes=maybe(st.integers(0, 720)),
    date_created=maybe(dates),
    date_updated=maybe(dates),
    tags=tags,
    request_id=maybe(text),
    unmodelled=maybe(st.lists(text, max_size=2)),
)
update_requests: st.SearchStrategy[ibd.UpdateDistributionConfigurationRequest] = st.builds(
    ibd.UpdateDistributionConfigurationRequest,
    distribution_configuration_arn=account_ids.map(
        "arn:aws:imagebuilder:us-west-2:{0}:distribution-configuration/web_{0}".format
    ),
    distributions=accepted_distributions,
    description=maybe(text),
    client_token=maybe(st.text(min_size=1, max_size=36)),
)

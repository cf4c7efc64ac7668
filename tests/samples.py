"""
What the tests know of the service: botocore's model, the corpus, and a configuration with everything in it.
"""

import json
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from botocore.model import ServiceModel, StructureShape
from botocore.session import Session

import imagebuilder_dist as ibd

CORPUS = Path(__file__).parent / "corpus"
LICENCE = "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-" + "a" * 32
ARN = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/x"
DISTRIBUTIONS = [ibd.Distribution(region="us-west-2", license_configuration_arns=[LICENCE])]

# Stored under an ARN until a test replaces it.
ANYTHING: list[dict[str, Any]] = [{"region": "us-west-2", "amiDistributionConfiguration": {"description": "anything"}}]

PUBLIC = ibd.LaunchPermissionConfiguration(user_groups=["all"])


def ami(region: str = "us-west-2", **members: Any) -> ibd.Distribution:
    """Return a distribution of an AMI."""
    return ibd.Distribution(region=region, ami_distribution_configuration=ibd.AmiDistributionConfiguration(**members))


WEB = ami(description="d")
EUROPE = ami("eu-west-1", description="d")


# Values that are wrong in most places.
VALUES: list[Any] = [
    None, True, 0, -1, 5, 6, 10_001, 2**31, 1.5, "", "x", "ab", "x\n", "é", "x" * 129, "x" * 2000, "aws:x",
    "ECR", "VHD", "lt-0123456789abcdef0", "123456789012", "123456789012\n", "{{imagebuilder:buildDate}}", [], [None],
    [""], ["x"], ["123456789012"], ["123456789012", 1], ["x" * 2000], [{}], {}, {"a": "b"},
    {"a": 1}, {"": ""}, {"aws:a": ""}, {"a": "x" * 257}, {str(number): "" for number in range(51)},
    {"launchTemplateId": "lt-0123456789abcdef0", "launchTemplateName": "web"},
]  # fmt: skip


@cache
def service_model() -> ServiceModel:
    return Session().get_service_model("imagebuilder")


def structure(name: str) -> StructureShape:
    shape = service_model().shape_for(name)
    assert isinstance(shape, StructureShape)
    return shape


def without_none(annotation: Any) -> Any:
    """Give `X` of `X | None`, and anything else as it is."""
    arguments = get_args(annotation)
    return arguments[0] if NoneType in arguments else annotation


def manifest(*verdicts: str) -> list[str]:
    """Give the names of the corpus's requests with one of *verdicts*."""
    entries = json.loads((CORPUS / "manifest.json").read_text())
    return [entry["file"] for entry in entries if entry["verdict"] in verdicts]


def request_document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CORPUS / "requests" / name).read_text())
    return document


def response_document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CORPUS / "responses" / name).read_text())
    return document


def request_class(
    document: dict[str, Any],
) -> type[ibd.UpdateDistributionConfigurationRequest | ibd.CreateDistributionConfigurationRequest]:
    if "distributionConfigurationArn" in document:
        return ibd.UpdateDistributionConfigurationRequest
    return ibd.CreateDistributionConfigurationRequest


EVERYTHING = ibd.Distribution(
    region="us-west-2",
    ami_distribution_configuration=ibd.AmiDistributionConfiguration(
        name="web {{ imagebuilder:buildDate }}",
        description="Web servers",
        target_account_ids=["111122223333"],
        ami_tags={"team": "web"},
        kms_key_id="alias/web",
        launch_permission=ibd.LaunchPermissionConfiguration(
            user_ids=["111122223333", "444455556666"],
            user_groups=["all"],
            organization_arns=["arn:aws:organizations::123456789012:organization/o-abcdefghij"],
            organizational_unit_arns=["arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-abcd-abcdefgh"],
        ),
    ),
    container_distribution_configuration=ibd.ContainerDistributionConfiguration(
        description="Web container",
        container_tags=["latest"],
        target_repository=ibd.TargetContainerRepository(service="ECR", repository_name="web"),
    ),
    license_configuration_arns=[
        "arn:aws:license-manager:us-west-2:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef"
    ],
    launch_template_configurations=[
        ibd.LaunchTemplateConfiguration(
            launch_template_id="lt-0123456789abcdef0", account_id="111122223333", set_default_version=False
        )
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
                launch_template_id="lt-0123456789abcdef0", launch_template_version="$Latest"
            ),
            account_id="123456789012",
        )
    ],
    ssm_parameter_configurations=[
        ibd.SsmParameterConfiguration(
            parameter_name="/ami/web", ami_account_id="111122223333", data_type="aws:ec2:image"
        )
    ],
)

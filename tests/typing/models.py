"""
Read by mypy and pyright, never run: what constructors take, and what they refuse.
"""

from collections.abc import Mapping
from typing import assert_type

import imagebuilder_dist as ibd
from imagebuilder_dist.prerequisites import Policy, prerequisites

permission = ibd.LaunchPermissionConfiguration(user_ids=["1"])
assert_type(permission.user_ids, tuple[str, ...])
ibd.LaunchPermissionConfiguration(user_ids=None)
ibd.LaunchPermissionConfiguration(user_ids=("1",))
ibd.LaunchPermissionConfiguration(user_ids={"1"})
ibd.LaunchPermissionConfiguration(user_ids={"1": 2}.keys())
ibd.LaunchPermissionConfiguration(user_ids=(each for each in "12"))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
ibd.LaunchPermissionConfiguration(user_ids=map(str, [1]))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
ibd.LaunchPermissionConfiguration(user_ids="1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
ibd.LaunchPermissionConfiguration(user_ids=[1])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
ibd.LaunchPermissionConfiguration(["1"])  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
permission.user_ids = ()  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]

ami = ibd.AmiDistributionConfiguration(ami_tags={"a": "b"}, launch_permission=permission)
assert_type(ami.ami_tags, Mapping[str, str])
ibd.AmiDistributionConfiguration(ami_tags=None)
ibd.AmiDistributionConfiguration(launch_permission={})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
ibd.AmiDistributionConfiguration(ami_tags={"a": 1})  # type: ignore[dict-item] # pyright: ignore[reportArgumentType]

ibd.S3ExportConfiguration(role_name="r", disk_image_format="VHD", s3_bucket="b")
ibd.S3ExportConfiguration(role_name="r", disk_image_format="vhd", s3_bucket="b")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
ibd.FastLaunchConfiguration()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]

for template in ibd.Distribution(region="us-west-2").launch_template_configurations:
    assert_type(template, ibd.LaunchTemplateConfiguration)

distribution = ibd.from_boto3({"region": "us-west-2"}, ibd.Distribution)
assert_type(distribution, ibd.Distribution)

needs = prerequisites(distribution, owner="123456789012")
assert_type([need.region for need in needs], list[str | None])
assert_type(needs.policies(), tuple[Policy, ...])
prerequisites(each for each in (distribution,))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
prerequisites("web")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
prerequisites(distribution, "123456789012")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


def handle(error: ibd.ApiError) -> None:
    assert_type(error.code, str)
    assert_type(error.parameter, str | None)
    assert_type(error.retryable, bool)
    assert_type(error.client_token, str | None)


# Modules load when they are asked for; any other name is an error.
assert_type(ibd.prerequisites.prerequisites(distribution), ibd.prerequisites.Prerequisites)
assert_type(ibd.documents.loads("{}"), ibd.documents.Document)
ibd.Distributions()  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

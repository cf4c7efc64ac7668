"""
Distributions with needs, and the accounts that have them.
"""

import json
from collections.abc import Mapping
from typing import Any

import attrs

import imagebuilder_dist as ibd
from tests.samples import EVERYTHING, LICENCE, request_class, request_document

from .builders import OWNER, TEMPLATE, ami

TARGET, OTHER, THIRD = "111122223333", "444455556666", "777788889999"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
KEY = f"arn:aws:kms:us-west-2:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ORGANIZATION = f"arn:aws:organizations::{OWNER}:organization/o-abcdefghij"
UNIT = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh"
AMI = "amiDistributionConfiguration"
TARGETS = f"{AMI}.targetAccountIds"
REPOSITORY = "containerDistributionConfiguration.targetRepository.repositoryName"


def shared(key: str | None = None, **members: Any) -> ibd.Distribution:
    return ami(launch_permission=ibd.LaunchPermissionConfiguration(**members), kms_key_id=key)


def template(account: str | None = None) -> ibd.Distribution:
    configuration = ibd.LaunchTemplateConfiguration(launch_template_id=TEMPLATE, account_id=account)
    return ibd.Distribution(region="us-west-2", launch_template_configurations=[configuration])


def ssm(name: str, account: str | None = None, data_type: ibd.SsmParameterDataType | None = None) -> ibd.Distribution:
    configuration = ibd.SsmParameterConfiguration(parameter_name=name, ami_account_id=account, data_type=data_type)
    return ibd.Distribution(region="us-west-2", ssm_parameter_configurations=[configuration])


def fast(*, enabled: bool = True, account: str | None = None, **by: str) -> ibd.Distribution:
    configuration = ibd.FastLaunchConfiguration(
        enabled=enabled,
        account_id=account,
        launch_template=ibd.FastLaunchLaunchTemplateSpecification(**by) if by else None,
    )
    return ibd.Distribution(region="us-west-2", fast_launch_configurations=[configuration])


EXPORT = ibd.Distribution(region="us-west-2", s3_export_configuration=EVERYTHING.s3_export_configuration)
CONTAINER = ibd.Distribution(
    region="us-west-2", container_distribution_configuration=EVERYTHING.container_distribution_configuration
)
LICENSED = attrs.evolve(ami(target_account_ids=[OWNER, TARGET]), license_configuration_arns=[LICENCE])
FAST_TARGET = attrs.evolve(
    ami(target_account_ids=[TARGET]), fast_launch_configurations=fast().fast_launch_configurations
)
PUBLIC = shared(user_groups=["all"])


def of_document(name: str, owner: str | None = None) -> ibd.Prerequisites:
    document = request_document(name)
    return ibd.prerequisites(ibd.from_boto3(document, request_class(document)), owner=owner)


def documents(configuration: Any, owner: str = OWNER) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    policies = ibd.prerequisites(configuration, owner=owner).policies()
    return {(each.account_id, each.kind, each.name): each.document for each in policies}


def check(needs: ibd.Prerequisites) -> None:
    """
    Every document is JSON, and parliament finds nothing wrong in what roles may do.

    It doesn't know the other kinds well, and what it finds in `*` is AWS's own, in the role for exports.
    """
    import parliament  # noqa: PLC0415 - it takes half a second

    for policy in needs.policies():
        text = json.dumps(policy.document).replace("OWNER", OWNER)  # no account to parliament
        if policy.kind == "permissions":
            analysed = parliament.analyze_policy_string(text)
            assert [each for each in analysed.findings if each.issue != "RESOURCE_STAR"] == []

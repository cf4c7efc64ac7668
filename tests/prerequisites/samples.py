"""
Distributions with needs, and the accounts that have them.
"""

from collections.abc import Mapping
from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist.prerequisites import Prerequisites, prerequisites
from tests.samples import EVERYTHING, LICENCE, ami, request_class, request_document

OWNER, TARGET, OTHER, THIRD = "123456789012", "111122223333", "444455556666", "777788889999"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
KEY = f"arn:aws:kms:us-west-2:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TEMPLATE = "lt-0123456789abcdef0"


def shared(key: str | None = None, **members: Any) -> ibd.Distribution:
    return ami(launch_permission=ibd.LaunchPermissionConfiguration(**members), kms_key_id=key)


def template(account: str | None = None) -> ibd.Distribution:
    configuration = ibd.LaunchTemplateConfiguration(launch_template_id=TEMPLATE, account_id=account)
    return ibd.Distribution(region="us-west-2", launch_template_configurations=[configuration])


def ssm(
    name: str, account: str | None = None, data_type: ibd.models.SsmParameterDataType | None = None
) -> ibd.Distribution:
    configuration = ibd.SsmParameterConfiguration(parameter_name=name, ami_account_id=account, data_type=data_type)
    return ibd.Distribution(region="us-west-2", ssm_parameter_configurations=[configuration])


def fast(*, enabled: bool = True, account: str | None = None, **by: str) -> ibd.Distribution:
    launch_template = ibd.FastLaunchLaunchTemplateSpecification(**by) if by else None
    configuration = ibd.FastLaunchConfiguration(enabled=enabled, account_id=account, launch_template=launch_template)
    return ibd.Distribution(region="us-west-2", fast_launch_configurations=[configuration])


def licensed(arn: str, targets: list[str] | None = None) -> ibd.Distribution:
    return attrs.evolve(ami(target_account_ids=targets), license_configuration_arns=[arn])


EXPORT = ibd.Distribution(region="us-west-2", s3_export_configuration=EVERYTHING.s3_export_configuration)
CONTAINER = ibd.Distribution(
    region="us-west-2", container_distribution_configuration=EVERYTHING.container_distribution_configuration
)
LICENSED = licensed(LICENCE, [OWNER, TARGET])
FAST_TARGET = attrs.evolve(
    ami(target_account_ids=[TARGET]), fast_launch_configurations=fast().fast_launch_configurations
)
PUBLIC = shared(user_groups=["all"])


def of_document(name: str, owner: str | None = None) -> Prerequisites:
    document = request_document(name)
    return prerequisites(ibd.from_boto3(document, request_class(document)), owner=owner)


def documents(configuration: Any) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    policies = prerequisites(configuration, owner=OWNER).policies()
    return {(each.account_id, each.kind, each.name): each.document for each in policies}

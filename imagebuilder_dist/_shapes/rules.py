"""
The rules beyond the service's model: what the service rejects and what breaks a build, one function per rule.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.arns import nearest_region, partition_by_region
from imagebuilder_dist._common.attributes import member_name
from imagebuilder_dist._common.text import Location, describe, show
from imagebuilder_dist.errors import Severity

Finding: TypeAlias = tuple[Location, str]
"""A location in the request, and a message: what is wrong and what to do."""


@attrs.frozen(slots=False)
class Context:
    """
    What every rule receives: the distributions, and the owner's account id if it is known.
    """

    distributions: tuple[models.Distribution, ...]
    owner: str | None = None

    # Several rules need these, so each is built once.

    @cached_property
    def amis(self) -> list[tuple[Location, models.AmiDistributionConfiguration, models.Distribution]]:
        """Every AMI configuration, with its location and its distribution."""
        amis = ((n, each.ami_distribution_configuration, each) for n, each in enumerate(self.distributions))
        return [
            (("distributions", n, "amiDistributionConfiguration"), ami, distribution)
            for n, ami, distribution in amis
            if ami is not None
        ]

    @cached_property
    def fast_launches(self) -> list[tuple[Location, models.FastLaunchConfiguration, models.Distribution]]:
        """Every fast launch configuration, with its location and its distribution."""
        return self._each("fastLaunchConfigurations", "fast_launch_configurations")

    @cached_property
    def ssm_parameters(self) -> list[tuple[Location, models.SsmParameterConfiguration, models.Distribution]]:
        """Every SSM parameter, with its location and its distribution."""
        return self._each("ssmParameterConfigurations", "ssm_parameter_configurations")

    def _each(self, name: str, attribute: str) -> list[tuple[Location, Any, models.Distribution]]:
        return [
            (("distributions", index, name, nth), each, distribution)
            for index, distribution in enumerate(self.distributions)
            for nth, each in enumerate(getattr(distribution, attribute))
        ]


Find: TypeAlias = Callable[[Context], Iterator[Finding]]


@attrs.frozen
class Rule:
    """
    A check that the service's model doesn't describe.
    """

    id: str
    severity: Severity
    find: Find


RULES: list[Rule] = []
"""All rules but `empty-list`: a model can't tell an empty list from an absent one, so `from_boto3` reports it."""


def _rule(name: str, severity: Severity) -> Callable[[Find], Find]:
    def register(find: Find) -> Find:
        RULES.append(Rule(name, severity, find))
        return find

    return register


@_rule("empty-distributions", "error")
def _empty_distributions(context: Context) -> Iterator[Finding]:
    """A judgement: the model allows it, Terraform and CDK reject it, and it would wipe the configuration."""
    if not context.distributions:
        yield ("distributions",), "must have at least 1 item: without one, nothing is distributed"


@_rule("region-unique", "error")
def _region_unique(context: Context) -> Iterator[Finding]:
    """Documented by AWS."""
    first: dict[str, int] = {}
    for index, region in enumerate(each.region for each in context.distributions):
        if first.setdefault(region, index) != index:
            advice = "put all of a Region's settings into one distribution"
            message = f"must be unique, but item [{first[region]}] has {show(region)}, too; {advice}"
            yield ("distributions", index, "region"), message


# Finding a similar Region takes a millisecond, and a request may have any number of unknown ones.
_MAX_SUGGESTIONS = 20


@_rule("region-unknown", "warning")
def _region_unknown(context: Context) -> Iterator[Finding]:
    """The installed botocore's `partitions.json` lists the Regions of all partitions as of its release."""
    unknown = [
        (n, each.region) for n, each in enumerate(context.distributions) if each.region not in partition_by_region()
    ]
    for nth, (index, region) in enumerate(unknown):
        suggestion = nearest_region(region) if nth < _MAX_SUGGESTIONS else ""
        yield ("distributions", index, "region"), f"isn't a Region that botocore knows{suggestion}"


_OUTPUTS = tuple(field.name for field in attrs.fields(models.Distribution) if field.name != "region")


@_rule("region-output", "error")
def _region_output(context: Context) -> Iterator[Finding]:
    """Seen live: `One or more outputs should be provided for each region in a distribution configuration.`."""
    for index, distribution in enumerate(context.distributions):
        if not any(getattr(distribution, name) for name in _OUTPUTS):
            message = f"must have at least one output besides its region: {', '.join(map(member_name, _OUTPUTS))}"
            yield ("distributions", index), message


_BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*(?P<format>:[^{}]*)?\}\}", re.ASCII)


@_rule("ami-name-build-date", "error")
def _ami_name_without_build_date(context: Context) -> Iterator[Finding]:
    """Seen live: `The EC2 AMI name must contain '{{ imagebuilder:buildDate }}'`."""
    for location, ami, _ in context.amis:
        if ami.name is not None and not _BUILD_DATE.search(ami.name):
            unique = "so that each build gets a new name"
            message = f"must contain '{{{{ imagebuilder:buildDate }}}}' {unique}; it is {describe(ami.name)}"
            yield (*location, "name"), message


@_rule("ami-name-build-date", "warning")
def _ami_name_formatted_build_date(context: Context) -> Iterator[Finding]:
    """A judgement: it isn't known whether the service accepts a build date that has a format."""
    for location, ami, _ in context.amis:
        dates = [*_BUILD_DATE.finditer(ami.name or "")]
        if dates and all(each["format"] for each in dates):
            message = "should contain '{{ imagebuilder:buildDate }}': the service may not accept a format"
            yield (*location, "name"), message


@_rule("launch-template-one-of", "error")
def _launch_template_one_of(context: Context) -> Iterator[Finding]:
    """Documented by AWS."""
    for location, fast_launch, _ in context.fast_launches:
        template = fast_launch.launch_template
        if template and template.launch_template_id is not None and template.launch_template_name is not None:
            yield (*location, "launchTemplate"), "must have launchTemplateId or launchTemplateName, not both"


# EC2's EnableFastLaunch takes 6 or more.
_PARALLEL_LAUNCHES = 6


@_rule("fast-launch-parallel", "warning")
def _fast_launch_parallel(context: Context) -> Iterator[Finding]:
    """Documented for EC2's EnableFastLaunch, which the build calls."""
    for location, fast_launch, _ in context.fast_launches:
        launches = fast_launch.max_parallel_launches
        if launches is not None and launches < _PARALLEL_LAUNCHES:
            message = f"should be {_PARALLEL_LAUNCHES} or more: EC2 rejects less and the build fails"
            yield (*location, "maxParallelLaunches"), message


@_rule("ssm-account", "warning")
def _ssm_account(context: Context) -> Iterator[Finding]:
    """Documented by AWS."""
    for location, parameter, distribution in context.ssm_parameters if context.owner else ():
        if parameter.ami_account_id not in {None, context.owner, *_targets(distribution)}:
            message = (
                "should be the owner's account or one of this Region's targetAccountIds: "
                "the AMI isn't distributed to it, so the build fails"
            )
            yield (*location, "amiAccountId"), message


@_rule("ssm-duplicate", "warning")
def _ssm_duplicate(context: Context) -> Iterator[Finding]:
    """A judgement: the second write of the same parameter replaces the first."""
    seen: set[tuple[str | int, str | None, str]] = set()
    for location, parameter, _ in context.ssm_parameters:
        key = (location[1], parameter.ami_account_id, parameter.parameter_name)
        if key in seen:
            yield location, "should be unique: another entry sets the same parameter in the same account"
        seen.add(key)


@_rule("public-ami", "warning")
def _public_ami(context: Context) -> Iterator[Finding]:
    """Seen live: the write is accepted, and the build fails if EC2's block public access is on."""
    for location, ami, _ in context.amis:
        for nth, group in enumerate(_permission(ami).user_groups):
            message = (
                "makes the AMI public; the build fails if EC2's block public access is on"
                if group == "all"
                else "isn't a group that EC2 knows: the only one is 'all'"
            )
            yield (*location, "launchPermission", "userGroups", nth), message


@_rule("encrypted-public", "warning")
def _encrypted_public(context: Context) -> Iterator[Finding]:
    """EBS user guide, "Share an Amazon EBS snapshot": only unencrypted snapshots can be shared publicly."""
    for location, ami, _ in context.amis:
        if ami.kms_key_id is not None and _is_public(ami):
            message = "encrypts the AMI, but an encrypted AMI can't be public: leave out the key or the group 'all'"
            yield (*location, "kmsKeyId"), message


@_rule("fast-launch-cross-account", "warning")
def _fast_launch_cross_account(context: Context) -> Iterator[Finding]:
    """Known to fail in builds; AWS's own wording isn't recorded."""
    for location, fast_launch, distribution in context.fast_launches:
        others = {*_targets(distribution)} - {context.owner}
        # If the owner is unknown, a single account may be the owner's.
        if fast_launch.enabled and len(others) > (context.owner is None):
            yield location, "can't be combined with target accounts other than the owner's"


DEFAULT_KEY = re.compile(r"(^|[:/])aws/ebs\Z")


@_rule("kms-default-shared", "warning")
def _kms_default_shared(context: Context) -> Iterator[Finding]:
    """
    EBS user guide, "Share an Amazon EBS snapshot": snapshots under the default AWS managed key can't be shared.

    If the owner is unknown, a single account may be the owner's; the message says so.
    """
    for location, ami, distribution in context.amis:
        if ami.kms_key_id is None or not DEFAULT_KEY.search(ami.kms_key_id):
            continue
        permission = _permission(ami)
        accounts = {*_targets(distribution), *permission.user_ids} - {context.owner}
        others = _is_public(ami) or permission.organization_arns or permission.organizational_unit_arns
        if accounts or others:
            certain = others or context.owner is not None or len(accounts) > 1
            unless = "" if certain else ", unless the account is the owner's"
            message = (
                f"is the default EBS key, which no other account can use; share with a customer managed key{unless}"
            )
            yield (*location, "kmsKeyId"), message


_KEY_ARN = re.compile(r"arn:aws[^:]*:kms:([^:]+):")


@_rule("kms-region", "warning")
def _kms_region(context: Context) -> Iterator[Finding]:
    """Documented by AWS: KMS keys are regional."""
    for location, ami, distribution in context.amis:
        arn = _KEY_ARN.match(ami.kms_key_id or "")
        if arn and arn[1] != distribution.region:
            message = f"is a key in {show(arn[1])}, but the distribution's Region is {show(distribution.region)}"
            yield (*location, "kmsKeyId"), message


_ARN_OR_URI = re.compile(r"arn:|[a-z]+://|[0-9]{12}\.dkr[.-]ecr|public\.ecr\.aws/")


@_rule("repository-name", "warning")
def _repository_name(context: Context) -> Iterator[Finding]:
    """API reference, TargetContainerRepository: the name only, without the registry's host."""
    for index, distribution in enumerate(context.distributions):
        container = distribution.container_distribution_configuration
        if container and _ARN_OR_URI.match(container.target_repository.repository_name):
            below = ("containerDistributionConfiguration", "targetRepository", "repositoryName")
            message = "should be the repository's name alone, such as 'team/web', not its ARN or URI"
            yield ("distributions", index, *below), message


def _targets(distribution: models.Distribution) -> tuple[str, ...]:
    ami = distribution.ami_distribution_configuration
    return ami.target_account_ids if ami else ()


def _permission(ami: models.AmiDistributionConfiguration) -> models.LaunchPermissionConfiguration:
    return ami.launch_permission or models.LaunchPermissionConfiguration()


def _is_public(ami: models.AmiDistributionConfiguration) -> bool:
    return "all" in _permission(ami).user_groups

"""
The rules beyond the service's model: what the service rejects and what breaks a build, one function per rule.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.arns import partition_by_region, split_arn, unknown_region
from imagebuilder_dist._common.attributes import members_of
from imagebuilder_dist._common.text import Location, describe, show
from imagebuilder_dist.errors import Severity

Finding: TypeAlias = tuple[Location, str | Callable[[], str]]
"""A location, and a message: what is wrong and what to do. One that shows a value is made when it is read."""

Regions: TypeAlias = Sequence[str | None]
"""The Region of each distribution, for rules about the whole configuration; `None` if it can't be read."""

_AMI = models.AmiDistributionConfiguration()
_PERMISSION = models.LaunchPermissionConfiguration()


@attrs.define(slots=False, eq=False, repr=False)
class Subject:
    """
    What a rule about one distribution looks at, and the owner's account id if it is known.

    Locations of its findings start at the distribution.
    """

    distribution: models.Distribution
    owner: str | None

    # Without settings if there is none.
    ami: models.AmiDistributionConfiguration = attrs.field(init=False)
    permission: models.LaunchPermissionConfiguration = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ami = self.distribution.ami_distribution_configuration or _AMI
        self.permission = self.ami.launch_permission or _PERMISSION


# It takes the `Regions` if it is about the whole configuration, and a `Subject` otherwise.
Find: TypeAlias = Callable[[Any], Iterator[Finding]]


@attrs.frozen(eq=False, repr=False)
class Rule:
    """
    A check that the service's model doesn't describe.
    """

    id: str
    severity: Severity

    needs_all: bool
    """Whether it could find something only because a part of the distribution can't be read."""

    find: Find


RULES: dict[str | None, list[Rule]] = {}
"""
The rules by the attribute of a distribution without which they find nothing; `None` for the whole configuration.

All but `empty-list`: a model can't tell an empty list from an absent one, so the walk reports it.
"""


def _rule(name: str, severity: Severity, about: str | None, *, needs_all: bool = False) -> Callable[[Find], Find]:
    def register(find: Find) -> Find:
        RULES.setdefault(about, []).append(Rule(name, severity, needs_all, find))
        return find

    return register


@_rule("empty-distributions", "error", None)
def _empty_distributions(regions: Regions) -> Iterator[Finding]:
    """A judgement: the model allows it, Terraform and CDK reject it, and it would wipe the configuration."""
    if not regions:
        yield ("distributions",), "must have at least 1 item: without one, nothing is distributed"


@_rule("region-unique", "error", None)
def _region_unique(regions: Regions) -> Iterator[Finding]:
    """Documented by AWS."""
    first: dict[str, int] = {}
    for index, region in enumerate(regions):
        if region is not None and first.setdefault(region, index) != index:
            yield ("distributions", index, "region"), partial(_not_unique, region, first[region])


def _not_unique(region: str, first: int) -> str:
    advice = "put all of a Region's settings into one distribution"
    return f"must be unique, but item [{first}] has {show(region)}, too; {advice}"


# Finding a similar Region takes a millisecond, and a request may have any number of unknown ones.
_MAX_SUGGESTIONS = 20


@_rule("region-unknown", "warning", None)
def _region_unknown(regions: Regions) -> Iterator[Finding]:
    """The installed botocore's `partitions.json` lists the Regions of all partitions as of its release."""
    known = partition_by_region()
    if not known:
        return
    unknown = [(index, each) for index, each in enumerate(regions) if each is not None and each not in known]
    for nth, (index, region) in enumerate(unknown):
        yield ("distributions", index, "region"), partial(unknown_region, region if nth < _MAX_SUGGESTIONS else "")


_OUTPUTS = tuple(member for member in members_of(models.Distribution) if member.name != "region")
_outputs_of = attrgetter(*(member.attribute for member in _OUTPUTS))


@_rule("region-output", "error", "region", needs_all=True)
def _region_output(subject: Subject) -> Iterator[Finding]:
    """Seen live: `One or more outputs should be provided for each region in a distribution configuration.`."""
    if not any(_outputs_of(subject.distribution)):
        names = ", ".join(member.name for member in _OUTPUTS)
        yield (), f"must have at least one output besides its region: {names}"


_AMI_CONFIGURATION = "ami_distribution_configuration"
_NAME = ("amiDistributionConfiguration", "name")
_KEY = ("amiDistributionConfiguration", "kmsKeyId")
_BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*(:[^{}]*)?\}\}", re.ASCII)
"""Its group is the date's format."""


@_rule("ami-name-build-date", "error", _AMI_CONFIGURATION)
def _ami_name_without_build_date(subject: Subject) -> Iterator[Finding]:
    """Seen live: `The EC2 AMI name must contain '{{ imagebuilder:buildDate }}'`."""
    name = subject.ami.name
    if name is not None and not _BUILD_DATE.search(name):
        unique = "so that each build gets a new name"
        yield _NAME, lambda: f"must contain '{{{{ imagebuilder:buildDate }}}}' {unique}; it is {describe(name)}"


@_rule("ami-name-build-date", "warning", _AMI_CONFIGURATION)
def _ami_name_formatted_build_date(subject: Subject) -> Iterator[Finding]:
    """A judgement: it isn't known whether the service accepts a build date that has a format."""
    formats = _BUILD_DATE.findall(subject.ami.name or "")
    if formats and all(formats):
        yield _NAME, "should contain '{{ imagebuilder:buildDate }}': the service may not accept a format"


@_rule("launch-template-one-of", "error", "fast_launch_configurations")
def _launch_template_one_of(subject: Subject) -> Iterator[Finding]:
    """Documented by AWS."""
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        template = fast_launch.launch_template
        if template and template.launch_template_id is not None and template.launch_template_name is not None:
            location = ("fastLaunchConfigurations", nth, "launchTemplate")
            yield location, "must have launchTemplateId or launchTemplateName, not both"


# EC2's EnableFastLaunch takes 6 or more.
_PARALLEL_LAUNCHES = 6


@_rule("fast-launch-parallel", "warning", "fast_launch_configurations")
def _fast_launch_parallel(subject: Subject) -> Iterator[Finding]:
    """Documented for EC2's EnableFastLaunch, which the build calls."""
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        launches = fast_launch.max_parallel_launches
        if launches is not None and launches < _PARALLEL_LAUNCHES:
            location = ("fastLaunchConfigurations", nth, "maxParallelLaunches")
            yield location, f"should be {_PARALLEL_LAUNCHES} or more: EC2 rejects less and the build fails"


@_rule("ssm-account", "warning", "ssm_parameter_configurations", needs_all=True)
def _ssm_account(subject: Subject) -> Iterator[Finding]:
    """Documented by AWS."""
    parameters = subject.distribution.ssm_parameter_configurations
    foreign = {each.ami_account_id for each in parameters} - {None, subject.owner}
    wrong = foreign.difference(subject.ami.target_account_ids) if subject.owner else ()
    for nth, parameter in enumerate(parameters if wrong else ()):
        if parameter.ami_account_id in wrong:
            message = (
                "should be the owner's account or one of this Region's targetAccountIds: "
                "the AMI isn't distributed to it, so the build fails"
            )
            yield ("ssmParameterConfigurations", nth, "amiAccountId"), message


@_rule("ssm-duplicate", "warning", "ssm_parameter_configurations")
def _ssm_duplicate(subject: Subject) -> Iterator[Finding]:
    """A judgement: the second write of the same parameter replaces the first."""
    seen: set[tuple[str | None, str]] = set()
    for nth, parameter in enumerate(subject.distribution.ssm_parameter_configurations):
        key = (parameter.ami_account_id, parameter.parameter_name)
        if key in seen:
            message = "should be unique: another entry sets the same parameter in the same account"
            yield ("ssmParameterConfigurations", nth), message
        seen.add(key)


@_rule("public-ami", "warning", _AMI_CONFIGURATION)
def _public_ami(subject: Subject) -> Iterator[Finding]:
    """Seen live: the write is accepted, and the build fails if EC2's block public access is on."""
    for nth, group in enumerate(subject.permission.user_groups):
        message = (
            "makes the AMI public; the build fails if EC2's block public access is on"
            if group == "all"
            else "isn't a group that EC2 knows: the only one is 'all'"
        )
        yield ("amiDistributionConfiguration", "launchPermission", "userGroups", nth), message


@_rule("encrypted-public", "warning", _AMI_CONFIGURATION)
def _encrypted_public(subject: Subject) -> Iterator[Finding]:
    """EBS user guide, "Share an Amazon EBS snapshot": only unencrypted snapshots can be shared publicly."""
    if subject.ami.kms_key_id is not None and "all" in subject.permission.user_groups:
        yield _KEY, "encrypts the AMI, but an encrypted AMI can't be public: leave out the key or the group 'all'"


@_rule("fast-launch-cross-account", "warning", "fast_launch_configurations")
def _fast_launch_cross_account(subject: Subject) -> Iterator[Finding]:
    """Known to fail in builds; AWS's own wording isn't recorded."""
    targets = subject.ami.target_account_ids
    # If the owner is unknown, a single account may be the owner's.
    if targets and not {subject.owner or targets[0]}.issuperset(targets):
        for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
            if fast_launch.enabled:
                message = "can't be combined with target accounts other than the owner's"
                yield ("fastLaunchConfigurations", nth), message


DEFAULT_KEY = re.compile(r"(^|[:/])aws/ebs\Z")


@_rule("kms-default-shared", "warning", _AMI_CONFIGURATION, needs_all=True)
def _kms_default_shared(subject: Subject) -> Iterator[Finding]:
    """
    EBS user guide, "Share an Amazon EBS snapshot": snapshots under the default AWS managed key can't be shared.

    If the owner is unknown, a single account may be the owner's; the message says so.
    """
    if subject.ami.kms_key_id is None or not DEFAULT_KEY.search(subject.ami.kms_key_id):
        return
    permission = subject.permission
    accounts = {*subject.ami.target_account_ids, *permission.user_ids} - {subject.owner}
    others = "all" in permission.user_groups or permission.organization_arns or permission.organizational_unit_arns
    if accounts or others:
        certain = others or subject.owner is not None or len(accounts) > 1
        unless = "" if certain else ", unless the account is the owner's"
        message = f"is the default EBS key, which no other account can use; share with a customer managed key{unless}"
        yield _KEY, message


@_rule("kms-region", "warning", _AMI_CONFIGURATION, needs_all=True)
def _kms_region(subject: Subject) -> Iterator[Finding]:
    """Documented by AWS: KMS keys are regional."""
    region, arn = subject.distribution.region, split_arn(subject.ami.kms_key_id or "")
    if arn and arn.service == "kms" and arn.region not in {"", region}:
        yield _KEY, lambda: f"is a key in {show(arn.region)}, but the distribution's Region is {show(region)}"


_ARN_OR_URI = re.compile(r"arn:|[a-z]+://|[0-9]{12}\.dkr[.-]ecr|public\.ecr\.aws/")


@_rule("repository-name", "warning", "container_distribution_configuration")
def _repository_name(subject: Subject) -> Iterator[Finding]:
    """API reference, TargetContainerRepository: the name only, without the registry's host."""
    container = subject.distribution.container_distribution_configuration
    if container and _ARN_OR_URI.match(container.target_repository.repository_name):
        location = ("containerDistributionConfiguration", "targetRepository", "repositoryName")
        yield location, "should be the repository's name alone, such as 'team/web', not its ARN or URI"

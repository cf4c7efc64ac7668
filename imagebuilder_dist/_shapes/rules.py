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
from imagebuilder_dist._common.arns import Arn, partition_by_region, split_arn, unknown_region
from imagebuilder_dist._common.attributes import members_of
from imagebuilder_dist._common.text import Location, describe, did_you_mean, show
from imagebuilder_dist.errors import Severity

Finding: TypeAlias = tuple[Location, str | Callable[[], str]]
"""A location, and a message: what is wrong and what to do. One that shows a value is made when it is read."""

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


@attrs.define(eq=False, repr=False)
class Whole:
    """
    What a rule about the whole configuration looks at.
    """

    distributions: Sequence[models.Distribution | None]
    """`None` for one that can't be read."""

    arn: Arn | None
    """The configuration's, if it is known."""

    owner: str | None

    by_region: list[tuple[int, str, models.Distribution]] = attrs.field(init=False)
    """Each distribution whose Region can be read, with its position and Region."""

    def __attrs_post_init__(self) -> None:
        self.by_region = [
            (nth, each.region, each) for nth, each in enumerate(self.distributions) if each and each.region
        ]


# It takes the `Whole` if it is about the whole configuration, and a `Subject` otherwise.
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
def _empty_distributions(whole: Whole) -> Iterator[Finding]:
    """A judgement: the model allows it, Terraform and the CDK's construct reject it, and it would stop everything."""
    if not whole.distributions:
        yield ("distributions",), "must have at least 1 item: without one, nothing is distributed"


@_rule("region-unique", "error", None)
def _region_unique(whole: Whole) -> Iterator[Finding]:
    """API reference, CreateDistributionConfiguration: "A Region can appear at most once in the list"."""
    first: dict[str, int] = {}
    for index, region, _ in whole.by_region:
        if first.setdefault(region, index) != index:
            yield ("distributions", index, "region"), partial(_not_unique, region, first[region])


def _not_unique(region: str, first: int) -> str:
    advice = "put all of a Region's settings into one distribution"
    return f"must be unique, but item [{first}] has {show(region)}, too; {advice}"


# Finding a similar Region takes half a millisecond, and a log shows it: for 20 unknown ones, longer than the call.
_MAX_SUGGESTIONS = 3


@_rule("region-unknown", "warning", None)
def _region_unknown(whole: Whole) -> Iterator[Finding]:
    """The installed botocore's `partitions.json` lists the Regions of all partitions as of its release."""
    known = partition_by_region()
    if not known:
        return
    unknown = [(index, region) for index, region, _ in whole.by_region if region not in known]
    for nth, (index, region) in enumerate(unknown):
        yield ("distributions", index, "region"), partial(unknown_region, region if nth < _MAX_SUGGESTIONS else "")


@_rule("partition", "warning", None)
def _partition(whole: Whole) -> Iterator[Finding]:
    """EC2 API reference, CopyImage, "does not support": "Cross-partition copies (use CreateStoreImageTask instead)"."""
    partition, known = whole.arn and whole.arn.partition, partition_by_region()
    for index, region, _ in whole.by_region if partition else ():
        if known.get(region, partition) != partition:
            message = "is in another partition than the configuration, and AMIs can't be copied from one to another"
            yield ("distributions", index, "region"), message


@_rule("source-region", "warning", None, needs_all=True)
def _source_region(whole: Whole) -> Iterator[Finding]:
    """
    User guide, "Set up cross-account AMI distribution".

    "You must specify at least one AmiDistributionConfiguration in the source Region", which is the pipeline's, and so
    the configuration's own.
    """
    settings = {region: each.ami_distribution_configuration for _, region, each in whole.by_region}
    known, source = partition_by_region(), whole.arn.region if whole.arn else ""
    if settings.get(source) is not None or source not in known or not known.keys() >= settings.keys():
        return  # an unknown Region may be the misspelt source
    targets = {account for ami in settings.values() if ami for account in ami.target_account_ids}
    if targets - {whole.owner}:
        message = f"should have AMI settings for {source}, the configuration's own Region, if other accounts get copies"
        yield ("distributions",), message


@_rule("launch-template-region", "warning", None)
def _launch_template_region(whole: Whole) -> Iterator[Finding]:
    """A judgement: a launch template belongs to one Region, so an id can be right in one of them only."""
    region_by_id: dict[str | None, str] = {}
    for index, region, distribution in whole.by_region:
        for nth, configuration in enumerate(distribution.launch_template_configurations):
            if region_by_id.setdefault(configuration.launch_template_id, region) != region:
                location = ("distributions", index, "launchTemplateConfigurations", nth, "launchTemplateId")
                yield location, "is in another Region, too, but a launch template exists in one Region only"


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
    name = subject.ami.name or ""
    formats = _BUILD_DATE.findall(name) if name.count(":") > 1 else ()  # a format follows a second colon
    if formats and all(formats):
        yield _NAME, "should contain '{{ imagebuilder:buildDate }}': the service may not accept a format"


# User guide, "Tag Image Builder output resources". Its examples have a format for the date in a tag's value.
_DYNAMIC_TAGS = ("buildDate", "buildVersion")
_UNKNOWN_TAG = re.compile(rf"\{{\{{\s*imagebuilder:(?!(?:{'|'.join(_DYNAMIC_TAGS)})\b)(\w*)", re.ASCII)


@_rule("dynamic-tag", "warning", _AMI_CONFIGURATION)
def _dynamic_tag(subject: Subject) -> Iterator[Finding]:
    """User guide, "Tag Image Builder output resources", which lists two; that others fail is a judgement."""
    ami = subject.ami
    if _UNKNOWN_TAG.search("\n".join((ami.name or "", ami.description or "", *ami.ami_tags.values()))) is None:
        return
    texts: list[tuple[Location, str | None]] = [(("name",), ami.name), (("description",), ami.description)]
    texts += [(("amiTags", key), value) for key, value in ami.ami_tags.items()]
    for location, text in texts:
        for name in _UNKNOWN_TAG.findall(text or ""):
            yield ("amiDistributionConfiguration", *location), partial(_not_a_dynamic_tag, name)


def _not_a_dynamic_tag(name: str) -> str:
    return f"has imagebuilder:{name}, but the tags are {' and '.join(_DYNAMIC_TAGS)}{did_you_mean(name, _DYNAMIC_TAGS)}"


@_rule("launch-template-one-of", "error", "fast_launch_configurations")
def _launch_template_one_of(subject: Subject) -> Iterator[Finding]:
    """API reference, FastLaunchLaunchTemplateSpecification: "either the launchTemplateName or the launchTemplateId"."""
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        template = fast_launch.launch_template
        if template and template.launch_template_id is not None and template.launch_template_name is not None:
            location = ("fastLaunchConfigurations", nth, "launchTemplate")
            yield location, "must have launchTemplateId or launchTemplateName, not both"


# EC2's EnableFastLaunch takes 6 or more.
_PARALLEL_LAUNCHES = 6


@_rule("fast-launch-parallel", "warning", "fast_launch_configurations")
def _fast_launch_parallel(subject: Subject) -> Iterator[Finding]:
    """EC2 API reference, EnableFastLaunch, which the build calls: "Value must be 6 or greater"."""
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        launches = fast_launch.max_parallel_launches
        if launches is not None and launches < _PARALLEL_LAUNCHES:
            location = ("fastLaunchConfigurations", nth, "maxParallelLaunches")
            yield location, f"should be {_PARALLEL_LAUNCHES} or more: EC2 rejects less and the build fails"


@_rule("ssm-account", "warning", "ssm_parameter_configurations", needs_all=True)
def _ssm_account(subject: Subject) -> Iterator[Finding]:
    """API reference, SsmParameterConfiguration: it "must be specified in distribution settings as a target account"."""
    if subject.owner is None:
        return
    parameters = subject.distribution.ssm_parameter_configurations
    foreign = {each.ami_account_id for each in parameters} - {None, subject.owner}
    wrong = foreign and foreign.difference(subject.ami.target_account_ids)
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


@_rule("ssm-name", "warning", "ssm_parameter_configurations")
def _ssm_name(subject: Subject) -> Iterator[Finding]:
    """API reference of Systems Manager, PutParameter: it "can't be prefixed with "aws" or "ssm" (case-insensitive)"."""
    for nth, parameter in enumerate(subject.distribution.ssm_parameter_configurations):
        if f"{parameter.parameter_name}/".lower().startswith(("aws", "ssm", "/aws/", "/ssm/")):
            location = ("ssmParameterConfigurations", nth, "parameterName")
            yield location, "should not begin with 'aws' or 'ssm': Systems Manager reserves these names"


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
_KEY_ID = "([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|mrk-[0-9a-f]{32})"
_ALIAS = "alias/[a-zA-Z0-9/_-]+"
# Public configurations name the default key without `alias/`.
_KMS_KEY = re.compile(rf"aws/ebs|{_KEY_ID}|{_ALIAS}|arn:aws[^:]*:kms:[^:]+:[0-9]{{12}}:(key/{_KEY_ID}|{_ALIAS})")


def names_key(text: str) -> bool:
    """
    Tell whether *text* is the id, the alias or an ARN of a KMS key.
    """
    return _KMS_KEY.fullmatch(text) is not None


def key_arn(text: str) -> Arn | None:
    """
    Return the parts of a KMS key's ARN; `None` if it is named otherwise.
    """
    arn = split_arn(text)
    return arn if arn and arn.service == "kms" else None


@_rule("kms-key", "warning", _AMI_CONFIGURATION)
def _kms_key(subject: Subject) -> Iterator[Finding]:
    """EC2 API reference, CopyImage: a key is named by its id, its alias or the ARN of one of them."""
    key = subject.ami.kms_key_id
    if key and not names_key(key):
        yield _KEY, "should be a key id, 'alias/' and a name, or the ARN of a KMS key or alias; EC2 finds no other"


@_rule("kms-default-shared", "warning", _AMI_CONFIGURATION)
def _kms_default_shared(subject: Subject) -> Iterator[Finding]:
    """
    EBS user guide, "Share an Amazon EBS snapshot": snapshots under the default AWS managed key can't be shared.

    It is the owner's, whose account its ARN has. If the owner is unknown, a single account may be the owner's; the
    message says so.
    """
    key = subject.ami.kms_key_id
    if key is None or not DEFAULT_KEY.search(key):
        return
    permission, arn = subject.permission, key_arn(key)
    owner = subject.owner or (arn and arn.account)
    accounts = {*subject.ami.target_account_ids, *permission.user_ids} - {owner}
    others = "all" in permission.user_groups or permission.organization_arns or permission.organizational_unit_arns
    if accounts or others:
        certain = others or owner is not None or len(accounts) > 1
        unless = "" if certain else ", unless the account is the owner's"
        message = f"is the default EBS key, which no other account can use; share with a customer managed key{unless}"
        yield _KEY, message


@_rule("kms-region", "warning", _AMI_CONFIGURATION, needs_all=True)
def _kms_region(subject: Subject) -> Iterator[Finding]:
    """EC2 API reference, CopyImage: "The specified KMS key must exist in the destination Region"."""
    region, key = subject.distribution.region, subject.ami.kms_key_id
    arn = key_arn(key) if key else None
    if arn and arn.region not in ("", region):
        yield _KEY, lambda: f"is a key in {show(arn.region)}, but the distribution's Region is {show(region)}"


@_rule("license-region", "warning", "license_configuration_arns", needs_all=True)
def _license_region(subject: Subject) -> Iterator[Finding]:
    """A judgement: a license configuration belongs to a Region, which its ARN names."""
    region = subject.distribution.region
    for nth, text in enumerate(subject.distribution.license_configuration_arns):
        arn = None if f":{region}:" in text else split_arn(text)  # taking it apart takes longer
        if arn and arn.region != region:
            message = "is of another Region than the distribution; name a license configuration of this Region"
            yield ("licenseConfigurationArns", nth), message


def role_name(text: str) -> str:
    """
    Return the name of a role, which some write as an ARN; a name has no slashes.
    """
    return text.rpartition("/")[2]


def bucket_name(text: str) -> str:
    """
    Return the name of a bucket, which some write as an ARN or a URI; a name has neither slashes nor colons.
    """
    return text.removeprefix("s3://").rpartition(":")[2].partition("/")[0]


@_rule("export-name", "warning", "s3_export_configuration")
def _export_name(subject: Subject) -> Iterator[Finding]:
    """API reference, S3ExportConfiguration: the name of the role, and the bucket."""
    export = subject.distribution.s3_export_configuration
    if export and role_name(export.role_name) != export.role_name:
        yield ("s3ExportConfiguration", "roleName"), "should be the role's name alone, without the ARN or a path"
    if export and bucket_name(export.s3_bucket) != export.s3_bucket:
        yield ("s3ExportConfiguration", "s3Bucket"), "should be the bucket's name alone, without 's3://' or an ARN"


_ARN_OR_URI = re.compile(r"arn:|[a-z]+://|[0-9]{12}\.dkr[.-]ecr|public\.ecr\.aws/")


def repository_name(text: str) -> str:
    """
    Return the name of a repository, which some write as an ARN or a URI.
    """
    return re.sub("([a-z]+://)?[^/]*/", "", text, count=1).partition(":")[0] if _ARN_OR_URI.match(text) else text


@_rule("repository-name", "warning", "container_distribution_configuration")
def _repository_name(subject: Subject) -> Iterator[Finding]:
    """API reference, TargetContainerRepository: the name only, without the registry's host."""
    container = subject.distribution.container_distribution_configuration
    if container and _ARN_OR_URI.match(container.target_repository.repository_name):
        location = ("containerDistributionConfiguration", "targetRepository", "repositoryName")
        yield location, "should be the repository's name alone, such as 'team/web', not its ARN or URI"

"""
Every problem of a request at once, before it is sent: the limits of the service's model, and the service's own rules.

Errors are what the service rejects; warnings are what it stores and what then fails or surprises in the build.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, reduce
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias, cast, get_args, get_origin, get_type_hints

import attrs

from imagebuilder_dist._fields import (
    Items,
    describe,
    is_list,
    is_mapping,
    member_name,
    show,
    split_optional,
    to_tuple,
)
from imagebuilder_dist._paths import join
from imagebuilder_dist.errors import Issue, Severity
from imagebuilder_dist.models import (
    AmiDistributionConfiguration,
    ContainerDistributionConfiguration,
    CreateDistributionConfigurationRequest,
    Distribution,
    FastLaunchConfiguration,
    FastLaunchLaunchTemplateSpecification,
    FastLaunchSnapshotConfiguration,
    LaunchPermissionConfiguration,
    LaunchTemplateConfiguration,
    S3ExportConfiguration,
    SsmParameterConfiguration,
    TargetContainerRepository,
    UpdateDistributionConfigurationRequest,
)

Location: TypeAlias = tuple[str | int, ...]
"""Attribute names and list positions, from the root to a value."""


@attrs.frozen(kw_only=True)
class Limit:
    """
    What the service's model allows of a value: its size, its pattern, its values, and its items.
    """

    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    """As the model writes it: in the service's regular expressions `$` is the very end."""

    enum: tuple[str, ...] | None = None
    says: str | None = None
    """What a pattern allows, in words."""

    items: "Limit | None" = None
    """Of each item of a list, or each value of a mapping."""

    keys: "Limit | None" = None


NO_LIMIT = Limit()
_MAX_INTEGER = 2**31 - 1
"""The model's integers have 32 bits."""

_NON_EMPTY = Limit(min=1, max=1024)
_ACCOUNT_ID = Limit(pattern="^[0-9]{12}$", says="an account id of 12 digits")
_ACCOUNTS = Limit(min=1, max=1536, items=_ACCOUNT_ID)
_STRINGS = Limit(items=_NON_EMPTY)
_LAUNCH_TEMPLATE_ID = Limit(
    pattern="^lt-[a-z0-9-_]{17}$", says="`lt-` and 17 lower-case letters, digits, hyphens or underscores"
)
_CLIENT_TOKEN = Limit(min=1, max=64)
_TAGS = Limit(
    min=1,
    max=50,
    keys=Limit(
        min=1,
        max=128,
        pattern=r"^(?!aws:)[a-zA-Z0-9\s_.:/=+\-@]*$",
        says="letters, digits, white space and _ . : / = + - @, and not begin with `aws:`",
    ),
    items=Limit(max=256),
)

LIMITS: Mapping[type, Mapping[str, Limit]] = {
    UpdateDistributionConfigurationRequest: {
        "distribution_configuration_arn": Limit(
            pattern="^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws):distribution-configuration/[a-z0-9-_]+$",
            says="an ARN such as "
            "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/my-configuration",
        ),
        "distributions": NO_LIMIT,
        "description": _NON_EMPTY,
        "client_token": _CLIENT_TOKEN,
    },
    CreateDistributionConfigurationRequest: {
        "name": Limit(
            pattern="^[-_A-Za-z-0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z-0-9]$",
            says="3 to 128 letters, digits, hyphens, underscores or, inside, spaces",
        ),
        "distributions": NO_LIMIT,
        "description": _NON_EMPTY,
        "tags": _TAGS,
        "client_token": _CLIENT_TOKEN,
        "dry_run": NO_LIMIT,
    },
    Distribution: {
        "region": _NON_EMPTY,
        "ami_distribution_configuration": NO_LIMIT,
        "container_distribution_configuration": NO_LIMIT,
        "license_configuration_arns": Limit(
            min=1,
            max=50,
            items=Limit(
                pattern="^arn:aws[^:]*:license-manager:[^:]+:[0-9]{12}:license-configuration:lic-[a-z0-9-_]{32}$",
                says="an ARN of a License Manager configuration",
            ),
        ),
        "launch_template_configurations": Limit(min=1, max=100),
        "s3_export_configuration": NO_LIMIT,
        "fast_launch_configurations": Limit(min=1, max=1000),
        "ssm_parameter_configurations": NO_LIMIT,
    },
    AmiDistributionConfiguration: {
        "name": Limit(
            min=1,
            max=127,
            pattern=r"^[-_A-Za-z0-9{][-_A-Za-z0-9\s:{}\.]+[-_A-Za-z0-9}]$",
            says="3 or more letters, digits, hyphens, underscores, {{ tags }} or, inside, white space, : and .",
        ),
        "description": _NON_EMPTY,
        "target_account_ids": _ACCOUNTS,
        "ami_tags": _TAGS,
        "kms_key_id": _NON_EMPTY,
        "launch_permission": NO_LIMIT,
    },
    LaunchPermissionConfiguration: {
        "user_ids": _ACCOUNTS,
        "user_groups": _STRINGS,
        "organization_arns": Limit(
            min=1,
            max=25,
            items=Limit(
                pattern="^arn:aws[^:]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$",
                says="an ARN of an organization",
            ),
        ),
        "organizational_unit_arns": Limit(
            min=1,
            max=25,
            items=Limit(
                # No end anchor in the model: what follows is accepted.
                pattern="^arn:aws[^:]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}",
                says="an ARN of an organizational unit",
            ),
        ),
    },
    ContainerDistributionConfiguration: {
        "description": _NON_EMPTY,
        "container_tags": _STRINGS,
        "target_repository": NO_LIMIT,
    },
    TargetContainerRepository: {
        "service": Limit(enum=("ECR",)),
        "repository_name": _NON_EMPTY,
    },
    LaunchTemplateConfiguration: {
        "launch_template_id": _LAUNCH_TEMPLATE_ID,
        "account_id": _ACCOUNT_ID,
        "set_default_version": NO_LIMIT,
    },
    S3ExportConfiguration: {
        "role_name": _NON_EMPTY,
        "disk_image_format": Limit(enum=("VMDK", "RAW", "VHD")),
        "s3_bucket": _NON_EMPTY,
        "s3_prefix": _NON_EMPTY,
    },
    FastLaunchConfiguration: {
        "enabled": NO_LIMIT,
        "snapshot_configuration": NO_LIMIT,
        "max_parallel_launches": Limit(min=1, max=_MAX_INTEGER),
        "launch_template": NO_LIMIT,
        "account_id": _ACCOUNT_ID,
    },
    FastLaunchSnapshotConfiguration: {
        "target_resource_count": Limit(min=1, max=10_000),
    },
    FastLaunchLaunchTemplateSpecification: {
        "launch_template_id": _LAUNCH_TEMPLATE_ID,
        "launch_template_name": _NON_EMPTY,
        "launch_template_version": _NON_EMPTY,
    },
    SsmParameterConfiguration: {
        "ami_account_id": _ACCOUNT_ID,
        "parameter_name": Limit(
            min=1,
            max=1011,
            pattern=r"^[a-zA-Z0-9_.\-\/]+$",
            says="letters, digits and _ . - /",
        ),
        "data_type": Limit(enum=("text", "aws:ec2:image")),
    },
}
"""The limits of every attribute, as in botocore's model; whether a member is required is for constructors to say."""


Position: TypeAlias = tuple[int, ...]
"""Where a location stands in the order of the document."""

# What a rule finds: where below `distributions`, what is wrong and what to do, and the value there.
Found: TypeAlias = tuple[Location, str, object]


@attrs.frozen(slots=False)
class Context:
    """
    What rules look at: the distributions, and the account that owns the configuration, if that is known.
    """

    distributions: tuple[Distribution, ...]
    owner: str | None = None

    # What several rules look at is put together once.

    @cached_property
    def amis(self) -> list[tuple[int, AmiDistributionConfiguration, Distribution]]:
        """Every AMI configuration, with its distribution's index and its distribution."""
        found_amis = ((n, each.ami_distribution_configuration, each) for n, each in enumerate(self.distributions))
        return [(index, ami, distribution) for index, ami, distribution in found_amis if ami is not None]

    @cached_property
    def fast_launches(self) -> list[tuple[Location, FastLaunchConfiguration, Distribution]]:
        """Every fast launch configuration, with its location and its distribution."""
        return [
            (("distributions", index, "fast_launch_configurations", nth), each, distribution)
            for index, distribution in enumerate(self.distributions)
            for nth, each in enumerate(distribution.fast_launch_configurations or ())
        ]

    @cached_property
    def ssm_parameters(self) -> list[tuple[Location, SsmParameterConfiguration, Distribution]]:
        """Every SSM parameter, with its location and its distribution."""
        return [
            (("distributions", index, "ssm_parameter_configurations", nth), each, distribution)
            for index, distribution in enumerate(self.distributions)
            for nth, each in enumerate(distribution.ssm_parameter_configurations or ())
        ]


@attrs.frozen
class Rule:
    """
    Something that the service wants beyond its model.
    """

    id: str
    severity: Severity
    find: Callable[[Context], Iterator[Found]]


def _empty_distributions(context: Context) -> Iterator[Found]:
    """A judgement: the model allows it, Terraform and CDK reject it, and it would wipe the configuration."""
    if not context.distributions:
        yield ("distributions",), "must have at least 1 item: nothing would be distributed any more", ()


def _region_unique(context: Context) -> Iterator[Found]:
    """Documented by AWS."""
    seen: set[str] = set()
    for index, distribution in enumerate(context.distributions):
        if distribution.region in seen:
            message = (
                f"is given twice: {show(distribution.region)}; put all of a Region's settings into one distribution"
            )
            yield ("distributions", index, "region"), message, distribution.region
        seen.add(distribution.region)


# Comparing a name with all Regions takes a millisecond, and a request may have any number of wrong ones.
_MAX_SUGGESTIONS = 20


def _region_unknown(context: Context) -> Iterator[Found]:
    """The installed botocore's `partitions.json` lists the Regions of all partitions, as of its release."""
    unknown = [(n, each.region) for n, each in enumerate(context.distributions) if each.region not in _regions()]
    for nth, (index, region) in enumerate(unknown):
        suggestion = _nearest_region(region) if nth < _MAX_SUGGESTIONS else ""
        yield ("distributions", index, "region"), f"isn't a Region that botocore knows{suggestion}", region


def _nearest_region(name: str) -> str:
    import difflib  # noqa: PLC0415 - only who has made a mistake needs it

    close = difflib.get_close_matches(name.casefold(), _regions(), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@cache
def _regions() -> frozenset[str]:
    from botocore.loaders import create_loader  # noqa: PLC0415 - it imports much, and only a first request needs it

    partitions = create_loader().load_data("partitions")["partitions"]
    return frozenset(name for each in partitions for name in each["regions"] if not name.endswith("-global"))


def _region_output(context: Context) -> Iterator[Found]:
    """Seen live: `One or more outputs should be provided for each region in a distribution configuration.`."""
    for index, distribution in enumerate(context.distributions):
        if _outputs(distribution).count(None) == len(_OUTPUTS):
            message = f"must have an output besides its region: {', '.join(map(member_name, _OUTPUTS))}"
            yield ("distributions", index), message, distribution


_OUTPUTS = tuple(field.name for field in attrs.fields(Distribution) if field.name != "region")
_outputs = attrgetter(*_OUTPUTS)
_BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*(?P<format>:[^{}]*)?\}\}", re.ASCII)


def _ami_name_without_build_date(context: Context) -> Iterator[Found]:
    """Seen live: `The EC2 AMI name must contain '{{ imagebuilder:buildDate }}'`."""
    for index, ami, _ in context.amis:
        if ami.name is not None and not _BUILD_DATE.search(ami.name):
            message = (
                "must contain '{{ imagebuilder:buildDate }}', so that every build makes a new name; "
                f"it is {describe(ami.name)}"
            )
            yield _in_ami(index, "name"), message, ami.name


def _ami_name_formatted_build_date(context: Context) -> Iterator[Found]:
    """A judgement: whether the service takes a build date with a format for one isn't known."""
    for index, ami, _ in context.amis:
        dates = [*_BUILD_DATE.finditer(ami.name or "")]
        if dates and all(each["format"] for each in dates):
            message = "should contain '{{ imagebuilder:buildDate }}': the service may not take a format"
            yield _in_ami(index, "name"), message, ami.name


def _launch_template_one_of(context: Context) -> Iterator[Found]:
    """Documented by AWS."""
    for location, fast_launch, _ in context.fast_launches:
        template = fast_launch.launch_template
        if template and template.launch_template_id is not None and template.launch_template_name is not None:
            message = "takes launchTemplateId or launchTemplateName, not both"
            yield (*location, "launch_template"), message, template


# EC2's EnableFastLaunch takes 6 or more.
_PARALLEL_LAUNCHES = 6


def _fast_launch_parallel(context: Context) -> Iterator[Found]:
    """Documented for EC2's EnableFastLaunch, which the build calls."""
    for location, fast_launch, _ in context.fast_launches:
        launches = fast_launch.max_parallel_launches
        if launches is not None and launches < _PARALLEL_LAUNCHES:
            message = f"should be {_PARALLEL_LAUNCHES} or more: EC2 rejects less, and the build fails"
            yield (*location, "max_parallel_launches"), message, launches


def _ssm_account(context: Context) -> Iterator[Found]:
    """Documented by AWS."""
    if context.owner is None:
        return
    for location, parameter, distribution in context.ssm_parameters:
        account = parameter.ami_account_id
        if account not in {None, context.owner} and account not in _targets(distribution):
            message = (
                "should be the owner's account or among this Region's targetAccountIds: "
                "the AMI isn't distributed to it, and the build fails"
            )
            yield (*location, "ami_account_id"), message, account


def _ssm_duplicate(context: Context) -> Iterator[Found]:
    """A judgement: the second write of the same parameter replaces the first."""
    seen: set[tuple[str | int, str | None, str]] = set()
    for location, parameter, _ in context.ssm_parameters:
        key = (location[1], parameter.ami_account_id, parameter.parameter_name)
        if key in seen:
            yield location, "should not be there twice: the same parameter of the same account", parameter
        seen.add(key)


def _public_ami(context: Context) -> Iterator[Found]:
    """Seen live: the write is accepted, and the build fails if EC2's block public access is on."""
    for index, ami, _ in context.amis:
        for nth, group in enumerate(_permission(ami).user_groups or ()):
            message = (
                "makes the AMI public; the build fails if EC2's block public access is on"
                if group == "all"
                else "means nothing to EC2: the only group is 'all'"
            )
            yield _in_ami(index, "launch_permission", "user_groups", nth), message, group


def _encrypted_public(context: Context) -> Iterator[Found]:
    """EBS user guide, "Share an Amazon EBS snapshot": only unencrypted snapshots can be shared publicly."""
    for index, ami, _ in context.amis:
        if ami.kms_key_id is not None and _is_public(ami):
            message = "encrypts the AMI, and an encrypted AMI can't be public: leave out the key or the group 'all'"
            yield _in_ami(index, "kms_key_id"), message, ami.kms_key_id


def _fast_launch_cross_account(context: Context) -> Iterator[Found]:
    """Known to fail in builds; AWS's own words for it aren't recorded."""
    for location, fast_launch, distribution in context.fast_launches:
        if fast_launch.enabled and _foreign_targets(context, distribution):
            yield location, "can't be combined with target accounts other than the owner's", fast_launch


def _kms_default_shared(context: Context) -> Iterator[Found]:
    """
    EBS user guide, "Share an Amazon EBS snapshot": what the default AWS managed key encrypts can't be shared.

    If the owner isn't known, a single account may be the owner's; the message says so.
    """
    for index, ami, distribution in context.amis:
        key = ami.kms_key_id
        if key is None or not _DEFAULT_KEY.search(key):
            continue
        permission = _permission(ami)
        accounts = {*_targets(distribution), *(permission.user_ids or ())} - {context.owner}
        others = _is_public(ami) or permission.organization_arns or permission.organizational_unit_arns
        if accounts or others:
            certain = others or context.owner is not None or len(accounts) > 1
            unless = "" if certain else "unless the account that gets the AMI is the owner's, "
            message = f"is the default EBS key, which no other account can use: {unless}share with a key of your own"
            yield _in_ami(index, "kms_key_id"), message, key


_DEFAULT_KEY = re.compile(r"(^|[:/])aws/ebs\Z")


def _kms_region(context: Context) -> Iterator[Found]:
    """Documented by AWS: KMS keys are regional."""
    for index, ami, distribution in context.amis:
        arn = ami.kms_key_id and _KEY_ARN.match(ami.kms_key_id)
        if arn and arn[1] != distribution.region:
            message = f"is a key in {show(arn[1])}, and the distribution's Region is {show(distribution.region)}"
            yield _in_ami(index, "kms_key_id"), message, ami.kms_key_id


_KEY_ARN = re.compile(r"arn:aws[^:]*:kms:([^:]+):")


def _repository_name(context: Context) -> Iterator[Found]:
    """API reference, TargetContainerRepository: the name only, without the registry's host."""
    for index, distribution in enumerate(context.distributions):
        container = distribution.container_distribution_configuration
        name = container and container.target_repository.repository_name
        if name and _ARN_OR_URI.match(name):
            location = ("container_distribution_configuration", "target_repository", "repository_name")
            message = "should be the repository's name alone, such as 'team/web', and not its ARN or URI"
            yield ("distributions", index, *location), message, name


_ARN_OR_URI = re.compile(r"arn:|[a-z]+://|[0-9]{12}\.dkr[.-]ecr|public\.ecr\.aws/")


RULES = (
    Rule("empty-distributions", "error", _empty_distributions),
    Rule("region-unique", "error", _region_unique),
    Rule("region-output", "error", _region_output),
    Rule("ami-name-build-date", "error", _ami_name_without_build_date),
    Rule("launch-template-one-of", "error", _launch_template_one_of),
    Rule("region-unknown", "warning", _region_unknown),
    Rule("ami-name-build-date", "warning", _ami_name_formatted_build_date),
    Rule("fast-launch-parallel", "warning", _fast_launch_parallel),
    Rule("ssm-account", "warning", _ssm_account),
    Rule("ssm-duplicate", "warning", _ssm_duplicate),
    Rule("public-ami", "warning", _public_ami),
    Rule("encrypted-public", "warning", _encrypted_public),
    Rule("fast-launch-cross-account", "warning", _fast_launch_cross_account),
    Rule("kms-default-shared", "warning", _kms_default_shared),
    Rule("kms-region", "warning", _kms_region),
    Rule("repository-name", "warning", _repository_name),
)
"""The service's own rules. `empty-list` isn't here: a model can't hold one, so `from_boto3` reports it."""


def _in_ami(index: int, *below: str | int) -> Location:
    return ("distributions", index, "ami_distribution_configuration", *below)


def _targets(distribution: Distribution) -> tuple[str, ...]:
    ami = distribution.ami_distribution_configuration
    return (ami and ami.target_account_ids) or ()


def _permission(ami: AmiDistributionConfiguration) -> LaunchPermissionConfiguration:
    return ami.launch_permission or LaunchPermissionConfiguration()


def _is_public(ami: AmiDistributionConfiguration) -> bool:
    return "all" in (_permission(ami).user_groups or ())


def _foreign_targets(context: Context, distribution: Distribution) -> bool:
    """Tell whether a target account is certainly not the owner."""
    targets = set(_targets(distribution))
    return len(targets) > 1 if context.owner is None else not targets <= {context.owner}


# A limit that is broken: where below the value that was checked, which one, what is wrong, and the value there.
Broken: TypeAlias = tuple[Location, str, str, object]
Check: TypeAlias = Callable[[Any], Sequence[Broken]]


@cache
def _check_model(cls: type) -> Check:
    """Prepare what tells which of a class's limits are broken, once."""
    hints = get_type_hints(cls)
    members = [(name, _check_member(split_optional(hints[name])[0], limit)) for name, limit in LIMITS[cls].items()]

    def check(model: object) -> list[Broken]:
        broken: list[Broken] = []
        for name, check_member in members:
            value = getattr(model, name)
            if value is not None and (found_there := check_member(value)):
                broken += _below(name, found_there)
        return broken

    return check


def _check_member(annotation: Any, limit: Limit) -> Check:
    if attrs.has(annotation):
        return _check_model(annotation)
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        check_item = _check_model(item) if attrs.has(item) else _check_plain(limit.items or NO_LIMIT)
        return _check_tuple(_check_plain(limit), check_item, of_account_ids=limit.items == _ACCOUNT_ID)
    if get_origin(annotation) is Mapping:
        return _check_mapping(limit)
    return _check_plain(limit)


def _below(step: str | int, broken: Iterable[Broken]) -> Iterator[Broken]:
    for location, limit, message, value in broken:
        yield (step, *location), limit, message, value


def _check_tuple(check_size: Check, check_item: Check, *, of_account_ids: bool) -> Check:
    def check(items: tuple[Any, ...]) -> list[Broken]:
        broken = [*check_size(items)]
        if of_account_ids and _all_are_account_ids(items):  # there may be 1536 of them in each Region
            return broken
        for index, item in enumerate(items):
            if found_there := check_item(item):
                broken += _below(index, found_there)
        return broken

    return check


_JOINED_ACCOUNT_IDS = re.compile(r"(?:[0-9]{12},)*+")


def _all_are_account_ids(items: tuple[str, ...]) -> bool:
    joined = ",".join((*items, ""))
    # The length shows an item that holds a comma, and looks like two.
    return len(joined) == 13 * len(items) and _JOINED_ACCOUNT_IDS.fullmatch(joined) is not None


@cache
def _check_mapping(limit: Limit) -> Check:
    check_size, check_key, check_value = (_check_plain(each or NO_LIMIT) for each in (limit, limit.keys, limit.items))

    def check(items: Mapping[str, str]) -> list[Broken]:
        broken = [*check_size(items)]
        for key, value in items.items():
            if found_there := (*check_key(key), *check_value(value)):
                broken += _below(key, found_there)
        return broken

    return check


def _check_plain(limit: Limit) -> Check:
    matches = _matcher(limit.pattern) if limit.pattern else None
    smallest = 0 if limit.min is None else limit.min
    largest = math.inf if limit.max is None else limit.max

    def check(value: Any) -> Sequence[Broken]:
        # What isn't text, or is too short, breaks the pattern as well.
        if not_text := _not_text(value):
            return not_text
        size = _size(value)
        if size < smallest:
            return [((), "min", f"must {_measured('at least', limit.min, value)}", value)]
        broken: list[Broken] = []
        if size > largest:
            broken.append(((), "max", f"must {_measured('at most', limit.max, value)}", value))
        if matches is not None and not matches(value):
            broken.append(((), "pattern", f"must be {limit.says}, not {describe(value)}", value))
        if limit.enum is not None and value not in limit.enum:
            allowed = ", ".join(map(repr, limit.enum))
            broken.append(((), "enum", f"must be one of {allowed}, not {describe(value)}", value))
        return broken

    return check


# Python's strings may hold half of a pair of UTF-16, for example from JSON; UTF-8, which is sent, can't.
_SURROGATE = re.compile("[\ud800-\udfff]")


def _not_text(value: object) -> Sequence[Broken]:
    if not isinstance(value, str) or value.isascii():
        return ()
    surrogate = _SURROGATE.search(value)
    if surrogate is None:
        return ()
    message = f"must be text, and {show(surrogate[0])} at position {surrogate.start()} is half of a character"
    return [((), "encoding", message, value)]


def _size(value: Any) -> int:
    return value if isinstance(value, int) else len(value)


def _measured(bound: str, limit: int | None, value: object) -> str:
    if isinstance(value, int):
        return f"be {bound} {limit}, not {show(value)}"
    unit = "character" if isinstance(value, str) else "item"
    return f"have {bound} {limit} {unit}{'' if limit == 1 else 's'}, not {_size(value)}"


def _matcher(pattern: str) -> Callable[[str], object]:
    # Python's own $ would let a trailing newline pass, and the service's \s is ASCII.
    anchored = pattern.endswith("$")
    compiled = re.compile(pattern.removesuffix("$") if anchored else pattern, re.ASCII)
    return compiled.fullmatch if anchored else compiled.match


def validate(
    request: UpdateDistributionConfigurationRequest
    | CreateDistributionConfigurationRequest
    | Distribution
    | Items[Distribution],
) -> tuple[Issue, ...]:
    """
    Return everything that is wrong with *request*, in document order; nothing if all is well.

    Whether accounts, templates, keys or repositories exist isn't checked; the service doesn't check it either.

    Args:
        request: A request, one `Distribution`, or several.
            Rules that depend on the owner's account read it off the ARN of an update.
            A create and distributions alone don't tell it: then `ssm-account` is silent,
            `fast-launch-cross-account` too unless there are several target accounts,
            and `kms-default-shared` says that a single account may be the owner's.

    Raises:
        TypeError:
            If *request* is none of these.
    """
    broken: list[Broken] = []
    root: object = request
    below = 0
    if isinstance(request, Distribution):
        context, below = Context((request,)), 2
        broken += _check_model(Distribution)(request)
    elif isinstance(request, UpdateDistributionConfigurationRequest | CreateDistributionConfigurationRequest):
        context = Context(request.distributions, _owner(request))
        cls = next(base for base in type(request).__mro__ if base in LIMITS)  # theirs may be a subclass
        broken += _check_model(cls)(request)
    else:
        root = context = Context(_several(request))
        for index, distribution in enumerate(context.distributions):
            broken += _below("distributions", _below(index, _check_model(Distribution)(distribution)))
    placed: list[tuple[Position, Issue]] = []
    for location, limit, message, value in broken:
        position, path = _place(root, location)
        placed.append((position, Issue(path, limit, "error", message, value)))
    for rule in RULES:
        for location, message, value in rule.find(context):
            position, path = _place(root, location[below:])
            placed.append((position, Issue(path, rule.id, rule.severity, message, value)))
    return tuple(issue for _, issue in sorted(placed, key=itemgetter(0)))


def validate_tags(tags: Mapping[str, str]) -> tuple[Issue, ...]:
    """
    Return what is wrong with the *tags* of a configuration.
    """
    return tuple(
        Issue(reduce(join, location, ""), limit, "error", message, value)
        for location, limit, message, value in _below("tags", _check_mapping(_TAGS)(tags))
    )


def validate_encoding(value: object, path: str = "") -> tuple[Issue, ...]:
    """
    Return which strings anywhere in *value*, for example a call's parameters, can't be sent because they aren't text.

    `validate` and `validate_tags` say it of what they are given.
    """
    if isinstance(value, str):
        return tuple(Issue(path, rule, "error", message, text) for _, rule, message, text in _not_text(value))
    steps = value.items() if is_mapping(value) else enumerate(value) if is_list(value) else ()
    return tuple(issue for step, item in steps for issue in validate_encoding(item, join(path, step)))


def _several(distributions: object) -> tuple[Distribution, ...]:
    items = to_tuple(cast(Items[object], distributions))
    for each in items if type(items) is tuple else (items,):
        if not isinstance(each, Distribution):
            raise TypeError(f"validate takes a request, a Distribution or several of them, not {describe(each)}")
    return cast(tuple[Distribution, ...], items)


_ACCOUNT_OF_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):")


def _owner(request: UpdateDistributionConfigurationRequest | CreateDistributionConfigurationRequest) -> str | None:
    if isinstance(request, UpdateDistributionConfigurationRequest):
        account = _ACCOUNT_OF_ARN.match(request.distribution_configuration_arn)
        return account[1] if account else None
    return None


def _place(root: object, location: Location) -> tuple[Position, str]:
    """Give where *location* stands in the document, to sort by, and its path as the service writes it."""
    position: list[int] = []
    path = ""
    value: Any = root
    for step in location:
        if isinstance(step, int):
            position.append(step)
            path += f"[{step}]"
            value = value[step]
        elif is_mapping(value):  # its keys are the user's
            path = join(path, step)
            value = None
        else:
            cls = cast(type[attrs.AttrsInstance], type(value))
            position.append([field.name for field in attrs.fields(cls)].index(step))
            path += f".{member_name(step)}"
            value = getattr(value, step)
    return tuple(position), path.removeprefix(".")

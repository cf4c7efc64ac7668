"""
Every limit and every rule, each broken alone; and nothing refused that AWS accepts.
"""

import functools
import gc
import logging
import operator
import weakref
from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs
import botocore
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist._converter import MODELS
from imagebuilder_dist._fields import Member, members_of
from imagebuilder_dist._limits import LIMITS, NO_LIMIT, Limit
from imagebuilder_dist._rules import RULES
from imagebuilder_dist._validation import validate, validate_encoding
from imagebuilder_dist.testing import strategies

from .shapes import ARN, EVERYTHING, Recording, manifest, request_class, request_document, structure

OWNER, OTHER, THIRD = "123456789012", "111122223333", "444455556666"
BUILD_DATE = "{{ imagebuilder:buildDate }}"
TEMPLATE = "lt-0123456789abcdef0"
# Where an older botocore is stricter than the newest, whose limits ours are.
LOOSENED = {"clientToken", "TagKey"}


def update(*distributions: ibd.Distribution, **others: Any) -> ibd.UpdateDistributionConfigurationRequest:
    arguments = {"distribution_configuration_arn": ARN, "distributions": distributions, **others}
    return ibd.UpdateDistributionConfigurationRequest(**arguments)


def ami(region: str = "us-west-2", **members: Any) -> ibd.Distribution:
    return ibd.Distribution(region=region, ami_distribution_configuration=ibd.AmiDistributionConfiguration(**members))


def fast(*, targets: list[str] | None = None, **members: Any) -> ibd.Distribution:
    configuration = ibd.FastLaunchConfiguration(**{"enabled": True, **members})
    return attrs.evolve(ami(target_account_ids=targets), fast_launch_configurations=[configuration])


def ssm(*parameters: tuple[str, str | None], targets: list[str] | None = None) -> ibd.Distribution:
    configurations = [
        ibd.SsmParameterConfiguration(parameter_name=name, ami_account_id=account) for name, account in parameters
    ]
    return attrs.evolve(ami(target_account_ids=targets), ssm_parameter_configurations=configurations)


def container(repository_name: str) -> ibd.Distribution:
    repository = ibd.TargetContainerRepository(service="ECR", repository_name=repository_name)
    configuration = ibd.ContainerDistributionConfiguration(target_repository=repository)
    return ibd.Distribution(region="us-west-2", container_distribution_configuration=configuration)


def strings_in(document: Any, path: str = "") -> Iterator[tuple[str, Callable[[str], None]]]:
    """Give every string in a document but keys: its path, and what replaces it."""
    items = list(document.items() if isinstance(document, dict) else enumerate(document))
    for key, value in items:
        at = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".removeprefix(".")
        if isinstance(value, str):
            yield at, functools.partial(operator.setitem, document, key)
        elif isinstance(value, dict | list):
            yield from strings_in(value, at)


def found(request: Any) -> list[tuple[str, str]]:
    return [(issue.path, issue.rule) for issue in validate(request)]


def limit_of(shape: Shape) -> Limit:
    """Give the limit of a shape that is no structure, in our words."""
    metadata: Any = shape.metadata
    return Limit(
        min=metadata.get("min"),
        # botocore doesn't check it, but the service's integers have 32 bits.
        max=metadata.get("max", 2**31 - 1 if shape.type_name == "integer" else None),
        pattern=metadata.get("pattern"),
        items=_items(shape.member if isinstance(shape, ListShape) else getattr(shape, "value", None)),
        keys=_items(shape.key) if isinstance(shape, MapShape) else None,
    )


def _items(shape: Shape | None) -> Limit | None:
    return None if shape is None or isinstance(shape, StructureShape) else limit_of(shape)


def wordless(limit: Limit | None) -> Limit | None:
    if limit is None:
        return None
    return attrs.evolve(limit, says=None, items=wordless(limit.items), keys=wordless(limit.keys))


MEMBERS = [(cls, member) for cls in MODELS for member in members_of(cls)]


def newest() -> bool:
    version = tuple(int(part) for part in botocore.__version__.split("."))
    return version >= (1, 42, 83)


@pytest.mark.parametrize(("cls", "member"), MEMBERS, ids=lambda value: getattr(value, "name", None) or value.__name__)
def test_a_limit_is_the_models(cls: type, member: Member) -> None:
    shape = structure(cls.__name__).members.get(member.name)
    if shape is None:
        pytest.skip(f"botocore {botocore.__version__} doesn't know {member.name}")
    theirs = NO_LIMIT if isinstance(shape, StructureShape) else limit_of(shape)
    loosened = member.name in LOOSENED or (isinstance(shape, MapShape) and shape.key.name in LOOSENED)
    if loosened and not newest():
        pytest.skip(f"{member.name} was loosened after botocore {botocore.__version__}")

    assert wordless(LIMITS[cls].get(member.attribute, NO_LIMIT)) == theirs
    assert sorted(member.allowed) == sorted(shape.metadata.get("enum", []))


def test_every_limit_is_one_of_an_attribute() -> None:
    assert LIMITS.keys() == {*MODELS}
    for cls in MODELS:
        assert LIMITS[cls].keys() <= {field.name for field in attrs.fields(cls)}, cls


def test_every_pattern_is_put_into_words() -> None:
    def walk(limit: Limit | None) -> list[Limit]:
        return [] if limit is None else [limit, *walk(limit.items), *walk(limit.keys)]

    limits = [each for members in LIMITS.values() for limit in members.values() for each in walk(limit)]

    assert all((each.pattern is None) == (each.says is None) for each in limits)


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
        "which distribution_configuration_arn(...) makes of a name, not 'x' (str)",
    ),
    (
        ibd.CreateDistributionConfigurationRequest(name="x", distributions=[EVERYTHING]),
        "name",
        "pattern",
        "must be 3 to 128 letters, digits, hyphens, underscores or, inside, spaces, not 'x' (str)",
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
        "must be an ARN of an organization, not 'x' (str)",
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


@pytest.mark.parametrize(("request_", "path", "rule", "message"), CASES)
def test_a_broken_limit_is_an_error(request_: Any, path: str, rule: str, message: str) -> None:
    issue = next(issue for issue in validate(request_) if issue.rule == rule)

    assert (issue.path, issue.message, issue.severity) == (path, message, "error")


@pytest.mark.parametrize(
    "request_",
    [
        fast(max_parallel_launches=2**31 - 1),
        fast(snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=10_000)),
        ami(ami_tags={str(n): "" for n in range(50)}),
        ami(ami_tags={"x" * 128: "x" * 256}),
        ami(name="x" * (127 - len(BUILD_DATE)) + BUILD_DATE),
        update(ami(), client_token="x" * 64),
        update(ami(), description="x" * 1024),
        ssm(("x" * 1011, None)),
        ibd.CreateDistributionConfigurationRequest(
            name="x" * 128, distributions=[ami()], tags={str(n): "" for n in range(50)}
        ),
    ],
)
def test_a_value_at_its_bound_is_fine(request_: Any) -> None:
    assert found(request_) == []


def test_fifty_tags_can_be_set_and_not_one_more(boto3_client: Any) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    fifty = {str(n): "" for n in range(50)}
    arn = client.create_distribution_configuration("web", [ami(description="d")]).distribution_configuration_arn or ""

    client.tag_resource(arn, fifty)

    with pytest.raises(ibd.ValidationError, match="tags: must have at most 50 items, not 51"):
        client.tag_resource(arn, {**fifty, "50": ""})
    assert client.list_tags_for_resource(arn).tags == fifty


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
PUBLIC_RULES = {"public-ami", "encrypted-public"}


def test_every_rule_is_broken_above() -> None:
    assert {(rule.id, rule.severity) for rule in RULES} == {(rule, severity) for severity, rule, _, _ in BROKEN}


@pytest.mark.parametrize(("severity", "rule", "request_", "paths"), BROKEN)
def test_a_broken_rule_is_found_and_nothing_else(severity: str, rule: str, request_: Any, paths: list[str]) -> None:
    issues = [issue for issue in validate(request_) if issue.rule == rule]
    others = [issue.rule for issue in validate(request_) if issue.rule != rule]

    assert [(issue.path, issue.severity) for issue in issues] == [(path, severity) for path in paths]
    # Some rules are about AMIs that are public, which is worth warnings of its own.
    assert set(others) <= PUBLIC_RULES


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(update(ami(name=BUILD_DATE)), id="a name that is only the tag"),
        pytest.param(update(ami(name="{{imagebuilder:buildDate}}")), id="no inner spaces"),
        pytest.param(update(ami(name=f"My image - 1.0 {BUILD_DATE}")), id="spaces and hyphens"),
        pytest.param(update(ami()), id="an AMI without a name"),
        pytest.param(
            update(
                attrs.evolve(
                    ami(name=BUILD_DATE),
                    container_distribution_configuration=EVERYTHING.container_distribution_configuration,
                )
            ),
            id="AMI and container in one Region",
        ),
        pytest.param(
            update(
                ibd.Distribution(
                    region="us-west-2",
                    launch_template_configurations=[ibd.LaunchTemplateConfiguration(launch_template_id=TEMPLATE)],
                )
            ),
            id="neither of the two",
        ),
        pytest.param(update(fast(enabled=False)), id="fast launch switched off"),
        pytest.param(update(fast(enabled=False, targets=[OTHER])), id="fast launch switched off for others"),
        pytest.param(update(fast(targets=[OWNER])), id="fast launch for the owner"),
        pytest.param(fast(targets=[OTHER]), id="fast launch for an account that may be the owner"),
        pytest.param(
            update(
                ami(target_account_ids=[OWNER], launch_permission=ibd.LaunchPermissionConfiguration(user_ids=[OWNER]))
            ),
            id="the own account",
        ),
        pytest.param(update(ami(kms_key_id="1234abcd-12ab-34cd-56ef-1234567890ab")), id="a KMS key id"),
        pytest.param(update(ami(kms_key_id="alias/web", target_account_ids=[OTHER])), id="a KMS alias name"),
        pytest.param(
            update(ami(kms_key_id="alias/not-aws/ebs-key", target_account_ids=[OTHER])),
            id="a KMS alias that looks like the default",
        ),
        pytest.param(update(ami(kms_key_id="aws/ebs")), id="the default key, not shared"),
        pytest.param(
            update(ami(kms_key_id="aws/ebs", launch_permission=ibd.LaunchPermissionConfiguration())),
            id="the default key, shared with nobody",
        ),
        pytest.param(
            update(
                ami(
                    kms_key_id="aws/ebs",
                    target_account_ids=[OWNER],
                    launch_permission=ibd.LaunchPermissionConfiguration(user_ids=[OWNER]),
                )
            ),
            id="the default key, for the owner",
        ),
        pytest.param(update(container("mirror/public.ecr.aws/web")), id="a repository with a namespace"),
        pytest.param(update(ami(kms_key_id=f"arn:aws:kms:us-west-2:{OWNER}:key/1")), id="a KMS key of the Region"),
        pytest.param(update(ami(target_account_ids=[f"{n:012}" for n in range(1536)])), id="1536 accounts"),
        pytest.param(
            update(
                fast(
                    max_parallel_launches=10_000,
                    snapshot_configuration=ibd.FastLaunchSnapshotConfiguration(target_resource_count=1),
                )
            ),
            id="more launches than snapshots",
        ),
        pytest.param(update(fast(max_parallel_launches=6)), id="six launches"),
        pytest.param(update(ssm(("no/slash", None))), id="an SSM name without a slash or a type"),
        pytest.param(
            update(ssm(("a", None)), attrs.evolve(ssm(("a", None)), region="eu-west-1")),
            id="a parameter in two Regions",
        ),
        pytest.param(update(ssm(("a", OTHER), ("a", THIRD), targets=[OTHER, THIRD])), id="a parameter in two accounts"),
        pytest.param(update(ssm(("a", OWNER))), id="a parameter of the owner"),
        pytest.param(ssm(("a", OTHER)), id="a parameter of an account that may be the owner"),
        pytest.param(
            update(ibd.Distribution(region="us-west-2", s3_export_configuration=EVERYTHING.s3_export_configuration)),
            id="a prefix with a slash at its end",
        ),
        pytest.param(
            update(
                fast(
                    launch_template=ibd.FastLaunchLaunchTemplateSpecification(
                        launch_template_name="web", launch_template_version="$Latest"
                    )
                )
            ),
            id="$Latest",
        ),
        pytest.param(
            update(
                fast(
                    launch_template=ibd.FastLaunchLaunchTemplateSpecification(
                        launch_template_id=TEMPLATE, launch_template_version="$Default"
                    )
                )
            ),
            id="$Default",
        ),
        pytest.param(
            update(ami(ami_tags={"built": "{{ imagebuilder:buildVersion }}", "a:b_c": ""})),
            id="dynamic tags in tag values",
        ),
    ],
)
def test_what_aws_accepts_is_not_refused(request_: Any) -> None:
    assert validate(request_) == ()


def test_public_together_with_principals_keys_and_licences_is_only_warned_of() -> None:
    permission = ibd.LaunchPermissionConfiguration(user_groups=["all"], user_ids=[OTHER])
    request = update(
        attrs.evolve(
            ami(launch_permission=permission, kms_key_id="alias/web"),
            license_configuration_arns=EVERYTHING.license_configuration_arns,
        )
    )

    assert [(issue.rule, issue.severity) for issue in validate(request)] == [
        ("encrypted-public", "warning"),
        ("public-ami", "warning"),
    ]


@pytest.mark.parametrize(
    ("targets", "permission"),
    [
        ([OWNER, OTHER], {}),
        ([], {"user_ids": [OWNER, OTHER]}),
        ([], {"user_groups": ["all"]}),
        ([], {"organization_arns": ["o"]}),
        ([], {"organizational_unit_arns": ["u"]}),
        ([OTHER], {}),
        ([], {"user_ids": [OTHER]}),
    ],
)
def test_the_default_key_cannot_be_shared_with_others_whoever_the_owner_is(
    targets: list[str], permission: dict[str, Any]
) -> None:
    distribution = ami(
        kms_key_id="aws/ebs",
        target_account_ids=targets,
        launch_permission=ibd.LaunchPermissionConfiguration(**permission),
    )

    known = [issue.message for issue in validate(update(distribution)) if issue.rule == "kms-default-shared"]
    unknown = [issue.message for issue in validate(distribution) if issue.rule == "kms-default-shared"]

    assert known == ["is the default EBS key, which no other account can use: share with a key of your own"]
    assert len(unknown) == 1


def test_a_single_account_may_be_that_of_an_owner_who_is_not_known() -> None:
    """
    Of an account in a create nobody knows whose it is, so the warning says what it depends on.
    """
    permission = ibd.LaunchPermissionConfiguration(user_ids=[OTHER])
    one = ami(kms_key_id="aws/ebs", target_account_ids=[OTHER], launch_permission=permission)
    two = ami(kms_key_id="aws/ebs", target_account_ids=[THIRD], launch_permission=permission)
    unless = "unless the account that gets the AMI is the owner's"

    messages = [
        issue.message
        for distributions in (one, two)
        for issue in validate(ibd.CreateDistributionConfigurationRequest(name="web", distributions=[distributions]))
    ]

    assert [unless in message for message in messages] == [True, False]


@pytest.mark.parametrize(
    "name",
    [
        "{{imagebuilder:buildDate:yyyyMMdd}}",
        "web {{ imagebuilder:buildDate:yyyy-MM-dd }}",
        "{{ imagebuilder:buildDate : HH.mm}}",
        "web-{{imagebuilder:buildDate:}}",
        "{{imagebuilder:buildDate:yyyy}}-{{imagebuilder:buildDate:MM}}",
    ],
)
def test_a_build_date_with_a_format_is_a_warning(boto3_client: Any, name: str) -> None:
    (issue,) = validate(ami(name=name))

    assert (issue.rule, issue.severity) == ("ami-name-build-date", "warning")
    # The local endpoint takes it, too.
    ibd.DistributionConfigurationClient(boto3_client).create_distribution_configuration("web", [ami(name=name)])


@pytest.mark.parametrize(
    ("name", "severities"),
    [
        (f"{BUILD_DATE} {{{{imagebuilder:buildDate:yyyy}}}}", []),
        (f"{{{{imagebuilder:buildDate:yyyy}}}} {BUILD_DATE}", []),
        ("{{imagebuilder:buildDates}}", ["error"]),
        ("{{imagebuilder:buildDate yyyy}}", ["error"]),
    ],
)
def test_a_build_date_without_a_format_is_enough_and_nothing_else_is(name: str, severities: list[str]) -> None:
    assert [issue.severity for issue in validate(ami(name=name))] == severities


@pytest.mark.parametrize(
    ("region", "suggestion"),
    [
        ("us-west-2a", "; did you mean 'us-west-2'?"),
        ("US-WEST-2", "; did you mean 'us-west-2'?"),
        ("us-wets-2", "; did you mean 'us-west-2'?"),
        ("eu_central_1", "; did you mean 'eu-central-1'?"),
        ("cn-nort-1", "; did you mean 'cn-north-1'?"),
        ("Frankfurt", ""),
        ("aws-global", ""),
    ],
)
def test_an_unknown_region_comes_with_the_nearest(region: str, suggestion: str) -> None:
    (issue,) = validate(ami(region))

    assert (issue.path, issue.rule, issue.severity) == ("region", "region-unknown", "warning")
    assert issue.message == f"isn't a Region that botocore knows{suggestion}"


def test_every_region_that_botocore_knows_for_ec2_is_known() -> None:
    session = Session()
    regions = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    ]

    assert len(regions) > 20
    assert [issue.path for issue in validate([ami(region) for region in regions])] == []


def test_many_unknown_regions_are_found_and_the_first_get_a_suggestion() -> None:
    """
    Each takes a millisecond to look for, so a request with any number of them would take any time.
    """
    messages = [issue.message for issue in validate([ami(f"us-west-{n}") for n in range(10, 60)])]

    assert len(messages) == 50
    assert ["did you mean" in message for message in messages] == [True] * 20 + [False] * 30


@pytest.mark.parametrize(
    "name",
    [
        f"arn:aws:ecr:us-west-2:{OWNER}:repository/web",
        f"{OWNER}.dkr.ecr.us-west-2.amazonaws.com/web:latest",
        f"{OWNER}.dkr-ecr.us-west-2.on.aws/web",
        f"{OWNER}.dkr.ecr-fips.us-west-2.amazonaws.com/web",
        f"https://{OWNER}.dkr.ecr.us-west-2.amazonaws.com/web",
        "public.ecr.aws/registry/web",
    ],
)
def test_an_arn_or_a_uri_is_no_repository_name(name: str) -> None:
    (issue,) = validate(container(name))

    assert (issue.rule, issue.severity) == ("repository-name", "warning")


@pytest.mark.parametrize(
    "request_",
    [
        ami(target_account_ids=[f"{OWNER}\n"]),
        ami(target_account_ids=["١٢٣٤٥٦٧٨٩٠١٢"]),
        ami(name=f"web\u00a0{BUILD_DATE}"),
        ami(ami_tags={"a\u00a0b": ""}),
        ami(ami_tags={"a": "b", "aws:x": "c"}),
        ibd.Distribution(
            region="us-west-2",
            launch_template_configurations=[ibd.LaunchTemplateConfiguration(launch_template_id=f"{TEMPLATE}\n")],
        ),
        ibd.Distribution(
            region="r",
            launch_template_configurations=[ibd.LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef")],
        ),
        ssm(("a\n", None)),
        update(ami(), distribution_configuration_arn=f"{ARN}\n"),
    ],
)
def test_a_pattern_means_what_the_service_means(request_: Any) -> None:
    assert "pattern" in {issue.rule for issue in validate(request_)}


def test_two_characters_are_long_enough_for_a_name_but_break_its_pattern() -> None:
    assert found(ami(name="ab")) == [
        ("amiDistributionConfiguration.name", "pattern"),
        ("amiDistributionConfiguration.name", "ami-name-build-date"),
    ]


def test_what_is_empty_is_only_too_short() -> None:
    assert found(ami(name="")) == [
        ("amiDistributionConfiguration.name", "min"),
        ("amiDistributionConfiguration.name", "ami-name-build-date"),
    ]


def test_what_follows_the_arn_of_an_organizational_unit_is_accepted() -> None:
    arn = f"arn:aws:organizations::{OWNER}:ou/o-abcdefghij/ou-abcd-abcdefgh/and more"

    assert found(ami(launch_permission=ibd.LaunchPermissionConfiguration(organizational_unit_arns=[arn]))) == []


def test_white_space_in_names_and_tags_is_allowed() -> None:
    assert found(ami(name=f"a\tb {BUILD_DATE}", ami_tags={"a b\tc": ""})) == []


EVERY_STRING = [path for path, _ in strings_in(ibd.to_boto3(update(EVERYTHING, description="d", client_token="t")))]


@pytest.mark.parametrize("path", EVERY_STRING)
def test_half_a_character_is_an_error_wherever_it_stands(path: str) -> None:
    r"""
    JSON can say `"\ud83d"`, half of an emoji, and UTF-8 can't.
    """
    document = ibd.to_boto3(update(EVERYTHING, description="d", client_token="t"))
    replace = dict(strings_in(document))[path]
    replace("half \ud83d")

    request = ibd.from_boto3(document, ibd.UpdateDistributionConfigurationRequest)
    issues = [issue for issue in validate(request) if issue.rule == "encoding"]

    assert [(issue.path, issue.severity) for issue in issues] == [(path, "error")]
    assert issues[0].message == r"must be text, and '\ud83d' at position 5 is half of a character"
    assert ("pattern" in {issue.rule for issue in validate(request)}) is False


def test_half_a_character_in_a_tag_key_is_an_error() -> None:
    tags = {"half \ud83d": ""}
    fake: Any = Recording()
    client = ibd.DistributionConfigurationClient(fake)
    create = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[ami()], tags=tags)

    assert found(create) == [(r"tags['half \ud83d']", "encoding")]
    assert found(ami(ami_tags=tags)) == [(r"amiDistributionConfiguration.amiTags['half \ud83d']", "encoding")]
    with pytest.raises(ibd.ValidationError) as caught:
        client.tag_resource(ARN, tags)
    assert [(issue.path, issue.rule) for issue in caught.value.issues] == [(r"tags['half \ud83d']", "encoding")]
    assert fake.calls == []


def test_half_a_character_is_found_in_parameters() -> None:
    parameters = {
        "resourceArn": "\udfff",
        "tagKeys": ["a", "\ud800"],
        "filters": [{"name": "name", "values": ["\ud800"]}],
        "maxResults": 5,
    }

    assert [(issue.path, issue.rule, issue.severity) for issue in validate_encoding(parameters)] == [
        ("resourceArn", "encoding", "error"),
        ("tagKeys[1]", "encoding", "error"),
        ("filters[0].values[0]", "encoding", "error"),
    ]


def test_whole_characters_are_fine() -> None:
    assert found(update(ami(description="\U0001f600 Grüße \U0010ffff"))) == []


class Text(str):
    """A string that a test can watch."""

    __slots__ = ("__weakref__",)


def test_no_string_of_a_request_is_kept() -> None:
    """
    Names and ids are the user's, and a cache of them would grow with every request.
    """

    def validated(text: Callable[[str], str]) -> list["weakref.ref[str]"]:
        document = ibd.to_boto3(update(EVERYTHING, description="d", client_token="t"))
        kept: list[weakref.ref[str]] = []
        for path, replace in strings_in(document):
            watched = Text(text(path))
            replace(watched)
            kept.append(weakref.ref(watched))
        validate(ibd.from_boto3(document, ibd.UpdateDistributionConfigurationRequest))
        return kept

    kept = [*validated(lambda path: f"wrong {path}"), *validated(lambda _: OWNER), *validated(lambda _: TEMPLATE)]
    gc.collect()

    assert len(kept) > 90
    assert [each() for each in kept if each() is not None] == []


def subclassed(model: Any) -> Any:
    """Give the same, made of subclasses throughout."""
    if isinstance(model, tuple):
        return tuple(map(subclassed, model))
    cls: Any = type(model)
    if not attrs.has(cls):
        return model
    mine = attrs.make_class(f"My{cls.__name__}", {"note": attrs.field(default="")}, bases=(cls,), frozen=True)
    return mine(**{field.name: subclassed(getattr(model, field.name)) for field in attrs.fields(cls)})


@pytest.mark.parametrize(
    "request_",
    [
        EVERYTHING,
        update(EVERYTHING, ami(target_account_ids=["1"]), description=""),
        *(request for request, *_ in CASES),
        *(request for _, _, request, _ in BROKEN),
    ],
)
def test_a_subclass_is_judged_like_its_base(request_: Any) -> None:
    assert [str(issue) for issue in validate(subclassed(request_))] == [str(issue) for issue in validate(request_)]


def test_a_plain_subclass_is_judged_like_its_base() -> None:
    class Mine(ibd.UpdateDistributionConfigurationRequest):
        pass

    request = Mine(distribution_configuration_arn=ARN, distributions=[ami(target_account_ids=["1"])])

    assert found(request) == [("distributions[0].amiDistributionConfiguration.targetAccountIds[0]", "pattern")]


HOSTILE = st.text(
    st.sampled_from("a'\n\r\x00\x1b\x85\u2028\u2029\u202e\u2066\ud800"),
    min_size=1,
    max_size=8,
)


@given(key=HOSTILE, value=HOSTILE)
def test_no_key_and_no_value_forges_or_hides_text(key: str, value: str) -> None:
    """
    Errors go to logs and terminals.
    """
    request = update(
        ami(value, ami_tags={key: "x" * 257}, name=value, kms_key_id=f"arn:aws:kms:in {value}:"), ami(value)
    )

    issues = validate(request)

    assert {"region-unknown", "region-unique", "kms-region", "ami-name-build-date"} <= {each.rule for each in issues}
    assert [text for each in issues for text in [str(each), each.path] if not text.isprintable()] == []


def test_all_issues_come_at_once_in_the_order_of_the_document() -> None:
    request = update(
        ibd.Distribution(
            region="us-west-2",
            ami_distribution_configuration=ibd.AmiDistributionConfiguration(
                name="ab",
                ami_tags={"z": "x" * 257, "aws:a": ""},
                launch_permission=ibd.LaunchPermissionConfiguration(user_ids=["1", OWNER, "2"], user_groups=["all"]),
            ),
            fast_launch_configurations=[
                ibd.FastLaunchConfiguration(enabled=True, max_parallel_launches=5, launch_template=TEMPLATES)
            ],
        ),
        ibd.Distribution(region="us-west-2"),
        description="",
    )

    assert found(request) == [
        ("distributions[0].amiDistributionConfiguration.name", "pattern"),
        ("distributions[0].amiDistributionConfiguration.name", "ami-name-build-date"),
        ("distributions[0].amiDistributionConfiguration.amiTags.z", "max"),
        ("distributions[0].amiDistributionConfiguration.amiTags.aws:a", "pattern"),
        ("distributions[0].amiDistributionConfiguration.launchPermission.userIds[0]", "pattern"),
        ("distributions[0].amiDistributionConfiguration.launchPermission.userIds[2]", "pattern"),
        ("distributions[0].amiDistributionConfiguration.launchPermission.userGroups[0]", "public-ami"),
        ("distributions[0].fastLaunchConfigurations[0].maxParallelLaunches", "fast-launch-parallel"),
        ("distributions[0].fastLaunchConfigurations[0].launchTemplate", "launch-template-one-of"),
        ("distributions[1]", "region-output"),
        ("distributions[1].region", "region-unique"),
        ("description", "min"),
    ]


def test_an_issue_holds_the_value() -> None:
    (issue,) = validate(ami(target_account_ids=[OWNER, "1"]))

    assert issue.value == "1"


def test_a_distribution_is_judged_alone_and_several_together() -> None:
    wrong = ami(target_account_ids=["1"])

    assert found(wrong) == [("amiDistributionConfiguration.targetAccountIds[0]", "pattern")]
    assert found([ami(), wrong]) == [
        ("distributions[1].region", "region-unique"),
        ("distributions[1].amiDistributionConfiguration.targetAccountIds[0]", "pattern"),
    ]
    assert found(iter([wrong])) == [("distributions[0].amiDistributionConfiguration.targetAccountIds[0]", "pattern")]
    assert found([]) == [("distributions", "empty-distributions")]


@pytest.mark.parametrize("value", [5, None, "us-west-2", {"region": "us-west-2"}, [{"region": "us-west-2"}], ["x"]])
def test_anything_else_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="validate takes a request, a Distribution or several of them, not "):
        validate(value)


def test_an_arn_without_an_account_has_no_owner() -> None:
    managed = "arn:aws:imagebuilder:us-west-2:aws:distribution-configuration/x"

    assert found(update(ssm(("a", OTHER)), distribution_configuration_arn=managed)) == []


@given(strategies.update_requests)
def test_what_is_valid_has_no_errors(request_: ibd.UpdateDistributionConfigurationRequest) -> None:
    assert [issue for issue in validate(request_) if issue.severity == "error"] == []


@pytest.mark.parametrize("name", manifest("accept"))
def test_no_error_on_an_accepted_document(name: str) -> None:
    document = request_document(name)

    issues = validate(ibd.from_boto3(document, request_class(document)))

    assert [issue for issue in issues if issue.severity == "error"] == []


@pytest.mark.parametrize("name", manifest("reject-service"))
def test_an_error_on_a_document_that_the_service_refuses(name: str) -> None:
    document = request_document(name)

    assert found(ibd.from_boto3(document, request_class(document))) == [
        ("distributions[0].amiDistributionConfiguration.name", "ami-name-build-date")
    ]


@pytest.mark.parametrize("name", manifest("reject-build"))
def test_a_warning_on_a_document_whose_build_fails(name: str) -> None:
    document = request_document(name)

    issues = validate(ibd.from_boto3(document, request_class(document)))

    assert {(issue.rule, issue.severity) for issue in issues} == {("public-ami", "warning")}


def test_the_client_sends_nothing_that_has_errors() -> None:
    fake: Any = Recording()

    with pytest.raises(ibd.ValidationError) as caught:
        ibd.DistributionConfigurationClient(fake).update_distribution_configuration(
            ARN, [ami(name="ab", launch_permission=PUBLIC)], client_token="a token"
        )

    assert fake.calls == []
    assert caught.value.client_token == "a token"
    assert caught.value.operation == "UpdateDistributionConfiguration"
    assert [issue.rule for issue in caught.value.issues] == ["pattern", "ami-name-build-date", "public-ami"]
    lines = str(caught.value).splitlines()
    assert lines[0] == f"3 problems in UpdateDistributionConfiguration of {ARN}:"
    assert lines[3].endswith("block public access is on (warning)")


def test_the_client_logs_warnings_and_sends(caplog: pytest.LogCaptureFixture) -> None:
    fake: Any = Recording()

    with caplog.at_level(logging.WARNING, logger="imagebuilder_dist"):
        ibd.DistributionConfigurationClient(fake).update_distribution_configuration(
            ARN, [ssm(("secret/name", OTHER)), ami("eu-west-1", launch_permission=PUBLIC)]
        )

    assert len(fake.calls) == 1
    assert len(caplog.records) == 2
    assert OTHER not in caplog.text
    assert "secret/name" not in caplog.text
    assert "distributions[0].ssmParameterConfigurations[0].amiAccountId" in caplog.text


def test_the_client_leaves_it_to_the_service_where_asked() -> None:
    fake: Any = Recording()

    ibd.DistributionConfigurationClient(fake).update_distribution_configuration(ARN, [ami(name="ab")], validate=False)

    assert len(fake.calls) == 1

"""
Every limit and every rule, each broken alone; and nothing refused that AWS accepts.
"""

import logging
from typing import Any, cast

import attrs
import botocore
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import given

import imagebuilder_dist as ibd
from imagebuilder_dist._fields import member_name
from imagebuilder_dist.converter import MODELS
from imagebuilder_dist.validation import LIMITS, NO_LIMIT, RULES, Limit, validate

from . import strategies
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


def found(request: Any) -> list[tuple[str, str]]:
    return [(issue.path, issue.rule) for issue in validate(request)]


# The table against botocore's model


def limit_of(shape: Shape) -> Limit:
    """Give the limit of a shape that is no structure, in our words."""
    metadata: Any = shape.metadata
    return Limit(
        min=metadata.get("min"),
        max=metadata.get("max"),
        pattern=metadata.get("pattern"),
        enum=tuple(metadata["enum"]) if "enum" in metadata else None,
        items=_items(shape.member if isinstance(shape, ListShape) else getattr(shape, "value", None)),
        keys=_items(shape.key) if isinstance(shape, MapShape) else None,
    )


def _items(shape: Shape | None) -> Limit | None:
    return None if shape is None or isinstance(shape, StructureShape) else limit_of(shape)


def wordless(limit: Limit | None) -> Limit | None:
    if limit is None:
        return None
    return attrs.evolve(limit, says=None, items=wordless(limit.items), keys=wordless(limit.keys))


MEMBERS = [(cls, name) for cls, limits in LIMITS.items() for name in limits]


def newest() -> bool:
    version = tuple(int(part) for part in botocore.__version__.split("."))
    return version >= (1, 42, 83)


@pytest.mark.parametrize(("cls", "name"), MEMBERS, ids=lambda value: getattr(value, "__name__", value))
def test_a_limit_is_the_models(cls: type, name: str) -> None:
    shape = structure(cls.__name__).members.get(member_name(name))
    if shape is None:
        pytest.skip(f"botocore {botocore.__version__} doesn't know {member_name(name)}")
    theirs = NO_LIMIT if isinstance(shape, StructureShape) else limit_of(shape)
    loosened = member_name(name) in LOOSENED or (isinstance(shape, MapShape) and shape.key.name in LOOSENED)
    if loosened and not newest():
        pytest.skip(f"{member_name(name)} was loosened after botocore {botocore.__version__}")

    assert wordless(LIMITS[cls][name]) == theirs


def test_every_attribute_of_every_model_has_its_limit() -> None:
    assert LIMITS.keys() == set(MODELS)
    for cls in MODELS:
        assert LIMITS[cls].keys() == {field.name for field in attrs.fields(cls)}, cls


def test_every_pattern_is_put_into_words() -> None:
    def walk(limit: Limit | None) -> list[Limit]:
        return [] if limit is None else [limit, *walk(limit.items), *walk(limit.keys)]

    limits = [each for members in LIMITS.values() for limit in members.values() for each in walk(limit)]

    assert all((each.pattern is None) == (each.says is None) for each in limits)


# Limits, each at its bound and one beyond

CASES: list[tuple[Any, str, str, str]] = [
    (update(EVERYTHING, description=""), "description", "min", "must have at least 1 characters, not 0"),
    (update(EVERYTHING, description="x" * 1025), "description", "max", "must have at most 1024 characters, not 1025"),
    (update(EVERYTHING, client_token=""), "clientToken", "min", "must have at least 1 characters, not 0"),
    (update(EVERYTHING, client_token="x" * 65), "clientToken", "max", "must have at most 64 characters, not 65"),
    (
        update(EVERYTHING, distribution_configuration_arn="x"),
        "distributionConfigurationArn",
        "pattern",
        "must be an ARN such as "
        "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/my-configuration, not 'x' (str)",
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
    (ami("", name=BUILD_DATE), "region", "min", "must have at least 1 characters, not 0"),
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
    (ami(ami_tags={"": ""}), "amiDistributionConfiguration.amiTags.", "min", "must have at least 1 characters, not 0"),
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
    (ami(kms_key_id=""), "amiDistributionConfiguration.kmsKeyId", "min", "must have at least 1 characters, not 0"),
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
]


@pytest.mark.parametrize(("request_", "path", "rule", "message"), CASES)
def test_a_broken_limit_is_an_error(request_: Any, path: str, rule: str, message: str) -> None:
    issue = next(issue for issue in validate(request_) if issue.rule == rule)

    assert (issue.path, issue.message, issue.severity) == (path, message, "error")


# Rules, each broken alone

TEMPLATES = ibd.FastLaunchLaunchTemplateSpecification(launch_template_id=TEMPLATE, launch_template_name="web")
SHARED = ibd.LaunchPermissionConfiguration(user_ids=[OTHER])
PUBLIC = ibd.LaunchPermissionConfiguration(user_groups=["all"])

BROKEN: list[tuple[str, Any, list[str]]] = [
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
ERRORS = {"empty-distributions", "region-unique", "region-output", "ami-name-build-date", "launch-template-one-of"}


def test_every_rule_is_broken_below() -> None:
    assert RULES.keys() == {rule for rule, _, _ in BROKEN}


@pytest.mark.parametrize(("rule", "request_", "paths"), BROKEN)
def test_a_broken_rule_is_found_and_nothing_else(rule: str, request_: Any, paths: list[str]) -> None:
    issues = [issue for issue in validate(request_) if issue.rule == rule]
    others = {issue.rule for issue in validate(request_)} - {rule}

    assert [issue.path for issue in issues] == paths
    assert {issue.severity for issue in issues} == {"error" if rule in ERRORS else "warning"}
    assert others <= {"public-ami"}


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
                    region="r",
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
            update(ibd.Distribution(region="r", s3_export_configuration=EVERYTHING.s3_export_configuration)),
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


def test_public_together_with_principals_keys_and_licences_is_only_public() -> None:
    permission = ibd.LaunchPermissionConfiguration(user_groups=["all"], user_ids=[OTHER])
    request = update(
        attrs.evolve(
            ami(launch_permission=permission, kms_key_id="alias/web"),
            license_configuration_arns=EVERYTHING.license_configuration_arns,
        )
    )

    assert [issue.rule for issue in validate(request)] == ["public-ami"]


# Traps of the patterns


@pytest.mark.parametrize(
    "request_",
    [
        ami(target_account_ids=[f"{OWNER}\n"]),
        ami(target_account_ids=["١٢٣٤٥٦٧٨٩٠١٢"]),
        ami(name=f"web\u00a0{BUILD_DATE}"),
        ami(ami_tags={"a\u00a0b": ""}),
        ami(ami_tags={"a": "b", "aws:x": "c"}),
        ibd.Distribution(
            region="r",
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


# All at once, in order


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


# The corpus


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


# The client


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
    assert lines[0] == "3 problems:"
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

"""
Every rule finds what breaks it, and nothing that AWS accepts.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.rules import RULES
from imagebuilder_dist._shapes.validation import validate
from imagebuilder_dist.models import BUILD_DATE
from tests.samples import EVERYTHING, PUBLIC, ami

from .builders import OTHER, OWNER, TEMPLATE, THIRD, container, export, fast, licensed, ssm, template, update

AMI, PARAMETERS, EXPORT = "amiDistributionConfiguration", "ssmParameterConfigurations", "s3ExportConfiguration"
NAME, KEY, GROUP = f"[0].{AMI}.name", f"[0].{AMI}.kmsKeyId", f"[0].{AMI}.launchPermission.userGroups[0]"
LAUNCH = "fastLaunchConfigurations[0]"
REPOSITORY = "containerDistributionConfiguration.targetRepository.repositoryName"
SHARED = ibd.LaunchPermissionConfiguration(user_ids=[OTHER])
SOME = ibd.LaunchPermissionConfiguration(user_groups=["some"])
AWS = "arn:aws:organizations::123456789012"
ORGANIZATION = ibd.LaunchPermissionConfiguration(organization_arns=[f"{AWS}:organization/o-abcdefghij"])
UNIT = ibd.LaunchPermissionConfiguration(organizational_unit_arns=[f"{AWS}:ou/o-abcdefghij/ou-abcd-abcdefgh"])
TWICE = ibd.FastLaunchLaunchTemplateSpecification(launch_template_id=TEMPLATE, launch_template_name="web")
ALIAS = f"arn:aws:kms:us-west-2:{OWNER}:alias/aws/ebs"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ELSEWHERE = f"arn:aws:kms:us-west-2:{OWNER}:key/{KEY_ID}"
TARGETED = ami("us-east-2", target_account_ids=[OWNER, OTHER])
# Distributions of OWNER's that break a rule, and where in them.
Broken = tuple[str, list[ibd.Distribution], list[str]]
REJECTED: list[Broken] = [
    ("empty-distributions", [], [""]),
    ("region-unique", [ami(), ami("eu-west-1"), ami(), ami()], ["[2].region", "[3].region"]),
    ("region-output", [ami(), ibd.Distribution(region="eu-west-1")], ["[1]"]),
    ("region-output", [ibd.Distribution(region="eu-west-1", ssm_parameter_configurations=[])], ["[0]"]),
    ("ami-name-build-date", [ami(name="web")], [NAME]),
    ("ami-name-build-date", [ami(name="web {{ imagebuilder:buildVersion }}")], [NAME]),
    ("ami-name-build-date", [ami(name="{{imagebuilder:buildDate.}}")], [NAME]),
    ("ami-name-build-date", [ami(name="{{imagebuilder:buildDate yyyy}}")], [NAME]),
    (
        "launch-template-one-of",
        [fast(), fast(region="eu-west-1", launch_template=TWICE)],
        [f"[1].{LAUNCH}.launchTemplate"],
    ),
]
STORED: list[Broken] = [
    ("region-unknown", [ami("us-west-9"), ami()], ["[0].region"]),
    ("region-unknown", [TARGETED, ami("us-wets-2")], ["[1].region"]),  # it may be the configuration's
    ("encrypted-public", [ami(kms_key_id="alias/web", launch_permission=PUBLIC)], [KEY]),
    ("fast-launch-parallel", [fast(max_parallel_launches=5)], [f"[0].{LAUNCH}.maxParallelLaunches"]),
    ("ssm-account", [ssm(("a", OTHER), ("b", THIRD), targets=[OTHER])], [f"[0].{PARAMETERS}[1].amiAccountId"]),
    (
        "ssm-account",
        [ssm(("a", OTHER)), ssm(("a", None), region="eu-west-1", targets=[OTHER])],
        [f"[0].{PARAMETERS}[0].amiAccountId"],
    ),
    ("ssm-duplicate", [ssm(("a", None), ("b", None), ("a", None))], [f"[0].{PARAMETERS}[2]"]),
    ("public-ami", [ami(launch_permission=PUBLIC)], [GROUP]),
    ("public-ami", [ami(launch_permission=SOME)], [GROUP]),
    ("fast-launch-cross-account", [fast(targets=[OTHER])], [f"[0].{LAUNCH}"]),
    ("kms-default-shared", [ami(kms_key_id="aws/ebs", target_account_ids=[OTHER])], [KEY]),
    ("kms-default-shared", [ami(kms_key_id="alias/aws/ebs", launch_permission=SHARED)], [KEY]),
    ("kms-default-shared", [ami(kms_key_id=ALIAS, launch_permission=PUBLIC)], [KEY]),
    ("kms-default-shared", [ami(kms_key_id="aws/ebs", launch_permission=ORGANIZATION)], [KEY]),
    ("kms-default-shared", [ami(kms_key_id="aws/ebs", launch_permission=UNIT)], [KEY]),
    ("kms-region", [ami("eu-west-1", kms_key_id=ELSEWHERE)], [KEY]),
    ("partition", [ami(), ami("cn-north-1"), ami("us-gov-west-1")], ["[1].region", "[2].region"]),
    ("source-region", [TARGETED, ami("eu-west-1")], [""]),
    ("source-region", [TARGETED, container("web")], [""]),
    (
        "launch-template-region",
        [template(TEMPLATE), template(TEMPLATE, "eu-west-1"), template(TEMPLATE, "eu-west-2")],
        [f"[{nth}].launchTemplateConfigurations[0].launchTemplateId" for nth in (1, 2)],
    ),
    ("license-region", [licensed("us-west-2"), licensed("eu-west-1")], ["[1].licenseConfigurationArns[0]"]),
    *(
        ("kms-key", [ami(kms_key_id=key)], [KEY])
        for key in (
            "not a key!",
            "web",
            "alies/web",
            ":alies/web",
            "arn:aws:s3:::web",
            f"arn:aws:kms:us-west-2:12345:key/{KEY_ID}",
            f"arn:aws:kms:us-west-2:{OWNER}:{KEY_ID}",
            f"key/{KEY_ID}",
            KEY_ID[:-1],
        )
    ),
    *(
        ("ssm-name", [ssm((name, None))], [f"[0].{PARAMETERS}[0].parameterName"])
        for name in ("ssmParam", "awsome", "/aws/x", "/SSM/x", "/aws")
    ),
    ("export-name", [export(f"arn:aws:iam::{OWNER}:role/vmimport")], [f"[0].{EXPORT}.roleName"]),
    ("export-name", [export("service/vmimport")], [f"[0].{EXPORT}.roleName"]),
    ("export-name", [export(bucket="s3://images/web")], [f"[0].{EXPORT}.s3Bucket"]),
    ("export-name", [export(bucket="arn:aws:s3:::images")], [f"[0].{EXPORT}.s3Bucket"]),
    ("dynamic-tag", [ami(name=f"{BUILD_DATE} {{{{imagebuilder:buildNumber}}}}")], [NAME]),
    (
        "dynamic-tag",
        [ami(description="{{ imagebuilder:builddate }}", ami_tags={"a": "b", "by": "{{imagebuilder:recipe}}"})],
        [f"[0].{AMI}.description", f"[0].{AMI}.amiTags.by"],
    ),
    *(
        ("ami-name-build-date", [ami(name=name)], [NAME])
        for name in (
            "{{imagebuilder:buildDate:yyyyMMdd}}",
            "web {{ imagebuilder:buildDate:yyyy-MM-dd }}",
            "{{ imagebuilder:buildDate : HH.mm}}",
            "web-{{imagebuilder:buildDate:}}",
            "{{imagebuilder:buildDate:yyyy}}-{{imagebuilder:buildDate:MM}}",
        )
    ),
    *(
        ("repository-name", [container(name)], [f"[0].{REPOSITORY}"])
        for name in (
            f"{OWNER}.dkr.ecr.us-west-2.amazonaws.com/web",
            f"arn:aws:ecr:us-west-2:{OWNER}:repository/web",
            f"{OWNER}.dkr.ecr.us-west-2.amazonaws.com/web:latest",
            f"{OWNER}.dkr-ecr.us-west-2.on.aws/web",
            f"{OWNER}.dkr.ecr-fips.us-west-2.amazonaws.com/web",
            f"https://{OWNER}.dkr.ecr.us-west-2.amazonaws.com/web",
            "public.ecr.aws/registry/web",
        )
    ),
]
BROKEN = [*(("error", *broken) for broken in REJECTED), *(("warning", *broken) for broken in STORED)]


def test_every_rule_is_broken() -> None:
    rules = {(rule.id, rule.severity) for about in RULES.values() for rule in about}

    assert rules == {(rule, severity) for severity, rule, _, _ in BROKEN}, (
        "each rule needs a case here: in REJECTED if it is an error, in STORED if a warning"
    )


@pytest.mark.parametrize(("severity", "rule", "distributions", "paths"), BROKEN)
def test_a_broken_rule_is_found_and_nothing_else(
    boto3_client: Any, severity: str, rule: str, distributions: list[ibd.Distribution], paths: list[str]
) -> None:
    issues = validate(update(*distributions))

    found = [(issue.path, issue.severity) for issue in issues if issue.rule == rule]
    assert found == [(f"distributions{path}", severity) for path in paths]
    # Some rules are about AMIs that are public, which is worth warnings of its own.
    assert {issue.rule for issue in issues} <= {rule, "public-ami", "encrypted-public"}
    if severity == "warning":  # so the service stores it
        ibd.DistributionConfigurationClient(boto3_client).create_distribution_configuration("web", distributions)


OWNERS = ibd.LaunchPermissionConfiguration(user_ids=[OWNER])
BOTH = attrs.evolve(
    ami(name=BUILD_DATE), container_distribution_configuration=EVERYTHING.container_distribution_configuration
)
LATEST = ibd.FastLaunchLaunchTemplateSpecification(launch_template_name="web", launch_template_version="$Latest")
DEFAULT = ibd.FastLaunchLaunchTemplateSpecification(launch_template_id=TEMPLATE, launch_template_version="$Default")
ONE_SNAPSHOT = ibd.FastLaunchSnapshotConfiguration(target_resource_count=1)
ACCEPTED: dict[str, list[ibd.Distribution]] = {
    "a name that is only the tag": [ami(name=BUILD_DATE)],
    "no inner spaces": [ami(name="{{imagebuilder:buildDate}}")],
    "what is as long as it may be": [ami(name=f"{BUILD_DATE:x<127}", ami_tags={"x" * 128: "x" * 256})],
    "as many as there may be": [
        ami(target_account_ids=[OWNER] * 1536),
        fast(max_parallel_launches=2**31 - 1, region="eu-west-1"),
    ],
    "spaces and hyphens": [ami(name=f"My image - 1.0 {BUILD_DATE}")],
    "a build date with a format beside one without": [
        ami(name=f"{BUILD_DATE} {{{{imagebuilder:buildDate:yyyy}}}}"),
        ami("eu-west-1", name=f"{{{{imagebuilder:buildDate:yyyy}}}} {BUILD_DATE}"),
    ],
    "an AMI without a name": [ami()],
    "AMI and container in one Region": [BOTH],
    "neither of the two": [template(TEMPLATE)],
    "fast launch switched off": [fast(enabled=False, targets=[OTHER])],
    "fast launch for the owner": [fast(targets=[OWNER])],
    "the own account": [ami(target_account_ids=[OWNER], launch_permission=OWNERS)],
    "a KMS key id": [ami(kms_key_id=KEY_ID)],
    "a multi-Region key's id": [ami(kms_key_id="mrk-" + "a1" * 16)],
    "a KMS alias with a path": [ami(kms_key_id="alias/app_1/web-2")],
    "a KMS alias's ARN": [ami(kms_key_id=f"arn:aws:kms:us-west-2:{OWNER}:alias/web")],
    "a KMS alias name": [ami(kms_key_id="alias/web", target_account_ids=[OTHER])],
    "a KMS alias that looks like the default": [ami(kms_key_id="alias/not-aws/ebs-key", target_account_ids=[OTHER])],
    "the default key, not shared": [ami(kms_key_id="aws/ebs")],
    "the default key, shared with nobody": [
        ami(kms_key_id="aws/ebs", launch_permission=ibd.LaunchPermissionConfiguration())
    ],
    "the default key, for the owner": [ami(kms_key_id="aws/ebs", target_account_ids=[OWNER], launch_permission=OWNERS)],
    "a repository with a namespace": [container("mirror/public.ecr.aws/web")],
    "the default key by its ARN, for the owner": [ami(kms_key_id=ALIAS, target_account_ids=[OWNER])],
    "a KMS key of the Region": [ami(kms_key_id=ELSEWHERE)],
    "AMI settings in the configuration's Region": [TARGETED, ami()],
    "the owner alone in another Region": [ami("us-east-2", target_account_ids=[OWNER])],
    "two templates in two Regions": [template(TEMPLATE), template(f"{TEMPLATE[:-1]}1", "eu-west-1")],
    "a template twice in a Region": [
        attrs.evolve(
            template(TEMPLATE), launch_template_configurations=template(TEMPLATE).launch_template_configurations * 2
        )
    ],
    "SSM names that begin similarly": [ssm(("/imagebuilder/x", None), ("/awsome/x", None), ("a/aws/x", None))],
    "dates with a format in a tag": [ami(ami_tags={"built": "{{imagebuilder:buildDate:yyyyMMHHss}}"})],
    "more launches than snapshots": [fast(max_parallel_launches=10_000, snapshot_configuration=ONE_SNAPSHOT)],
    "six launches": [fast(max_parallel_launches=6)],
    "an SSM name without a slash or a type": [ssm(("no/slash", None))],
    "a parameter in two Regions": [ssm(("a", None)), ssm(("a", None), region="eu-west-1")],
    "a parameter in two accounts": [ssm(("a", OTHER), ("a", THIRD), targets=[OTHER, THIRD])],
    "a parameter of the owner": [ssm(("a", OWNER))],
    "a prefix with a slash at its end": [export()],
    "$Latest": [fast(launch_template=LATEST)],
    "$Default": [fast(launch_template=DEFAULT)],
    "dynamic tags in tag values": [ami(ami_tags={"built": "{{ imagebuilder:buildVersion }}", "a:b_c": ""})],
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_aws_accepts_is_not_rejected(case: str) -> None:
    assert validate(update(*ACCEPTED[case])) == ()


@pytest.mark.parametrize(
    ("distribution", "rules"),
    [
        (fast(targets=[OTHER]), []),
        (ssm(("a", OTHER)), []),
        (ami(kms_key_id=ALIAS, target_account_ids=[OWNER]), []),  # the key's account is the owner's
        (ami(kms_key_id=ALIAS, target_account_ids=[OTHER]), ["kms-default-shared"]),
        (fast(targets=[OTHER, THIRD]), ["fast-launch-cross-account"]),
    ],
)
def test_an_owner_who_is_not_known_may_be_any_single_account(distribution: ibd.Distribution, rules: list[str]) -> None:
    managed = "arn:aws:imagebuilder:us-west-2:aws:distribution-configuration/x"

    for request in distribution, update(distribution, distribution_configuration_arn=managed):
        assert [issue.rule for issue in validate(request)] == rules


@pytest.mark.parametrize(
    ("targets", "users", "depends"),
    [([OWNER, OTHER], [], False), ([OTHER], [OTHER], True), ([OTHER], [THIRD], False), ([], [OTHER, THIRD], False)],
)
def test_what_is_said_of_the_default_key_depends_on_an_owner_who_is_not_known(
    targets: list[str], users: list[str], *, depends: bool
) -> None:
    """
    A single account may be the owner's.
    """
    shared = ibd.LaunchPermissionConfiguration(user_ids=users)
    distribution = ami(kms_key_id="aws/ebs", target_account_ids=targets, launch_permission=shared)

    known, unknown = (
        [issue.message for issue in validate(each) if issue.rule == "kms-default-shared"]
        for each in (update(distribution), distribution)
    )

    assert known == ["is the default EBS key, which no other account can use; share with a customer managed key"]
    assert ["unless the account is the owner's" in message for message in unknown] == [depends]

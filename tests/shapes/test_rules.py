"""
Every rule finds what breaks it, and nothing that AWS accepts.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._shapes.rules import RULES
from imagebuilder_dist._shapes.validation import validate
from tests.samples import EVERYTHING

from .builders import BUILD_DATE, OTHER, OWNER, TEMPLATE, THIRD, ami, container, fast, ssm, update
from .cases import BROKEN

PUBLIC_RULES = {"public-ami", "encrypted-public"}


def test_every_rule_is_broken() -> None:
    assert {(rule.id, rule.severity) for rule in RULES} == {(rule, severity) for severity, rule, _, _ in BROKEN}, (
        "each rule needs a case in tests/shapes/cases.py: in REJECTED if it is an error, in STORED if a warning"
    )


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
def test_what_aws_accepts_is_not_rejected(request_: Any) -> None:
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

    assert known == ["is the default EBS key, which no other account can use; share with a customer managed key"]
    assert len(unknown) == 1


def test_a_single_account_may_be_that_of_an_owner_who_is_not_known() -> None:
    """
    A create doesn't say whose the account is, so the warning says what it depends on.
    """
    permission = ibd.LaunchPermissionConfiguration(user_ids=[OTHER])
    one = ami(kms_key_id="aws/ebs", target_account_ids=[OTHER], launch_permission=permission)
    two = ami(kms_key_id="aws/ebs", target_account_ids=[THIRD], launch_permission=permission)
    unless = "unless the account is the owner's"

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

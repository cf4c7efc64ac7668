"""
What is missing is found, in the account and Region where it is, and nothing else.

moto stands for AWS. What it lacks are responses of our own in the documented shapes: SimulatePrincipalPolicy,
GetImageBlockPublicAccessState, License Manager, Image Builder's pipelines, and Regions that an account hasn't enabled.
"""

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from moto.backends import get_backend

import imagebuilder_dist as ibd
from imagebuilder_dist.preflight import AUDIT_ACTIONS, Finding, Report
from imagebuilder_dist.prerequisites import prerequisites

from .world import FIRST, FOURTH, NOBODY, OPT_IN, OWNER, REGIONS, ROLE, SECOND, TAG, World, managed

pytestmark = pytest.mark.xdist_group("moto")  # which takes a worker ten seconds to set up

POLICY = "Ec2ImageBuilderCrossAccountDistributionAccess"
AMI = "amiDistributionConfiguration"
UNSEEN = {"fast-launch-service-role"}
READ_ONLY = ("Describe", "Get", "List", "Simulate")


def statuses(report: Report) -> set[str]:
    return {each.status for each in report.findings if each.prerequisite.kind not in UNSEEN}


def test_what_is_set_up_whole_is_met(world: World) -> None:
    """
    An image whose key isn't in the configuration may have one that EC2's own role can't use.
    """
    world.called.clear()

    report = world.look()

    assert not report
    assert statuses(report) == {"met"}
    assert {each.prerequisite.kind for each in report.unknown} == UNSEEN
    assert {each.kind for each in report.notes} == {
        "image-encryption",
        "concurrent-copies",
        "public-ami",
        "fast-launch-windows",
    }
    # Every operation reads, and the policy of the auditing role has those that are called, and no others.
    called = {operation for _, _, operation in world.called}
    assert {operation for operation in called if not operation.startswith(READ_ONLY)} == set()
    assert called == {each.partition(":")[2] for each in AUDIT_ACTIONS}
    assert report.requests == len(world.called) <= 12 * 5 * len(REGIONS)
    # Each question is asked once.
    assert {world.called.count(each) for each in world.called if each[2] in {"DescribeKey", "GetKeyPolicy"}} == {1}
    assert world.look().requests == report.requests


Breaking = Callable[[World], None]


def leave_out(world: World, account: str) -> None:
    """Remove an account from a key's policy."""
    kms, key = world.client(OWNER, "kms", "us-west-2"), world.keys["us-west-2"]
    document = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    for each in document["Statement"]:
        named = each["Principal"]["AWS"]
        if isinstance(named, list):
            each["Principal"]["AWS"] = [name for name in named if account not in name]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))


def delete_inline_policies(account: str, role: str) -> Breaking:
    def delete(world: World) -> None:
        iam = world.client(account, "iam")
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)

    return delete


def delete_role(world: World) -> None:
    iam = world.client(FOURTH, "iam")
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=managed(POLICY))
    delete_inline_policies(FOURTH, ROLE)(world)
    iam.delete_role(RoleName=ROLE)


def move_bucket(world: World) -> None:
    world.client(OWNER, "s3", "us-west-2").delete_bucket(Bucket="images-us-west-2")
    world.bucket("us-west-2", at="eu-west-1")


def move_bucket_back(world: World) -> None:
    world.client(OWNER, "s3", "eu-west-1").delete_bucket(Bucket="images-us-west-2")
    world.bucket("us-west-2")


def trust(world: World, account: str, role: str) -> None:
    world.client(account, "iam").update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(NOBODY))


def unit_of(world: World) -> str:
    ami: Any = world.distributions[0].ami_distribution_configuration
    unit: str = ami.launch_permission.organizational_unit_arns[0]
    return unit


def delete_unit(world: World) -> None:
    unit = unit_of(world)
    world.client(OWNER, "organizations").delete_organizational_unit(OrganizationalUnitId=unit.rpartition("/")[2])


def create_unit(world: World) -> None:
    """AWS gives a new unit a new id, which the configuration then names."""
    organizations = world.client(OWNER, "organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="web")["OrganizationalUnit"]["Arn"]
    old = unit_of(world)
    world.distributions = [rewritten(each, old, unit) for each in world.distributions]
    for policy in prerequisites(world.distributions, owner=OWNER).policies():
        if policy.kind == "key":
            world.apply(policy)


def delete_template(world: World) -> None:
    world.client(FIRST, "ec2", "us-west-2").delete_launch_template(LaunchTemplateId=world.templates[FIRST, "us-west-2"])


def create_template(world: World) -> None:
    old = world.templates[FIRST, "us-west-2"]
    world.template(FIRST, "us-west-2")
    new = world.templates[FIRST, "us-west-2"]
    world.distributions = [rewritten(each, old, new) for each in world.distributions]
    for policy in prerequisites(world.distributions, owner=OWNER).for_account(FIRST).policies():
        world.apply(policy)


def rewritten(distribution: ibd.Distribution, old: str, new: str) -> ibd.Distribution:
    text = json.dumps(ibd.to_boto3(distribution)).replace(old, new)
    return ibd.from_boto3(json.loads(text), ibd.Distribution)


def tag(world: World, *tags: dict[str, str]) -> None:
    """Set a template's tags; for moto they are what they were when it was created."""
    template = get_backend("ec2")[FIRST]["us-west-2"].launch_templates[world.templates[FIRST, "us-west-2"]]
    template.tags = [*tags]


def kms(world: World, method: str) -> None:
    getattr(world.client(OWNER, "kms", "us-west-2"), method)(KeyId=world.keys["us-west-2"].rpartition("/")[2])


def nothing(_world: World) -> None:
    """The policies of the findings are all that is to be applied."""


def attach(world: World) -> None:
    world.attach(FOURTH, ROLE, POLICY)


@attrs.frozen
class Case:
    """What is broken, what that makes missing, what the remedy says, and what repairs it besides policies."""

    broken: Breaking
    missing: list[tuple[str, str, str | None, str]]  # account, kind, Region and path
    remedy: str
    repair: Breaking = nothing


def each_region(account: str, kind: str, path: str, *, regional: bool = True) -> list[Any]:
    return [
        (account, kind, region if regional else None, f"distributions[{nth}].{path}")
        for nth, region in enumerate(REGIONS)
    ]


CASES = {
    "role gone": Case(
        delete_role,
        [
            (FOURTH, "cross-account-role", None, "distributions[0].launchTemplateConfigurations[2]"),
            (FOURTH, "cross-account-policy", None, "distributions[0].launchTemplateConfigurations[2]"),
            (FOURTH, "launch-template-access", "us-east-1", "distributions[0].launchTemplateConfigurations[2]"),
        ],
        f"create the role {ROLE}",
        attach,
    ),
    "trust wrong": Case(
        lambda world: trust(world, FOURTH, ROLE),
        [(FOURTH, "cross-account-role", None, "distributions[0].launchTemplateConfigurations[2]")],
        f"add to the trust policy of {ROLE}",
    ),
    "export role trusts nobody": Case(
        lambda world: trust(world, OWNER, "vmimport"),
        each_region(OWNER, "export-role", "s3ExportConfiguration.roleName", regional=False),
        "add to the trust policy of vmimport",
    ),
    "managed policy detached": Case(
        lambda world: world.client(FOURTH, "iam").detach_role_policy(RoleName=ROLE, PolicyArn=managed(POLICY)),
        [(FOURTH, "cross-account-policy", None, "distributions[0].launchTemplateConfigurations[2]")],
        f"attach the AWS managed policy {POLICY} to {ROLE}",
        attach,
    ),
    "role without permissions": Case(
        delete_inline_policies(FOURTH, ROLE),
        [(FOURTH, "launch-template-access", "us-east-1", "distributions[0].launchTemplateConfigurations[2]")],
        f"add to the permissions policy of {ROLE}",
    ),
    "execution role without permissions": Case(
        delete_inline_policies(OWNER, "web-execution"),
        each_region(OWNER, "ssm-parameter", "ssmParameterConfigurations[0]"),
        "add to the permissions policy of web-execution",
    ),
    "build instance without permissions": Case(
        delete_inline_policies(OWNER, "web-instance"),
        each_region(OWNER, "ecr-push", "containerDistributionConfiguration.targetRepository.repositoryName"),
        "add to the permissions policy of web-instance",
    ),
    "no execution role": Case(
        lambda world: setattr(world, "execution_role", None),
        each_region(OWNER, "ssm-parameter", "ssmParameterConfigurations[0]"),
        "give the pipeline an execution role",
        lambda world: setattr(world, "execution_role", "web-execution"),
    ),
    "key disabled": Case(
        lambda world: kms(world, "disable_key"),
        [(OWNER, "kms-key", "us-west-2", f"distributions[1].{AMI}.kmsKeyId")],
        "enable the key ",
        lambda world: kms(world, "enable_key"),
    ),
    "key policy without an account": Case(
        lambda world: leave_out(world, SECOND),
        [(OWNER, "kms-key-policy", "us-west-2", f"distributions[1].{AMI}.kmsKeyId")],
        "add to the key policy of arn:aws:kms:us-west-2:",
    ),
    "template gone": Case(
        delete_template,
        [
            (FIRST, "launch-template", "us-west-2", "distributions[1].launchTemplateConfigurations[1]"),
            (FIRST, "launch-template-access", "us-west-2", "distributions[1].launchTemplateConfigurations[1]"),
        ],
        "create the launch template lt-",
        create_template,
    ),
    "template without its tag": Case(
        tag,
        [(FIRST, "launch-template-access", "us-west-2", "distributions[1].launchTemplateConfigurations[1]")],
        "with CreatedBy = EC2 Image Builder",
        lambda world: tag(world, TAG),
    ),
    "bucket in another Region": Case(
        move_bucket,
        [(OWNER, "export-bucket", "us-west-2", "distributions[1].s3ExportConfiguration.s3Bucket")],
        "name a bucket in us-west-2",
        move_bucket_back,
    ),
    "bucket gone": Case(
        lambda world: world.client(OWNER, "s3", "us-west-2").delete_bucket(Bucket="images-us-west-2"),
        [(OWNER, "export-bucket", "us-west-2", "distributions[1].s3ExportConfiguration.s3Bucket")],
        "create the bucket images-us-west-2, or name another",
        lambda world: world.bucket("us-west-2"),
    ),
    "repository gone": Case(
        lambda world: world.client(OWNER, "ecr", "us-west-2").delete_repository(repositoryName="web"),
        [
            (
                OWNER,
                "ecr-repository",
                "us-west-2",
                "distributions[1].containerDistributionConfiguration.targetRepository.repositoryName",
            )
        ],
        "create the repository web in us-west-2, or name another",
        lambda world: world.client(OWNER, "ecr", "us-west-2").create_repository(repositoryName="web"),
    ),
    "Region off": Case(
        lambda world: world.disabled.add((SECOND, OPT_IN)),
        [(SECOND, "region-enabled", OPT_IN, "distributions[4].region")],
        "enable the Region in the account",
        lambda world: world.disabled.clear(),
    ),
    "public access blocked": Case(
        lambda world: world.blocked.add((OWNER, "ap-south-1")),
        [(OWNER, "block-public-access", "ap-south-1", f"distributions[5].{AMI}.launchPermission.userGroups")],
        "disable block public access for AMIs in the Region",
        lambda world: world.blocked.clear(),
    ),
    "license not shared": Case(
        lambda world: world.unshared.add((FIRST, "us-west-2")),
        [(FIRST, "license-sharing", "us-west-2", "distributions[1].licenseConfigurationArns[0]")],
        "share it with the account, by AWS RAM",
        lambda world: world.unshared.clear(),
    ),
    "unit gone": Case(
        delete_unit,
        [(OWNER, "organizations", None, f"distributions[0].{AMI}.launchPermission.organizationalUnitArns")],
        "create the unit ou-",
        create_unit,
    ),
}


def place(finding: Finding) -> tuple[str, str, str | None, str]:
    need = finding.prerequisite
    return finding.account_id, need.kind, need.region, need.paths[0]


@pytest.mark.parametrize("name", CASES)
def test_what_is_broken_is_missing_until_it_is_repaired(world: World, name: str) -> None:
    """
    The remedy and the policies of the findings repair it.
    """
    case = CASES[name]
    case.broken(world)
    broken = world.look()
    try:
        assert broken
        assert sorted(map(place, broken.missing), key=str) == sorted(case.missing, key=str)
        assert case.remedy in {each.remedy for each in broken.missing} or case.remedy in str(broken)
        assert {each.prerequisite.kind for each in broken.unknown} == UNSEEN
    finally:
        for finding in broken.missing:
            for policy in finding.policies:
                world.apply(policy)
        case.repair(world)
    regions = {each.prerequisite.locations[0][1] for each in broken.missing}
    assert statuses(world.look(*(world.distributions[int(each)] for each in regions))) == {"met"}

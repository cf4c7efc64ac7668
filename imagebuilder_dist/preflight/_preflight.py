"""
Looks whether the prerequisites of a configuration are met.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from imagebuilder_dist._shapes.needs import EXECUTION_ROLE, INSTANCE_PROFILE_ROLE, OWNER
from imagebuilder_dist.models import Configuration
from imagebuilder_dist.preflight._facts import Absent, Facts, Unanswered
from imagebuilder_dist.preflight._looks import LOOKS, Scene, Seen
from imagebuilder_dist.preflight._report import Finding, Report
from imagebuilder_dist.prerequisites import Prerequisite, prerequisites

PREFLIGHT_ACTIONS = (
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeRegions",
    "ec2:GetImageBlockPublicAccessState",
    "ecr:DescribeRepositories",
    "iam:GetInstanceProfile",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:SimulatePrincipalPolicy",
    "imagebuilder:GetImagePipeline",
    "imagebuilder:GetInfrastructureConfiguration",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "license-manager:GetLicenseConfiguration",
    "organizations:DescribeOrganization",
    "organizations:DescribeOrganizationalUnit",
    "s3:GetBucketLocation",
)
"""All that preflight calls: what the policy of an auditing role allows, on all resources. It reads, and only reads."""


def preflight(
    configuration: Configuration,
    *,
    sessions: Callable[[str], Any] | str,
    owner: str | None = None,
    pipeline_arn: str | None = None,
    timeout: float = 10,
    max_concurrency: int = 32,
) -> Report:
    """
    Look whether what a build with *configuration* needs exists and is allowed, in every account and Region it names.

    It only reads: `PREFLIGHT_ACTIONS` is all that it calls. Each question is asked once, and a question that fails
    makes its prerequisites unknown without stopping the others.

    Args:
        configuration: A request, a stored configuration, one `Distribution`, or several.
        sessions: A function that returns the `boto3.Session` of an account id, or `None` if there is none; or the name
            of a role that is assumed in each account, with the credentials that boto3 finds.
        owner: The id of the account that owns the configuration; if omitted, it is taken from the ARN.
        pipeline_arn: The image pipeline that will build; its roles are then looked at, too.
        timeout: How many seconds a connection or a response may take.
        max_concurrency: How many questions are asked at the same time.

    Raises:
        TypeError:
            If *configuration* isn't one of these.
        ValueError:
            If the owner isn't known, or isn't an account id.
    """
    needs = prerequisites(configuration, owner=owner)
    if needs.owner == OWNER:
        raise ValueError("the configuration doesn't contain its owner's account; pass in owner=")
    facts = Facts(_assumed(sessions) if isinstance(sessions, str) else sessions, timeout)
    roles = _roles_of(facts, needs.owner, pipeline_arn) if pipeline_arn else {}
    scene = Scene(facts, roles)
    with ThreadPoolExecutor(max_concurrency) as pool:
        findings = tuple(pool.map(lambda need: _look_at(scene, need), needs.items))
    return Report(owner=needs.owner, findings=findings, requests=len(facts.requests))


def _look_at(scene: Scene, need: Prerequisite) -> Finding:
    look = LOOKS.get(need.kind)
    try:
        seen = look(scene, need) if look else Seen("unknown", "it can't be seen from outside")
    except Unanswered as reason:
        seen = Seen("unknown", str(reason))
    except Absent as code:
        seen = Seen("unknown", f"an unexpected response: {code}")
    return Finding(prerequisite=need, status=seen.status, evidence=seen.evidence)


def _assumed(role_name: str) -> Callable[[str], Any]:
    """Return a function that assumes a role of that name in an account, as fleets do."""
    from imagebuilder_dist.fleet import session_of  # noqa: PLC0415 - only if roles are to be assumed

    return lambda account: session_of(f"arn:aws:iam::{account}:role/{role_name}")


def _roles_of(facts: Facts, owner: str, pipeline_arn: str) -> dict[str, str]:
    """Return the names of a pipeline's execution role and of its build instance's role, as far as it has them."""
    region = pipeline_arn.split(":")[3]
    roles: dict[str, str] = {}
    try:
        pipeline = facts.ask(owner, region, "imagebuilder:get_image_pipeline", imagePipelineArn=pipeline_arn)
        pipeline = pipeline["imagePipeline"]
        if pipeline.get("executionRole"):
            roles[EXECUTION_ROLE] = str(pipeline["executionRole"]).rpartition("/")[2]
        infrastructure = facts.ask(
            owner,
            region,
            "imagebuilder:get_infrastructure_configuration",
            infrastructureConfigurationArn=pipeline["infrastructureConfigurationArn"],
        )["infrastructureConfiguration"]
        profile = facts.ask(
            owner, None, "iam:get_instance_profile", InstanceProfileName=infrastructure["instanceProfileName"]
        )["InstanceProfile"]
        if profile["Roles"]:
            roles[INSTANCE_PROFILE_ROLE] = profile["Roles"][0]["RoleName"]
    except Unanswered:
        pass  # what the roles are needed for stays unknown, and says so
    return roles

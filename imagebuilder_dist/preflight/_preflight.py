"""
Checks whether the prerequisites of a configuration are met.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
from botocore.config import Config

from imagebuilder_dist._client.boto3 import configuring
from imagebuilder_dist._common.arns import main_region, partition_by_region, split_arn
from imagebuilder_dist._common.text import Location
from imagebuilder_dist._shapes.needs import OWNER
from imagebuilder_dist.fleet._targets import make_session
from imagebuilder_dist.models import Configuration, distributions_of
from imagebuilder_dist.preflight._facts import Facts, NotMet
from imagebuilder_dist.preflight._looks import LOOKS, Look
from imagebuilder_dist.preflight._report import Finding, Report, Status
from imagebuilder_dist.prerequisites import prerequisites

AUDIT_ACTIONS = (
    *("ec2:DescribeLaunchTemplates", "ec2:DescribeRegions", "ec2:GetImageBlockPublicAccessState"),
    *("ecr:DescribeRepositories", "iam:GetInstanceProfile", "iam:GetRole", "iam:ListAttachedRolePolicies"),
    *("iam:SimulatePrincipalPolicy", "imagebuilder:GetImagePipeline", "imagebuilder:GetInfrastructureConfiguration"),
    *("kms:DescribeKey", "kms:GetKeyPolicy", "license-manager:GetLicenseConfiguration"),
    *("organizations:DescribeOrganization", "organizations:DescribeOrganizationalUnit", "s3:GetBucketLocation"),
)
"""All that preflight calls, for the policy of an auditing role. It reads, and only reads."""


_THREADS = 32


def preflight(
    configuration: Configuration,
    *,
    sessions: Callable[[str], Any] | str | None = None,
    profile: str | None = None,
    owner: str | None = None,
    pipeline_arn: str | None = None,
    path: Callable[[Location], str] | None = None,
    timeout: float = 10,
) -> Report:
    """
    Check whether what a build with *configuration* needs exists and is allowed, in all accounts and Regions it names.

    It only reads: it calls nothing but `AUDIT_ACTIONS`, and makes each request once. What can't be checked is unknown,
    which never counts as met, and doesn't stop the rest.

    Args:
        configuration: A request, a stored configuration, one `Distribution`, or several.
        sessions: A function that returns the session (boto3's or botocore's) for an account id, or `None` if there is
            none; or the name of a role to assume in every account. If omitted, only the caller's own account is
            checked.
        profile: The profile that assumes the role, or that makes the requests; the default profile if omitted.
        owner: The id of the account that owns the configuration; if omitted, it is taken from the configuration's ARN.
        pipeline_arn: The image pipeline that builds with it, whose roles are then known and checked.
        path: How to write locations: `Document.path_of` writes them as in the file. If omitted, in the API's names.
        timeout: For how many seconds to wait for a connection, and for a response. botocore makes up to 4 attempts.

    Raises:
        TypeError:
            If *configuration* isn't one of these.
        ValueError:
            If the owner isn't known, isn't an account id, or isn't the one that the ARN has.
    """
    needs = prerequisites(configuration, owner=owner, path=path)
    if needs.owner == OWNER:
        raise ValueError("owner is needed, because the configuration doesn't say which account owns it")
    regions = [each.region for each in distributions_of(configuration)]
    partition = partition_by_region().get(regions[0], "aws") if regions else "aws"
    home = main_region(partition) or "us-east-1"
    pipeline = split_arn(pipeline_arn or "")
    one_region = {"iam": home, "organizations": home, "imagebuilder": pipeline.region if pipeline else home}
    retries: Any = {"mode": "standard", "total_max_attempts": 4}
    config = Config(connect_timeout=timeout, read_timeout=timeout, retries=retries, max_pool_connections=_THREADS)
    session_of = sessions if callable(sessions) else _sessions(sessions, profile, partition, home)
    # Looks wait for answers, and answers for clients: in one pool, all threads could wait and none work.
    with ThreadPoolExecutor(1) as maker, ThreadPoolExecutor(_THREADS) as senders, ThreadPoolExecutor(_THREADS) as pool:
        facts = Facts(session_of, one_region, config, maker, senders)
        looks = [
            Look(facts, pipeline_arn if pipeline else None, need, account, need.region or home, need.resource or "")
            for need in needs
            for account in need.account_ids
            if need.group != "know"
        ]
        findings = tuple(pool.map(_finding, looks))
    notes = attrs.evolve(needs, items=tuple(each for each in needs if each.group == "know"))
    return Report(owner=needs.owner, findings=findings, notes=notes, requests=len(facts.requests))


def _sessions(role: str | None, profile: str | None, partition: str, home: str) -> Callable[[str], Any]:
    if role is not None:
        return lambda account: make_session(profile, f"arn:{partition}:iam::{account}:role/{role}")
    session = make_session(profile, None)
    with configuring():
        own = session.create_client("sts", region_name=home).get_caller_identity()["Account"]
    return lambda account: session if account == own else None


def _finding(look: Look) -> Finding:
    status: Status = "met"
    try:
        LOOKS[look.need.kind](look)
        seen = NotMet(", ".join(dict.fromkeys(look.asked)))
    except NotMet as error:
        status, seen = "missing" if error.remedy else "unknown", error
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other looks
        sentence, _, _ = str(error).partition("\n")[0].partition(". ")  # botocore's parser adds the whole response
        status, seen = "unknown", NotMet(f"{type(error).__name__}: {sentence}")
    need = attrs.evolve(look.need, account_ids=(look.account,))
    return Finding(account_id=look.account, prerequisite=need, status=status, **attrs.asdict(seen, recurse=False))

"""
How to check whether a prerequisite is met: one function per kind of need.

Each returns if the prerequisite is met, and raises `NotMet` if it isn't.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs

from imagebuilder_dist._common.arns import split_arn
from imagebuilder_dist._common.text import key_text
from imagebuilder_dist._shapes import needs, rules
from imagebuilder_dist.preflight._facts import Facts, NotMet
from imagebuilder_dist.preflight._policies import spelt_out, verdicts
from imagebuilder_dist.prerequisites import Grant, Prerequisite


@attrs.frozen
class Look:
    """
    A prerequisite of one account, and whom to ask.
    """

    facts: Facts
    pipeline_arn: str | None
    need: Prerequisite
    account: str
    region: str
    resource: str

    asked: list[str] = attrs.field(factory=list[str])
    """The actions whose responses were looked at."""

    def find(self, what: str, action: str, *, remedy: str = "", **parameters: Any) -> Any:
        """Return the account's response in the Region; raise an error if what it asks for doesn't exist."""
        self.asked.append(action)
        response = self.facts.ask(self.account, self.region, action, **parameters)
        if response is None:
            lacking = self.need.grants if action == "iam:GetRole" else ()
            raise NotMet(f"there is no {what}", remedy or f"create the {what}, or name another", lacking)
        return response

    def pipeline(self) -> Any:
        """Return the pipeline that builds."""
        if self.pipeline_arn is None:
            raise NotMet("it depends on the pipeline, which the configuration doesn't name: pass in its ARN")
        what = f"pipeline {key_text(self.pipeline_arn)}"
        return self.find(what, "imagebuilder:GetImagePipeline", imagePipelineArn=self.pipeline_arn)["imagePipeline"]

    def role(self, holder: str, also: str = "") -> Any:
        """Return the role that the *holder* of a policy is, or stands for; *also* say what else to do if it's gone."""
        if holder == needs.EXECUTION_ROLE:
            holder = self.pipeline().get("executionRole", "").rpartition("/")[2]
            if not holder:
                what = "the pipeline has no execution role"
                raise NotMet(what, "give the pipeline an execution role", self.need.grants)
        elif holder == needs.INSTANCE_PROFILE_ROLE:
            arn = self.pipeline()["infrastructureConfigurationArn"]
            action = "imagebuilder:GetInfrastructureConfiguration"
            found = self.find("infrastructure configuration", action, infrastructureConfigurationArn=arn)
            name = found["infrastructureConfiguration"]["instanceProfileName"]
            profile = self.find(f"instance profile {name}", "iam:GetInstanceProfile", InstanceProfileName=name)
            holder = profile["InstanceProfile"]["Roles"][0]["RoleName"]
        what = f"role {key_text(holder)}"
        return self.find(what, "iam:GetRole", remedy=f"create the {what}{also}", RoleName=holder)["Role"]

    def key(self) -> Any:
        """Return what KMS says of the key, in the account and Region of its ARN."""
        arn = split_arn(self.resource)
        there = attrs.evolve(self, account=arn.account, region=arn.region) if arn else self
        what = f"KMS key {key_text(self.resource)} in {there.region}"
        return there.find(what, "kms:DescribeKey", KeyId=self.resource)["KeyMetadata"]

    def judge(self, *grants: Grant) -> None:
        """Raise an error unless a policy allows all *grants*, which have one holder."""
        found = {part: verdict for grant in grants for part, verdict in self.verdicts(grant).items()}
        policy = " and ".join({f"the {each.policy} policy of {key_text(each.holder)}" for each in found})
        lacking = tuple(part for part, verdict in found.items() if verdict is False)
        if lacking:
            actions: dict[str, dict[str, None]] = {}
            for part in lacking:
                actions.setdefault("".join(name for _, name in part.principals), {})[part.actions[0]] = None
            names: dict[str, list[str]] = {}
            for name, lacked in actions.items():
                names.setdefault(", ".join(lacked), []).append(name)
            what = " and ".join(
                f"{lacked} for {', '.join(each)}".removesuffix(" for ") for lacked, each in names.items()
            )
            raise NotMet(f"{policy} lacks {what}", f"add what it lacks to {policy}", lacking)
        if None in found.values():
            raise NotMet(f"{policy} has statements that can't be judged from outside")

    def verdicts(self, grant: Grant) -> Mapping[Grant, bool | None]:
        """Return the parts of *grant*, with the name of its role, and whether a policy allows each; `None`: unknown."""
        if grant.policy == "key":  # GetKeyPolicy takes no alias
            key = self.key()["KeyId"]
            response = self.find("key policy", "kms:GetKeyPolicy", KeyId=key, PolicyName="default")
            return verdicts(json.loads(response["Policy"]), grant)
        role = self.role(grant.holder)
        grant = attrs.evolve(grant, holder=role["RoleName"])
        if grant.policy == "trust":
            return verdicts(role["AssumeRolePolicyDocument"], grant)
        results = self.find(
            f"role {grant.holder}",
            "iam:SimulatePrincipalPolicy",
            PolicySourceArn=role["Arn"],
            ActionNames=spelt_out(grant.actions),
            ResourceArns=[re.sub(r"\$\{([*?$])}", r"\1", each) for each in grant.resources],
            ContextEntries=_CONTEXT,
        )["EvaluationResults"]
        found: dict[Grant, bool | None] = {}
        for each in results:
            parts = (each, *each.get("ResourceSpecificResults", ()))
            # Without the value of a condition's key, neither an Allow nor a Deny is certain to match.
            is_unknown = any(part.get("MissingContextValues") for part in parts)
            part = attrs.evolve(grant, actions=(each["EvalActionName"],))
            found[part] = None if is_unknown else each["EvalDecision"] == "allowed"
        return found


# What Image Builder's requests carry where a policy may ask for it, as those of `Prerequisites.policies` do.
_CONTEXT = [
    {"ContextKeyName": f"aws:{where}/CreatedBy", "ContextKeyValues": [needs.CREATOR], "ContextKeyType": "string"}
    for where in ("RequestTag", "ResourceTag")
]


def _role(look: Look) -> None:
    trust, *permissions = look.need.grants
    # What is missing comes before what can't be judged, whichever policy it is in.
    if False not in look.verdicts(trust).values():
        look.judge(*permissions)
    look.judge(trust)


def _attached(holder: str, policy: str, look: Look) -> None:
    attach = f"attach the AWS managed policy {policy}"
    name = look.role(holder, f", and {attach}")["RoleName"]
    found = look.find(f"role {name}", "iam:ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]
    if not any(re.search(f":aws:policy/(.*/)?{policy}$", each["PolicyArn"]) for each in found):
        raise NotMet(f"{policy} isn't attached to {name}", f"{attach} to {name}")


def _key(look: Look) -> None:
    if rules.DEFAULT_KEY.search(look.resource):
        _key_arn(look)
    key = look.key()
    if key["KeyState"] != "Enabled":
        raise NotMet(f"the KMS key {key['KeyId']} is {key['KeyState']}", f"enable the key {key['KeyId']}")


def _key_arn(look: Look) -> None:
    raise NotMet(f"kmsKeyId is {key_text(look.resource)}", "name a customer-managed key by its ARN")


def _key_policy(look: Look) -> None:
    if look.key()["KeyManager"] == "AWS":
        raise NotMet("it is a key that AWS manages and shares with nobody", "name a customer-managed key")
    look.judge(*look.need.grants)


def _permissions(look: Look) -> None:
    grants = look.need.grants
    if ":alias/" in look.resource:  # a policy may name the key that the alias is for today
        grants = tuple(attrs.evolve(each, resources=(look.key()["Arn"],)) for each in grants)
    is_ours = look.resource.startswith("/imagebuilder/") and grants[0].holder == needs.EXECUTION_ROLE
    # Without an execution role AWSServiceRoleForImageBuilder does it, which may.
    if not is_ours or "executionRole" in look.pipeline():
        look.judge(*grants)


def _fast_launch_key(look: Look) -> None:
    if not look.resource:
        raise NotMet("it depends on the image's key, which the configuration doesn't name")
    key = look.key()
    # EC2 gives its own role access to the key with a grant, on behalf of who enables Fast Launch.
    if key["KeyManager"] != "AWS" and "executionRole" in look.pipeline():
        actions, resources = ("kms:CreateGrant",), (key["Arn"],)
        holder = needs.EXECUTION_ROLE
        look.judge(Grant(policy="permissions", holder=holder, actions=actions, resources=resources))


def _launch_template(look: Look) -> None:
    name = key_text(look.resource)
    by: Any = {"LaunchTemplateIds" if look.resource.startswith("lt-") else "LaunchTemplateNames": [look.resource]}
    found = look.find(f"launch template {name} in {look.region}", "ec2:DescribeLaunchTemplates", **by)
    tags = found["LaunchTemplates"][0].get("Tags", ())
    if look.need.kind != "launch-template" and {"Key": "CreatedBy", "Value": needs.CREATOR} not in tags:
        raise NotMet(f"{name} lacks the tag", f"tag {name} with CreatedBy = {needs.CREATOR}")
    look.judge(*look.need.grants)


def _public_access(look: Look) -> None:
    state = look.find("state", "ec2:GetImageBlockPublicAccessState")["ImageBlockPublicAccessState"]
    if state != "unblocked":
        raise NotMet(f"its state is {state}", "disable block public access for AMIs in the Region")


def _region(look: Look) -> None:
    home = attrs.evolve(look, region=look.facts.regions["iam"])  # the Region itself may be disabled
    response = home.find("list", "ec2:DescribeRegions", AllRegions=True)
    state = {each["RegionName"]: each["OptInStatus"] for each in response["Regions"]}.get(look.region)
    if state not in {"opted-in", "opt-in-not-required"}:
        raise NotMet(f"it is {state or 'not a Region of AWS'}", "enable the Region in the account")


def _bucket(look: Look) -> None:
    name = rules.bucket_name(look.resource)
    found = look.find(f"bucket {key_text(name)}", "s3:GetBucketLocation", Bucket=name).get("LocationConstraint")
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(found, found)  # the oldest have names of their own
    if region != look.region:
        raise NotMet(f"the bucket {key_text(name)} is in {region}", f"name a bucket in {look.region}")


def _repository(look: Look) -> None:
    what = f"repository {key_text(look.resource)} in {look.region}"
    look.find(what, "ecr:DescribeRepositories", repositoryNames=[look.resource])


def _license(look: Look) -> None:
    action, remedy = "license-manager:GetLicenseConfiguration", "share it with the account, by AWS RAM"
    look.find("such license for the account", action, remedy=remedy, LicenseConfigurationArn=look.resource)


def _organization(look: Look) -> None:
    organization, *units = look.resource.split("/")[1:]
    own = look.find("organization", "organizations:DescribeOrganization")["Organization"]
    if own["Id"] != organization:
        raise NotMet("it isn't the owner's organization, which is all that the owner sees")
    for each in units:
        look.find(f"unit {each}", "organizations:DescribeOrganizationalUnit", OrganizationalUnitId=each)


def _unseen(_look: Look) -> None:
    raise NotMet("it can't be seen before there is an AMI")


LOOKS: Mapping[str, Callable[[Look], None]] = {
    "region-enabled": _region,
    "cross-account-role": _role,
    "kms-key": _key,
    "kms-key-arn": _key_arn,
    "organizations": _organization,
    "launch-template": _launch_template,
    "export-role": _role,
    "export-bucket": _bucket,
    "ecr-repository": _repository,
    "fast-launch-role": partial(_attached, needs.EXECUTION_ROLE, needs.FAST_LAUNCH_POLICY),
    "fast-launch-template": _launch_template,
    "cross-account-policy": partial(_attached, needs.CROSS_ACCOUNT_ROLE, needs.CROSS_ACCOUNT_POLICY),
    "kms-key-policy": _key_policy,
    "cross-account-keys": _permissions,
    "block-public-access": _public_access,
    "launch-template-access": _launch_template,
    "ssm-parameter": _permissions,
    "license-sharing": _license,
    "ecr-push": _permissions,
    "fast-launch-service-role": _fast_launch_key,
    "fast-launch-account": _unseen,
}
"""How to look, by the kind of need."""

"""
How to look whether a prerequisite is met: one function per kind of need.

Each returns what it has seen if the prerequisite is met, and raises `NotMet` if it isn't.
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
from imagebuilder_dist.preflight._facts import Facts, missing, unknown
from imagebuilder_dist.preflight._policies import allows, spelt_out
from imagebuilder_dist.prerequisites import Grant, Prerequisite


@attrs.frozen(kw_only=True)
class Look:
    """
    A prerequisite of one account, and whom to ask.
    """

    facts: Facts
    pipeline_arn: str | None
    account: str
    region: str
    resource: str
    need: Prerequisite

    def find(self, what: str, operation: str, *, remedy: str = "", **parameters: Any) -> Any:
        """Return the account's response in the Region; raise an error if what it asks for doesn't exist."""
        response = self.facts.ask(self.account, self.region, operation, **parameters)
        if response is None:
            lacking = self.need.grants if operation == "iam:get_role" else ()
            raise missing(f"there is no {what}", remedy or f"create the {what}, or name another", *lacking)
        return response

    def pipeline(self) -> Any:
        """Return the pipeline that builds."""
        if self.pipeline_arn is None:
            raise unknown("it depends on the pipeline, which the configuration doesn't name: pass in its ARN")
        response = self.find("such pipeline", "imagebuilder:get_image_pipeline", imagePipelineArn=self.pipeline_arn)
        return response["imagePipeline"]

    def role(self, holder: str) -> Any:
        """Return the role that the *holder* of a policy is, or stands for."""
        if holder == needs.EXECUTION_ROLE:
            holder = self.pipeline().get("executionRole", "").rpartition("/")[2]
            if not holder:
                what = "the pipeline has no execution role"
                raise missing(what, "give the pipeline an execution role", *self.need.grants)
        elif holder == needs.INSTANCE_PROFILE_ROLE:
            arn = self.pipeline()["infrastructureConfigurationArn"]
            operation = "imagebuilder:get_infrastructure_configuration"
            found = self.find("infrastructure configuration", operation, infrastructureConfigurationArn=arn)
            name = found["infrastructureConfiguration"]["instanceProfileName"]
            profile = self.find(f"instance profile {name}", "iam:get_instance_profile", InstanceProfileName=name)
            holder = profile["InstanceProfile"]["Roles"][0]["RoleName"]
        what = f"role {key_text(holder)}"
        return self.find(what, "iam:get_role", remedy=f"create the {what}", RoleName=holder)["Role"]

    def key(self) -> Any:
        """Return what KMS says of the key, in the account and Region of its ARN."""
        arn = split_arn(self.resource)
        there = attrs.evolve(self, account=arn.account, region=arn.region) if arn else self
        what = f"KMS key {key_text(self.resource)} in {there.region}"
        return there.find(what, "kms:describe_key", KeyId=self.resource)["KeyMetadata"]

    def permitted(self, *grants: Grant) -> str:
        """Simulate whether a role has the permissions of *grants*, which have one holder."""
        role = self.role(grants[0].holder)
        name = role["RoleName"]
        denied, keys = dict[Grant, str](), set[str]()
        for grant in grants:
            results = self.find(
                f"role {name}",
                "iam:simulate_principal_policy",
                PolicySourceArn=role["Arn"],
                ActionNames=spelt_out(grant.actions),
                ResourceArns=[re.sub(r"\$\{([*?$])}", r"\1", each) for each in grant.resources],
                ContextEntries=_CONTEXT,
            )["EvaluationResults"]
            # Without a key's value neither an Allow nor a Deny is certain to match.
            parts = [part for each in results for part in (each, *each.get("ResourceSpecificResults", ()))]
            lacking = {key for each in parts for key in each.get("MissingContextValues", ())}
            keys |= lacking
            denials = [each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"]
            if denials and not lacking:
                denied[grant] = ", ".join(denials)
        if denied:
            raise missing(f"{name} may not call {', '.join(denied.values())}", f"allow it to {name}", *denied)
        if keys:
            raise unknown(f"it depends on condition keys of the policies of {name}: {', '.join(sorted(keys))}")
        return f"the policies of {name} allow it"


# What Image Builder's requests carry where a policy may ask for it, as those of `Prerequisites.policies` do.
_CONTEXT = [
    {"ContextKeyName": f"aws:{where}/CreatedBy", "ContextKeyValues": [needs.CREATOR], "ContextKeyType": "string"}
    for where in ("RequestTag", "ResourceTag")
]
_NO_ROLE = "the pipeline has no execution role, so AWSServiceRoleForImageBuilder does it, which may"


def _role(look: Look) -> str:
    trust, *permissions = sorted(look.need.grants, key=lambda each: each.policy != "trust")
    role, who = look.role(trust.holder), trust.principals[0][1]
    name = role["RoleName"]
    trusted = allows(role["AssumeRolePolicyDocument"], trust)
    if trusted is False:
        raise missing(f"{name} doesn't trust {who}", f"let the trust policy of {name} allow {who} to assume it", trust)
    if permissions:
        look.permitted(*permissions)
    if trusted is None:
        raise unknown(f"the trust policy of {name} has statements that can't be judged from outside")
    return f"{name} exists and trusts {who}"


def _attached(holder: str, policy: str, look: Look) -> str:
    name = look.role(holder)["RoleName"]
    found = look.find(f"role {name}", "iam:list_attached_role_policies", RoleName=name)["AttachedPolicies"]
    if not any(re.search(f":aws:policy/(.*/)?{policy}$", each["PolicyArn"]) for each in found):
        raise missing(f"{policy} isn't attached to {name}", f"attach the AWS managed policy {policy} to {name}")
    return f"{policy} is attached to {name}"


def _key(look: Look) -> str:
    if rules.DEFAULT_KEY.search(look.resource):
        return _key_arn(look)
    key = look.key()
    if key["KeyState"] != "Enabled":
        raise missing(f"the KMS key {key['KeyId']} is {key['KeyState']}", f"enable the key {key['KeyId']}")
    return f"the KMS key {key['KeyId']} is enabled"


def _key_arn(look: Look) -> str:
    raise missing(f"kmsKeyId is {key_text(look.resource)}", "name a customer-managed key by its ARN")


def _key_policy(look: Look) -> str:
    key = look.key()
    if key["KeyManager"] == "AWS":
        raise missing("it is a key that AWS manages and shares with nobody", "name a customer-managed key")
    # GetKeyPolicy takes no alias.
    response = look.find("key policy", "kms:get_key_policy", KeyId=key["KeyId"], PolicyName="default")
    verdicts = {grant: allows(json.loads(response["Policy"]), grant) for grant in look.need.grants}
    if lacking := [grant for grant, verdict in verdicts.items() if verdict is False]:
        who = dict.fromkeys(name for grant in lacking for _, name in grant.principals)
        raise missing(
            f"the key policy doesn't allow all of it to {', '.join(who)}",
            "add statements to the key policy",
            *lacking,
        )
    if None in verdicts.values():
        raise unknown("the key policy has statements that can't be judged from outside")
    return "the key policy allows it"


def _key_use(look: Look) -> str:
    grants = look.need.grants
    if ":alias/" in look.resource:  # a policy may name the key that the alias is for today
        grants = tuple(attrs.evolve(each, resources=(look.key()["Arn"],)) for each in grants)
    return look.permitted(*grants)


def _fast_launch_key(look: Look) -> str:
    if not look.resource:
        raise unknown("it depends on the image's key, which the configuration doesn't name")
    key = look.key()
    if key["KeyManager"] == "AWS":
        return "AWS manages the key"
    if "executionRole" not in look.pipeline():
        return _NO_ROLE
    # EC2 gives its own role access to the key with a grant, on behalf of who enables Fast Launch.
    actions, resources = ("kms:CreateGrant",), (key["Arn"],)
    return look.permitted(
        Grant(policy="permissions", holder=needs.EXECUTION_ROLE, actions=actions, resources=resources)
    )


def _parameter(look: Look) -> str:
    is_ours = look.resource.startswith("/imagebuilder/") and look.need.grants[0].holder == needs.EXECUTION_ROLE
    if is_ours and "executionRole" not in look.pipeline():
        return _NO_ROLE
    return look.permitted(*look.need.grants)


def _launch_template(look: Look) -> str:
    name = key_text(look.resource)
    by: Any = {"LaunchTemplateIds" if look.resource.startswith("lt-") else "LaunchTemplateNames": [look.resource]}
    found = look.find(f"launch template {name} in {look.region}", "ec2:describe_launch_templates", **by)
    tags = found["LaunchTemplates"][0].get("Tags", ())
    if look.need.kind != "launch-template" and {"Key": "CreatedBy", "Value": needs.CREATOR} not in tags:
        raise missing(f"{name} lacks the tag", f"tag {name} with CreatedBy = {needs.CREATOR}")
    return look.permitted(*look.need.grants) if look.need.grants else "it exists"


def _public_access(look: Look) -> str:
    state = look.find("state", "ec2:get_image_block_public_access_state")["ImageBlockPublicAccessState"]
    if state != "unblocked":
        raise missing(f"its state is {state}", "disable block public access for AMIs in the Region")
    return "it is off"


def _region(look: Look) -> str:
    home = look.facts.regions["iam"]  # the Region itself may be disabled
    response = look.facts.ask(look.account, home, "ec2:describe_regions", AllRegions=True)
    state = {each["RegionName"]: each["OptInStatus"] for each in response["Regions"]}.get(look.region)
    if state not in {"opted-in", "opt-in-not-required"}:
        raise missing(f"it is {state or 'not a Region of AWS'}", "enable the Region in the account")
    return f"it is {state}"


def _bucket(look: Look) -> str:
    name = rules.bucket_name(look.resource)
    found = look.find(f"bucket {key_text(name)}", "s3:get_bucket_location", Bucket=name).get("LocationConstraint")
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(found, found)  # the oldest have names of their own
    if region != look.region:
        raise missing(f"the bucket {key_text(name)} is in {region}", f"name a bucket in {look.region}")
    return f"it is in {region}"


def _repository(look: Look) -> str:
    what = f"repository {key_text(look.resource)} in {look.region}"
    look.find(what, "ecr:describe_repositories", repositoryNames=[look.resource])
    return "it exists"


def _license(look: Look) -> str:
    operation, remedy = "license-manager:get_license_configuration", "share it with the account, by AWS RAM"
    look.find("such license for the account", operation, remedy=remedy, LicenseConfigurationArn=look.resource)
    return "the account sees it"


def _organization(look: Look) -> str:
    organization, *units = look.resource.split("/")[1:]
    own = look.facts.ask(look.account, look.region, "organizations:describe_organization")
    if own is None or own["Organization"]["Id"] != organization:
        raise unknown("it isn't the owner's organization, which is all that the owner sees")
    for each in units:
        look.find(f"unit {each}", "organizations:describe_organizational_unit", OrganizationalUnitId=each)
    return "it exists"


def _unseen(_look: Look) -> str:
    raise unknown("it can't be seen before there is an AMI")


LOOKS: Mapping[str, Callable[[Look], str]] = {
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
    "cross-account-keys": _key_use,
    "block-public-access": _public_access,
    "launch-template-access": _launch_template,
    "ssm-parameter": _parameter,
    "license-sharing": _license,
    "ecr-push": lambda look: look.permitted(*look.need.grants),
    "fast-launch-service-role": _fast_launch_key,
    "fast-launch-account": _unseen,
}
"""How to look, by the kind of need."""

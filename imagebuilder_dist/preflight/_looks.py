"""
How to look whether a prerequisite is met: one function per kind of need.

Each returns what it has seen if the prerequisite is met, and raises `Missing` or `Unknown` if it isn't.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs

from imagebuilder_dist._common.arns import split_arn
from imagebuilder_dist._common.text import key_text
from imagebuilder_dist._shapes import needs
from imagebuilder_dist._shapes.rules import DEFAULT_KEY
from imagebuilder_dist.preflight._facts import Facts, Missing, Unknown
from imagebuilder_dist.preflight._policies import allows, spelt_out
from imagebuilder_dist.prerequisites import Prerequisite


@attrs.frozen
class Look:
    """
    A prerequisite of one account, and whom to ask.
    """

    facts: Facts
    pipeline_arn: str | None
    account: str
    need: Prerequisite

    def find(self, what: str, operation: str, **parameters: Any) -> Any:
        """Return the account's response, in the prerequisite's Region; raise `Missing` if there is no such thing."""
        response = self.facts.ask(self.account, self.need.region, operation, **parameters)
        if response is None:
            if operation == "iam:get_role":
                raise Missing(f"there is no {what}", f"create the {what}", *self.need.grants)
            raise Missing(f"there is no {what}", f"create the {what}, or name another")
        return response

    def role(self, holder: str) -> Mapping[str, Any]:
        """Return the role that the *holder* of a policy is, or stands for."""
        placeholders = {needs.EXECUTION_ROLE, needs.INSTANCE_PROFILE_ROLE}
        name = self.pipeline_role(holder) if holder in placeholders else holder
        if name is None:
            what = "the pipeline has no execution role"
            raise Missing(what, "give the pipeline an execution role", *self.need.grants)
        role: Mapping[str, Any] = self.find(f"role {key_text(name)}", "iam:get_role", RoleName=name)["Role"]
        return role

    def pipeline_role(self, holder: str) -> str | None:
        """Return the name of the role that a placeholder stands for; `None` if the pipeline has none."""
        parts = split_arn(self.pipeline_arn or "")
        if parts is None:
            raise Unknown("it depends on the pipeline, which the configuration doesn't name: pass in its ARN")
        ask = partial(self.facts.ask, self.account, parts.region)
        pipeline = ask("imagebuilder:get_image_pipeline", imagePipelineArn=self.pipeline_arn)["imagePipeline"]
        if holder == needs.EXECUTION_ROLE:
            return pipeline.get("executionRole", "").rpartition("/")[2] or None
        arn = pipeline["infrastructureConfigurationArn"]
        response = ask("imagebuilder:get_infrastructure_configuration", infrastructureConfigurationArn=arn)
        name = response["infrastructureConfiguration"]["instanceProfileName"]
        profile = self.find(f"instance profile {name}", "iam:get_instance_profile", InstanceProfileName=name)
        role: str = profile["InstanceProfile"]["Roles"][0]["RoleName"]
        return role

    def attached(self, holder: str, policy: str) -> str:
        """Look whether one of AWS's managed policies is attached to a role."""
        name = self.role(holder)["RoleName"]
        found = self.find(f"role {name}", "iam:list_attached_role_policies", RoleName=name)["AttachedPolicies"]
        if not any(re.search(f":aws:policy/(.*/)?{policy}$", each["PolicyArn"]) for each in found):
            raise Missing(f"{policy} isn't attached to {name}", f"attach the AWS managed policy {policy} to {name}")
        return f"{policy} is attached to {name}"

    def permitted(self) -> str:
        """Simulate whether a role has the permissions that the prerequisite grants it."""
        denied, keys, name, actions = dict[needs.Grant, str](), set[str](), "", list[str]()
        for grant in (each for each in self.need.grants if each.policy == "permissions"):
            role = self.role(grant.holder)
            name = role["RoleName"]
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
            actions += grant.actions
        if denied:
            raise Missing(f"{name} may not call {', '.join(denied.values())}", f"allow it to {name}", *denied)
        if keys:
            raise Unknown(f"it depends on condition keys of the policies of {name}: {', '.join(sorted(keys))}")
        return f"{name} may call {', '.join(actions)}"

    def key(self) -> Mapping[str, Any]:
        """Return what KMS says of the key."""
        resource = self.need.resource
        what = f"KMS key {key_text(resource)} in {self.need.region}"
        key: Mapping[str, Any] = self.find(what, "kms:describe_key", KeyId=resource)["KeyMetadata"]
        return key


# What Image Builder's requests carry where a policy may ask for it, as those of `Prerequisites.policies` do.
_CONTEXT = [
    {"ContextKeyName": f"aws:{where}/CreatedBy", "ContextKeyValues": [needs.CREATOR], "ContextKeyType": "string"}
    for where in ("RequestTag", "ResourceTag")
]


def _role(look: Look) -> str:
    trust, *permissions = sorted(look.need.grants, key=lambda each: each.policy != "trust")
    role, who = look.role(trust.holder), trust.principals[0][1]
    trusted = allows(role["AssumeRolePolicyDocument"], trust)
    if trusted is False:
        what = f"{role['RoleName']} doesn't trust {who}"
        raise Missing(what, f"let the trust policy of {role['RoleName']} allow {who} to assume it", trust)
    if permissions:
        look.permitted()
    if trusted is None:
        raise Unknown(f"the trust policy of {role['RoleName']} has statements that can't be judged from outside")
    return f"{role['RoleName']} exists and trusts {who}"


def _key(look: Look) -> str:
    if DEFAULT_KEY.search(str(look.need.resource)):
        return _as_written(look)
    key = look.key()
    if key["KeyState"] != "Enabled":
        raise Missing(f"the KMS key {key['KeyId']} is {key['KeyState']}", f"enable the key {key['KeyId']}")
    return f"the KMS key {key['KeyId']} is enabled"


def _key_policy(look: Look) -> str:
    key = look.key()
    if key["KeyManager"] == "AWS":
        raise Missing("it is a key that AWS manages and shares with nobody", "name a customer-managed key")
    # GetKeyPolicy takes no alias.
    response = look.find("key policy", "kms:get_key_policy", KeyId=key["KeyId"], PolicyName="default")
    verdicts = {grant: allows(json.loads(response["Policy"]), grant) for grant in look.need.grants}
    if lacking := [grant for grant, verdict in verdicts.items() if verdict is False]:
        who = dict.fromkeys(name for grant in lacking for _, name in grant.principals)
        raise Missing(f"the key policy doesn't allow all of it to {', '.join(who)}", "add to the key policy", *lacking)
    if None in verdicts.values():
        raise Unknown("the key policy has statements that can't be judged from outside")
    return "the key policy allows it"


def _key_use(look: Look) -> str:
    alias = split_arn(str(look.need.resource))
    if alias is None or not alias.resource.startswith("alias/"):
        return look.permitted()
    # A policy may name the key that the alias is for today.
    key = look.facts.ask(alias.account, alias.region, "kms:describe_key", KeyId=look.need.resource)["KeyMetadata"]
    grants = tuple(attrs.evolve(each, resources=(key["Arn"],)) for each in look.need.grants)
    return attrs.evolve(look, need=attrs.evolve(look.need, grants=grants)).permitted()


def _as_written(look: Look) -> str:
    raise Missing(f"kmsKeyId is {key_text(look.need.resource)}", "name a customer-managed key by its ARN")


def _parameter(look: Look) -> str:
    holder, is_ours = look.need.grants[0].holder, str(look.need.resource).startswith("/imagebuilder/")
    if is_ours and holder == needs.EXECUTION_ROLE and look.pipeline_role(holder) is None:
        return "the pipeline has no execution role, so AWSServiceRoleForImageBuilder writes it"
    return look.permitted()


def _launch_template(look: Look) -> str:
    name = str(look.need.resource)
    by = {"LaunchTemplateIds" if name.startswith("lt-") else "LaunchTemplateNames": [name]}
    found = look.facts.ask(look.account, look.need.region, "ec2:describe_launch_templates", **by)
    if not (found and found["LaunchTemplates"]):
        raise Missing(
            f"there is no launch template {key_text(name)} in {look.need.region}", "create it, or name another"
        )
    if look.need.kind == "launch-template":
        return "it exists"
    if {"Key": "CreatedBy", "Value": needs.CREATOR} not in found["LaunchTemplates"][0].get("Tags", ()):
        raise Missing(f"{key_text(name)} lacks the tag", f"tag {key_text(name)} with CreatedBy = {needs.CREATOR}")
    return look.permitted() if look.need.grants else "it exists, and has the tag"


def _public_access(look: Look) -> str:
    state = look.find("state", "ec2:get_image_block_public_access_state")["ImageBlockPublicAccessState"]
    if state != "unblocked":
        raise Missing(f"its state is {state}", "disable block public access for AMIs in the Region")
    return "it is off"


def _region(look: Look) -> str:
    response = look.facts.ask(look.account, None, "ec2:describe_regions", AllRegions=True)
    state = {each["RegionName"]: each["OptInStatus"] for each in response["Regions"]}.get(look.need.region)
    if state not in {"opted-in", "opt-in-not-required"}:
        raise Missing(f"it is {state or 'not a Region of AWS'}", "enable the Region in the account")
    return f"it is {state}"


def _bucket(look: Look) -> str:
    name = needs.bucket_name(str(look.need.resource))
    found = look.find(f"bucket {key_text(name)}", "s3:get_bucket_location", Bucket=name).get("LocationConstraint")
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(found, found)  # the oldest have names of their own
    if region != look.need.region:
        raise Missing(f"the bucket {key_text(name)} is in {region}", f"name a bucket in {look.need.region}")
    return f"it is in {region}"


def _repository(look: Look) -> str:
    name = look.need.resource
    what = f"repository {key_text(name)} in {look.need.region}"
    look.find(what, "ecr:describe_repositories", repositoryNames=[name])
    return "it exists"


def _license(look: Look) -> str:
    arn = look.need.resource
    if look.facts.ask(look.account, look.need.region, _GET_LICENSE, LicenseConfigurationArn=arn) is None:
        raise Missing("the account doesn't see it", "share it with the account, by AWS RAM")
    return "the account sees it"


_GET_LICENSE = "license-manager:get_license_configuration"


def _organization(look: Look) -> str:
    organization, *units = str(look.need.resource).split("/")[1:]
    own = look.facts.ask(look.account, None, "organizations:describe_organization")
    if own is None or own["Organization"]["Id"] != organization:
        raise Unknown("it isn't the owner's organization, which is all that the owner sees")
    for each in units:
        look.find(f"unit {each}", "organizations:describe_organizational_unit", OrganizationalUnitId=each)
    return "it exists"


LOOKS: Mapping[str, Callable[[Look], str]] = {
    "region-enabled": _region,
    "cross-account-role": _role,
    "kms-key": _key,
    "kms-key-arn": _as_written,
    "organizations": _organization,
    "launch-template": _launch_template,
    "export-role": _role,
    "export-bucket": _bucket,
    "ecr-repository": _repository,
    "fast-launch-role": lambda look: look.attached(needs.EXECUTION_ROLE, needs.FAST_LAUNCH_POLICY),
    "fast-launch-template": _launch_template,
    "cross-account-policy": lambda look: look.attached(needs.CROSS_ACCOUNT_ROLE, needs.CROSS_ACCOUNT_POLICY),
    "kms-key-policy": _key_policy,
    "cross-account-keys": _key_use,
    "block-public-access": _public_access,
    "launch-template-access": _launch_template,
    "ssm-parameter": _parameter,
    "license-sharing": _license,
    "ecr-push": Look.permitted,
}
"""How to look, by the kind of need; others can't be seen from outside."""

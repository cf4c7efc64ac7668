"""
How to look whether a prerequisite is met: one function per kind of need.

Each returns what it has seen if the prerequisite is met, and raises `Missing` or `Unknown` if it isn't.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from imagebuilder_dist._common.arns import split_arn
from imagebuilder_dist._common.text import key_text
from imagebuilder_dist._shapes.needs import (
    CREATOR,
    CROSS_ACCOUNT_POLICY,
    EXECUTION_ROLE,
    FAST_LAUNCH_POLICY,
    INSTANCE_PROFILE_ROLE,
    Grant,
)
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

    @property
    def name(self) -> str:
        """What the prerequisite is about, for messages."""
        return key_text(self.need.resource)

    def ask(self, operation: str, missing: Sequence[str] = (), **parameters: Any) -> Any:
        """Ask in the prerequisite's account and Region."""
        return self.facts.ask(self.account, self.need.region, operation, missing, **parameters)

    def ask_iam(self, operation: str, what: str, **parameters: Any) -> Any:
        """Ask IAM about something; raise `Missing` if it doesn't exist."""
        response = self.facts.ask(self.account, None, f"iam:{operation}", ["NoSuchEntity"], **parameters)
        if response is None:
            raise Missing(f"there is no {what}", f"create the {what}", self.need.grants)
        return response

    def role(self, holder: str) -> Mapping[str, Any]:
        """Return the role that a policy's *holder* is, or stands for."""
        is_pipelines = holder in {EXECUTION_ROLE, INSTANCE_PROFILE_ROLE}
        name = self.pipeline_role(holder) if is_pipelines else holder
        if name is None:
            raise Missing("the pipeline has no execution role", "give the pipeline an execution role", self.need.grants)
        role: Mapping[str, Any] = self.ask_iam("get_role", f"role {key_text(name)}", RoleName=name)["Role"]
        return role

    def pipeline_role(self, holder: str) -> str | None:
        """Return the name of the role that a placeholder stands for; `None` if the pipeline has none."""
        if self.pipeline_arn is None:
            raise Unknown("it depends on the pipeline, which the configuration doesn't name: pass in its ARN")
        ask = partial(self.facts.ask, self.account, self.pipeline_arn.split(":")[3])
        pipeline = ask("imagebuilder:get_image_pipeline", imagePipelineArn=self.pipeline_arn)["imagePipeline"]
        if holder == EXECUTION_ROLE:
            return pipeline.get("executionRole", "").rpartition("/")[2] or None
        arn = pipeline["infrastructureConfigurationArn"]
        response = ask("imagebuilder:get_infrastructure_configuration", infrastructureConfigurationArn=arn)
        name = response["infrastructureConfiguration"]["instanceProfileName"]
        response = self.ask_iam("get_instance_profile", f"instance profile {name}", InstanceProfileName=name)
        role: str = response["InstanceProfile"]["Roles"][0]["RoleName"]
        return role

    def attached(self, holder: str, policy: str) -> str:
        """Look whether a managed policy is attached to a role."""
        name = self.role(holder)["RoleName"]
        found = self.ask_iam("list_attached_role_policies", f"role {name}", RoleName=name)["AttachedPolicies"]
        if policy not in [each["PolicyName"] for each in found]:
            raise Missing(f"{policy} isn't attached to {name}", f"attach the AWS managed policy {policy} to {name}")
        return f"{policy} is attached to {name}"

    def permitted(self) -> str:
        """Look whether roles have the permissions that the prerequisite grants them."""
        denied, unsure = dict[Grant, list[str]](), set[str]()
        grants = [each for each in self.need.grants if each.policy == "permissions"]
        for grant in grants:
            results = self.simulated(grant)
            # A condition key without a value makes an Allow or a Deny not match, so neither result is certain.
            missing = {key for each in results for key in _missing_keys(each)}
            unsure |= missing
            actions = [each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"]
            if actions and not missing:
                denied[grant] = actions
        name = self.role(grants[0].holder)["RoleName"]
        if denied:
            actions = [each for several in denied.values() for each in several]
            raise Missing(f"{name} may not call {', '.join(actions)}", f"allow it to {name}", denied)
        if unsure:
            raise Unknown(f"it depends on condition keys of the policies of {name}: {', '.join(sorted(unsure))}")
        return f"{name} may call {', '.join(action for each in grants for action in each.actions)}"

    def simulated(self, grant: Grant) -> Sequence[Mapping[str, Any]]:
        """Return what IAM says of each action of *grant*."""
        role = self.role(grant.holder)
        found: Sequence[Mapping[str, Any]] = self.ask_iam(
            "simulate_principal_policy",
            f"role {role['RoleName']}",
            PolicySourceArn=role["Arn"],
            ActionNames=spelt_out(grant.actions),
            ResourceArns=[re.sub(r"\$\{([*?$])}", r"\1", each) for each in grant.resources],
            ContextEntries=_CONTEXT,
        )["EvaluationResults"]
        return found


def _missing_keys(result: Mapping[str, Any]) -> set[str]:
    parts = [result, *result.get("ResourceSpecificResults", ())]
    return {key for each in parts for key in each.get("MissingContextValues", ())}


# What Image Builder's requests carry where a policy may ask for it, as those of `Prerequisites.policies` do.
_CONTEXT = [
    {"ContextKeyName": f"aws:{where}/CreatedBy", "ContextKeyValues": [CREATOR], "ContextKeyType": "string"}
    for where in ("RequestTag", "ResourceTag")
]


def _role(look: Look) -> str:
    trust = next(each for each in look.need.grants if each.policy == "trust")
    role = look.role(trust.holder)
    trusted = allows(role["AssumeRolePolicyDocument"], trust)
    name = role["RoleName"]
    if trusted is False:
        who = trust.principals[0][1]
        raise Missing(f"{name} doesn't trust {who}", f"let its trust policy allow {who} to assume it", [trust])
    if len(look.need.grants) > 1:
        look.permitted()
    if trusted is None:
        raise Unknown(f"the trust policy of {name} has statements that can't be judged from outside")
    return f"{name} exists and trusts {trust.principals[0][1]}"


def _managed_policy(look: Look) -> str:
    return look.attached(str(look.need.resource), CROSS_ACCOUNT_POLICY)


def _fast_launch_role(look: Look) -> str:
    return look.attached(EXECUTION_ROLE, FAST_LAUNCH_POLICY)


def _find_key(look: Look) -> Mapping[str, Any]:
    response = look.ask("kms:describe_key", ["NotFoundException"], KeyId=look.need.resource)
    if response is None:
        raise Missing(f"there is no KMS key {look.name} in {look.need.region}", "create it, or name another key")
    key: Mapping[str, Any] = response["KeyMetadata"]
    return key


def _key(look: Look) -> str:
    if DEFAULT_KEY.search(str(look.need.resource)):
        return _as_written(look)
    key = _find_key(look)
    if key["KeyState"] != "Enabled":
        raise Missing(f"the KMS key {key['KeyId']} is {key['KeyState']}", f"enable the key {key['KeyId']}")
    return f"the KMS key {key['KeyId']} is enabled"


def _key_policy(look: Look) -> str:
    key = _find_key(look)
    if key["KeyManager"] == "AWS":
        raise Missing(f"AWS manages the key {look.name}, and shares it with nobody", "name a customer-managed key")
    # GetKeyPolicy takes no alias.
    response = look.ask("kms:get_key_policy", KeyId=key["KeyId"], PolicyName="default")
    document = json.loads(response["Policy"])
    verdicts = {grant: allows(document, grant) for grant in look.need.grants}
    lacking = [grant for grant, verdict in verdicts.items() if verdict is False]
    if lacking:
        who = dict.fromkeys(name for grant in lacking for _, name in grant.principals)
        raise Missing(f"the key policy doesn't allow all of it to {', '.join(who)}", "add to the key policy", lacking)
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


def _parameter(look: Look) -> str:
    holder, is_ours = look.need.grants[0].holder, str(look.need.resource).startswith("/imagebuilder/")
    if is_ours and holder == EXECUTION_ROLE and look.pipeline_role(holder) is None:
        return "the pipeline has no execution role, so AWSServiceRoleForImageBuilder writes it"
    return look.permitted()


def _as_written(look: Look) -> str:
    raise Missing(f"kmsKeyId is {look.name}", "name a customer-managed key by its ARN")


def _launch_template(look: Look) -> str:
    name = str(look.need.resource)
    by = {"LaunchTemplateIds" if name.startswith("lt-") else "LaunchTemplateNames": [name]}
    response = look.ask("ec2:describe_launch_templates", _NO_TEMPLATE, **by)
    if not (response and response["LaunchTemplates"]):
        raise Missing(f"there is no launch template {look.name} in {look.need.region}", "create it, or name another")
    if look.need.kind == "launch-template":
        return "it exists"
    tags = {each["Key"]: each["Value"] for each in response["LaunchTemplates"][0].get("Tags", ())}
    if tags.get("CreatedBy") != CREATOR:
        raise Missing(f"{look.name} lacks the tag", f"tag {look.name} with CreatedBy = {CREATOR}")
    return look.permitted() if look.need.grants else "it exists, and has the tag"


_NO_TEMPLATE = (
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.NotFoundException",
    "InvalidLaunchTemplateId.Malformed",
    "InvalidLaunchTemplateName.NotFoundException",
)


def _block_public_access(look: Look) -> str:
    state = look.ask("ec2:get_image_block_public_access_state")["ImageBlockPublicAccessState"]
    if state != "unblocked":
        raise Missing(f"its state is {state}", "disable block public access for AMIs in the Region")
    return "it is off"


def _region_enabled(look: Look) -> str:
    response = look.facts.ask(look.account, None, "ec2:describe_regions", AllRegions=True)
    states = {each["RegionName"]: each["OptInStatus"] for each in response["Regions"]}
    state = states.get(str(look.need.region), "not known to AWS")
    if state not in {"opted-in", "opt-in-not-required"}:
        raise Missing(f"the Region is {state}", "enable the Region in the account")
    return f"the Region is {state}"


def _bucket(look: Look) -> str:
    name = str(look.need.resource).removeprefix("s3://").rpartition(":")[2].partition("/")[0]
    response = look.ask("s3:get_bucket_location", ["NoSuchBucket"], Bucket=name)
    if response is None:
        raise Missing(f"there is no bucket {key_text(name)}", "create it in the Region, or name another")
    found = response.get("LocationConstraint")
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(found, found)  # the oldest have names of their own
    if region != look.need.region:
        raise Missing(f"the bucket {key_text(name)} is in {region}", f"name a bucket in {look.need.region}")
    return f"it is in {region}"


def _repository(look: Look) -> str:
    absent = ["RepositoryNotFoundException", "InvalidParameterException"]  # the latter if it isn't a name
    if look.ask("ecr:describe_repositories", absent, repositoryNames=[look.need.resource]) is None:
        raise Missing(f"there is no repository {look.name} in {look.need.region}", "create it")
    return "it exists"


def _license(look: Look) -> str:
    parameters = {"LicenseConfigurationArn": look.need.resource}
    if look.ask("license-manager:get_license_configuration", ["InvalidParameterValueException"], **parameters) is None:
        raise Missing(f"the account doesn't see {look.name}", "share it with the account, by AWS RAM")
    return "the account sees it"


def _organization(look: Look) -> str:
    arn = split_arn(str(look.need.resource))
    ids = arn.resource.split("/")[1:] if arn else [""]
    response = look.ask("organizations:describe_organization", ["AWSOrganizationsNotInUseException"])
    if response is None or response["Organization"]["Id"] != ids[0]:
        raise Unknown("it isn't in the owner's organization, which is all that the owner sees")
    if ids[1:]:
        absent = ["OrganizationalUnitNotFoundException"]
        if look.ask("organizations:describe_organizational_unit", absent, OrganizationalUnitId=ids[1]) is None:
            raise Missing(f"there is no unit {ids[1]} in {ids[0]}", "create it, or name another")
    return "it exists"


def _invisible(_look: Look) -> str:
    raise Unknown("it can't be seen from outside")


LOOKS: Mapping[str, Callable[[Look], str]] = {
    "fast-launch-account": _invisible,
    "fast-launch-service-role": _invisible,
    "region-enabled": _region_enabled,
    "cross-account-role": _role,
    "kms-key": _key,
    "kms-key-arn": _as_written,
    "organizations": _organization,
    "launch-template": _launch_template,
    "export-role": _role,
    "export-bucket": _bucket,
    "ecr-repository": _repository,
    "fast-launch-role": _fast_launch_role,
    "fast-launch-template": _launch_template,
    "cross-account-policy": _managed_policy,
    "kms-key-policy": _key_policy,
    "cross-account-keys": _key_use,
    "block-public-access": _block_public_access,
    "launch-template-access": _launch_template,
    "ssm-parameter": _parameter,
    "license-sharing": _license,
    "ecr-push": Look.permitted,
}
"""How to look, by the kind of need."""

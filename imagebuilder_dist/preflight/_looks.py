"""
How to look whether a prerequisite is met: one function per kind of need.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from imagebuilder_dist._common.text import key_text
from imagebuilder_dist._shapes.needs import CREATED_BY, CROSS_ACCOUNT_ROLE, EXECUTION_ROLE, INSTANCE_PROFILE_ROLE, Grant
from imagebuilder_dist.preflight._facts import Absent, Facts
from imagebuilder_dist.preflight._policies import Verdict, judge
from imagebuilder_dist.prerequisites import Prerequisite

Status: TypeAlias = Literal["met", "missing", "unknown"]


@attrs.frozen
class Seen:
    """
    What a look has found.
    """

    status: Status
    evidence: str


def _met(evidence: str) -> Seen:
    return Seen("met", evidence)


def _missing(evidence: str) -> Seen:
    return Seen("missing", evidence)


def _unknown(evidence: str) -> Seen:
    return Seen("unknown", evidence)


def _worst(seen: Iterable[Seen]) -> Seen:
    """Return the first that is missing, or else unknown, or else the last."""
    found = [*seen]
    return next((each for status in ("missing", "unknown") for each in found if each.status == status), found[-1])


@attrs.frozen
class Scene:
    """
    What every look receives besides the prerequisite.
    """

    facts: Facts
    roles: Mapping[str, str]
    """The names of the pipeline's roles, by the placeholder that policies have for them."""

    def role_name(self, holder: str) -> str | None:
        """Return the role's name; `None` for a placeholder whose role isn't known."""
        return self.roles.get(holder) if holder in {EXECUTION_ROLE, INSTANCE_PROFILE_ROLE} else holder

    def role(self, account: str, name: str) -> Mapping[str, Any]:
        """Return a role; raise `Absent` if there is none."""
        response = self.facts.ask(account, None, "iam:get_role", absent=["NoSuchEntity"], RoleName=name)
        found: Mapping[str, Any] = response["Role"]
        return found

    def may(self, account: str, grants: Iterable[Grant]) -> Seen:
        """Simulate whether roles have the permissions that *grants* ask for."""
        return _worst([self._may(account, each) for each in grants if each.policy == "permissions"])

    def _may(self, account: str, grant: Grant) -> Seen:
        name = self.role_name(grant.holder)
        if name is None:
            return _unknown(f"the configuration doesn't name the {_PLACEHOLDERS[grant.holder]}; name its pipeline")
        try:
            arn = self.role(account, name)["Arn"]
        except Absent:
            return _missing(f"there is no role {key_text(name)}")
        actions = [each for action in grant.actions for each in _SPELT_OUT.get(action, (action,))]
        context = [
            {"ContextKeyName": key, "ContextKeyValues": [*values], "ContextKeyType": "string"}
            for _, key, values in grant.condition
        ]
        response = self.facts.ask(
            account,
            None,
            "iam:simulate_principal_policy",
            PolicySourceArn=arn,
            ActionNames=actions,
            ResourceArns=[*grant.resources],
            ContextEntries=context,
        )
        results = response["EvaluationResults"]
        denied = [each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"]
        if denied:
            return _missing(f"{key_text(name)} may not call {', '.join(sorted(denied))}")
        return _met(f"{key_text(name)} may call {', '.join(actions)}")


# The simulation takes no wildcards; these are what the documentation of each service lists under them.
_SPELT_OUT = {
    "kms:GenerateDataKey*": ("kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"),
    "kms:ReEncrypt*": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "ec2:Describe*": ("ec2:DescribeImages", "ec2:DescribeSnapshots"),
}
_PLACEHOLDERS = {EXECUTION_ROLE: "pipeline's execution role", INSTANCE_PROFILE_ROLE: "role of the build instance"}

Look: TypeAlias = Callable[[Scene, Prerequisite], Seen]
LOOKS: dict[str, Look] = {}
"""How to look, by the kind of need; other kinds can't be seen from outside."""


def _look(*kinds: str) -> Callable[[Look], Look]:
    def register(look: Look) -> Look:
        LOOKS.update(dict.fromkeys(kinds, look))
        return look

    return register


@_look("cross-account-role", "export-role")
def _role(scene: Scene, need: Prerequisite) -> Seen:
    trust = [each for each in need.grants if each.policy == "trust"]
    name = trust[0].holder
    try:
        document = scene.role(need.account_id, name)["AssumeRolePolicyDocument"]
    except Absent:
        return _missing(f"there is no role {key_text(name)}")
    verdicts = {judge(document, each) for each in trust}
    if Verdict.NOT_ALLOWED in verdicts:
        return _missing(f"the trust policy of {key_text(name)} doesn't allow it")
    seen = [_met(f"{key_text(name)} exists and trusts whom it must")]
    if Verdict.UNKNOWN in verdicts:
        seen = [_unknown(f"the trust policy of {key_text(name)} has a part that can't be judged from outside")]
    if any(each.policy == "permissions" for each in need.grants):
        seen.append(scene.may(need.account_id, need.grants))
    return _worst(seen)


_MANAGED = "Ec2ImageBuilderCrossAccountDistributionAccess"


@_look("cross-account-policy")
def _managed_policy(scene: Scene, need: Prerequisite) -> Seen:
    return _attached(scene, need.account_id, CROSS_ACCOUNT_ROLE, _MANAGED)


def _attached(scene: Scene, account: str, role: str, policy: str) -> Seen:
    try:
        response = scene.facts.ask(
            account, None, "iam:list_attached_role_policies", absent=["NoSuchEntity"], RoleName=role
        )
    except Absent:
        return _missing(f"there is no role {key_text(role)}")
    names = [each["PolicyName"] for each in response.get("AttachedPolicies", [])]
    found = policy in names
    return _met(f"{policy} is attached") if found else _missing(f"{policy} isn't attached to {key_text(role)}")


def _key(scene: Scene, need: Prerequisite) -> Mapping[str, Any]:
    response = scene.facts.ask(
        need.account_id, need.region, "kms:describe_key", absent=["NotFoundException"], KeyId=need.resource
    )
    found: Mapping[str, Any] = response["KeyMetadata"]
    return found


@_look("kms-key")
def _kms_key(scene: Scene, need: Prerequisite) -> Seen:
    name = key_text(need.resource)
    try:
        key = _key(scene, need)
    except Absent:
        return _missing(f"there is no KMS key {name} in {need.region}")
    if key["KeyState"] != "Enabled":
        return _missing(f"the KMS key {name} is {key['KeyState']}")
    if key.get("KeyManager") == "AWS":
        return _missing(f"{name} is a key that AWS manages, which no other account can use")
    return _met(f"the KMS key {name} is enabled")


@_look("kms-key-policy")
def _kms_key_policy(scene: Scene, need: Prerequisite) -> Seen:
    name = key_text(need.resource)
    try:
        key_id = _key(scene, need)["KeyId"]  # a policy isn't found by an alias
        response = scene.facts.ask(
            need.account_id, need.region, "kms:get_key_policy", KeyId=key_id, PolicyName="default"
        )
    except Absent:
        return _missing(f"there is no KMS key {name} in {need.region}")
    document = json.loads(response["Policy"])
    lacking = [each for each in need.grants if judge(document, each) is Verdict.NOT_ALLOWED]
    if lacking:
        who = ", ".join(dict.fromkeys(name for each in lacking for _, name in each.principals))
        return _missing(f"the key policy of {name} doesn't allow all of it to {who}")
    if any(judge(document, each) is Verdict.UNKNOWN for each in need.grants):
        return _unknown(f"the key policy of {name} has a part that can't be judged from outside")
    return _met(f"the key policy of {name} allows it")


@_look("kms-key-arn", "kms-key-default")
def _as_written(_scene: Scene, need: Prerequisite) -> Seen:
    """What the configuration itself says; there is nothing to look at."""
    return _missing(f"the configuration names {key_text(need.resource)}")


@_look("cross-account-keys", "ecr-push", "ssm-parameter")
def _permissions(scene: Scene, need: Prerequisite) -> Seen:
    return scene.may(need.account_id, need.grants)


_NO_TEMPLATE = (
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.NotFoundException",
    "InvalidLaunchTemplateId.Malformed",
    "InvalidLaunchTemplateName.NotFoundException",
)


@_look("launch-template", "launch-template-access", "fast-launch-template")
def _launch_template(scene: Scene, need: Prerequisite) -> Seen:
    name = str(need.resource)
    by = {"LaunchTemplateIds" if name.startswith("lt-") else "LaunchTemplateNames": [name]}
    try:
        found = scene.facts.ask(
            need.account_id, need.region, "ec2:describe_launch_templates", absent=_NO_TEMPLATE, **by
        )["LaunchTemplates"]
    except Absent:
        found = []
    if not found:
        return _missing(f"there is no launch template {key_text(name)} in {need.region}")
    seen = [_met(f"the launch template {key_text(name)} exists")]
    if need.kind != "launch-template":
        tags = {each["Key"]: each["Value"] for each in found[0].get("Tags", [])}
        if tags.get("CreatedBy") != CREATED_BY:
            return _missing(f"the launch template {key_text(name)} lacks the tag CreatedBy = {CREATED_BY}")
        seen.append(_met("the tag is there"))
    if need.grants:
        seen.append(scene.may(need.account_id, need.grants))
    return _worst(seen)


@_look("block-public-access")
def _block_public_access(scene: Scene, need: Prerequisite) -> Seen:
    response = scene.facts.ask(need.account_id, need.region, "ec2:get_image_block_public_access_state")
    state = response["ImageBlockPublicAccessState"]
    return _met("it is off") if state == "unblocked" else _missing(f"it is {state}")


@_look("region-enabled")
def _region_enabled(scene: Scene, need: Prerequisite) -> Seen:
    response = scene.facts.ask(need.account_id, None, "ec2:describe_regions", AllRegions=True)
    states = {each["RegionName"]: each["OptInStatus"] for each in response["Regions"]}
    state = states.get(str(need.region))
    if state is None:
        return _unknown("the account doesn't list the Region")
    return _missing("the account hasn't enabled it") if state == "not-opted-in" else _met(f"its state is {state}")


@_look("export-bucket")
def _export_bucket(scene: Scene, need: Prerequisite) -> Seen:
    name = key_text(need.resource)
    try:
        response = scene.facts.ask(
            need.account_id, need.region, "s3:get_bucket_location", absent=["NoSuchBucket"], Bucket=need.resource
        )
    except Absent:
        return _missing(f"there is no bucket {name}")
    # The oldest Regions have names of their own here.
    region = {None: "us-east-1", "EU": "eu-west-1"}.get(response.get("LocationConstraint"))
    region = region or response["LocationConstraint"]
    return _met(f"it is in {region}") if region == need.region else _missing(f"the bucket {name} is in {region}")


@_look("ecr-repository")
def _ecr_repository(scene: Scene, need: Prerequisite) -> Seen:
    absent = ["RepositoryNotFoundException"]
    try:
        scene.facts.ask(
            need.account_id,
            need.region,
            "ecr:describe_repositories",
            absent=absent,
            repositoryNames=[need.resource],
        )
    except Absent:
        return _missing(f"there is no repository {key_text(need.resource)} in {need.region}")
    return _met(f"the repository {key_text(need.resource)} exists")


@_look("license-sharing")
def _license_sharing(scene: Scene, need: Prerequisite) -> Seen:
    scene.facts.ask(
        need.account_id,
        need.region,
        "license-manager:get_license_configuration",
        LicenseConfigurationArn=need.resource,
    )
    return _met("the account can read it")


@_look("organizations")
def _organizations(scene: Scene, need: Prerequisite) -> Seen:
    arn = str(need.resource)
    try:
        if ":organization/" in arn:
            found = scene.facts.ask(
                need.account_id,
                None,
                "organizations:describe_organization",
                absent=["AWSOrganizationsNotInUseException"],
            )["Organization"]["Arn"]
        else:
            found = scene.facts.ask(
                need.account_id,
                None,
                "organizations:describe_organizational_unit",
                absent=["OrganizationalUnitNotFoundException", "AWSOrganizationsNotInUseException"],
                OrganizationalUnitId=arn.rpartition("/")[2],
            )["OrganizationalUnit"]["Arn"]
    except Absent:
        return _missing(f"there is no {key_text(arn)}")
    return _met(f"{key_text(arn)} exists") if found == arn else _missing(f"the owner belongs to {key_text(found)}")


@_look("fast-launch-role")
def _fast_launch_role(scene: Scene, need: Prerequisite) -> Seen:
    name = scene.role_name(EXECUTION_ROLE)
    if name is None:
        return _unknown("the configuration doesn't name the pipeline's execution role; name its pipeline")
    return _attached(scene, need.account_id, name, "EC2FastLaunchFullAccess")

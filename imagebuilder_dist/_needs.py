"""
What a build needs for one Region of a configuration: one function for each kind of need, with its source.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Literal, TypeAlias

import attrs

from imagebuilder_dist._help import documented
from imagebuilder_dist._names import partition_by_region
from imagebuilder_dist._paths import Location, key_text
from imagebuilder_dist._rules import DEFAULT_KEY
from imagebuilder_dist.models import AmiDistributionConfiguration, Distribution, LaunchPermissionConfiguration

PolicyKind: TypeAlias = Literal["trust", "permissions", "key"]

CROSS_ACCOUNT_ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
# What the configuration doesn't say; nobody mistakes these for real names.
OWNER, EXECUTION_ROLE, INSTANCE_PROFILE_ROLE = "OWNER", "EXECUTION_ROLE", "INSTANCE_PROFILE_ROLE"


@attrs.frozen(kw_only=True, field_transformer=documented)
class Grant:
    """
    Something that a policy has to allow.
    """

    policy: PolicyKind
    """Of a role: who may assume it (`trust`), or what it may do (`permissions`). Of a KMS key: its key policy."""

    holder: str
    """The name of the role, or the key as the configuration names it."""

    region: str | None = None
    """The key's Region; `None` for a role."""

    principals: tuple[tuple[str, str], ...] = ()
    """Who is allowed, as pairs such as `("Service", "vmie.amazonaws.com")`; empty in `permissions`."""

    actions: tuple[str, ...]

    resources: tuple[str, ...] = ()
    """ARNs; empty in a `trust` policy."""

    condition: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Operator, condition key and values of each condition."""


@attrs.frozen
class Need:
    """
    The same need of several accounts.
    """

    accounts: Iterable[str]
    region: str | None
    what: str
    locations: tuple[Location, ...]
    grants: tuple[Grant, ...] = ()


@attrs.frozen(slots=False)
class Subject:
    """
    What rules look at: one distribution, where it is, and whose configuration it belongs to.
    """

    distribution: Distribution
    location: Location
    owner: str
    arn_partition: str | None

    # What several rules look at is put together once.

    @cached_property
    def region(self) -> str:
        """The distribution's Region."""
        return self.distribution.region

    @cached_property
    def ami(self) -> AmiDistributionConfiguration:
        """The AMI's settings; empty if there are none."""
        return self.distribution.ami_distribution_configuration or AmiDistributionConfiguration()

    @cached_property
    def permission(self) -> LaunchPermissionConfiguration:
        """The AMI's launch permissions; empty if there are none."""
        return self.ami.launch_permission or LaunchPermissionConfiguration()

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The accounts besides the owner's that get a copy."""
        return tuple(dict.fromkeys(each for each in self.ami.target_account_ids if each != self.owner))

    @cached_property
    def visited(self) -> list[tuple[tuple[str, ...], Location]]:
        """The accounts besides the owner's that Image Builder works in, and where the distribution says so."""
        accounts = [(self.targets, self.at_ami("target_account_ids"))]
        for nth, template in enumerate(self.distribution.launch_template_configurations):
            accounts.append(((template.account_id or self.owner,), self.at("launch_template_configurations", nth)))
        for nth, parameter in enumerate(self.distribution.ssm_parameter_configurations):
            accounts.append(((parameter.ami_account_id or self.owner,), self.at("ssm_parameter_configurations", nth)))
        return [(ids, location) for ids, location in accounts if ids and ids != (self.owner,)]

    @cached_property
    def shares(self) -> dict[Location, tuple[str, ...]]:
        """Where the distribution gives the AMI to others, and to whom."""
        given = {
            self.at_ami("target_account_ids"): self.targets,
            self.at_ami("launch_permission", "user_ids"): tuple(
                dict.fromkeys(each for each in self.permission.user_ids if each != self.owner)
            ),
            self.at_ami("launch_permission", "organization_arns"): self.permission.organization_arns,
            self.at_ami("launch_permission", "organizational_unit_arns"): self.permission.organizational_unit_arns,
        }
        return {location: whom for location, whom in given.items() if whom}

    @cached_property
    def partition(self) -> str:
        """The partition of ARNs; `aws` if botocore doesn't know the Region."""
        return self.arn_partition or partition_by_region().get(self.region, "aws")

    def at(self, *steps: str | int) -> Location:
        """Return a location in the distribution."""
        return (*self.location, *steps)

    def at_ami(self, *steps: str | int) -> Location:
        """Return a location in the AMI's settings."""
        return self.at("ami_distribution_configuration", *steps)

    def arn(self, service: str, account: str, resource: str, region: str = "") -> str:
        """Return an ARN for a policy; *resource* may hold wildcards."""
        return f"arn:{self.partition}:{service}:{literal(region)}:{literal(account)}:{resource}"

    def account_principal(self, account: str) -> tuple[str, str]:
        """Return an account as a policy's principal."""
        return "AWS", self.arn("iam", account, "root")


def literal(value: str) -> str:
    """
    Return *value* for an ARN in a policy, where `*`, `?` and `$` would mean something.
    """
    return re.sub(r"[*?$]", r"${\g<0>}", value)


Find: TypeAlias = Callable[[Subject], Iterator[Need]]


@attrs.frozen
class Rule:
    """
    A kind of need.
    """

    kind: str
    source: str
    find: Find


RULES: list[Rule] = []


def _rule(kind: str, source: str) -> Callable[[Find], Find]:
    def register(find: Find) -> Find:
        RULES.append(Rule(kind, source, find))
        return find

    return register


_CROSS_ACCOUNT = "EC2 Image Builder user guide, Set up cross-account AMI distribution"
_DISTRIBUTION = "EC2 Image Builder user guide, Create and update AMI distribution configurations"
_SERVICE_ROLE = "AWS managed policy reference, AWSServiceRoleForImageBuilder"
_VM_EXPORT = "VM Import/Export user guide, Required permissions for VM Import/Export"


@_rule("cross-account-role", _CROSS_ACCOUNT)
def _cross_account_role(subject: Subject) -> Iterator[Need]:
    what = f"the role {CROSS_ACCOUNT_ROLE} exists and trusts the owner's account, {key_text(subject.owner)}"
    trust = Grant(
        policy="trust",
        holder=CROSS_ACCOUNT_ROLE,
        principals=(subject.account_principal(subject.owner),),
        actions=("sts:AssumeRole",),
    )
    for accounts, location in subject.visited:
        yield Need(accounts, None, what, (location,), (trust,))


@_rule("cross-account-policy", _CROSS_ACCOUNT)
def _cross_account_policy(subject: Subject) -> Iterator[Need]:
    what = f"{CROSS_ACCOUNT_ROLE} has the AWS managed policy Ec2ImageBuilderCrossAccountDistributionAccess"
    for accounts, location in subject.visited:
        yield Need(accounts, None, what, (location,))


_KEY_ARN = re.compile(r"arn:[^:]*:kms:([^:]*):([^:]*):(.*)", re.DOTALL)
_KEY_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_KEY_GRANTS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")
_FOR_AWS_SERVICES = ("Bool", "kms:GrantIsForAWSResource", ("true",))


def _key(subject: Subject) -> tuple[str, str, str] | None:
    """Return the Region, the account and the ARN's last part of the distribution's key; wild for an alias."""
    key = subject.ami.kms_key_id
    if key is None:
        return None
    arn = _KEY_ARN.fullmatch(key)
    region, account, resource = arn.groups() if arn else (subject.region, subject.owner, key)
    if resource.startswith("alias/"):  # a policy can't name a key by its alias
        return region, account, "key/*"
    return region, account, f"key/{literal(resource.removeprefix('key/'))}"


@_rule("kms-key", _SERVICE_ROLE)
def _kms_key(subject: Subject) -> Iterator[Need]:
    key = _key(subject)
    if key is not None:
        name = key_text(subject.ami.kms_key_id)
        what = f"the KMS key {name} exists, and its key policy leaves the owner's access to IAM policies"
        if DEFAULT_KEY.search(subject.ami.kms_key_id or "") and subject.shares:
            what = f"a customer-managed key replaces {name}, which no other account can use"
        yield Need((key[1],), key[0], what, (subject.at_ami("kms_key_id"),))


@_rule("kms-key-policy", "EBS user guide, Share the KMS key used to encrypt a shared Amazon EBS snapshot")
def _kms_key_policy(subject: Subject) -> Iterator[Need]:
    key = _key(subject)
    if key is None or DEFAULT_KEY.search(subject.ami.kms_key_id or ""):
        return
    region, account, _ = key
    grants: list[Grant] = []

    def allow(principals: tuple[tuple[str, str], ...], *condition: tuple[str, str, tuple[str, ...]]) -> None:
        for actions, conditions in (_KEY_USE, condition), (_KEY_GRANTS, (*condition, _FOR_AWS_SERVICES)):
            grants.append(
                Grant(
                    policy="key",
                    holder=subject.ami.kms_key_id or "",
                    region=region,
                    principals=principals,
                    actions=actions,
                    resources=("*",),
                    condition=conditions,
                )
            )

    accounts = dict.fromkeys((subject.owner, *subject.targets, *subject.permission.user_ids))
    if others := tuple(subject.account_principal(each) for each in accounts if each != account):
        allow(others)
    # An organization's ARN ends in its id, and a unit's in both ids: ou/o-1234567890/ou-1234-12345678.
    if organizations := [each.rpartition("/")[2] for each in subject.permission.organization_arns]:
        allow((("AWS", "*"),), ("StringEquals", "aws:PrincipalOrgID", tuple(organizations)))
    if units := [each.split("/")[-2:] for each in subject.permission.organizational_unit_arns]:
        paths = tuple("/*/".join(ids) + "/*" for ids in units)
        allow((("AWS", "*"),), ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", paths))
    if grants:
        what = f"the key policy of {key_text(subject.ami.kms_key_id)} allows its use to whoever gets the AMI"
        yield Need((account,), region, what, (subject.at_ami("kms_key_id"), *subject.shares), tuple(grants))


@_rule("cross-account-keys", _CROSS_ACCOUNT)
def _cross_account_keys(subject: Subject) -> Iterator[Need]:
    key = _key(subject)
    if key is None or not subject.targets or DEFAULT_KEY.search(subject.ami.kms_key_id or ""):
        return
    region, account, resource = key
    what = f"{CROSS_ACCOUNT_ROLE} may use the KMS key {key_text(subject.ami.kms_key_id)}"
    grant = Grant(
        policy="permissions",
        holder=CROSS_ACCOUNT_ROLE,
        actions=(*_KEY_USE, *_KEY_GRANTS),
        resources=(subject.arn("kms", account, resource, region),),
    )
    locations = (subject.at_ami("kms_key_id"), subject.at_ami("target_account_ids"))
    yield Need(subject.targets, None, what, locations, (grant,))


@_rule("image-encryption", _CROSS_ACCOUNT)
def _image_encryption(subject: Subject) -> Iterator[Need]:
    if subject.shares:
        what = (
            "if the recipe encrypts the image: with a customer-managed key, whose key policy allows its use to "
            "whoever gets the AMI, and every Region that shares the AMI has a kmsKeyId"
        )
        yield Need((subject.owner,), None, what, tuple(subject.shares))
    if subject.targets:
        what = f"if the recipe encrypts the image: {CROSS_ACCOUNT_ROLE} may use the recipe's key"
        yield Need(subject.targets, None, what, (subject.at_ami("target_account_ids"),))


@_rule("concurrent-copies", _CROSS_ACCOUNT)
def _concurrent_copies(subject: Subject) -> Iterator[Need]:
    what = "no more than 50 AMIs are copied at a time"
    yield Need(subject.targets, subject.region, what, (subject.at_ami("target_account_ids"),))


@_rule("organizations", "EC2 user guide, Share an AMI with organizations and organizational units")
def _organizations(subject: Subject) -> Iterator[Need]:
    for name in "organization_arns", "organizational_unit_arns":
        location = subject.at_ami("launch_permission", name)
        for arn in subject.shares.get(location, ()):
            yield Need((subject.owner,), None, f"{key_text(arn)} exists", (location,))


@_rule("block-public-access", "EC2 user guide, Understand block public access for AMIs")
def _block_public_access(subject: Subject) -> Iterator[Need]:
    if "all" in subject.permission.user_groups:
        what = "block public access for AMIs is off"
        location = subject.at_ami("launch_permission", "user_groups")
        yield Need((subject.owner,), subject.region, what, (location,))


@_rule("public-ami", "EC2 user guide, Make an AMI public")
def _public_ami(subject: Subject) -> Iterator[Need]:
    if "all" in subject.permission.user_groups:
        what = "neither the recipe nor a kmsKeyId encrypts the AMI, and it has no product codes"
        location = subject.at_ami("launch_permission", "user_groups")
        yield Need((subject.owner,), subject.region, what, (location,))


@_rule("launch-template", "EC2 Image Builder API reference, LaunchTemplateConfiguration")
def _launch_template(subject: Subject) -> Iterator[Need]:
    for nth, template in enumerate(subject.distribution.launch_template_configurations):
        what = f"the launch template {key_text(template.launch_template_id)} exists"
        location = subject.at("launch_template_configurations", nth)
        yield Need((template.account_id or subject.owner,), subject.region, what, (location,))


_CREATED_BY = "EC2 Image Builder"


@_rule("launch-template-access", _CROSS_ACCOUNT)
def _launch_template_access(subject: Subject) -> Iterator[Need]:
    for nth, template in enumerate(subject.distribution.launch_template_configurations):
        account = template.account_id
        if account is None or account == subject.owner:
            continue
        resource = subject.arn(
            "ec2", account, f"launch-template/{literal(template.launch_template_id)}", subject.region
        )

        def may(*actions: str, resource: str = resource, tag: str = "") -> Grant:
            return Grant(
                policy="permissions",
                holder=CROSS_ACCOUNT_ROLE,
                actions=actions,
                resources=(resource,),
                condition=(("StringEquals", f"{tag}/CreatedBy", (_CREATED_BY,)),) if tag else (),
            )

        what = (
            f"the launch template {key_text(template.launch_template_id)} has the tag CreatedBy = {_CREATED_BY}, "
            f"and {CROSS_ACCOUNT_ROLE} may change it"
        )
        grants = (
            may("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", tag="aws:ResourceTag"),
            may("ec2:CreateTags", tag="aws:RequestTag"),
            may("ec2:DescribeLaunchTemplates", resource="*"),
        )
        location = subject.at("launch_template_configurations", nth)
        yield Need((account,), subject.region, what, (location,), grants)


@_rule("ssm-parameter", _DISTRIBUTION)
def _ssm_parameter(subject: Subject) -> Iterator[Need]:
    for nth, parameter in enumerate(subject.distribution.ssm_parameter_configurations):
        account = parameter.ami_account_id or subject.owner
        role, who = CROSS_ACCOUNT_ROLE, CROSS_ACCOUNT_ROLE
        if account == subject.owner:
            role, who = EXECUTION_ROLE, "the pipeline has an execution role, which"
            if parameter.parameter_name.startswith("/imagebuilder/"):  # AWSServiceRoleForImageBuilder allows it
                who = "the pipeline's execution role, if it has one,"
        name = f"parameter/{literal(parameter.parameter_name.removeprefix('/'))}"
        needed = [("ssm:PutParameter", subject.arn("ssm", account, name, subject.region))]
        if parameter.data_type == "aws:ec2:image":
            needed.append(("ec2:DescribeImages", "*"))
        grants = tuple(
            Grant(policy="permissions", holder=role, actions=(action,), resources=(resource,))
            for action, resource in needed
        )
        actions = " and ".join(action for action, _ in needed)
        what = f"{who} may call {actions} for {key_text(parameter.parameter_name)}"
        yield Need((account,), subject.region, what, (subject.at("ssm_parameter_configurations", nth),), grants)


@_rule("export-role", _VM_EXPORT)
def _export_role(subject: Subject) -> Iterator[Need]:
    export = subject.distribution.s3_export_configuration
    if export is None:
        return
    bucket = f"arn:{subject.partition}:s3:::{literal(export.s3_bucket)}"

    def may(*actions: str, resource: str) -> Grant:
        return Grant(policy="permissions", holder=export.role_name, actions=actions, resources=(resource,))

    trust = Grant(
        policy="trust",
        holder=export.role_name,
        principals=(("Service", "vmie.amazonaws.com"),),
        actions=("sts:AssumeRole",),
        condition=(("StringEquals", "sts:ExternalId", ("vmimport",)),),
    )
    grants = (
        trust,
        may("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket", resource=bucket),
        may("s3:GetObject", "s3:PutObject", resource=f"{bucket}/*"),
        may("ec2:CopySnapshot", "ec2:Describe*", "ec2:ModifySnapshotAttribute", "ec2:RegisterImage", resource="*"),
    )
    what = (
        f"the role {key_text(export.role_name)} exists, trusts vmie.amazonaws.com, "
        f"and may read and write the bucket {key_text(export.s3_bucket)}"
    )
    yield Need((subject.owner,), None, what, (subject.at("s3_export_configuration", "role_name"),), grants)


@_rule("export-bucket", _VM_EXPORT)
def _export_bucket(subject: Subject) -> Iterator[Need]:
    export = subject.distribution.s3_export_configuration
    if export is not None:
        what = f"the bucket {key_text(export.s3_bucket)} exists in this Region"
        yield Need((subject.owner,), subject.region, what, (subject.at("s3_export_configuration", "s3_bucket"),))


@_rule("license-sharing", "License Manager user guide, Share a self-managed license in License Manager")
def _license_sharing(subject: Subject) -> Iterator[Need]:
    for nth, arn in enumerate(subject.distribution.license_configuration_arns):
        licensor = arn.split(":")[4:5]
        # An owner who isn't known may be the one who has the licence.
        accounts = [each for each in (subject.owner, *subject.targets) if each not in {*licensor, OWNER}]
        what = f"the licence configuration {key_text(arn)} is shared with the account"
        yield Need(accounts, subject.region, what, (subject.at("license_configuration_arns", nth),))


@_rule("ecr-repository", _SERVICE_ROLE)
def _ecr_repository(subject: Subject) -> Iterator[Need]:
    container = subject.distribution.container_distribution_configuration
    if container is not None:
        what = f"the ECR repository {key_text(container.target_repository.repository_name)} exists"
        location = subject.at("container_distribution_configuration", "target_repository", "repository_name")
        yield Need((subject.owner,), subject.region, what, (location,))


@_rule("ecr-push", "ECR user guide, IAM permissions for pushing an image to an Amazon ECR private repository")
def _ecr_push(subject: Subject) -> Iterator[Need]:
    container = subject.distribution.container_distribution_configuration
    if container is None:
        return
    name = container.target_repository.repository_name
    push = Grant(
        policy="permissions",
        holder=INSTANCE_PROFILE_ROLE,
        actions=(
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ),
        resources=(subject.arn("ecr", subject.owner, f"repository/{literal(name)}", subject.region),),
    )
    token = Grant(
        policy="permissions",
        holder=INSTANCE_PROFILE_ROLE,
        actions=("ecr:GetAuthorizationToken",),
        resources=("*",),
    )
    what = f"the role of the build instance's profile may push to the ECR repository {key_text(name)}"
    location = subject.at("container_distribution_configuration", "target_repository", "repository_name")
    yield Need((subject.owner,), subject.region, what, (location,), (push, token))


@_rule("fast-launch-windows", "EC2 Image Builder API reference, FastLaunchConfiguration")
def _fast_launch_windows(subject: Subject) -> Iterator[Need]:
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        if fast_launch.enabled:
            location = subject.at("fast_launch_configurations", nth)
            yield Need((subject.owner,), subject.region, "the image is a Windows image", (location,))


@_rule("fast-launch-role", _DISTRIBUTION)
def _fast_launch_role(subject: Subject) -> Iterator[Need]:
    what = "the pipeline has an execution role with the AWS managed policy EC2FastLaunchFullAccess"
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        if fast_launch.enabled and fast_launch.launch_template is None:
            yield Need((subject.owner,), None, what, (subject.at("fast_launch_configurations", nth),))


@_rule("fast-launch-template", _SERVICE_ROLE)
def _fast_launch_template(subject: Subject) -> Iterator[Need]:
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        template = fast_launch.launch_template
        if fast_launch.enabled and template is not None:
            name = key_text(template.launch_template_id or template.launch_template_name or "")
            what = f"the launch template {name} exists and has the tag CreatedBy = {_CREATED_BY}"
            location = subject.at("fast_launch_configurations", nth, "launch_template")
            yield Need((subject.owner,), subject.region, what, (location,))


@_rule("fast-launch-account", _DISTRIBUTION)
def _fast_launch_account(subject: Subject) -> Iterator[Need]:
    what = "the account enables EC2 Fast Launch itself: Image Builder doesn't across accounts"
    for nth, fast_launch in enumerate(subject.distribution.fast_launch_configurations):
        if fast_launch.enabled:
            accounts = dict.fromkeys((*subject.targets, fast_launch.account_id or subject.owner))
            others = [each for each in accounts if each != subject.owner]
            yield Need(others, subject.region, what, (subject.at("fast_launch_configurations", nth),))

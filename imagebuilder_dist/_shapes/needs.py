"""
What a build needs for one Region of a configuration: one function per kind of need, with its source.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Literal, TypeAlias

import attrs

from imagebuilder_dist._common.arns import partition_by_region
from imagebuilder_dist._common.text import Location, key_text
from imagebuilder_dist._shapes.rules import DEFAULT_KEY
from imagebuilder_dist.models import (
    AmiDistributionConfiguration,
    Distribution,
    LaunchPermissionConfiguration,
    SsmParameterConfiguration,
)

PolicyKind: TypeAlias = Literal["trust", "permissions", "key"]
Condition: TypeAlias = tuple[str, str, tuple[str, ...]]

CROSS_ACCOUNT_ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
# Placeholders for what the configuration doesn't say, in capitals so that nobody takes them for real names.
OWNER, EXECUTION_ROLE, INSTANCE_PROFILE_ROLE = "OWNER", "EXECUTION_ROLE", "INSTANCE_PROFILE_ROLE"


@attrs.frozen(kw_only=True)
class Grant:
    """
    Something that a policy must allow.
    """

    policy: PolicyKind
    """A role's `trust` policy says who may assume it, its `permissions` what it may do; `key` is a KMS key policy."""

    holder: str
    """The name of the role, or the KMS key as the configuration spells it."""

    region: str | None = None
    """The key's Region; `None` for a role."""

    principals: tuple[tuple[str, str], ...] = ()
    """Who is allowed: pairs such as `("Service", "vmie.amazonaws.com")`; empty for `permissions`."""

    actions: tuple[str, ...]

    resources: tuple[str, ...] = ()
    """ARNs; empty for a `trust` policy."""

    condition: tuple[Condition, ...] = ()
    """The operator, condition key and values of each condition."""


@attrs.frozen
class Need:
    """
    A need that several accounts share.
    """

    accounts: Iterable[str]
    region: str | None
    what: str
    locations: tuple[Location, ...]
    grants: tuple[Grant, ...] = ()


@attrs.frozen(slots=False)
class Subject:
    """
    What every rule receives: a distribution, its location, and the configuration's owner.
    """

    distribution: Distribution
    location: Location
    owner: str
    arn_partition: str | None

    # Several rules need these, so each is built once.

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
    def templates(self) -> list[tuple[Location, str, str]]:
        """The launch templates: location, account and id."""
        return [
            (self.at("launchTemplateConfigurations", nth), each.account_id or self.owner, each.launch_template_id)
            for nth, each in enumerate(self.distribution.launch_template_configurations)
        ]

    @cached_property
    def parameters(self) -> list[tuple[Location, str, SsmParameterConfiguration]]:
        """The SSM parameters: location, account and settings."""
        return [
            (self.at("ssmParameterConfigurations", nth), each.ami_account_id or self.owner, each)
            for nth, each in enumerate(self.distribution.ssm_parameter_configurations)
        ]

    @cached_property
    def fast_launches(self) -> list[tuple[Location, str, str | None]]:
        """The enabled EC2 Fast Launch settings: location, account, and launch template if there is one."""
        return [
            (
                self.at("fastLaunchConfigurations", nth),
                each.account_id or self.owner,
                (each.launch_template.launch_template_id or each.launch_template.launch_template_name)
                if each.launch_template
                else None,
            )
            for nth, each in enumerate(self.distribution.fast_launch_configurations)
            if each.enabled
        ]

    @cached_property
    def visited(self) -> list[tuple[tuple[str, ...], Location]]:
        """The accounts besides the owner's that Image Builder works in, with the location that names them."""
        in_one = [((account,), location) for location, account, _ in (*self.templates, *self.parameters)]
        accounts = [(self.targets, self.at_ami("targetAccountIds")), *in_one]
        return [(ids, location) for ids, location in accounts if ids and ids != (self.owner,)]

    @cached_property
    def shares(self) -> dict[Location, tuple[str, ...]]:
        """Whom the distribution gives the AMI to, by location."""
        given = {
            self.at_ami("targetAccountIds"): self.targets,
            self.at_ami("launchPermission", "userIds"): tuple(
                dict.fromkeys(each for each in self.permission.user_ids if each != self.owner)
            ),
            self.at_ami("launchPermission", "organizationArns"): self.permission.organization_arns,
            self.at_ami("launchPermission", "organizationalUnitArns"): self.permission.organizational_unit_arns,
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
        return self.at("amiDistributionConfiguration", *steps)

    def arn(self, service: str, account: str, resource: str, region: str = "") -> str:
        """Return an ARN for a policy; *resource* may contain wildcards."""
        return f"arn:{self.partition}:{service}:{literal(region)}:{literal(account)}:{resource}"

    def account_principal(self, account: str) -> tuple[str, str]:
        """Return an account as a policy's principal."""
        return "AWS", self.arn("iam", account, "root")


def literal(value: str) -> str:
    """
    Escape `*`, `?` and `$`, which have a meaning in a policy's ARN.
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
"""Every kind of need, in the order of the checklist."""


def _rule(kind: str, source: str) -> Callable[[Find], Find]:
    def register(find: Find) -> Find:
        RULES.append(Rule(kind, source, find))
        return find

    return register


_CROSS_ACCOUNT = "EC2 Image Builder user guide, Set up cross-account AMI distribution"
_DISTRIBUTION = "EC2 Image Builder user guide, Create and update AMI distribution configurations"
_SERVICE_ROLE = "AWS managed policy reference, AWSServiceRoleForImageBuilder"
_VM_EXPORT = "VM Import/Export user guide, Required permissions for VM Import/Export"


def _trust(role: str, principal: tuple[str, str], *condition: Condition) -> Grant:
    return Grant(policy="trust", holder=role, principals=(principal,), actions=("sts:AssumeRole",), condition=condition)


def _may(role: str, actions: tuple[str, ...], resource: str, *condition: Condition) -> Grant:
    return Grant(policy="permissions", holder=role, actions=actions, resources=(resource,), condition=condition)


@_rule("cross-account-role", _CROSS_ACCOUNT)
def _cross_account_role(subject: Subject) -> Iterator[Need]:
    what = f"the role {CROSS_ACCOUNT_ROLE} exists and trusts the owner's account, {key_text(subject.owner)}"
    trust = _trust(CROSS_ACCOUNT_ROLE, subject.account_principal(subject.owner))
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


def _key(subject: Subject) -> tuple[str, str, str] | None:
    """Return Region, account and last part of the ARN of the distribution's key, unless it is the default key."""
    key = subject.ami.kms_key_id
    if key is None or DEFAULT_KEY.search(key):
        return None
    arn = _KEY_ARN.fullmatch(key)
    region, account, resource = arn.groups() if arn else (subject.region, subject.owner, key)
    if resource.startswith("alias/"):  # a policy can't name a key by its alias
        return region, account, "key/*"
    return region, account, f"key/{literal(resource.removeprefix('key/'))}"


@_rule("kms-key", _CROSS_ACCOUNT)
def _kms_key(subject: Subject) -> Iterator[Need]:
    key, name = _key(subject), key_text(subject.ami.kms_key_id)
    location = subject.at_ami("kmsKeyId")
    if key is not None:
        region, account, _ = key
        yield Need((account,), region, f"the KMS key {name} exists and is enabled", (location,))
    elif subject.ami.kms_key_id is not None and subject.shares:
        what = f"a customer-managed KMS key replaces {name}, which no other account can use"
        yield Need((subject.owner,), subject.region, what, (location, *subject.shares))


@_rule("kms-key-arn", "EC2 Image Builder API reference, AmiDistributionConfiguration")
def _kms_key_arn(subject: Subject) -> Iterator[Need]:
    key = subject.ami.kms_key_id
    if _key(subject) is not None and subject.targets and not _KEY_ARN.fullmatch(key or ""):
        what = f"kmsKeyId is an ARN, because another account can't find {key_text(key)}"
        yield Need((subject.owner,), subject.region, what, (subject.at_ami("kmsKeyId"),))


@_rule("kms-key-policy", "EBS user guide, Share the KMS key used to encrypt a shared Amazon EBS snapshot")
def _kms_key_policy(subject: Subject) -> Iterator[Need]:
    key = _key(subject)
    if key is None:
        return
    region, account, _ = key
    allowed: list[tuple[tuple[tuple[str, str], ...], tuple[Condition, ...]]] = []
    accounts = dict.fromkeys((subject.owner, *subject.targets, *subject.permission.user_ids))
    if others := tuple(subject.account_principal(each) for each in accounts if each != account):
        allowed.append((others, ()))
    # An organization's ARN ends in its id, and a unit's in both ids: ou/o-1234567890/ou-1234-12345678.
    if organizations := tuple(literal(each).rpartition("/")[2] for each in subject.permission.organization_arns):
        allowed.append(((("AWS", "*"),), (("StringEquals", "aws:PrincipalOrgID", organizations),)))
    if units := [literal(each).split("/")[-2:] for each in subject.permission.organizational_unit_arns]:
        paths = tuple("/*/".join(ids) + "/*" for ids in units)
        allowed.append(((("AWS", "*"),), (("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", paths),)))
    grants = tuple(
        Grant(
            policy="key",
            holder=subject.ami.kms_key_id or "",
            region=region,
            principals=principals,
            actions=actions,
            resources=("*",),
            condition=(*condition, *for_services),
        )
        for principals, condition in allowed
        for actions, for_services in (
            (_KEY_USE, ()),
            (_KEY_GRANTS, (("Bool", "kms:GrantIsForAWSResource", ("true",)),)),
        )
    )
    if grants:
        what = f"the key policy of {key_text(subject.ami.kms_key_id)} allows its use to whoever gets the AMI"
        yield Need((account,), region, what, (subject.at_ami("kmsKeyId"), *subject.shares), grants)


@_rule("cross-account-keys", _CROSS_ACCOUNT)
def _cross_account_keys(subject: Subject) -> Iterator[Need]:
    key = _key(subject)
    if key is not None and subject.targets:
        region, account, resource = key
        what = f"{CROSS_ACCOUNT_ROLE} may use the KMS key {key_text(subject.ami.kms_key_id)}"
        grant = _may(CROSS_ACCOUNT_ROLE, _KEY_USE + _KEY_GRANTS, subject.arn("kms", account, resource, region))
        locations = (subject.at_ami("kmsKeyId"), subject.at_ami("targetAccountIds"))
        yield Need(subject.targets, None, what, locations, (grant,))


@_rule("image-encryption", _CROSS_ACCOUNT)
def _image_encryption(subject: Subject) -> Iterator[Need]:
    if subject.shares:
        what = (
            "if the recipe encrypts the image: with a customer-managed key, whose key policy allows its use to "
            "whoever gets the AMI, and every Region that shares the AMI has a kmsKeyId"
        )
        yield Need((subject.owner,), None, what, tuple(subject.shares))
    what = f"if the recipe encrypts the image: {CROSS_ACCOUNT_ROLE} may use the recipe's key"
    yield Need(subject.targets, None, what, (subject.at_ami("targetAccountIds"),))


@_rule("concurrent-copies", _CROSS_ACCOUNT)
def _concurrent_copies(subject: Subject) -> Iterator[Need]:
    what = "no more than 50 AMIs are copied at a time"
    yield Need(subject.targets, subject.region, what, (subject.at_ami("targetAccountIds"),))


@_rule("organizations", "EC2 user guide, Share an AMI with organizations and organizational units")
def _organizations(subject: Subject) -> Iterator[Need]:
    for name in "organizationArns", "organizationalUnitArns":
        location = subject.at_ami("launchPermission", name)
        for arn in subject.shares.get(location, ()):
            yield Need((subject.owner,), None, f"{key_text(arn)} exists", (location,))


@_rule("block-public-access", "EC2 user guide, Understand block public access for AMIs")
def _block_public_access(subject: Subject) -> Iterator[Need]:
    yield from _public(subject, "block public access for AMIs is off")


@_rule("public-ami", "EC2 user guide, Make an AMI public")
def _public_ami(subject: Subject) -> Iterator[Need]:
    """Watermarks are in the EC2 API reference, AttachImageWatermark."""
    yield from _public(
        subject, "neither the recipe nor a kmsKeyId encrypts the AMI, and it has neither product codes nor watermarks"
    )


def _public(subject: Subject, what: str) -> Iterator[Need]:
    if "all" in subject.permission.user_groups:
        location = subject.at_ami("launchPermission", "userGroups")
        yield Need((subject.owner,), subject.region, what, (location,))


@_rule("launch-template", "EC2 Image Builder API reference, LaunchTemplateConfiguration")
def _launch_template(subject: Subject) -> Iterator[Need]:
    for location, account, template in subject.templates:
        yield Need((account,), subject.region, f"the launch template {key_text(template)} exists", (location,))


_CREATED_BY = "EC2 Image Builder"


@_rule("launch-template-access", _CROSS_ACCOUNT)
def _launch_template_access(subject: Subject) -> Iterator[Need]:
    for location, account, template in subject.templates:
        if account != subject.owner:
            what = (
                f"the launch template {key_text(template)} has the tag CreatedBy = {_CREATED_BY}, "
                f"and {CROSS_ACCOUNT_ROLE} may change it"
            )
            arn = subject.arn("ec2", account, f"launch-template/{literal(template)}", subject.region)
            has_tag, sets_tag = (
                ("StringEquals", f"aws:{which}Tag/CreatedBy", (_CREATED_BY,)) for which in ("Resource", "Request")
            )
            change = ("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate")
            grants = (
                _may(CROSS_ACCOUNT_ROLE, change, arn, has_tag),
                _may(CROSS_ACCOUNT_ROLE, ("ec2:CreateTags",), arn, sets_tag),
                _may(CROSS_ACCOUNT_ROLE, ("ec2:DescribeLaunchTemplates",), "*"),
            )
            yield Need((account,), subject.region, what, (location,), grants)


@_rule("ssm-parameter", _DISTRIBUTION)
def _ssm_parameter(subject: Subject) -> Iterator[Need]:
    for location, account, parameter in subject.parameters:
        role = who = CROSS_ACCOUNT_ROLE
        if account == subject.owner:
            role, who = EXECUTION_ROLE, "the pipeline has an execution role, which"
            if parameter.parameter_name.startswith("/imagebuilder/"):  # AWSServiceRoleForImageBuilder allows it
                who = "the pipeline's execution role, if it has one,"
        name = f"parameter/{literal(parameter.parameter_name.removeprefix('/'))}"
        needed = [("ssm:PutParameter", subject.arn("ssm", account, name, subject.region))]
        if parameter.data_type == "aws:ec2:image":
            needed.append(("ec2:DescribeImages", "*"))
        actions = " and ".join(action for action, _ in needed)
        what = f"{who} may call {actions} for {key_text(parameter.parameter_name)}"
        grants = tuple(_may(role, (action,), resource) for action, resource in needed)
        yield Need((account,), subject.region, what, (location,), grants)


@_rule("export-role", _VM_EXPORT)
def _export_role(subject: Subject) -> Iterator[Need]:
    export = subject.distribution.s3_export_configuration
    if export is not None:
        what = (
            f"the role {key_text(export.role_name)} exists, trusts vmie.amazonaws.com, "
            f"and may read and write the bucket {key_text(export.s3_bucket)}"
        )
        bucket = subject.arn("s3", "", literal(export.s3_bucket))
        on_images = ("ec2:CopySnapshot", "ec2:Describe*", "ec2:ModifySnapshotAttribute", "ec2:RegisterImage")
        grants = (
            _trust(
                export.role_name,
                ("Service", "vmie.amazonaws.com"),
                ("StringEquals", "sts:ExternalId", ("vmimport",)),
            ),
            _may(export.role_name, ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"), bucket),
            _may(export.role_name, ("s3:GetObject", "s3:PutObject"), f"{bucket}/*"),
            _may(export.role_name, on_images, "*"),
        )
        yield Need((subject.owner,), None, what, (subject.at("s3ExportConfiguration", "roleName"),), grants)


@_rule("export-bucket", _VM_EXPORT)
def _export_bucket(subject: Subject) -> Iterator[Need]:
    """The page doesn't say that the bucket must be in the Region; users report it."""
    export = subject.distribution.s3_export_configuration
    if export is not None:
        what = f"the bucket {key_text(export.s3_bucket)} exists and is in this Region"
        yield Need((subject.owner,), subject.region, what, (subject.at("s3ExportConfiguration", "s3Bucket"),))


@_rule("license-sharing", "License Manager user guide, Share a self-managed license in License Manager")
def _license_sharing(subject: Subject) -> Iterator[Need]:
    for nth, arn in enumerate(subject.distribution.license_configuration_arns):
        licensor = arn.split(":")[4:5]
        # An unknown owner may be the account that owns the license.
        accounts = [each for each in (subject.owner, *subject.targets) if each not in {*licensor, OWNER}]
        what = f"the license configuration {key_text(arn)} is shared with the account"
        yield Need(accounts, subject.region, what, (subject.at("licenseConfigurationArns", nth),))


@_rule("ecr-repository", _SERVICE_ROLE)
def _ecr_repository(subject: Subject) -> Iterator[Need]:
    container = subject.distribution.container_distribution_configuration
    if container is not None:
        what = f"the ECR repository {key_text(container.target_repository.repository_name)} exists"
        location = subject.at("containerDistributionConfiguration", "targetRepository", "repositoryName")
        yield Need((subject.owner,), subject.region, what, (location,))


_PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)


@_rule("ecr-push", "ECR user guide, IAM permissions for pushing an image to an Amazon ECR private repository")
def _ecr_push(subject: Subject) -> Iterator[Need]:
    container = subject.distribution.container_distribution_configuration
    if container is not None:
        name = container.target_repository.repository_name
        what = f"the role of the build instance's profile may push to the ECR repository {key_text(name)}"
        repository = subject.arn("ecr", subject.owner, f"repository/{literal(name)}", subject.region)
        grants = (
            _may(INSTANCE_PROFILE_ROLE, _PUSH, repository),
            _may(INSTANCE_PROFILE_ROLE, ("ecr:GetAuthorizationToken",), "*"),
        )
        location = subject.at("containerDistributionConfiguration", "targetRepository", "repositoryName")
        yield Need((subject.owner,), subject.region, what, (location,), grants)


@_rule("fast-launch-windows", "EC2 Image Builder API reference, FastLaunchConfiguration")
def _fast_launch_windows(subject: Subject) -> Iterator[Need]:
    for location, _, _ in subject.fast_launches:
        yield Need((subject.owner,), subject.region, "the image is a Windows image", (location,))


@_rule("fast-launch-role", _DISTRIBUTION)
def _fast_launch_role(subject: Subject) -> Iterator[Need]:
    what = "the pipeline has an execution role with the AWS managed policy EC2FastLaunchFullAccess"
    for location, _, template in subject.fast_launches:
        if template is None:
            yield Need((subject.owner,), None, what, (location,))


@_rule("fast-launch-template", _SERVICE_ROLE)
def _fast_launch_template(subject: Subject) -> Iterator[Need]:
    for location, _, template in subject.fast_launches:
        if template is not None:
            what = f"the launch template {key_text(template)} exists and has the tag CreatedBy = {_CREATED_BY}"
            yield Need((subject.owner,), subject.region, what, ((*location, "launchTemplate"),))


@_rule("fast-launch-account", _DISTRIBUTION)
def _fast_launch_account(subject: Subject) -> Iterator[Need]:
    what = "the account enables EC2 Fast Launch for its copy, because Image Builder can't from another account"
    for location, account, _ in subject.fast_launches:
        others = {*subject.targets, account} - {subject.owner}
        yield Need(sorted(others), subject.region, what, (location,))

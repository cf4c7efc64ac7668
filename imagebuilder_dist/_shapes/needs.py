"""
What a build needs for one distribution of a configuration: one function per setting, one source per kind of need.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal, TypeAlias

import attrs

from imagebuilder_dist._common.arns import split_arn
from imagebuilder_dist._common.text import Location, key_text
from imagebuilder_dist._shapes import rules

Group: TypeAlias = Literal["exist", "allow", "know"]
PolicyKind: TypeAlias = Literal["trust", "permissions", "key"]
Condition: TypeAlias = tuple[str, str, tuple[str, ...]]

CROSS_ACCOUNT_ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
# Placeholders for what the configuration doesn't say, in capitals so that nobody takes them for real names.
OWNER, EXECUTION_ROLE, INSTANCE_PROFILE_ROLE = "OWNER", "EXECUTION_ROLE", "INSTANCE_PROFILE_ROLE"
CROSS_ACCOUNT_POLICY = "Ec2ImageBuilderCrossAccountDistributionAccess"
FAST_LAUNCH_POLICY = "EC2FastLaunchFullAccess"
CREATOR = "EC2 Image Builder"
"""The value of the tag `CreatedBy`, which Image Builder's policies ask for."""

_AMI = "amiDistributionConfiguration"

_CROSS_ACCOUNT = "EC2 Image Builder user guide, Set up cross-account AMI distribution"
_DISTRIBUTION = "EC2 Image Builder user guide, Create and update AMI distribution configurations"
_SERVICE_ROLE = "AWS managed policy reference, AWSServiceRoleForImageBuilder"
_REGIONS = "AWS Account Management reference guide, Enable or disable AWS Regions in your account"
_VM_EXPORT = "VM Import/Export user guide, Required permissions for VM Import/Export"

KINDS: Mapping[str, tuple[Group, str]] = {
    "region-enabled": ("exist", _REGIONS),
    "cross-account-role": ("exist", _CROSS_ACCOUNT),
    "kms-key": ("exist", _CROSS_ACCOUNT),
    "kms-key-arn": ("exist", "EC2 Image Builder API reference, AmiDistributionConfiguration"),
    "organizations": ("exist", "EC2 user guide, Share an AMI with organizations and organizational units"),
    "launch-template": ("exist", "EC2 Image Builder API reference, LaunchTemplateConfiguration"),
    "export-role": ("exist", _VM_EXPORT),
    "export-bucket": ("exist", _VM_EXPORT),  # that it must be in the Region isn't there; users report it
    "ecr-repository": ("exist", _SERVICE_ROLE),
    "fast-launch-role": ("exist", _DISTRIBUTION),
    "fast-launch-template": ("exist", _SERVICE_ROLE),
    "cross-account-policy": ("allow", _CROSS_ACCOUNT),
    "kms-key-policy": ("allow", "EBS user guide, Share the KMS key used to encrypt a shared Amazon EBS snapshot"),
    "cross-account-keys": ("allow", _CROSS_ACCOUNT),
    "block-public-access": ("allow", "EC2 user guide, Understand block public access for AMIs"),
    "launch-template-access": ("allow", _CROSS_ACCOUNT),
    "ssm-parameter": ("allow", _DISTRIBUTION),
    "license-sharing": ("allow", "License Manager user guide, Share a self-managed license in License Manager"),
    "ecr-push": ("allow", "ECR user guide, IAM permissions for pushing an image to an Amazon ECR private repository"),
    "fast-launch-service-role": ("allow", "EC2 user guide, Service-linked role for EC2 Fast Launch"),
    "fast-launch-account": ("allow", _DISTRIBUTION),
    "image-encryption": ("know", _CROSS_ACCOUNT),
    "concurrent-copies": ("know", _CROSS_ACCOUNT),
    "public-ami": ("know", "EC2 user guide, Make an AMI public"),  # watermarks: EC2 API reference, AttachImageWatermark
    "fast-launch-windows": ("know", "EC2 Image Builder API reference, FastLaunchConfiguration"),
}
"""Every kind of need, in the order of the checklist: its group, and the page of AWS's documentation that says so."""


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
class Prerequisite:
    """
    One thing that must exist or be allowed, or that is good to know.
    """

    kind: str
    """A stable id, for example `cross-account-role`."""

    region: str | None
    """The Region that needs it; `None` if it is global, like everything in IAM."""

    what: str
    """The requirement, as a sentence for people."""

    account_ids: tuple[str, ...]
    """The ids of the accounts that need it; `OWNER` stands for the configuration's unknown owner."""

    locations: tuple[Location, ...]
    """Where the configuration requires it, as in `Issue`."""

    grants: tuple[Grant, ...]
    """What policies must allow for it; `Prerequisites.policies` merges them into documents."""

    paths: tuple[str, ...] = ()
    """The locations as paths: `distributions[0].amiDistributionConfiguration.targetAccountIds`."""

    resource: str | None = None
    """
    What it is about, as the configuration spells it: a role, key, template, bucket, repository or parameter.

    `None` if it is about the account, the Region or the image.
    """

    @property
    def group(self) -> Group:
        """Whether it must `exist` or be allowed (`allow`), or is something to `know`, such as a limit."""
        return KINDS[self.kind][0]

    @property
    def source(self) -> str:
        """The page of AWS's documentation that says so."""
        return KINDS[self.kind][1]


@attrs.define(slots=False, eq=False)
class Subject(rules.Subject):
    """
    A distribution, and what isn't in it.
    """

    owner: str  # pyright: ignore[reportIncompatibleVariableOverride] - never set to anything else
    """The configuration's owner, or `OWNER`."""

    location: Location
    """The distribution's, in the configuration."""

    partition: str
    """The partition of ARNs."""

    templates: Mapping[str, int]
    """How many Regions name a launch template, by its id."""

    @cached_property
    def region(self) -> str:
        """The distribution's Region."""
        return self.distribution.region

    @cached_property
    def other_targets(self) -> tuple[str, ...]:
        """The accounts besides the owner's that get a copy."""
        return self.others(self.ami.target_account_ids)

    @cached_property
    def shares(self) -> dict[Location, tuple[str, ...]]:
        """Whom the distribution gives the AMI to, by location."""
        given = {
            (_AMI, "targetAccountIds"): self.other_targets,
            (_AMI, "launchPermission", "userIds"): self.others(self.permission.user_ids),
            (_AMI, "launchPermission", "organizationArns"): self.permission.organization_arns,
            (_AMI, "launchPermission", "organizationalUnitArns"): self.permission.organizational_unit_arns,
        }
        return {location: whom for location, whom in given.items() if whom}

    def others(self, accounts: Iterable[str]) -> tuple[str, ...]:
        """Return *accounts* once each, without the owner's."""
        return tuple(dict.fromkeys(each for each in accounts if each != self.owner))

    def arn(self, service: str, account: str, resource: str, region: str = "") -> str:
        """Return an ARN for a policy; *resource* may contain wildcards."""
        return f"arn:{self.partition}:{service}:{literal(region)}:{literal(account)}:{resource}"

    def account_principal(self, account: str) -> tuple[str, str]:
        """Return an account as a policy's principal."""
        return "AWS", self.arn("iam", account, "root")

    def need(
        self,
        kind: str,
        region: str | None,
        what: str,
        *locations: Location,
        accounts: tuple[str, ...] | None = None,
        grants: tuple[Grant, ...] = (),
        resource: str | None = None,
    ) -> Prerequisite:
        """Return a prerequisite in accounts, or in the owner's; *locations* are those in the distribution."""
        at = tuple((*self.location, *each) for each in locations)
        accounts = (self.owner,) if accounts is None else accounts
        return Prerequisite(kind, region, what, accounts, at, grants, resource=resource)


def needs_of(subject: Subject) -> Iterator[Prerequisite]:
    """
    Yield what a build needs for a distribution.
    """
    yield from _regions(subject)
    for find in _shares, _targets, _key, _templates, _parameters, _export, _licenses, _container, _fast_launches:
        yield from find(subject)


def literal(value: str) -> str:
    """
    Escape `*`, `?` and `$`, which have a meaning in a policy's ARN.
    """
    return re.sub(r"[*?$]", r"${\g<0>}", value)


def _trust(role: str, principal: tuple[str, str], *condition: Condition) -> Grant:
    return Grant(policy="trust", holder=role, principals=(principal,), actions=("sts:AssumeRole",), condition=condition)


def _may(role: str, actions: tuple[str, ...], resource: str, *condition: Condition) -> Grant:
    return Grant(policy="permissions", holder=role, actions=actions, resources=(resource,), condition=condition)


# All others are opt-in Regions; these can't be disabled, and no Region is added to them.
_DEFAULT_REGIONS = {
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
}


def _regions(subject: Subject) -> Iterator[Prerequisite]:
    if subject.partition != "aws" or subject.region in _DEFAULT_REGIONS:
        return
    distribution = subject.distribution
    others = [
        *subject.other_targets,
        *(each.account_id for each in distribution.launch_template_configurations),
        *(each.ami_account_id for each in distribution.ssm_parameter_configurations),
    ]
    accounts = (subject.owner, *subject.others(each for each in others if each))
    what, location = "the account has enabled the Region", ("region",)
    yield subject.need("region-enabled", subject.region, what, location, accounts=accounts)


def _targets(subject: Subject) -> Iterator[Prerequisite]:
    location = (_AMI, "targetAccountIds")
    if targets := subject.other_targets:
        yield from _cross_account(subject, location, targets)
        what = f"if the recipe encrypts the image, {CROSS_ACCOUNT_ROLE} needs access to the recipe's key"
        yield subject.need("image-encryption", None, what, location, accounts=targets)
        what = "EC2 copies at most 50 AMIs at a time to the account"
        yield subject.need("concurrent-copies", subject.region, what, location, accounts=targets)


def _cross_account(subject: Subject, location: Location, accounts: tuple[str, ...]) -> Iterator[Prerequisite]:
    what = f"the role {CROSS_ACCOUNT_ROLE} exists and trusts the owner's account, {key_text(subject.owner)}"
    trust = _trust(CROSS_ACCOUNT_ROLE, subject.account_principal(subject.owner))
    role = CROSS_ACCOUNT_ROLE
    yield subject.need("cross-account-role", None, what, location, accounts=accounts, grants=(trust,), resource=role)
    what = f"{CROSS_ACCOUNT_ROLE} has the AWS managed policy {CROSS_ACCOUNT_POLICY}"
    yield subject.need("cross-account-policy", None, what, location, accounts=accounts, resource=role)


_KEY_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_KEY_GRANTS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")


def _key(subject: Subject) -> Iterator[Prerequisite]:
    key = subject.ami.kms_key_id
    if key is None:
        return
    location, name = (_AMI, "kmsKeyId"), key_text(key)
    if rules.DEFAULT_KEY.search(key):
        if subject.shares:
            what = f"a customer-managed KMS key replaces {name}, which no other account can use"
            yield subject.need("kms-key", subject.region, what, location, *subject.shares, resource=key)
        return
    arn = rules.key_arn(key)
    # The key may be in another account, which only its ARN tells.
    region, account, resource = arn[2:] if arn else (subject.region, subject.owner, key)
    what = f"the KMS key {name} exists and is enabled"
    yield subject.need("kms-key", region, what, location, accounts=(account,), resource=key)
    if grants := tuple(_key_policy(subject, key, region, account)):
        what = f"the key policy of {name} lets everyone who gets the AMI use the key"
        yield subject.need(
            "kms-key-policy", region, what, location, *subject.shares, accounts=(account,), grants=grants, resource=key
        )
    if targets := subject.other_targets:
        if arn is None:
            what = f"kmsKeyId is an ARN, because another account can't find {name}"
            yield subject.need("kms-key-arn", subject.region, what, location, resource=key)
        if not rules.names_key(key):
            return
        # A policy can't name a key by its alias.
        resource = "key/*" if resource.startswith("alias/") else f"key/{resource.removeprefix('key/')}"
        grant = _may(CROSS_ACCOUNT_ROLE, _KEY_USE + _KEY_GRANTS, subject.arn("kms", account, resource, region))
        what = f"{CROSS_ACCOUNT_ROLE} may use the KMS key {name}"
        locations = (location, (_AMI, "targetAccountIds"))
        yield subject.need(
            "cross-account-keys", None, what, *locations, accounts=targets, grants=(grant,), resource=key
        )


def _key_policy(subject: Subject, key: str, region: str, account: str) -> Iterator[Grant]:
    permission = subject.permission
    allowed: list[tuple[tuple[tuple[str, str], ...], tuple[Condition, ...]]] = []
    accounts = dict.fromkeys((subject.owner, *subject.other_targets, *permission.user_ids))
    if others := tuple(subject.account_principal(each) for each in accounts if each != account):
        allowed.append((others, ()))
    # An organization's ARN ends in its id, and a unit's in both ids: ou/o-1234567890/ou-1234-12345678.
    # Sorted, so that Regions that name the same ones in another order share a statement.
    organizations = sorted({literal(each).rpartition("/")[2] for each in permission.organization_arns})
    if organizations:
        allowed.append(((("AWS", "*"),), (("StringEquals", "aws:PrincipalOrgID", tuple(organizations)),)))
    units = sorted({"/*/".join(literal(each).split("/")[-2:]) for each in permission.organizational_unit_arns})
    if units:
        paths = tuple(f"{ids}/*" for ids in units)
        allowed.append(((("AWS", "*"),), (("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", paths),)))
    for principals, condition in allowed:
        for actions, also in (_KEY_USE, ()), (_KEY_GRANTS, (("Bool", "kms:GrantIsForAWSResource", ("true",)),)):
            yield Grant(
                policy="key",
                holder=key,
                region=region,
                principals=principals,
                actions=actions,
                resources=("*",),
                condition=(*condition, *also),
            )


def _shares(subject: Subject) -> Iterator[Prerequisite]:
    if subject.shares:
        what = (
            "if the recipe encrypts the image, sharing it takes a customer-managed key that everyone who gets the AMI "
            "may use, and a kmsKeyId in each Region that shares it"
        )
        yield subject.need("image-encryption", None, what, *subject.shares)
    for name, noun in ("organizationArns", "organization"), ("organizationalUnitArns", "organizational unit"):
        location = (_AMI, "launchPermission", name)
        for arn in subject.shares.get(location, ()):
            what = f"the {noun} {key_text(arn)} exists"
            yield subject.need("organizations", None, what, location, resource=arn)
    if "all" in subject.permission.user_groups:
        location = (_AMI, "launchPermission", "userGroups")
        yield subject.need("block-public-access", subject.region, "block public access for AMIs is off", location)
        what = "an AMI that is encrypted, or has product codes or watermarks, can't be public"
        yield subject.need("public-ami", subject.region, what, location)


def _templates(subject: Subject) -> Iterator[Prerequisite]:
    for nth, each in enumerate(subject.distribution.launch_template_configurations):
        location = ("launchTemplateConfigurations", nth)
        account, template = each.account_id or subject.owner, each.launch_template_id
        name = key_text(template)
        what = f"the launch template {name} exists"
        if subject.templates[template] > 1:
            what = f"a launch template of this Region replaces {name}, which exists in one Region only"
        yield subject.need("launch-template", subject.region, what, location, accounts=(account,), resource=template)
        if account == subject.owner:
            continue
        yield from _cross_account(subject, location, (account,))
        what = f"the launch template {name} has the tag CreatedBy = {CREATOR}, and {CROSS_ACCOUNT_ROLE} may change it"
        arn = subject.arn("ec2", account, f"launch-template/{literal(template)}", subject.region)
        change = ("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate")
        grants = (
            _may(CROSS_ACCOUNT_ROLE, change, arn, ("StringEquals", "aws:ResourceTag/CreatedBy", (CREATOR,))),
            _may(
                CROSS_ACCOUNT_ROLE, ("ec2:CreateTags",), arn, ("StringEquals", "aws:RequestTag/CreatedBy", (CREATOR,))
            ),
            _may(CROSS_ACCOUNT_ROLE, ("ec2:DescribeLaunchTemplates",), "*"),
        )
        kind, accounts = "launch-template-access", (account,)
        yield subject.need(kind, subject.region, what, location, accounts=accounts, grants=grants, resource=template)


def _parameters(subject: Subject) -> Iterator[Prerequisite]:
    for nth, each in enumerate(subject.distribution.ssm_parameter_configurations):
        location = ("ssmParameterConfigurations", nth)
        account, name = each.ami_account_id or subject.owner, each.parameter_name
        if account != subject.owner:
            yield from _cross_account(subject, location, (account,))
            role = who = CROSS_ACCOUNT_ROLE
        elif name.startswith("/imagebuilder/"):  # AWSServiceRoleForImageBuilder allows it
            role, who = EXECUTION_ROLE, "the pipeline's execution role, if it has one,"
        else:
            role, who = EXECUTION_ROLE, "the pipeline has an execution role, which"
        resource = f"parameter/{literal(name.removeprefix('/'))}"
        needed = {"ssm:PutParameter": subject.arn("ssm", account, resource, subject.region)}
        if each.data_type == "aws:ec2:image":
            needed["ec2:DescribeImages"] = "*"
        what = f"{who} may call {' and '.join(needed)} for {key_text(name)}"
        grants = tuple(_may(role, (action,), resource) for action, resource in needed.items())
        accounts = (account,)
        yield subject.need(
            "ssm-parameter", subject.region, what, location, accounts=accounts, grants=grants, resource=name
        )


def _export(subject: Subject) -> Iterator[Prerequisite]:
    export = subject.distribution.s3_export_configuration
    if export is None:
        return
    at: Location = ("s3ExportConfiguration",)
    role, name = rules.role_name(export.role_name), rules.bucket_name(export.s3_bucket)
    bucket, arn = key_text(name), subject.arn("s3", "", literal(name))
    grants = (
        _trust(role, ("Service", "vmie.amazonaws.com"), ("StringEquals", "sts:ExternalId", ("vmimport",))),
        _may(role, ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"), arn),
        _may(role, ("s3:GetObject", "s3:PutObject"), f"{arn}/*"),
        _may(role, ("ec2:CopySnapshot", "ec2:Describe*", "ec2:ModifySnapshotAttribute", "ec2:RegisterImage"), "*"),
    )
    what = f"the role {key_text(role)} exists, trusts vmie.amazonaws.com, and may read and write the bucket {bucket}"
    yield subject.need("export-role", None, what, (*at, "roleName"), grants=grants, resource=export.role_name)
    what = f"the bucket {bucket} exists and is in this Region"
    yield subject.need("export-bucket", subject.region, what, (*at, "s3Bucket"), resource=export.s3_bucket)


def _licenses(subject: Subject) -> Iterator[Prerequisite]:
    for nth, text in enumerate(subject.distribution.license_configuration_arns):
        arn = split_arn(text)
        # An unknown owner may be the account that owns the license.
        entitled = {OWNER, arn.account if arn else OWNER}
        accounts = tuple(each for each in (subject.owner, *subject.other_targets) if each not in entitled)
        what = f"the license configuration {key_text(text)} is shared with the account"
        location = ("licenseConfigurationArns", nth)
        yield subject.need("license-sharing", subject.region, what, location, accounts=accounts, resource=text)


_PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)


def _container(subject: Subject) -> Iterator[Prerequisite]:
    container = subject.distribution.container_distribution_configuration
    if container is None:
        return
    name = container.target_repository.repository_name
    location = ("containerDistributionConfiguration", "targetRepository", "repositoryName")
    what = f"the ECR repository {key_text(name)} exists"
    yield subject.need("ecr-repository", subject.region, what, location, resource=name)
    what = f"the role of the build instance's profile may push to the ECR repository {key_text(name)}"
    # A policy takes the name alone, however the configuration spells it.
    bare = literal(rules.repository_name(name))
    repository = subject.arn("ecr", subject.owner, f"repository/{bare}", subject.region)
    grants = (
        _may(INSTANCE_PROFILE_ROLE, _PUSH, repository),
        _may(INSTANCE_PROFILE_ROLE, ("ecr:GetAuthorizationToken",), "*"),
    )
    yield subject.need("ecr-push", subject.region, what, location, grants=grants, resource=name)


def _fast_launches(subject: Subject) -> Iterator[Prerequisite]:
    enabled = {
        ("fastLaunchConfigurations", nth): each
        for nth, each in enumerate(subject.distribution.fast_launch_configurations)
        if each.enabled
    }
    copied = "the account enables EC2 Fast Launch for its copy, because Image Builder can't from another account"
    if enabled:  # one for all, because there may be many of both
        yield subject.need("fast-launch-account", subject.region, copied, *enabled, accounts=subject.other_targets)
        what = "AWSServiceRoleForEC2FastLaunch, which EC2 creates, may use the AMI's key, if it is customer-managed"
        key = subject.ami.kms_key_id
        yield subject.need("fast-launch-service-role", subject.region, what, *enabled, resource=key)
    known = {subject.owner, *subject.other_targets}
    for location, each in enabled.items():
        yield subject.need("fast-launch-windows", subject.region, "EC2 Fast Launch is for Windows images", location)
        launched = each.launch_template
        template = (launched.launch_template_id or launched.launch_template_name) if launched else None
        if template is None:
            what = f"the pipeline has an execution role with the AWS managed policy {FAST_LAUNCH_POLICY}"
            yield subject.need("fast-launch-role", None, what, location)
        else:
            what = f"the launch template {key_text(template)} exists and has the tag CreatedBy = {CREATOR}"
            at = (*location, "launchTemplate")
            yield subject.need("fast-launch-template", subject.region, what, at, resource=template)
        if each.account_id and each.account_id not in known:
            yield subject.need("fast-launch-account", subject.region, copied, location, accounts=(each.account_id,))

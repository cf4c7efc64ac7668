"""
Five accounts and six Regions in moto, with everything that a build needs.

moto lacks what `answers` has: it reads moto's roles, or returns what a test has set.
"""

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import Loader
from botocore.session import Session
from botocore.validate import ParamValidator
from moto.backends import get_backend

import imagebuilder_dist as ibd
from imagebuilder_dist.preflight import Report, preflight
from imagebuilder_dist.prerequisites import Policy, Prerequisites, prerequisites

OWNER, FIRST, SECOND, THIRD, FOURTH = "123456789012", "111122223333", "222233334444", "333344445555", "444455556666"
ACCOUNTS = (OWNER, FIRST, SECOND, THIRD, FOURTH)
OPT_IN = "eu-south-1"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", OPT_IN, "ap-south-1")
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
LICENSE = f"arn:aws:license-manager:us-east-1:{OWNER}:license-configuration:lic-0123456789abcdef0123456789abcdef"
PIPELINE = f"arn:aws:imagebuilder:us-east-1:{OWNER}:image-pipeline/web"
INFRASTRUCTURE = f"arn:aws:imagebuilder:us-east-1:{OWNER}:infrastructure-configuration/web"
# Holders of policies that the configuration doesn't name.
PIPELINES = {"EXECUTION_ROLE": "web-execution", "INSTANCE_PROFILE_ROLE": "web-instance"}
EC2S = ("InvalidLaunchTemplateId.NotFound",)  # codes of EC2, whose model has none
TAG = {"Key": "CreatedBy", "Value": "EC2 Image Builder"}
NOBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}],
}


class World:
    """What there is, how sessions reach it, and what they have called."""

    def __init__(self) -> None:
        self.called: list[tuple[str, str, str]] = []  # account, Region and operation
        self.denied: set[str] = set()
        self.blocked: set[tuple[str, str]] = set()
        self.disabled: set[tuple[str, str]] = set()
        self.unshared: set[tuple[str, str]] = set()
        self.execution_role: str | None = "web-execution"
        self.missing_keys: list[str] = []
        self.keys: dict[str, str] = {}
        self.templates: dict[tuple[str, str], str] = {}
        self._sts = boto3.client("sts", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        self._loader = Loader()
        self._own = cache(self._assumed)
        self.client = cache(lambda account, service, region="us-east-1": self._own(account).client(service, region))
        self._watched = {account: self._assumed(account) for account in ACCOUNTS}
        for account, session in self._watched.items():
            session.events.register("before-parameter-build", partial(self._keep, account))
            session.events.register("before-call", self._answer)

    def session(self, account: str) -> Any:
        return Reused(self._watched[account]) if account in self._watched else None

    def look(self, *distributions: ibd.Distribution, **options: Any) -> Report:
        """Return what preflight says, by default of the configuration that all is set up for."""
        given = {"sessions": self.session, "pipeline_arn": PIPELINE, "owner": OWNER, **options}
        return preflight(distributions or self.distributions, **given)

    def _assumed(self, account: str) -> boto3.Session:
        role = self._sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/audit", RoleSessionName="audit")
        keys = role["Credentials"]
        # All share one loader: EC2's model takes half a second.
        core = Session()
        core.register_component("data_loader", self._loader)
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], botocore_session=core)

    def _keep(self, account: str, params: Any, model: Any, context: Any, **_: Any) -> None:
        region = context["client_region"]
        self.called.append((account, region, model.name))
        context["asked"] = account, region, model.name, params

    def _answer(self, context: Any, model: Any, **_: Any) -> Any:
        """Return an answer that the service's model has, or none, which leaves it to moto."""
        found = self.answer(*context["asked"])
        if isinstance(found, str):
            assert found in {"AccessDenied", *EC2S} | {each.error_code for each in model.error_shapes}
            error = {"Error": {"Code": found, "Message": found}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            return _response(400), error
        if found is not None:
            assert not ParamValidator().validate(found, model.output_shape).has_errors()
            return _response(200), {**found, "ResponseMetadata": {"HTTPStatusCode": 200}}
        return None

    def answer(self, account: str, region: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Return a response, the code of an error, or None."""
        if operation in self.denied or "all" in self.denied:
            return "AccessDenied"
        if operation == "GetLicenseConfiguration" and (account, region) in self.unshared:
            return "InvalidParameterValueException"
        if operation == "DescribeLaunchTemplates":  # moto returns none of them
            known = get_backend("ec2")[account][region].launch_templates
            return None if {*parameters["LaunchTemplateIds"]} <= {*known} else EC2S[0]
        off = {each for whose, each in self.disabled if whose == account}
        regions = [
            {"RegionName": each, "OptInStatus": "not-opted-in" if each in off else "opted-in"} for each in REGIONS
        ]
        pipeline = {"arn": PIPELINE, "infrastructureConfigurationArn": INFRASTRUCTURE}
        if self.execution_role:
            pipeline["executionRole"] = f"arn:aws:iam::{OWNER}:role/{self.execution_role}"
        answers: dict[str, Any] = {
            "DescribeRegions": lambda: {"Regions": regions},
            "GetImageBlockPublicAccessState": lambda: {
                "ImageBlockPublicAccessState": "block-new-sharing" if (account, region) in self.blocked else "unblocked"
            },
            "GetLicenseConfiguration": lambda: parameters,
            "GetImagePipeline": lambda: {"imagePipeline": pipeline},
            "GetInfrastructureConfiguration": lambda: {"infrastructureConfiguration": {"instanceProfileName": "web"}},
            "SimulatePrincipalPolicy": lambda: {
                "EvaluationResults": simulated(account, parameters, self.missing_keys),
                "IsTruncated": False,
            },
        }
        return answers[operation]() if operation in answers else None

    def build(self) -> list[ibd.Distribution]:
        """Make everything that a build with the configuration needs, and return the configuration."""
        organizations = self.client(OWNER, "organizations")
        organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Arn"]
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="web")["OrganizationalUnit"]["Arn"]
        for region in REGIONS:
            key = self.client(OWNER, "kms", region).create_key()["KeyMetadata"]["Arn"]
            self.keys[region] = key
            for account in (OWNER, FIRST):
                self.template(account, region)
            self.bucket(region)
            self.client(OWNER, "ecr", region).create_repository(repositoryName="web")
        self.template(FOURTH, "us-east-1")
        self.distributions = [self.distribution(region, organization, unit) for region in REGIONS]
        iam = self.client(OWNER, "iam")
        iam.create_instance_profile(InstanceProfileName="web")
        for policy in self.needs().policies():
            self.apply(policy)
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web-instance")
        for account in (FIRST, SECOND, FOURTH):
            self.attach(account, ROLE, "Ec2ImageBuilderCrossAccountDistributionAccess")
        return self.distributions

    def needs(self) -> Prerequisites:
        return prerequisites(self.distributions, owner=OWNER)

    def distribution(self, region: str, organization: str, unit: str) -> ibd.Distribution:
        is_public = region == REGIONS[-1]  # which an encrypted image can't be
        everybody = {"organization_arns": [organization], "organizational_unit_arns": [unit]}
        permission = ibd.LaunchPermissionConfiguration(user_ids=[THIRD], **everybody if region == REGIONS[0] else {})
        ami = ibd.AmiDistributionConfiguration(
            kms_key_id=None if is_public else self.keys[region],
            target_account_ids=[] if is_public else [FIRST, SECOND],
            launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["all"]) if is_public else permission,
        )
        owners = [OWNER, FIRST, FOURTH] if (FOURTH, region) in self.templates else [OWNER, FIRST]
        fast = ibd.FastLaunchConfiguration(
            enabled=True,
            launch_template=ibd.FastLaunchLaunchTemplateSpecification(launch_template_id=self.templates[OWNER, region]),
        )
        return ibd.Distribution(
            region=region,
            ami_distribution_configuration=ami,
            launch_template_configurations=[
                ibd.LaunchTemplateConfiguration(launch_template_id=self.templates[each, region], account_id=each)
                for each in owners
            ],
            ssm_parameter_configurations=[
                ibd.SsmParameterConfiguration(parameter_name="/ami/web", data_type="aws:ec2:image"),
                ibd.SsmParameterConfiguration(parameter_name="/ami/web", ami_account_id=SECOND),
            ],
            s3_export_configuration=ibd.S3ExportConfiguration(
                role_name="vmimport", disk_image_format="RAW", s3_bucket=f"images-{region}"
            ),
            license_configuration_arns=[] if is_public else [LICENSE.replace("us-east-1", region)],
            container_distribution_configuration=ibd.ContainerDistributionConfiguration(
                target_repository=ibd.TargetContainerRepository(service="ECR", repository_name="web")
            ),
            fast_launch_configurations=[fast] if is_public else [],
        )

    def template(self, account: str, region: str) -> None:
        ec2 = self.client(account, "ec2", region)
        tags = [{"ResourceType": "launch-template", "Tags": [TAG]}]
        data = {"ImageId": "ami-12345678"}
        created = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data, TagSpecifications=tags)
        self.templates[account, region] = created["LaunchTemplate"]["LaunchTemplateId"]

    def bucket(self, region: str, *, at: str | None = None) -> None:
        at = at or region
        where = {} if at == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": at}}
        self.client(OWNER, "s3", at).create_bucket(Bucket=f"images-{region}", **where)

    def attach(self, account: str, role: str, policy: str) -> None:
        self.client(account, "iam").attach_role_policy(RoleName=role, PolicyArn=managed(policy))

    def apply(self, policy: Policy) -> None:
        """Do with a policy what the documentation says."""
        name, text = PIPELINES.get(policy.name, policy.name), json.dumps(policy.document)
        if policy.kind == "key":
            kms = self.client(policy.account_id, "kms", str(policy.region))
            document = json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])
            document["Statement"] += policy.document["Statement"]
            kms.put_key_policy(KeyId=name, PolicyName="default", Policy=json.dumps(document))
            return
        iam = self.client(policy.account_id, "iam")
        trust = text if policy.kind == "trust" else json.dumps(NOBODY)
        try:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        except iam.exceptions.EntityAlreadyExistsException:
            if policy.kind == "trust":
                iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        if policy.kind == "permissions":
            count = len(iam.list_role_policies(RoleName=name)["PolicyNames"])
            iam.put_role_policy(RoleName=name, PolicyName=f"needs-{count}", PolicyDocument=text)


class Reused:
    """A session that creates each client once, because creating them takes longer than asking moto."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def client(self, service: str, *, region_name: str, config: Any) -> Any:
        return _client(self.session, service, region_name, config.read_timeout)


@cache
def _client(session: Any, service: str, region: str, _timeout: float) -> Any:
    return session.client(service, region_name=region)


def managed(name: str) -> str:
    return f"arn:aws:iam::aws:policy/{name}"


def _response(status: int) -> AWSResponse:
    return AWSResponse("https://aws.test", status, HTTPHeaders(), None)


def simulated(account: str, parameters: Mapping[str, Any], missing: list[str]) -> list[dict[str, Any]]:
    """Return what IAM would: what the role's inline policies in moto allow, as far as those of the tests go."""
    role = get_backend("iam")[account]["aws"].get_role(parameters["PolicySourceArn"].rpartition("/")[2])
    statements = [each for text in role.policies.values() for each in json.loads(text)["Statement"]]
    given = {each["ContextKeyName"]: each["ContextKeyValues"] for each in parameters["ContextEntries"]}
    return [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed"
            if any(_allows(each, action, resource, given) for each in statements)
            else "implicitDeny",
            "MissingContextValues": missing,
        }
        for action in parameters["ActionNames"]
        for resource in parameters["ResourceArns"]
    ]


def _allows(statement: Mapping[str, Any], action: str, resource: str, given: Mapping[str, list[str]]) -> bool:
    conditions = statement.get("Condition", {}).get("StringEquals", {})
    return (
        any(fnmatchcase(action, each) for each in statement["Action"])
        and any(fnmatchcase(resource, re.sub(r"\$\{([*?$])}", r"\1", each)) for each in statement["Resource"])
        and all({*given.get(key, [])} & {*values} for key, values in conditions.items())
    )

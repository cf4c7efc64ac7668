"""
What a file can hold: requests, responses, distributions, templates; and all of the corpus, from JSON and from YAML.
"""

import json
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import VALUES, Write, as_json, as_yaml, issues_of
from tests.samples import ARN, CORPUS, ami, manifest, request_class, request_document, response_document

TEMPLATES = CORPUS / "cloudformation"
VERDICTS: list[dict[str, Any]] = json.loads((TEMPLATES / "manifest.json").read_text())


@pytest.mark.parametrize("name", manifest("accept", "reject-build"))
@pytest.mark.parametrize("write", [as_json, as_yaml])
def test_a_request_of_the_corpus_is_read(name: str, write: Write) -> None:
    raw = request_document(name)

    document = documents.loads(write(raw))

    assert document.content == ibd.from_boto3(raw, request_class(raw))
    assert document.request is document.content
    assert document.form == ("update" if "distributionConfigurationArn" in raw else "create")


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: str(verdict["file"]))
@pytest.mark.parametrize("write", [as_json, as_yaml])
def test_a_template_of_the_corpus_means_what_it_says(verdict: dict[str, Any], write: Write) -> None:
    """
    What CloudFormation drops silently is an error.
    """
    path = TEMPLATES / verdict["file"]
    text = write(json.loads(path.read_text()))
    if path.with_suffix(".effective.json").exists():
        with pytest.raises(documents.DocumentError) as caught:
            documents.loads(text, parameters=VALUES, validate=False)

        assert {issue.rule for issue in caught.value.issues} == {"unknown-member"}
    else:
        content = documents.loads(text, parameters=VALUES, validate=False).content

        meant = json.loads(path.with_suffix(".api.json").read_text())
        assert json.loads(documents.dumps(content)) == meant


def test_a_response_of_a_get_becomes_the_update_that_stores_it_again() -> None:
    raw = response_document("r01-get-2026-apiref.json")

    document = documents.loads(json.dumps(raw))

    stored = ibd.from_boto3(raw, ibd.DistributionConfiguration)
    assert document.form == "configuration"
    assert document.content == stored
    assert document.request == stored.to_request()
    assert document.distributions == stored.distributions


def test_a_setting_that_is_not_known_is_a_warning_in_a_response() -> None:
    raw = {"arn": ARN, "distributions": [{"region": "us-west-2", "kmsKeyIds": [], "brandNew": {}}]}
    text = json.dumps({"distributionConfiguration": {**raw, "name": "web"}}, indent=1)

    document = documents.loads(text, validate=False)

    assert [(each.path, each.location, each.rule, each.line) for each in document.warnings] == [
        (f"distributionConfiguration.distributions[0].{key}", ("distributions", 0, key), "unmodelled", line)
        for key, line in {"kmsKeyIds": 7, "brandNew": 8}.items()
    ]
    assert isinstance(document.content, ibd.DistributionConfiguration)
    assert document.content.unmodelled == ("distributions[0].kmsKeyIds", "distributions[0].brandNew")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('[{"region": "us-west-2", "ssmParameterConfigurations": [{"parameterName": "/ami"}]}]', "distributions"),
        ("region: us-west-2\nssmParameterConfigurations: [{parameterName: /ami}]", "distribution"),
    ],
)
def test_distributions_alone_are_no_request(text: str, form: str) -> None:
    document = documents.loads(text)

    assert document.form == form
    assert document.content == document.distributions
    assert [each.region for each in document.distributions] == ["us-west-2"]
    with pytest.raises(ValueError, match=r"^<text> has neither a name nor an ARN, so it isn't a request; use dis"):
        _ = document.request


NO_OBJECT = "1:1: error: must be an object or a list of distributions, not"
NONE = "has no AWS::ImageBuilder::DistributionConfiguration, unless a macro or Fn::ForEach adds one"
UNKNOWN = "isn't a request, the response to GetDistributionConfiguration, distributions, or a CloudFormation template"


@pytest.mark.parametrize(
    ("text", "format_", "issue"),
    [
        ("5", None, f"{NO_OBJECT} '5' (string)"),
        ('"x"', None, f"{NO_OBJECT} 'x' (string)"),
        ('{"a": 1}', None, f"1:1: error: {UNKNOWN}"),
        ('{"Resources": {}}', None, f"1:1: error: {NONE}"),
        ("[]", "cloudformation", f"{NO_OBJECT} [] (list)"),
    ],
)
def test_anything_else_is_rejected(text: str, format_: Any, issue: str) -> None:
    assert issues_of(text, format=format_) == [f"{issue} [unrecognised]"]


IMAGE = ARN.replace("distribution-configuration/x", "image/x/1.0.0/1")


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"name": "web", "parentImage": "x"}, "a recipe"),
        ({"name": "web", "instanceTypes": ["t2.micro"]}, "an infrastructure configuration"),
        (
            {"name": "web", "infrastructureConfigurationArn": "x", "distributionConfigurationArn": ARN},
            "an image or an image pipeline",
        ),
        ({"requestId": "1", "distributionConfigurationSummaryList": []}, "a list of configurations"),
        ([{"arn": ARN, "name": "web", "regions": []}], "a summary of a configuration"),
        ({"requestId": "1", "clientToken": "2", "distributionConfigurationArn": ARN}, "a response that has no"),
        ({"requestId": "1", "infrastructureConfigurationArn": ARN}, "a response that has no"),
        ({"image": {"distributionConfiguration": {}}}, "the response to GetImage"),
        ({"arn": IMAGE, "name": "web", "distributionConfiguration": {}}, "another resource, 'image' by its arn"),
        ({"name": "web", "steps": []}, "a workflow"),
        ({"name": "web", "phases": []}, "a component"),
        ({"resource": {"aws_imagebuilder_distribution_configuration": {}}}, "a Terraform configuration"),
        ({"version": 4, "terraform_version": "1.9.0", "resources": []}, "a plan or a state of Terraform"),
        ({"builders": [{"type": "amazon-ebs", "region": "us-west-2"}]}, "a Packer template"),
        ({"apiVersion": "v1", "kind": "DistributionConfiguration"}, "a Kubernetes manifest"),
    ],
)
def test_a_file_of_another_kind_is_said_to_be_one(document: Any, what: str) -> None:
    [issue] = issues_of(json.dumps(document))

    assert issue.startswith(f"1:1: error: looks like {what}")
    assert issue.endswith("or a CloudFormation template [unrecognised]")


@pytest.mark.parametrize(
    "document",
    [
        {"name": "web", "version": "1.0"},
        {"region": "us-west-2", "stage": "dev"},
        {"tags": {}},
        {"distributionConfigurationArn": ARN, "sourceImage": "ami-1", "executionRole": "x"},
        [{"ParameterKey": "Stage", "ParameterValue": "dev"}],
        ["us-west-2"],
    ],
)
def test_a_name_or_a_region_alone_makes_no_configuration(document: Any) -> None:
    [issue] = issues_of(json.dumps(document))

    assert issue.endswith("[unrecognised]")


@pytest.mark.parametrize(
    ("key", "path"),
    [("nam", "nam"), ("distribution", "distribution"), ("descriptoin", "descriptoin"), ("Tags", "Tags")],
)
def test_a_misspelt_member_does_not_hide_what_a_file_is(key: str, path: str) -> None:
    [issue] = [
        each for each in issues_of(json.dumps({"name": "web", "distributions": [], key: {}})) if "unknown" in each
    ]

    assert f"error: {path}: is not a member of CreateDistributionConfigurationRequest; did you mean" in issue


@pytest.mark.parametrize("description", [None, "Web"])
def test_a_mapping_of_distributions_may_describe_them(description: str | None) -> None:
    alone = {"distributions": [{"region": "us-west-2", "ssmParameterConfigurations": [{"parameterName": "/ami"}]}]}

    document = documents.loads(json.dumps(alone if description is None else {**alone, "description": description}))

    assert document.form == "distributions"
    assert document.content == document.distributions
    assert document.description == description


PARAMETER = ibd.SsmParameterConfiguration(parameter_name="/ami", ami_account_id="444455556666")
WEB = attrs.evolve(ami(target_account_ids=["111122223333"]), ssm_parameter_configurations=[PARAMETER])


@pytest.mark.parametrize(
    "content",
    [
        (WEB,),
        ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB]),
        ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[WEB]),
        ibd.DistributionConfiguration(arn=ARN, name="web", distributions=[WEB]),
    ],
    ids=lambda content: type(content).__name__,
)
def test_a_file_is_validated_for_the_owner_that_is_given(content: documents.Content) -> None:
    """
    It takes precedence over that of an ARN.
    """
    text = documents.dumps(content)

    assert [each.rule for each in documents.loads(text, owner="123456789012").warnings] == ["ssm-account"]
    assert documents.loads(text, owner="444455556666").warnings == ()


@pytest.mark.parametrize(("owner", "error"), [("1234", ValueError), (123456789012, TypeError)])
def test_an_owner_is_an_account_id(owner: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^owner must be a"):
        documents.loads("5", owner=owner, validate=False)

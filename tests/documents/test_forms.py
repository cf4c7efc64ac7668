"""
What a file can hold.
"""

import json

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import issues_of
from tests.samples import ARN, response_document


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

    warnings = documents.loads(text, validate=False).warnings

    assert [(each.path, each.rule, each.line) for each in warnings] == [
        ("distributionConfiguration.distributions[0].kmsKeyIds", "unmodelled", 7),
        ("distributionConfiguration.distributions[0].brandNew", "unmodelled", 8),
    ]


def test_a_response_with_a_wrong_arn_is_wrong_at_its_arn() -> None:
    *_, issue = issues_of('{"name": "web",\n "arn": "x"}')

    assert issue.startswith("2:9: error: arn: must be an ARN such as ")


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "must be an object or a list of distributions, not '5' (str)"),
        ('"x"', "must be an object or a list of distributions, not 'x' (str)"),
        (
            '{"a": 1}',
            "is neither a request, a response, a distribution nor a CloudFormation template: it has none of "
            "name, distributions, distributionConfigurationArn, arn, region, Resources",
        ),
        ('{"Resources": {}}', "must have one AWS::ImageBuilder::DistributionConfiguration; it has none"),
    ],
)
def test_anything_else_is_rejected(text: str, message: str) -> None:
    [issue] = issues_of(text)

    assert message in issue
    assert issue.endswith("[unrecognised]")


def test_a_list_is_no_template() -> None:
    assert issues_of("[]", format="cloudformation") == [
        "1:1: error: must be an object or a list of distributions, not [] (list) [unrecognised]"
    ]

"""
The JSON Schema agrees with `validate`, as far as a schema can.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.test_fuzz import mutated
from tests.documents.test_laws import RAW, TEMPLATES, to_json
from tests.samples import CORPUS, manifest, request_document
from tests.strategies import update_requests

API = Draft202012Validator(documents.json_schema())
CLOUDFORMATION = Draft202012Validator(documents.json_schema("cloudformation"))
ALL = manifest("accept", "reject-build", "reject-local", "reject-service", "unknown")
VALUES: Any = st.sampled_from(
    ["x", "", "1111", "lt-0123456789abcdef0", 5, 0, 10**6, True, ["x"], [], {}, {"region": "x"}, {"aws:b": "c"}, None]
)
WRONG = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["replace", "remove", "add"]), VALUES), min_size=1, max_size=3
)


def errors_of(document: Any) -> set[str]:
    """Return the rules of errors that a schema can detect."""
    try:
        documents.loads(json.dumps(document))
    except documents.DocumentError as error:
        return {issue.rule for issue in error.issues if issue.severity == "error"} - {"region-unique"}
    return set()


def is_accepted(document: Any, validator: Draft202012Validator = API) -> bool:
    return validator.is_valid(document)


@pytest.mark.parametrize("schema", [API.schema, CLOUDFORMATION.schema])
def test_a_schema_is_one(schema: Any) -> None:
    Draft202012Validator.check_schema(schema)
    assert len(json.dumps(schema)) < 20_000


@pytest.mark.parametrize("name", ALL)
def test_a_request_of_the_corpus_is_judged_as_validate_does(name: str) -> None:
    document = request_document(name)

    assert is_accepted(document) == (not errors_of(document))


@pytest.mark.parametrize("path", sorted((CORPUS / "cloudformation").glob("*.api.json")), ids=lambda path: path.name)
def test_what_a_template_means_is_judged_as_validate_does(path: Path) -> None:
    document = json.loads(path.read_text())

    assert is_accepted(document) == (not errors_of(document))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_judged_as_reading_does(template: Any) -> None:
    values = {"AWS::AccountId": "111122223333", "AWS::Region": "x", "AWS::StackName": "s", "RecoveryRegion": "y"}
    try:
        documents.loads(json.dumps(template), parameters=values)
        is_right = True
    except documents.DocumentError:
        is_right = False

    assert is_accepted(template, CLOUDFORMATION) == is_right
    assert is_accepted({"Resources": {"A": template, "B": {"Type": "X"}}}, CLOUDFORMATION) == is_right


@given(update_requests)
def test_a_request_that_the_service_accepts_is_accepted(request: ibd.UpdateDistributionConfigurationRequest) -> None:
    document = ibd.to_boto3(request)

    assert is_accepted(document)
    assert is_accepted(document["distributions"])
    assert is_accepted(document["distributions"][0])


@given(st.sampled_from(RAW), WRONG)
@settings(max_examples=500)
def test_a_mutated_request_is_judged_as_validate_does(document: dict[str, Any], mutations: Any) -> None:
    """
    An empty list isn't an output, which a schema can't see by counting members.
    """
    wrong = mutated(document, mutations)
    found = errors_of(wrong)

    if "unrecognised" not in found and found != {"region-output"}:
        assert is_accepted(wrong) == (not found), to_json(wrong)


@pytest.mark.parametrize(
    ("output", "is_right"),
    [
        ({}, False),
        ({"kmsKeyId": "x"}, False),
        ({"fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 1}]}, True),
        ({"fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 0}]}, False),
        ({"fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 2**31}]}, False),
        ({"fastLaunchConfigurations": [{"enabled": True, "launchTemplate": {"launchTemplateName": "x"}}]}, True),
        (
            {
                "fastLaunchConfigurations": [
                    {
                        "enabled": True,
                        "launchTemplate": {"launchTemplateName": "x", "launchTemplateId": "lt-0123456789abcdef0"},
                    }
                ]
            },
            False,
        ),
    ],
)
def test_a_distribution_is_judged_as_validate_does(output: dict[str, Any], is_right: bool) -> None:
    document = {"region": "us-west-2", **output}

    assert (errors_of(document) == set()) == is_right
    assert is_accepted(document) == is_right
    assert is_accepted([document]) == is_right


def test_a_response_is_let_pass() -> None:
    assert is_accepted({"arn": "x"})
    assert is_accepted({"distributionConfiguration": {}, "requestId": "x"})


def test_a_function_may_stand_in_any_propertys_place() -> None:
    function = {"Fn::If": ["a", "b", "c"]}
    properties = {"Name": function, "Tags": {"a": function}, "Distributions": [function]}
    resource = {"Type": "AWS::ImageBuilder::DistributionConfiguration", "Properties": properties}

    assert is_accepted(resource, CLOUDFORMATION)


def test_members_are_described_as_in_the_models() -> None:
    definitions = documents.json_schema()["$defs"]

    assert definitions["LaunchTemplateConfiguration"]["properties"]["accountId"] == {
        "description": "The account that owns the template; your own if omitted.",
        "type": "string",
        "pattern": "^[0-9]{12}$",
    }
    assert definitions["Distribution"]["description"].startswith("What happens to the image in one Region.")


def test_patterns_are_those_of_javascript() -> None:
    patterns = re.findall(r'"pattern": "(.*?)"[,}]', json.dumps(documents.json_schema()))

    assert patterns
    assert [each for each in patterns if "(?P" in each or r"\\Z" in each] == []


def test_there_are_two_spellings() -> None:
    with pytest.raises(ValueError, match=r"^spelling must be api or cloudformation, not 'cli'$"):
        documents.json_schema("cli")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

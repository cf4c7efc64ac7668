"""
The JSON Schema agrees with `validate`, as far as a schema can.
"""

import json
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import Mutation, found_in, mistakes, mutated, mutations, requests
from tests.samples import manifest, request_document
from tests.strategies import update_requests

ALL = manifest("accept", "reject-build", "reject-local", "reject-service", "unknown")
values = mistakes | st.sampled_from(["lt-0123456789abcdef0", 0, 10**6, {"aws:b": "c"}])


def errors_of(document: Any, **options: Any) -> set[str]:
    """Return the rules of errors that a schema can detect."""
    found = found_in(json.dumps(document), **options)
    return {issue.rule for issue in found if issue.severity == "error"} - {"region-unique"}


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(documents.json_schema())


def is_accepted(document: Any) -> bool:
    return validator().is_valid(document)


def test_a_schema_is_one() -> None:
    schema = documents.json_schema()

    Draft202012Validator.check_schema(schema)
    assert len(json.dumps(schema)) < 20_000


@pytest.mark.parametrize("name", ALL)
def test_a_request_of_the_corpus_is_judged_as_validate_does(name: str) -> None:
    document = request_document(name)

    assert is_accepted(document) == (not errors_of(document))


@given(update_requests)
def test_a_request_that_the_service_accepts_is_accepted(request: ibd.UpdateDistributionConfigurationRequest) -> None:
    document = ibd.to_boto3(request)

    assert is_accepted(document)
    assert is_accepted(document["distributions"])
    assert is_accepted(document["distributions"][0])


@given(requests, mutations(values))
@settings(max_examples=100)
def test_a_mutated_request_is_judged_as_validate_does(document: Any, changes: list[Mutation]) -> None:
    """
    An empty list isn't an output, which a schema can't see by counting members.
    """
    wrong = mutated(document, changes)
    found = errors_of(wrong)

    if "unrecognised" not in found and found != {"region-output"}:
        assert is_accepted(wrong) == (not found), json.dumps(wrong)


TEMPLATE = {"launchTemplateName": "x", "launchTemplateId": "lt-0123456789abcdef0"}


@pytest.mark.parametrize(
    ("output", "is_right"),
    [
        ({}, False),
        ({"kmsKeyId": "x"}, False),
        ({"fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 1}]}, True),
        ({"fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 0}]}, False),
        ({"fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 2**31}]}, False),
        ({"fastLaunchConfigurations": [{"enabled": True, "launchTemplate": {"launchTemplateName": "x"}}]}, True),
        ({"fastLaunchConfigurations": [{"enabled": True, "launchTemplate": TEMPLATE}]}, False),
        ({"amiDistributionConfiguration": {"description": "x" * 1024}}, True),
        ({"amiDistributionConfiguration": {"description": "x" * 1025}}, False),
        ({"amiDistributionConfiguration": {"amiTags": {"k" * 128: "v" * 256}}}, True),
        ({"amiDistributionConfiguration": {"amiTags": {"k" * 129: "v"}}}, False),
        ({"amiDistributionConfiguration": {"amiTags": {"k": "v" * 257}}}, False),
        ({"amiDistributionConfiguration": {"targetAccountIds": ["111122223333"] * 1537}}, False),
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

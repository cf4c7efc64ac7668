"""
Hundreds of documents that nobody would write: each is read right, or rejected with paths.
"""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings

import imagebuilder_dist as ibd
from tests.documents.samples import CREATE, Mutation, junk, mutated, mutations
from tests.samples import ARN

FUZZ = settings(max_examples=250)
CREATES = ibd.CreateDistributionConfigurationRequest
STORED: dict[str, Any] = {
    "arn": ARN,
    **{key: value for key, value in ibd.to_boto3(CREATE).items() if key != "clientToken"},
}


def read(data: object, cls: type[Any]) -> Any:
    try:
        return ibd.from_boto3(data, cls)
    except ibd.ValidationError as error:
        return error


@pytest.mark.long
@FUZZ
@given(mutations(junk))
def test_a_document_is_read_right_or_rejected_with_paths(changes: list[Mutation]) -> None:
    document = mutated(ibd.to_boto3(CREATE), changes)

    request = read(document, CREATES)

    if isinstance(request, ibd.ValidationError):
        assert request.issues
        assert str(request).splitlines()[1:] == [f"  {issue}" for issue in request.issues]
        return
    sent = ibd.to_boto3(request)
    assert read(sent, CREATES) == request
    # Only empty values are dropped.
    assert {member for member, value in document.items() if value not in (None, [], {})} <= sent.keys()
    assert sent.keys() <= document.keys()
    issues = ibd.validate(request)
    assert [str(issue) for issue in issues if not str(issue).isprintable()] == []
    half_a_character = re.search("[\ud800-\udfff]", json.dumps(sent, ensure_ascii=False)) is not None
    assert ("encoding" in {issue.rule for issue in issues}) == half_a_character


@pytest.mark.long
@FUZZ
@given(mutations(junk))
def test_the_quick_read_of_a_configuration_is_the_other(changes: list[Mutation]) -> None:
    """
    An unknown member forces the slow read, and changes nothing else.
    """
    document = mutated({"timeoutMinutes": 720, **STORED}, changes)

    quick, slow = (read(each, ibd.DistributionConfiguration) for each in (document, {**document, "brandNew": 1}))

    assert quick == slow or (isinstance(quick, ibd.ValidationError) and isinstance(slow, ibd.ValidationError))


@pytest.mark.parametrize("depth", [100, 100_000])
def test_a_document_of_hostile_depth_is_rejected(depth: int) -> None:
    deep: Any = []
    for _ in range(depth):
        deep = [deep]

    error = read({"region": deep, "licenseConfigurationArns": deep}, ibd.Distribution)

    assert {issue.path for issue in error.issues} == {"region", "licenseConfigurationArns[0]"}
    assert len(str(error)) < 1000

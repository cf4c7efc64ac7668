"""
Ten thousand inputs that nobody would write: each gets a typed error or a correct result.
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests import raw
from tests.samples import ARN, EVERYTHING, service_model

pytestmark = pytest.mark.long

VALID: dict[str, Any] = {
    **ibd.to_boto3(
        ibd.CreateDistributionConfigurationRequest(
            name="web", distributions=[EVERYTHING], description="d", tags={"a": "b"}, client_token="t"
        )
    ),
}
VALID_UPDATE: dict[str, Any] = {
    "distributionConfigurationArn": ARN + "-new",
    **{member: VALID[member] for member in ("distributions", "description", "clientToken")},
}
VALID_RESULT: dict[str, Any] = {member: VALID[member] for member in ("name", "distributions", "description", "tags")}
CODES = {shape.name for shape in service_model().error_shapes} | {"NotImplemented"}
JUNK: Any = st.sampled_from(
    [
        *[None, True, False, 0, -1, 6, 2**31, 10**30, 0.5, float("nan"), float("inf")],
        *["", " ", "x", "x" * 1100, "\x00", "\ud800", "é", "123456789012", "us-west-2", "{{ imagebuilder:buildDate }}"],
        *[[], [[]], [None], ["x", 1], ["x"] * 30, {}, {"": 1}, {"region": "x"}, {"brandNew": {}}, [{}]],
    ]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MUTATIONS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["replace", "remove", "add"]), JUNK), max_size=3)
FUZZ = settings(max_examples=2500)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a document with each of its keys."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, item in items:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def mutated(document: dict[str, Any], mutations: list[tuple[int, str, Any]]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    for number, how, junk in mutations:
        where = list(places(document))
        if not where:
            break
        container, key = where[number % len(where)]
        junk = copy.deepcopy(junk)  # noqa: PLW2901 - it becomes part of the document
        if how == "replace":
            container[key] = junk
        elif how == "remove":
            del container[key]
        elif isinstance(container, dict):
            container["brandNew"] = junk
        else:
            container.append(junk)
    return document


def read(data: object, cls: type[Any]) -> Any:
    try:
        return ibd.from_boto3(data, cls)
    except ibd.ValidationError as error:
        return error


@FUZZ
@given(mutations=MUTATIONS)
def test_a_document_is_read_right_or_refused_with_paths(mutations: list[tuple[int, str, Any]]) -> None:
    document = mutated(VALID, mutations)

    request = read(document, ibd.CreateDistributionConfigurationRequest)

    if isinstance(request, ibd.ValidationError):
        assert request.issues
        assert str(request).splitlines()[1:] == [f"  {issue}" for issue in request.issues]
    else:
        sent = ibd.to_boto3(request)
        assert read(sent, ibd.CreateDistributionConfigurationRequest) == request
        # Only empty values are dropped.
        assert {member for member, value in document.items() if value not in (None, [], {})} <= sent.keys()
        assert sent.keys() <= document.keys()
        issues = ibd.validate(request)
        assert [str(issue) for issue in issues if not str(issue).isprintable()] == []
        half_a_character = re.search("[\ud800-\udfff]", json.dumps(sent, ensure_ascii=False)) is not None
        assert ("encoding" in {issue.rule for issue in issues}) == half_a_character


@FUZZ
@given(
    data=JUNK, cls=st.sampled_from([ibd.Distribution, ibd.LaunchPermissionConfiguration, ibd.DistributionConfiguration])
)
def test_anything_is_read_right_or_refused_with_paths(data: Any, cls: type[Any]) -> None:
    value = read(data, cls)

    assert type(value) is cls or value.issues


@FUZZ
@given(mutations=MUTATIONS)
def test_the_quick_read_of_a_configuration_is_the_other(mutations: list[tuple[int, str, Any]]) -> None:
    """
    An unknown member forces the slow read, and changes nothing else.
    """
    document = mutated({"arn": ARN, "timeoutMinutes": 720, **VALID_RESULT}, mutations)

    quick, slow = (read(each, ibd.DistributionConfiguration) for each in (document, {**document, "brandNew": 1}))

    if isinstance(quick, ibd.ValidationError):
        assert isinstance(slow, ibd.ValidationError)
    else:
        assert quick == slow


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalImageBuilder]:
    with LocalImageBuilder(max_requests=0) as local:
        yield local


def served(endpoint: LocalImageBuilder, method: str, target: str, body: object = b"") -> tuple[int, Any]:
    status, headers, answer = raw.send(endpoint, method, target, body)
    if status == 200:
        assert "x-amzn-ErrorType" not in headers
    else:
        assert headers["x-amzn-ErrorType"] in CODES
        assert answer["message"]
    return status, answer


@FUZZ
@given(mutations=MUTATIONS, update=st.booleans())
def test_the_endpoint_keeps_a_document_or_says_no(
    endpoint: LocalImageBuilder, mutations: list[tuple[int, str, Any]], *, update: bool
) -> None:
    endpoint.reset()
    document, operation = VALID, "CreateDistributionConfiguration"
    if update:
        served(endpoint, "PUT", "/CreateDistributionConfiguration", {**VALID, "name": "x-new"})
        document, operation = VALID_UPDATE, "UpdateDistributionConfiguration"
        document = {**VALID_UPDATE, "clientToken": "another"}
    document = mutated(document, mutations)

    status, answer = served(endpoint, "PUT", f"/{operation}", document)

    if status == 200:
        arn = answer["distributionConfigurationArn"]
        target = f"/GetDistributionConfiguration?distributionConfigurationArn={arn}"
        _, shown = served(endpoint, "GET", target)
        assert shown["distributionConfiguration"]["distributions"] == document["distributions"]
        assert shown["distributionConfiguration"].get("description") == document.get("description")


LINES = st.sampled_from(
    [operation.http for operation in map(service_model().operation_model, service_model().operation_names)]
)


@FUZZ
@given(
    line=LINES,
    replaced=st.text(max_size=6),
    query=st.text(max_size=10)
    | st.sampled_from(["distributionConfigurationArn=" + ARN, "tagKeys=a&tagKeys=b", "=&&="]),
    body=st.binary(max_size=20) | st.builds(lambda data: json.dumps(data).encode(), JUNK),
)
def test_the_endpoint_answers_anything(
    endpoint: LocalImageBuilder, line: Any, replaced: str, query: str, body: bytes
) -> None:
    target = line["requestUri"].replace("{resourceArn}", quote(replaced.encode(errors="replace")))

    status, _ = served(endpoint, line["method"], f"{target}?{quote(query.encode(errors='replace'), safe='=&')}", body)

    assert status in {200, 400, 404, 501}


@pytest.mark.parametrize("depth", [100, 100_000])
def test_a_document_of_hostile_depth_is_refused(depth: int) -> None:
    deep: Any = []
    for _ in range(depth):
        deep = [deep]

    with pytest.raises(ibd.ValidationError) as caught:
        ibd.from_boto3({"region": deep, "licenseConfigurationArns": deep}, ibd.Distribution)

    assert {issue.path for issue in caught.value.issues} == {"region", "licenseConfigurationArns[0]"}
    assert len(str(caught.value)) < 1000

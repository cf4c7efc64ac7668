"""
Requests that nobody would send: the endpoint keeps what is in them, or answers with a modelled error.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests import raw
from tests.documents.samples import CREATE, Mutation, junk, mutated, mutations
from tests.samples import ARN, service_model

FUZZ = settings(max_examples=200)
numbers = itertools.count()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalImageBuilder]:
    with LocalImageBuilder(max_requests=0) as local:
        yield local


def served(endpoint: LocalImageBuilder, method: str, target: str, body: object = b"") -> tuple[int, Any]:
    status, headers, answer = raw.send(endpoint, method, target, body)
    if status == 200:
        assert "x-amzn-ErrorType" not in headers
    else:
        modelled = {shape.name for shape in service_model().error_shapes}
        assert headers["x-amzn-ErrorType"] in modelled | {"NotImplemented"}
        assert answer["message"]
    return status, answer


@pytest.mark.long
@FUZZ
@given(changes=mutations(junk))
def test_the_endpoint_keeps_a_document_or_says_no(endpoint: LocalImageBuilder, changes: list[Mutation]) -> None:
    number = next(numbers)
    document = mutated({**ibd.to_boto3(CREATE), "name": f"x-{number}", "clientToken": f"first {number}"}, changes)

    status, answer = served(endpoint, "PUT", "/CreateDistributionConfiguration", document)

    if status == 200:
        arn = answer["distributionConfigurationArn"]
        _, shown = served(endpoint, "GET", f"/GetDistributionConfiguration?distributionConfigurationArn={arn}")
        assert shown["distributionConfiguration"]["distributions"] == document["distributions"]
        assert shown["distributionConfiguration"].get("description") == document.get("description")


@pytest.mark.long
@FUZZ
@given(
    operation=st.deferred(lambda: st.sampled_from(service_model().operation_names)),
    replaced=st.text(max_size=6),
    query=st.text(max_size=10)
    | st.sampled_from([f"distributionConfigurationArn={ARN}", "tagKeys=a&tagKeys=b", "=&&="]),
    body=st.binary(max_size=20) | junk.map(lambda data: json.dumps(data).encode()),
)
def test_the_endpoint_answers_anything(
    endpoint: LocalImageBuilder, operation: str, replaced: str, query: str, body: bytes
) -> None:
    line = service_model().operation_model(operation).http
    target = line["requestUri"].replace("{resourceArn}", quote(replaced.encode(errors="replace")))

    status, _ = served(endpoint, line["method"], f"{target}?{quote(query.encode(errors='replace'), safe='=&')}", body)

    assert status in {200, 400, 404, 501}

"""
Requests that nobody would send: the endpoint keeps what is in them, or answers with a modelled error.
"""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests import raw
from tests.documents.samples import CREATE, Mutation, junk, mutated, mutations
from tests.samples import service_model

numbers = itertools.count()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalImageBuilder]:
    with LocalImageBuilder() as local:
        yield local


@pytest.mark.long
@settings(max_examples=200)
@given(changes=mutations(junk))
def test_the_endpoint_keeps_a_document_or_says_no(endpoint: LocalImageBuilder, changes: list[Mutation]) -> None:
    number = next(numbers)
    document = mutated({**ibd.to_boto3(CREATE), "name": f"x-{number}", "clientToken": f"first {number}"}, changes)

    status, headers, answer = raw.send(endpoint, "PUT", "/CreateDistributionConfiguration", document)

    if status == 200:
        arn = answer["distributionConfigurationArn"]
        _, _, shown = raw.send(endpoint, "GET", f"/GetDistributionConfiguration?distributionConfigurationArn={arn}")
        assert shown["distributionConfiguration"]["distributions"] == document["distributions"]
        assert shown["distributionConfiguration"].get("description") == document.get("description")
    else:
        assert headers["x-amzn-ErrorType"] in {shape.name for shape in service_model().error_shapes}
        assert answer["message"]

"""
Our validation, botocore's and the local endpoint's against each other, over documents with one defect.
"""

import copy
import re
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests import raw, strategies
from tests.documents.samples import places
from tests.samples import VALUES, service_model, structure

pytestmark = pytest.mark.long


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an update's document with one mutation, which may leave it valid."""
    document: dict[str, Any] = copy.deepcopy(ibd.to_boto3(draw(strategies.update_requests)))
    document.setdefault("clientToken", "t")
    spots = [*places(document)]
    lists = [
        (holder, key) for holder, key in spots if isinstance(holder[key], list) and isinstance(holder[key][0], str)
    ]
    holder, key = draw(st.sampled_from(spots))
    what = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add", "double", "multiply"]))
    if what == "replace":
        holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    elif what == "remove":
        del holder[key]
    elif what == "multiply" and lists:
        holder, key = draw(st.sampled_from(lists))
        holder[key] *= 1537
    elif isinstance(holder, dict):
        holder[f"{key}s"] = holder[key]
    else:
        holder.append(copy.deepcopy(holder[key]))
    return document


def errors_of(document: dict[str, Any]) -> list[str]:
    """Return the paths of all errors that our validation finds."""
    try:
        request = ibd.from_boto3(document, ibd.UpdateDistributionConfigurationRequest)
    except ibd.ValidationError as error:
        return [issue.path for issue in error.issues]
    return [issue.path for issue in ibd.validate(request) if issue.severity == "error"]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LocalImageBuilder]:
    with LocalImageBuilder() as local:
        yield local


@pytest.fixture(scope="module")
def client(endpoint: LocalImageBuilder) -> ibd.DistributionConfigurationClient:
    return endpoint.client()


@given(document=documents())
@settings(max_examples=200)
def test_we_reject_what_botocore_rejects_and_exactly_what_the_endpoint_rejects(
    endpoint: LocalImageBuilder, client: ibd.DistributionConfigurationClient, document: dict[str, Any]
) -> None:
    """
    The endpoint's path is among ours, and nothing that is rejected is sent.
    """
    document.setdefault("clientToken", "t")  # which botocore fills in before it looks
    report = ParamValidator().validate(document, structure("UpdateDistributionConfigurationRequest"))
    status, headers, answer = raw.send(endpoint, "PUT", "/UpdateDistributionConfiguration", document)
    hypothesis.event(f"rejected by botocore: {report.has_errors()}, by the endpoint: {status == 400}")

    errors = errors_of(document)
    if report.has_errors():
        assert errors != []
        requests = endpoint.requests
        with pytest.raises(ibd.ValidationError):
            client.send(ibd.from_boto3(document, ibd.UpdateDistributionConfigurationRequest))
        assert endpoint.requests == requests
    # 404: the document is valid, but the configuration does not exist.
    assert status in {400, 404}
    assert headers["x-amzn-ErrorType"] in {shape.name for shape in service_model().error_shapes}
    if status == 404:
        assert errors == []
    else:
        path = re.search("'(.+?)' is not valid", answer["message"], re.DOTALL)
        assert path is not None
        ours = re.sub(r"\.$", "['']", path[1])  # the name of a member may be empty
        assert ours in errors

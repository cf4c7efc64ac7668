"""
Use botocore's own `Stubber`, with parameters that compare as the service does, and errors that exist.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.stub import Stubber

from imagebuilder_dist._common.attributes import check_count
from imagebuilder_dist._common.text import show
from imagebuilder_dist._shapes.converter import read_response
from imagebuilder_dist.errors import ApiError, ValidationError
from imagebuilder_dist.models import DistributionConfiguration
from imagebuilder_dist.testing._any import ANY
from imagebuilder_dist.testing._differences import member_differences
from imagebuilder_dist.testing._responses import check_error, response_to, to_result
from imagebuilder_dist.testing._service import status_of
from imagebuilder_dist.testing.requests import (
    Request,
    TagResourceRequest,
    UntagResourceRequest,
    operation_of,
    parameters_of,
)


class _Matcher:
    """A collection that is equal to whatever means the same; its repr shows how the last value compared differs."""

    def __init__(self, expected: object, differing: Callable[[Any, Any], Iterator[str]]) -> None:
        self._expected = expected
        self._differing = differing
        self._differences: tuple[str, ...] = ()

    def __eq__(self, sent: object) -> bool:
        self._differences = tuple(self._differing(self._expected, sent))
        return not self._differences

    def __hash__(self) -> int:
        return 0  # equal values must have the same hash

    def __repr__(self) -> str:
        if not self._differences:
            return show(self._expected)
        return "\n    ".join(("<what differs (- expected, + sent):", *self._differences)) + ">"


def _distributions(expected: Any, sent: Any) -> Iterator[str]:
    try:
        # Read as a response, in which an empty list is the same as an absent one.
        read, unknown = read_response({"arn": "", "distributions": sent}, DistributionConfiguration)
    except ValidationError as error:
        yield from map(str, error.issues)
    else:
        yield from member_differences(DistributionConfiguration, "distributions", expected, read.distributions)
        yield from (f"+ {path}: isn't known to this library" for path in unknown)


def _tags(expected: Any, sent: Any) -> Iterator[str]:
    yield from member_differences(TagResourceRequest, "tags", expected, sent)


def _tag_keys(expected: Any, sent: Any) -> Iterator[str]:
    yield from member_differences(UntagResourceRequest, "tag_keys", expected, tuple(sent))


_COLLECTIONS: Mapping[str, tuple[str, Callable[[Any, Any], Iterator[str]]]] = {
    "distributions": ("distributions", _distributions),
    "tags": ("tags", _tags),
    "tagKeys": ("tag_keys", _tag_keys),
}


def expected_params(request: Request | DistributionConfiguration) -> dict[str, Any]:
    """
    Return what a `Stubber` takes as `expected_params` for *request*.

    Distributions, tags and tag keys match whatever means the same to the service; if they don't, Stubber's own error
    says what differs.
    A write without a client token matches any client token.

    Args:
        request: The request to expect, of `imagebuilder_dist` or of `imagebuilder_dist.testing.requests`; or a
            configuration, for the update that stores it.
    """
    if isinstance(request, DistributionConfiguration):
        request = request.to_request()
    parameters = parameters_of(request)
    if hasattr(request, "client_token"):
        parameters.setdefault("clientToken", ANY)
    for name, (attribute, differing) in _COLLECTIONS.items():
        if name in parameters:
            parameters[name] = _Matcher(getattr(request, attribute), differing)
    return parameters


def stub_response(stubber: Stubber, request: Request, result: object = None, *, times: int = 1) -> None:
    """
    Make *stubber* expect *request* and return a successful response.

    Args:
        stubber: botocore's Stubber of an `imagebuilder` client.
        request: The request to expect, as for `expected_params`.
        result: What the client's method returns; for a list, summaries.
            What is left out is taken from the request; a get returns a configuration with one distribution.
        times: For how many requests.

    Raises:
        TypeError:
            If *result* isn't what the client's method returns.
    """
    result = to_result(type(request), result)
    check_count("times", times)
    client: Any = stubber.client
    response = response_to(request, result, client.meta.region_name)
    if "distributionConfiguration" in response:  # the only member that botocore's model requires and *result* may lack
        response["distributionConfiguration"].setdefault("timeoutMinutes", 720)
    for _ in range(times):
        stubber.add_response(_method_of(request), response, expected_params(request))


def stub_error(
    stubber: Stubber, request: Request, error: type[ApiError], message: str = "stubbed", *, times: int = 1
) -> None:
    """
    Make *stubber* expect *request* and return a service error.

    Args:
        stubber: botocore's Stubber of an `imagebuilder` client.
        request: The request to expect, as for `expected_params`.
        error: A class named after the error code; the HTTP status is that of botocore's model.
        message: The error's message.
        times: For how many requests.

    Raises:
        TypeError:
            If *error* isn't such a class.
    """
    check_error(error)
    check_count("times", times)
    code = error.__name__
    for _ in range(times):
        stubber.add_client_error(
            _method_of(request), code, message, status_of(code), expected_params=expected_params(request)
        )


def _method_of(request: Request) -> str:
    return str(xform_name(operation_of(type(request))))

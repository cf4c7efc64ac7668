"""
Use botocore's own `Stubber`, with parameters that compare as the service does, and errors that exist.
"""

from typing import Any, TypeAlias, cast

from attrs import AttrsInstance
from botocore.stub import ANY, Stubber

from imagebuilder_dist._common.arns import distribution_configuration_arn
from imagebuilder_dist._common.text import show
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.changes import diff
from imagebuilder_dist.errors import ApiError, ValidationError
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    Distribution,
    DistributionConfiguration,
    UpdateDistributionConfigurationRequest,
)
from imagebuilder_dist.testing._requests import statuses
from imagebuilder_dist.testing.examples import ACCOUNT_ID

Write: TypeAlias = CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest


class _Distributions:  # noqa: PLW1641 - nobody hashes it
    """Equal to distributions that mean the same; its repr shows how those that it was last compared to differ."""

    def __init__(self, expected: tuple[Distribution, ...]) -> None:
        self._expected = expected
        self._differences = ""

    def __eq__(self, sent: object) -> bool:
        try:
            # Read as a response, in which an empty list is the same as an absent one.
            read = from_boto3({"arn": "", "distributions": sent}, DistributionConfiguration)
        except ValidationError as error:
            self._differences = str(error)
        else:
            changes = diff(self._expected, read.distributions)
            self._differences = str(changes) if changes else ""
        return not self._differences

    def __repr__(self) -> str:
        if not self._differences:
            return show(self._expected)
        return f"<what differs (- expected, + sent): {self._differences}>"


def expected_params(request: Write) -> dict[str, Any]:
    """
    Return what a `Stubber` takes as `expected_params` for *request*.

    Distributions match whatever means the same to the service; if they don't, Stubber's own error says what differs.
    A request without a client token matches any client token.

    Args:
        request: The request to expect; that of a whole configuration is its `to_request()`.
    """
    return {"clientToken": ANY, **to_boto3(request), "distributions": _Distributions(request.distributions)}


def stub_response(stubber: Stubber, request: Write | str, result: AttrsInstance | None = None) -> None:
    """
    Make *stubber* expect *request* and return a successful response.

    Args:
        stubber: botocore's Stubber of an `imagebuilder` client.
        request: The write to expect, as for `expected_params`; or the name of a method, with any parameters.
        result: What this library's client returns for it; if omitted, the response to a create has an ARN.
    """
    response: dict[str, Any] = {} if result is None else to_boto3(result)
    if isinstance(result, DistributionConfiguration):
        response.pop("requestId", None)
        response = {"distributionConfiguration": {"timeoutMinutes": 720, **response}}  # botocore's model requires it
    elif result is None and isinstance(request, CreateDistributionConfigurationRequest):
        region_name = cast(Any, stubber.client).meta.region_name
        arn = distribution_configuration_arn(request.name, region_name=region_name, account_id=ACCOUNT_ID)
        response = {"distributionConfigurationArn": arn}
    method, expected = _expectation(request)
    stubber.add_response(method, response, expected)


def stub_error(stubber: Stubber, request: Write | str, error: type[ApiError], message: str = "stubbed") -> None:
    """
    Make *stubber* expect *request* and return a service error.

    Args:
        stubber: botocore's Stubber of an `imagebuilder` client.
        request: The write to expect, or the name of a method, as for `stub_response`.
        error: A class named after an error of botocore's model, from which the HTTP status comes.
        message: The error's message.

    Raises:
        KeyError:
            If *error* is another class, such as a family of errors.
    """
    code, status = error.__name__, statuses()[error.__name__]
    method, expected = _expectation(request)
    stubber.add_client_error(method, code, message, status, expected_params=expected)


def _expectation(request: Write | str) -> tuple[str, dict[str, Any] | None]:
    if isinstance(request, str):
        return request, None
    verb = "create" if isinstance(request, CreateDistributionConfigurationRequest) else "update"
    return f"{verb}_distribution_configuration", expected_params(request)

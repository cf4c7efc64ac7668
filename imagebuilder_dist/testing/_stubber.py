"""
Use botocore's own `Stubber`, with parameters that compare as the service does.
"""

from typing import Any, TypeAlias

from botocore.stub import ANY

from imagebuilder_dist._common.text import show
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.changes import diff
from imagebuilder_dist.errors import ValidationError
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    Distribution,
    DistributionConfiguration,
    UpdateDistributionConfigurationRequest,
)

Write: TypeAlias = CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest


class _Distributions:
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

    def __hash__(self) -> int:
        return 0  # equal values must have the same hash

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

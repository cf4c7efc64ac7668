"""
A successful answer, as botocore parsed it, and how it is read.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from imagebuilder_dist._fields import is_mapping
from imagebuilder_dist.converter import from_boto3
from imagebuilder_dist.errors import ConnectionFailedError, ResponseError, ValidationError

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Response:
    """
    A successful answer, as botocore parsed it.
    """

    operation: str
    client_token: str | None
    parsed: Mapping[str, Any]
    body: bytes | None
    """The raw body, where the client lets it be seen."""

    attempts: int = 1
    """Requests that it took."""

    read_only: bool = False
    """Whether the operation changes nothing."""

    @property
    def request_id(self) -> str | None:
        """
        The request id in the body or, where it isn't there, in the headers.
        """
        return self.parsed.get("requestId") or self._metadata.get("RequestId")

    def read(self, data: object, cls: type[T]) -> T:
        """
        Return *data*, taken from this answer, as a *cls*; its request id is the answer's.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If it can't be read as one.
        """
        try:
            return from_boto3({**data, "requestId": self.request_id} if is_mapping(data) else data, cls)
        except ValidationError as error:
            # The issues show values, and an answer's may be nobody's business.
            where = ", ".join(f"{issue.path or 'the whole'} ({issue.rule})" for issue in error.issues)
            raise self.unreadable(f"it has not the shape that the service documents: {where}") from None

    def unreadable(self, reason: str) -> ResponseError:
        """
        Return the error that says why this answer can't be read.
        """
        status = self._metadata.get("HTTPStatusCode")
        error = unreadable_response(reason, self.operation, self.client_token, status, self.request_id)
        error.attempts, error.may_have_been_applied = self.attempts, not self.read_only
        return error

    @property
    def _metadata(self) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = self.parsed.get("ResponseMetadata", {})
        return metadata


def unreadable_response(
    reason: str, operation: str, client_token: str | None, http_status: int | None, request_id: str | None
) -> ResponseError:
    message = f"the answer to {operation} can't be read: {reason}"
    return ResponseError(message, operation, client_token, http_status, request_id)


def check_body(body: bytes, headers: Mapping[str, str], response: Response) -> None:
    length = headers.get("Content-Length", "")
    if length.isdigit() and len(body) < int(length):
        message = f"the connection was closed after {len(body)} of the answer's {length} bytes"
        raise ConnectionFailedError(message, response.operation, response.client_token)
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        raise response.unreadable("it is no JSON") from error

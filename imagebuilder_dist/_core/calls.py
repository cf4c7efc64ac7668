"""
One call of the service: what is sent, and what came back.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from imagebuilder_dist._converter import read_response
from imagebuilder_dist._fields import is_mapping
from imagebuilder_dist.errors import Issue, ResponseError, ValidationError

T = TypeVar("T")
T_read = TypeVar("T_read")


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """
    One call of the service.
    """

    operation: str
    parameters: Mapping[str, Any]
    read: "Callable[[Response], T]"

    client_token: str | None = None

    changes_nothing: bool = False

    requires: tuple[str, str] | None = None
    """A member that older botocores don't know, and the first that does."""

    warnings: tuple[Issue, ...] = ()
    """What validation has found."""

    @property
    def resource(self) -> str | None:
        """
        The configuration that it is about: its ARN, or the name of one that is to be created.
        """
        names = ("distributionConfigurationArn", "resourceArn", "name")
        return next((self.parameters[name] for name in names if name in self.parameters), None)

    @property
    def repeatable(self) -> bool:
        """
        Whether running it twice is the same as running it once.
        """
        return self.changes_nothing or self.client_token is not None

    def unreadable(self, reason: str, http_status: int | None = None, request_id: str | None = None) -> ResponseError:
        """
        Return the error that says why the response can't be read.
        """
        message = f"the response to {self.operation} can't be read: {reason}"
        error = ResponseError(message, self.operation, self.client_token)
        error.http_status, error.request_id = http_status, request_id
        return error


@attrs.frozen
class Send:
    """
    Make a call that takes so many more requests at most.
    """

    call: Call[Any]
    made: int
    """Requests that it has taken before."""
    most: int


@attrs.frozen(kw_only=True)
class Response:
    """
    A successful response to a call.
    """

    call: Call[Any]

    content: Mapping[str, Any]
    """Its members, without those that are null: of the body or, behind a Stubber or a fake, of what they return."""

    metadata: Mapping[str, Any]
    """botocore's `ResponseMetadata`; a fake may have none."""

    model: Any
    """botocore's model of the operation; `None` behind a Stubber or a fake, which show nothing of the wire."""

    @property
    def request_id(self) -> str | None:
        """
        The request id in the body or, if it isn't there, in the headers.
        """
        return self.content.get("requestId") or self.metadata.get("RequestId")

    def read(self, data: object, cls: type[T_read]) -> T_read:
        """
        Return *data*, taken from this response, as a *cls* with its request id; what is unknown in it is passed over.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If it can't be read as one.
        """
        return self.read_all(data, cls)[0]

    def read_all(self, data: object, cls: type[T_read]) -> tuple[T_read, tuple[str, ...]]:
        """
        Return *data*, taken from this response, as a *cls* with its request id, and the paths of what is lost.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If it can't be read as one.
        """
        try:
            return read_response({**data, "requestId": self.request_id} if is_mapping(data) else data, cls)
        except ValidationError as error:
            # The issues show values, and a response's may be nobody's business.
            where = ", ".join(f"{issue.path or 'the whole'} ({issue.rule})" for issue in error.issues)
            raise self.unreadable(f"it doesn't have the documented shape: {where}") from None

    def check(self, data: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        """
        Reject *data*, taken from this response, if it names another token or ARN than the request.

        What a test stubs is believed.
        """
        for member, value in expected.items():
            if self.model is not None and data.get(member) not in (None, value):
                raise self.unreadable(f"its {member} isn't the request's")

    def unreadable(self, reason: str) -> ResponseError:
        """
        Return the error that says why this response can't be read.
        """
        return self.call.unreadable(reason, self.metadata.get("HTTPStatusCode"), self.request_id)

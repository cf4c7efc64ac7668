"""
A call to the service: what is sent, and how its response is read.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._shapes.converter import read_response
from imagebuilder_dist.errors import Issue, ResponseError, ValidationError

T = TypeVar("T")
T_read = TypeVar("T_read")


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """
    A call to the service.
    """

    operation: str
    parameters: Mapping[str, Any]
    read: "Callable[[Response], T]"

    client_token: str | None = None

    again: str = "retry the write with the same client_token"
    """What to do if a write with a token may have been applied."""

    changes_nothing: bool = False

    requires: tuple[str, str] | None = None
    """A member that older botocores lack, and the first version that has it."""

    warnings: tuple[Issue, ...] = ()
    """Validation's warnings."""

    @property
    def resource(self) -> str | None:
        """
        The configuration concerned: its ARN, or its name if it is to be created.
        """
        names = ("distributionConfigurationArn", "resourceArn", "name")
        return next((self.parameters[name] for name in names if name in self.parameters), None)

    @property
    def repeatable(self) -> bool:
        """
        Whether running it twice has the same effect as running it once.
        """
        return self.changes_nothing or self.client_token is not None

    def unreadable(self, reason: str, http_status: int | None = None, request_id: str | None = None) -> ResponseError:
        """
        Return the error for a response that can't be read.
        """
        message = f"the response to {self.operation} can't be read: {reason}"
        error = ResponseError(message, self.operation, self.client_token)
        error.http_status, error.request_id = http_status, request_id
        return error


@attrs.frozen
class Send:
    """
    The command to make a call.
    """

    call: Call[Any]
    made: int
    """Requests that the call took in earlier attempts."""
    most: int
    """Requests that it may still take."""


@attrs.frozen(kw_only=True)
class Response:
    """
    A successful response to a call.
    """

    call: Call[Any]

    content: Mapping[str, Any]
    """The members of the body that aren't null; behind a Stubber or a fake, those of what it returns."""

    metadata: Mapping[str, Any]
    """Botocore's `ResponseMetadata`; empty if a fake returns none."""

    model: Any
    """Botocore's model of the operation; `None` behind a Stubber or a fake, which send nothing."""

    @property
    def request_id(self) -> str | None:
        """
        The request id in the body or else in the headers.
        """
        return self.content.get("requestId") or self.metadata.get("RequestId")

    def read(self, data: object, cls: type[T_read]) -> T_read:
        """
        Convert *data*, taken from this response, to a *cls* with its request id; unknown members are ignored.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If *data* can't be read as a *cls*.
        """
        return self.read_all(data, cls)[0]

    def read_all(self, data: object, cls: type[T_read]) -> tuple[T_read, tuple[str, ...]]:
        """
        Convert *data*, taken from this response, as `read` does; return the paths of unknown members, too.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If *data* can't be read as a *cls*.
        """
        try:
            return read_response({**data, "requestId": self.request_id} if is_mapping(data) else data, cls)
        except ValidationError as error:
            # Without the issues' messages, which show values: a response may contain anything.
            where = ", ".join(f"{issue.path or 'the whole'} ({issue.rule})" for issue in error.issues)
            raise self.unreadable(f"it doesn't have the documented shape: {where}") from None

    def check(self, data: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        """
        Reject *data*, taken from this response, if its token or ARN isn't the request's.

        A stubbed response isn't checked.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If one differs.
        """
        for member, value in expected.items():
            if self.model is not None and data.get(member) not in (None, value):
                raise self.unreadable(f"its {member} isn't the request's")

    def unreadable(self, reason: str) -> ResponseError:
        """
        Return the error for this response, which can't be read.
        """
        return self.call.unreadable(reason, self.metadata.get("HTTPStatusCode"), self.request_id)

"""
One call of a boto3 client: what went in, what came back, and every failure as an error of ours.
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

import attrs
import botocore
from botocore.exceptions import BotoCoreError, ClientError, StubResponseError

from imagebuilder_dist._fields import found, is_mapping
from imagebuilder_dist.converter import from_boto3
from imagebuilder_dist.errors import (
    INTERNAL_SERVER_ERROR,
    ApiError,
    ConfigurationError,
    ConnectionFailedError,
    ImageBuilderDistError,
    ResponseError,
    TransportError,
    ValidationError,
    from_botocore,
    request_may_have_arrived,
)

T = TypeVar("T")

# What botocore's parser raises, unprepared, on an answer of another shape.
_PARSER_ERRORS = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


@attrs.define
class _Seen:
    """What botocore's events tell about the call that this thread is making."""

    answer: Mapping[str, Any] | None = None
    """Status, headers and raw body of the last answer."""

    attempts: int = 0
    """Requests that were sent, botocore's own retries included, as far as they can be seen."""

    may_have_arrived: bool = False
    """Whether an attempt ended without an answer, or with a failure of the server, after it may have arrived."""

    @property
    def requests(self) -> int:
        """
        The number of requests; a Stubber or a fake shows none, and is one.
        """
        return max(self.attempts, 1)


_current: ContextVar[_Seen | None] = ContextVar("_current", default=None)


# The two listeners only look, so that a client handed in behaves as before, also for its other users.
def _on_answer(*, response_dict: Mapping[str, Any], **_: object) -> None:
    seen = _current.get()
    if seen is not None:
        seen.answer = response_dict


def _on_attempt(*, response_dict: Mapping[str, Any] | None, exception: Exception | None, **_: object) -> None:
    seen = _current.get()
    if seen is None:
        return
    seen.attempts += 1
    if exception is not None:
        failed = request_may_have_arrived(exception)
    else:
        failed = response_dict is not None and response_dict["status_code"] >= INTERNAL_SERVER_ERROR
    seen.may_have_arrived = seen.may_have_arrived or failed


def watch(client: object) -> None:
    """
    Listen to a boto3 *client*'s events, once however often it is asked; a fake without events is left alone.
    """
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:
        events.register("before-parse.imagebuilder", _on_answer, unique_id="imagebuilder_dist.on_answer")
        events.register("response-received.imagebuilder", _on_attempt, unique_id="imagebuilder_dist.on_attempt")


def require_member(client: object, operation: str, member: str, since: str) -> None:
    """
    Refuse a request with a *member* that the botocore behind *client* is too old to send.

    Args:
        client: A boto3 client; a fake without a service model is believed to know everything.
        operation: The API operation.
        member: The member's name, as the service writes it.
        since: The first botocore that has it.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If the installed botocore doesn't know the member.
    """
    service_model = getattr(getattr(client, "meta", None), "service_model", None)
    if service_model is not None and member not in service_model.operation_model(operation).input_shape.members:
        message = f"{member} of {operation} needs botocore {since} or newer; {botocore.__version__} is installed"
        raise ConfigurationError(message, operation)


@attrs.frozen(kw_only=True)
class Answer:
    """
    A successful answer, as botocore parsed it.
    """

    operation: str
    client_token: str | None
    parsed: Mapping[str, Any]
    body: bytes | None
    """The raw body, where the client lets it be seen."""

    attempts: int
    """Requests that it took."""

    read_only: bool
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
        error = _unreadable(reason, self.operation, self.client_token, status, self.request_id)
        error.attempts, error.may_have_been_applied = self.attempts, not self.read_only
        return error

    @property
    def _metadata(self) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = self.parsed.get("ResponseMetadata", {})
        return metadata


def _unreadable(
    reason: str, operation: str, client_token: str | None, http_status: int | None, request_id: str | None
) -> ResponseError:
    message = f"the answer to {operation} can't be read: {reason}"
    return ResponseError(message, operation, client_token, http_status, request_id)


def call(
    operation: str,
    method: Callable[..., Any],
    parameters: Mapping[str, Any],
    *,
    client_token: str | None = None,
    read: bool = False,
) -> Answer:
    """
    Call *method*, a boto3 client's for *operation*, with *parameters*.

    Args:
        operation: The API operation.
        method: The client's method.
        parameters: Its keyword arguments.
        client_token: The token among them, to be put on errors.
        read: Whether the operation changes nothing.

    Raises:
        imagebuilder_dist.errors.ImageBuilderDistError:
            If it fails, in whatever way; `attempts` says how many requests that took.
    """
    seen = _Seen()
    token = _current.set(seen)
    try:
        return _answer(operation, method, parameters, client_token, seen, read=read)
    except ImageBuilderDistError as error:
        if isinstance(error, ApiError | ResponseError | TransportError):
            error.attempts = seen.requests
        error.may_have_been_applied = not read and (error.may_have_been_applied or seen.may_have_arrived)
        raise
    finally:
        _current.reset(token)


def _answer(
    operation: str,
    method: Callable[..., Any],
    parameters: Mapping[str, Any],
    client_token: str | None,
    seen: _Seen,
    *,
    read: bool,
) -> Answer:
    try:
        parsed = method(**parameters)
    except StubResponseError:  # a test's expectation that wasn't met is the test's to see
        raise
    except (BotoCoreError, ClientError) as error:
        raise from_botocore(error, operation=operation, client_token=client_token) from error
    except _PARSER_ERRORS as error:
        if seen.answer is None:  # not the answer's fault
            raise
        seen.attempts += 1  # botocore doesn't show an answer that it can't parse
        headers, status = seen.answer["headers"], seen.answer["status_code"]
        reason = f"it has not the shape that the service documents ({error})"
        raise _unreadable(reason, operation, client_token, status, headers.get("x-amzn-RequestId")) from error
    if not is_mapping(parsed):
        raise _unreadable(f"it is {found(parsed)}", operation, client_token, None, None)
    body = None if seen.answer is None else seen.answer["body"]
    answer = Answer(
        operation=operation,
        client_token=client_token,
        parsed=parsed,
        body=body,
        attempts=seen.requests,
        read_only=read,
    )
    # botocore takes a body that was cut off, or is no JSON, for one that is empty.
    if seen.answer is not None and parsed.keys() <= {"ResponseMetadata"}:
        _check_body(seen.answer["body"], seen.answer["headers"], answer)
    return answer


def _check_body(body: bytes, headers: Mapping[str, str], answer: Answer) -> None:
    length = headers.get("Content-Length", "")
    if length.isdigit() and len(body) < int(length):
        message = f"the connection was closed after {len(body)} of the answer's {length} bytes"
        raise ConnectionFailedError(message, answer.operation, answer.client_token)
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        raise answer.unreadable("it is no JSON") from error

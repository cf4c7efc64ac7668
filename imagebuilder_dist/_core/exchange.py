"""
What botocore lets be seen of one call, and every failure of it as an error of ours; the same for boto3 and aiobotocore.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from traceback import walk_tb
from typing import Any

import attrs
import botocore
from botocore.exceptions import BotoCoreError, ClientError, StubResponseError

from imagebuilder_dist._core.operations import Call
from imagebuilder_dist._core.responses import Response, check_body, unreadable_response
from imagebuilder_dist._fields import found, is_mapping
from imagebuilder_dist.errors import (
    INTERNAL_SERVER_ERROR,
    ApiError,
    ConfigurationError,
    CredentialsError,
    ImageBuilderDistError,
    ResponseError,
    TransportError,
    from_botocore,
    request_may_have_arrived,
)

# What botocore's parser raises, unprepared, on an answer of another shape.
_PARSER_ERRORS = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


@attrs.define
class Exchange:
    """
    One call on its way: the requests it took, and the last answer, as far as they can be seen.
    """

    call: Call[Any]
    raw: Mapping[str, Any] | None = None
    seen: int = 0
    may_have_arrived: bool = False
    """Whether an attempt ended without an answer, or with a failure of the server, after it may have arrived."""
    signing: bool = False
    """Whether the next request is being signed, so that it can't have been sent."""

    @property
    def requests(self) -> int:
        """
        The number of requests; a Stubber or a fake shows none, and is one.
        """
        return max(self.seen, 1)

    def finish(self, parsed: Any) -> Any:
        """
        Return what the call's answer, as botocore *parsed* it, says.
        """
        call = self.call
        if not is_mapping(parsed):
            raise unreadable_response(f"it is {found(parsed)}", call.operation, call.client_token, None, None)
        response = Response(
            operation=call.operation,
            client_token=call.client_token,
            parsed=parsed,
            body=None if self.raw is None else self.raw["body"],
            attempts=self.requests,
            read_only=call.changes_nothing,
        )
        # botocore takes a body that was cut off, or is no JSON, for one that is empty.
        if self.raw is not None and parsed.keys() <= {"ResponseMetadata"}:
            check_body(self.raw["body"], self.raw["headers"], response)
        return call.read(response)

    def translated(self, error: Exception) -> ImageBuilderDistError | None:
        """Give our counterpart of what a client raised; `None` for what isn't the service's doing."""
        call = self.call
        if isinstance(error, ImageBuilderDistError):
            return error
        if isinstance(error, StubResponseError):  # a test's expectation that wasn't met is the test's to see
            return None
        if self.signing:
            return not_sent(error, call.operation, call.client_token)
        if isinstance(error, BotoCoreError | ClientError):
            return from_botocore(error, operation=call.operation, client_token=call.client_token)
        if isinstance(error, _PARSER_ERRORS) and self.raw is not None:
            self.seen += 1  # botocore doesn't show an answer that it can't parse
            reason = f"it has not the shape that the service documents ({error})"
            headers, status = self.raw["headers"], self.raw["status_code"]
            return unreadable_response(
                reason, call.operation, call.client_token, status, headers.get("x-amzn-RequestId")
            )
        return None


def not_sent(
    error: Exception, operation: str | None = None, client_token: str | None = None
) -> ImageBuilderDistError | None:
    """
    Return our counterpart of what went wrong before anything was sent: while a client was created, or a request signed.

    `None` is for what neither credentials nor configuration explain.
    """
    if isinstance(error, BotoCoreError):
        ours = from_botocore(error, operation=operation, client_token=client_token)
        if isinstance(ours, ConfigurationError | CredentialsError):
            return ours
    # Files, processes, STS and the SSO portal each fail in their own way, but always below a provider of botocore's.
    fetching = any(
        frame.f_globals.get("__name__", "").endswith("botocore.credentials")
        for frame, _ in walk_tb(error.__traceback__)
    )
    if fetching or isinstance(error, ClientError):
        # A parser's text goes on with the body that it was given, which may hold keys.
        text = str(error) if isinstance(error, BotoCoreError) else str(error).partition("\n")[0]
        message = f"the credentials can't be fetched: {type(error).__name__}: {text}"
        return CredentialsError(message, operation, client_token)
    if isinstance(error, BotoCoreError | ValueError):
        return ConfigurationError(str(error), operation, client_token)
    return None


_current: ContextVar[Exchange | None] = ContextVar("_current", default=None)


@contextmanager
def exchange(call: Call[Any]) -> Iterator[Exchange]:
    """
    Watch the one call that is made in the block, and raise an error of ours for whatever goes wrong with it.
    """
    current = Exchange(call)
    token = _current.set(current)
    try:
        yield current
    except Exception as error:
        ours = current.translated(error)
        if ours is None:
            raise
        answered = isinstance(ours, ApiError | ResponseError | TransportError)
        ours.attempts = current.requests if answered else current.seen or None
        ours.may_have_been_applied = not call.changes_nothing and (
            ours.may_have_been_applied or current.may_have_arrived
        )
        if ours is error:
            raise
        raise ours from error
    finally:
        _current.reset(token)


# The listeners only look, so that a client handed in behaves as before, also for its other users.
def _on_answer(*, response_dict: Mapping[str, Any], **_: object) -> None:
    current = _current.get()
    if current is not None:
        current.raw = response_dict


def _on_signing(**_: object) -> None:
    current = _current.get()
    if current is not None:
        current.signing = True


def _on_sending(**_: object) -> None:
    current = _current.get()
    if current is not None:
        current.signing = False


def _on_attempt(*, response_dict: Mapping[str, Any] | None, exception: Exception | None, **_: object) -> None:
    current = _current.get()
    if current is None:
        return
    current.seen += 1
    current.signing = False  # where a listener before ours took the request
    if exception is not None:
        failed = request_may_have_arrived(exception)
    else:
        failed = response_dict is not None and response_dict["status_code"] >= INTERNAL_SERVER_ERROR
    current.may_have_arrived = current.may_have_arrived or failed


def watch(client: object) -> None:
    """
    Listen to a client's events, once however often it is asked; a fake without events is left alone.
    """
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:
        # Before the signer, which listens to the same event.
        events.register_first("request-created.imagebuilder", _on_signing, unique_id="imagebuilder_dist.on_signing")
        events.register_first("before-send.imagebuilder", _on_sending, unique_id="imagebuilder_dist.on_sending")
        events.register("before-parse.imagebuilder", _on_answer, unique_id="imagebuilder_dist.on_answer")
        events.register("response-received.imagebuilder", _on_attempt, unique_id="imagebuilder_dist.on_attempt")


def method_of(client: object, call: Call[Any]) -> Any:
    """
    Return the *client*'s method for *call*, unless its botocore is too old for it.
    """
    if call.requires is not None:
        member, since = call.requires
        model = getattr(getattr(client, "meta", None), "service_model", None)
        if model is not None and member not in model.operation_model(call.operation).input_shape.members:
            needs = f"{member} of {call.operation} needs botocore {since} or newer"
            message = f"{needs}; {botocore.__version__} is installed"
            raise ConfigurationError(message, call.operation)
    return getattr(client, botocore.xform_name(call.operation))

"""
What botocore lets be seen of one call, and every failure of it as an error of ours; the same for boto3 and aiobotocore.
"""

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import attrs
import botocore
from botocore.exceptions import ClientError, StubResponseError

from imagebuilder_dist import _logs, errors
from imagebuilder_dist._core.calls import Call, Response, Send
from imagebuilder_dist._core.translation import AnyBotocoreError, from_botocore, meaning_of, not_sent, presentable
from imagebuilder_dist._fields import describe, is_mapping
from imagebuilder_dist.retries import Attempt, Retries

# What botocore's parser, and our own reading, raise on a response of another shape.
_PARSER_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_MULTIPLE_CHOICES = 300


@attrs.define
class Exchange:
    """
    One call on its way: the requests it took, and the last response, as far as they can be seen.
    """

    call: Call[Any]
    made: int
    """Requests that the call has taken before."""
    most: int
    """Requests that it may take. botocore's own retries can't be told a number for one call, so they are cut short."""
    retries: Retries

    resends: bool
    """Whether the HTTP client may send a request once more, unseen: aiohttp does, after a lost connection."""

    raw: Mapping[str, Any] | None = None
    model: Any = None
    seen: int = 0
    may_have_arrived: bool = False
    """Whether an attempt ended without a response, or with a failure of the server, after it may have arrived."""
    signing: bool = False
    """Whether the next request is being signed, so that it can't have been sent."""
    start: float = 0
    """When the last request was sent."""

    def __attrs_post_init__(self) -> None:
        self.start = self.retries.clock()

    def finish(self, parsed: Any) -> Any:
        """
        Return what the call's response, as botocore *parsed* it, says.
        """
        if not is_mapping(parsed):
            raise self.call.unreadable(f"it is {describe(parsed)}")
        metadata = parsed.get("ResponseMetadata", {})
        if not self.seen:
            self.observe(metadata)
        shown = parsed if self.raw is None else self._content(self.raw)
        content = {key: value for key, value in shown.items() if value is not None and value is not metadata}
        response = Response(call=self.call, content=content, metadata=metadata, model=self.model)
        try:
            return self.call.read(response)
        except _PARSER_ERRORS as error:
            raise response.unreadable("it doesn't have the documented shape") from error

    def observe(self, metadata: Mapping[str, Any], error: str | None = None) -> None:
        """
        Count a request, and tell the log and the hook what came of it: a response's *metadata*, and an *error*'s code.
        """
        self.seen += 1
        attempt = Attempt(
            operation=self.call.operation,
            resource=self.call.resource,
            number=self.made + self.seen,
            client_token=self.call.client_token,
            http_status=metadata.get("HTTPStatusCode"),
            request_id=metadata.get("RequestId"),
            error=error,
            duration=self.retries.clock() - self.start,
        )
        _logs.attempted(attempt)
        if self.retries.on_attempt is not None:
            try:
                self.retries.on_attempt(attempt)
            except Exception:  # noqa: BLE001 - a hook of the user's raises what it likes, and a write goes on
                _logs.hook_failed(attempt)

    def _content(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the body; botocore takes one that was cut off, or isn't a JSON object, for an empty one."""
        body, headers = raw["body"], raw["headers"]
        length = headers.get("Content-Length", "")
        if length.isdecimal() and len(body) < int(length):
            message = f"the connection was closed after {len(body)} of the response's {length} bytes"
            raise errors.ConnectionFailedError(message, client_token=self.call.client_token)
        try:
            content = json.loads(body.decode())
        except (ValueError, RecursionError) as error:
            raise self._unreadable(raw, "it isn't JSON" if body else "it is empty") from error
        if not is_mapping(content):
            raise self._unreadable(raw, "it isn't a JSON object")
        return content

    def _unreadable(self, raw: Mapping[str, Any], reason: str) -> errors.ResponseError:
        error = self.call.unreadable(reason, raw["status_code"], raw["headers"].get("x-amzn-RequestId"))
        error.retryable = not raw["body"]
        return error

    def translated(self, error: Exception) -> errors.ImageBuilderDistError | None:
        """Give our counterpart of what a client raised; `None` for what isn't the service's doing."""
        call = self.call
        if isinstance(error, errors.ImageBuilderDistError):
            return error
        if isinstance(error, StubResponseError):  # a test's expectation that wasn't met is the test's to see
            return None
        if self.signing:
            return not_sent(error, call.operation, call.client_token)
        if isinstance(error, AnyBotocoreError):
            return from_botocore(error, operation=call.operation, client_token=call.client_token)
        if isinstance(error, _PARSER_ERRORS) and self.raw is not None:
            self.observe({"HTTPStatusCode": self.raw["status_code"]})  # botocore doesn't show what it can't parse
            return self._unreadable(self.raw, "it doesn't have the documented shape")
        return None


_current: ContextVar[Exchange | None] = ContextVar("_current", default=None)


@contextmanager
def exchange(send: Send, retries: Retries, *, resends: bool = False) -> Generator[Exchange, None, None]:
    """
    Watch the one call that is made in the block, and raise an error of ours for whatever goes wrong with it.
    """
    call = send.call
    current = Exchange(call, send.made, send.most, retries, resends)
    token = _current.set(current)
    try:
        yield current
    except Exception as error:
        ours = current.translated(error)
        if ours is None:
            raise
        ours.operation, ours.resource = call.operation, call.resource
        if isinstance(ours, errors.ApiError | errors.ResponseError | errors.TransportError) and not current.seen:
            current.observe({"HTTPStatusCode": ours.http_status, "RequestId": ours.request_id}, _logs.reason_of(ours))
        ours.attempts = current.seen or None
        # What was sent twice may fail for that reason: what a delete or an untag has removed isn't found any more.
        is_gone = isinstance(ours, errors.ResourceNotFoundException) and call.client_token is None
        resent = current.resends and (is_gone or isinstance(ours, errors.TransportError))
        ours.may_have_been_applied = not call.changes_nothing and (
            ours.may_have_been_applied or current.may_have_arrived or resent
        )
        if ours is error:
            raise
        raise ours from presentable(error)
    finally:
        _current.reset(token)


# The listeners act in our own calls alone, so that a client that is passed in behaves as before for its other users.
def _on_response(*, response_dict: Mapping[str, Any], operation_model: Any, **_: object) -> None:
    current = _current.get()
    if current is not None:
        current.raw, current.model = response_dict, operation_model


def _on_own_response(*, response_dict: dict[str, Any], **rest: Any) -> None:
    # In a client of our own nobody else reads the body, so botocore need not: that saves up to half of a get.
    _on_response(response_dict={**response_dict}, **rest)
    if response_dict["status_code"] < _MULTIPLE_CHOICES:
        response_dict["body"] = b""


def _on_signing(**_: object) -> None:
    current = _current.get()
    if current is not None:
        current.signing = True


def _on_sending(**_: object) -> None:
    current = _current.get()
    if current is not None:
        current.signing, current.start = False, current.retries.clock()


def _on_attempt(
    *, response_dict: Mapping[str, Any] | None, parsed_response: Any, exception: Exception | None, **_: object
) -> None:
    current = _current.get()
    if current is None:
        return
    current.signing = False  # if a listener before ours took the request
    if exception is not None:
        cls, may_have_been_sent = meaning_of(exception)
        if issubclass(cls, errors.TransportError):
            current.observe({}, cls.__name__)
        current.may_have_arrived = current.may_have_arrived or may_have_been_sent
        if current.seen >= current.most:
            raise exception
        return
    code = parsed_response.get("Error", {}).get("Code")
    current.observe(parsed_response.get("ResponseMetadata", {}), code and str(code))
    status = response_dict["status_code"] if response_dict is not None else 0
    current.may_have_arrived = current.may_have_arrived or status >= errors.INTERNAL_SERVER_ERROR
    if status >= _MULTIPLE_CHOICES and current.seen >= current.most:
        retried = current.seen - 1
        gave_up = bool(retried) and status >= errors.INTERNAL_SERVER_ERROR
        parsed_response["ResponseMetadata"] |= {"RetryAttempts": retried, "MaxAttemptsReached": gave_up}
        raise ClientError(parsed_response, current.call.operation)


def watch(client: object, *, own: bool) -> None:
    """
    Listen to a client's events, once however often it is asked; a fake without events is left alone.

    What a client of our *own* receives is read here alone.
    """
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:
        # Before the signer, which listens to the same event.
        events.register_first("request-created.imagebuilder", _on_signing, unique_id="imagebuilder_dist.on_signing")
        events.register_first("before-send.imagebuilder", _on_sending, unique_id="imagebuilder_dist.on_sending")
        on_response = _on_own_response if own else _on_response
        events.register("before-parse.imagebuilder", on_response, unique_id="imagebuilder_dist.on_response")
        # Last, so that others have seen the attempt when it ends the call.
        events.register_last("response-received.imagebuilder", _on_attempt, unique_id="imagebuilder_dist.on_attempt")


def make(client: object, send: Send, retries: Retries) -> Any:
    """
    Make a call with a *client* whose methods return at once what they are asked for, and return what it says.
    """
    with exchange(send, retries) as current:
        return current.finish(method_of(client, send.call)(**send.call.parameters))


_ARN = re.compile(r"arn:[^:]*:imagebuilder:([^:]+):")


def method_of(client: object, call: Call[Any]) -> Any:
    """
    Return the *client*'s method for *call*, unless its botocore is too old for it, or its Region isn't the ARN's.
    """
    meta = getattr(client, "meta", None)
    arn, region = _ARN.match(call.resource or ""), getattr(meta, "region_name", None)
    if arn and isinstance(region, str) and arn[1] != region:
        error = errors.ConfigurationError(f"the client calls {region}, and the ARN is one of {arn[1]}")
        error.remedy = f"use a client for {arn[1]}, such as DistributionConfigurationClient(region_name={arn[1]!r})"
        raise error
    if call.requires is not None:
        member, since = call.requires
        model = getattr(meta, "service_model", None)
        if model is not None and member not in model.operation_model(call.operation).input_shape.members:
            needs = f"{member} of {call.operation} needs botocore {since} or newer"
            error = errors.ConfigurationError(f"{needs}; {botocore.__version__} is installed")
            error.remedy = "install a newer boto3"
            raise error
    return getattr(client, botocore.xform_name(call.operation))

"""
Observe one call through botocore's events, and raise its failures as the library's errors.

This works alike for boto3 and aiobotocore.
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

from imagebuilder_dist import errors
from imagebuilder_dist._client import logs
from imagebuilder_dist._client.calls import Call, Response, Send
from imagebuilder_dist._client.retries import Attempt, Retries
from imagebuilder_dist._client.translation import AnyBotocoreError, from_botocore, meaning_of, not_sent, presentable
from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._common.text import describe

# Botocore's parser and our own reading raise these if a response has an unexpected shape.
_PARSER_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_MULTIPLE_CHOICES = 300


@attrs.define
class Exchange:
    """
    A call in progress: the requests that it has taken, and the last response, as far as botocore shows them.
    """

    call: Call[Any]
    made: int
    """Requests that the call took in earlier attempts."""
    most: int
    """Requests that this attempt may take. It cuts short botocore's own retries, which have no limit per call."""
    retries: Retries

    resends: bool
    """Whether the HTTP client may resend a request unseen, as aiohttp does after a lost connection."""

    raw: Mapping[str, Any] | None = None
    model: Any = None
    seen: int = 0
    may_have_arrived: bool = False
    """Whether an attempt that may have reached the service ended without a response or with a server failure."""
    signing: bool = False
    """Whether the next request is being signed, and so hasn't been sent."""
    start: float = 0
    """When the last request was sent."""

    def __attrs_post_init__(self) -> None:
        self.start = self.retries.clock()

    def finish(self, parsed: Any) -> Any:
        """
        Return the call's result, read from the response that botocore *parsed*.
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
        Count a request, and report its outcome to the log and the hook: the response's *metadata*, the *error*'s code.
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
        logs.attempted(attempt)
        if self.retries.on_attempt is not None:
            try:
                self.retries.on_attempt(attempt)
            except Exception:  # noqa: BLE001 - a user's hook may raise anything, and must not fail a write
                logs.hook_failed(attempt)

    def _content(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Parse the body ourselves: botocore treats one that was cut off, or isn't a JSON object, as empty."""
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
        """Return the library's error for what a client raised; `None` if it has nothing to do with the service."""
        call = self.call
        if isinstance(error, errors.ImageBuilderDistError):
            return error
        if isinstance(error, StubResponseError):  # a Stubber's failed expectation has to reach the test
            return None
        if self.signing:
            return not_sent(error, call.operation, call.client_token)
        if isinstance(error, AnyBotocoreError):
            return from_botocore(error, operation=call.operation, client_token=call.client_token)
        if isinstance(error, _PARSER_ERRORS) and self.raw is not None:
            self.observe({"HTTPStatusCode": self.raw["status_code"]})  # botocore fires no event for what it can't parse
            return self._unreadable(self.raw, "it doesn't have the documented shape")
        return None


_current: ContextVar[Exchange | None] = ContextVar("_current", default=None)


@contextmanager
def exchange(send: Send, retries: Retries, *, resends: bool = False) -> Generator[Exchange, None, None]:
    """
    Observe the call that is made in the block, and raise its failure as one of the library's errors.
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
            current.observe({"HTTPStatusCode": ours.http_status, "RequestId": ours.request_id}, logs.reason_of(ours))
        ours.attempts = current.seen or None
        # A resent delete or untag may fail because the first one worked: the resource isn't found any more.
        is_gone = isinstance(ours, errors.ResourceNotFoundException) and call.client_token is None
        resent = current.resends and (is_gone or isinstance(ours, errors.TransportError))
        ours.may_have_been_applied = not call.changes_nothing and (
            ours.may_have_been_applied or current.may_have_arrived or resent
        )
        # A fake may raise the same error in every attempt.
        if ours.may_have_been_applied and call.client_token is not None and call.again not in str(ours.remedy):
            ours.remedy = "; ".join(filter(None, [ours.remedy, call.again]))
        if ours is error:
            raise
        raise ours from presentable(error)
    finally:
        _current.reset(token)


# The listeners act only during our own calls, so that a client that is passed in doesn't change for its other users.
def _on_response(*, response_dict: Mapping[str, Any], operation_model: Any, **_: object) -> None:
    current = _current.get()
    if current is not None:
        current.raw, current.model = response_dict, operation_model


def _on_own_response(*, response_dict: dict[str, Any], **rest: Any) -> None:
    # Nobody else reads the body in a client of our own. Hiding it from botocore's parser saves up to half of a get.
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
    current.signing = False  # it stays set if an earlier listener stubs the request
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
    current.may_have_arrived = current.may_have_arrived or status >= errors.FAILED
    if status >= _MULTIPLE_CHOICES and current.seen >= current.most:
        retried = current.seen - 1
        gave_up = bool(retried) and status >= errors.FAILED
        parsed_response["ResponseMetadata"] |= {"RetryAttempts": retried, "MaxAttemptsReached": gave_up}
        raise ClientError(parsed_response, current.call.operation)


def watch(client: object, *, own: bool) -> None:
    """
    Register listeners for a client's events, once per client; a fake without events is left alone.

    If the client is our *own*, the body is read here and hidden from botocore's parser.
    """
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:
        # First, because the signer listens to the same event.
        events.register_first("request-created.imagebuilder", _on_signing, unique_id="imagebuilder_dist.on_signing")
        events.register_first("before-send.imagebuilder", _on_sending, unique_id="imagebuilder_dist.on_sending")
        on_response = _on_own_response if own else _on_response
        events.register("before-parse.imagebuilder", on_response, unique_id="imagebuilder_dist.on_response")
        # Last, so that other listeners see the attempt before this one ends the call.
        events.register_last("response-received.imagebuilder", _on_attempt, unique_id="imagebuilder_dist.on_attempt")


def make(client: object, send: Send, retries: Retries) -> Any:
    """
    Make a call with a synchronous *client*, and return its result.
    """
    with exchange(send, retries) as current:
        return current.finish(method_of(client, send.call)(**send.call.parameters))


_ARN = re.compile(r"arn:[^:]*:imagebuilder:([^:]+):")


def method_of(client: object, call: Call[Any]) -> Any:
    """
    Return the *client*'s method for *call*.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If the client's botocore is too old for *call*, or its Region isn't the ARN's.
    """
    meta = getattr(client, "meta", None)
    arn, region = _ARN.match(call.resource or ""), getattr(meta, "region_name", None)
    if arn and isinstance(region, str) and arn[1] != region:
        error = errors.ConfigurationError(f"the client calls {region}, but the ARN is in {arn[1]}")
        error.remedy = f"use a client for {arn[1]}, such as DistributionConfigurationClient(region_name={arn[1]!r})"
        raise error
    if call.requires is not None:
        member, since = call.requires
        model = getattr(meta, "service_model", None)
        if model is not None and member not in model.operation_model(call.operation).input_shape.members:
            needs = f"{member} of {call.operation} needs botocore {since} or newer"
            error = errors.ConfigurationError(f"{needs}; {botocore.__version__} is installed")
            error.remedy = "upgrade boto3"
            raise error
    return getattr(client, botocore.xform_name(call.operation))

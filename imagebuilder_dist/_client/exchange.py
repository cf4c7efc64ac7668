"""
Observe one call through botocore's events, and raise its failures as the library's errors.

This works alike for boto3 and aiobotocore.
"""

import json
import re
from collections.abc import Mapping
from contextvars import ContextVar, Token
from functools import cache
from typing import Any, Self

import botocore
from botocore.exceptions import ClientError, StubResponseError

from imagebuilder_dist import errors
from imagebuilder_dist._client import logs, translation
from imagebuilder_dist._client.calls import Call
from imagebuilder_dist._client.retries import Attempt, Retries
from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._common.text import describe

# Botocore's parser and our own reading raise these if a response has an unexpected shape.
_PARSER_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_MULTIPLE_CHOICES = 300


class Exchange:
    """
    A call in progress, made in its `with` block: its requests and the last response, as far as botocore shows them.

    A failure is raised as one of the library's errors.

    Args:
        call: The call.
        retries: Who is told of each request, and the clock.
        resends: Whether the HTTP client may resend a request unseen, as aiohttp does after a lost connection.
    """

    def __init__(self, call: Call[Any], retries: Retries, *, resends: bool = False) -> None:
        self.call, self.retries, self.resends = call, retries, resends
        self.raw: Mapping[str, Any] | None = None
        self.seen = 0
        # Whether a request that may have reached the service ended without a response or with a server failure.
        self.may_have_arrived = False
        # When the last request was sent.
        self.start = retries.clock()

    def __enter__(self) -> Self:
        self._token: Token[Exchange | None] = _current.set(self)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        _current.reset(self._token)
        if isinstance(error, Exception):
            self._fail(error)

    def finish(self, parsed: Any) -> Any:
        """
        Return the call's result, read from the response that botocore *parsed*.
        """
        call = self.call
        if not is_mapping(parsed):
            raise call.unreadable(f"it is {describe(parsed)}")
        metadata = parsed.get("ResponseMetadata", {})
        if not self.seen:
            self.observe(metadata)
        call.http_status, call.request_id = metadata.get("HTTPStatusCode"), metadata.get("RequestId")
        shown = parsed if self.raw is None else self._content(self.raw)
        content = {key: value for key, value in shown.items() if value is not None and value is not metadata}
        if isinstance(content.get("requestId"), str):
            call.request_id = content["requestId"]
        try:
            return call.reader(call, content)
        except _PARSER_ERRORS:
            raise call.unreadable("it doesn't have the documented shape") from None  # it may show values

    def observe(self, metadata: Mapping[str, Any], error: str | None = None) -> None:
        """
        Count a request, and report its outcome to the log and the hook: the response's *metadata*, the *error*'s code.
        """
        self.seen += 1
        hook = self.retries.on_attempt
        if hook is None and not logs.shows_attempts():
            return
        attempt = Attempt(
            operation=self.call.operation,
            resource=self.call.resource,
            number=self.call.made + self.seen,
            client_token=self.call.client_token,
            http_status=metadata.get("HTTPStatusCode"),
            request_id=metadata.get("RequestId"),
            error=error,
            duration=self.retries.clock() - self.start,
        )
        logs.attempted(attempt)
        try:
            if hook is not None:
                hook(attempt)
        except Exception:  # noqa: BLE001 - a user's hook may raise anything, and must not fail a write
            logs.hook_failed(attempt)

    def _content(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Parse the body ourselves: botocore treats one that was cut off, or isn't a JSON object, as empty."""
        body, length = raw["body"], raw["headers"].get("Content-Length", "")
        if length.isdecimal() and len(body) < int(length):
            message = f"the connection was closed after {len(body)} of the response's {length} bytes"
            raise errors.ConnectionFailedError(message)
        try:
            content = json.loads(body.decode())
        except (ValueError, RecursionError) as error:
            unreadable = self.call.unreadable("it isn't JSON" if body else "it is empty")
            unreadable.retryable = not body
            raise unreadable from error
        if not is_mapping(content):
            raise self.call.unreadable("it isn't a JSON object")
        return content

    def _fail(self, error: Exception) -> None:
        """Raise the library's error for what a client raised, unless it has nothing to do with the service."""
        call, ours = self.call, self._translated(error)
        if ours is None:
            return
        ours.operation, ours.resource, ours.client_token = call.operation, call.resource, call.client_token
        if isinstance(ours, errors.ApiError | errors.ResponseError | errors.TransportError) and not self.seen:
            self.observe({"HTTPStatusCode": ours.http_status, "RequestId": ours.request_id}, logs.reason_of(ours))
        ours.attempts = self.seen or None
        # A resent delete or untag may fail because the first one worked: the resource isn't found any more.
        is_gone = isinstance(ours, errors.NotFoundError) and call.client_token is None
        resent = self.resends and (is_gone or isinstance(ours, errors.TransportError))
        ours.may_have_been_applied = not call.changes_nothing and (
            ours.may_have_been_applied or self.may_have_arrived or resent
        )
        if ours is not error:
            raise ours from translation.cause_of(error)

    def _translated(self, error: Exception) -> errors.ImageBuilderDistError | None:
        call = self.call
        if isinstance(error, errors.ImageBuilderDistError):
            return error
        if isinstance(error, StubResponseError):  # a Stubber's failed expectation has to reach the test
            return None
        if translation.passed(error, "botocore.signers"):  # it is raised before anything is sent
            return translation.not_sent(error)
        if isinstance(error, translation.AnyBotocoreError):
            return translation.from_botocore(error)
        if isinstance(error, _PARSER_ERRORS) and self.raw is not None:
            # Botocore fires no event for what it can't parse.
            call.http_status, call.request_id = self.raw["status_code"], self.raw["headers"].get("x-amzn-RequestId")
            self.observe({"HTTPStatusCode": call.http_status})
            return call.unreadable("it doesn't have the documented shape")
        return None


_current: ContextVar[Exchange | None] = ContextVar("_current", default=None)


# The listeners act only during our own calls, so that a client that is passed in doesn't change for its other users.
def _on_sending(**_: object) -> None:
    current = _current.get()
    if current is not None:
        current.start = current.retries.clock()


def _on_response(*, response_dict: Mapping[str, Any], operation_model: Any, **_: object) -> None:
    current = _current.get()
    if current is not None:
        current.raw, current.call.model = response_dict, operation_model


def _on_own_response(*, response_dict: dict[str, Any], operation_model: Any, **_: object) -> None:
    # Nobody else reads the body in a client of our own. Hiding it from botocore's parser saves up to half of a get.
    current = _current.get()
    if current is not None:
        current.raw, current.call.model = {**response_dict}, operation_model
    if response_dict["status_code"] < _MULTIPLE_CHOICES:
        response_dict["body"] = b""


def _on_attempt(
    *, response_dict: Mapping[str, Any] | None, parsed_response: Any, exception: Exception | None, **_: object
) -> None:
    current = _current.get()
    if current is None:
        return
    if exception is not None:
        cls, may_have_been_sent = translation.meaning_of(exception)
        if issubclass(cls, errors.TransportError):
            current.observe({}, cls.__name__)
        current.may_have_arrived = current.may_have_arrived or may_have_been_sent
        if current.seen >= current.call.left:
            raise exception
        return
    code = parsed_response.get("Error", {}).get("Code")
    current.observe(parsed_response.get("ResponseMetadata", {}), code and str(code))
    status = response_dict["status_code"] if response_dict is not None else 0
    if status >= errors.FAILED:
        current.may_have_arrived = True
    # This cuts short botocore's own retries, which have no limit per call.
    if status >= _MULTIPLE_CHOICES and current.seen >= current.call.left:
        raise ClientError(parsed_response, current.call.operation)


def watch(client: object, *, own: bool) -> None:
    """
    Register listeners for a client's events, once per client; a fake without events is left alone.

    If the client is our *own*, the body is read here and hidden from botocore's parser.
    """
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:
        events.register_first("before-send.imagebuilder", _on_sending, unique_id="imagebuilder_dist.on_sending")
        on_response = _on_own_response if own else _on_response
        events.register("before-parse.imagebuilder", on_response, unique_id="imagebuilder_dist.on_response")
        # Last, so that other listeners see the attempt before this one ends the call.
        events.register_last("response-received.imagebuilder", _on_attempt, unique_id="imagebuilder_dist.on_attempt")


def make(client: object, call: Call[Any], retries: Retries) -> Any:
    """
    Make a call with a synchronous *client*, and return its result.
    """
    with Exchange(call, retries) as exchange:
        return exchange.finish(method_of(client, call)(**call.parameters))


_method_name = cache(botocore.xform_name)
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
    if arn and arn[1] != region and isinstance(region, str):
        error = errors.ConfigurationError(f"the client calls {region}, but the ARN is in {arn[1]}")
        error.remedy = f"use a client for {arn[1]}, such as DistributionConfigurationClient(region_name={arn[1]!r})"
        raise error
    model = getattr(meta, "service_model", None)
    if "dryRun" in call.parameters and model is not None:
        # An older botocore leaves out what it doesn't know, and would create the configuration.
        known = model.operation_model(call.operation).input_shape.members
        if "dryRun" not in known:
            error = errors.ConfigurationError(f"dryRun needs botocore 1.43.94 or newer, not {botocore.__version__}")
            error.remedy = "upgrade boto3"
            raise error
    return getattr(client, _method_name(call.operation))

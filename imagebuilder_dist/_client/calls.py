"""
A call to the service: its requests observed through botocore's events, its response read, its failure translated.

This works alike for boto3 and aiobotocore, and does no I/O itself.
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any, Generic, Self, TypeAlias, TypeVar

import attrs
import botocore
from botocore.exceptions import ClientError, StubResponseError

from imagebuilder_dist import errors
from imagebuilder_dist._client import logs, translation
from imagebuilder_dist._client.retries import Attempt, Retries
from imagebuilder_dist._common.arns import split_arn
from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes import converter

T = TypeVar("T")
T_read = TypeVar("T_read")
Content: TypeAlias = Mapping[str, Any]
"""The members of a response's body that aren't null; behind a Stubber or a fake, those of what it returns."""

# Botocore's parser and our own reading raise these if a response has an unexpected shape.
_PARSER_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_MULTIPLE_CHOICES = 300


# Not frozen, like whatever is made for each call: making a frozen instance takes twice as long.
@attrs.define(eq=False, repr=False)
class Call(Generic[T]):
    """
    A call, made in its `with` block as often as it is retried.
    """

    retries: Retries
    operation: str
    parameters: Mapping[str, Any]

    reader: "Reader[T]"
    """What reads the content of its response."""

    resource: str | None = None
    """The configuration concerned: its ARN, or its name if it is to be created."""

    client_token: str | None = None

    warnings: tuple[errors.Issue, ...] = ()
    """Validation's warnings."""

    made: int = 0
    """Requests that earlier attempts took."""

    left: int = 1
    """Requests that this attempt may take. It cuts short botocore's own retries, which have no limit per call."""

    resends: bool = False
    """Whether the HTTP client may resend a request unseen, as aiohttp does after a lost connection."""

    seen: int = 0
    """Requests of this attempt, as far as botocore shows them."""

    may_have_arrived: bool = False
    """Whether one of them may have reached the service, but ended without a response or with a server failure."""

    start: float = 0
    """When the last one was sent."""

    raw: Mapping[str, Any] | None = None
    """Its response."""

    model: Any = None
    """Botocore's model of the operation; `None` behind a Stubber or a fake, which send nothing."""

    http_status: int | None = None
    request_id: str | None = None

    is_replay: bool = False
    """Whether the service returned its response to an earlier request with the same client token."""

    _token: Any = None

    @property
    def changes_nothing(self) -> bool:
        """
        Whether it only reads.
        """
        return self.operation.startswith(("Get", "List"))

    def __enter__(self) -> Self:
        self.seen, self.may_have_arrived, self.raw, self.model = 0, False, None, None
        self.start = self.retries.clock()
        self._token = _current.set(self)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        _current.reset(self._token)
        if not isinstance(error, Exception) or (ours := self._translated(error)) is None:
            return
        ours.operation, ours.resource, ours.client_token = self.operation, self.resource, self.client_token
        # Behind a Stubber or a fake no event is fired, so the request hasn't been counted yet.
        if isinstance(ours, errors.ApiError | errors.ResponseError | errors.TransportError) and not self.seen:
            self.observe({"HTTPStatusCode": ours.http_status, "RequestId": ours.request_id}, logs.reason_of(ours))
        ours.attempts = self.seen or None
        # A resent delete or untag may fail because the first one worked: the resource isn't found any more.
        is_gone = isinstance(ours, errors.NotFoundError) and self.client_token is None
        resent = self.resends and (is_gone or isinstance(ours, errors.TransportError))
        may_have_been_applied = ours.may_have_been_applied or self.may_have_arrived or resent
        ours.may_have_been_applied = may_have_been_applied and not self.changes_nothing
        if ours is not error:
            raise ours from translation.cause_of(error)

    def finish(self, parsed: Any) -> T:
        """
        Return the call's result, read from the response that botocore *parsed*.
        """
        if not is_mapping(parsed):
            raise self.unreadable(f"it is {describe(parsed)}")
        metadata = parsed.get("ResponseMetadata", {})
        if not self.seen:
            self.observe(metadata)
        self.http_status, self.request_id = metadata.get("HTTPStatusCode"), metadata.get("RequestId")
        # Botocore's parser drops what its model doesn't know, and an edit would then lose it unseen.
        shown = parsed if self.raw is None else self._content(self.raw)
        content = {key: value for key, value in shown.items() if value is not None and value is not metadata}
        if isinstance(content.get("requestId"), str):
            # AWS doesn't document that its two ids agree, so the difference is a hint and no proof.
            self.is_replay = self.raw is not None and self.request_id not in {None, content["requestId"]}
            self.request_id = content["requestId"]
        try:
            return self.reader(self, content)
        except _PARSER_ERRORS:
            raise self.unreadable("it doesn't have the documented shape") from None  # it may show values

    def _content(self, raw: Mapping[str, Any]) -> Content:
        """Parse the body ourselves: botocore treats one that was cut off, or isn't a JSON object, as empty."""
        body, length = raw["body"], raw["headers"].get("Content-Length", "")
        if length.isdecimal() and len(body) < int(length):
            message = f"the connection was closed after {len(body)} of the response's {length} bytes"
            raise errors.ConnectionFailedError(message)
        try:
            content = json.loads(body.decode())
        except (ValueError, RecursionError) as error:
            unreadable = self.unreadable("it isn't JSON" if body else "it is empty")
            unreadable.retryable = not body
            raise unreadable from error
        if not is_mapping(content):
            raise self.unreadable("it isn't a JSON object")
        return content

    def read(self, data: object, cls: type[T_read]) -> tuple[T_read, tuple[str, ...]]:
        """
        Convert *data*, taken from the response, to a *cls*; return the paths of unknown members, too.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If *data* can't be read as a *cls*.
        """
        try:
            return converter.read(data, cls)
        except errors.ValidationError as error:
            # Without the issues' messages, which show values: a response may contain anything.
            where = ", ".join(f"{issue.path or 'the whole'} ({issue.rule})" for issue in error.issues)
            raise self.unreadable(f"it doesn't have the documented shape: {where}") from None

    def unreadable(self, reason: str) -> errors.ResponseError:
        """
        Return the error for a response that can't be read.
        """
        error = errors.ResponseError(f"the response to {self.operation} can't be read: {reason}")
        error.http_status, error.request_id = self.http_status, self.request_id
        return error

    def observe(self, metadata: Mapping[str, Any], error: str | None = None) -> None:
        """
        Count a request, and report its outcome to the log and the hook: the response's *metadata*, the *error*'s code.
        """
        self.seen += 1
        hook = self.retries.on_attempt
        if hook is None and not logs.shows_attempts():
            return
        attempt = Attempt(
            operation=self.operation,
            resource=self.resource,
            number=self.made + self.seen,
            client_token=self.client_token,
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

    def _translated(self, error: Exception) -> errors.ImageBuilderDistError | None:
        """Return the library's error for what a client raised; `None` if it has nothing to do with the service."""
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
            self.http_status, self.request_id = self.raw["status_code"], self.raw["headers"].get("x-amzn-RequestId")
            self.observe({"HTTPStatusCode": self.http_status})
            return self.unreadable("it doesn't have the documented shape")
        return None


Reader: TypeAlias = Callable[[Call[T], Content], T]

_current: ContextVar[Call[Any] | None] = ContextVar("_current", default=None)


# The listeners act only during our own calls, so that a client that is passed in doesn't change for its other users.
def _on_sending(**_: object) -> None:
    if call := _current.get():
        call.start = call.retries.clock()


def _on_response(*, response_dict: Mapping[str, Any], operation_model: Any, **_: object) -> None:
    if call := _current.get():
        call.raw, call.model = response_dict, operation_model


def _on_own_response(*, response_dict: dict[str, Any], operation_model: Any, **_: object) -> None:
    if call := _current.get():
        call.raw, call.model = {**response_dict}, operation_model
    # Nobody else reads the body in a client of our own. Hiding it from botocore's parser saves up to half of a get.
    if response_dict["status_code"] < _MULTIPLE_CHOICES:
        response_dict["body"] = b""


def _on_attempt(
    *, response_dict: Mapping[str, Any] | None, parsed_response: Any, exception: Exception | None, **_: object
) -> None:
    call = _current.get()
    if call is None:
        return
    if exception is not None:
        cls, may_have_been_sent, _remedy = translation.meaning_of(exception)
        if issubclass(cls, errors.TransportError):
            call.observe({}, cls.__name__)
        call.may_have_arrived |= may_have_been_sent
        if call.seen >= call.left:
            raise exception
        return
    code = parsed_response.get("Error", {}).get("Code")
    call.observe(parsed_response.get("ResponseMetadata", {}), str(code) if code else None)
    status = response_dict["status_code"] if response_dict is not None else 0
    call.may_have_arrived |= status >= errors.FAILED
    if status >= _MULTIPLE_CHOICES and call.seen >= call.left:
        raise ClientError(parsed_response, call.operation)


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


_method_name = cache(botocore.xform_name)


def region_of(client: object) -> str | None:
    """
    Return the Region that *client* calls; `None` if it doesn't tell, like a fake or a mock.
    """
    region = getattr(getattr(client, "meta", None), "region_name", None)
    return region if isinstance(region, str) else None


def method_of(client: object, call: Call[Any]) -> Any:
    """
    Return the *client*'s method for *call*.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If the client's botocore is too old for *call*, or its Region isn't the ARN's.
    """
    region, resource = region_of(client), call.resource or ""
    # Taking an ARN apart takes longer.
    arn = split_arn(resource) if region is not None and f":{region}:" not in resource else None
    if arn and arn.service == "imagebuilder" and arn.region:
        remedy = f"use a client for {arn.region}, such as DistributionConfigurationClient(region_name={arn.region!r})"
        raise errors.ConfigurationError(f"the client calls {region}, but the ARN is in {arn.region}", remedy=remedy)
    model = getattr(getattr(client, "meta", None), "service_model", None) if "dryRun" in call.parameters else None
    if model is not None:
        # An older botocore leaves out what it doesn't know, and would create the configuration.
        known = model.operation_model(call.operation).input_shape.members
        if "dryRun" not in known:
            message = f"dryRun needs botocore 1.43.94 or newer, not {botocore.__version__}"
            raise errors.ConfigurationError(message, remedy="upgrade boto3")
    return getattr(client, _method_name(call.operation))


def make(client: object, call: Call[T]) -> T:
    """
    Make a call with a synchronous *client*, and return its result.
    """
    with call:
        return call.finish(method_of(client, call)(**call.parameters))

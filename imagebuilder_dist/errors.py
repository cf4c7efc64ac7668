"""
Everything that can go wrong, as classes that can be imported.

One question a level: was it sent? did an answer come? could it be read? what did it say?

```
ImageBuilderDistError
|-- ValidationError           not sent: the request is wrong, and `issues` says where (also a ValueError)
|-- ConfigurationError        not sent: no Region, no such profile, an endpoint that is no URL
|-- UnmodelledSettingsError   not sent: it would lose settings that nobody here knows
|-- ConcurrentModificationError  not sent: somebody else was faster
|-- CredentialsError          not sent: there is nothing to sign it with
|-- TransportError            no answer came: `may_have_been_applied` says what that can mean
|   |-- ConnectionFailedError
|   `-- RequestTimeoutError
|-- ResponseError             an answer came that nobody can read
`-- ApiError                  the service said no (also botocore's ClientError)
    |-- AccessDeniedException
    |-- ...                   one class for every error that the service's model knows
    `-- TooManyRequestsException
```

Every error pickles, copies and hashes, and keeps its fields when it does.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

import attrs
import botocore.exceptions as boto
from botocore.exceptions import ClientError

Severity: TypeAlias = Literal["error", "warning"]
Fault: TypeAlias = Literal["client", "server"]


def _repr(value: object) -> str:
    try:
        return repr(value)
    except (RecursionError, ValueError):  # it is too deep, or holds an integer that Python doesn't write
        return _stand_in(value)


def _stand_in(value: object) -> str:
    return f"<{type(value).__name__}>"


@attrs.frozen
class Issue:
    """
    One thing that is wrong in a document or a request.
    """

    path: str
    """
    Where, as the service writes it: `distributions[0].amiDistributionConfiguration.name`. Empty for the whole.

    A key with other characters than those of members and tag keys is shown escaped: `amiTags['a\\nb']`.
    """

    rule: str
    """A short id of the rule that is broken, for example `required`."""

    severity: Severity
    """An `error` is rejected; a `warning` is stored by the service but surprises in the build."""

    message: str
    """What is wrong and what is allowed, to be read after the path. It may show the value, so log path and rule."""

    value: object = attrs.field(default=None, hash=False, repr=_repr)
    """The value found there; `None` if nothing is there. One that can't be pickled pickles as its type's name."""

    def __reduce__(self) -> tuple[type["Issue"], tuple[object, ...]]:
        import pickle  # noqa: PLC0415 - the library needs it for nothing else

        value = self.value
        try:
            pickle.dumps(value)
        except Exception:  # noqa: BLE001 - a value of the user's raises what it likes
            value = _stand_in(value)
        return type(self), (self.path, self.rule, self.severity, self.message, value)

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return text if self.severity == "error" else f"{text} (warning)"


class ImageBuilderDistError(Exception):
    """
    The root: catching it catches everything that this library raises on purpose, except `TypeError`.
    """

    http_status: int | None = None
    """The HTTP status of the answer, where one came."""

    request_id: str | None = None
    """The service's id of the request, where an answer carried one."""

    attempts: int | None = None
    """Requests that the call took, those counted that botocore repeated; `None` where none was sent."""

    elapsed: float | None = None
    """Seconds from the first of them to the failure."""

    may_have_been_applied: bool = False
    """
    Whether the service may have run a write all the same, in this or an earlier attempt.

    `False` means that it certainly didn't, or that the operation only reads.
    After `True`, repeat a write with the same `client_token`: the service runs it at most once.
    """

    def __init__(self, message: str, operation: str | None = None, client_token: str | None = None) -> None:
        super().__init__(message, operation, client_token)
        self.message = message
        self.operation = operation
        self.client_token = client_token

    def __str__(self) -> str:
        return self.message + self._history()

    def _history(self) -> str:
        repeated = self.attempts is not None and self.attempts > 1
        history: list[str] = []
        if repeated and self.elapsed is not None:
            history.append(f"{self.attempts} attempts over {self.elapsed:.1f} s")
        if self.client_token and (repeated or self.may_have_been_applied):
            history.append(f"client token {self.client_token}")
        return f" ({', '.join(history)})" if history else ""


class ValidationError(ImageBuilderDistError, ValueError):
    """
    The document or request is wrong; nothing was sent.

    `issues` holds every problem at once, each with its path.
    """

    def __init__(self, issues: Iterable[Issue], operation: str | None = None, client_token: str | None = None) -> None:
        self.issues: tuple[Issue, ...] = tuple(issues)
        count = len(self.issues)
        lines = "".join(f"\n  {issue}" for issue in self.issues)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}:{lines}", operation, client_token)
        self.args: tuple[Any, ...] = (self.issues, operation, client_token)


class ConfigurationError(ImageBuilderDistError):
    """
    The client can't be made or can't tell where to send: no Region, no such profile, an unusable endpoint.

    Nothing was sent.
    """


class UnmodelledSettingsError(ImageBuilderDistError):
    """
    The service keeps settings that this library or botocore doesn't know, and a write would lose them.

    Nothing was written. A newer botocore may know them; `allow_unmodelled=True` writes all the same.
    """

    def __init__(self, paths: Iterable[str], operation: str | None = None, client_token: str | None = None) -> None:
        self.paths: tuple[str, ...] = tuple(paths)
        """Where the settings stand, as the service writes it."""
        super().__init__(f"a write would lose what isn't modelled: {', '.join(self.paths)}", operation, client_token)
        self.args: tuple[Any, ...] = (self.paths, operation, client_token)


class ConcurrentModificationError(ImageBuilderDistError):
    """
    Somebody else has changed the configuration since it was read; nothing was written.
    """

    def __init__(
        self, expected: object, found: object, operation: str | None = None, client_token: str | None = None
    ) -> None:
        super().__init__("the configuration was changed by somebody else in the meantime", operation, client_token)
        self.expected = expected
        """The `DistributionConfiguration` that was read first."""
        self.found = found
        """The one that is stored now."""
        self.args: tuple[Any, ...] = (expected, found, operation, client_token)


class CredentialsError(ImageBuilderDistError):
    """
    There are no credentials to sign with, or they could not be fetched; nothing was sent.

    Credentials that the service itself refuses arrive as `ApiError` with `invalid_credentials` set.
    """


class TransportError(ImageBuilderDistError):
    """
    No answer came; `may_have_been_applied` says whether the request may have reached the service.
    """

    def __init__(
        self,
        message: str,
        operation: str | None = None,
        client_token: str | None = None,
        may_have_been_applied: bool = True,  # noqa: FBT001, FBT002 - positional, because args are what pickle keeps
    ) -> None:
        super().__init__(message, operation, client_token)
        self.may_have_been_applied: bool = may_have_been_applied
        self.args: tuple[Any, ...] = (message, operation, client_token, may_have_been_applied)


class ConnectionFailedError(TransportError):
    """
    The connection could not be made, or it broke before an answer was complete.
    """


class RequestTimeoutError(TransportError):
    """
    The connection or the answer took longer than botocore's `connect_timeout` or `read_timeout`.
    """


class ResponseError(ImageBuilderDistError):
    """
    An answer came that nobody can read: no JSON, or JSON of another shape than the service documents.

    A write may have been applied: repeat it with the same `client_token` to be sure.
    """

    may_have_been_applied: bool = True

    def __init__(
        self,
        message: str,
        operation: str | None = None,
        client_token: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, operation, client_token)
        self.http_status = http_status
        self.request_id = request_id
        self.args: tuple[Any, ...] = (message, operation, client_token, http_status, request_id)


_THROTTLING = frozenset(
    {
        "CallRateLimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_SERVER_FAULTS = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
_INVALID_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_ACCESS_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ForbiddenException",
        "NotAuthorized",
        "OptInRequired",
        "UnauthorizedOperation",
    }
)
# http.HTTPStatus takes as long to import as a twentieth of the library.
_TOO_MANY_REQUESTS = 429
_NOT_IMPLEMENTED = 501
INTERNAL_SERVER_ERROR = 500
"""The first HTTP status that says that the server failed."""

_PARAMETER = re.compile(r"The value supplied for parameter '([^']+)' is not valid")


class ApiError(ImageBuilderDistError, ClientError):
    """
    The service answered with an error.

    Codes without a class of their own arrive as this one; look at `code`.
    `except botocore.exceptions.ClientError` catches it too, with `response` and `operation_name` as usual.
    """

    operation: str
    """The API operation, for example `UpdateDistributionConfiguration`."""

    def __init__(
        self,
        error_response: Mapping[str, Any],
        operation_name: str,
        client_token: str | None = None,
    ) -> None:
        response: Any = error_response  # a closed TypedDict to botocore's stubs
        ClientError.__init__(self, response, operation_name)
        self._text = str(self.args[0])
        self.args: tuple[Any, ...] = (error_response, operation_name, client_token)
        self.operation = operation_name
        self.client_token = client_token
        error: Mapping[str, Any] = error_response.get("Error", {})
        metadata: Mapping[str, Any] = error_response.get("ResponseMetadata", {})
        self.code: str = error.get("Code", "Unknown")
        self.message: str = error.get("Message", "")
        self.http_status: int | None = metadata.get("HTTPStatusCode")
        # botocore leaves the id among the headers where the body is no JSON.
        headers: Mapping[str, str] = metadata.get("HTTPHeaders", {})
        self.request_id: str | None = metadata.get("RequestId") or headers.get("x-amzn-requestid")
        self.may_have_been_applied: bool = self.fault == "server"

    def __str__(self) -> str:
        return self._text + self._history()

    def __reduce__(self) -> tuple[Any, ...]:
        # ClientError's own would bring back a ClientError.
        return type(self), self.args, self.__dict__

    @property
    def throttling(self) -> bool:
        """
        Whether the service asks to call less often: wait longer each time before trying again.
        """
        return self.code in _THROTTLING or self.http_status == _TOO_MANY_REQUESTS

    @property
    def fault(self) -> Fault:
        """
        Whose fault it is: `client` for a request that has to change, `server` for trouble in the service.
        """
        failed = self.http_status is not None and self.http_status >= INTERNAL_SERVER_ERROR
        return "server" if failed or self.code in _SERVER_FAULTS else "client"

    @property
    def retryable(self) -> bool:
        """
        Whether the same request may succeed later: throttled, in use right now, or the service in trouble.

        Repeat a write with the same `client_token`.
        """
        trouble = self.fault == "server" and self.http_status != _NOT_IMPLEMENTED
        return self.throttling or trouble or self.code == "ResourceInUseException"

    @property
    def invalid_credentials(self) -> bool:
        """
        Whether the service refused the credentials themselves: expired, unknown, or a wrong signature.
        """
        return self.code in _INVALID_CREDENTIALS

    @property
    def access_denied(self) -> bool:
        """
        Whether the credentials are good, but not allowed to do this.
        """
        return self.code in _ACCESS_DENIED

    @property
    def parameter(self) -> str | None:
        """
        The path that the service complains about, for example `distributions[0].region`, where it names one.
        """
        match = _PARAMETER.search(self.message)
        return match[1] if match else None


class AccessDeniedException(ApiError):
    """
    An IAM policy doesn't allow the operation.
    """


class CallRateLimitExceededException(ApiError):
    """
    Image Builder's own throttle: call less often.
    """


class ClientException(ApiError):
    """
    The request is wrong in a way that the service has no better code for.
    """


class DryRunOperationException(ApiError):
    """
    The create was a dry run and would have succeeded.
    """


class ForbiddenException(ApiError):
    """
    The caller may not do this.
    """


class IdempotentParameterMismatchException(ApiError):
    """
    The client token was used before, for a request with other parameters.
    """


class InvalidPaginationTokenException(ApiError):
    """
    The `nextToken` of a list isn't one that the service gave out.
    """


class InvalidParameterCombinationException(ApiError):
    """
    Two parameters contradict each other.
    """


class InvalidParameterException(ApiError):
    """
    A parameter is wrong.
    """


class InvalidParameterValueException(ApiError):
    """
    A value is wrong: the service's usual answer to bad input; `parameter` holds the path.
    """


class InvalidRequestException(ApiError):
    """
    The service can't make sense of the request.
    """


class InvalidVersionNumberException(ApiError):
    """
    A version number is out of bounds or isn't one.
    """


class ResourceAlreadyExistsException(ApiError):
    """
    A configuration of that name is there already.
    """


class ResourceDependencyException(ApiError):
    """
    Something, usually a pipeline, still uses it; the message names the ARN.
    """


class ResourceInUseException(ApiError):
    """
    A build is using it right now: try again later.
    """


class ResourceNotFoundException(ApiError):
    """
    Nothing of that ARN is there.
    """


class ServiceException(ApiError):
    """
    Something went wrong inside the service: a retry may succeed.
    """


class ServiceQuotaExceededException(ApiError):
    """
    The account has as many as its quota allows.
    """


class ServiceUnavailableException(ApiError):
    """
    The service can't answer right now: try again later.
    """


class TooManyRequestsException(ApiError):
    """
    A throttle: call less often.
    """


BY_CODE: Mapping[str, type[ApiError]] = {
    error.__name__: error
    for error in (
        AccessDeniedException,
        CallRateLimitExceededException,
        ClientException,
        DryRunOperationException,
        ForbiddenException,
        IdempotentParameterMismatchException,
        InvalidPaginationTokenException,
        InvalidParameterCombinationException,
        InvalidParameterException,
        InvalidParameterValueException,
        InvalidRequestException,
        InvalidVersionNumberException,
        ResourceAlreadyExistsException,
        ResourceDependencyException,
        ResourceInUseException,
        ResourceNotFoundException,
        ServiceException,
        ServiceQuotaExceededException,
        ServiceUnavailableException,
        TooManyRequestsException,
    )
}
"""The class for each code that the service's model knows."""

# The first class found along a botocore error's bases decides.
_TRANSPORT: Mapping[type, tuple[type[TransportError], bool]] = {
    boto.EndpointConnectionError: (ConnectionFailedError, False),
    boto.ProxyConnectionError: (ConnectionFailedError, False),
    boto.ConnectTimeoutError: (RequestTimeoutError, False),
    boto.ReadTimeoutError: (RequestTimeoutError, True),
    boto.ConnectionError: (ConnectionFailedError, True),
    boto.HTTPClientError: (ConnectionFailedError, True),
    Exception: (TransportError, True),
}
_CREDENTIALS = (
    boto.CredentialRetrievalError,
    boto.MetadataRetrievalError,
    boto.NoAuthTokenError,
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.RefreshWithMFAUnsupportedError,
    boto.SSOError,
    boto.TokenRetrievalError,
)
_CONFIGURATION = (
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.EndpointProviderError,
    boto.InfiniteLoopConfigError,
    boto.InvalidConfigError,
    boto.InvalidEndpointConfigurationError,
    boto.InvalidRegionError,
    boto.NoRegionError,
    boto.ProfileNotFound,
    boto.UnknownCredentialError,
)


def from_botocore(
    error: ClientError | boto.BotoCoreError,
    *,
    operation: str | None = None,
    client_token: str | None = None,
) -> ImageBuilderDistError:
    """
    Return the typed counterpart of a botocore *error*; raise it `from` the original.

    Args:
        error: What botocore raised.
        operation: The API operation that was called; `None` while a client is being made.
        client_token: The token the write was sent with.
    """
    if isinstance(error, ClientError):
        response: Mapping[str, Any] = error.response
        code = response.get("Error", {}).get("Code", "")
        return BY_CODE.get(code, ApiError)(response, error.operation_name, client_token)
    if isinstance(error, boto.ParamValidationError):
        report = str(error.kwargs["report"])
        return ValidationError(map(_refused_by_botocore, report.splitlines()), operation, client_token)
    if isinstance(error, _CREDENTIALS):
        return CredentialsError(str(error), operation, client_token)
    if isinstance(error, _CONFIGURATION):
        return ConfigurationError(str(error), operation, client_token)
    cls, may_have_arrived = _transport(error)
    return cls(str(error), operation, client_token, may_have_arrived)


def request_may_have_arrived(error: Exception) -> bool:
    """
    Tell whether the service may have got a request that ended in *error* instead of an answer.
    """
    return _transport(error)[1]


def _transport(error: Exception) -> tuple[type[TransportError], bool]:
    return next(_TRANSPORT[base] for base in type(error).__mro__ if base in _TRANSPORT)


def _refused_by_botocore(line: str) -> Issue:
    match = re.search(r"parameter (?:in )?([\w.\[\]]+)", line)
    return Issue(match[1] if match else "", "botocore", "error", line)

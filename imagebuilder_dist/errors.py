"""
The library's exceptions.

Each level of the tree settles one question: was the request sent, did a response come, could it be read, what did it
say?

```
ImageBuilderDistError
|-- ValidationError           not sent: the request is invalid, and `issues` says where (also a ValueError)
|   `-- DocumentError         read from a file: each issue has its line and column
|-- ConfigurationError        not sent: no Region, no such profile, a setting that botocore rejects
|-- NotConfiguredError        not sent: the configuration has no such Region, account or parameter (also a LookupError)
|-- UnmodelledSettingsError   not sent: the update would drop settings that this library doesn't know
|-- ConcurrentModificationError  nothing written: the configuration was modified concurrently
|-- CredentialsError          not sent: there are no credentials to sign the request
|-- TransportError            no response came: `may_have_been_applied` says whether the request may have arrived
|   |-- ConnectionFailedError
|   |-- RequestTimeoutError
|   `-- TlsVerificationError   the server's certificate couldn't be verified
|-- ResponseError             a response came that can't be read
`-- ApiError                  the service returned an error (also botocore's ClientError)
    |-- AccessDeniedException
    |-- ...                   one class for each error in the service's model or in AWS's list of common errors
    `-- ValidationException
```

Every error can be pickled, copied and hashed, and keeps its fields.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import attrs
from botocore.exceptions import ClientError

from imagebuilder_dist._common.text import Location, counted, path_of, safe, scrubbed

Severity: TypeAlias = Literal["error", "warning"]
Fault: TypeAlias = Literal["client", "server"]


def _repr(value: object) -> str:
    try:
        return repr(value)
    except (RecursionError, ValueError):  # nested too deeply, or an integer too long to convert to text
        return _stand_in(value)


def _stand_in(value: object) -> str:
    return f"<{type(value).__name__}>"


def _text(message: str | Callable[[], str]) -> str:
    return message if isinstance(message, str) else message()


@attrs.frozen(repr=False)
class Issue:
    """
    One thing that is wrong in a document or a request.
    """

    location: Location
    """The steps to the value, in the API's names: members, positions, and keys of mappings. Empty for the whole."""

    rule: str
    """The id of the broken rule, for example `required`."""

    severity: Severity
    """The service rejects an `error`; it stores what gets a `warning`, which breaks or surprises in the build."""

    # A request may have thousands of issues, and most messages are never read.
    _message: str | Callable[[], str] = attrs.field(eq=_text, hash=False)

    value: object = attrs.field(default=None, hash=False)
    """The value at the location; `None` if there is none. One that can't be pickled is pickled as its type's name."""

    @property
    def message(self) -> str:
        """
        What is wrong and what is allowed; it continues the path. It may show the value, so don't log it.
        """
        return _text(self._message)

    @property
    def path(self) -> str:
        r"""
        Where, in the service's spelling: `distributions[0].amiDistributionConfiguration.name`. Empty for the whole.

        A key with characters that neither members nor tag keys may contain is escaped: `amiTags['a\nb']`.
        """
        return path_of(self.location)

    def _shown(self) -> dict[str, object]:
        return {"path": self.path, "rule": self.rule, "severity": self.severity, "message": self.message}

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in self._shown().items()]
        return f"{type(self).__name__}({', '.join([*shown, f'value={_repr(self.value)}'])})"

    def __reduce__(self) -> tuple[Any, ...]:
        import pickle  # noqa: PLC0415 - the library needs it for nothing else

        value = self.value
        try:
            pickle.dumps(value)
        except Exception:  # noqa: BLE001 - a user's value may raise anything
            value = _stand_in(value)
        return type(self), (self.location, self.rule, self.severity, self.message, value)

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return text if self.severity == "error" else f"{text} (warning)"


@attrs.frozen(repr=False)
class DocumentIssue(Issue):
    """
    One thing that is wrong in a file, with its line and column.
    """

    path: str = ""  # pyright: ignore[reportIncompatibleVariableOverride] - stored here, computed there
    """Where, in the file's spelling, which is CloudFormation's in a template."""

    file: str = "<text>"
    """The file's path as passed in, or `<text>`."""

    line: int = 1
    """Counted from 1."""

    column: int = 1
    """In characters, counted from 1: of the value, of an unknown key, or of what lacks a key."""

    def _shown(self) -> dict[str, object]:
        return {**super()._shown(), "file": self.file, "line": self.line, "column": self.column}

    def __reduce__(self) -> tuple[Any, ...]:
        cls, arguments = super().__reduce__()
        return cls, (*arguments, self.path, self.file, self.line, self.column)

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {path}{self.message} [{self.rule}]"


class ImageBuilderDistError(Exception):
    """
    The root: catch it to catch everything that this library raises on purpose, except `TypeError`.
    """

    resource: str | None = None
    """The configuration concerned: its ARN, or its name if it was to be created."""

    remedy: str | None = None
    """What to do about the error, if that is known."""

    http_status: int | None = None
    """The HTTP status of the response, if one came."""

    request_id: str | None = None
    """The service's id of the request, if the response had one."""

    attempts: int | None = None
    """How many requests the call took, including botocore's own retries; `None` if none was sent."""

    elapsed: float | None = None
    """Seconds from the first request to the failure."""

    may_have_been_applied: bool = False
    """
    Whether the service may have applied the write nevertheless, in this or an earlier attempt.

    `False` means that it certainly hasn't, or that the operation only reads.
    If `True`, retry the write with the same `client_token`: the service runs it at most once.
    Run an edit or an ensure again; it starts from what is stored.
    """

    def __init__(
        self,
        message: str,
        operation: str | None = None,
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        self.message: str = safe(message)
        super().__init__(self.message, operation, client_token, resource)
        self.operation = operation
        self.client_token = client_token
        self.resource = resource

    def __str__(self) -> str:
        return self._told(self.message)

    def _told(self, text: str) -> str:
        """Return *text*, the remedy, and what is known about the call, on one line."""
        remedy = f"; {self.remedy}" if self.remedy else ""
        facts = ", ".join(filter(None, self._facts()))
        return (text.removesuffix(".") if remedy else text) + remedy + (f" ({safe(facts)})" if facts else "")

    def _facts(self) -> Iterator[str | None]:
        yield self._about()
        if self.attempts:
            duration = "" if self.attempts == 1 or self.elapsed is None else f" over {self.elapsed:.1f} s"
            yield f"{counted(self.attempts, 'attempt')}{duration}"
            yield self.client_token and f"client token {self.client_token}"
        if self.may_have_been_applied:
            yield "may have been applied"

    def _about(self) -> str:
        return " of ".join(filter(None, (self.operation, self.resource)))


class ValidationError(ImageBuilderDistError, ValueError):
    """
    The document or request is invalid; nothing was sent.

    `issues` holds every problem at once, each with its path.
    """

    remedy: str | None = "correct what the issues describe"

    def __init__(
        self,
        issues: Iterable[Issue],
        operation: str | None = None,
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        self.issues: tuple[Issue, ...] = tuple(issues)
        super().__init__(counted(len(self.issues), "problem"), operation, client_token, resource)
        self.args: tuple[Any, ...] = (self.issues, operation, client_token, resource)

    def __str__(self) -> str:
        about = self._about()
        head = f"{self.message} in {safe(about)}:" if about else f"{self.message}:"
        return "\n  ".join((head, *(safe(str(issue)) for issue in self.issues)))


class DocumentError(ValidationError):
    """
    A file can't be read, or its content is invalid.

    The text has one line for each issue, in file order and in the format of compilers:
    `web.yaml:12:18: error: distributions[0].region: is required but missing [required]`.
    """

    def __init__(
        self,
        issues: Iterable[DocumentIssue],
        operation: str | None = None,
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        placed = tuple(issues)
        super().__init__(placed, operation, client_token, resource)
        self.issues: tuple[DocumentIssue, ...] = placed  # pyright: ignore[reportIncompatibleVariableOverride]

    def __str__(self) -> str:
        return "\n".join(safe(str(issue)) for issue in self.issues)


class ConfigurationError(ImageBuilderDistError):
    """
    The client can't be created or used with its settings: no Region, no such profile, a setting that botocore rejects.

    Nothing was sent, and nothing is retried.
    """

    remedy: str | None = "correct the setting that the message names"


class NotConfiguredError(ImageBuilderDistError, LookupError):
    """
    The configuration lacks what a step or a lookup needs: a Region, an account, a parameter, a template.
    """

    remedy: str | None = "check the spelling, and whether this is the right configuration"

    def __init__(
        self,
        what: str,
        missing: Iterable[str],
        present: Iterable[str],
        resource: str | None = None,
    ) -> None:
        self.what = what
        """The kind of thing that was looked up, for example `Region`."""
        self.missing: tuple[str, ...] = tuple(missing)
        """What the configuration lacks."""
        self.present: tuple[str, ...] = tuple(present)
        """What it has instead."""
        super().__init__(
            f"the configuration has no {what} {_names(self.missing)}; it has {_names(self.present) or 'none'}",
            resource=resource,
        )
        self.args: tuple[Any, ...] = (what, self.missing, self.present, resource)


_MAX_NAMES = 10


def _names(names: tuple[str, ...]) -> str:
    more = [f"{len(names) - _MAX_NAMES} more"] if len(names) > _MAX_NAMES else []
    return ", ".join([*map(repr, names[:_MAX_NAMES]), *more])


class UnmodelledSettingsError(ImageBuilderDistError):
    """
    The update would drop settings that the service stores but this library doesn't know; nothing was written.
    """

    remedy: str | None = (
        "upgrade imagebuilder_dist, which may know them by now, or pass allow_unmodelled=True to drop them"
    )

    def __init__(
        self,
        paths: Iterable[str],
        operation: str | None = None,
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        self.paths: tuple[str, ...] = tuple(paths)
        """The paths of the settings, in the service's spelling."""
        message = f"the update would drop settings that this library doesn't know: {', '.join(self.paths)}"
        super().__init__(message, operation, client_token, resource)
        self.args: tuple[Any, ...] = (self.paths, operation, client_token, resource)


class ConcurrentModificationError(ImageBuilderDistError):
    """
    The configuration was modified concurrently, so nothing was written; the text shows the difference.

    If there is no difference to show, `reads_unchanged` is set.
    """

    remedy: str | None = "review the difference and edit again, or allow more attempts"

    def __init__(
        self,
        expected: object,
        found: object,
        changes: object,
        edits: int,
        resource: str | None = None,
        *,
        reads_unchanged: bool = False,
    ) -> None:
        times = "" if edits == 1 else f" in each of {edits} attempts"
        message = f"the configuration was modified concurrently{times}"
        if reads_unchanged:
            message = (
                f"after {counted(edits, 'attempt')} the service rejects the edit, although the configuration reads "
                "unchanged, so nothing was written: another write from this state was accepted, but can't be read yet, "
                "or was undone"
            )
        super().__init__(message, "UpdateDistributionConfiguration", resource=resource)
        self.expected = expected
        """The `DistributionConfiguration` that was read first."""
        self.found = found
        """The `DistributionConfiguration` that is stored now."""
        self.changes = changes
        """The `Changes` from *expected* to *found*."""
        self.edits = edits
        """How many times the edit was tried."""
        self.reads_unchanged = reads_unchanged
        """
        Whether the service rejected the client token of the state that was read, and the state still reads the same.

        A read lags behind another write, which may still be being applied, or the service remembers a write that was
        undone. How long it does so isn't documented.
        """
        if reads_unchanged:
            self.remedy = (
                "edit again in a minute; if that fails too and nothing else writes, make the change with "
                "update_distribution_configuration, which doesn't protect other writers' changes"
            )
        self.args: tuple[Any, ...] = (expected, found, changes, edits, resource)

    def __str__(self) -> str:
        if self.reads_unchanged:
            return super().__str__()
        return "\n  ".join((f"{super().__str__()}:", *str(self.changes).splitlines()))


class CredentialsError(ImageBuilderDistError):
    """
    There are no credentials, or they can't be fetched; nothing was sent, and nothing is retried.

    If the service itself rejects the credentials, it is an `ApiError` with `invalid_credentials` set.
    """

    remedy: str | None = (
        "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in again; "
        "`aws sts get-caller-identity` shows which credentials are found"
    )


class TransportError(ImageBuilderDistError):
    """
    No response came; `may_have_been_applied` says whether the request may have reached the service.
    """

    may_have_been_applied: bool = True

    remedy: str | None = "check the network, the proxy and the endpoint"

    retryable: bool = True
    """Whether the same request may succeed later; retry a write with the same `client_token`."""


class ConnectionFailedError(TransportError):
    """
    The connection couldn't be established, or it broke before the response was complete.
    """


class RequestTimeoutError(TransportError):
    """
    The connection or the response took longer than botocore's `connect_timeout` or `read_timeout`.
    """

    remedy: str | None = "connect_timeout and read_timeout in the config set the limits"


class TlsVerificationError(TransportError):
    """
    The certificate of the server, or of a proxy on the way, couldn't be verified, so nothing was sent.
    """

    remedy: str | None = (
        "if the server or proxy is yours, set AWS_CA_BUNDLE (or ca_bundle in the profile, or verify of a client that "
        "you pass in) to a file with the certificates to trust"
    )

    may_have_been_applied: bool = False

    retryable: bool = False


class ResponseError(ImageBuilderDistError):
    """
    The response can't be read: it isn't JSON, or its shape isn't the documented one.

    A write may have been applied: retry it with the same `client_token` to be sure.
    """

    may_have_been_applied: bool = True

    remedy: str | None = "check what is between you and AWS, such as a proxy"

    retryable: bool = False
    """Whether the same request may succeed later: `True` if the response was empty."""


# Whole codes; only some services append "Exception" to them.
_THROTTLING = re.compile(
    "Throttling(Exception)?|SlowDown|RequestLimitExceeded|CallRateLimitExceededException|TooManyRequestsException"
)
_SERVER_FAULTS = re.compile("Internal(Error|Failure|ServerError)|ServiceException|ServiceUnavailable(Exception)?")
_INVALID_CREDENTIALS = re.compile(
    "(ExpiredToken|IncompleteSignature|InvalidSignature|MissingAuthenticationToken|UnrecognizedClient)(Exception)?"
    "|AuthFailure|InvalidAccessKeyId|InvalidClientTokenId|RequestExpired|SignatureDoesNotMatch"
)
_ACCESS_DENIED = re.compile(
    "AccessDenied(Exception)?|ForbiddenException|NotAuthorized|OptInRequired|UnauthorizedOperation"
)
# Plain numbers: importing http.HTTPStatus takes a twentieth of the library's own import time.
_TOO_MANY_REQUESTS = 429
_NOT_IMPLEMENTED = 501
INTERNAL_SERVER_ERROR = 500
"""The lowest HTTP status of a server failure."""

_PARAMETER = re.compile(r"The value supplied for parameter '([^']+)' is not valid")


class ApiError(ImageBuilderDistError, ClientError):
    """
    The service returned an error.

    A code without a class of its own raises this class; see `code`.
    `except botocore.exceptions.ClientError` catches it, too, with `response` and `operation_name` as usual.
    """

    remedy: str | None = "see the code and the message; AWS Support can find the call by its request_id"

    operation: str
    """The API operation, for example `UpdateDistributionConfiguration`."""

    def __init__(
        self,
        error_response: Mapping[str, Any],
        operation_name: str = "",
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        if isinstance(error_response, str):  # as in `raises(ResourceNotFoundException("..."))`
            raise TypeError(
                f"{type(self).__name__} takes the service's response and the operation's name, not a message; "
                "to stub it, give the class, not an instance"
            )
        # The service may quote what it was sent, which holds a session token. Everything below is made of the copy.
        response: Any = scrubbed(error_response)
        error: Mapping[str, Any] = response.get("Error", {})
        metadata: Mapping[str, Any] = response.get("ResponseMetadata", {})
        message = error.get("Message")
        self.code: str = str(error.get("Code") or "Unknown")
        self.message: str = "" if message is None else str(message)
        # Otherwise botocore's text says "reached max retries: 0" if it was told not to retry.
        reached = metadata.get("MaxAttemptsReached") and metadata.get("RetryAttempts")
        shown: Any = {  # a closed TypedDict to botocore's stubs
            "Error": {"Code": self.code, "Message": self.message or "Unknown"},
            "ResponseMetadata": {**metadata, "MaxAttemptsReached": reached},
        }
        ClientError.__init__(self, shown, operation_name)
        self._text = str(self.args[0])
        self.args: tuple[Any, ...] = (response, operation_name, client_token, resource)
        self.response: Any = response
        self.operation = operation_name
        self.client_token = client_token
        self.resource = resource
        self.http_status: int | None = metadata.get("HTTPStatusCode")
        # If the body isn't JSON, botocore leaves the id among the headers.
        headers: Mapping[str, str] = metadata.get("HTTPHeaders", {})
        self.request_id: str | None = metadata.get("RequestId") or headers.get("x-amzn-requestid")
        self.may_have_been_applied: bool = self.fault == "server"

    def __str__(self) -> str:
        return self._told(self._text)

    def _about(self) -> str:
        return self.resource or ""  # botocore's text has the operation

    def __reduce__(self) -> tuple[Any, ...]:
        # ClientError's own would restore a ClientError.
        return type(self), self.args, self.__dict__

    @property
    def throttling(self) -> bool:
        """
        Whether the service throttles the caller: wait longer before each retry.
        """
        return _THROTTLING.fullmatch(self.code) is not None or self.http_status == _TOO_MANY_REQUESTS

    @property
    def fault(self) -> Fault:
        """
        Whose fault it is: `client` if the request has to change, `server` if the service failed.
        """
        failed = self.http_status is not None and self.http_status >= INTERNAL_SERVER_ERROR
        return "server" if failed or _SERVER_FAULTS.fullmatch(self.code) else "client"

    @property
    def retryable(self) -> bool:
        """
        Whether the same request may succeed later: after throttling, during a build, or after a service failure.

        Retry a write with the same `client_token`.
        """
        trouble = self.fault == "server" and self.http_status != _NOT_IMPLEMENTED
        return self.throttling or trouble or self.code == "ResourceInUseException"

    @property
    def invalid_credentials(self) -> bool:
        """
        Whether the service rejected the credentials themselves: expired, unknown, or a wrong signature.
        """
        return _INVALID_CREDENTIALS.fullmatch(self.code) is not None

    @property
    def access_denied(self) -> bool:
        """
        Whether the credentials are valid, but lack the permission.
        """
        return _ACCESS_DENIED.fullmatch(self.code) is not None

    @property
    def parameter(self) -> str | None:
        """
        The path of the rejected parameter, for example `distributions[0].region`, if the service names one.
        """
        match = _PARAMETER.search(self.message)
        return match[1] if match else None


_CALL_LESS_OFTEN = "make fewer calls at once, or allow more attempts and seconds in Retries"
_LATER = "retry later"
_ALLOW = "allow the operation in an IAM policy of the caller, and check service control policies for a deny"
_KEYS = "check the access key and its session token, and whether the Region is enabled for the account"
_CORRECT = "correct what the message names"
_PROXY = "check what modifies requests on the way, such as a proxy"
_SECRET = "check the secret access key and this machine's clock"  # noqa: S105 - not a password


class AccessDeniedException(ApiError):
    """
    An IAM policy doesn't allow the operation.
    """

    remedy: str | None = _ALLOW


class CallRateLimitExceededException(ApiError):
    """
    Image Builder throttled the call.
    """

    remedy: str | None = _CALL_LESS_OFTEN


class ClientException(ApiError):
    """
    The request is invalid, and no other code describes how.
    """

    remedy: str | None = _CORRECT


class DryRunOperationException(ApiError):
    """
    The create was a dry run, and a real one would succeed.
    """

    remedy: str | None = (
        "send it without dry_run to carry it out; create_distribution_configuration returns this error as a result"
    )


class ExpiredTokenException(ApiError):
    """
    The session's credentials have expired.
    """

    remedy: str | None = (
        "renew the credentials, for example with `aws sso login`; a role's credentials renew themselves"
    )


class ForbiddenException(ApiError):
    """
    The caller isn't allowed to run the operation.
    """

    remedy: str | None = _ALLOW


class IdempotentParameterMismatchException(ApiError):
    """
    The client token was used before for a request with other parameters.
    """

    remedy: str | None = (
        "send what the token was sent with before; "
        "if the parameters are meant to differ, this is another write: use another token"
    )


class IncompleteSignature(ApiError):
    """
    The request's signature doesn't conform to AWS's standards.
    """

    remedy: str | None = _PROXY


class InternalFailure(ApiError):
    """
    AWS failed to process the request; a retry may succeed.
    """

    remedy: str | None = _LATER


class InvalidClientTokenId(ApiError):
    """
    AWS doesn't know the access key.
    """

    remedy: str | None = _KEYS


class InvalidPaginationTokenException(ApiError):
    """
    The `nextToken` of a list is invalid.
    """

    remedy: str | None = "start the list from the beginning"


class InvalidParameterCombinationException(ApiError):
    """
    Two parameters contradict each other.
    """

    remedy: str | None = _CORRECT


class InvalidParameterException(ApiError):
    """
    A parameter is invalid.
    """

    remedy: str | None = _CORRECT


class InvalidParameterValueException(ApiError):
    """
    A value is invalid: the service's usual response to bad input; `parameter` holds its path.
    """

    remedy: str | None = "correct the value; `parameter` holds its path, if the service names one"


class InvalidRequestException(ApiError):
    """
    The service can't interpret the request.
    """

    remedy: str | None = _CORRECT


class InvalidSignatureException(ApiError):
    """
    The signature doesn't match the access key.
    """

    remedy: str | None = _SECRET


class InvalidVersionNumberException(ApiError):
    """
    A version number is out of bounds or malformed.
    """

    remedy: str | None = _CORRECT


class MalformedHttpRequestException(ApiError):
    """
    The HTTP request isn't well-formed.
    """

    remedy: str | None = _PROXY


class MissingAuthenticationToken(ApiError):
    """
    The request isn't signed, or its path doesn't exist.
    """

    remedy: str | None = "check the endpoint, and what modifies requests on the way, such as a proxy"


class NotAuthorized(ApiError):
    """
    The caller isn't allowed to run the operation.
    """

    remedy: str | None = _ALLOW


class OptInRequired(ApiError):
    """
    The account hasn't signed up for the service, or the Region isn't enabled for it.
    """

    remedy: str | None = "enable the Region for the account"


class RequestAbortedException(ApiError):
    """
    The connection was closed before AWS responded.
    """

    remedy: str | None = _LATER


class RequestEntityTooLargeException(ApiError):
    """
    The request is too large.
    """

    remedy: str | None = "share with organizations instead of accounts, or use several configurations"


class RequestExpired(ApiError):
    """
    The request arrived more than 15 minutes after it was signed.
    """

    remedy: str | None = "correct this machine's clock"


class RequestTimeoutException(ApiError):
    """
    The request didn't arrive in time.
    """

    remedy: str | None = _LATER


class ResourceAlreadyExistsException(ApiError):
    """
    A configuration with that name exists already.
    """

    remedy: str | None = (
        "choose another name or update that configuration; "
        "names that differ only in case, spaces and underscores share an ARN"
    )


class ResourceDependencyException(ApiError):
    """
    Another resource, usually a pipeline, still uses the configuration; the message names its ARN.
    """

    remedy: str | None = "first give the resource that uses it another configuration, or delete that resource"


class ResourceInUseException(ApiError):
    """
    A build is using the configuration right now.
    """

    remedy: str | None = "retry after the build; Retries(resource_in_use=True) waits for it"


class ResourceNotFoundException(ApiError):
    """
    No configuration has that ARN.
    """

    remedy: str | None = "check the name in the ARN, and the account and the Region that the client calls"


class ServiceException(ApiError):
    """
    The service failed to process the request; a retry may succeed.
    """

    remedy: str | None = _LATER


class ServiceQuotaExceededException(ApiError):
    """
    The account has reached its quota of configurations.
    """

    remedy: str | None = "delete unused configurations, or request a higher quota from AWS"


class ServiceUnavailableException(ApiError):
    """
    The service can't respond right now; a retry may succeed.
    """

    remedy: str | None = _LATER


class SignatureDoesNotMatch(ApiError):
    """
    The signature doesn't match the access key.
    """

    remedy: str | None = _SECRET


class ThrottlingException(ApiError):
    """
    The call was throttled.
    """

    remedy: str | None = _CALL_LESS_OFTEN


class TooManyRequestsException(ApiError):
    """
    The call was throttled.
    """

    remedy: str | None = _CALL_LESS_OFTEN


class UnknownOperationException(ApiError):
    """
    The endpoint doesn't know the operation.
    """

    remedy: str | None = "check the endpoint, and whether the service exists in the Region"


class UnrecognizedClientException(ApiError):
    """
    AWS doesn't know the access key, or the Region isn't enabled for the account.
    """

    remedy: str | None = _KEYS


class ValidationException(ApiError):
    """
    The request breaks a constraint of the service.
    """

    remedy: str | None = _CORRECT


BY_CODE: Mapping[str, type[ApiError]] = {cls.__name__: cls for cls in ApiError.__subclasses__()}
"""The class for each code in the service's model or in AWS's list of common errors."""

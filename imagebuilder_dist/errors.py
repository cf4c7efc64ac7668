"""
The library's exceptions.

Each level of the tree settles one question: was the request sent, did a response come, could it be read, what did it
say?

```
ImageBuilderDistError
|-- ValidationError           not sent: the request is invalid, see `issues` (also a ValueError)
|   `-- DocumentError         read from a file: each issue has its line and column
|-- ConfigurationError        not sent: no Region, no such profile, a setting that botocore rejects
|-- NotConfiguredError        not sent: no such Region, account or parameter (also a LookupError)
|-- UnmodelledSettingsError   not sent: it would drop settings that this library doesn't know
|-- ConcurrentModificationError  what is stored isn't what the write was planned from
|-- CredentialsError          not sent: there are no credentials to sign the request
|-- TransportError            no response; `may_have_been_applied` says whether it may have arrived
|   |-- ConnectionFailedError
|   |-- RequestTimeoutError
|   `-- TlsVerificationError   the server's certificate couldn't be verified
|-- ResponseError             a response came that can't be read
`-- ApiError                  the service returned an error (also botocore's ClientError)
    |-- ThrottledError        too many calls: CallRateLimitExceededException, ...
    |-- InvalidRequestError   it has to change: ClientException, InvalidParameterValueException, ...
    |-- AccessError           not allowed: AccessDeniedException, ForbiddenException
    |   `-- InvalidCredentialsError  AWS rejects the credentials themselves
    |-- ConflictError         not in this state: ResourceInUseException, ...
    |-- NotFoundError         ResourceNotFoundException
    |-- ServerError           the service failed: ServiceException, ServiceUnavailableException
    `-- DryRunOperationException, ServiceQuotaExceededException
```

Every error in the service's model has a class of its own, named after its code.
Any other code is raised as its family, or as `ApiError` if it belongs to none; `code` tells them apart.
Every error can be pickled, copied and hashed, and keeps its fields.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

import attrs
from botocore.exceptions import ClientError

from imagebuilder_dist._common.text import Location, counted, cut, path_of, safe, scrubbed, show

__all__ = [
    "AccessDeniedException", "AccessError", "ApiError", "CallRateLimitExceededException", "ClientException",
    "ConcurrentModificationError", "ConfigurationError", "ConflictError", "ConnectionFailedError", "CredentialsError",
    "DryRunOperationException", "ForbiddenException", "IdempotentParameterMismatchException", "ImageBuilderDistError",
    "InvalidCredentialsError", "InvalidPaginationTokenException", "InvalidParameterCombinationException",
    "InvalidParameterException", "InvalidParameterValueException", "InvalidRequestError", "InvalidRequestException",
    "InvalidVersionNumberException", "Issue", "NotConfiguredError", "NotFoundError", "RequestTimeoutError",
    "ResourceAlreadyExistsException", "ResourceDependencyException", "ResourceInUseException",
    "ResourceNotFoundException", "ResponseError", "ServerError", "ServiceException", "ServiceQuotaExceededException",
    "ServiceUnavailableException", "Severity", "ThrottledError", "TlsVerificationError", "TooManyRequestsException",
    "TransportError", "UnmodelledSettingsError", "ValidationError",
]  # fmt: skip

Severity: TypeAlias = Literal["error", "warning", "note"]


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
    """
    The service rejects an `error`; it stores what gets a `warning`, which breaks or surprises in the build.

    What could not be checked in a file is a `note`.
    """

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
        return f"{type(self).__name__}({', '.join([*shown, f'value={show(self.value)}'])})"

    def __reduce__(self) -> tuple[Any, ...]:
        import pickle  # noqa: PLC0415 - the library needs it for nothing else

        value = self.value
        try:
            pickle.dumps(value)
        except Exception:  # noqa: BLE001 - a user's value may raise anything
            value = f"<{type(value).__name__}>"
        return type(self), (self.location, self.rule, self.severity, self.message, value)

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return text if self.severity == "error" else f"{text} ({self.severity})"


@attrs.frozen(repr=False)
class DocumentIssue(Issue):
    """
    One thing that is wrong in a file, with its line and column.
    """

    path: str = ""  # pyright: ignore[reportIncompatibleMethodOverride] - stored here, computed there
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

    operation: str | None = None
    """The API operation, for example `UpdateDistributionConfiguration`."""

    resource: str | None = None
    """The configuration concerned: its ARN, or its name if it was to be created."""

    client_token: str | None = None
    """The token that the write was sent with."""

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
    Whether the service may have applied the write despite the error, in this or an earlier attempt.

    `False` means that the request that failed wrote nothing.
    If `True`, retry a create or an update with the same `client_token`: the service runs it at most once.
    Run an edit or an ensure again; it starts from what is stored. `remedy` says it for each call.
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        self.message: str = safe(message)
        self.remedy = remedy or self.remedy
        # Not super(): an ApiError has ClientError after this class, which takes other arguments.
        Exception.__init__(self, self.message)

    def __str__(self) -> str:
        return self._told(self.message, self.operation)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _told(self, text: str, operation: str | None) -> str:
        """Return *text*, the remedy, and what is known about the call, on one line."""
        facts = [" of ".join(filter(None, (operation, self.resource)))]
        if self.attempts:
            duration = "" if self.attempts == 1 or self.elapsed is None else f" over {self.elapsed:.1f} s"
            facts.append(counted(self.attempts, "attempt") + duration)
            facts.append(f"client token {self.client_token}" if self.client_token else "")
        if self.may_have_been_applied:
            facts.append("may have been applied")
        if self.remedy:
            text = f"{text.removesuffix('.')}; {self.remedy}"
        shown = safe(", ".join(filter(None, facts)))
        return f"{text} ({shown})" if shown else text


_SHOWN = 100


class ValidationError(ImageBuilderDistError, ValueError):
    """
    The document or request is invalid; nothing was sent.

    `issues` holds every problem at once, each with its path; the text shows the first 100.
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
        super().__init__(counted(len(self.issues), "problem"))
        # Pickle passes these to the constructor, and restores whatever else is set.
        self.args: tuple[Any, ...] = (self.issues, operation, client_token, resource)
        self.operation: str | None = operation
        self.client_token: str | None = client_token
        self.resource: str | None = resource

    def __str__(self) -> str:
        about = safe(" of ".join(filter(None, (self.operation, self.resource))))
        head = f"{self.message} in {about}:" if about else f"{self.message}:"
        return "\n  ".join((head, *self._lines()))

    def _lines(self) -> list[str]:
        """Return a line for each of the first issues, and how many more there are."""
        lines = [safe(str(issue)) for issue in self.issues[:_SHOWN]]
        more = len(self.issues) - len(lines)
        return [*lines, f"... {more} more"] if more else lines


class DocumentError(ValidationError):
    """
    The content of a file or a text is invalid. A file that can't be opened raises an `OSError` instead.

    The text has one line for each of the first 100 issues, in file order and in the format of compilers:
    `web.yaml:12:18: error: distributions[0].region: is required but missing [required]`.
    """

    issues: tuple[DocumentIssue, ...]  # pyright: ignore[reportIncompatibleVariableOverride]

    def __str__(self) -> str:
        return "\n".join(self._lines())


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

    def __init__(self, what: str, missing: Iterable[str], present: Iterable[str], resource: str | None = None) -> None:
        self.what = what
        """The kind of thing that was looked up, for example `Region`."""
        self.missing: tuple[str, ...] = tuple(missing)
        """What the configuration lacks."""
        self.present: tuple[str, ...] = tuple(present)
        """What it has instead."""
        lacks, has = (cut([*map(repr, names)], 10) for names in (self.missing, self.present))
        super().__init__(f"the configuration has no {what} {lacks}; it has {has or 'none'}")
        self.args: tuple[Any, ...] = (what, self.missing, self.present, resource)
        self.resource = resource


class UnmodelledSettingsError(ImageBuilderDistError):
    """
    The update would drop settings that the service stores but this library doesn't know; nothing was written.
    """

    operation: str | None = "UpdateDistributionConfiguration"

    remedy: str | None = (
        "upgrade imagebuilder_dist, which may know them by now; in Python, allow_unmodelled=True drops them"
    )

    def __init__(self, paths: Iterable[str], resource: str | None = None) -> None:
        self.paths: tuple[str, ...] = tuple(paths)
        """The paths of the settings, in the service's spelling."""
        message = f"the update would drop settings that this library doesn't know: {', '.join(self.paths)}"
        super().__init__(message)
        self.args: tuple[Any, ...] = (self.paths, resource)
        self.resource = resource


class ConcurrentModificationError(ImageBuilderDistError):
    """
    What is stored isn't what the write was planned from; nothing was written, unless `may_have_been_applied` is set.

    The text shows what changed meanwhile, and what was planned.
    """

    operation: str | None = "UpdateDistributionConfiguration"

    remedy: str | None = "review the differences, and run it again or plan again"

    def __init__(
        self,
        expected: object,
        found: object,
        changes: object,
        conflicts: int = 1,
        resource: str | None = None,
        *,
        planned: object = None,
        reads_unchanged: bool = False,
        is_replay: bool = False,
    ) -> None:
        message = "the configuration was modified concurrently, so nothing was written"
        if conflicts > 1:
            message = f"the configuration was modified concurrently, {conflicts} times in a row, so nothing was written"
        if is_replay:
            message = "the service returned its response to an earlier request with this client token, and "
            message += "what is stored isn't what was sent" if found else "the configuration doesn't exist any more"
        elif reads_unchanged:
            message = (
                f"after {counted(conflicts, 'conflict')} the service rejects the edit, although the configuration "
                "reads unchanged, so nothing was written: another write from this state was accepted, but can't be "
                "read yet, or was undone"
            )
            self.remedy = (
                "run it again in a minute; if that fails too and nothing else writes, change the description in the "
                "console, which gives the configuration a new state, and run it again"
            )
        elif expected is None:
            message = "a configuration with that name exists by now and isn't as planned, so nothing was written"
        elif found is None:
            message = "the configuration was deleted meanwhile, so nothing was written"
        elif not changes:
            message = (
                "another write came meanwhile, though nothing differs that this library knows; nothing was written"
            )
        super().__init__(message)
        self.resource = resource
        self.expected = expected
        """
        What the write was planned from, or what was sent if the service didn't run it again.

        `None` if the configuration was to be created.
        """
        self.found = found
        """The `DistributionConfiguration` that is stored now; `None` if it was deleted."""
        self.changes = changes
        """The `Changes` from *expected* to *found*; from the plan to *found* if the configuration was to be created."""
        self.planned = planned
        """The `Changes` that were planned."""
        self.conflicts = conflicts
        """How many times the edit met another writer's change."""
        self.reads_unchanged = reads_unchanged
        """
        Whether the service rejected the client token of the state that was read, and the state still reads the same.

        A read lags behind another write, which may still be being applied, or the service remembers a write that was
        undone. How long it does so isn't documented.
        """
        self.may_have_been_applied = is_replay
        self.args: tuple[Any, ...] = (expected, found, changes, conflicts, resource)

    def __str__(self) -> str:
        lines = [super().__str__()]
        if self.changes and self.found is not None and not self.reads_unchanged:
            lines += ["changed meanwhile:", *(f"  {line}" for line in str(self.changes).splitlines())]
        if self.planned:
            lines += ["planned:", *(f"  {line}" for line in str(self.planned).splitlines())]
        return "\n  ".join(lines)


class CredentialsError(ImageBuilderDistError):
    """
    There are no credentials, or they can't be fetched; nothing was sent, and nothing is retried.

    If the service itself rejects the credentials, it is an `InvalidCredentialsError`.
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


class TlsVerificationError(TransportError):
    """
    The certificate of the server, or of a proxy on the way, couldn't be verified, so nothing was sent.
    """

    remedy: str | None = (
        "if the server or proxy is yours, set AWS_CA_BUNDLE, or ca_bundle in the profile, to a file with the "
        "certificates to trust"
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


# Plain numbers: importing http.HTTPStatus takes a twentieth of the library's own import time.
_TOO_MANY_REQUESTS = 429
_NOT_IMPLEMENTED = 501
FAILED = 500
"""The lowest HTTP status of a failure of the service."""

_PARAMETER = re.compile(r"The value supplied for parameter '([^']+)' is not valid")


class ApiError(ImageBuilderDistError, ClientError):
    """
    The service returned an error.

    A code that belongs to no family raises this class; see `code`.
    `except botocore.exceptions.ClientError` catches it, too, with `response` and `operation_name` as usual.
    """

    remedy: str | None = "see the code and the message; AWS Support can find the call by its request_id"

    def __init__(
        self,
        error_response: Mapping[str, Any],
        operation_name: str = "",
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        if isinstance(error_response, str):  # as in `raises(ResourceNotFoundException("..."))`
            raise TypeError(f"{type(self).__name__} takes the service's response and the operation's name, not a text")
        # The service may quote what it was sent, which holds a session token. Everything below is made of the copy.
        response: Any = scrubbed(error_response)
        error: Mapping[str, Any] = response.get("Error", {})
        metadata: Mapping[str, Any] = response.get("ResponseMetadata", {})
        ImageBuilderDistError.__init__(self, str(error.get("Message") or ""))
        self.operation: str | None = operation_name
        self.client_token: str | None = client_token
        self.resource: str | None = resource
        self.args: tuple[Any, ...] = (response, operation_name, client_token, resource)
        self.response: Any = response
        self.operation_name = operation_name
        self.code: str = str(error.get("Code") or "Unknown")
        self.http_status: int | None = metadata.get("HTTPStatusCode")
        # If the body isn't JSON, botocore leaves the id among the headers.
        self.request_id: str | None = metadata.get("RequestId") or metadata.get("HTTPHeaders", {}).get(
            "x-amzn-requestid"
        )
        self.may_have_been_applied: bool = isinstance(self, ServerError)

    def __str__(self) -> str:
        # As botocore words it, but for its "(reached max retries: 0)": it doesn't know of our retries.
        text = f"An error occurred ({self.code}) when calling the {self.operation_name} operation"
        return self._told(f"{text}: {self.message or 'Unknown'}", None)

    def __reduce__(self) -> tuple[Any, ...]:
        # ClientError's own would restore a ClientError.
        return type(self), self.args, self.__dict__

    @property
    def retryable(self) -> bool:
        """
        Whether the same request may succeed later: after throttling, during a build, or after a service failure.

        Retry a write with the same `client_token`.
        """
        # A 501 is a failure of the server's that stays: the endpoint doesn't know the operation.
        passes = isinstance(self, ThrottledError | ServerError | ResourceInUseException)
        return (passes and self.http_status != _NOT_IMPLEMENTED) or self.code.startswith("RequestTimeout")

    @property
    def parameter(self) -> str | None:
        """
        The path of the rejected parameter, for example `distributions[0].region`, if the service names one.
        """
        match = _PARAMETER.search(self.message)
        return match[1] if match else None


class ThrottledError(ApiError):
    """
    There were too many calls in a short time; nothing was written. Wait longer before each retry.
    """

    remedy: str | None = (
        "retry later, or make fewer calls at once; AWS_MAX_ATTEMPTS, or Retries in Python, sets the number of attempts"
    )


class InvalidRequestError(ApiError):
    """
    The request is invalid: it can't succeed as it is.
    """

    remedy: str | None = "correct what the message names"


class AccessError(ApiError):
    """
    The caller isn't allowed to run the operation, or AWS rejects its credentials.
    """

    remedy: str | None = (
        "allow the operation in an IAM policy of the caller, and check service control policies for a deny"
    )


class InvalidCredentialsError(AccessError):
    """
    AWS rejects the credentials themselves: they are expired or unknown, or the signature is wrong.
    """

    remedy: str | None = "check the access key and its session token, and whether the Region is enabled for the account"


class ConflictError(ApiError):
    """
    The request is valid, but not in the state that the service is in.
    """


class NotFoundError(ApiError):
    """
    What the request names doesn't exist.
    """


class ServerError(ApiError):
    """
    The service failed to process the request; a write may have been applied, and a retry may succeed.
    """

    remedy: str | None = "retry later"


class AccessDeniedException(AccessError):
    """
    An IAM policy doesn't allow the operation.
    """


class CallRateLimitExceededException(ThrottledError):
    """
    Image Builder throttled the call.
    """


class ClientException(InvalidRequestError):
    """
    The request is invalid, and no other code describes how.
    """


class DryRunOperationException(ApiError):
    """
    The create was a dry run, and a real one would succeed.
    """

    remedy: str | None = "send it without dry_run to carry it out"


class ForbiddenException(AccessError):
    """
    The caller isn't allowed to run the operation.
    """


class IdempotentParameterMismatchException(ConflictError):
    """
    The client token was used before for a request with other parameters.
    """

    remedy: str | None = (
        "send what the token was sent with before; "
        "if the parameters are meant to differ, this is another write: use another token"
    )


class InvalidPaginationTokenException(InvalidRequestError):
    """
    The `nextToken` of a list is invalid.
    """

    remedy: str | None = "start the list from the beginning"


class InvalidParameterCombinationException(InvalidRequestError):
    """
    Two parameters contradict each other.
    """


class InvalidParameterException(InvalidRequestError):
    """
    A parameter is invalid.
    """


class InvalidParameterValueException(InvalidRequestError):
    """
    A value is invalid: the service's usual response to bad input; `parameter` holds its path.
    """


class InvalidRequestException(InvalidRequestError):
    """
    The service can't interpret the request.
    """


class InvalidVersionNumberException(InvalidRequestError):
    """
    A version number is out of bounds or malformed.
    """


class ResourceAlreadyExistsException(ConflictError):
    """
    A configuration with that name exists already.
    """

    remedy: str | None = (
        "choose another name or update that configuration; "
        "names that differ only in case, spaces and underscores share an ARN"
    )


class ResourceDependencyException(ConflictError):
    """
    Another resource, usually a pipeline, still uses the configuration; the message names its ARN.
    """

    remedy: str | None = "first give the resource that uses it another configuration, or delete that resource"


class ResourceInUseException(ConflictError):
    """
    A build is using the configuration right now.
    """

    remedy: str | None = "retry after the build; in Python, Retries(resource_in_use=True) waits for it"


class ResourceNotFoundException(NotFoundError):
    """
    No configuration has that ARN.
    """

    remedy: str | None = "check the name in the ARN, and the account and the Region that are called"


class ServiceException(ServerError):
    """
    The service failed to process the request.
    """


class ServiceQuotaExceededException(ApiError):
    """
    The account has reached its quota of configurations.
    """

    remedy: str | None = "delete unused configurations, or request a higher quota from AWS"


class ServiceUnavailableException(ServerError):
    """
    The service can't respond right now.
    """


class TooManyRequestsException(ThrottledError):
    """
    The account made too many requests for the operation.
    """


_FAMILIES = (ThrottledError, InvalidRequestError, AccessError, ConflictError, NotFoundError, ServerError)
BY_CODE: Mapping[str, type[ApiError]] = {
    cls.__name__: cls
    for base in (ApiError, *_FAMILIES)
    for cls in base.__subclasses__()
    if cls.__name__.endswith("Exception")
}
"""The class for each code in the service's model."""

# AWS's general codes, and those that botocore takes for throttling: family, remedy, and codes without "Exception".
_CLOCK = "check the secret access key and this machine's clock"
_PROXY = "check the endpoint, and what modifies requests on the way, such as a proxy"
_RENEW = "renew the credentials, for example with `aws sso login`; a role's credentials renew themselves"
_SHARE = "share with organizations instead of accounts, or use several configurations"
_LIMITS = (
    "(Bandwidth|Request)?LimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceeded|TransactionInProgress"
)
_GENERAL: tuple[tuple[type[ApiError], str | None, str], ...] = (
    (InvalidCredentialsError, None, "AuthFailure|InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClient"),
    (InvalidCredentialsError, _PROXY, "IncompleteSignature|MissingAuthenticationToken"),
    (InvalidCredentialsError, _RENEW, "ExpiredToken"),
    (InvalidCredentialsError, _CLOCK, "InvalidSignature|RequestExpired|SignatureDoesNotMatch"),
    (AccessError, "enable the Region for the account", "OptInRequired"),
    (AccessError, None, "NotAuthorized|UnauthorizedOperation"),
    (InvalidRequestError, _PROXY, "MalformedHttpRequest|UnknownOperation"),
    (InvalidRequestError, _SHARE, "RequestEntityTooLarge"),
    (InvalidRequestError, None, "Validation(Error)?"),
    (ServerError, None, "Internal(Error|Failure|ServerError)"),
    (ApiError, "retry later", "Request(Aborted|Timeout)"),
    (ThrottledError, None, f"(EC2|Request)?Throttled|Throttling|SlowDown|{_LIMITS}"),
)


def api_error(response: Mapping[str, Any], operation_name: str) -> ApiError:
    """
    Return the error for a service's *response*: of its code's class, or of the family that the code belongs to.
    """
    code = str(response.get("Error", {}).get("Code")).removesuffix("Exception")  # only some services append it
    if cls := BY_CODE.get(f"{code}Exception"):
        return cls(response, operation_name)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    by_status = ThrottledError if status == _TOO_MANY_REQUESTS else ServerError if status >= FAILED else ApiError
    rows = ((family, remedy) for family, remedy, codes in _GENERAL if re.fullmatch(codes, code))
    family, remedy = next(rows, (by_status, None))
    error = family(response, operation_name)
    error.remedy = remedy or error.remedy
    return error

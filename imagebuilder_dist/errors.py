"""
Everything that can go wrong, as classes that can be imported.

One question a level: was it sent? did a response come? could it be read? what did it say?

```
ImageBuilderDistError
|-- ValidationError           not sent: the request is wrong, and `issues` says where (also a ValueError)
|   `-- DocumentError         read from a file: each issue has its line and column
|-- ConfigurationError        not sent: no Region, no such profile, a setting that botocore rejects
|-- NotConfiguredError        not sent: the configuration has no such Region, account or parameter (also a LookupError)
|-- UnmodelledSettingsError   not sent: it would lose settings that nobody here knows
|-- ConcurrentModificationError  nothing written: somebody else was faster
|-- CredentialsError          not sent: there is nothing to sign it with
|-- TransportError            no response came: `may_have_been_applied` says what that can mean
|   |-- ConnectionFailedError
|   |-- RequestTimeoutError
|   `-- TlsVerificationError   the server couldn't prove who it is
|-- ResponseError             a response came that nobody can read
`-- ApiError                  the service returned an error (also botocore's ClientError)
    |-- AccessDeniedException
    |-- ...                   one class for every error that the service's model or AWS' list of common errors knows
    `-- ValidationException
```

Every error pickles, copies and hashes, and keeps its fields when it does.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import attrs
from botocore.exceptions import ClientError

from imagebuilder_dist._help import documented
from imagebuilder_dist._texts import counted, safe

Severity: TypeAlias = Literal["error", "warning"]
Fault: TypeAlias = Literal["client", "server"]


def _repr(value: object) -> str:
    try:
        return repr(value)
    except (RecursionError, ValueError):  # it is too deep, or holds an integer that Python doesn't write
        return _stand_in(value)


def _stand_in(value: object) -> str:
    return f"<{type(value).__name__}>"


@attrs.frozen(field_transformer=documented)
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

    location: tuple[Any, ...] = attrs.field(default=(), repr=False)
    """
    The steps to the value: attribute names, positions and tag keys in a model; keys and positions in a
    document.

    Empty for the whole.
    """

    def __reduce__(self) -> tuple[type["Issue"], tuple[object, ...]]:
        import pickle  # noqa: PLC0415 - the library needs it for nothing else

        values = {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}
        try:
            pickle.dumps(self.value)
        except Exception:  # noqa: BLE001 - a value of the user's raises what it likes
            values["value"] = _stand_in(self.value)
        return type(self), tuple(values.values())

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return text if self.severity == "error" else f"{text} (warning)"


@attrs.frozen(field_transformer=documented)
class DocumentIssue(Issue):
    """
    One thing that is wrong in a file, and where it stands there.

    `path` and `location` are spelled as in the file, also in a CloudFormation template.
    """

    file: str = "<text>"
    """The file's path as it was given, or `<text>`."""

    line: int = 1
    """From 1."""

    column: int = 1
    """From 1, in characters: of the value, of a key that shouldn't be there, or of what lacks a key."""

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {path}{self.message} [{self.rule}]"


class ImageBuilderDistError(Exception):
    """
    The root: catching it catches everything that this library raises on purpose, except `TypeError`.
    """

    resource: str | None = None
    """The configuration that it is about: its ARN, or the name of one that is to be created."""

    remedy: str | None = None
    """What to do about it, if that is known."""

    http_status: int | None = None
    """The HTTP status of the response, if one came."""

    request_id: str | None = None
    """The service's id of the request, if a response carried one."""

    attempts: int | None = None
    """Requests that the call took, botocore's own retries included; `None` if none was sent."""

    elapsed: float | None = None
    """Seconds from the first of them to the failure."""

    may_have_been_applied: bool = False
    """
    Whether the service may have run a write all the same, in this or an earlier attempt.

    `False` means that it certainly didn't, or that the operation only reads.
    After `True`, retry a write with the same `client_token`: the service runs it at most once.
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
        """Return *text*, what to do, and what is known of the call, on one line."""
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
    The document or request is wrong; nothing was sent.

    `issues` holds every problem at once, each with its path.
    """

    remedy: str | None = "correct what the issues name"

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
    A file can't be read, or what it says is wrong.

    The text has one line for each issue, in the order of the file, as compilers write it:
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
    The client can't be created or used as it is set up: no Region, no such profile, a setting that botocore rejects.

    Nothing was sent, and nothing is retried.
    """

    remedy: str | None = "correct the setting that it names"


class NotConfiguredError(ImageBuilderDistError, LookupError):
    """
    A configuration doesn't have what a step or a look-up needs: a Region, an account, a parameter, a template.
    """

    remedy: str | None = "look at what is there, and whether it is the right configuration"

    def __init__(
        self,
        what: str,
        missing: Iterable[str],
        present: Iterable[str],
        resource: str | None = None,
    ) -> None:
        self.what = what
        """What was looked for, for example `Region`."""
        self.missing: tuple[str, ...] = tuple(missing)
        """What isn't there."""
        self.present: tuple[str, ...] = tuple(present)
        """What is there instead."""
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
    The update would drop settings that the service keeps and this library doesn't know; nothing was written.
    """

    remedy: str | None = "a newer imagebuilder_dist may know them, and allow_unmodelled=True drops them"

    def __init__(
        self,
        paths: Iterable[str],
        operation: str | None = None,
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        self.paths: tuple[str, ...] = tuple(paths)
        """Where the settings stand, as the service writes it."""
        message = f"the update would drop settings that this library doesn't know: {', '.join(self.paths)}"
        super().__init__(message, operation, client_token, resource)
        self.args: tuple[Any, ...] = (self.paths, operation, client_token, resource)


class ConcurrentModificationError(ImageBuilderDistError):
    """
    The configuration was modified concurrently, so nothing was written; the text shows how.
    """

    remedy: str | None = "look at the difference and edit again, or allow more attempts"

    def __init__(
        self,
        expected: object,
        found: object,
        changes: object,
        edits: int,
        resource: str | None = None,
    ) -> None:
        times = "" if edits == 1 else f" in each of {edits} attempts"
        message = f"the configuration was modified concurrently{times}"
        super().__init__(message, "UpdateDistributionConfiguration", resource=resource)
        self.expected = expected
        """The `DistributionConfiguration` that was read first."""
        self.found = found
        """The one that is stored now."""
        self.changes = changes
        """The `Changes` from one to the other."""
        self.edits = edits
        """How often the edit was tried."""
        self.args: tuple[Any, ...] = (expected, found, changes, edits, resource)

    def __str__(self) -> str:
        return "\n  ".join((f"{super().__str__()}:", *str(self.changes).splitlines()))


class CredentialsError(ImageBuilderDistError):
    """
    There are no credentials to sign with, or they could not be fetched; nothing was sent, and nothing is retried.

    Credentials that the service itself rejects arrive as `ApiError` with `invalid_credentials` set.
    """

    remedy: str | None = (
        "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in again; "
        "`aws sts get-caller-identity` shows what is found"
    )


class TransportError(ImageBuilderDistError):
    """
    No response came; `may_have_been_applied` says whether the request may have reached the service.
    """

    may_have_been_applied: bool = True

    remedy: str | None = "look at the network, the proxy and the endpoint; retry a write with the same client_token"

    retryable: bool = True
    """Whether the same request may succeed later; retry a write with the same `client_token`."""


class ConnectionFailedError(TransportError):
    """
    The connection could not be made, or it broke before a response was complete.
    """


class RequestTimeoutError(TransportError):
    """
    The connection or the response took longer than botocore's `connect_timeout` or `read_timeout`.
    """

    remedy: str | None = (
        "retry a write with the same client_token; connect_timeout and read_timeout of the config set the time"
    )


class TlsVerificationError(TransportError):
    """
    The server, or a proxy on the way to it, couldn't prove who it is, so nothing was sent to it.
    """

    remedy: str | None = (
        "if it is yours, set AWS_CA_BUNDLE (ca_bundle in the profile, or verify of a client that you pass in) "
        "to a file with the certificates to trust"
    )

    may_have_been_applied: bool = False

    retryable: bool = False


class ResponseError(ImageBuilderDistError):
    """
    A response came that can't be read: not JSON, or JSON of another shape than the service documents.

    A write may have been applied: retry it with the same `client_token` to be sure.
    """

    may_have_been_applied: bool = True

    remedy: str | None = (
        "retry a write with the same client_token; look at what stands between you and AWS, such as a proxy"
    )

    retryable: bool = False
    """Whether the same request may succeed later: nothing came but a status."""


# Whole codes; some services write them with "Exception" at the end, and some without.
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
# http.HTTPStatus takes as long to import as a twentieth of the library.
_TOO_MANY_REQUESTS = 429
_NOT_IMPLEMENTED = 501
INTERNAL_SERVER_ERROR = 500
"""The first HTTP status that says that the server failed."""

_PARAMETER = re.compile(r"The value supplied for parameter '([^']+)' is not valid")


class ApiError(ImageBuilderDistError, ClientError):
    """
    The service returned an error.

    Codes without a class of their own arrive as this one; look at `code`.
    `except botocore.exceptions.ClientError` catches it too, with `response` and `operation_name` as usual.
    """

    remedy: str | None = "look at the code and the message; AWS Support finds the call by its request_id"

    operation: str
    """The API operation, for example `UpdateDistributionConfiguration`."""

    def __init__(
        self,
        error_response: Mapping[str, Any],
        operation_name: str,
        client_token: str | None = None,
        resource: str | None = None,
    ) -> None:
        error: Mapping[str, Any] = error_response.get("Error", {})
        metadata: Mapping[str, Any] = error_response.get("ResponseMetadata", {})
        message = error.get("Message")
        self.code: str = str(error.get("Code") or "Unknown")
        self.message: str = "" if message is None else str(message)
        # botocore's text says "reached max retries: 0" if it wasn't to retry at all.
        reached = metadata.get("MaxAttemptsReached") and metadata.get("RetryAttempts")
        shown: Any = {  # a closed TypedDict to botocore's stubs
            "Error": {"Code": self.code, "Message": self.message or "Unknown"},
            "ResponseMetadata": {**metadata, "MaxAttemptsReached": reached},
        }
        ClientError.__init__(self, shown, operation_name)
        self._text = safe(str(self.args[0]))
        self.args: tuple[Any, ...] = (error_response, operation_name, client_token, resource)
        self.response: Any = error_response
        self.operation = operation_name
        self.client_token = client_token
        self.resource = resource
        self.http_status: int | None = metadata.get("HTTPStatusCode")
        # botocore leaves the id among the headers if the body isn't JSON.
        headers: Mapping[str, str] = metadata.get("HTTPHeaders", {})
        self.request_id: str | None = metadata.get("RequestId") or headers.get("x-amzn-requestid")
        self.may_have_been_applied: bool = self.fault == "server"

    def __str__(self) -> str:
        return self._told(self._text)

    def _about(self) -> str:
        return self.resource or ""  # botocore's text has the operation

    def __reduce__(self) -> tuple[Any, ...]:
        # ClientError's own would bring back a ClientError.
        return type(self), self.args, self.__dict__

    @property
    def throttling(self) -> bool:
        """
        Whether the service asks to call less often: wait longer each time before trying again.
        """
        return _THROTTLING.fullmatch(self.code) is not None or self.http_status == _TOO_MANY_REQUESTS

    @property
    def fault(self) -> Fault:
        """
        Whose fault it is: `client` for a request that has to change, `server` for trouble in the service.
        """
        failed = self.http_status is not None and self.http_status >= INTERNAL_SERVER_ERROR
        return "server" if failed or _SERVER_FAULTS.fullmatch(self.code) else "client"

    @property
    def retryable(self) -> bool:
        """
        Whether the same request may succeed later: throttled, in use right now, or the service in trouble.

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
        Whether the credentials are good, but not allowed to do this.
        """
        return _ACCESS_DENIED.fullmatch(self.code) is not None

    @property
    def parameter(self) -> str | None:
        """
        The path that the service complains about, for example `distributions[0].region`, if it names one.
        """
        match = _PARAMETER.search(self.message)
        return match[1] if match else None


_CALL_LESS_OFTEN = "call less often: fewer at once, or more attempts and seconds in Retries"
_LATER = "try again later; a write with the same client_token"
_ALLOW = "allow the operation in an IAM policy of the caller, and look for a deny in service control policies"
_KEYS = (
    "look at the access key, the session token that belongs to it, and whether the Region is enabled for the account"
)
_CORRECT = "correct what the message names"
_PROXY = "look at what changes requests on their way, such as a proxy"
_SECRET = "look at the secret access key, and at the clock of this machine"  # noqa: S105 - it is none


class AccessDeniedException(ApiError):
    """
    An IAM policy doesn't allow the operation.
    """

    remedy: str | None = _ALLOW


class CallRateLimitExceededException(ApiError):
    """
    Image Builder's own throttle: call less often.
    """

    remedy: str | None = _CALL_LESS_OFTEN


class ClientException(ApiError):
    """
    The request is wrong in a way that the service has no better code for.
    """

    remedy: str | None = _CORRECT


class DryRunOperationException(ApiError):
    """
    The create was a dry run and would have succeeded.
    """

    remedy: str | None = "a create returns this as its result; send it without dry_run to carry it out"


class ExpiredTokenException(ApiError):
    """
    The session's credentials have expired.
    """

    remedy: str | None = "renew the credentials, for example with `aws sso login`; those of a role renew themselves"


class ForbiddenException(ApiError):
    """
    The caller may not do this.
    """

    remedy: str | None = _ALLOW


class IdempotentParameterMismatchException(ApiError):
    """
    The client token was used before, for a request with other parameters.
    """

    remedy: str | None = "a token belongs to one write: leave it out, or send what it was sent with before"


class IncompleteSignature(ApiError):
    """
    The signature of the request isn't as AWS wants it.
    """

    remedy: str | None = _PROXY


class InternalFailure(ApiError):
    """
    Something went wrong inside AWS: a retry may succeed.
    """

    remedy: str | None = _LATER


class InvalidClientTokenId(ApiError):
    """
    No account knows the access key.
    """

    remedy: str | None = _KEYS


class InvalidPaginationTokenException(ApiError):
    """
    The `nextToken` of a list isn't one that the service gave out.
    """

    remedy: str | None = "begin the list again"


class InvalidParameterCombinationException(ApiError):
    """
    Two parameters contradict each other.
    """

    remedy: str | None = _CORRECT


class InvalidParameterException(ApiError):
    """
    A parameter is wrong.
    """

    remedy: str | None = _CORRECT


class InvalidParameterValueException(ApiError):
    """
    A value is wrong: the service's usual response to bad input; `parameter` holds the path.
    """

    remedy: str | None = "correct the value; `parameter` holds its path, if the service names one"


class InvalidRequestException(ApiError):
    """
    The service can't make sense of the request.
    """

    remedy: str | None = _CORRECT


class InvalidSignatureException(ApiError):
    """
    The signature isn't that of the access key.
    """

    remedy: str | None = _SECRET


class InvalidVersionNumberException(ApiError):
    """
    A version number is out of bounds or isn't one.
    """

    remedy: str | None = _CORRECT


class MalformedHttpRequestException(ApiError):
    """
    The HTTP request isn't well-formed.
    """

    remedy: str | None = _PROXY


class MissingAuthenticationToken(ApiError):
    """
    The request isn't signed, or AWS doesn't know its path.
    """

    remedy: str | None = "look at the endpoint, and at what changes requests on their way, such as a proxy"


class NotAuthorized(ApiError):
    """
    The caller may not do this.
    """

    remedy: str | None = _ALLOW


class OptInRequired(ApiError):
    """
    The account hasn't signed up for the service, or the Region isn't enabled for it.
    """

    remedy: str | None = "enable the Region for the account"


class RequestAbortedException(ApiError):
    """
    The connection was closed before AWS had responded.
    """

    remedy: str | None = _LATER


class RequestEntityTooLargeException(ApiError):
    """
    The request is larger than AWS takes.
    """

    remedy: str | None = "share with organizations instead of accounts, or use several configurations"


class RequestExpired(ApiError):
    """
    The request arrived 15 minutes after it was signed, or more.
    """

    remedy: str | None = "set the clock of this machine"


class RequestTimeoutException(ApiError):
    """
    The request didn't arrive in time.
    """

    remedy: str | None = _LATER


class ResourceAlreadyExistsException(ApiError):
    """
    A configuration of that name is there already.
    """

    remedy: str | None = (
        "names that differ only in case, spaces and underscores share an ARN: choose another, or update that one"
    )


class ResourceDependencyException(ApiError):
    """
    Something, usually a pipeline, still uses it; the message names the ARN.
    """

    remedy: str | None = "let what uses it use another configuration, or delete it first"


class ResourceInUseException(ApiError):
    """
    A build is using it right now: try again later.
    """

    remedy: str | None = "try again after the build; Retries(resource_in_use=True) waits for it"


class ResourceNotFoundException(ApiError):
    """
    No configuration has that ARN.
    """

    remedy: str | None = "look at the ARN's name, and at the account and the Region that the client calls"


class ServiceException(ApiError):
    """
    Something went wrong inside the service: a retry may succeed.
    """

    remedy: str | None = _LATER


class ServiceQuotaExceededException(ApiError):
    """
    The account has as many as its quota allows.
    """

    remedy: str | None = "delete what isn't used any more, or ask AWS for a higher quota"


class ServiceUnavailableException(ApiError):
    """
    The service can't respond right now: try again later.
    """

    remedy: str | None = _LATER


class SignatureDoesNotMatch(ApiError):
    """
    The signature isn't that of the access key.
    """

    remedy: str | None = _SECRET


class ThrottlingException(ApiError):
    """
    A throttle: call less often.
    """

    remedy: str | None = _CALL_LESS_OFTEN


class TooManyRequestsException(ApiError):
    """
    A throttle: call less often.
    """

    remedy: str | None = _CALL_LESS_OFTEN


class UnknownOperationException(ApiError):
    """
    The endpoint doesn't know the operation.
    """

    remedy: str | None = "look at the endpoint and at the Region, which may not have the service"


class UnrecognizedClientException(ApiError):
    """
    No account knows the access key, or the Region isn't enabled for the account.
    """

    remedy: str | None = _KEYS


class ValidationException(ApiError):
    """
    The request breaks a constraint of the service.
    """

    remedy: str | None = _CORRECT


BY_CODE: Mapping[str, type[ApiError]] = {cls.__name__: cls for cls in ApiError.__subclasses__()}
"""The class for each code that the service's model, or AWS' list of common errors, knows."""

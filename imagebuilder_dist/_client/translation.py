"""
Translate botocore's exceptions to the library's errors, and tell whether the request may have been sent.
"""

import re
from collections.abc import Iterator, Mapping
from traceback import walk_tb
from typing import Any, TypeAlias

import botocore.exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError, UndefinedModelAttributeError

from imagebuilder_dist import errors
from imagebuilder_dist._common.arns import partition_by_region, unknown_region
from imagebuilder_dist._common.text import safe, show

AnyBotocoreError: TypeAlias = BotoCoreError | ClientError | UndefinedModelAttributeError
"""Everything that botocore raises on purpose."""

Meaning: TypeAlias = tuple[type[errors.ImageBuilderDistError], bool]
"""The class to raise, and whether the request may have been sent."""

# The last alternative covers settings, of which there are many; botocore rejects them before it sends.
_SETTINGS = (
    "(ApiVersionNotFound|BaseEndpointResolver|ConfigParse|DataNotFound|EndpointProvider|MD5Unavailable"
    "|OperationNotPageable|ServiceNotInRegion|UndefinedModelAttribute|WaiterConfig)Error"
    "|ConfigNotFound|MissingDependencyException|ProfileNotFound|(Invalid|Unknown|Unsupported).*"
)
_CREDENTIALS = (
    "(CredentialRetrieval|Login|MetadataRetrieval|NoAuthToken|NoCredentials|PartialCredentials"
    "|RefreshWithMFAUnsupported|SSO|TokenRetrieval)Error"
)
_PARAMETERS = "(MissingParameters|ParamValidation|UnknownKey|UnknownParameter|Validation)Error"
# By name, because older botocores lack some: the first row that matches the class, or else its nearest base, counts.
_MEANINGS: tuple[tuple[str, Meaning], ...] = (
    (_PARAMETERS, (errors.ValidationError, False)),
    (_CREDENTIALS, (errors.CredentialsError, False)),
    (_SETTINGS, (errors.ConfigurationError, False)),
    ("CapacityNotAvailableError", (errors.TransportError, False)),
    ("EndpointConnectionError", (errors.ConnectionFailedError, False)),
    ("ConnectTimeoutError", (errors.RequestTimeoutError, False)),
    ("ReadTimeoutError", (errors.RequestTimeoutError, True)),
    ("(Connection|HTTPClient)Error", (errors.ConnectionFailedError, True)),
)
_UNKNOWN: Meaning = (errors.TransportError, True)
"""The safe assumption: the request may have been sent."""

# These prove that the HTTP client didn't send anything. By name along the bases, because they are classes of urllib3
# and ssl, which take longer to import than this library.
_UNVERIFIED = frozenset({"CertificateError", "SSLCertVerificationError"})
_UNREACHED = frozenset({"ConnectTimeoutError", "NewConnectionError"})

_REMEDIES: Mapping[str, str] = {
    "NoRegionError": "name a Region (region_name or --region), or set AWS_DEFAULT_REGION or the profile's region",
    "ProfileNotFound": "check the profile's name, AWS_PROFILE and ~/.aws/config",
}
_ASSUME = "allow sts:AssumeRole in a policy of the caller, and check the role's trust policy"
_FILES = "check AWS_CA_BUNDLE, the profile's ca_bundle, and client_cert"
_HEADERS = "check the credentials, the Region and user_agent_extra for a newline or another invalid character"
_INVALID_URL = "the URL of an endpoint or of a proxy is invalid"
_PROXY = "check the proxy's user and password, and whether it lets you connect to the endpoint"
_URL = (
    "check endpoint_url and proxies, AWS_ENDPOINT_URL and HTTPS_PROXY: they take http or https, "
    "a port up to 65535, and special characters in a password only percent-encoded"
)


def from_botocore(error: AnyBotocoreError) -> errors.ImageBuilderDistError:
    """
    Return the library's error for a botocore *error*; raise it `from cause_of(error)`.
    """
    if isinstance(error, ClientError):
        response: Mapping[str, Any] = error.response
        return errors.api_error(response, error.operation_name)
    if _has_invalid_url(error):
        return invalid_url()
    cls, may_have_been_sent = meaning_of(error)
    if issubclass(cls, errors.ValidationError):
        lines = str(getattr(error, "kwargs", {}).get("report", error)).splitlines()
        return errors.ValidationError(map(_rejected_by_botocore, lines))
    message, remedy, retryable = str(error), _REMEDIES.get(type(error).__name__), True
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        *_, innermost = _chain(error)
        if str(innermost) not in message:
            message += f" ({innermost})"  # botocore often omits the reason
        remedy = _FILES if _is_unreadable_file(innermost) else _HEADERS if _is_invalid_header(innermost) else None
        if re.match("Tunnel connection failed: (403|407)", str(innermost)):
            remedy, retryable = _PROXY, False
        region = _REGION.search(str(error.kwargs.get("endpoint_url"))) if _is_unresolved(error) else None
        if region and region[1] not in partition_by_region():
            message += f" ({show(region[1])} {unknown_region(region[1])})"
    ours = cls(message)
    ours.may_have_been_applied = may_have_been_sent
    ours.remedy = remedy or ours.remedy
    if isinstance(ours, errors.TransportError):
        ours.retryable = ours.retryable and retryable
    return ours


def not_sent(error: Exception) -> errors.ImageBuilderDistError | None:
    """
    Return the library's error for a failure before sending, while a client was created or a request was signed.

    Return `None` if neither the credentials nor the configuration are the reason.
    """
    if isinstance(error, BotoCoreError) and not isinstance(error, boto.HTTPClientError):
        ours = from_botocore(error)
        if isinstance(ours, errors.ConfigurationError | errors.CredentialsError):
            return ours
    # Files, processes, STS and the SSO portal each fail in their own way, but always inside botocore's providers.
    if passed(error, "botocore.credentials") or isinstance(error, ClientError):
        # After the first line, a parser's text shows the body that it parsed, which may contain keys.
        text = str(error) if isinstance(error, BotoCoreError) else str(error).partition("\n")[0]
        text = _INVALID_URL if _has_invalid_url(error) else text.replace(" (reached max retries: 0)", "")
        ours = errors.CredentialsError(f"the credentials can't be fetched: {type(error).__name__}: {text}")
        if isinstance(error, ClientError) and error.operation_name.startswith("AssumeRole"):
            is_denied = isinstance(from_botocore(error), errors.AccessDeniedException)
            ours.remedy = _ASSUME if is_denied else ours.remedy
        return ours
    if _has_invalid_url(error):
        return invalid_url()
    if passed(error, "botocore.auth"):
        ours = errors.ConfigurationError(f"the request can't be signed: {error}")
        ours.remedy = _HEADERS
        return ours
    if isinstance(error, BotoCoreError | ValueError):
        return errors.ConfigurationError(str(error))
    return None


def passed(error: BaseException, module: str) -> bool:
    """
    Tell whether *error* came through a *module* of botocore or aiobotocore.
    """
    return any(str(frame.f_globals.get("__name__")).endswith(module) for frame, _ in walk_tb(error.__traceback__))


def invalid_url() -> errors.ConfigurationError:
    """
    Return the error for an endpoint's or a proxy's URL that can't be used.

    It shows no part of the URL: each may belong to a password that isn't percent-encoded.
    """
    error = errors.ConfigurationError(_INVALID_URL)
    error.remedy = _URL
    return error


def cause_of(error: Exception) -> Exception | None:
    """
    Return *error* as the cause of the library's error.

    Return `None` if it says nothing more, as botocore's for a response does, or would show a secret that ours hides.
    """
    # A UnicodeError keeps the whole text, which may be a key, and its repr shows it.
    shows = any(isinstance(each, UnicodeError) or safe(str(each)) != str(each) for each in _chain(error))
    return None if isinstance(error, ClientError) or shows or _has_invalid_url(error) else error


def meaning_of(error: BaseException) -> Meaning:
    """
    Return the meaning of *error*, which ended a request without a response.
    """
    names = [cls.__name__ for cls in type(error).__mro__ if cls.__module__ == boto.__name__]
    rows = (meaning for name in names for pattern, meaning in _MEANINGS if re.fullmatch(pattern, name))
    meaning = next(rows, _UNKNOWN)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        proofs = (_proof(cause, error, meaning[0]) for cause in _chain(error) if cause is not error)
        return next((proof for proof in proofs if proof is not None), meaning)
    return meaning


def _proof(cause: BaseException, error: BaseException, cls: type[errors.ImageBuilderDistError]) -> Meaning | None:
    """Return what *error* means if its *cause* proves that nothing was sent."""
    names = {base.__name__ for base in type(cause).__mro__}
    if names & _UNVERIFIED:
        return errors.TlsVerificationError, False
    if names & _UNREACHED:
        return cls, False
    if isinstance(cause, BotoCoreError):
        return meaning_of(cause)
    if _is_unreadable_file(cause) or _is_invalid_header(cause) or _is_invalid_url(cause):
        return errors.ConfigurationError, False
    # http.client raises it if the proxy rejects the tunnel; a broken connection has an errno or a class of its own.
    if isinstance(error, boto.ProxyConnectionError) and type(cause) is OSError and cause.errno is None:
        return cls, False
    return None


_REGION = re.compile(r"^https?://imagebuilder(?:-fips)?\.([a-z0-9-]+)\.")


def _is_unresolved(error: BaseException) -> bool:
    return any(type(each).__name__ in {"gaierror", "NameResolutionError"} for each in _chain(error))


def _is_unreadable_file(cause: BaseException) -> bool:
    # ssl raises the second for a certificate file without certificates.
    return isinstance(cause, FileNotFoundError | IsADirectoryError) or getattr(cause, "library", "") == "X509"


def _is_invalid_header(cause: BaseException) -> bool:
    # By frame: it is a ValueError, TypeError or UnicodeEncodeError, and other code raises these later, too.
    return any(frame.f_code.co_name == "putheader" for frame, _ in walk_tb(cause.__traceback__))


def _has_invalid_url(error: BaseException) -> bool:
    return any(map(_is_invalid_url, _chain(error)))


def _is_invalid_url(cause: BaseException) -> bool:
    if any(base.__name__ == "LocationValueError" for base in type(cause).__mro__):  # urllib3's
        return True
    # By frame: they are plain ValueErrors. Botocore's own is raised in that module, through which every call goes.
    modules = [frame.f_globals.get("__name__") for frame, _ in walk_tb(cause.__traceback__)]
    is_url = "urllib.parse" in modules or modules[-1:] == ["botocore.endpoint"]
    return is_url and isinstance(cause, ValueError) and not isinstance(cause, UnicodeError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what it wraps, but not `__context__`, which may be an exception that the caller is handling."""
    wrapped: BaseException | None = error
    while wrapped is not None:
        yield wrapped
        held = (*getattr(wrapped, "kwargs", {}).values(), wrapped.__cause__, *wrapped.args)
        wrapped = next((each for each in held if isinstance(each, BaseException)), None)


def _rejected_by_botocore(line: str) -> errors.Issue:
    match = re.search(r"parameter (?:in )?([\w.\[\]]+)", line)
    steps = re.findall(r"\w+", match[1]) if match else ()
    return errors.Issue(tuple(int(each) if each.isdecimal() else each for each in steps), "botocore", "error", line)

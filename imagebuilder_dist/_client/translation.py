"""
Translate botocore's exceptions to the library's errors, and tell whether the request may have been sent.
"""

import re
from collections.abc import Iterator
from traceback import walk_tb
from typing import TypeAlias

import botocore.exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError, UndefinedModelAttributeError

from imagebuilder_dist import errors
from imagebuilder_dist._common.arns import partition_by_region, unknown_region
from imagebuilder_dist._common.text import safe, show

AnyBotocoreError: TypeAlias = BotoCoreError | ClientError | UndefinedModelAttributeError
"""Everything that botocore raises on purpose."""

Meaning: TypeAlias = tuple[type[errors.ImageBuilderDistError], bool, str | None]
"""The class to raise, whether the request may have been sent, and what to do if the class doesn't know."""

_ASSUME = "allow sts:AssumeRole in a policy of the caller, and check the role's trust policy"
_FILES = "check AWS_CA_BUNDLE, the profile's ca_bundle, and client_cert"
_HEADERS = "check the credentials, the Region and user_agent_extra for a newline or another invalid character"
_PROFILE = "check the profile's name, AWS_PROFILE and ~/.aws/config"
_PROXY = "check the proxy's user and password, and whether it lets you connect to the endpoint"
_REGION = "name a Region (region_name or --region), or set AWS_DEFAULT_REGION or the profile's region"
_URL = (
    "check endpoint_url and proxies, AWS_ENDPOINT_URL and HTTPS_PROXY: they take http or https, "
    "a port up to 65535, and special characters in a password only percent-encoded"
)

_PARAMETERS = "(MissingParameters|ParamValidation|UnknownKey|UnknownParameter|Validation)Error"
_CREDENTIALS = (
    "(CredentialRetrieval|Login|MetadataRetrieval|NoAuthToken|NoCredentials|PartialCredentials"
    "|RefreshWithMFAUnsupported|SSO|TokenRetrieval)Error"
)
# The last alternative covers settings, of which there are many; botocore rejects them before it sends.
_SETTINGS = (
    "(ApiVersionNotFound|BaseEndpointResolver|ConfigParse|DataNotFound|EndpointProvider|MD5Unavailable"
    "|OperationNotPageable|ServiceNotInRegion|UndefinedModelAttribute|WaiterConfig)Error"
    "|ConfigNotFound|MissingDependencyException|(Invalid|Unknown|Unsupported).*"
)
# By name, because older botocores lack some: the first row that matches the class, or else its nearest base, counts.
_MEANINGS: tuple[tuple[str, Meaning], ...] = (
    (_PARAMETERS, (errors.ValidationError, False, None)),
    (_CREDENTIALS, (errors.CredentialsError, False, None)),
    ("NoRegionError", (errors.ConfigurationError, False, _REGION)),
    ("ProfileNotFound", (errors.ConfigurationError, False, _PROFILE)),
    (_SETTINGS, (errors.ConfigurationError, False, None)),
    ("CapacityNotAvailableError", (errors.TransportError, False, None)),
    ("EndpointConnectionError", (errors.ConnectionFailedError, False, None)),
    ("ConnectTimeoutError", (errors.RequestTimeoutError, False, None)),
    ("ReadTimeoutError", (errors.RequestTimeoutError, True, None)),
    ("(Connection|HTTPClient)Error", (errors.ConnectionFailedError, True, None)),
    # The safe assumption about anything else: the request may have been sent.
    ("BotoCoreError", (errors.TransportError, True, None)),
)


def from_botocore(error: AnyBotocoreError) -> errors.ImageBuilderDistError:
    """
    Return the library's error for a botocore *error*; raise it `from cause_of(error)`.
    """
    if isinstance(error, ClientError):
        return errors.api_error(error.response, error.operation_name)
    cls, may_have_been_sent, remedy = meaning_of(error)
    if issubclass(cls, errors.ValidationError):
        lines = str(getattr(error, "kwargs", {}).get("report", error)).splitlines()
        return errors.ValidationError(map(_rejected_by_botocore, lines))
    if remedy is _URL:
        return invalid_url()
    message = str(error)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        *_, innermost = _chain(error)
        if str(innermost) not in message:
            message += f" ({innermost})"  # botocore often omits the reason
        host = re.match(r"https?://imagebuilder(?:-fips)?\.([a-z0-9-]+)\.", str(error.kwargs.get("endpoint_url")))
        is_unresolved = any(type(each).__name__ in {"gaierror", "NameResolutionError"} for each in _chain(error))
        if host and is_unresolved and host[1] not in partition_by_region():
            message += f" ({show(host[1])} {unknown_region(host[1])})"
    ours = cls(message, remedy=remedy)
    ours.may_have_been_applied = may_have_been_sent
    if isinstance(ours, errors.TransportError):
        ours.retryable = ours.retryable and remedy is not _PROXY
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
        remedy = None
        if isinstance(error, ClientError) and error.operation_name.startswith("AssumeRole"):
            remedy = _ASSUME if isinstance(from_botocore(error), errors.AccessDeniedException) else None
        message = f"the credentials can't be fetched: {type(error).__name__}: {text}"
        return errors.CredentialsError(message, remedy=remedy)
    if _has_invalid_url(error):
        return invalid_url()
    if passed(error, "botocore.auth"):
        return errors.ConfigurationError(f"the request can't be signed: {error}", remedy=_HEADERS)
    return errors.ConfigurationError(str(error)) if isinstance(error, BotoCoreError | ValueError) else None


def passed(error: BaseException, module: str) -> bool:
    """
    Tell whether *error* came through a *module* of botocore or aiobotocore.
    """
    return any(str(frame.f_globals.get("__name__")).endswith(module) for frame, _ in walk_tb(error.__traceback__))


_INVALID_URL = "the URL of an endpoint or of a proxy is invalid"


def invalid_url() -> errors.ConfigurationError:
    """
    Return the error for an endpoint's or a proxy's URL that can't be used.

    It shows no part of the URL: each may belong to a password that isn't percent-encoded.
    """
    return errors.ConfigurationError(_INVALID_URL, remedy=_URL)


def cause_of(error: BaseException) -> BaseException | None:
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
    rows = (row for name in [*names, "BotoCoreError"] for pattern, row in _MEANINGS if re.fullmatch(pattern, name))
    meaning = next(rows)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        proofs = (_proof(cause, error, meaning[0]) for cause in _chain(error) if cause is not error)
        return next((proof for proof in proofs if proof is not None), meaning)
    return meaning


def _proof(cause: BaseException, error: BaseException, cls: type[errors.ImageBuilderDistError]) -> Meaning | None:
    """Return what *error* means if its *cause* proves that nothing was sent."""
    # By name along the bases: they are classes of urllib3 and ssl, which take longer to import than this library.
    names = {base.__name__ for base in type(cause).__mro__}
    proof: Meaning | None = None
    if names & {"CertificateError", "SSLCertVerificationError"}:
        proof = errors.TlsVerificationError, False, None
    elif names & {"ConnectTimeoutError", "NewConnectionError"}:
        proof = cls, False, None
    elif isinstance(cause, BotoCoreError):
        proof = meaning_of(cause)
    # ssl raises an error of X509 for a certificate file without certificates.
    elif isinstance(cause, FileNotFoundError | IsADirectoryError) or getattr(cause, "library", "") == "X509":
        proof = errors.ConfigurationError, False, _FILES
    # By frame: it is a ValueError, TypeError or UnicodeEncodeError, and other code raises these later, too.
    elif any(frame.f_code.co_name == "putheader" for frame, _ in walk_tb(cause.__traceback__)):
        proof = errors.ConfigurationError, False, _HEADERS
    elif _is_invalid_url(cause):
        proof = errors.ConfigurationError, False, _URL
    # http.client raises it if the proxy rejects the tunnel; a broken connection has an errno or a class of its own.
    elif isinstance(error, boto.ProxyConnectionError) and type(cause) is OSError and cause.errno is None:
        proof = cls, False, _PROXY if re.search("failed: (403|407)", str(cause)) else None
    return proof


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

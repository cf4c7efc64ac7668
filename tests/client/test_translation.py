"""
Whatever botocore raises becomes an error of the library that says whether it was sent.
"""

import socket
import ssl
from typing import Any

import botocore.compat
import botocore.exceptions
import pytest
import urllib3.exceptions
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN

from .helpers import EVERY_CLASS, delete, failing, new

OF_THE_SERVICE = {"ClientError", "EventStreamError"}
OF_THE_STUBBER = {"StubAssertionError", "StubResponseError", "UnStubbedResponseError"}
# What each becomes, whether it may have been applied, and the calls; all others are mistakes in the set-up.
# A delete has no token, so it isn't retried if it may have been applied.
EXPECTED: dict[tuple[type[ibd.ImageBuilderDistError], bool, int], str] = {
    (ibd.TransportError, False, 3): "CapacityNotAvailableError",
    (ibd.RequestTimeoutError, False, 3): "ConnectTimeoutError",
    (ibd.ConnectionFailedError, False, 3): "EndpointConnectionError",
    (ibd.TransportError, True, 1): "AwsChunkedWrapperError BotoCoreError ChecksumError FlexibleChecksumError "
    "IncompleteReadError PaginationError UnseekableStreamError WaiterError",
    (ibd.ConnectionFailedError, True, 1): "ConnectionClosedError ConnectionError HTTPClientError ProxyConnectionError "
    "ResponseStreamingError SSLError",
    (ibd.RequestTimeoutError, True, 1): "ReadTimeoutError",
    (ibd.CredentialsError, False, 1): "CredentialRetrievalError LoginAuthorizationCodeError LoginError "
    "LoginInsufficientPermissions LoginRefreshRequired LoginTokenLoadError MetadataRetrievalError NoAuthTokenError "
    "NoCredentialsError PartialCredentialsError RefreshWithMFAUnsupportedError SSOError SSOTokenLoadError "
    "TokenRetrievalError UnauthorizedSSOTokenError",
    (ibd.ValidationError, False, 1): "AliasConflictParameterError MissingParametersError ParamValidationError "
    "RangeError UnknownKeyError UnknownParameterError ValidationError",
}


@pytest.mark.parametrize("name", sorted(EVERY_CLASS.keys() - OF_THE_SERVICE - OF_THE_STUBBER))
def test_every_error_of_botocore_says_whether_it_may_have_been_applied(name: str) -> None:
    theirs = EVERY_CLASS[name]() if name == "UndefinedModelAttributeError" else new(EVERY_CLASS[name])

    error, calls = delete(theirs)

    known = [expected for expected, names in EXPECTED.items() if name in names.split()]
    assert (type(error), error.may_have_been_applied, calls) == [*known, (ibd.ConfigurationError, False, 1)][0]
    assert (error.attempts or 0) == (calls if isinstance(error, ibd.TransportError) else 0)


@pytest.mark.parametrize("name", sorted(OF_THE_STUBBER))
def test_what_a_stubber_says_to_a_test_is_left_alone(name: str) -> None:
    fake = failing(new(EVERY_CLASS[name]))

    with pytest.raises(EVERY_CLASS[name]):
        ibd.DistributionConfigurationClient(fake).delete_distribution_configuration(ARN)


@pytest.mark.parametrize(
    ("base", "ours", "may_have_been_applied"),
    [
        ("BotoCoreError", ibd.TransportError, True),
        ("EndpointConnectionError", ibd.ConnectionFailedError, False),
        ("SSOError", ibd.CredentialsError, False),
    ],
)
def test_a_subclass_that_nobody_knows_means_what_its_nearest_known_base_means(
    base: str, ours: type[ibd.ImageBuilderDistError], may_have_been_applied: bool
) -> None:
    error, _ = delete(new(type("BrandNewError", (EVERY_CLASS[base],), {})))

    assert type(error) is ours
    assert error.may_have_been_applied is may_have_been_applied


def test_what_botocore_rejects_has_paths() -> None:
    report = (
        'Missing required parameter in distributions[0]: "region"\n'
        "Invalid length for parameter description, value: 0, valid min length: 1\n"
        'Missing required parameter in input: "name"\n'
        "Something else\x1b"
    )

    error, _ = delete(botocore.exceptions.ParamValidationError(report=report))

    assert isinstance(error, ibd.ValidationError)
    assert [issue.path for issue in error.issues] == ["distributions[0]", "description", "input", ""]
    head = f"4 problems in DeleteDistributionConfiguration of {ARN}:"
    assert str(error).startswith(f"{head}\n  distributions[0]: Missing required parameter")
    assert str(error).endswith("\n  Something else\\x1b")


PROXY = botocore.exceptions.ProxyConnectionError


CLIENT = botocore.exceptions.HTTPClientError


POOL: Any = None


@pytest.mark.parametrize(
    ("theirs", "cause", "may_have_been_applied"),
    [
        (PROXY, urllib3.exceptions.NewConnectionError(POOL, "refused"), False),
        (PROXY, urllib3.exceptions.ConnectTimeoutError("timed out"), False),
        (PROXY, OSError("Tunnel connection failed: 502 Bad Gateway"), False),
        (PROXY, ConnectionResetError(104, "Connection reset by peer"), True),
        (PROXY, urllib3.exceptions.ReadTimeoutError(POOL, "u", "timed out"), True),
        (CLIENT, OSError("no tunnel's"), True),
        (CLIENT, ValueError("I/O operation on closed file."), True),
    ],
    ids=repr,
)
def test_the_cause_tells_whether_it_may_have_been_applied(
    theirs: Any, cause: Exception, may_have_been_applied: bool
) -> None:
    wrapped = urllib3.exceptions.ProxyError("Unable to connect to proxy", cause) if theirs is PROXY else cause

    raised = new(theirs, error=wrapped)
    error, calls = delete(raised)

    assert isinstance(error, ibd.TransportError)
    assert error.__cause__ is raised
    assert error.may_have_been_applied is may_have_been_applied
    assert calls == (1 if may_have_been_applied else 3)


def test_an_error_of_botocore_in_another_means_what_it_means_alone() -> None:
    error, _ = delete(new(CLIENT, error=new(botocore.exceptions.InvalidProxiesConfigError)))

    assert type(error) is ibd.ConfigurationError


def test_what_the_caller_is_handling_is_not_the_cause() -> None:
    theirs = new(botocore.exceptions.ConnectionClosedError)
    theirs.__context__ = ssl.SSLCertVerificationError("an earlier one")

    error, _ = delete(theirs)

    assert type(error) is ibd.ConnectionFailedError
    assert error.may_have_been_applied is True


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ("us-wets-2", " ('us-wets-2' isn't a Region that botocore knows; did you mean 'us-west-2'?); check"),
        ("us-west-2", "not known); check"),
    ],
)
def test_a_mistyped_region_is_told_if_its_host_is_not_found(
    monkeypatch: pytest.MonkeyPatch, session: Any, region: str, told: str
) -> None:
    """
    Only then: botocore may be older than a Region.
    """

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = ibd.DistributionConfigurationClient(session=session, region_name=region, retries=ibd.Retries(attempts=1))

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.get_distribution_configuration(ARN.replace("us-west-2", region))

    assert told in str(caught.value)
    assert ("isn't a Region" in str(caught.value)) == (region != "us-west-2")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"signature_version": "bogus"}, "Unknown Signature Version: bogus"),
        ({"proxies": {"http": "http://127.0.0.1:99999"}}, "URL of an endpoint or of a proxy is invalid"),
        ({"user_agent_extra": "two\nlines"}, "user_agent_extra"),
    ],
)
def test_a_client_that_cannot_send_is_not_asked_again(
    session: Any, local: LocalImageBuilder, options: Any, text: str
) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, config=Config(**options))

    with pytest.raises(ibd.ConfigurationError, match=text) as caught:
        client.delete_distribution_configuration(ARN)

    assert (caught.value.may_have_been_applied, caught.value.attempts or 0) == (False, 0)
    assert local.requests == ()

"""
The cause behind a botocore error decides what the error means.
"""

import socket
import ssl
from typing import Any

import botocore.compat
import botocore.exceptions
import pytest
import urllib3.exceptions
from botocore.exceptions import BotoCoreError

import imagebuilder_dist as ibd
from tests.samples import ARN

from .failing import EVERY_CLASS, delete, new

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
        (PROXY, OSError(113, "No route to host"), True),
        (PROXY, urllib3.exceptions.ReadTimeoutError(POOL, "u", "timed out"), True),
        (CLIENT, OSError("no tunnel's"), True),
        (CLIENT, ValueError("I/O operation on closed file."), True),
        (CLIENT, botocore.exceptions.ReadTimeoutError(endpoint_url="u"), True),
    ],
    ids=repr,
)
def test_the_cause_tells_whether_it_may_have_been_applied(
    theirs: Any, cause: Exception, may_have_been_applied: bool
) -> None:
    wrapped = urllib3.exceptions.ProxyError("Unable to connect to proxy", cause) if theirs is PROXY else cause

    error, calls = delete(new(theirs, error=wrapped))

    assert isinstance(error, ibd.TransportError)
    assert error.may_have_been_applied is may_have_been_applied
    assert calls == (1 if may_have_been_applied else 3)


@pytest.mark.parametrize(
    ("cause", "ours"),
    [("InvalidProxiesConfigError", ibd.ConfigurationError), ("ReadTimeoutError", ibd.RequestTimeoutError)],
)
def test_an_error_of_botocore_in_another_means_what_it_means_alone(
    cause: str, ours: type[ibd.ImageBuilderDistError]
) -> None:
    error, _ = delete(new(CLIENT, error=new(EVERY_CLASS[cause])))

    assert type(error) is ours


def test_what_the_caller_is_handling_is_not_the_cause() -> None:
    theirs = new(botocore.exceptions.ConnectionClosedError)
    theirs.__context__ = ssl.SSLCertVerificationError("an earlier one")

    error, _ = delete(theirs)

    assert type(error) is ibd.ConnectionFailedError
    assert error.may_have_been_applied is True


def test_credentials_that_were_not_fetched_for_want_of_a_file_are_no_question_of_tls() -> None:
    theirs = botocore.exceptions.CredentialRetrievalError(provider="p", error_msg="e")
    theirs.__cause__ = FileNotFoundError(2, "No such file or directory")

    error, _ = delete(theirs)

    assert type(error) is ibd.CredentialsError
    assert error.message == str(theirs)
    assert error.remedy == ibd.CredentialsError.remedy


def test_an_error_of_botocore_is_the_cause() -> None:
    theirs = new(BotoCoreError)

    error, _ = delete(theirs)

    assert error.__cause__ is theirs


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ("us-wets-2", " ('us-wets-2' isn't a Region that botocore knows; did you mean 'us-west-2'?); check"),
        ("xx-new-1", " ('xx-new-1' isn't a Region that botocore knows); check"),
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

"""
A server whose certificate can't be verified receives nothing.
"""

import datetime as dt
import os
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.client.helpers import Connect
from tests.samples import ARN

from .relays import ConnectProxy, Relay, server_context

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (lambda _: server_context(trustme.CA()), "unable to get local issuer certificate"),
        (lambda authority: server_context(authority, "example.com"), "doesn't match 'example.com'"),
        (lambda authority: server_context(authority, not_after=LONG_AGO), "certificate has expired"),
    ],
    ids=["of another authority", "of another host", "expired"],
)
def test_a_server_that_cannot_be_verified_gets_nothing_and_is_asked_once(
    connect: Connect,
    local: LocalImageBuilder,
    authority: trustme.CA,
    certificate: Callable[[trustme.CA], ssl.SSLContext],
    reason: str,
) -> None:
    with (
        Relay(local.url, certificate(authority)) as server,
        ConnectProxy() as proxy,
        pytest.raises(ibd.TlsVerificationError, match=reason) as caught,
    ):
        connect(server.url, proxies={"https": proxy.url}).delete_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False
    assert "AWS_CA_BUNDLE" in str(caught.value)
    assert proxy.requests == ["CONNECT"]
    assert server.requests == []
    assert local.requests == ()


def test_a_proxy_that_cannot_be_verified_gets_nothing(
    connect: Connect, local: LocalImageBuilder, authority: trustme.CA
) -> None:
    with (
        Relay(local.url, server_context(trustme.CA())) as proxy,
        pytest.raises(ibd.TlsVerificationError, match="certificate verify failed"),
    ):
        connect("https://localhost:1", proxies={"https": proxy.url}).delete_distribution_configuration(ARN)

    assert proxy.requests == []


@pytest.mark.parametrize(
    ("bundle", "options", "text"),
    [
        ("/nowhere.pem", {}, "check AWS_CA_BUNDLE"),
        (os.devnull, {}, "check AWS_CA_BUNDLE"),
        (None, {"client_cert": "/nowhere.pem"}, "No such file or directory.*client_cert"),
    ],
    ids=["missing", "empty", "a client's certificate"],
)
def test_a_certificate_that_cannot_be_read_is_a_configuration_error(
    connect: Connect,
    local: LocalImageBuilder,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    bundle: str | None,
    options: Any,
    text: str,
) -> None:
    if bundle is not None:
        monkeypatch.setenv("AWS_CA_BUNDLE", bundle)

    with (
        Relay(local.url, server_context(authority)) as server,
        pytest.raises(ibd.ConfigurationError, match=text) as caught,
    ):
        connect(server.url, **options).delete_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False
    assert server.requests == []

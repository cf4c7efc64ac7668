"""
What a client behind a proxy knows about its writes; the proxies are real and in front of LocalImageBuilder.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    AnswerError,
    CloseAfterApplying,
    CloseBeforeReading,
    LocalImageBuilder,
    TruncateBody,
)
from tests.samples import EVERYTHING

from .relays import ConnectProxy, ForwardProxy, Relay, server_context

Connect = Callable[..., ibd.DistributionConfigurationClient]
DELETE = "DeleteDistributionConfiguration"
UPDATE = "UpdateDistributionConfiguration"
KINDS = ("none", "forward", "connect")


@pytest.fixture
def relays() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def connect(
    session: Any,
    local: LocalImageBuilder,
    authority: trustme.CA,
    relays: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Connect:
    """Create a client of our own behind a kind of proxy, or behind the one that is passed in."""

    def make(kind: str, proxy_url: str | None = None, **options: Any) -> ibd.DistributionConfigurationClient:
        endpoint = local.url
        if kind == "connect":  # is for TLS
            monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "authority.pem"))
            authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
            endpoint = relays.enter_context(Relay(local.url, server_context(authority))).url
        if kind != "none" and proxy_url is None:
            proxy_url = relays.enter_context(ForwardProxy() if kind == "forward" else ConnectProxy()).url
        proxies = {"http": proxy_url, "https": proxy_url} if proxy_url else {}
        return ibd.DistributionConfigurationClient(
            session=session,
            endpoint_url=endpoint,
            config=Config(proxies=proxies),
            retries=ibd.Retries(sleep=lambda _: None, **options),
        )

    return make


@pytest.fixture
def arn(local: LocalImageBuilder) -> str:
    created = local.boto3_client().create_distribution_configuration(
        name="web", distributions=[{"region": "us-west-2", "amiDistributionConfiguration": {}}]
    )
    return str(created["distributionConfigurationArn"])


def applied(local: LocalImageBuilder, operation: str) -> list[bool]:
    return [request.applied for request in local.requests if request.operation == operation]


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_makes_no_difference_where_nothing_goes_wrong(
    connect: Connect, local: LocalImageBuilder, arn: str, kind: str
) -> None:
    client = connect(kind)

    client.update_distribution_configuration(arn, [EVERYTHING])
    client.delete_distribution_configuration(arn)

    assert applied(local, UPDATE) == applied(local, DELETE) == [True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "received"),
    [(CloseAfterApplying(), [True]), (CloseBeforeReading(), [False])],
    ids=["after applying", "before reading"],
)
def test_a_delete_whose_connection_breaks_may_have_been_applied_and_is_not_sent_again(
    connect: Connect, local: LocalImageBuilder, arn: str, kind: str, fault: Any, received: list[bool]
) -> None:
    client = connect(kind, attempts=4)
    local.inject(fault, times=4, operation=DELETE)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied is True
    assert caught.value.attempts == 1
    assert applied(local, DELETE) == received


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_whose_connection_breaks_is_retried_and_applied_once(
    connect: Connect, local: LocalImageBuilder, arn: str, kind: str
) -> None:
    client = connect(kind, attempts=4)
    local.inject(CloseAfterApplying(), times=4, operation=UPDATE)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.update_distribution_configuration(arn, [EVERYTHING])

    assert caught.value.may_have_been_applied is True
    assert caught.value.attempts == 4
    assert applied(local, UPDATE) == [True, False, False, False]


@pytest.mark.parametrize("kind", KINDS)
def test_a_delete_whose_response_is_cut_off_may_have_been_applied(
    connect: Connect, local: LocalImageBuilder, arn: str, kind: str
) -> None:
    client = connect(kind, attempts=4)
    local.inject(TruncateBody(), operation=DELETE)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied is True
    assert applied(local, DELETE) == [True]


@pytest.mark.parametrize("kind", KINDS)
def test_a_throttled_delete_is_retried(connect: Connect, local: LocalImageBuilder, arn: str, kind: str) -> None:
    client = connect(kind)
    local.inject(AnswerError("CallRateLimitExceededException"), times=2, operation=DELETE)

    client.delete_distribution_configuration(arn)

    assert applied(local, DELETE) == [False, False, True]


@pytest.mark.parametrize("kind", ["forward", "connect"])
def test_a_delete_by_a_proxy_that_does_not_listen_was_certainly_not_applied(
    connect: Connect, local: LocalImageBuilder, arn: str, kind: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = connect(kind, f"http://127.0.0.1:{port}", attempts=3)

    with pytest.raises(ibd.ConnectionFailedError, match=r"refused") as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied is False
    assert caught.value.attempts == 3
    assert applied(local, DELETE) == []


@pytest.mark.parametrize("kind", ["forward", "connect"])
def test_a_delete_by_a_proxy_that_has_no_address_was_certainly_not_applied(
    connect: Connect, local: LocalImageBuilder, arn: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = connect(kind, "http://nowhere.invalid:3128", attempts=3)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    with pytest.raises(ibd.ConnectionFailedError, match="not known") as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied is False
    assert caught.value.attempts == 3


@pytest.mark.parametrize(
    ("status", "attempts"), [("407 Proxy Authentication Required", 1), ("403 Forbidden", 1), ("502 Bad Gateway", 3)]
)
def test_a_tunnel_that_the_proxy_rejects_carried_nothing(
    connect: Connect, local: LocalImageBuilder, arn: str, relays: ExitStack, status: str, attempts: int
) -> None:
    """
    A wrong password stays wrong, and a proxy may lock it.
    """
    proxy = relays.enter_context(ConnectProxy(status))
    client = connect("connect", proxy.url, attempts=3)

    with pytest.raises(ibd.ConnectionFailedError, match=f"Tunnel connection failed: {status}") as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied is False
    assert caught.value.attempts == attempts
    assert ("check the proxy's user and password" in str(caught.value)) == (attempts == 1)
    assert proxy.requests == ["CONNECT"] * attempts
    assert applied(local, DELETE) == []


def test_a_proxys_password_is_in_no_error(connect: Connect, arn: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = connect("forward", f"http://me:gehe\nim@127.0.0.1:{port}", attempts=1)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.delete_distribution_configuration(arn)

    assert "gehe" not in f"{caught.value}{caught.value!r}{caught.value.__cause__}"

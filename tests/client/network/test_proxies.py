"""
What a client behind a proxy knows about its writes; the proxies are real and in front of LocalImageBuilder.
"""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import CloseAfterApplying, CloseBeforeReading, LocalImageBuilder, TruncateBody
from tests.client.helpers import THROTTLED, UPDATE, Connect
from tests.samples import ARN, EVERYTHING

from .relays import ConnectProxy, Relay, server_context

DELETE = "DeleteDistributionConfiguration"


@pytest.fixture
def server(local: LocalImageBuilder, authority: trustme.CA) -> Iterator[Relay]:
    """The local endpoint with TLS and one configuration."""
    local.put(ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING]))
    with Relay(local.url, server_context(authority)) as server:
        yield server


def applied(local: LocalImageBuilder, operation: str) -> list[bool]:
    return [request.applied for request in local.requests if request.operation == operation]


def test_behind_a_proxy_a_write_is_retried_and_applied_once(
    connect: Connect, local: LocalImageBuilder, server: Relay
) -> None:
    local.inject(CloseAfterApplying(), operation=UPDATE)
    local.inject(THROTTLED, THROTTLED, operation=DELETE)

    with ConnectProxy() as proxy:
        client = connect(server.url, proxies={"https": proxy.url})
        client.update_distribution_configuration(ARN, [EVERYTHING])
        client.delete_distribution_configuration(ARN)

    assert applied(local, UPDATE) == [True, False]
    assert applied(local, DELETE) == [False, False, True]


@pytest.mark.parametrize("fault", [CloseAfterApplying(), CloseBeforeReading(), TruncateBody()], ids=repr)
def test_behind_a_proxy_a_delete_whose_connection_breaks_may_have_been_applied(
    connect: Connect, local: LocalImageBuilder, server: Relay, fault: Any
) -> None:
    local.inject(fault, times=4, operation=DELETE)

    with ConnectProxy() as proxy, pytest.raises(ibd.ConnectionFailedError) as caught:
        connect(server.url, proxies={"https": proxy.url}).delete_distribution_configuration(ARN)

    assert (caught.value.may_have_been_applied, caught.value.attempts) == (True, 1)
    assert len(applied(local, DELETE)) == 1


def test_a_delete_by_a_proxy_that_cannot_be_reached_was_certainly_not_applied(
    connect: Connect, local: LocalImageBuilder, server: Relay
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://me:gehe\nim@127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(ibd.ConnectionFailedError, match="refused") as caught:
        connect(server.url, attempts=3, proxies={"https": url}).delete_distribution_configuration(ARN)

    assert (caught.value.may_have_been_applied, caught.value.attempts) == (False, 3)
    assert "gehe" not in f"{caught.value}{caught.value!r}{caught.value.__cause__}"
    assert applied(local, DELETE) == []


@pytest.mark.parametrize(("status", "attempts"), [("407 Proxy Authentication Required", 1), ("502 Bad Gateway", 3)])
def test_a_tunnel_that_the_proxy_rejects_carried_nothing(
    connect: Connect, local: LocalImageBuilder, server: Relay, status: str, attempts: int
) -> None:
    """
    A wrong password stays wrong, and a proxy may lock it.
    """
    with (
        ConnectProxy(status) as proxy,
        pytest.raises(ibd.ConnectionFailedError, match=f"Tunnel connection failed: {status}") as caught,
    ):
        connect(server.url, attempts=3, proxies={"https": proxy.url}).delete_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False
    assert caught.value.attempts == attempts
    assert ("check the proxy's user and password" in str(caught.value)) == (attempts == 1)
    assert proxy.requests == ["CONNECT"] * attempts
    assert applied(local, DELETE) == []

"""
What a client behind a proxy knows about its writes; the proxies are real and in front of LocalImageBuilder.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import trustme

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import (
    CloseAfterApplying,
    CloseBeforeReading,
    LocalImageBuilder,
    TruncateBody,
)
from tests.client.helpers import THROTTLED, UPDATE, Connect
from tests.samples import EVERYTHING

from .relays import ConnectProxy, ForwardProxy, Relay, server_context

DELETE = "DeleteDistributionConfiguration"


@pytest.fixture
def relays() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def behind(local: LocalImageBuilder, authority: trustme.CA, relays: ExitStack, connect: Connect) -> Connect:
    """Create a client of our own behind a kind of proxy, or behind the one that is passed in."""

    def make(kind: str, proxy_url: str | None = None, attempts: int = 4) -> ibd.DistributionConfigurationClient:
        endpoint = local.url
        if kind == "connect":  # is for TLS
            endpoint = relays.enter_context(Relay(local.url, server_context(authority))).url
        if proxy_url is None:
            proxy_url = relays.enter_context(ForwardProxy() if kind == "forward" else ConnectProxy()).url
        return connect(endpoint, attempts, proxies={"http": proxy_url, "https": proxy_url})

    return make


@pytest.fixture
def arn(local: LocalImageBuilder) -> str:
    created = local.boto3_client().create_distribution_configuration(
        name="web", distributions=[{"region": "us-west-2", "amiDistributionConfiguration": {}}]
    )
    return str(created["distributionConfigurationArn"])


def applied(local: LocalImageBuilder, operation: str) -> list[bool]:
    return [request.applied for request in local.requests if request.operation == operation]


@pytest.mark.parametrize("kind", ["forward", "connect"])
def test_behind_a_proxy_a_write_is_retried_and_applied_once(
    behind: Connect, local: LocalImageBuilder, arn: str, kind: str
) -> None:
    local.inject(CloseAfterApplying(), operation=UPDATE)
    local.inject(THROTTLED, THROTTLED, operation=DELETE)
    client = behind(kind)

    client.update_distribution_configuration(arn, [EVERYTHING])
    client.delete_distribution_configuration(arn)

    assert applied(local, UPDATE) == [True, False]
    assert applied(local, DELETE) == [False, False, True]


@pytest.mark.parametrize("kind", ["forward", "connect"])
@pytest.mark.parametrize("fault", [CloseAfterApplying(), CloseBeforeReading(), TruncateBody()], ids=repr)
def test_behind_a_proxy_a_delete_whose_connection_breaks_may_have_been_applied(
    behind: Connect, local: LocalImageBuilder, arn: str, kind: str, fault: Any
) -> None:
    local.inject(fault, times=4, operation=DELETE)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        behind(kind).delete_distribution_configuration(arn)

    assert (caught.value.may_have_been_applied, caught.value.attempts) == (True, 1)
    assert len(applied(local, DELETE)) == 1


@pytest.mark.parametrize("kind", ["forward", "connect"])
def test_a_delete_by_a_proxy_that_cannot_be_reached_was_certainly_not_applied(
    behind: Connect, local: LocalImageBuilder, arn: str, kind: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://me:gehe\nim@127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(ibd.ConnectionFailedError, match="refused") as caught:
        behind(kind, url, attempts=3).delete_distribution_configuration(arn)

    assert (caught.value.may_have_been_applied, caught.value.attempts) == (False, 3)
    assert "gehe" not in f"{caught.value}{caught.value!r}{caught.value.__cause__}"
    assert applied(local, DELETE) == []


@pytest.mark.parametrize(
    ("status", "attempts"), [("407 Proxy Authentication Required", 1), ("403 Forbidden", 1), ("502 Bad Gateway", 3)]
)
def test_a_tunnel_that_the_proxy_rejects_carried_nothing(
    behind: Connect, local: LocalImageBuilder, arn: str, relays: ExitStack, status: str, attempts: int
) -> None:
    """
    A wrong password stays wrong, and a proxy may lock it.
    """
    proxy = relays.enter_context(ConnectProxy(status))
    client = behind("connect", proxy.url, attempts=3)

    with pytest.raises(ibd.ConnectionFailedError, match=f"Tunnel connection failed: {status}") as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied is False
    assert caught.value.attempts == attempts
    assert ("check the proxy's user and password" in str(caught.value)) == (attempts == 1)
    assert proxy.requests == ["CONNECT"] * attempts
    assert applied(local, DELETE) == []

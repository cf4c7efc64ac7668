"""
How the local Image Builder listens on a port: for whom, and among broken clients.
"""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

from .samples import create

Send = Callable[..., tuple[int, str]]
BODY = json.dumps({"name": "web", "distributions": ANYTHING, "clientToken": "t"})
LINE = "PUT /CreateDistributionConfiguration HTTP/1.1"


@pytest.fixture
def dial(local: LocalImageBuilder, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], socket.socket]]:
    """Bare connections; afterwards, the endpoint still serves and has printed nothing."""
    connections: list[socket.socket] = []

    def make() -> socket.socket:
        connections.append(socket.create_connection(("127.0.0.1", urlsplit(local.url).port or 0)))
        return connections[-1]

    yield make
    for each in connections:
        each.close()
    local.boto3_client().list_distribution_configurations()
    local.stop()
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def send(dial: Callable[[], socket.socket]) -> Send:
    """Send a create with exactly these header lines; return the status and the body of the response."""

    def make(*headers: str, line: str = LINE, body: str = BODY) -> tuple[int, str]:
        connection = dial()
        connection.sendall("\r\n".join([line, *headers, "Connection: close", "", body]).encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        head, _, text = connection.makefile("rb").read().decode().partition("\r\n\r\n")
        return int(head.split()[1]), text

    return make


def test_a_connection_is_kept_alive(connection: http.client.HTTPConnection) -> None:
    sockets: list[object] = []
    for target in ("/", "/tags/x"):
        connection.request("GET", target)
        connection.getresponse().read()
        sockets.append(connection.sock)

    assert sockets[0] is not None
    assert sockets[0] is sockets[1]


@pytest.mark.parametrize(
    "header",
    [
        "Content-Length: x",
        "Content-Length: -1",
        "Content-Length: ²",
        f"Content-Length : {len(BODY)}",
        "Transfer-Encoding: chunked",
    ],
)
def test_a_body_of_unknown_length_is_a_bad_request(send: Send, local: LocalImageBuilder, header: str) -> None:
    status, _ = send("Host: localhost", header)

    assert (status, local.requests) == (400, ())


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:80", "127.0.0.1:1", "127.8.9.10", "[::1]", "[::1]:8080", "\t[::1] "]
)
@pytest.mark.parametrize("origin", [[], ["Origin: http://localhost:3000"], ["Origin: HTTPS://[::1]"]])
def test_names_of_the_loopback_interface_are_served_and_their_pages(send: Send, host: str, origin: list[str]) -> None:
    status, _ = send(f"Host: {host}", f"Content-Length: {len(BODY)}", *origin)

    assert status == 200


@pytest.mark.parametrize(
    "headers",
    [
        *[
            [f"Host: {host}"]
            for host in (
                *("evil.example", "evil.example:8080", "localhost.evil.example", "evil-localhost", "localhost."),
                *("127.0.0.1.evil.example", "127.0.0.1.5", "128.0.0.1", "169.254.169.254", "[::]", "[::ffff:1.2.3.4]"),
                *("", "a b", "user@localhost", "localhost:x", "localhost/", "localho\u017ft"),
            )
        ],
        ["Host: localhost", "Host: evil.example"],
        *[
            ["Host: localhost", f"Origin: {origin}"]
            for origin in (
                *("http://evil.example:80", "http://localhost.evil.example", "null", ""),
                *("http://localhost@evil.example", "http://evil.example/localhost", "chrome-extension://localhost"),
            )
        ],
        ["Host: localhost", "Origin: http://localhost", "Origin: http://evil.example"],
    ],
    ids=", ".join,
)
def test_other_names_and_their_pages_are_forbidden(send: Send, local: LocalImageBuilder, headers: list[str]) -> None:
    """
    A web page can make a browser send requests here: to its own name (DNS rebinding), or with it as their origin.
    """
    headers = [each.encode().decode("latin-1") for each in headers]

    status, body = send(*headers, f"Content-Length: {len(BODY)}", "Content-Type: text/plain")

    assert status == 403
    assert "serves 127.0.0.1 and localhost, and their web pages, but not '" in json.loads(body)["message"]
    assert (local.requests, local.stored()) == ((), ())


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"\x00\x01\x02\xff\xfe\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n: nothing\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{}",
        b"BREW /coffee HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /GetDistributionConfiguration?distributionConfigurationArn=%ff%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /tags/%2e%2e%2f%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PUT /Crea",
        b"",
    ],
)
def test_garbage_is_rejected_or_dropped(dial: Callable[[], socket.socket], sent: bytes) -> None:
    connection = dial()
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)

    assert b" 200 " not in connection.makefile("rb").readline()


@pytest.mark.parametrize(
    "sent",
    [
        b"PUT /CreateDistributionConfiguration HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"GET /GetDistributionConfiguration?distributionConfigurationArn=x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["in the middle of a body", "before the response"],
)
def test_a_client_that_is_gone_is_no_trouble(dial: Callable[[], socket.socket], sent: bytes) -> None:
    connection = dial()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset, not close
    connection.sendall(sent)
    connection.close()


def test_it_stops_with_connections_open_and_starts_again_with_what_it_had() -> None:
    before = threading.active_count()
    local = LocalImageBuilder()
    with local:
        assert urlsplit(local.url).hostname == "127.0.0.1"
        client = local.boto3_client()
        create(client)
        url = local.url
        local.start()
        assert local.url == url

    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="isn't listening"):
        _ = local.url
    local.stop()
    with local:
        answer = local.boto3_client().list_distribution_configurations()
        assert [each["name"] for each in answer["distributionConfigurationSummaryList"]] == ["web"]

"""
What may be between a client and an endpoint: proxies, and servers that terminate TLS. All on loopback.
"""

import contextlib
import select
import socket
import socketserver
import ssl
import threading
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import trustme

Address = tuple[str, int]


def address_of(url: str) -> Address:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def server_context(authority: trustme.CA, name: str = "localhost", **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **options).configure_cert(context)
    return context


class Connection(socketserver.StreamRequestHandler):
    """
    A connection that carries one request.
    """

    def setup(self) -> None:
        self.relay = cast(Relay, self.server)
        if self.relay.tls is not None:
            self.request = self.relay.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        line, rest = self.rfile.readline(), b""
        length = 0
        while (header := self.rfile.readline()).strip():
            rest += header
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        rest += b"\r\n" + self.rfile.read(length)
        self.relay.requests.append(line.split()[0].decode())
        self.relay.serve(self, line, rest)

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the server closes the socket that TLS was put on, which is an empty shell

    def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.wfile.write(data)


class Relay(socketserver.ThreadingTCPServer):
    """
    Passes requests on to *target*; if that connection breaks, it breaks its own.
    """

    def __init__(self, target: str = "", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.tls = tls
        self.requests: list[str] = []
        self._target = address_of(target)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a client that doesn't trust us hangs up."""

    def serve(self, connection: Connection, line: bytes, rest: bytes) -> None:
        connection.send(fetch(self._target, line, rest))


class ConnectProxy(Relay):
    """
    Opens tunnels, or responds with another status.
    """

    def __init__(self, status: str = "200 OK") -> None:
        super().__init__()
        self._status = status

    def serve(self, connection: Connection, line: bytes, rest: bytes) -> None:  # noqa: ARG002 - a tunnel has no more
        connection.send(f"HTTP/1.1 {self._status}\r\n\r\n".encode())
        if self._status == "200 OK":
            tunnel(connection.connection, address_of(f"//{line.split()[1].decode()}"))


def fetch(target: Address, line: bytes, rest: bytes) -> bytes:
    """Return the response to a request, up to where it breaks off."""
    response = b""
    with contextlib.suppress(ConnectionError), socket.create_connection(target) as there:
        there.sendall(line + b"Connection: close\r\n" + rest)
        while received := there.recv(65536):
            response += received
    return response.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def tunnel(here: socket.socket, target: Address) -> None:
    """Pass bytes on in both directions until one side hangs up."""
    with contextlib.suppress(ConnectionError), socket.create_connection(target) as there:
        other = {here: there, there: here}
        while True:
            for ready in select.select(list(other), [], [])[0]:
                received = ready.recv(65536)
                if not received:
                    return
                other[ready].sendall(received)

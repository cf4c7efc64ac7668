"""
An EC2 Image Builder on your own machine, for tests and demos.
"""

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from imagebuilder_dist.testing._service import ImageBuilder

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body that are read; the largest valid request is far smaller."""


class LocalImageBuilder:
    """
    The distribution configurations of EC2 Image Builder, kept in memory, served to any SDK in any language.

    Create, get, update, list and delete, tag, untag and list tags; anything else is answered with a 501.
    Requests are checked against botocore's service model and against the rules that the service has beyond it,
    and refused with the service's own codes and messages.
    Credentials are not checked.

    As a context manager it listens on a port of 127.0.0.1:

    >>> from imagebuilder_dist import DistributionConfigurationClient
    >>> with LocalImageBuilder() as local:
    ...     client = DistributionConfigurationClient(local.boto3_client())

    Without a port, `attach` lets a boto3 client talk to it inside the process.

    Args:
        account_id: The account that everything belongs to, 12 digits.
        region_name: The Region of requests that aren't signed; signed ones name theirs.
        port: The port to listen on; the kernel picks a free one for 0.
    """

    def __init__(self, *, account_id: str = "123456789012", region_name: str = "us-west-2", port: int = 0) -> None:
        self._region_name = region_name
        self._port = port
        self._service = ImageBuilder(account_id=account_id, region_name=region_name)
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """
        The address to give as `endpoint_url`.

        Raises:
            RuntimeError:
                If it isn't listening.
        """
        if self._server is None:
            raise RuntimeError("LocalImageBuilder isn't listening; use it in a with statement, or call start()")
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """
        Listen; what was stored before is still there.

        Raises:
            RuntimeError:
                If it is listening already.
            OSError:
                If the port is taken.
        """
        if self._server is not None:
            raise RuntimeError("LocalImageBuilder is listening already")
        self._server = _Server(self._service, self._port)
        self._server.start()

    def stop(self) -> None:
        """
        Stop listening, close every connection, and wait until all threads have ended.
        """
        if self._server is not None:
            self._server.stop()
            self._server = None

    def boto3_client(self, *, region_name: str | None = None, config: Config | None = None) -> Any:
        """
        Return a boto3 `imagebuilder` client that talks to this endpoint, with made-up credentials.

        Args:
            region_name: The Region to call; the endpoint's own without it.
            config: Passed on to boto3.
        """
        session: Any = boto3.Session()
        return session.client(
            "imagebuilder",
            region_name=region_name or self._region_name,
            endpoint_url=self.url,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - not checked
            config=config,
        )

    def attach(self, client: Any) -> None:
        """
        Let a boto3 *client* talk to this endpoint inside the process: it sends nothing over the network any more.

        The client needs a Region and credentials, which can be made up.
        """

        def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
            body: Any = request.body or b""
            sent: Any = request.headers
            url = urlsplit(request.url)
            reply = self._service.handle(
                request.method,
                url._replace(scheme="", netloc="").geturl(),
                {name: _text(value) for name, value in sent.items()},
                body.encode() if isinstance(body, str) else body,
            )
            headers: Any = reply.headers
            return AWSResponse(request.url, reply.status, HTTPHeaders.from_pairs(headers.items()), _Raw(reply.body))

        client.meta.events.register_first("before-send.imagebuilder", answer)


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


class _Raw(io.BytesIO):
    """What botocore reads a body from."""

    def stream(self) -> Iterator[bytes]:
        """Give the body."""
        yield self.read()


class _Server(ThreadingHTTPServer):
    """HTTP/1.1 on a loopback port, one thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, service: ImageBuilder, port: int) -> None:
        self.service = service
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._connections_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Close everything and wait for it."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._connections_lock:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            _hang_up(connection)
            thread.join()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection until it is closed."""
        with self._connections_lock:
            self._connections[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._connections_lock:
                del self._connections[request]


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be closed already
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """Hands what it reads to the service."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """Ask for the body, at once."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, "A body needs a Content-Length.")
        elif not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.BAD_REQUEST, "The Content-Length is no number.")
        elif int(length) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has at most {MAX_BODY} bytes.")
        else:
            body = self.rfile.read(int(length))
            reply = cast(_Server, self.server).service.handle(self.command, self.path, dict(self.headers.items()), body)
            self._send(reply.status, {**reply.headers, "Content-Length": str(len(reply.body))}, reply.body)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        body = reason.encode()
        headers = {"Connection": "close", "Content-Type": "text/plain", "Content-Length": str(len(body))}
        self._send(status, headers, body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

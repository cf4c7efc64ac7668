"""
HTTP/1.1 on a loopback port, for clients that may be slow, rude or gone.
"""

import contextlib
import io
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from imagebuilder_dist.testing._endpoint import Endpoint
from imagebuilder_dist.testing._heads import Head, HeadError, Hosts, read_head
from imagebuilder_dist.testing._service import error_reply

REQUEST_SECONDS = 30.0
"""How long a request may take to arrive, and its response to be taken."""

IDLE_SECONDS = 300.0
"""How long a connection may stay open between two requests."""

ACCEPT_SECONDS = 0.05
"""How long to wait after a connection that can't be accepted."""


class Server(ThreadingHTTPServer):
    """
    Serves an endpoint, one thread a connection.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: Endpoint, hosts: Hosts, port: int) -> None:
        self.endpoint = endpoint
        self.hosts = hosts
        self.stopping = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._connections_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def start(self) -> None:
        """
        Serve in a thread of its own.
        """
        self._thread.start()

    def stop(self) -> None:
        """
        Close everything and wait for it.
        """
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._connections_lock:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            _hang_up(connection)
            thread.join()

    def get_request(self) -> tuple[socket.socket, Any]:
        """
        Accept a connection.
        """
        try:
            return super().get_request()
        except OSError:
            # Without a free descriptor the connection stays in the queue, so accept fails again and again.
            self.stopping.wait(ACCEPT_SECONDS)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """
        Serve one connection until it is closed.
        """
        with self._connections_lock:
            self._connections[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._connections_lock:
                del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        Say what went wrong, unless it is only that the client has gone.
        """
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be closed already
        connection.shutdown(socket.SHUT_RDWR)


class _Patient(io.RawIOBase):
    """Reads from a connection, all in all no longer than allowed: a byte now and then doesn't buy more time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """Allow that much from now on."""
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """Hands what it reads to the endpoint."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read with patience, but not forever."""
        super().setup()
        self._patient = _Patient(self.connection)
        self.rfile = self._reader = io.BufferedReader(self._patient)

    def handle_one_request(self) -> None:
        """Wait for the next request, and respond to it."""
        self._patient.allow(IDLE_SECONDS)
        try:
            self._reader.peek(1)
        except TimeoutError:
            self.close_connection = True
            return
        self._patient.allow(REQUEST_SECONDS)
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Ask for the body, at once."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""

    def _serve(self) -> None:
        try:
            head = read_head(self.path, self.request_version, self.headers)
        except HeadError as error:
            self._refuse(error)
        else:
            self._answer(head)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

    def _answer(self, head: Head) -> None:
        left = head.length

        def read() -> bytes:
            nonlocal left
            body = self.rfile.read(left)
            if len(body) < left:
                raise ConnectionError("the client closed the connection in the middle of a body")
            left = 0
            return body

        server = cast(Server, self.server)
        objection = server.hosts.objection(head)
        if objection is None:
            headers = dict(self.headers.items())
            reply = server.endpoint.respond(self.command, head.target, headers, read, server.stopping.wait)
        else:
            reply = error_reply("ForbiddenException", objection)
        if reply is None or reply.length is not None:
            self.close_connection = True
        if reply is not None:
            read()  # what nobody has read of the request is not the next one
            self._send(reply.status, reply.all_headers, reply.body)

    def _refuse(self, error: HeadError) -> None:
        body = error.reason.encode()
        headers = {"Connection": "close", "Content-Type": "text/plain", "Content-Length": str(len(body))}
        self._send(error.status, headers, body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

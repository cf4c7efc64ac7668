"""
HTTP/1.1 on a loopback port, for clients that may be slow, broken or gone.
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
"""How long a request may take to arrive, and its response to be read."""

IDLE_SECONDS = 300.0
"""How long a connection may stay open between two requests."""

ACCEPT_SECONDS = 0.05
"""How long to wait after a connection couldn't be accepted."""


class Server(ThreadingHTTPServer):
    """
    Serves an endpoint, with one thread per connection.
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
        Serve in a background thread.
        """
        self._thread.start()

    def stop(self) -> None:
        """
        Close all connections and wait for all threads.
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
        Print the traceback, unless the client has just gone.
        """
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be closed already
        connection.shutdown(socket.SHUT_RDWR)


class _DeadlineReader(io.RawIOBase):
    """Reads from a connection until a deadline, which a slow client can't extend by sending a byte now and then."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline = 0.0

    def allow(self, seconds: float) -> None:
        """Set the deadline to so many seconds from now."""
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        """Return `True`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has arrived, or time out."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """Passes requests on to the endpoint."""

    protocol_version = "HTTP/1.1"
    # Send head and body in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read with deadlines."""
        super().setup()
        self._raw = _DeadlineReader(self.connection)
        self.rfile = self._reader = io.BufferedReader(self._raw)

    def handle_one_request(self) -> None:
        """Wait for the next request, and respond to it."""
        self._raw.allow(IDLE_SECONDS)
        try:
            self._reader.peek(1)
        except TimeoutError:
            self.close_connection = True
            return
        self._raw.allow(REQUEST_SECONDS)
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Ask for the body at once: without the flush, the request for it would stay in the buffer."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Log nothing."""

    def _serve(self) -> None:
        try:
            head = read_head(self.path, self.request_version, self.headers)
        except HeadError as error:
            self._reject(error)
        else:
            self._respond(head)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

    def _respond(self, head: Head) -> None:
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
            read()  # the rest of the body would be taken for the next request
            self._send(reply.status, reply.all_headers, reply.body)

    def _reject(self, error: HeadError) -> None:
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

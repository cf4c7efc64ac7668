"""
HTTP on a loopback port: the standard library's server, for clients of tests.
"""

import contextlib
import logging
import re
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from imagebuilder_dist._common.text import printable
from imagebuilder_dist.testing._service import Reply, error_reply
from imagebuilder_dist.testing._wire import Respond

_logger = logging.getLogger(__name__)
_LOOPBACK = re.compile(r"(?:https?://)?(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]*)?", re.IGNORECASE)


class Server(ThreadingHTTPServer):
    """
    Passes requests to *respond*, with one thread per connection.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, respond: Respond, port: int) -> None:
        self.respond = respond
        self.stopping = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """
        Close all connections and wait for all threads.
        """
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection, thread in self._connections.copy().items():
            # Its thread may wait for the next request on a connection that is kept alive.
            with contextlib.suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """
        Serve one connection until it is closed.
        """
        self._connections[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        Print the traceback, unless the client has just gone.
        """
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Passes requests on to the endpoint."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Log a request and the status of its response; those that get none have a dash."""
        _logger.info("%s", printable(format % args))

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        # Of a header like "Content-Length : 5" the parser only says that something is wrong.
        if self.headers.defects or not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.send_error(400)
            return
        body = self.rfile.read(int(length))
        reply = self._reply(body) if len(body) == int(length) else None
        if reply is None:
            self.log_request()
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.all_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        # A response that is cut off promises more.
        self.close_connection |= reply.all_headers["Content-Length"] != str(len(reply.body))

    do_DELETE = do_GET = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

    def _reply(self, body: bytes) -> Reply | None:
        # A web page can make a browser send requests to the loopback interface: to the page's own host name (DNS
        # rebinding), or with the page as their origin.
        for name in (*self.headers.get_all("Host", []), *self.headers.get_all("Origin", [])):
            if not _LOOPBACK.fullmatch(name.strip()):
                message = f"The local endpoint serves 127.0.0.1 and localhost, and their web pages, but not {name!r}."
                return error_reply("ForbiddenException", message)
        server = cast(Server, self.server)
        authorization = self.headers.get("Authorization", "")
        return server.respond(self.command, self.path, authorization, body, server.stopping.wait)

"""
A server that answers with whatever bytes it is given, over a real socket.
"""

import contextlib
import socket
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self


def http(status: str, body: bytes, *, headers: Iterable[str] = (), length: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        "x-amzn-RequestId: an id",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",  # a client that is quick would send its next request before it sees the close
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class FaultyServer:
    """
    Answers each request with the next of *answers*, one connection each; `None` closes without an answer.

    After the last it holds the next request without answering, or stops listening where *then_refuse*.
    """

    def __init__(self, *answers: bytes | None, then_refuse: bool = False) -> None:
        self._answers = answers
        self._then_refuse = then_refuse
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._hang_up()
        self._thread.join()
        for connection in self._held:
            connection.close()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):  # it may be closed already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        for nth, answer in enumerate(self._answers, 1):
            connection = self._accept()
            if connection is None:
                return
            if self._then_refuse and nth == len(self._answers):
                self._hang_up()  # before the client can come back
            with connection:
                if answer is not None:
                    connection.sendall(answer)
        if self._then_refuse:
            return
        connection = self._accept()
        if connection is not None:
            self._held.append(connection)

    def _accept(self) -> socket.socket | None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(65536)
        head, _, body = request.partition(b"\r\n\r\n")
        length = next(
            (int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        self.received.append(body)
        return connection

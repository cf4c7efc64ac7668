"""
The least HTTP server for updates and gets, in a process of its own: `server.py LATENCY` prints its port.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

from tests.benchmarks.canned import UPDATED, stored
from tests.benchmarks.workloads import Document

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length: *([0-9]+)\r\n", re.IGNORECASE)


def _response(document: Document) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@lru_cache(maxsize=1)
def _got(update: bytes) -> bytes:
    return _response(stored(json.loads(update)["distributions"]))


_UPDATED = _response(UPDATED)


class _Connection(asyncio.Protocol):
    update = b'{"distributions": []}'
    """The body of the last one, over any connection; parsed only for gets, so that updates cost as little as can be."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_END)
        length = _LENGTH.search(head + _END)
        if end and len(body) == (int(length[1]) if length else 0):
            self._received = b""
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, self._respond(head, body))

    def _respond(self, head: bytes, body: bytes) -> bytes:
        if head.startswith(b"GET "):
            return _got(_Connection.update)
        _Connection.update = body
        return _UPDATED


@contextmanager
def serving(latency: float) -> Generator[str, None, None]:
    """Run the server, which waits for *latency* seconds before each response, and give its URL."""
    command = [sys.executable, "-m", "tests.benchmarks.server", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = process.stdout.readline().strip()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def _serve(latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(latency), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))

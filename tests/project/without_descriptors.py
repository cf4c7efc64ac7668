"""
Let a local endpoint run out of descriptors; print the seconds that four failing accepts take, and the status of a later
response.
"""

import os
import resource
import socket
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from imagebuilder_dist.testing import LocalImageBuilder

failures: list[float] = []
enough = threading.Event()
accept = socket.socket.accept


def watched(self: socket.socket) -> tuple[socket.socket, Any]:
    try:
        return accept(self)
    except OSError:
        failures.append(time.monotonic())
        if len(failures) == 4:
            enough.set()
        raise


socket.socket.accept = watched  # type: ignore[method-assign]
with LocalImageBuilder() as local:
    port = urlsplit(local.url).port or 0
    client = socket.socket()
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    taken: list[int] = []
    try:
        while True:
            taken.append(os.dup(client.fileno()))
    except OSError:
        client.connect(("127.0.0.1", port))
    if not enough.wait(60):
        sys.exit("it did not try to accept four times")
    for each in taken:
        os.close(each)
    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
    status = client.recv(4096).split()[1].decode()
    client.close()
print(failures[3] - failures[0], status)  # noqa: T201 - what the test reads

"""
Fixtures of the kit's tests.
"""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from imagebuilder_dist.testing import LocalImageBuilder, Stubs

from .endpoint import Raw


@pytest.fixture
def connection(local: LocalImageBuilder) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(local.url).port or 0)
    yield connection
    connection.close()


@pytest.fixture
def raw(connection: http.client.HTTPConnection) -> Raw:
    """Send requests that no SDK would send."""

    def send(
        method: str, target: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, target, payload, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), json.loads(response.read())

    return send


@pytest.fixture
def stubs() -> Stubs:
    return Stubs()

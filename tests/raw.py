"""
Requests that no SDK would send.
"""

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from imagebuilder_dist.testing import LocalImageBuilder


def send(local: LocalImageBuilder, method: str, target: str, body: object = b"") -> tuple[int, dict[str, str], Any]:
    """Send bytes, or a document as JSON; return status, headers and document of the response."""
    with closing(HTTPConnection(urlsplit(local.url).netloc)) as connection:
        connection.request(method, target, body if isinstance(body, bytes) else json.dumps(body).encode())
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), json.loads(response.read())

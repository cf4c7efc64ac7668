"""
Fixtures of the kit's tests.
"""

import http.client
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

from imagebuilder_dist.testing import LocalImageBuilder
from tests.raw import send

from .samples import Client, Raw


@pytest.fixture
def connection(local: LocalImageBuilder) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(local.url).port or 0)
    yield connection
    connection.close()


@pytest.fixture
def raw(local: LocalImageBuilder) -> Raw:
    """Send requests that no SDK would send."""
    return partial(send, local)


@pytest.fixture(params=["http", "in-process"])
def client_of(request: pytest.FixtureRequest, session: Any, local: LocalImageBuilder) -> Client:
    """A boto3 client without retries."""

    def make(**config: Any) -> Any:
        once = Config(retries={"total_max_attempts": 1, "mode": "standard"}, **config)
        if request.param == "http":
            return session.client("imagebuilder", endpoint_url=local.url, config=once)
        client = session.client("imagebuilder", config=once)
        local.attach(client)
        return client

    return make

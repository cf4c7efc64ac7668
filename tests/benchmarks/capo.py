"""
capo-imagebuilder: a generated client with an HTTP stack of its own, whose requests and responses are TypedDicts.

It sends what it is given: no value is checked, and a key that it doesn't know is left out.
"""

import re
import uuid
from typing import Any

from capo_imagebuilder import AsyncimagebuilderClient, imagebuilderClient
from zapros import AsyncStdNetworkHandler

from tests.benchmarks.calls import Call
from tests.benchmarks.workloads import ARN, Document, Workload

_TAGS = "ami_tags"


def client(url: str) -> imagebuilderClient:
    return imagebuilderClient(region="us-west-2", endpoint=url)


def asynchronous_client(url: str, connections: int) -> AsyncimagebuilderClient:
    handler = AsyncStdNetworkHandler(http1={"max_connections_per_host": connections})
    return AsyncimagebuilderClient(handler, region="us-west-2", endpoint=url)


def update_call(client: Any, workload: Workload) -> Call:
    """The dicts are ready before the call; the client token, which it requires, is made in it, as botocore does."""
    distributions = [in_snake_case(document) for document in workload.documents()]
    return lambda: client.update_distribution_configuration(ARN, distributions, str(uuid.uuid4()))


def get_call(client: Any) -> Call:
    return lambda: client.get_distribution_configuration(ARN)


def in_snake_case(document: Document) -> Document:
    snake: Document = {}
    for key, value in document.items():
        name = re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", key)
        snake[name] = value if name == _TAGS else _each(value)
    return snake


def _each(value: Any) -> Any:
    if isinstance(value, dict):
        return in_snake_case(value)
    return [_each(item) for item in value] if isinstance(value, list) else value

"""
How the local endpoint handles a request: it applies a fault, runs the service, and records the request.
"""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import attrs

from imagebuilder_dist._common.attributes import is_mapping
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.models import DistributionConfiguration
from imagebuilder_dist.testing import requests
from imagebuilder_dist.testing._script import Script
from imagebuilder_dist.testing._service import ImageBuilder, Reply, find_operation
from imagebuilder_dist.testing.requests import Request


@attrs.frozen
class ReceivedRequest:
    """
    A request that the local endpoint has read completely.
    """

    operation: str | None
    """The API operation, for example `UpdateDistributionConfiguration`; `None` if it isn't one."""

    target: str
    """Path and query."""

    body: Any
    """The body, read as JSON; `None` if there is none or it isn't JSON."""

    client_token: str | None
    """The body's `clientToken`."""

    time: datetime
    """When the request had arrived, in UTC."""

    status: int | None = None
    """The HTTP status of the service's response, whether or not it reached the client; `None` if it wasn't called."""

    applied: bool = False
    """Whether the operation ran and wrote; false for reads, rejected requests and retries of an earlier write."""

    method: str = ""
    """`GET`, `PUT` and so on."""

    @property
    def typed(self) -> Request | None:
        """
        The request as a class of this library or of `imagebuilder_dist.testing.requests`; `None` if it can't be read.
        """
        return requests.read(self.method, self.target, self.body)[1]


class Endpoint:
    """
    The endpoint behind both front ends, HTTP and in-process; thread-safe.
    """

    def __init__(
        self,
        service: ImageBuilder,
        max_requests: int,
        on_request: Callable[[ReceivedRequest], object] | None = None,
    ) -> None:
        self.service = service
        self._max_requests = max_requests
        self.script = Script()
        self._records: dict[int, ReceivedRequest] = {}
        self._received = 0
        self._lock = threading.Lock()
        self.on_request = on_request

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """
        The last *max_requests* requests, in the order of arrival.
        """
        with self._lock:
            return tuple(self._records.values())

    def respond(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        read: Callable[[], bytes],
        wait: Callable[[float], object],
    ) -> Reply | None:
        """
        Return the reply to a request; `None` closes the connection instead.

        Args:
            method: `GET`, `PUT` and so on.
            target: Path and query, as in the request line.
            headers: The headers; the case of their names doesn't matter.
            read: Reads the body.
            wait: Waits for a number of seconds.
        """
        found = find_operation(method, target)
        operation = found[0].name if found else None
        exchange = _Exchange(self, method, target, headers, operation, read, wait)
        fault = self.script.fault_for(operation)
        try:
            return exchange.answer() if fault is None else fault.answer(exchange)
        finally:
            if self.on_request is not None and exchange.request is not None:
                self.on_request(exchange.request)

    def record(self, request: ReceivedRequest) -> int:
        """
        Keep a *request*, and return its number for `replace`.
        """
        with self._lock:
            self._received += 1
            self._records[self._received] = request
            self._records.pop(self._received - self._max_requests, None)
            return self._received

    def replace(self, number: int, request: ReceivedRequest) -> None:
        """
        Replace the request that was kept under *number*, unless it has been dropped since.
        """
        with self._lock:
            if number in self._records:
                self._records[number] = request

    def clear(self) -> None:
        """
        Forget all requests.
        """
        with self._lock:
            self._records.clear()


@attrs.define
class _Exchange:
    """A `faults.Exchange`."""

    _endpoint: Endpoint
    _method: str
    _target: str
    _headers: Mapping[str, str]
    operation: str | None
    _read: Callable[[], bytes]
    _wait: Callable[[float], object]
    request: ReceivedRequest | None = None
    _body: bytes = b""
    _number: int = 0

    def receive(self) -> bytes:
        if self.request is None:
            self._body = self._read()
            content = _json(self._body)
            self.request = ReceivedRequest(
                self.operation, self._target, content, _token(content), datetime.now(UTC), method=self._method
            )
            self._number = self._endpoint.record(self.request)
        return self._body

    def answer(self) -> Reply:
        body = self.receive()
        reply = self._endpoint.service.handle(self._method, self._target, self._headers, body)
        received = cast(ReceivedRequest, self.request)
        self.request = attrs.evolve(received, status=reply.status, applied=received.applied or reply.applied)
        self._endpoint.replace(self._number, self.request)
        return reply

    def change(self, change: Callable[[DistributionConfiguration], DistributionConfiguration]) -> None:
        self.receive()
        typed = cast(ReceivedRequest, self.request).typed
        arn = getattr(typed, "distribution_configuration_arn", getattr(typed, "resource_arn", None))
        if arn is None:
            raise ValueError(
                f"{self.operation} isn't about a single configuration; inject the fault for another operation"
            )
        self._endpoint.service.change(
            arn, lambda document: to_boto3(change(from_boto3(document, DistributionConfiguration)))
        )

    def wait(self, seconds: float) -> None:
        self._wait(seconds)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None


def _token(content: Any) -> str | None:
    token = content.get("clientToken") if is_mapping(content) else None
    return token if isinstance(token, str) else None

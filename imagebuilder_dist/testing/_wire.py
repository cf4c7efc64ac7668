"""
A substitute for the network: botocore's public events let a boto3 client's requests be handled in the process.
"""

import io
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from inspect import iscoroutinefunction
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import attrs
import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from imagebuilder_dist.testing._clock import Clock
from imagebuilder_dist.testing._service import Reply, botocore_session

_BEFORE_SEND = "before-send.imagebuilder"
_NEEDS_RETRY = "needs-retry.imagebuilder"
# botocore keeps one handler for an id, whatever the event.
_RESPOND = "imagebuilder_dist.testing.respond"
_DECIDE = "imagebuilder_dist.testing.decide"


@attrs.frozen
class Sent:
    """
    A request as a client would send it.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    region_name: str
    read_timeout: float

    @property
    def target(self) -> str:
        """
        Path and query.
        """
        return urlunsplit(("", "", *urlsplit(self.url)[2:]))

    def wait(self, seconds: float, clock: Clock | None) -> None:
        """
        Let *seconds* pass on the *clock* or, without one, really wait; a time-out is raised at once.

        Raises:
            botocore.exceptions.ReadTimeoutError:
                If *seconds* is longer than the client's read timeout.
        """
        if clock is not None:
            clock.sleep(min(seconds, self.read_timeout))
        if seconds > self.read_timeout:
            raise ReadTimeoutError(endpoint_url=self.url)
        if clock is None:
            time.sleep(seconds)


Responder: TypeAlias = Callable[[Sent], Reply | None]
"""Responds to a request; `None` closes the connection. It may raise one of botocore's exceptions instead."""


def attach(client: Any, responder: Responder) -> None:
    """
    Let *responder* handle the requests of a boto3 or aiobotocore *client*, instead of an earlier responder.
    """
    response_class = _AsyncResponse if is_asynchronous(client) else AWSResponse

    def respond(request: AWSPreparedRequest, **_: object) -> AWSResponse | _AsyncResponse:
        body: Any = request.body or b""
        headers: Any = request.headers
        sent = Sent(
            request.method,
            str(request.url),
            {name: value.decode() if isinstance(value, bytes) else value for name, value in headers.items()},
            body.encode() if isinstance(body, str) else body,
            client.meta.region_name,
            client.meta.config.read_timeout,
        )
        reply = responder(sent)
        if reply is None:
            raise ConnectionClosedError(endpoint_url=sent.url)
        return response_class(
            sent.url, reply.status, HTTPHeaders.from_pairs(reply.all_headers.items()), _Raw(reply.body)
        )

    detach(client)  # a second registration under the same id would be ignored
    client.meta.events.register_first(_BEFORE_SEND, respond, unique_id=_RESPOND)


def skip_waits(client: Any, sleep: Callable[[float], object]) -> None:
    """
    Let botocore's own retries in *client* follow without a delay; it is passed to *sleep* instead.
    """
    events = client.meta.events

    # botocore waits as long as the first handler says. So this one emits the event again to ask the others, and returns
    # no delay if they return one.
    def decide(*, asked: bool = False, event_name: str, **facts: Any) -> float | None:
        return None if asked else _waited(events.emit(event_name, asked=True, **facts), sleep)

    async def decide_later(*, asked: bool = False, event_name: str, **facts: Any) -> float | None:
        return None if asked else _waited(await events.emit(event_name, asked=True, **facts), sleep)

    decision: Any = decide_later if is_asynchronous(client) else decide
    events.register_first(_NEEDS_RETRY, decision, unique_id=_DECIDE)


def _waited(responses: list[tuple[Any, float | None]], sleep: Callable[[float], object]) -> float | None:
    delay = next((delay for _, delay in responses if delay is not None), None)
    if delay is None:
        return None
    sleep(delay)
    return 0


def detach(client: Any) -> None:
    """
    Let *client* use the network again, and wait as before.
    """
    client.meta.events.unregister(_BEFORE_SEND, unique_id=_RESPOND)
    client.meta.events.unregister(_NEEDS_RETRY, unique_id=_DECIDE)


def is_asynchronous(client: Any) -> bool:
    """
    Return whether *client* is aiobotocore's.
    """
    return iscoroutinefunction(client.close)


@attrs.frozen
class Session:
    """
    Creates clients like a `boto3.Session`, and attaches them to *responder*, unless it is `None`.
    """

    responder: Responder | None
    region_name: str
    access_key_id: str = "local"

    def client(self, service_name: str, *, region_name: str | None = None, **options: Any) -> Any:
        """
        Create a client with made-up credentials.
        """
        with _session_lock:
            client = _session().client(
                service_name,
                region_name=region_name or self.region_name,
                aws_access_key_id=self.access_key_id,
                aws_secret_access_key="local",  # noqa: S106 - not checked
                **options,
            )
        if self.responder is not None:
            attach(client, self.responder)
        return client


# Creating a session takes many times as long as creating a client, and two threads mustn't use it at once.
_session_lock = threading.Lock()


@cache
def _session() -> Any:
    return boto3.Session(botocore_session=botocore_session())


class _Raw(io.BytesIO):
    """The body, in the form that botocore reads."""

    def stream(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self.read()


class _AsyncResponse:
    """An `AWSResponse` for aiobotocore, which awaits the content."""

    def __init__(self, url: str, status_code: int, headers: HTTPHeaders, raw: _Raw) -> None:
        self.url = url
        self.status_code = status_code
        self.headers = headers
        self._body = raw.read()

    @property
    def content(self) -> Awaitable[bytes]:
        """The body, as an awaitable."""

        async def content() -> bytes:
            return self._body

        return content()

"""
A substitute for the network: botocore's public events let a boto3 client's requests be handled in the process.
"""

import io
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import attrs
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.session import Session as BotocoreSession

from imagebuilder_dist.testing._service import Reply

Respond: TypeAlias = Callable[[str, str, str, bytes, Callable[[float], object]], Reply | None]
"""
Responds to method, target, the header `Authorization`, and body; `None` closes the connection.

The last argument lets so many seconds pass.
"""

_ID = "imagebuilder_dist.testing"


class Clock:
    """
    A clock that advances when something sleeps, without waiting; for `Retries(sleep=clock.sleep, clock=clock)`.

    Args:
        base: Seconds that pass in any case; none if omitted, so that a test's times are exact.
    """

    def __init__(self, base: Callable[[], float] = lambda: 0.0) -> None:
        self._base = base
        self.slept: list[float] = []
        """The length of each sleep in seconds."""

    def __call__(self) -> float:
        return self._base() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """
        Advance the clock by *seconds*.
        """
        self.slept.append(seconds)


def attach(client: Any, respond: Respond, sleep: Callable[[float], object]) -> None:
    """
    Let *respond* handle the requests of a boto3 *client*, instead of what is attached to it already.

    A delay is passed to *sleep*, up to the client's read timeout.
    """

    def wait(seconds: float) -> None:
        timeout = client.meta.config.read_timeout
        sleep(min(seconds, timeout))
        if seconds > timeout:
            raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url)

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        url = str(request.url)
        target = urlunsplit(("", "", *urlsplit(url)[2:]))
        authorization = str(request.headers.get("Authorization", ""))  # perhaps of bytes, but it is only searched
        body: Any = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        reply = respond(request.method, target, authorization, body, wait)
        if reply is None:
            raise ConnectionClosedError(endpoint_url=url)
        return AWSResponse(url, reply.status, HTTPHeaders.from_pairs(reply.all_headers.items()), _Raw(reply.body))

    events, event = client.meta.events, f"before-send.{client.meta.service_model.service_name}"
    events.unregister(event, unique_id=_ID)  # a second registration under the same id would be ignored
    events.register_first(event, send, unique_id=_ID)


class _Raw(io.BytesIO):
    """The body, in the form that botocore reads."""

    def stream(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self.read()


@attrs.frozen
class Session:
    """
    Creates clients like a `boto3.Session`, with made-up credentials.
    """

    region_name: str
    access_key_id: str = "local"
    prepare: Callable[[Any], object] = lambda _: None
    """Called with each client."""

    def client(self, service_name: str, *, region_name: str | None = None, **options: Any) -> Any:
        """
        Create a client.
        """
        with _session_lock:
            client = _session().create_client(
                service_name,
                region_name=region_name or self.region_name,
                aws_access_key_id=self.access_key_id,
                aws_secret_access_key="local",  # noqa: S106 - not checked
                **options,
            )
        self.prepare(client)
        return client


# Creating a session takes many times as long as creating a client, and two threads mustn't use it at once.
_session_lock = threading.Lock()


@cache
def _session() -> Any:
    # It ignores AWS_PROFILE, which may name a profile that doesn't exist.
    return BotocoreSession(session_vars={"profile": (None, None, None, None)})

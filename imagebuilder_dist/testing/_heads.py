"""
The head of an HTTP request: its target, the length of its body, and whether its host and origin are allowed.
"""

import re
from collections.abc import Iterable
from email.message import Message
from http import HTTPStatus

import attrs

MAX_BODY = 16 * 1024 * 1024
"""The largest body of a request, in bytes; the largest valid request is far smaller."""

MAX_HEAD = 64 * 1024
"""The largest total size of a request's headers, in bytes."""

_ABSOLUTE = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE)
_NAME = r"[a-z0-9._-]+|\[[0-9a-f:.]+\]"
_AUTHORITY = re.compile(rf"({_NAME})(?::[0-9]*)?", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(rf"https?://{_AUTHORITY.pattern}", re.ASCII | re.IGNORECASE)
_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|\[::1\]", re.ASCII)


class HeadError(Exception):
    """
    A head that violates HTTP or is too large.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


@attrs.frozen
class Head:
    """
    A parsed head.
    """

    target: str
    """Path and query."""

    length: int
    """The length of the body in bytes."""

    host: str | None
    """The host name that the client called, without the port; `None` if an HTTP/1.0 request omits it."""

    origins: tuple[str, ...]
    """The sites whose pages sent the request; empty unless a browser sent it."""


def read_head(target: str, version: str, headers: Message) -> Head:
    """
    Parse the head of a request.

    Args:
        target: The second word of the request line.
        version: Its third word, for example `HTTP/1.1`.
        headers: The headers.

    Raises:
        HeadError:
            If the head violates HTTP or is too large.
    """
    if sum(len(name) + len(value) for name, value in headers.items()) > MAX_HEAD:
        raise HeadError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The headers have more than {MAX_HEAD} bytes.")
    host = _host(version, headers)
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute:  # RFC 9112, 3.2.2: then the Host header is ignored
        host, target = _name(absolute[1]), "/" + absolute[2].removeprefix("/")
    return Head(target, _length(headers), host, tuple(_values("Origin", headers)))


def _values(name: str, headers: Message) -> list[str]:
    return [value.strip(" \t") for value in headers.get_all(name, [])]


def _host(version: str, headers: Message) -> str | None:
    hosts = _values("Host", headers)
    if len(hosts) > 1:
        raise HeadError(HTTPStatus.BAD_REQUEST, "The request has more than one Host header.")
    if hosts:
        return _name(hosts[0])
    if version in {"HTTP/0.9", "HTTP/1.0"}:
        return None
    raise HeadError(HTTPStatus.BAD_REQUEST, "The request has no Host header.")


def _name(authority: str) -> str:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise HeadError(HTTPStatus.BAD_REQUEST, "The Host is not a name or an address, with or without a port.")
    return match[1].lower()


def _length(headers: Message) -> int:
    if "Transfer-Encoding" in headers:
        raise HeadError(HTTPStatus.NOT_IMPLEMENTED, "A body needs a Content-Length.")
    length, *others = {*_values("Content-Length", headers)} or {"0"}
    if others:
        raise HeadError(HTTPStatus.BAD_REQUEST, "The request has several Content-Length headers that differ.")
    if not (length.isascii() and length.isdigit()):
        raise HeadError(HTTPStatus.BAD_REQUEST, "The Content-Length is not a number.")
    if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
        raise HeadError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has more than {MAX_BODY} bytes.")
    return int(length)


class Hosts:
    """
    The host names that the endpoint accepts: those of the loopback interface, and others that are allowed.

    A web page can make a browser send requests to the loopback interface: to the page's own host name (DNS
    rebinding), or with the page as their origin.

    Raises:
        TypeError:
            If *allowed* isn't a collection of strings.
        ValueError:
            If one of *allowed* isn't a name or an address without a port.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        if isinstance(allowed, str):
            raise TypeError(f"allowed_hosts must be a list of names, not the str {allowed!r}")
        names = tuple(allowed)
        for name in names:
            if not re.fullmatch(_NAME, name, re.ASCII | re.IGNORECASE):
                raise ValueError(f"an allowed host must be a name or an address without a port, not {name!r}")
        self._allowed = frozenset(name.lower() for name in names)

    def objection(self, head: Head) -> str | None:
        """
        Return why a request is rejected, and what to do about it; `None` if it is accepted.
        """
        if head.host is not None and not self._allows(head.host):
            return (
                f"The local endpoint doesn't accept requests to {head.host}. Call 127.0.0.1 or localhost, or allow the"
                f" name: LocalImageBuilder(allowed_hosts=[{head.host!r}]), or --allow-host {head.host} on the command"
                " line."
            )
        for origin in head.origins:
            match = _ORIGIN.fullmatch(origin)
            if match is None or not self._allows(match[1].lower()):
                return (
                    f"A web page from {origin!r} sent this request. If the page is yours, serve it from localhost, or"
                    " allow its host: LocalImageBuilder(allowed_hosts=...), or --allow-host on the command line."
                )
        return None

    def _allows(self, name: str) -> bool:
        return name in self._allowed or _LOOPBACK.fullmatch(name) is not None

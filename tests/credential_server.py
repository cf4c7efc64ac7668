"""
A server that hands out credentials as STS and a container's endpoint do, over a real socket.
"""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import parse_qs

LONG = timedelta(hours=2)
# botocore fetches new credentials for each request if the present ones end within ten minutes.
SHORT = timedelta(minutes=5)

_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_DENIAL = (
    f'<ErrorResponse xmlns="{_STS}"><Error><Type>Sender</Type><Code>AccessDenied</Code>'
    "<Message>not for you</Message></Error><RequestId>of STS</RequestId></ErrorResponse>"
)


class CredentialServer:
    """
    Gives each request the next of *keys*, and denies those after the last; `None` names each key after the request.

    `asked` holds what was asked for, in order, and `keys` and `regions` what that was signed with, if it was.
    *body* is sent instead of credentials.
    """

    def __init__(
        self,
        keys: Sequence[str] | None = None,
        *,
        lifetime: timedelta = LONG,
        body: str | None = None,
    ) -> None:
        self._keys = keys
        self._lifetime = lifetime
        self._body = body
        self.asked: list[str] = []
        self.keys: list[str] = []
        self.regions: list[str] = []
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, what: str) -> tuple[int, str]:
        self.asked.append(what)
        if self._body is not None:
            return 200, self._body
        if self._keys is not None and len(self.asked) > len(self._keys):
            return 403, _DENIAL
        key = what.upper() if self._keys is None else self._keys[len(self.asked) - 1]
        return 200, _credentials(what, key, datetime.now(UTC) + self._lifetime)


def _credentials(what: str, key: str, end: datetime) -> str:
    members = {"AccessKeyId": key, "SecretAccessKey": "a secret", "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
    if what == "container":
        return json.dumps({**members, "Token": "a session"})
    xml = "".join(f"<{name}>{value}</{name}>" for name, value in {**members, "SessionToken": "a session"}.items())
    return (
        f'<{what}Response xmlns="{_STS}"><{what}Result><Credentials>{xml}</Credentials></{what}Result></{what}Response>'
    )


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[CredentialServer]

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        key, _, region, *_ = self.headers["Authorization"].partition("Credential=")[2].split("/")
        self.owner.keys.append(key)
        self.owner.regions.append(region)
        self._reply(form["Action"][0])

    def do_GET(self) -> None:
        self._reply("container")

    def _reply(self, what: str) -> None:
        status, body = self.owner.answer(what)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

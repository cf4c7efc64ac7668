"""
The endpoint among slow, rude or vanished clients; and no secret in anything that people read.
"""

import contextlib
import json
import logging
import pickle
import select
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder, _http
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

KEY, SECRET, TOKEN = "AKIDKEYKEYKEY", "secretsecretsecret", "sessiontokensessiontoken"
OTHERS = "998877665544"


@pytest.fixture
def dial(local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """A bare connection; afterwards, the endpoint still serves and has printed nothing."""
    connections: list[socket.socket] = []

    def make() -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", urlsplit(local.url).port or 0))
        connections.append(connection)
        return connection

    yield make
    for connection in connections:
        connection.close()
    monkeypatch.setattr(_http, "REQUEST_SECONDS", 30.0)  # whatever the test had it at
    local.boto3_client().list_distribution_configurations()
    local.stop()
    assert capfd.readouterr() == ("", "")


Dial = Callable[[], socket.socket]


def rest(connection: socket.socket) -> bytes:
    """Return everything up to the end of the connection, which may be abrupt after invalid input."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_it_listens_on_loopback_only(local: LocalImageBuilder, dial: Dial) -> None:
    assert dial().getpeername()[0] == urlsplit(local.url).hostname == "127.0.0.1"


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"\x00\x01\x02\xff\xfe\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n: nothing\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{}",
        b"BREW /coffee HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /GetDistributionConfiguration?distributionConfigurationArn=%ff%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /tags/%2e%2e%2f%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_garbage_is_rejected_or_dropped(dial: Dial, sent: bytes) -> None:
    connection = dial()
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)

    response = rest(connection)

    assert b" 200 " not in response.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"X: " + b"x" * 70_000 + b"\r\n", b"431"),
        (b"".join(b"X%d: x\r\n" % nth for nth in range(101)), b"431"),
        (b"".join(b"X%d: %s\r\n" % (nth, b"x" * 7_000) for nth in range(10)), b"431"),
    ],
    ids=["a long one", "many", "much in all"],
)
def test_headers_have_bounds(dial: Dial, head: bytes, status: bytes) -> None:
    connection = dial()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n")

    assert rest(connection).split()[1] == status


def test_a_request_line_has_bounds(dial: Dial) -> None:
    connection = dial()
    connection.sendall(b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert rest(connection).split()[1] == b"414"


@pytest.mark.parametrize("seconds", [0, 0.1])
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"PUT /Crea",
        b"PUT /CreateDistributionConfiguration HTTP/1.1\r\nHost: localhost\r\nContent-Le",
        b"PUT /CreateDistributionConfiguration HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
def test_a_half_open_connection_is_closed_in_time(
    dial: Dial, monkeypatch: pytest.MonkeyPatch, sent: bytes, seconds: float
) -> None:
    monkeypatch.setattr(_http, "REQUEST_SECONDS", seconds)
    monkeypatch.setattr(_http, "IDLE_SECONDS", 0.1)
    connection = dial()
    connection.sendall(sent)

    assert rest(connection) == b""


def test_a_byte_now_and_then_does_not_buy_time(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "REQUEST_SECONDS", 0.2)
    connection = dial()
    connection.settimeout(0.01)
    sent, closed = 0, False

    while not closed:
        try:
            connection.sendall(b"x")
            sent += 1
            closed = connection.recv(1) == b""
        except TimeoutError:
            continue
        except ConnectionError:
            closed = True

    assert 1 < sent < 100


def test_a_client_that_does_not_read_its_response_is_left(
    local: LocalImageBuilder, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [f"{nth:012}" for nth in range(1536)]
    stored = [
        {"region": f"us-west-{nth}", "amiDistributionConfiguration": {"targetAccountIds": accounts}}
        for nth in range(30)
    ]
    client = local.boto3_client()
    arn = client.create_distribution_configuration(name="web", distributions=stored)["distributionConfigurationArn"]
    monkeypatch.setattr(_http, "REQUEST_SECONDS", 0.1)
    connection = dial()
    # Each response has a good 700,000 bytes: a few of them are more than a connection holds.
    target = f"/GetDistributionConfiguration?distributionConfigurationArn={arn}"
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 1000)
    hung_up = select.poll()
    hung_up.register(connection, select.POLLHUP)

    assert hung_up.poll()
    assert len(local.requests) < 100


@pytest.mark.parametrize(
    "sent",
    [
        b"PUT /CreateDistributionConfiguration HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"GET /GetDistributionConfiguration?distributionConfigurationArn=x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["in the middle of a body", "before the response"],
)
def test_a_client_that_is_gone_is_no_trouble(dial: Dial, sent: bytes) -> None:
    connection = dial()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset, not close
    connection.sendall(sent)
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"distributions":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"name": ' + b"9" * 10_000 + b"}",
        b'{"name": NaN, "distributions": [Infinity, 1e999]}',
        b'{"name": "\\ud800", "distributions": [{"region": "\\u0000"}], "clientToken": "t"}',
        json.dumps({"name": "x" * 10_000_000}).encode(),
        json.dumps({str(nth): nth for nth in range(200_000)}).encode(),
    ],
    ids=["deep", "deep objects", "deep inside", "a long number", "no numbers", "surrogates", "long", "wide"],
)
def test_hostile_json_gets_an_error(dial: Dial, body: bytes) -> None:
    connection = dial()
    head = b"PUT /CreateDistributionConfiguration HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    response = rest(connection)

    assert response.startswith(b"HTTP/1.1 400 ")
    assert json.loads(response.partition(b"\r\n\r\n")[2])["message"]


def test_without_free_descriptors_it_waits_between_accepts_and_then_serves() -> None:
    pytest.importorskip("resource")
    script = Path(__file__).parent / "without_descriptors.py"

    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)

    seconds, status = ran.stdout.split()
    assert float(seconds) > 0.1
    assert status == "501"


@pytest.fixture
def told(local: LocalImageBuilder, caplog: pytest.LogCaptureFixture) -> Any:
    """Return everything that was logged, and all that a failed call says, with its causes."""
    caplog.set_level(logging.DEBUG, logger="imagebuilder_dist")
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    session = boto3.Session(KEY, SECRET, TOKEN, region_name="us-west-2")

    def tell(url: str | None = None) -> str:
        client = ibd.DistributionConfigurationClient(
            session=session, endpoint_url=url or local.url, config=config, retries=ibd.Retries(attempts=1)
        )
        with pytest.raises(ibd.ImageBuilderDistError) as caught:
            client.get_distribution_configuration(ARN)
        error = caught.value
        lines = traceback.format_exception(error)
        return "\n".join([*lines, str(error), repr(error), repr(vars(error)), str(pickle.dumps(error)), caplog.text])

    return tell


def test_credentials_are_in_no_error_and_no_log(local: LocalImageBuilder, told: Callable[[], str]) -> None:
    local.inject(AnswerError("AccessDeniedException"))

    text = told()

    assert "AccessDeniedException" in text
    assert not any(secret in text for secret in (KEY, SECRET, TOKEN))


@pytest.mark.parametrize(
    "configuration",
    [
        {"tags": {"team": [OTHERS]}},
        {"name": [OTHERS]},
        {"distributions": [{"region": "r", "amiDistributionConfiguration": {"targetAccountIds": [{OTHERS: 1}]}}]},
        {"distributions": OTHERS},
    ],
)
def test_an_unreadable_response_is_not_shown_to_everybody(told: Callable[[str], str], configuration: object) -> None:
    body = json.dumps({"distributionConfiguration": configuration}).encode()

    with FaultyServer(http("200 OK", body)) as server:
        text = told(server.url)

    assert "ResponseError" in text
    assert OTHERS not in text


def test_warnings_name_paths_and_no_values(local: LocalImageBuilder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="imagebuilder_dist"):
        ibd.DistributionConfigurationClient(local.boto3_client()).create_distribution_configuration("web", [EVERYTHING])

    assert "distributions[0].amiDistributionConfiguration.launchPermission.userGroups[0]" in caplog.text
    assert not any(value in caplog.text for value in ("111122223333", "alias/web", "/ami/web", "lt-0123456789abcdef0"))


def test_a_client_shows_no_keys(local: LocalImageBuilder) -> None:
    session = boto3.Session(KEY, SECRET, TOKEN, region_name="us-west-2")

    shown = repr(ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url))

    assert "DistributionConfigurationClient" in shown
    assert not any(secret in shown for secret in (KEY, SECRET, TOKEN))

"""
How the local endpoint listens, and how it works inside the process.
"""

import http.client
import json
import socket
import threading
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder
from imagebuilder_dist.testing.__main__ import main
from imagebuilder_dist.testing._heads import MAX_BODY

from .endpoint import ARN, OTHER_ACCOUNT, Raw, create
from .samples import WEB


def test_a_head_request_gets_no_body(connection: http.client.HTTPConnection) -> None:
    for _ in range(2):
        connection.request("HEAD", "/")
        response = connection.getresponse()

        assert (response.status, response.read()) == (501, b"")


def test_a_connection_is_kept_alive(connection: http.client.HTTPConnection, raw: Raw) -> None:
    raw("GET", "/")
    first = connection.sock

    raw("GET", "/tags/" + quote(ARN + "x", safe=""))

    assert first is not None
    assert connection.sock is first


def test_a_client_that_asks_first_is_told_to_go_on(local: LocalImageBuilder) -> None:
    body = json.dumps({"maxResults": 1}).encode()
    head = (
        f"POST /ListDistributionConfigurations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", urlsplit(local.url).port or 0)) as sock:
        sock.sendall(head.encode())
        assert sock.recv(4096).startswith(b"HTTP/1.1 100 ")
        sock.sendall(body)
        assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "x"}, 400),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "²"}, 400),
        ({"Content-Length": str(MAX_BODY + 1)}, 413),
        ({"Transfer-Encoding": "chunked"}, 501),
    ],
)
def test_a_body_of_unknown_or_hostile_length_is_not_read(
    connection: http.client.HTTPConnection, headers: dict[str, str], status: int
) -> None:
    connection.putrequest("PUT", "/CreateDistributionConfiguration")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()

    response = connection.getresponse()

    assert response.status == status
    assert response.getheader("Connection") == "close"


def test_many_threads_write_at_once_and_nothing_is_lost(local: LocalImageBuilder, boto3_client: Any) -> None:
    def work(number: int) -> None:
        for each in range(10):
            create(boto3_client, f"web {number} {each}")

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    pages = boto3_client.get_paginator("list_distribution_configurations").paginate()
    assert sum(len(page["distributionConfigurationSummaryList"]) for page in pages) == 80


def test_it_stops_with_connections_open_and_starts_again_with_what_it_had(session: Any) -> None:
    before = threading.active_count()
    local = LocalImageBuilder()
    with local:
        client = local.boto3_client()
        create(client)
        with pytest.raises(RuntimeError, match="listening already"):
            local.start()

    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="isn't listening"):
        _ = local.url
    local.stop()
    with local:
        answer = local.boto3_client().list_distribution_configurations()
        assert [each["name"] for each in answer["distributionConfigurationSummaryList"]] == ["web"]


def test_it_listens_on_loopback_only(local: LocalImageBuilder) -> None:
    assert urlsplit(local.url).hostname == "127.0.0.1"


def test_a_port_that_is_taken_is_an_error(local: LocalImageBuilder, capsys: pytest.CaptureFixture[str]) -> None:
    port = urlsplit(local.url).port or 0

    with pytest.raises(OSError, match="in use"):
        LocalImageBuilder(port=port).start()
    assert main(["--port", str(port)]) == 1
    assert f"can't listen on port {port}" in capsys.readouterr().err


def test_without_a_port_it_serves_inside_the_process(session: Any) -> None:
    client = session.client("imagebuilder", endpoint_url="http://127.0.0.1:1")
    LocalImageBuilder(account_id="111122223333").attach(client)

    arn = create(client, tags={"a": "b"})
    client.tag_resource(resourceArn=arn, tags={"c": "d"})

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b", "c": "d"}
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException):
        create(client)


def test_attaching_again_replaces_the_endpoint(session: Any) -> None:
    client = session.client("imagebuilder")
    first, second = LocalImageBuilder(), LocalImageBuilder()
    first.attach(client)
    first.inject(AnswerError("ServiceException"), times=5)
    second.attach(client)

    create(client)

    assert [len(first.requests), len(second.requests)] == [0, 1]
    first.clear_faults()
    first.attach(client)
    assert client.list_distribution_configurations()["distributionConfigurationSummaryList"] == []
    assert [len(first.requests), len(second.requests)] == [1, 1]


def test_attaching_a_thousand_times_applies_a_call_once(session: Any) -> None:
    client = session.client("imagebuilder")
    local = LocalImageBuilder()
    for _ in range(1000):
        local.attach(client)

    create(client)

    assert [request.applied for request in local.requests] == [True]


def test_an_endpoint_can_be_attached_to_several_clients(session: Any) -> None:
    local = LocalImageBuilder()
    clients = [session.client("imagebuilder") for _ in range(2)]
    for each in clients:
        local.attach(each)

    create(clients[0], "one")
    create(clients[1], "two")

    assert [request.body["name"] for request in local.requests] == ["one", "two"]


def test_an_access_key_id_says_the_account_to_any_sdk(session: Any) -> None:
    with LocalImageBuilder() as local:
        theirs = session.client(
            "imagebuilder", endpoint_url=local.url, aws_access_key_id=OTHER_ACCOUNT, aws_secret_access_key="x"
        )
        theirs.create_distribution_configuration(name="web", distributions=[ibd.to_boto3(WEB)], clientToken="t")
        theirs.close()

    assert OTHER_ACCOUNT in local.stored()[0].arn


def test_what_is_not_a_request_is_not_typed() -> None:
    with LocalImageBuilder() as local, closing(HTTPConnection(urlsplit(local.url).netloc)) as connection:
        for target, body in (("/nothing", b""), ("/UpdateDistributionConfiguration", b"[1"), ("/tags/x", b"{}")):
            connection.request("PUT", target, body)
            connection.getresponse().read()

    assert [each.typed for each in local.requests] == [None] * 3

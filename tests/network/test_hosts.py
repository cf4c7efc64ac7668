"""
The names under which the endpoint serves, and the web pages that may call it.
"""

import json
import socket
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from imagebuilder_dist.testing import LocalImageBuilder
from imagebuilder_dist.testing.__main__ import main
from tests.samples import ANYTHING, ARN

LIST = "POST /ListDistributionConfigurations HTTP/1.1"
CREATE = json.dumps({"name": "web", "distributions": ANYTHING, "clientToken": "t"})


def send(local: LocalImageBuilder, *lines: str, body: str = "") -> tuple[int, str]:
    """Send a request unchanged; return the status and the body of the response."""
    request = "\r\n".join([*lines, "Connection: close", "", body])
    with socket.create_connection(("127.0.0.1", urlsplit(local.url).port or 0)) as connection:
        connection.sendall(request.encode("latin-1"))
        head, _, text = connection.makefile("rb").read().decode().partition("\r\n\r\n")
    return int(head.split()[1]), text


def rewritten(client: Any, host: str) -> Any:
    """Make *client* call the endpoint by another name, like a container does."""

    def rewrite(request: Any, **_: object) -> None:
        request.headers["Host"] = host

    client.meta.events.register("before-send.imagebuilder", rewrite)
    return client


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:80", "127.0.0.1:1", "127.8.9.10", "[::1]", "[::1]:8080", "localhost:", "\t[::1] "]
)
def test_names_of_the_loopback_interface_are_served_with_any_port(local: LocalImageBuilder, host: str) -> None:
    status, _ = send(local, LIST, f"Host: {host}")

    assert status == 200


@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "localhost.",
        "127.0.0.1.evil.example",
        "127.0.0.1.5",
        "128.0.0.1",
        "0.0.0.0",  # noqa: S104 - nobody binds to it
        "169.254.169.254",
        "[::]",
        "[::ffff:1.2.3.4]",
    ],
)
@pytest.mark.parametrize("port", ["", ":8080"])
def test_another_name_is_forbidden_and_the_response_says_what_to_do(
    local: LocalImageBuilder, name: str, port: str
) -> None:
    """
    A web page's own name can be made to resolve to 127.0.0.1 (DNS rebinding).
    """
    status, body = send(
        local,
        "PUT /CreateDistributionConfiguration HTTP/1.1",
        f"Host: {name}{port}",
        f"Content-Length: {len(CREATE)}",
        body=CREATE,
    )

    assert status == 403
    assert f"LocalImageBuilder(allowed_hosts=['{name}']), or --allow-host {name} on" in json.loads(body)["message"]
    assert local.requests == ()


def test_an_sdk_shows_its_user_what_to_do(local: LocalImageBuilder) -> None:
    client = rewritten(local.boto3_client(), "host.docker.internal:8080")

    with pytest.raises(client.exceptions.ForbiddenException, match=r"--allow-host host\.docker\.internal on"):
        client.create_distribution_configuration(name="web", distributions=ANYTHING, description="d" * 1000)


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1", "HTTP://[::1]:80"])
def test_pages_of_this_machine_are_served(local: LocalImageBuilder, origin: str) -> None:
    status, _ = send(local, LIST, "Host: localhost", f"Origin: {origin}")

    assert status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:80",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://evil.example/localhost",
        "chrome-extension://localhost",
        "localhost",
        "null",
        "",
        "http://localhost\r\nOrigin: http://evil.example",
    ],
)
def test_pages_of_other_sites_are_forbidden(local: LocalImageBuilder, origin: str) -> None:
    """
    A browser posts `text/plain` to other sites without a preflight request.
    """
    tags = '{"tags": {"a": "b"}}'

    status, body = send(
        local,
        f"POST /tags/{quote(ARN, safe='')} HTTP/1.1",
        "Host: localhost",
        "Content-Type: text/plain",
        f"Content-Length: {len(tags)}",
        f"Origin: {origin}",
        body=tags,
    )

    assert status == 403
    assert f"A web page from {origin.rpartition('Origin: ')[2]!r} sent this" in json.loads(body)["message"]
    assert local.requests == ()


def test_allowed_hosts_are_served_and_their_pages_too() -> None:
    with LocalImageBuilder(allowed_hosts=["Host.docker.internal", "image_builder", "[fd00::1]"]) as local:
        statuses = [
            send(local, LIST, f"Host: {host}", f"Origin: http://{host}")[0]
            for host in ("host.docker.internal", "HOST.docker.internal:8080", "image_builder:1", "[FD00::1]:1")
        ]
        other, _ = send(local, LIST, "Host: docker.internal")

    assert (statuses, other) == ([200] * 4, 403)


@pytest.mark.parametrize("name", ["", "*", "a:80", "http://a", "a b", "fd00::1", "[::1]:80", "a\n"])
def test_a_host_that_could_never_match_is_rejected(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="an allowed host must be a name or an address without a port, not "):
        LocalImageBuilder(allowed_hosts=["a", name])
    with pytest.raises(SystemExit):
        main(["--allow-host", "a", "--allow-host", name])

    assert "an allowed host must be a name or an address without a port" in capsys.readouterr().err


def test_a_lone_string_is_not_a_list_of_hosts() -> None:
    with pytest.raises(TypeError, match="must be a list of names, not the str 'abc'"):
        LocalImageBuilder(allowed_hosts="abc")


def test_http_1_1_needs_a_host_and_http_1_0_does_not(local: LocalImageBuilder) -> None:
    """
    RFC 9112, 3.2; browsers, against which Host protects, speak HTTP/1.1.
    """
    statuses = {version: send(local, LIST.replace("1.1", version))[0] for version in ("1.0", "1.1", "1.2")}

    assert statuses == {"1.0": 200, "1.1": 400, "1.2": 400}


def test_http_0_9_needs_no_host(local: LocalImageBuilder) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(local.url).port or 0)) as connection:
        connection.sendall(b"GET /tags/x\r\n\r\n")
        response = connection.makefile("rb").read()

    assert json.loads(response)["message"].startswith("The value supplied for parameter 'resourceArn'")


def test_http_1_0_with_another_name_is_forbidden(local: LocalImageBuilder) -> None:
    status, _ = send(local, LIST.replace("1.1", "1.0"), "Host: evil.example")

    assert status == 403


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("localhost\r\nHost: localhost", "The request has more than one Host header."),
        ("localhost\r\nHost: evil.example", "The request has more than one Host header."),
        ("", "The Host is not a name"),
        ("a b", "The Host is not a name"),
        ("[", "The Host is not a name"),
        ("::1", "The Host is not a name"),
        ("user@localhost", "The Host is not a name"),
        ("localhost:x", "The Host is not a name"),
        ("localhost/", "The Host is not a name"),
        ("localho\u017ft".encode().decode("latin-1"), "The Host is not a name"),
    ],
)
def test_a_host_that_is_not_one_is_a_bad_request(local: LocalImageBuilder, host: str, reason: str) -> None:
    status, body = send(local, LIST, f"Host: {host}")

    assert status == 400
    assert body.startswith(reason)


@pytest.mark.parametrize("prefix", ["http://127.0.0.1:1234", "HTTP://localhost", "https://[::1]:1"])
def test_an_absolute_target_is_served(local: LocalImageBuilder, boto3_client: Any, prefix: str) -> None:
    """
    RFC 9112, 3.2.2: a server must accept it, and must then ignore Host.
    """
    arn = boto3_client.create_distribution_configuration(name="web", distributions=ANYTHING)[
        "distributionConfigurationArn"
    ]
    target = f"/GetDistributionConfiguration?distributionConfigurationArn={quote(arn, safe='')}"

    status, body = send(local, f"GET {prefix}{target} HTTP/1.1", "Host: evil.example")

    assert status == 200
    assert json.loads(body)["distributionConfiguration"]["name"] == "web"
    assert local.requests[-1].target == target


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://evil.example/ListDistributionConfigurations", 403),
        ("http://evil.example:1?http://localhost/", 403),
        ("http://localhost@evil.example/ListDistributionConfigurations", 400),
        ("http:///ListDistributionConfigurations", 400),
        ("http://localhost", 501),
        ("http://localhost?x=y", 501),
        ("ftp://localhost/ListDistributionConfigurations", 501),
    ],
)
def test_an_absolute_target_needs_an_allowed_host_and_a_path(
    local: LocalImageBuilder, target: str, status: int
) -> None:
    assert send(local, f"POST {target} HTTP/1.1", "Host: localhost")[0] == status


def test_an_absolute_target_without_a_path_is_the_root(local: LocalImageBuilder) -> None:
    send(local, "GET http://localhost HTTP/1.1", "Host: localhost")
    send(local, "GET http://localhost?a=b HTTP/1.1", "Host: localhost")

    assert [request.target for request in local.requests] == ["/", "/?a=b"]


@pytest.mark.parametrize(
    ("lengths", "status"),
    [(["2", "2"], 200), (["2", "02"], 400), (["2", "1"], 400), (["1", "2"], 400), (["2", "2", "3"], 400)],
)
def test_lengths_that_differ_are_a_bad_request(local: LocalImageBuilder, lengths: list[str], status: int) -> None:
    headers = [f"Content-Length: {length}" for length in lengths]

    assert send(local, LIST, "Host: localhost", *headers, body="{}")[0] == status

"""
The local endpoint, as any SDK meets it.
"""

import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from hypothesis import given

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder, _service, strategies
from imagebuilder_dist.testing.__main__ import main
from imagebuilder_dist.testing._heads import MAX_BODY

from .shapes import ANYTHING, LICENCE, service_model

Raw = Callable[..., tuple[int, dict[str, str], dict[str, Any]]]
ARN = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/"
REGIONS = ("us-west-2", "us-east-1")


@pytest.fixture
def connection(local: LocalImageBuilder) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(local.url).port or 0)
    yield connection
    connection.close()


@pytest.fixture
def raw(connection: http.client.HTTPConnection) -> Raw:
    """Send what no SDK would."""

    def send(
        method: str, target: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, target, payload, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), json.loads(response.read())

    return send


def create(boto3_client: Any, name: str = "web", **others: Any) -> str:
    arn: str = boto3_client.create_distribution_configuration(name=name, distributions=ANYTHING, **others)[
        "distributionConfigurationArn"
    ]
    return arn


def refused(distribution: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    return {"name": "web", "distributions": [distribution, *others], "clientToken": "t"}


def test_a_new_configuration_is_shown_as_the_service_shows_it(boto3_client: Any) -> None:
    arn = create(boto3_client, "My_Web servers", description="d")

    answer = boto3_client.get_distribution_configuration(distributionConfigurationArn=arn)

    shown = answer["distributionConfiguration"]
    assert arn == ARN + "my-web-servers"
    assert shown.pop("dateCreated").endswith("Z")
    assert shown == {
        "arn": arn,
        "name": "My_Web servers",
        "description": "d",
        "distributions": ANYTHING,
        "timeoutMinutes": 720,
        "tags": {},
    }
    assert answer["requestId"] == answer["ResponseMetadata"]["RequestId"]


def test_an_update_replaces_and_dates(boto3_client: Any) -> None:
    arn = create(boto3_client, description="d", tags={"a": "b"})
    new = [{"region": "eu-west-1", "licenseConfigurationArns": [LICENCE]}]

    boto3_client.update_distribution_configuration(distributionConfigurationArn=arn, distributions=new)

    shown = boto3_client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]
    assert "description" not in shown
    assert shown["distributions"] == new
    assert shown["tags"] == {"a": "b"}
    assert shown["dateUpdated"] >= shown["dateCreated"]


def test_names_that_make_the_same_arn_are_the_same(boto3_client: Any) -> None:
    create(boto3_client, "a web")

    with pytest.raises(boto3_client.exceptions.ResourceAlreadyExistsException):
        create(boto3_client, "A_Web")


def test_the_quota_is_a_thousand(local: LocalImageBuilder, session: Any) -> None:
    client = session.client("imagebuilder")
    local.attach(client)
    for number in range(1000):
        create(client, f"web {number}")

    with pytest.raises(client.exceptions.ServiceQuotaExceededException):
        create(client, "one more")


def test_a_region_has_configurations_of_its_own(local: LocalImageBuilder) -> None:
    west, east = local.boto3_client(), local.boto3_client(region_name="us-east-1")

    create(west)
    arn = create(east)

    assert arn == "arn:aws:imagebuilder:us-east-1:123456789012:distribution-configuration/web"
    assert [
        each["arn"] for each in east.list_distribution_configurations()["distributionConfigurationSummaryList"]
    ] == [arn]


@pytest.mark.skipif(
    "dryRun" not in service_model().operation_model("CreateDistributionConfiguration").input_shape.members,  # type: ignore[union-attr] # pyright: ignore[reportOptionalMemberAccess]
    reason="the installed botocore doesn't know dryRun",
)
def test_a_dry_run_creates_nothing(boto3_client: Any) -> None:
    with pytest.raises(boto3_client.exceptions.DryRunOperationException):
        create(boto3_client, dryRun=True)

    create(boto3_client)


def test_a_list_is_paged(boto3_client: Any) -> None:
    arns = {create(boto3_client, f"web {number:02}") for number in range(60)}

    pages = list(boto3_client.get_paginator("list_distribution_configurations").paginate())

    sizes = [len(page["distributionConfigurationSummaryList"]) for page in pages]
    assert sizes == [25, 25, 10]
    assert {each["arn"] for page in pages for each in page["distributionConfigurationSummaryList"]} == arns


def test_a_page_size_is_kept_and_a_full_last_page_has_no_next(boto3_client: Any) -> None:
    for number in range(4):
        create(boto3_client, f"web {number}")

    first = boto3_client.list_distribution_configurations(maxResults=2)
    second = boto3_client.list_distribution_configurations(maxResults=2, nextToken=first["nextToken"])

    assert len(first["distributionConfigurationSummaryList"]) == 2
    assert len(second["distributionConfigurationSummaryList"]) == 2
    assert "nextToken" not in second


def test_a_summary_has_regions_and_no_distributions(boto3_client: Any) -> None:
    arn = create(boto3_client, tags={"a": "b"})

    (summary,) = boto3_client.list_distribution_configurations()["distributionConfigurationSummaryList"]

    assert summary.pop("dateCreated")
    assert summary == {"arn": arn, "name": "web", "tags": {"a": "b"}, "regions": ["us-west-2"]}


def test_a_list_is_filtered_by_name(boto3_client: Any) -> None:
    create(boto3_client, "one")
    create(boto3_client, "two")

    def names(*filters: list[str]) -> list[str]:
        answer = boto3_client.list_distribution_configurations(
            filters=[{"name": "name", "values": values} for values in filters]
        )
        return [each["name"] for each in answer["distributionConfigurationSummaryList"]]

    assert names(["one"]) == ["one"]
    assert names(["one", "two"]) == ["one", "two"]
    assert names(["one"], ["two"]) == []


def test_another_filter_is_refused(boto3_client: Any) -> None:
    with pytest.raises(boto3_client.exceptions.ClientError, match=r"'filters\[0\]\.name'"):
        boto3_client.list_distribution_configurations(filters=[{"name": "hue", "values": ["blue"]}])


@pytest.mark.parametrize("token", ["!", "not base64", "/w==", "YQ"])
def test_a_page_token_of_nobody_is_refused(boto3_client: Any, token: str) -> None:
    with pytest.raises(boto3_client.exceptions.InvalidPaginationTokenException):
        boto3_client.list_distribution_configurations(nextToken=token)


def test_a_deleted_configuration_is_gone(boto3_client: Any) -> None:
    arn = create(boto3_client)

    answer = boto3_client.delete_distribution_configuration(distributionConfigurationArn=arn)

    assert answer["distributionConfigurationArn"] == arn
    for method in ("get_distribution_configuration", "delete_distribution_configuration"):
        with pytest.raises(boto3_client.exceptions.ResourceNotFoundException):
            getattr(boto3_client, method)(distributionConfigurationArn=arn)


def test_tags_are_merged_listed_and_removed(boto3_client: Any) -> None:
    arn = create(boto3_client, tags={"a": "1"})

    boto3_client.tag_resource(resourceArn=arn, tags={"a": "2", "b": "3", "c": "4"})
    boto3_client.untag_resource(resourceArn=arn, tagKeys=["b", "nothing"])

    assert boto3_client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "2", "c": "4"}


def test_a_resource_has_at_most_fifty_tags(boto3_client: Any) -> None:
    arn = create(boto3_client, tags={"first": ""})

    with pytest.raises(boto3_client.exceptions.InvalidParameterException):
        boto3_client.tag_resource(resourceArn=arn, tags={str(number): "" for number in range(50)})

    assert boto3_client.list_tags_for_resource(resourceArn=arn)["tags"] == {"first": ""}


def test_tags_of_nothing_are_not_found(boto3_client: Any) -> None:
    with pytest.raises(boto3_client.exceptions.ResourceNotFoundException):
        boto3_client.list_tags_for_resource(resourceArn=ARN + "nothing")


def test_a_token_used_again_gets_the_first_answer_and_runs_nothing(boto3_client: Any) -> None:
    arn = create(boto3_client)
    one = {
        "distributionConfigurationArn": arn,
        "distributions": ANYTHING,
        "description": "one",
        "clientToken": "1",
    }
    two = {**one, "description": "two", "clientToken": "2"}

    first = boto3_client.update_distribution_configuration(**one)
    boto3_client.update_distribution_configuration(**two)
    again = boto3_client.update_distribution_configuration(**one)

    shown = boto3_client.get_distribution_configuration(distributionConfigurationArn=arn)
    assert again["requestId"] == first["requestId"]
    assert shown["distributionConfiguration"]["description"] == "two"


def test_a_token_used_for_something_else_is_refused(boto3_client: Any) -> None:
    arn = create(boto3_client, clientToken="1")

    for parameters in ({"description": "d", "clientToken": "1"}, {"clientToken": "1"}):
        with pytest.raises(boto3_client.exceptions.IdempotentParameterMismatchException):
            boto3_client.update_distribution_configuration(
                distributionConfigurationArn=arn, distributions=ANYTHING, **parameters
            )


def test_a_token_used_for_another_version_is_refused(boto3_client: Any) -> None:
    create(boto3_client, clientToken="1")

    with pytest.raises(boto3_client.exceptions.IdempotentParameterMismatchException):
        create(boto3_client, clientToken="1", description="d")


def test_members_in_another_order_are_the_same_request(raw: Raw, local: LocalImageBuilder) -> None:
    document = refused(ANYTHING[0])
    backwards = {name: document[name] for name in reversed(document)}

    answers = [raw("PUT", "/CreateDistributionConfiguration", body)[2] for body in (document, backwards)]

    assert answers[0] == answers[1]
    assert [request.applied for request in local.requests] == [True, False]


def test_a_token_belongs_to_its_region(local: LocalImageBuilder) -> None:
    west, east = local.boto3_client(), local.boto3_client(region_name="us-east-1")

    arns = [create(client, clientToken="1") for client in (west, east, west, east)]

    expected = [f"arn:aws:imagebuilder:{region}:123456789012:distribution-configuration/web" for region in REGIONS]
    assert arns == expected * 2
    assert [request.applied for request in local.requests] == [True, True, False, False]


@pytest.mark.parametrize("max_requests", [0, 10])
def test_the_oldest_token_is_forgotten_in_its_region(
    session: Any, monkeypatch: pytest.MonkeyPatch, max_requests: int
) -> None:
    monkeypatch.setattr(_service, "MAX_TOKENS", 2)
    local = LocalImageBuilder(max_requests=max_requests)
    west, east = session.client("imagebuilder"), session.client("imagebuilder", region_name="us-east-1")
    local.attach(west)
    local.attach(east)
    arn = create(west)  # one token, and it is the oldest
    create(east)

    def update(token: str) -> str:
        answer = west.update_distribution_configuration(
            distributionConfigurationArn=arn, distributions=ANYTHING, clientToken=token
        )
        request_id: str = answer["requestId"]
        return request_id

    first = {token: update(token) for token in ("1", "2")}

    assert (update("1"), update("2")) == (first["1"], first["2"])
    update("3")
    assert update("2") == first["2"]
    assert update("1") != first["1"]


@pytest.mark.long
def test_memory_is_flat_however_many_writes(monkeypatch: pytest.MonkeyPatch, session: Any) -> None:
    monkeypatch.setattr(_service, "MAX_TOKENS", 50)
    client = session.client("imagebuilder")
    LocalImageBuilder(max_requests=0).attach(client)
    arn = create(client)
    large = [{"region": "us-west-2", "amiDistributionConfiguration": {"targetAccountIds": ["123456789012"] * 50}}]

    def update(times: int) -> None:
        for _ in range(times):
            client.update_distribution_configuration(distributionConfigurationArn=arn, distributions=large)

    tracemalloc.start()
    try:
        update(50)
        full = tracemalloc.get_traced_memory()[0]
        update(1000)
        more = tracemalloc.get_traced_memory()[0] - full
    finally:
        tracemalloc.stop()

    # 1,000 requests of this size are 5 MB, and as many tokens without the requests 0.6 MB.
    assert more < 300_000


def test_a_refused_request_does_not_use_up_its_token(boto3_client: Any) -> None:
    with pytest.raises(boto3_client.exceptions.ResourceNotFoundException):
        boto3_client.update_distribution_configuration(
            distributionConfigurationArn=ARN + "web", distributions=ANYTHING, clientToken="1"
        )

    create(boto3_client, clientToken="1")


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        ({"distributions": [], "clientToken": "t"}, "name", "The parameter is required."),
        ({"name": "web", "distributions": []}, "clientToken", "The parameter is required."),
        (
            {"name": 5, "distributions": [], "clientToken": "t"},
            "name",
            "Expected a value of type string, got a number.",
        ),
        (
            {"name": None, "distributions": [], "clientToken": "t"},
            "name",
            "Expected a value of type string, got null.",
        ),
        (
            {"name": "web", "distributions": {}, "clientToken": "t"},
            "distributions",
            "Expected a value of type list, got an object.",
        ),
        (
            {"name": "web", "distributions": [True], "clientToken": "t"},
            "distributions[0]",
            "Expected a value of type structure, got a boolean.",
        ),
        ({"name": "x", "distributions": [], "clientToken": "t"}, "name", "It must match the pattern"),
        ({"name": "web\n", "distributions": [], "clientToken": "t"}, "name", "It must match the pattern"),
        (
            {"name": "web", "hue": "blue", "distributions": [], "clientToken": "t"},
            "hue",
            "The parameter is not known.",
        ),
        (
            {"name": "web", "distributions": [], "clientToken": "t" * 65},
            "clientToken",
            "It must contain at most ",
        ),
        (
            {"name": "web", "description": "", "distributions": [], "clientToken": "t"},
            "description",
            "It must contain at least 1 character.",
        ),
        (
            {"name": "web", "tags": {"aws:x": ""}, "distributions": [], "clientToken": "t"},
            "tags.aws:x",
            "It must match the pattern",
        ),
        (
            {"name": "web", "tags": {"a": "x" * 257}, "distributions": [], "clientToken": "t"},
            "tags.a",
            "It must contain at most 256 characters.",
        ),
        (
            refused({"region": "r", "amiDistributionConfiguration": {"targetAccountIds": []}}),
            "distributions[0].amiDistributionConfiguration.targetAccountIds",
            "It must contain at least 1 item.",
        ),
        (
            refused(
                {
                    "region": "r",
                    "containerDistributionConfiguration": {
                        "targetRepository": {"service": "GHCR", "repositoryName": "x"}
                    },
                }
            ),
            "distributions[0].containerDistributionConfiguration.targetRepository.service",
            "It must be one of ECR.",
        ),
        (
            refused(
                {
                    "region": "r",
                    "fastLaunchConfigurations": [
                        {"enabled": True, "snapshotConfiguration": {"targetResourceCount": 10001}}
                    ],
                }
            ),
            "distributions[0].fastLaunchConfigurations[0].snapshotConfiguration.targetResourceCount",
            "It must be at most 10000.",
        ),
        (
            refused({"region": "r", "fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": True}]}),
            "distributions[0].fastLaunchConfigurations[0].maxParallelLaunches",
            "Expected a value of type integer, got a boolean.",
        ),
        (
            refused({"region": "r"}),
            "distributions[0]",
            "One or more outputs should be provided for each region in a distribution configuration.",
        ),
        (
            refused({"region": "r", "ssmParameterConfigurations": []}),
            "distributions[0]",
            "One or more outputs",
        ),
        (
            refused(ANYTHING[0], ANYTHING[0]),
            "distributions[1].region",
            "The Region us-west-2 is given more than once.",
        ),
        (
            {"name": "web", "distributions": [], "clientToken": "t"},
            "distributions",
            "It must contain at least 1 item.",
        ),
        (
            refused({"region": "r", "amiDistributionConfiguration": {"name": "no-date"}}),
            "distributions[0].amiDistributionConfiguration.name",
            "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure",
        ),
    ],
)
def test_what_the_service_refuses_is_refused_in_its_words(
    raw: Raw, body: dict[str, Any], path: str, reason: str
) -> None:
    status, headers, answer = raw("PUT", "/CreateDistributionConfiguration", body)

    assert status == 400
    assert headers["x-amzn-ErrorType"] == "InvalidParameterValueException"
    assert headers["x-amzn-RequestId"]
    assert answer["message"].startswith(f"The value supplied for parameter '{path}' is not valid. {reason}")


def test_a_template_by_id_and_name_is_a_wrong_combination(raw: Raw) -> None:
    template = {"launchTemplateId": "lt-0123456789abcdef0", "launchTemplateName": "web"}
    fast_launch = [{"enabled": True}, {"enabled": True, "launchTemplate": template}]

    status, headers, answer = raw(
        "PUT",
        "/CreateDistributionConfiguration",
        refused({"region": "r", "fastLaunchConfigurations": fast_launch}),
    )

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidParameterCombinationException")
    assert "'distributions[0].fastLaunchConfigurations[1].launchTemplate'" in answer["message"]


@pytest.mark.parametrize("name", ["{{imagebuilder:buildDate}}", "web-{{  imagebuilder:buildDate }}"])
def test_a_name_with_the_build_date_is_accepted(raw: Raw, name: str) -> None:
    status, _, _ = raw(
        "PUT",
        "/CreateDistributionConfiguration",
        refused({"region": "r", "amiDistributionConfiguration": {"name": name}}),
    )

    assert status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(raw: Raw, body: bytes) -> None:
    status, headers, _ = raw("PUT", "/CreateDistributionConfiguration", body)

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")


def test_a_missing_query_parameter_is_refused(raw: Raw) -> None:
    status, _, answer = raw("GET", "/GetDistributionConfiguration")

    assert status == 400
    assert "'distributionConfigurationArn'" in answer["message"]


@pytest.mark.parametrize(
    ("method", "target", "message"),
    [
        ("POST", "/ListImages", "ListImages is not among what the local endpoint offers: CreateDist"),
        ("GET", "/", "GET / isn't an operation of EC2 Image Builder."),
        ("PATCH", "/GetDistributionConfiguration", "PATCH /GetDistributionConfiguration isn't an operation"),
    ],
)
def test_anything_else_is_answered_with_a_clear_501(raw: Raw, method: str, target: str, message: str) -> None:
    status, _, answer = raw(method, target, {})

    assert status == 501
    assert answer["message"].startswith(message)


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


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the endpoint as a command; give the process and the URL that it prints."""
    command = [sys.executable, "-m", "imagebuilder_dist.testing", *arguments]
    # The developer's Python may be set to write without a buffer.
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            printed, _, _ = select.select([process.stdout], [], [], 60)
            assert printed, "no URL was printed"
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_for_other_tools_until_it_is_stopped(session: Any, stop: signal.Signals) -> None:
    unsigned = Config(signature_version=UNSIGNED)

    with running() as (process, url):
        client = session.client("imagebuilder", region_name="eu-west-1", endpoint_url=url, config=unsigned)
        arn = create(client)
        client.close()
        process.send_signal(stop)
        status = process.wait(timeout=60)

    assert status == 0
    assert arn == ARN + "web"


def test_its_options_are_those_of_the_class(session: Any) -> None:
    with running(
        *("--port", "0", "--account-id", "111122223333", "--region", "eu-west-1"),
        *("--allow-host", "one", "--allow-host", "two"),
    ) as (_, url):
        statuses: list[int] = []
        for name in ("one", "two", "three"):
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 0, timeout=60)
            body = json.dumps({"name": name, "distributions": ANYTHING, "clientToken": name})
            connection.request("PUT", "/CreateDistributionConfiguration", body, {"Host": f"{name}:80"})
            statuses.append(connection.getresponse().status)
            connection.close()
        client = session.client("imagebuilder", endpoint_url=url, region_name="eu-west-1")
        stored = client.list_distribution_configurations()["distributionConfigurationSummaryList"]
        client.close()

    assert statuses == [200, 200, 403]
    assert [each["arn"] for each in stored] == [
        "arn:aws:imagebuilder:eu-west-1:111122223333:distribution-configuration/one",
        "arn:aws:imagebuilder:eu-west-1:111122223333:distribution-configuration/two",
    ]


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


@pytest.fixture(scope="module")
def stored(session: Any) -> tuple[ibd.DistributionConfigurationClient, str]:
    """A configuration that every example of a property test replaces."""
    theirs = session.client("imagebuilder")
    LocalImageBuilder().attach(theirs)
    return ibd.DistributionConfigurationClient(theirs), create(theirs)


@given(distributions=strategies.accepted_distributions)
def test_what_is_valid_is_accepted_and_read_back(
    stored: tuple[ibd.DistributionConfigurationClient, str], distributions: list[ibd.Distribution]
) -> None:
    client, arn = stored

    client.update_distribution_configuration(arn, distributions)

    assert client.get_distribution_configuration(arn).distributions == tuple(distributions)

"""
What the endpoint records about the requests that it received.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from imagebuilder_dist.testing import AnswerError, Exchange, LocalImageBuilder, Reply
from tests.samples import ANYTHING

from .injected import Client, create


def test_what_was_received_is_recorded(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    before = datetime.now(UTC)
    arn = create(client, clientToken="a token")["distributionConfigurationArn"]
    create(client, clientToken="a token")
    client.get_distribution_configuration(distributionConfigurationArn=arn)
    local.inject(AnswerError("A"))
    with pytest.raises(ClientError):
        client.delete_distribution_configuration(distributionConfigurationArn=arn)

    first, again, get, rejected = local.requests

    assert first.operation == "CreateDistributionConfiguration"
    assert first.target == "/CreateDistributionConfiguration"
    assert first.body == {"name": "web", "distributions": ANYTHING, "clientToken": "a token"}
    assert first.client_token == "a token"
    assert before <= first.time <= datetime.now(UTC)
    assert first.time.utcoffset() == timedelta(0)
    assert (first.status, first.applied) == (200, True)
    assert (again.status, again.applied) == (200, False)
    assert (get.operation, get.body, get.client_token, get.applied) == (
        "GetDistributionConfiguration",
        None,
        None,
        False,
    )
    assert arn.rpartition("/")[2] in get.target
    assert (rejected.status, rejected.applied) == (None, False)


@pytest.mark.parametrize(("most", "kept"), [(2, ["two", "three"]), (0, [])])
def test_only_the_last_requests_are_kept(session: Any, most: int, kept: list[str]) -> None:
    local = LocalImageBuilder(max_requests=most)
    client = session.client("imagebuilder")
    local.attach(client)

    for name in ("one", "two", "three"):
        create(client, name)

    assert [request.body["name"] for request in local.requests] == kept


@pytest.mark.parametrize("body", [b"[]", b"no JSON", b"[" * 100_000, b'{"clientToken": 5}'])
def test_what_is_no_request_is_recorded_too(local: LocalImageBuilder, body: bytes) -> None:
    client = local.boto3_client(config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))

    def replace(request: Any, **_: object) -> None:
        request.data = body

    client.meta.events.register("request-created.imagebuilder", replace)
    with pytest.raises(ClientError):
        create(client)

    (request,) = local.requests
    assert request.client_token is None
    assert request.status == 400
    assert request.body in ([], None, {"clientToken": 5})


def test_a_fault_that_asks_twice_is_recorded_as_what_wrote(local: LocalImageBuilder, client_of: Client) -> None:
    class Twice:
        def answer(self, exchange: Exchange, /) -> Reply:
            exchange.answer()
            assert exchange.operation == "CreateDistributionConfiguration"
            return exchange.answer()

    local.inject(Twice())
    create(client_of(), clientToken="t")

    assert [request.applied for request in local.requests] == [True]


def test_what_was_received_cannot_be_changed(local: LocalImageBuilder, client_of: Client) -> None:
    create(client_of())
    (request,) = local.requests
    anything: Any = request

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        anything.status = 500

"""
How the local endpoint treats a client token: used again, used with other parameters, forgotten.
"""

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from imagebuilder_dist.testing import LocalImageBuilder, _service
from tests.samples import ANYTHING

from .endpoint import ARN, Raw, body_of, create

REGIONS = ("us-west-2", "us-east-1")


def test_a_token_used_again_gets_the_first_response_and_runs_nothing(boto3_client: Any) -> None:
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


def test_a_token_used_for_something_else_is_rejected(boto3_client: Any) -> None:
    arn = create(boto3_client, clientToken="1")

    for parameters in ({"description": "d", "clientToken": "1"}, {"clientToken": "1"}):
        with pytest.raises(boto3_client.exceptions.IdempotentParameterMismatchException):
            boto3_client.update_distribution_configuration(
                distributionConfigurationArn=arn, distributions=ANYTHING, **parameters
            )


def test_a_token_used_for_another_version_is_rejected(boto3_client: Any) -> None:
    create(boto3_client, clientToken="1")

    with pytest.raises(boto3_client.exceptions.IdempotentParameterMismatchException):
        create(boto3_client, clientToken="1", description="d")


def test_members_in_another_order_are_the_same_request(raw: Raw, local: LocalImageBuilder) -> None:
    document = body_of(ANYTHING[0])
    backwards = {name: document[name] for name in reversed(document)}

    responses = [raw("PUT", "/CreateDistributionConfiguration", body)[2] for body in (document, backwards)]

    assert responses[0] == responses[1]
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

    def held() -> int:
        """Count what the endpoint's own lines have allocated: other threads of the process allocate, too."""
        gc.collect()
        own = tracemalloc.Filter(inclusive=True, filename_pattern=str(Path(_service.__file__).parent / "*"))
        return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([own]).traces)

    tracemalloc.start()
    try:
        update(50)
        full = held()
        update(400)
        more = held() - full
    finally:
        tracemalloc.stop()

    # 6 to 15 kB; 400 requests that are kept are 48 kB, and as many tokens 158 kB.
    assert more < 30_000


def test_a_rejected_request_does_not_use_up_its_token(boto3_client: Any) -> None:
    with pytest.raises(boto3_client.exceptions.ResourceNotFoundException):
        boto3_client.update_distribution_configuration(
            distributionConfigurationArn=ARN + "web", distributions=ANYTHING, clientToken="1"
        )

    create(boto3_client, clientToken="1")

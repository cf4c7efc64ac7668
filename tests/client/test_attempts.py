"""
The hook for attempts: what it is called with, and that it can't break a call.
"""

from itertools import count

import boto3
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.faults import AnswerNotJson
from tests.samples import ARN, WEB

from .helpers import CREATE, LOST, THROTTLED, scene


def test_the_hook_gets_every_attempt_of_a_call() -> None:
    attempts: list[ibd.Attempt] = []
    numbers = count()
    local, client, _ = scene(on_attempt=attempts.append, clock=lambda: float(next(numbers)))
    local.inject(LOST, THROTTLED)

    client.send(ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB], client_token="t"))

    assert [(each.number, each.http_status, each.error) for each in attempts] == [
        (1, None, "ConnectionFailedError"),
        (2, 429, "CallRateLimitExceededException"),
        (3, 200, None),
    ]
    assert {(each.operation, each.resource, each.client_token) for each in attempts} == {(CREATE, "web", "t")}
    assert [each.duration for each in attempts] == [1.0, 1.0, 1.0]
    assert [each.request_id is None for each in attempts] == [True, False, False]


def test_a_response_that_botocore_cannot_read_is_an_attempt() -> None:
    attempts: list[ibd.Attempt] = []
    local, client, _ = scene(on_attempt=attempts.append)
    local.inject(AnswerNotJson(b"\xff"))

    with pytest.raises(ibd.ResponseError) as caught:
        client.get_distribution_configuration(ARN)

    assert [each.http_status for each in attempts] == [200]
    assert caught.value.attempts == 1


def test_what_is_not_sent_is_no_attempt(local: LocalImageBuilder) -> None:
    attempts: list[ibd.Attempt] = []
    client = ibd.DistributionConfigurationClient(
        session=boto3.Session(region_name="us-west-2"),
        endpoint_url=local.url,
        retries=ibd.Retries(on_attempt=attempts.append),
    )

    with pytest.raises(ibd.CredentialsError):
        client.get_distribution_configuration(ARN)

    assert attempts == []


def test_an_exception_in_the_hook_breaks_no_write(caplog: pytest.LogCaptureFixture) -> None:
    def hook(_: ibd.Attempt) -> None:
        raise ZeroDivisionError

    _, client, _ = scene(on_attempt=hook)

    arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn

    assert client.get_distribution_configuration(arn).name == "web"
    failed = [record for record in caplog.records if record.exc_info]
    assert [record.getMessage() for record in failed] == [
        "CreateDistributionConfiguration of web: on_attempt raised an exception",
        f"GetDistributionConfiguration of {arn}: on_attempt raised an exception",
    ]
    assert {record.levelname for record in failed} == {"WARNING"}

"""
Every error names the configuration, what was tried, and what to do.
"""

import traceback
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, Fault, LocalImageBuilder
from tests.samples import ARN, EUROPE, WEB

from .helpers import LOST, OPERATIONS, THROTTLED, scene, update

AT_ONCE = ibd.Retries(sleep=lambda _: None, attempts=2)


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_error_names_its_configuration(boto3_client: Any, call: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(ibd.ResourceNotFoundException) as caught:
        call(ibd.DistributionConfigurationClient(boto3_client), ARN)

    assert caught.value.resource == ARN
    assert ARN in str(caught.value)
    assert "check the name in the ARN, and the account and the Region that are called" in str(caught.value)


@pytest.mark.parametrize(
    ("call", "fault", "attempts", "text"),
    [
        (update, THROTTLED, 5, "5 attempts over 15.0 s, client token a token"),
        (update, LOST, 1, "1 attempt, client token a token, may have been applied"),
        (lambda client, _: client.get_distribution_configuration(ARN), LOST, 2, "2 attempts over 1.0 s"),
    ],
)
def test_an_error_says_what_was_tried(call: Callable[..., object], fault: Fault, attempts: int, text: str) -> None:
    local, client, clock = scene(attempts=attempts)
    local.inject(fault, times=None)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        call(client, "a token")

    assert str(caught.value).endswith(f"{ARN}, {text})")
    assert (caught.value.attempts, caught.value.elapsed) == (len(local.requests), clock())


TOKEN = "retry the write with the same client_token"


AGAIN = "run it again, which starts from what is stored"


DELETE = "check whether the configuration still exists, and delete it again if it does"


APPLY = "apply the same plan again, which is written at most once"


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda client, arn: client.update_distribution_configuration(arn, [EUROPE]), TOKEN),
        (lambda client, _: client.create_distribution_configuration("new", [WEB]), TOKEN),
        (lambda client, arn: client.edit_distribution_configuration(arn, in_europe), AGAIN),
        (lambda client, _: client.ensure_distribution_configuration("web", [EUROPE]), AGAIN),
        (lambda client, arn: client.apply(client.edit_distribution_configuration(arn, in_europe, dry_run=True)), APPLY),
        (lambda client, arn: client.delete_distribution_configuration(arn), DELETE),
        (lambda client, arn: client.tag_resource(arn, {"team": "web"}), "run it again"),
        (lambda client, arn: client.untag_resource(arn, ["team"]), "run it again"),
        (lambda client, _: client.ensure_distribution_configuration("web", [WEB], tags={"team": "web"}), AGAIN),
        (lambda client, arn: client.get_distribution_configuration(arn), None),
    ],
)
def test_how_to_retry_depends_on_the_call(
    session: Any, local: LocalImageBuilder, call: Callable[[Any, str], Any], advice: str | None
) -> None:
    """
    Edits, ensures, deletes and tags take no token, and reads need none.
    """
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, retries=AT_ONCE)
    arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn
    for operation in ("UpdateDistributionConfiguration", "CreateDistributionConfiguration"):
        local.inject(CloseAfterApplying(), operation=operation, times=2)
    for operation in ("DeleteDistributionConfiguration", "TagResource", "UntagResource"):
        local.inject(CloseAfterApplying(), operation=operation)
    if advice is None:
        local.inject(CloseAfterApplying(), operation="GetDistributionConfiguration", times=2)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        call(client, arn)

    assert caught.value.remedy == "; ".join(filter(None, [ibd.ConnectionFailedError.remedy, advice]))


def in_europe(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    return attrs.evolve(stored, distributions=[EUROPE])


def test_a_traceback_ends_where_the_client_was_called() -> None:
    """
    What was retried and parsed in between says nothing to a user.
    """
    local = LocalImageBuilder()
    local.inject(AnswerError("ServiceException"), times=2)

    with pytest.raises(ibd.ServiceException) as caught:
        local.client(retries=AT_ONCE).get_distribution_configuration(ARN)

    lines = "".join(traceback.format_exception(caught.value))
    assert [each.name for each in caught.traceback][1:] == ["get_distribution_configuration", "_run"]
    assert "botocore" not in lines
    assert "max retries" not in lines

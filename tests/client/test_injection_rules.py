"""
Which requests a fault strikes, and how faults may be written.
"""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from botocore.exceptions import ClientError

from imagebuilder_dist.testing import (
    AddUnknownMembers,
    AnswerError,
    AnswerNotJson,
    CloseAfterApplying,
    CloseBeforeReading,
    Delay,
    LocalImageBuilder,
    TruncateBody,
)
from tests.samples import ARN

from .injected import Client, response_of


def test_faults_strike_in_the_order_given_and_only_the_operation_asked_for(
    local: LocalImageBuilder, client_of: Client
) -> None:
    client = client_of()
    local.inject(AnswerError("A"), AnswerError("B"), times=2, operation="DeleteDistributionConfiguration")
    seen: list[str] = []

    for _ in range(5):
        client.list_distribution_configurations()
        with pytest.raises(ClientError) as caught:
            client.delete_distribution_configuration(distributionConfigurationArn=ARN)
        seen.append(response_of(caught.value)["Error"]["Code"])

    assert seen == ["A", "B", "A", "B", "ResourceNotFoundException"]


def struck(local: LocalImageBuilder, client: Any, count: int) -> list[bool]:
    found: list[bool] = []
    for _ in range(count):
        try:
            client.list_distribution_configurations()
        except ClientError:
            found.append(True)
        else:
            found.append(False)
    return found


def test_a_seed_strikes_the_same_share_of_requests_again(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    local.inject_randomly(AnswerError("A"), rate=0.2, seed=7)
    first = struck(local, client, 200)
    local.inject_randomly(AnswerError("A"), rate=0.2, seed=7)

    assert struck(local, client, 200) == first
    assert 20 < sum(first) < 60


def test_what_comes_too_fast_is_throttled(local: LocalImageBuilder, client_of: Client) -> None:
    client = client_of()
    now = [0.0]
    local.throttle(per_second=2, burst=3, clock=lambda: now[0])

    assert struck(local, client, 5) == [False, False, False, True, True]
    now[0] += 1
    assert struck(local, client, 3) == [False, False, True]
    now[0] += 60
    assert struck(local, client, 4) == [False, False, False, True]


def test_faults_can_be_taken_back(local: LocalImageBuilder, client_of: Client) -> None:
    local.inject(AnswerError("A"), times=9)
    local.inject_randomly(AnswerError("A"), rate=1, seed=0)
    local.throttle(per_second=0, burst=1)

    local.clear_faults()

    assert struck(local, client_of(), 3) == [False, False, False]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda local: local.inject(Delay(1), operation="UpdateDistribution"), "operation must be one of Create"),
        (lambda local: local.inject_randomly(rate=0.5, seed=0), "give at least one fault and a rate from 0 to 1"),
        (lambda local: local.inject_randomly(Delay(1), rate=20, seed=0), "not 1 and 20"),
        (lambda local: local.throttle(per_second=-1, burst=1), "a rate of 0 or more"),
        (lambda local: local.throttle(per_second=1, burst=0), "a burst of 1 or more"),
        (lambda local: local.inject(), "give at least one fault and times of 1 or more, not 0 and 1"),
        (lambda local: local.inject(Delay(1), times=0), "not 1 and 0"),
        (lambda _: LocalImageBuilder(max_requests=-1), "max_requests must be 0 or more, not -1"),
        (lambda _: Delay(-1), "'seconds' must be >= 0"),
        (lambda _: TruncateBody(-1), "'keep' must be >= 0"),
        (lambda _: AnswerError("A", 200), "'status' must be in range"),
        (lambda _: AnswerError("A\r\nB"), "'code' must match regex"),
        (lambda _: AnswerNotJson(b"", 99), "'status' must be in range"),
    ],
)
def test_what_makes_no_sense_is_rejected(
    local: LocalImageBuilder, wrong: Callable[[LocalImageBuilder], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        wrong(local)


@pytest.mark.parametrize("fault", [AnswerError, Delay, None, "Delay", [Delay(1)]])
def test_what_is_not_a_fault_is_rejected(local: LocalImageBuilder, fault: Any) -> None:
    with pytest.raises(TypeError, match=r"a fault must be an object with an answer\(\) method"):
        local.inject(fault)
    with pytest.raises(TypeError, match=r"a fault must be an object with an answer\(\) method"):
        local.inject_randomly(fault, rate=1, seed=1)


def test_a_status_in_words_is_rejected() -> None:
    words: Any = "<html>"

    with pytest.raises(TypeError, match="'body' must be <class 'bytes'>"):
        AnswerNotJson(words)


@pytest.mark.parametrize(
    "fault",
    [
        AnswerError("A"),
        Delay(1),
        CloseBeforeReading(),
        CloseAfterApplying(),
        TruncateBody(),
        AnswerNotJson(),
        AddUnknownMembers(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_cannot_be_changed_after_it_was_injected(fault: Any) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        fault.anything = 1

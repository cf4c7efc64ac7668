"""
Several writers of one configuration: threads, processes, and writers that don't use the library.
"""

import math
import pickle
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import DistributionConfiguration, steps
from imagebuilder_dist.testing import AnswerError, ChangedBySomebodyElse, Exchange, LocalImageBuilder
from tests.samples import ANYTHING, ARN, EUROPE, EVERYTHING, WEB

from .helpers import UPDATE, described, scene

REJECTED = AnswerError("IdempotentParameterMismatchException")


def before_the_write(boto3_client: Any, act: Callable[[], object]) -> None:
    """Let *act* happen once, between the last read of an edit and its write."""

    def once(**_: object) -> None:
        boto3_client.meta.events.unregister(f"before-call.imagebuilder.{UPDATE}", once)
        act()

    boto3_client.meta.events.register(f"before-call.imagebuilder.{UPDATE}", once)


def tokens(local: LocalImageBuilder) -> list[str | None]:
    return [request.client_token for request in local.requests if request.operation == UPDATE]


def test_the_second_one_starts_over_from_what_the_first_one_stored(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    other = ibd.DistributionConfigurationClient(boto3_client)
    share = partial(steps.add_launch_permissions, user_ids=["777788889999"])
    before_the_write(boto3_client, lambda: other.edit_distribution_configuration(arn, share))

    edit = client.edit_distribution_configuration(arn, described("ours"))

    assert isinstance(edit.after, DistributionConfiguration)
    assert edit.after == attrs.evolve(client.get_distribution_configuration(arn), date_updated=edit.after.date_updated)
    assert edit.after.description == "ours"
    assert edit.after.distributions == share(edit.after).distributions


def test_the_same_edit_from_the_same_state_is_applied_once(
    local: LocalImageBuilder, boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    other = ibd.DistributionConfigurationClient(boto3_client)
    before_the_write(boto3_client, lambda: other.edit_distribution_configuration(arn, described("both")))

    edit = client.edit_distribution_configuration(arn, described("both"))

    assert edit.result is not None
    assert len(set(tokens(local))) == 1
    assert sum(request.applied for request in local.requests if request.operation == UPDATE) == 1


def test_a_token_that_stays_rejected_is_never_replaced() -> None:
    """
    The service accepted a write from the state, and undid it or can't show it yet: the error says what to do.
    """
    local, client, clock = scene()
    local.inject(REJECTED, times=None, operation=UPDATE)

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        client.edit_distribution_configuration(ARN, described("new"))

    assert len(tokens(local)) == 5
    assert len({*tokens(local)}) == 1
    assert clock.slept == [0.3, 0.6, 1.2, 2.0]
    assert caught.value.reads_unchanged
    assert caught.value.expected == caught.value.found
    assert "although the configuration reads unchanged, so nothing was written" in str(caught.value)
    assert "run it again in a minute" in str(caught.value)
    assert "no changes" not in str(caught.value)
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert (str(copied), copied.reads_unchanged) == (str(caught.value), True)


def test_a_rejected_token_is_sent_again_as_the_service_may_forget_it() -> None:
    local, client, _ = scene()
    local.inject(REJECTED, times=4, operation=UPDATE)

    assert client.edit_distribution_configuration(ARN, described("new")).result is not None
    assert len(tokens(local)) == 5
    assert len({*tokens(local)}) == 1


@attrs.define
class LaggingReads:
    """
    Reads show a write only so many seconds after it.
    """

    lag: float
    loses: int = 0
    """How many responses to updates get lost."""

    now: float = 0.0
    written_at: float = -math.inf
    before: Any = None
    latest: Any = None

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def answer(self, exchange: Exchange, /) -> Any:
        reply = exchange.answer()
        if exchange.request.operation == UPDATE and exchange.request.applied:
            self.before, self.written_at = self.latest, self.now
        if exchange.request.operation == UPDATE and self.loses:
            self.loses -= 1
            return None
        if exchange.request.operation != "GetDistributionConfiguration":
            return reply
        self.latest = reply
        return self.before if self.now < self.written_at + self.lag else reply


def lagging(local: LocalImageBuilder, lag: float) -> tuple[ibd.DistributionConfigurationClient, LaggingReads]:
    """Return a client whose pauses are as short as they may be, and what it reads through."""
    reads = LaggingReads(lag)
    local.inject(reads, times=None)
    retries = ibd.Retries(sleep=reads.sleep, clock=lambda: reads.now, random=lambda: 0.0)
    return local.client(retries=retries), reads


@pytest.mark.parametrize("lag", [0.3, 1.0, 2.0])
def test_reads_that_lag_two_seconds_behind_lose_no_edit(local: LocalImageBuilder, arn: str, lag: float) -> None:
    client, reads = lagging(local, lag)
    accounts = [f"{number:012}" for number in range(5)]

    for account in accounts:
        client.edit_distribution_configuration(arn, partial(steps.add_target_accounts, account_ids=[account]))

    reads.now += lag
    for stored in client.get_distribution_configuration(arn).distributions:
        assert stored.ami_distribution_configuration is not None
        assert stored.ami_distribution_configuration.target_account_ids[-5:] == tuple(accounts)


@pytest.mark.parametrize(("lag", "is_found"), [(2.0, True), (30.0, False)])
def test_a_write_whose_response_is_lost_is_found_by_reads_that_lag_two_seconds_behind(
    local: LocalImageBuilder, arn: str, lag: float, is_found: bool
) -> None:
    client, reads = lagging(local, lag)
    reads.loses = 1

    if is_found:
        assert client.edit_distribution_configuration(arn, described("new")).written
    else:
        with pytest.raises(ibd.ConcurrentModificationError) as caught:
            client.edit_distribution_configuration(arn, described("new"))
        assert caught.value.may_have_been_applied
    assert sum(request.applied for request in local.requests if request.operation == UPDATE) == 1


@pytest.mark.parametrize(
    ("call", "pauses"),
    [
        (lambda client: client.edit_distribution_configuration(ARN, described("new"), max_conflicts=8), 7),
        (lambda client: client.ensure_distribution_configuration("web", [EUROPE]), 4),
    ],
)
def test_the_pause_is_bounded_and_the_last_attempt_is_reported(call: Callable[[Any], object], pauses: int) -> None:
    """
    There are five attempts by default.
    """
    local, client, clock = scene()
    local.put(ibd.DistributionConfiguration(arn=f"{ARN[:-1]}web", name="web", distributions=[WEB]))
    numbers = count()
    local.inject(
        ChangedBySomebodyElse(lambda now: attrs.evolve(now, description=str(next(numbers)))),
        times=None,
        operation="GetDistributionConfiguration",
    )

    with pytest.raises(ibd.ConcurrentModificationError):
        call(client)

    assert clock.slept == [0.3, 0.6, 1.2, 2.0, 2.0, 2.0, 2.0][:pauses]
    assert tokens(local) == []


def test_what_another_writer_stores_between_the_last_read_and_the_write_is_overwritten(
    boto3_client: Any, client: ibd.DistributionConfigurationClient, arn: str
) -> None:
    """
    The remaining gap: a writer that doesn't use the library doesn't send the state's token.
    """
    before_the_write(
        boto3_client,
        lambda: boto3_client.update_distribution_configuration(
            distributionConfigurationArn=arn, distributions=ANYTHING
        ),
    )

    client.edit_distribution_configuration(arn, described("ours"))

    stored = client.get_distribution_configuration(arn)
    assert (stored.description, stored.distributions) == ("ours", (EVERYTHING, EUROPE))

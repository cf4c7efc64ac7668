"""
The asynchronous client's operations, in its own threads or over an aiobotocore client.
"""

import asyncio
import threading
from functools import partial
from typing import Any

import attrs
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import imagebuilder_dist as ibd
from imagebuilder_dist import aio, steps
from imagebuilder_dist.testing import (
    AnswerError,
    CloseAfterApplying,
    CloseBeforeReading,
    Exchange,
    LocalImageBuilder,
    Reply,
    TruncateBody,
)
from tests.samples import ARN, EUROPE, EVERYTHING

from .clients import Connect, run


def test_the_whole_life_of_a_configuration(connect: Connect, local: LocalImageBuilder) -> None:
    share = partial(steps.add_launch_permissions, user_ids=["111122223333"])

    async def live() -> None:
        async with connect() as client:
            created = await client.create_distribution_configuration("web", [EVERYTHING], tags={"a": "b"})
            arn = created.distribution_configuration_arn
            await client.update_distribution_configuration(arn, [EUROPE], description="d")
            edit = await client.edit_distribution_configuration(arn, share)
            ensured = await client.ensure_distribution_configuration("web", [EUROPE], description="e")
            plan = await client.ensure_distribution_configuration("new", [EUROPE], dry_run=True)
            await client.tag_resource(arn, {"c": "d"})
            await client.untag_resource(arn, ["a"])
            tags = (await client.list_tags_for_resource(arn)).tags
            stored = await client.get_distribution_configuration(arn)
            sent = await client.send(attrs.evolve(stored.to_request(), description="f"))
            names = [each.name async for each in client.list_distribution_configurations(page_size=1)]
            await client.delete_distribution_configuration(arn)

            assert edit.after.distributions == share(edit.before).distributions
            assert ensured.changes
            assert (plan.before, plan.after.name, plan.written) == (None, "new", False)
            assert (stored.description, stored.distributions, tags) == ("e", (EUROPE,), {"c": "d"})
            assert stored.unmodelled == ()
            assert sent.distribution_configuration_arn == arn
            assert names == ["web"]
            assert "dryRun" not in local.requests[0].body  # which not every botocore knows
            with pytest.raises(ibd.ResourceNotFoundException):
                await client.get_distribution_configuration(arn)

    run(live())


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        (AnswerError("CallRateLimitExceededException"), 5),
        (AnswerError("ServiceException"), 5),
        (AnswerError("ResourceInUseException"), 1),
        (CloseBeforeReading(), 5),
        (CloseAfterApplying(), 5),
        (TruncateBody(), 5),
    ],
    ids=lambda value: getattr(value, "code", type(value).__name__),
)
def test_a_write_is_applied_at_most_once_and_with_one_token(
    connect: Connect, local: LocalImageBuilder, arn: str, fault: Any, attempts: int
) -> None:
    async def live() -> None:
        async with connect() as client:
            local.inject(fault, times=99, operation="UpdateDistributionConfiguration")
            with pytest.raises(ibd.ImageBuilderDistError) as caught:
                await client.update_distribution_configuration(arn, [EUROPE])
            local.clear_faults()

        updates = [each for each in local.requests if each.operation == "UpdateDistributionConfiguration"]
        assert caught.value.attempts == attempts
        assert {each.client_token for each in updates} <= {caught.value.client_token}
        assert sum(each.applied for each in updates) <= 1
        assert caught.value.may_have_been_applied >= any(each.applied for each in updates)

    run(live())


def test_a_delete_whose_response_was_lost_may_have_been_applied(
    connect: Connect, local: LocalImageBuilder, arn: str
) -> None:
    """
    aiohttp itself resends the request, which then finds nothing.
    """

    async def live() -> None:
        async with connect() as client:
            local.inject(CloseAfterApplying(), operation="DeleteDistributionConfiguration")
            with pytest.raises(ibd.ImageBuilderDistError) as caught:
                await client.delete_distribution_configuration(arn)
            assert caught.value.may_have_been_applied

    run(live())


def test_ten_tasks_that_edit_lose_nothing(connect: Connect, arn: str) -> None:
    async def live() -> None:
        async with connect(retries=ibd.Retries()) as client:

            async def share(number: int) -> None:
                for nth in range(2):
                    account = f"{number:06}{nth:06}"
                    await client.edit_distribution_configuration(
                        arn, partial(steps.add_launch_permissions, user_ids=[account]), max_conflicts=100
                    )

            await asyncio.gather(*map(share, range(10)))
            (stored,) = (await client.get_distribution_configuration(arn)).distributions

            assert stored.ami_distribution_configuration is not None
            assert stored.ami_distribution_configuration.launch_permission is not None
            assert len(stored.ami_distribution_configuration.launch_permission.user_ids) == 2 + 20

    run(live())


def test_a_cancelled_write_says_the_token_that_resumes_it(connect: Connect, local: LocalImageBuilder, arn: str) -> None:
    arrived = threading.Event()

    class Held:
        def answer(self, exchange: Exchange, /) -> Reply:
            reply = exchange.answer()
            arrived.set()
            exchange.wait(0.2)
            return reply

    async def live() -> None:
        async with connect() as client:
            local.inject(Held(), operation="UpdateDistributionConfiguration")
            task = asyncio.ensure_future(
                client.update_distribution_configuration(arn, [EUROPE], client_token="a token")
            )
            await asyncio.to_thread(arrived.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            again = await client.update_distribution_configuration(arn, [EUROPE], client_token="a token")

            assert caught.value.__notes__ == [
                "UpdateDistributionConfiguration may have been applied; its client token is a token"
            ]
            assert again.client_token == "a token"
            updates = [each for each in local.requests if each.operation == "UpdateDistributionConfiguration"]
            assert sum(each.applied for each in updates) == 1

    run(live())


def test_a_fake_needs_only_the_methods_that_are_called() -> None:
    class Fake:
        async def get_distribution_configuration(self, **_: Any) -> Any:
            return {"distributionConfiguration": {"name": "x"}}

    async def live() -> None:
        async with aio.DistributionConfigurationClient(Fake()) as client:
            assert (await client.get_distribution_configuration(ARN)).name == "x"

    run(live())


NOT_FOUND = ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Operation")
DENIED = ClientError({"Error": {"Code": "AccessDeniedException"}}, "Operation")


@pytest.mark.parametrize(
    ("call", "error", "may_have_been_applied"),
    [
        (lambda client: client.delete_distribution_configuration(ARN), NOT_FOUND, True),
        (lambda client: client.delete_distribution_configuration(ARN), EndpointConnectionError(endpoint_url="u"), True),
        (lambda client: client.delete_distribution_configuration(ARN), DENIED, False),
        (lambda client: client.get_distribution_configuration(ARN), NOT_FOUND, False),
        (lambda client: client.update_distribution_configuration(ARN, [EUROPE]), NOT_FOUND, False),
    ],
)
def test_what_aiohttp_may_have_sent_twice_may_have_been_applied(
    call: Any, error: Exception, may_have_been_applied: bool
) -> None:
    """
    After a lost connection, it resends GET, PUT and DELETE unseen.
    """

    class Failing:
        async def delete_distribution_configuration(self, **_: Any) -> Any:
            raise error

        update_distribution_configuration = get_distribution_configuration = delete_distribution_configuration

    client = aio.DistributionConfigurationClient(Failing(), retries=ibd.Retries(attempts=1))

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        run(call(client))

    assert caught.value.may_have_been_applied is may_have_been_applied

"""
The asynchronous client in its own threads: simultaneous calls, context variables, a responsive event loop.
"""

import asyncio
import threading
from contextvars import ContextVar
from typing import Any

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, Exchange, LocalImageBuilder, Reply
from tests.samples import ARN, EVERYTHING

from .clients import in_threads, run


def test_calls_run_at_once_as_many_as_allowed(session: Any, local: LocalImageBuilder) -> None:
    """
    Each waits until all have arrived, and never more than allowed are there at once.
    """
    together = threading.Barrier(8)

    class Meeting:
        def answer(self, exchange: Exchange, /) -> Reply:
            together.wait(30)
            return exchange.answer()

    async def live() -> None:
        async with in_threads(session, local, max_concurrency=8) as client:
            local.inject(Meeting(), times=16)
            await asyncio.gather(*[client.list_tags_for_resource(ARN) for _ in range(16)], return_exceptions=True)

    run(live())

    assert len(local.requests) == 16


def test_context_variables_reach_the_threads(session: Any, local: LocalImageBuilder) -> None:
    variable: ContextVar[str] = ContextVar("variable")
    seen: list[str] = []

    async def live() -> None:
        async with in_threads(session, local) as client:
            theirs: Any = vars(client)["_client"]
            theirs.meta.events.register("before-send.imagebuilder", lambda **_: seen.append(variable.get()))
            variable.set("mine")
            assert [each async for each in client.list_distribution_configurations()] == []

    run(live())

    assert seen == ["mine"]


def test_retries_do_not_block_the_event_loop(session: Any, local: LocalImageBuilder) -> None:
    """
    `time.sleep` is replaced by the event loop's sleep; another function is called.
    """
    slept: list[float] = []

    async def live() -> None:
        async with in_threads(session, local, retries=ibd.Retries(sleep=slept.append, random=lambda: 1.0)) as client:
            local.inject(AnswerError("ServiceException"))
            await client.create_distribution_configuration("web", [EVERYTHING])
        async with in_threads(session, local, retries=ibd.Retries(random=lambda: -0.99)) as client:
            local.inject(AnswerError("ServiceException"))
            await client.create_distribution_configuration("new", [EVERYTHING])

    run(live())

    assert slept == [1.0]
    assert sum(request.applied for request in local.requests) == 2

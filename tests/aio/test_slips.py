"""
What is easily got wrong with the asynchronous client.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import EUROPE, WEB

from .clients import run


def test_an_asynchronous_change_is_rejected(session: Any, local: LocalImageBuilder) -> None:
    """
    The coroutine is closed, so that Python doesn't warn that nothing awaited it.
    """

    async def change(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
        return stored

    async def edit() -> None:
        async with aio.DistributionConfigurationClient(session=session, endpoint_url=local.url) as client:
            created = await client.create_distribution_configuration("web", [WEB])
            wrong: Any = change
            with pytest.raises(TypeError, match=r"^change must be a plain function, not an async one"):
                await client.edit_distribution_configuration(created.distribution_configuration_arn, wrong)

    run(edit())


def test_a_closed_client_says_so(session: Any, local: LocalImageBuilder) -> None:
    async def call() -> None:
        async with aio.DistributionConfigurationClient(session=session, endpoint_url=local.url) as client:
            pass
        with pytest.raises(RuntimeError, match=r"^the client is closed; "):
            await client.ensure_distribution_configuration("web", [EUROPE])

    run(call())
    assert local.requests == ()

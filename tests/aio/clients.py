"""
Asynchronous clients of both kinds, whose retries don't wait.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist import aio
from imagebuilder_dist.testing import LocalImageBuilder

# Its tests have environments of their own: it pins an older botocore.
AIOBOTOCORE: Any = importlib.import_module("aiobotocore.session") if importlib.util.find_spec("aiobotocore") else None
T = TypeVar("T")
Connect = Callable[..., Any]
KEYS: Any = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-west-2"}


async def at_once(_: float) -> None:
    """A pause that takes no time."""


AT_ONCE = ibd.Retries(sleep=at_once)


@asynccontextmanager
async def in_threads(
    session: Any, local: LocalImageBuilder, **options: Any
) -> AsyncIterator[aio.DistributionConfigurationClient]:
    given = {"retries": AT_ONCE, **options}
    async with aio.DistributionConfigurationClient(session=session, endpoint_url=local.url, **given) as client:
        yield client


@asynccontextmanager
async def over_aiobotocore(
    _: Any, local: LocalImageBuilder, **options: Any
) -> AsyncIterator[aio.DistributionConfigurationClient]:
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    create = AIOBOTOCORE.get_session().create_client
    async with create("imagebuilder", endpoint_url=local.url, config=config, **KEYS) as theirs:
        yield aio.DistributionConfigurationClient(theirs, **{"retries": AT_ONCE, **options})


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(coroutine, 50))

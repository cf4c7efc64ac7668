"""
The asynchronous client: it calls an aiobotocore client, or a boto3 client in threads of its own.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar, cast

from imagebuilder_dist import models
from imagebuilder_dist._client import operations
from imagebuilder_dist._client.boto3 import connect, endpoint_of
from imagebuilder_dist._client.calls import Call, Content, make, method_of
from imagebuilder_dist._client.client import DistributionConfigurationClient as _Client
from imagebuilder_dist._client.operations import Flow
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.attributes import check_count
from imagebuilder_dist.errors import ImageBuilderDistError

__all__ = ["DistributionConfigurationClient"]

P = ParamSpec("P")
T = TypeVar("T")


def _awaited(method: Callable[Concatenate[_Client, P], T]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """
    Return the coroutine function for a synchronous client's *method*, with its arguments and its docstring.

    The method makes all its calls with `_run`, which is a coroutine function here.
    """

    async def call(self: object, /, *args: P.args, **kwargs: P.kwargs) -> T:
        result: T = await cast(Any, method)(self, *args, **kwargs)
        return result

    return cast("Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]", wraps(method)(call))


class DistributionConfigurationClient:
    """
    `imagebuilder_dist.DistributionConfigurationClient` for asyncio: the same methods, arguments, results and errors.

    Pass in a client of aiobotocore or aioboto3, which is never reconfigured, or the settings to create one of boto3's.
    The latter's calls run in this client's own thread pool, so they neither block the event loop nor wait for its
    default pool::

        async with DistributionConfigurationClient(region_name="eu-west-1") as client:
            stored = await client.get_distribution_configuration(arn)

    The methods' docstrings are the synchronous client's; here, all but that of the list need an `await`.
    If a task is cancelled, its call continues in the thread, and a write may be applied.
    The `asyncio.CancelledError` has a note with the client token to resume it with.

    Args:
        client: An `imagebuilder` client of aiobotocore, or a fake with coroutine functions for the methods that you
            call.
            Aiobotocore's HTTP client, aiohttp, resends GET, PUT and DELETE after a lost connection, unseen by this
            library: a delete whose response is a `ResourceNotFoundException` may have been applied.
        session: The `boto3.Session` to create a client with, as for the synchronous client.
        region_name: The Region to call.
        endpoint_url: The URL to call instead of AWS's, for example `LocalImageBuilder().url`.
        config: A `botocore.config.Config`: timeouts, proxies, botocore's own retries.
        retries: The retry policy, as for the synchronous client; delays don't block the event loop.
        max_concurrency: Maximum number of simultaneous calls, and of connections, of a client created by the library.

    Raises:
        TypeError:
            If *client* is combined with *session*, *region_name*, *endpoint_url* or *config*, or isn't an asynchronous
            client for Image Builder.
        ValueError:
            If *max_concurrency* is below 1.
        imagebuilder_dist.errors.ConfigurationError:
            If there is no Region, no such profile, or *endpoint_url* can't be used.
        imagebuilder_dist.errors.CredentialsError:
            If the profile's credentials can't be read.
    """

    def __init__(
        self,
        client: Any = None,
        *,
        session: Any = None,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        config: Any = None,
        retries: Retries | None = None,
        max_concurrency: int = 32,
    ) -> None:
        check_count("max_concurrency", max_concurrency)
        options = (session, region_name, endpoint_url, config)
        self._is_closed = False
        self._threads = ThreadPoolExecutor(max_concurrency, "imagebuilder_dist") if client is None else None
        self._client, self._retries = connect(
            client, options, retries, asynchronous=True, max_pool_connections=max_concurrency
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """
        Wait for the calls in progress, and close what this client has created; a client passed in stays open.
        """
        if self._threads is not None:
            self._is_closed = True
            await asyncio.to_thread(self._threads.shutdown)
            self._client.close()

    def __repr__(self) -> str:
        return f"<imagebuilder_dist.aio.DistributionConfigurationClient for {endpoint_of(self._client)}>"

    async def _run(
        self, operation: Callable[Concatenate[Retries, P], Flow[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Carry out the commands of an *operation*."""
        try:
            flow = operation(self._retries, *args, **kwargs)
            resume: Callable[[Any], Call[Any] | float] = flow.send
            outcome: Any = None
            while True:
                command = resume(outcome)
                try:
                    do = self._make(command) if isinstance(command, Call) else self._sleep(command)
                    resume, outcome = flow.send, await do
                except BaseException as error:  # noqa: BLE001 - the flow decides what becomes of it
                    resume, outcome = flow.throw, error
        except StopIteration as done:
            result: T = done.value
            return result
        except ImageBuilderDistError as error:
            raise operations.final(operation.__name__, error) from error.__cause__

    async def _make(self, call: Call[Any]) -> Any:
        if self._is_closed:
            raise RuntimeError("the client is closed; make calls inside its `async with`, or before close()")
        if self._threads is not None:
            run = copy_context().run
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: run(make, self._client, call)
            )
        call.resends = True
        with call:
            return call.finish(await method_of(self._client, call)(**call.parameters))

    async def _sleep(self, seconds: float) -> None:
        sleep = asyncio.sleep if self._retries.sleep is time.sleep else self._retries.sleep
        slept = sleep(seconds)
        if inspect.isawaitable(slept):
            await slept

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.DistributionConfigurationSummary]:
        """
        Iterate over the Region's configurations with `async for`; the arguments are those of the synchronous client.
        """
        return self._pages(operations.first_page(name, page_size))

    async def _pages(self, parameters: Content | None) -> AsyncIterator[models.DistributionConfigurationSummary]:
        while parameters is not None:
            page = await self._run(operations.list_page, parameters)
            for each in page.summaries:
                yield each
            parameters = page.next

    apply: Final = _awaited(_Client.apply)
    create_distribution_configuration: Final = _awaited(_Client.create_distribution_configuration)
    delete_distribution_configuration: Final = _awaited(_Client.delete_distribution_configuration)
    edit_distribution_configuration: Final = _awaited(_Client.edit_distribution_configuration)
    ensure_distribution_configuration: Final = _awaited(_Client.ensure_distribution_configuration)
    find_distribution_configuration: Final = _awaited(_Client.find_distribution_configuration)
    get_distribution_configuration: Final = _awaited(_Client.get_distribution_configuration)
    list_tags_for_resource: Final = _awaited(_Client.list_tags_for_resource)
    send: Final = _awaited(_Client.send)
    tag_resource: Final = _awaited(_Client.tag_resource)
    untag_resource: Final = _awaited(_Client.untag_resource)
    update_distribution_configuration: Final = _awaited(_Client.update_distribution_configuration)

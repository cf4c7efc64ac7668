"""
The asynchronous client: it calls an aiobotocore client, or a boto3 client in threads of its own.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from imagebuilder_dist import changes, models
from imagebuilder_dist._client import edits, operations
from imagebuilder_dist._client.boto3 import connect, endpoint_of
from imagebuilder_dist._client.calls import Call, Content, make, method_of
from imagebuilder_dist._client.operations import Flow
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.attributes import Items, check_count
from imagebuilder_dist.errors import ImageBuilderDistError

__all__ = ["DistributionConfigurationClient"]

P = ParamSpec("P")
T = TypeVar("T")


class DistributionConfigurationClient:
    """
    `imagebuilder_dist.DistributionConfigurationClient` for asyncio: the same methods, arguments, results and errors.

    Pass in a client of aiobotocore or aioboto3, which is never reconfigured, or the settings to create one of boto3's.
    The latter's calls run in this client's own thread pool, so they neither block the event loop nor wait for its
    default pool::

        async with DistributionConfigurationClient(region_name="eu-west-1") as client:
            stored = await client.get_distribution_configuration(arn)

    The synchronous client's docstrings say what the methods do; here, those of coroutines need an `await`.
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

    async def create_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        client_token: str | None = None,
        dry_run: bool = False,
        validate: bool = True,
    ) -> models.CreateDistributionConfigurationResult:
        """See the method of the synchronous client."""
        request = models.CreateDistributionConfigurationRequest(
            name=name,
            distributions=distributions,
            description=description,
            tags=tags,
            client_token=client_token,
            dry_run=dry_run or None,
        )
        result: models.CreateDistributionConfigurationResult
        result = await self._run(operations.write, request, validate=validate)
        return result

    async def send(
        self,
        request: models.UpdateDistributionConfigurationRequest | models.CreateDistributionConfigurationRequest,
        *,
        validate: bool = True,
    ) -> models.UpdateDistributionConfigurationResult | models.CreateDistributionConfigurationResult:
        """See the method of the synchronous client."""
        result: models.UpdateDistributionConfigurationResult | models.CreateDistributionConfigurationResult
        result = await self._run(operations.write, request, validate=validate)
        return result

    async def delete_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> models.DeleteDistributionConfigurationResult:
        """See the method of the synchronous client."""
        return await self._run(operations.delete, distribution_configuration_arn)

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.DistributionConfigurationSummary]:
        """See the method of the synchronous client."""
        return self._pages(operations.first_page(name, page_size))

    async def _pages(self, parameters: Content | None) -> AsyncIterator[models.DistributionConfigurationSummary]:
        while parameters is not None:
            page = await self._run(operations.list_page, parameters)
            for each in page.summaries:
                yield each
            parameters = page.next

    async def tag_resource(
        self, resource_arn: str, tags: Mapping[str, str], *, validate: bool = True
    ) -> models.TagResourceResult:
        """See the method of the synchronous client."""
        return await self._run(operations.tag, resource_arn, tags, validate=validate)

    async def untag_resource(self, resource_arn: str, tag_keys: Items[str]) -> models.UntagResourceResult:
        """See the method of the synchronous client."""
        return await self._run(operations.untag, resource_arn, tag_keys)

    async def list_tags_for_resource(self, resource_arn: str) -> models.ListTagsForResourceResult:
        """See the method of the synchronous client."""
        return await self._run(operations.list_tags, resource_arn)

    async def get_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> models.DistributionConfiguration:
        """See the method of the synchronous client."""
        return await self._run(operations.get, distribution_configuration_arn)

    async def find_distribution_configuration(self, name: str) -> models.DistributionConfiguration | None:
        """See the method of the synchronous client."""
        return await self._run(operations.find, name)

    async def update_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        client_token: str | None = None,
        validate: bool = True,
    ) -> models.UpdateDistributionConfigurationResult:
        """See the method of the synchronous client."""
        request = models.UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=distribution_configuration_arn,
            distributions=distributions,
            description=description,
            client_token=client_token,
        )
        result: models.UpdateDistributionConfigurationResult
        result = await self._run(operations.write, request, validate=validate)
        return result

    async def edit_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        change: Callable[[models.DistributionConfiguration], models.DistributionConfiguration],
        *,
        max_conflicts: int = 5,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> changes.Plan:
        """See the method of the synchronous client."""
        return await self._run(
            edits.edit, distribution_configuration_arn, change, edits.Options(max_conflicts, dry_run, allow_unmodelled)
        )

    async def ensure_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        max_conflicts: int = 5,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> changes.Plan:
        """See the method of the synchronous client."""
        wanted = models.CreateDistributionConfigurationRequest(
            name=name, distributions=distributions, description=description, tags=tags
        )
        return await self._run(
            edits.ensure, wanted, edits.Options(max_conflicts, dry_run, allow_unmodelled), keep_tags=tags is None
        )

    async def apply(self, plan: changes.Plan) -> changes.Plan:
        """See the method of the synchronous client."""
        return await self._run(edits.apply, plan)

"""
The operations for asyncio: over a client of aiobotocore, or over one of our own in threads.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, overload

from imagebuilder_dist import changes, models, results
from imagebuilder_dist._boto3 import Boto3Session, BotocoreConfig, connect, endpoint_of
from imagebuilder_dist._core import flows, operations
from imagebuilder_dist._core.calls import Call
from imagebuilder_dist._core.exchange import exchange, make, method_of
from imagebuilder_dist._core.flows import Command, Flow, Sleep
from imagebuilder_dist._fields import Items, check_count
from imagebuilder_dist._help import Signature
from imagebuilder_dist.retries import Retries

T = TypeVar("T")


class DistributionConfigurationClient:
    """
    `imagebuilder_dist.DistributionConfigurationClient` for asyncio: the same methods, arguments, results and errors.

    Pass in a client of aiobotocore or aioboto3, which is left as it is, or say how to create one of boto3's: its calls
    run in a thread pool of this client's own, so that they neither block the event loop nor wait for its default pool::

        async with DistributionConfigurationClient(region_name="eu-west-1") as client:
            stored = await client.get_distribution_configuration(arn)

    Every method raises a `TypeError` if an argument is of a wrong type, and an `ImageBuilderDistError` if a call fails;
    `imagebuilder_dist.errors` draws the tree, and a method names what is worth handling by itself.
    If a task is cancelled, a call that is under way in a thread goes on, and a write may be applied.
    The `asyncio.CancelledError` carries a note with the client token that resumes it.

    Args:
        client: An `imagebuilder` client of aiobotocore, or a fake with coroutine functions for the methods that are
            called.
            Its HTTP client, aiohttp, sends GET, PUT and DELETE once more after a lost connection, which can't be seen:
            a delete whose response is a `ResourceNotFoundException` may have been applied.
        session: The `boto3.Session` to create a client with, as for the synchronous client.
        region_name: The Region to call.
        endpoint_url: Where to send requests instead of AWS, for example `LocalImageBuilder().url`.
        config: A `botocore.config.Config`: timeouts, proxies, botocore's own retries.
        retries: When a call is retried, and how long; waits without blocking the event loop.
        max_concurrency: Most calls at once, and connections, of a client created by the library.

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

    __signature__: Signature = Signature()

    def __init__(
        self,
        client: Any = None,
        *,
        session: Boto3Session | None = None,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        config: BotocoreConfig | None = None,
        retries: Retries | None = None,
        max_concurrency: int = 32,
    ) -> None:
        check_count("max_concurrency", max_concurrency)
        options = (session, region_name, endpoint_url, config)
        self._threads = ThreadPoolExecutor(max_concurrency, "imagebuilder_dist") if client is None else None
        self._client, self._retries = connect(
            client, options, retries, asynchronous=True, max_pool_connections=max_concurrency
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """
        Wait for the calls that are under way, and close what this client has created; one passed in stays open.
        """
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)
            self._client.close()

    def __repr__(self) -> str:
        return f"<imagebuilder_dist.aio.DistributionConfigurationClient for {endpoint_of(self._client)}>"

    async def _send(self, call: Call[T]) -> T:
        return await self._run(flows.send(call, self._retries))

    async def _run(self, flow: Flow[T]) -> T:
        step = partial(next, flow)
        while True:
            try:
                command = step()
            except StopIteration as done:
                result: T = done.value
                return result
            try:
                step = partial(flow.send, await self._do(command))
            except BaseException as error:  # noqa: BLE001 - the flow decides what becomes of it
                step = partial(flow.throw, error)

    async def _do(self, command: Command) -> object:
        if isinstance(command, Sleep):
            sleep = asyncio.sleep if self._retries.sleep is time.sleep else self._retries.sleep
            slept = sleep(command.seconds)
            return await slept if inspect.isawaitable(slept) else slept
        if self._threads is not None:
            loop = asyncio.get_running_loop()
            in_context = partial(copy_context().run, lambda: make(self._client, command, self._retries))
            return await loop.run_in_executor(self._threads, in_context)
        with exchange(command, self._retries, resends=True) as current:
            return current.finish(await method_of(self._client, command.call)(**command.call.parameters))

    @overload
    async def create_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        client_token: str | None = None,
        dry_run: Literal[False] = False,
        validate: bool = True,
    ) -> results.CreateDistributionConfigurationResult: ...

    @overload
    async def create_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        client_token: str | None = None,
        dry_run: Literal[True],
        validate: bool = True,
    ) -> results.CreateDistributionConfigurationDryRunResult: ...

    @overload
    async def create_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        client_token: str | None = None,
        dry_run: bool,
        validate: bool = True,
    ) -> results.CreateDistributionConfigurationResult | results.CreateDistributionConfigurationDryRunResult: ...

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
    ) -> results.CreateDistributionConfigurationResult | results.CreateDistributionConfigurationDryRunResult:
        """
        Store a new configuration.

        Args:
            name: 3 to 128 letters, digits, spaces, hyphens and underscores; it can't be changed later.
            distributions: One `Distribution` a Region.
            description: Up to 1024 characters.
            tags: Tags of the configuration itself; at most 50.
            client_token: Up to 64 characters that belong to this one intended write; generated if omitted.
            dry_run: Whether only to ask the service if it would; needs botocore 1.43.94 or newer.
                If it would, the result is a `CreateDistributionConfigurationDryRunResult`; if it wouldn't, its error
                is raised.
            validate: Whether to reject locally what the service would reject, all of it at once.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If the request is rejected before it is sent; `issues` holds all that is wrong with it.
            imagebuilder_dist.errors.ConfigurationError:
                If *dry_run* is asked of a botocore that doesn't know it; nothing was sent.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If a configuration whose name maps to the same ARN exists.
            imagebuilder_dist.errors.ServiceQuotaExceededException:
                If the account has as many as its quota allows: 1,000 a Region.
        """
        request = models.CreateDistributionConfigurationRequest(
            name=name,
            distributions=distributions,
            description=description,
            tags=tags,
            client_token=client_token,
            dry_run=dry_run or None,
        )
        return await self._run(flows.create(request, self._retries, validate=validate))

    @overload
    async def send(
        self, request: models.UpdateDistributionConfigurationRequest, *, validate: bool = True
    ) -> results.UpdateDistributionConfigurationResult: ...

    @overload
    async def send(
        self, request: models.CreateDistributionConfigurationRequest, *, validate: bool = True
    ) -> results.CreateDistributionConfigurationResult: ...

    async def send(
        self,
        request: models.UpdateDistributionConfigurationRequest | models.CreateDistributionConfigurationRequest,
        *,
        validate: bool = True,
    ) -> results.UpdateDistributionConfigurationResult | results.CreateDistributionConfigurationResult:
        """
        Send a request as it is, with everything in it, and return the result of its operation.

        Args:
            request: An update or a create.
                A token of its own is kept; if it has none, one is generated for it.
            validate: Whether to reject locally what the service would reject, all of it at once.

        Raises:
            TypeError:
                If *request* is neither.
            imagebuilder_dist.errors.ValidationError:
                If the request is rejected before it is sent; `issues` holds all that is wrong with it.
            imagebuilder_dist.errors.DryRunOperationException:
                If the request is a create with `dry_run`, and would have succeeded.
        """
        return await self._run(flows.send_request(request, self._retries, validate=validate))

    async def delete_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> results.DeleteDistributionConfigurationResult:
        """
        Permanently delete a configuration.

        A delete has no client token, so one that may have been applied is not retried, except by botocore itself:
        `ResourceNotFoundException` has `may_have_been_applied` set if an earlier attempt may be what deleted it.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
            imagebuilder_dist.errors.ResourceDependencyException:
                If something, usually a pipeline, still uses it.
        """
        return await self._send(operations.delete(distribution_configuration_arn))

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[results.DistributionConfigurationSummary]:
        """
        Iterate over the Region's configurations, fetching pages lazily.

        Args:
            name: Only the configuration of this name.
            page_size: How many to ask for at once, up to 100 (25 before botocore 1.44.1); the service's choice without.
        """
        return self._pages(operations.list_page(name=name, page_size=page_size))

    async def _pages(
        self, page: Call[operations.Page] | None
    ) -> AsyncIterator[results.DistributionConfigurationSummary]:
        while page is not None:
            got = await self._send(page)
            for summary in got.summaries:
                yield summary
            page = got.next

    async def tag_resource(
        self, resource_arn: str, tags: Mapping[str, str], *, validate: bool = True
    ) -> results.TagResourceResult:
        """
        Add *tags* to a configuration; a key that exists gets the new value.

        Args:
            resource_arn: The ARN of the configuration.
            tags: At most 50, keys up to 128 and values up to 256 characters.
            validate: Whether to reject locally what the service would reject, all of it at once.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If the tags are rejected before they are sent.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
            imagebuilder_dist.errors.InvalidParameterException:
                If there would be more than 50.
        """
        return await self._send(operations.tag(resource_arn, tags, validate=validate))

    async def untag_resource(self, resource_arn: str, tag_keys: Items[str]) -> results.UntagResourceResult:
        """
        Remove the tags with *tag_keys* from a configuration; a key that isn't there makes no difference.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return await self._send(operations.untag(resource_arn, tag_keys))

    async def list_tags_for_resource(self, resource_arn: str) -> results.ListTagsForResourceResult:
        """
        Return the tags of a configuration.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return await self._send(operations.list_tags(resource_arn))

    async def get_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> results.DistributionConfiguration:
        """
        Return what is stored under *distribution_configuration_arn*.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return await self._send(operations.get(distribution_configuration_arn))

    async def update_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        client_token: str | None = None,
        validate: bool = True,
    ) -> results.UpdateDistributionConfigurationResult:
        """
        Replace everything stored under *distribution_configuration_arn*.

        A Region that isn't in *distributions* is no longer distributed to, and a description that is omitted is
        removed.
        Name and tags stay.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            distributions: One `Distribution` a Region.
            description: Up to 1024 characters.
            client_token: Up to 64 characters that belong to this one intended write.
                Give the `client_token` of an error to retry the write it belongs to; the service runs it at most
                once. Generated if omitted.
            validate: Whether to reject locally what the service would reject, all of it at once.
                Switch it off on the day that AWS allows something that this version doesn't know yet.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If the request is rejected before it is sent; `issues` holds all that is wrong with it.
                Warnings alone go to the logger `imagebuilder_dist` and don't stop the write.
            imagebuilder_dist.errors.InvalidParameterValueException:
                If the service rejects a value; `parameter` holds its path.
            imagebuilder_dist.errors.ResourceInUseException:
                If a build is using the configuration right now.
        """
        request = models.UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=distribution_configuration_arn,
            distributions=distributions,
            description=description,
            client_token=client_token,
        )
        return await self._send(operations.update(request, validate=validate))

    async def edit_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        change: Callable[[results.DistributionConfiguration], results.DistributionConfiguration],
        *,
        attempts: int = 5,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> changes.Edit:
        """
        Change a stored configuration and lose nothing: what *change* doesn't touch stays as it is.

        If nothing differs, nothing is written.
        What is stored is read again just before the write, and if another writer has changed it, the edit starts over.
        The client token is derived from the state that was read, so of two edits that start from the same state the
        service rejects the second one: no edit or ensure of this library is lost, in any process.
        Another writer (the console, Terraform, a plain update) between the last read and our write is overwritten.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            change: A function from the present configuration to the wanted one, which may differ in description and
                distributions; `imagebuilder_dist.steps` has some. Every attempt calls it on what is stored by then.
            attempts: Total attempts if another writer interferes, with a pause of up to 0.1 s in between that doubles
                up to 2 s; 1 reports the first conflict.
            dry_run: Whether only to say what would change; what a write would reject is rejected all the same.
            allow_unmodelled: Whether to write although settings that this library doesn't know are dropped.

        Raises:
            TypeError:
                If *change* doesn't return a `DistributionConfiguration`.
            imagebuilder_dist.errors.ValidationError:
                If the edit brings in something that the service rejects, or changes name, tags or anything else
                that an update can't. What was wrong before and isn't touched is left to the service.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If the configuration was modified concurrently in every attempt.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If the update would drop settings that this library doesn't know.
        """
        options = flows.EditOptions(attempts, dry_run, allow_unmodelled)
        return await self._run(flows.edit(distribution_configuration_arn, change, self._retries, options))

    @overload
    async def ensure_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        attempts: int = 5,
        dry_run: Literal[False] = False,
        allow_unmodelled: bool = False,
    ) -> changes.Ensured: ...

    @overload
    async def ensure_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        attempts: int = 5,
        dry_run: bool,
        allow_unmodelled: bool = False,
    ) -> changes.EnsurePlan: ...

    async def ensure_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        attempts: int = 5,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> changes.EnsurePlan:
        """
        Create the configuration called *name*, or bring it to this state; if it is in it already, write nothing.

        If two do so at once, both succeed: the second one finds it there.
        An update is protected against other writers as an edit is.

        Args:
            name: The configuration's name.
            distributions: One `Distribution` a Region; others that are stored are removed.
            description: The description; if omitted, a stored one is removed.
            tags: The configuration's tags; others are removed, except AWS's own, whose keys begin with `aws:`.
                If omitted, tags stay as they are.
            attempts: Total attempts if another writer interferes, as for an edit.
            dry_run: Whether only to say what would be done, with an `EnsurePlan`.
            allow_unmodelled: Whether to write although settings that this library doesn't know are dropped.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If the service would reject it.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If a configuration of another name has the ARN that this one would get.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If the configuration was modified concurrently in every attempt.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If the update would drop settings that this library doesn't know.
        """
        wanted = models.CreateDistributionConfigurationRequest(
            name=name, distributions=distributions, description=description, tags=tags
        )
        options = flows.EditOptions(attempts, dry_run, allow_unmodelled)
        return await self._run(flows.ensure(wanted, self._retries, options, keep_tags=tags is None))

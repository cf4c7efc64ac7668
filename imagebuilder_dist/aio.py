"""
The asynchronous client: it calls an aiobotocore client, or a boto3 client in threads of its own.
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

from imagebuilder_dist import changes, models
from imagebuilder_dist._client import flows, operations
from imagebuilder_dist._client.boto3 import Boto3Session, BotocoreConfig, connect, endpoint_of
from imagebuilder_dist._client.calls import Call
from imagebuilder_dist._client.exchange import exchange, make, method_of
from imagebuilder_dist._client.flows import Command, Flow, Sleep
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.attributes import Items, check_count

__all__ = ["DistributionConfigurationClient"]

T = TypeVar("T")


class DistributionConfigurationClient:
    """
    `imagebuilder_dist.DistributionConfigurationClient` for asyncio: the same methods, arguments, results and errors.

    Pass in a client of aiobotocore or aioboto3, which is never reconfigured, or the settings to create one of boto3's.
    The latter's calls run in this client's own thread pool, so they neither block the event loop nor wait for its
    default pool::

        async with DistributionConfigurationClient(region_name="eu-west-1") as client:
            stored = await client.get_distribution_configuration(arn)

    Every method raises a `TypeError` if an argument has the wrong type, and an `ImageBuilderDistError` if a call fails.
    `imagebuilder_dist.errors` draws the tree; a method names only the errors that are worth handling separately.
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
        session: Boto3Session | None = None,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        config: BotocoreConfig | None = None,
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

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
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
        if self._is_closed:
            raise RuntimeError("the client is closed; make calls inside its `async with`, or before close()")
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
    ) -> models.CreateDistributionConfigurationResult: ...

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
    ) -> models.CreateDistributionConfigurationDryRunResult: ...

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
    ) -> models.CreateDistributionConfigurationResult | models.CreateDistributionConfigurationDryRunResult: ...

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
    ) -> models.CreateDistributionConfigurationResult | models.CreateDistributionConfigurationDryRunResult:
        """
        Create a configuration.

        Args:
            name: 3 to 128 letters, digits, spaces, hyphens and underscores; it can't be changed later.
            distributions: One `Distribution` per Region.
            description: Up to 1024 characters.
            tags: Tags of the configuration itself; at most 50.
            client_token: Up to 64 characters that identify this one intended write; generated if omitted.
            dry_run: Whether the service only checks the request; needs botocore 1.43.94 or newer.
                If the create would succeed, the result is a `CreateDistributionConfigurationDryRunResult`; otherwise
                the service's error is raised.
            validate: Whether to validate locally first, which reports every problem at once.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If local validation rejects the request; `issues` holds every problem.
            imagebuilder_dist.errors.ConfigurationError:
                If the installed botocore is too old for *dry_run*; nothing was sent.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If a configuration whose name maps to the same ARN exists.
            imagebuilder_dist.errors.ServiceQuotaExceededException:
                If the account has reached its quota of configurations: 1,000 per Region.
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
    ) -> models.UpdateDistributionConfigurationResult: ...

    @overload
    async def send(
        self, request: models.CreateDistributionConfigurationRequest, *, validate: bool = True
    ) -> models.CreateDistributionConfigurationResult: ...

    async def send(
        self,
        request: models.UpdateDistributionConfigurationRequest | models.CreateDistributionConfigurationRequest,
        *,
        validate: bool = True,
    ) -> models.UpdateDistributionConfigurationResult | models.CreateDistributionConfigurationResult:
        """
        Send a complete request, and return the result of its operation.

        Args:
            request: An update or a create request.
                If it has no client token, one is generated.
            validate: Whether to validate locally first, which reports every problem at once.

        Raises:
            TypeError:
                If *request* is neither.
            imagebuilder_dist.errors.ValidationError:
                If local validation rejects the request; `issues` holds every problem.
            imagebuilder_dist.errors.DryRunOperationException:
                If the request is a create with `dry_run` and would succeed.
        """
        return await self._run(flows.send_request(request, self._retries, validate=validate))

    async def delete_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> models.DeleteDistributionConfigurationResult:
        """
        Permanently delete a configuration.

        A delete has no client token, so it isn't retried if it may have been applied, except by botocore itself.
        A `ResourceNotFoundException` has `may_have_been_applied` set if an earlier attempt may have deleted the
        configuration.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
            imagebuilder_dist.errors.ResourceDependencyException:
                If another resource, usually a pipeline, still uses the configuration.
        """
        return await self._send(operations.delete(distribution_configuration_arn))

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.DistributionConfigurationSummary]:
        """
        Iterate over the Region's configurations, fetching pages lazily.

        Args:
            name: List only the configuration with this name.
            page_size: Configurations per page, up to 100 (25 before botocore 1.44.1); if omitted, the service decides.
        """
        return self._pages(operations.list_page(name=name, page_size=page_size))

    async def _pages(
        self, page: Call[operations.Page] | None
    ) -> AsyncIterator[models.DistributionConfigurationSummary]:
        while page is not None:
            got = await self._send(page)
            for summary in got.summaries:
                yield summary
            page = got.next

    async def tag_resource(
        self, resource_arn: str, tags: Mapping[str, str], *, validate: bool = True
    ) -> models.TagResourceResult:
        """
        Add *tags* to a configuration; existing keys get the new values.

        Args:
            resource_arn: The ARN of the configuration.
            tags: At most 50, keys up to 128 and values up to 256 characters.
            validate: Whether to validate locally first, which reports every problem at once.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If local validation rejects the tags.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
            imagebuilder_dist.errors.InvalidParameterException:
                If the configuration would have more than 50 tags.
        """
        return await self._send(operations.tag(resource_arn, tags, validate=validate))

    async def untag_resource(self, resource_arn: str, tag_keys: Items[str]) -> models.UntagResourceResult:
        """
        Remove the tags with *tag_keys* from a configuration; keys that it doesn't have are ignored.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return await self._send(operations.untag(resource_arn, tag_keys))

    async def list_tags_for_resource(self, resource_arn: str) -> models.ListTagsForResourceResult:
        """
        Return the tags of a configuration.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return await self._send(operations.list_tags(resource_arn))

    async def get_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> models.DistributionConfiguration:
        """
        Return the configuration stored under *distribution_configuration_arn*.

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
    ) -> models.UpdateDistributionConfigurationResult:
        """
        Replace everything stored under *distribution_configuration_arn*.

        A Region that isn't in *distributions* is no longer distributed to, and an omitted description is removed.
        Name and tags don't change.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            distributions: One `Distribution` per Region.
            description: Up to 1024 characters.
            client_token: Up to 64 characters that identify this one intended write; generated if omitted.
                Pass the `client_token` of an error to retry its write; the service runs it at most once.
            validate: Whether to validate locally first, which reports every problem at once.
                Switch it off if AWS allows something new that this version still rejects.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If local validation rejects the request; `issues` holds every problem.
                Warnings go to the logger `imagebuilder_dist` and don't stop the write.
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
        change: Callable[[models.DistributionConfiguration], models.DistributionConfiguration],
        *,
        attempts: int = 5,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> changes.Plan:
        """
        Change a stored configuration and lose nothing: whatever *change* doesn't touch is preserved.

        If nothing differs, nothing is written.
        The configuration is read again just before the write, and if another writer has changed it, the edit starts
        over.
        The client token is derived from the state that was read, so if two edits start from the same state, the service
        rejects the second one: no edit or ensure of this library is lost, even across processes.
        A write by anything else (the console, Terraform, a plain update) between the last read and the edit's write is
        overwritten.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            change: A function that takes the stored configuration and returns the wanted one, which may differ in
                description and distributions; `imagebuilder_dist.steps` has ready-made ones.
                Every attempt calls it with the latest stored configuration.
            attempts: Total attempts if another writer interferes; 1 reports the first conflict.
                The pause between them is random, 0.15 to 0.3 s, doubling up to 2 s.
            dry_run: Whether only to return what would change; it raises the errors that a write would raise.
            allow_unmodelled: Whether to write even if that drops settings that this library doesn't know.

        Raises:
            TypeError:
                If *change* doesn't return a `DistributionConfiguration`.
            imagebuilder_dist.errors.ValidationError:
                If the edit introduces something that the service rejects, or changes name, tags or anything else
                that an update can't. Stored problems that it doesn't touch are left to the service.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If the configuration was modified concurrently in every attempt.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If the update would drop settings that this library doesn't know.
        """
        options = flows.EditOptions(attempts, dry_run, allow_unmodelled)
        return await self._run(flows.edit(distribution_configuration_arn, change, self._retries, options))

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
    ) -> changes.Plan:
        """
        Create the configuration *name*, or update it to the given state; if nothing differs, write nothing.

        If two callers ensure the same configuration at once, both succeed: the second one finds it there.
        An update is protected against other writers like an edit.

        Args:
            name: The configuration's name.
            distributions: One `Distribution` per Region; other stored ones are removed.
            description: The description; if omitted, a stored one is removed.
            tags: The configuration's tags; others are removed, except AWS's own, whose keys begin with `aws:`.
                If omitted, the stored tags don't change.
            attempts: Total attempts if another writer interferes, as for an edit.
            dry_run: Whether only to return what would be done, as a `Plan`.
            allow_unmodelled: Whether to write even if that drops settings that this library doesn't know.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If the service would reject the configuration.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If a configuration with another name has the ARN that this one would get.
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

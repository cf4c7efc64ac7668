"""
The synchronous client: boto3's operations with typed arguments and results.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from imagebuilder_dist import changes, models
from imagebuilder_dist._client import edits, operations
from imagebuilder_dist._client.boto3 import connect, endpoint_of
from imagebuilder_dist._client.calls import Call, Content, make, region_of
from imagebuilder_dist._client.operations import Flow
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.attributes import Items
from imagebuilder_dist.errors import ImageBuilderDistError

P = ParamSpec("P")
T = TypeVar("T")


class DistributionConfigurationClient:
    """
    A typed client for EC2 Image Builder's distribution configurations.

    Pass in a boto3 client, which is never reconfigured, or the settings to create one.
    Every method raises a `TypeError` if an argument has the wrong type, and an `ImageBuilderDistError` if a call fails.
    `imagebuilder_dist.errors` draws the tree; a method names only the errors that are worth handling separately.
    Like boto3's clients, it can be shared between threads, but not between processes, including forked ones.
    `close()`, or leaving its `with` block, closes the connections of a client created by the library.

    Args:
        client: A boto3 `imagebuilder` client, or a fake with the methods that you call.
        session: The `boto3.Session` to create a client with.
            If omitted, boto3's default session if the program has set one up, or else a session of botocore's own,
            which finds credentials, profile, Region and endpoint in the same places.
        region_name: The Region to call.
        endpoint_url: The URL to call instead of AWS's, for example `LocalImageBuilder().url`.
        config: A `botocore.config.Config`: timeouts, proxies, botocore's own retries.
        retries: The retry policy; the defaults of `Retries` if omitted.
            In a client created by the library, it replaces botocore's retries, unless *config* sets a number of
            attempts. A client that is passed in keeps its own retries, within the policy's attempts.

    Raises:
        TypeError:
            If *client* is combined with *session*, *region_name*, *endpoint_url* or *config*, or isn't a synchronous
            client for Image Builder.
        imagebuilder_dist.errors.ConfigurationError:
            If there is no Region, no such profile, or *endpoint_url* isn't a URL.
        imagebuilder_dist.errors.CredentialsError:
            If the credentials can't be read or fetched.
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
    ) -> None:
        self._is_own = client is None
        self._client, self._retries = connect(client, (session, region_name, endpoint_url, config), retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """
        Close the connections of a client created by the library; a client that was passed in stays open.
        """
        if self._is_own:
            self._client.close()

    def __repr__(self) -> str:
        return f"<imagebuilder_dist.DistributionConfigurationClient for {endpoint_of(self._client)}>"

    def _run(self, operation: Callable[Concatenate[Retries, P], Flow[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Carry out the commands of an *operation*."""
        try:
            flow = operation(self._retries, *args, **kwargs)
            resume: Callable[[Any], Call[Any] | float] = flow.send
            outcome: Any = None
            while True:
                command = resume(outcome)
                try:
                    if isinstance(command, Call):
                        resume, outcome = flow.send, make(self._client, command)
                    else:
                        resume, outcome = flow.send, self._retries.sleep(command)
                except BaseException as error:  # noqa: BLE001 - the flow decides what becomes of it
                    resume, outcome = flow.throw, error
        except StopIteration as done:
            result: T = done.value
            return result
        except ImageBuilderDistError as error:
            raise operations.final(operation.__name__, error) from error.__cause__

    def create_distribution_configuration(
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
        """
        Create a configuration.

        Args:
            name: 3 to 128 letters, digits, spaces, hyphens and underscores; it can't be changed later.
            distributions: One `Distribution` per Region.
            description: Up to 1024 characters.
            tags: Tags of the configuration itself; at most 50.
            client_token: Up to 64 characters that identify this one intended write; generated if omitted.
            dry_run: Whether the service only checks the request; needs botocore 1.43.94 or newer.
                If the create would succeed, it raises `DryRunOperationException`, as EC2 does.
            validate: Whether to validate locally first, which reports every problem at once.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If local validation rejects the request; `issues` holds every problem.
            imagebuilder_dist.errors.ConfigurationError:
                If the installed botocore is too old for *dry_run*; nothing was sent.
            imagebuilder_dist.errors.DryRunOperationException:
                If it is a dry run, and a real create would succeed.
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
        result: models.CreateDistributionConfigurationResult = self._run(operations.write, request, validate=validate)
        return result

    def send(
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
        result: models.UpdateDistributionConfigurationResult | models.CreateDistributionConfigurationResult
        result = self._run(operations.write, request, validate=validate)
        return result

    def delete_distribution_configuration(
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
        return self._run(operations.delete, distribution_configuration_arn)

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> Iterator[models.DistributionConfigurationSummary]:
        """
        Iterate over the Region's configurations, fetching pages lazily.

        Args:
            name: List only the configuration with this name, `web*` those whose names begin with `web`, and `*web*`
                those that contain it. Case counts.
            page_size: Configurations per page, up to 100 (25 before botocore 1.44.1); if omitted, the service decides.
        """
        return self._pages(operations.first_page(name, page_size))

    def _pages(self, parameters: Content | None) -> Iterator[models.DistributionConfigurationSummary]:
        while parameters is not None:
            page = self._run(operations.list_page, parameters)
            yield from page.summaries
            parameters = page.next

    def tag_resource(
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
        return self._run(operations.tag, resource_arn, tags, validate=validate)

    def untag_resource(self, resource_arn: str, tag_keys: Items[str]) -> models.UntagResourceResult:
        """
        Remove the tags with *tag_keys* from a configuration; keys that it doesn't have are ignored.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return self._run(operations.untag, resource_arn, tag_keys)

    def list_tags_for_resource(self, resource_arn: str) -> models.ListTagsForResourceResult:
        """
        Return the tags of a configuration.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return self._run(operations.list_tags, resource_arn)

    def get_distribution_configuration(self, distribution_configuration_arn: str) -> models.DistributionConfiguration:
        """
        Return the configuration stored under *distribution_configuration_arn*.

        Raises:
            imagebuilder_dist.errors.ResourceNotFoundException:
                If no configuration has that ARN.
        """
        return self._run(operations.get, distribution_configuration_arn)

    def find_distribution_configuration(self, name: str) -> models.DistributionConfiguration | None:
        """
        Return the stored configuration with exactly that *name*; `None` if there isn't one.
        """
        return self._run(operations.find, name)

    def update_distribution_configuration(
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
        result: models.UpdateDistributionConfigurationResult = self._run(operations.write, request, validate=validate)
        return result

    def edit_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        change: Callable[[models.DistributionConfiguration], models.DistributionConfiguration],
        *,
        max_conflicts: int = 5,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> changes.Plan:
        """
        Change a stored configuration; whatever *change* doesn't touch is written back as it was read.

        If nothing differs, nothing is written.
        The configuration is read again just before the write, and if another writer has changed it, the edit starts
        over.
        The client token is derived from the state that was read, so if two edits start from the same state, the service
        rejects the second one: an edit or ensure of this library doesn't overwrite another, also across processes.
        A write by anything else (the console, Terraform, a plain update) between the last read and the edit's write is
        overwritten.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            change: A function that takes the stored configuration and returns the wanted one, which may differ in
                description and distributions; `imagebuilder_dist.steps` has ready-made ones.
                If the edit starts over, it is called again, with what is stored then.
            max_conflicts: How many conflicts with other writers to take; 1 raises the first one.
                The pause after each is random, 0.15 to 0.3 s, doubling up to 2 s.
            dry_run: Whether only to return what would change; it raises the errors that a write would raise.
            allow_unmodelled: Whether to write even if that drops settings that this library doesn't know.

        Raises:
            TypeError:
                If *change* doesn't return a `DistributionConfiguration`.
            imagebuilder_dist.errors.ValidationError:
                If the edit introduces something that the service rejects, or changes name, tags or anything else
                that an update can't. Stored problems that it doesn't touch are left to the service.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If the configuration was modified concurrently *max_conflicts* times.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If the update would drop settings that this library doesn't know.
        """
        return self._run(
            edits.edit, distribution_configuration_arn, change, edits.Options(max_conflicts, dry_run, allow_unmodelled)
        )

    def ensure_distribution_configuration(
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
        """
        Create the configuration *name*, or update it to the given state; if nothing differs, write nothing.

        If two callers ensure the same configuration at once, both succeed: the second one finds it there.
        If another writer changes it in the meantime, an update starts over like an edit.

        Args:
            name: The configuration's name.
            distributions: One `Distribution` per Region; other stored ones are removed.
            description: The description; if omitted, a stored one is removed.
            tags: The configuration's tags; others are removed, except AWS's own, whose keys begin with `aws:`.
                If omitted, the stored tags don't change.
            max_conflicts: How many conflicts with other writers to take, as for an edit.
            dry_run: Whether only to return what would be done, as a `Plan`.
            allow_unmodelled: Whether to write even if that drops settings that this library doesn't know.

        Raises:
            imagebuilder_dist.errors.ValidationError:
                If local validation rejects the configuration; `issues` holds every problem.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If a configuration with another name has the ARN that this one would get.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If the configuration was modified concurrently *max_conflicts* times.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If the update would drop settings that this library doesn't know.
        """
        wanted = models.CreateDistributionConfigurationRequest(
            name=name, distributions=distributions, description=description, tags=tags
        )
        options = edits.Options(max_conflicts, dry_run, allow_unmodelled, region_of(self._client))
        return self._run(edits.ensure, wanted, options, keep_tags=tags is None)

    def apply(self, plan: changes.Plan) -> changes.Plan:
        """
        Write exactly what *plan* shows, once, however often it is applied.

        A plan comes from an edit or an ensure with `dry_run`, or from `documents.loads_plan`.
        If what it wants is stored already, nothing is written, and the result is a plan without changes.
        If a failure interrupted it, applying it again writes what is still missing.
        Like an edit, it can't notice a writer that doesn't use this library and writes between the last read and the
        write; nor, in that moment, any writer of tags.

        Returns:
            The plan that was carried out, with `result` and `written`.

        Raises:
            TypeError:
                If *plan* isn't a `Plan`.
            imagebuilder_dist.errors.ConfigurationError:
                If the client calls another Region than the plan's.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If what is stored isn't what the plan was made from; `changes` holds what changed meanwhile.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If it creates, and a configuration with another name has the ARN that this one would get.
        """
        return self._run(edits.apply, plan, region_of(self._client))

"""
The operations, under boto3's names, typed on both ends.
"""

import json
import logging
import re
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, cast

import attrs
from botocore.exceptions import BotoCoreError

from imagebuilder_dist import validation
from imagebuilder_dist._botocore import keep_user_agent, pass_on_distributions
from imagebuilder_dist._calls import Answer, call, require_member, watch
from imagebuilder_dist._fields import (
    Items,
    check_count,
    check_mapping,
    check_tuple,
    check_type,
    found,
    is_list,
    is_mapping,
    member_name,
    to_tuple,
)
from imagebuilder_dist._turns import turn
from imagebuilder_dist._version import __version__
from imagebuilder_dist.changes import Edit, Ensured, diff
from imagebuilder_dist.converter import from_modelled, to_boto3, unmodelled_members
from imagebuilder_dist.errors import (
    ConcurrentModificationError,
    ConfigurationError,
    DryRunOperationException,
    Issue,
    ResourceAlreadyExistsException,
    UnmodelledSettingsError,
    ValidationError,
    from_botocore,
)
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    Distribution,
    UpdateDistributionConfigurationRequest,
)
from imagebuilder_dist.results import (
    CreateDistributionConfigurationResult,
    DeleteDistributionConfigurationResult,
    DistributionConfiguration,
    DistributionConfigurationSummary,
    ListTagsForResourceResult,
    TagResourceResult,
    UntagResourceResult,
    UpdateDistributionConfigurationResult,
)
from imagebuilder_dist.retries import Retries, repeat

_logger = logging.getLogger("imagebuilder_dist")


class ImageBuilderClient(Protocol):
    """
    What is needed of a boto3 client: a real one, a typed one of types-boto3, or a fake of yours.
    """

    def create_distribution_configuration(self, *args: Any, **kwargs: Any) -> Any:
        """Call CreateDistributionConfiguration."""
        ...

    def delete_distribution_configuration(self, *args: Any, **kwargs: Any) -> Any:
        """Call DeleteDistributionConfiguration."""
        ...

    def get_distribution_configuration(self, *args: Any, **kwargs: Any) -> Any:
        """Call GetDistributionConfiguration."""
        ...

    def list_distribution_configurations(self, *args: Any, **kwargs: Any) -> Any:
        """Call ListDistributionConfigurations."""
        ...

    def list_tags_for_resource(self, *args: Any, **kwargs: Any) -> Any:
        """Call ListTagsForResource."""
        ...

    def tag_resource(self, *args: Any, **kwargs: Any) -> Any:
        """Call TagResource."""
        ...

    def untag_resource(self, *args: Any, **kwargs: Any) -> Any:
        """Call UntagResource."""
        ...

    def update_distribution_configuration(self, *args: Any, **kwargs: Any) -> Any:
        """Call UpdateDistributionConfiguration."""
        ...


class Session(Protocol):
    """
    What is needed of a `boto3.Session`.
    """

    def client(self, *args: Any, **kwargs: Any) -> Any:
        """Make a client."""
        ...


class Config(Protocol):
    """
    What is needed of a `botocore.config.Config`.
    """

    def merge(self, other_config: Any, /) -> Any:
        """Return a copy that *other_config* overrides."""
        ...


class DistributionConfigurationClient:
    """
    EC2 Image Builder's distribution configurations, typed.

    Give it a boto3 client, which is left as it is, or say how to make one.
    Like boto3's clients it may be shared between threads; a process makes its own, also one that was forked.

    Args:
        client: A boto3 `imagebuilder` client, or a fake with the methods of `ImageBuilderClient`.
        session: The `boto3.Session` to make a client with.
            Without it, boto3's default session where the program has one, and else one of botocore's own, which finds
            credentials, profile, Region and endpoint in the same places.
        region_name: The Region to call.
        endpoint_url: Where to send requests instead of AWS, for example `LocalImageBuilder().url`.
        config: A `botocore.config.Config`: timeouts, proxies, botocore's own retries.
        retries: How long to go on with a call that is throttled or gets no answer; the defaults of `Retries`
            without. A client that is made here leaves all repeating to it, unless *config* has a number of
            attempts; one that is handed in repeats as it does, and what it repeats counts.

    Raises:
        TypeError:
            If *client* comes together with *session*, *region_name*, *endpoint_url* or *config*.
        imagebuilder_dist.errors.ConfigurationError:
            If there is no Region, no such profile, or *endpoint_url* is no URL.
        imagebuilder_dist.errors.CredentialsError:
            If the profile's credentials can't be read.
    """

    def __init__(
        self,
        client: ImageBuilderClient | None = None,
        *,
        session: Session | None = None,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        config: Config | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._all_is_passed_on = False
        if client is None:
            client = _make_client(session, region_name, endpoint_url, config)
            self._all_is_passed_on = pass_on_distributions(client)
            keep_user_agent(client)
        elif any(option is not None for option in (session, region_name, endpoint_url, config)):
            raise TypeError("give either a client, or session, region_name, endpoint_url and config to make one")
        elif not any(hasattr(client, name) for name in vars(ImageBuilderClient) if not name.startswith("_")):
            raise TypeError(f"client must be a boto3 imagebuilder client, not {found(client)}")
        if retries is not None:
            check_type("retries", retries, Retries)
        self._client = client
        self._retries = retries or Retries()
        watch(client)

    def _call(
        self,
        operation: str,
        method: Callable[..., Any],
        parameters: Mapping[str, Any],
        *,
        client_token: str | None = None,
        read: bool = False,
    ) -> Answer:
        return repeat(
            self._retries,
            lambda: call(operation, method, parameters, client_token=client_token, read=read),
            repeatable=read or client_token is not None,
        )

    def create_distribution_configuration(
        self,
        name: str,
        distributions: Items[Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        client_token: str | None = None,
        dry_run: bool = False,
        validate: bool = True,
    ) -> CreateDistributionConfigurationResult:
        """
        Store a new configuration.

        Args:
            name: 3 to 128 letters, digits, spaces, hyphens and underscores; it can't be changed later.
            distributions: One `Distribution` a Region.
            description: Up to 1024 characters.
            tags: Tags of the configuration itself; at most 50.
            client_token: Up to 64 characters that belong to this one intended write; made where it isn't given.
            dry_run: Whether only to ask the service if it would; needs botocore 1.43.94 or newer.
                Where it would, the result has no ARN; where it wouldn't, its error is raised.
            validate: Whether to refuse locally what the service would refuse, all of it at once.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ValidationError:
                If the request is refused before it is sent; `issues` holds all that is wrong with it.
            imagebuilder_dist.errors.ConfigurationError:
                If *dry_run* is asked of a botocore that doesn't know it; nothing was sent.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If there is one already whose name makes the same ARN.
            imagebuilder_dist.errors.ServiceQuotaExceededException:
                If the account has as many as it may: 1,000 a Region.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        operation = "CreateDistributionConfiguration"
        token = _token(client_token)
        request = CreateDistributionConfigurationRequest(
            name=name,
            distributions=distributions,
            description=description,
            tags=tags,
            client_token=token,
            dry_run=dry_run or None,
        )
        if validate:
            _refuse_errors(request, operation, token)
        if dry_run:
            require_member(self._client, operation, "dryRun", "1.43.94")
        try:
            answer = self._call(
                operation,
                self._client.create_distribution_configuration,
                to_boto3(request),
                client_token=token,
            )
        except DryRunOperationException as success:
            return CreateDistributionConfigurationResult(request_id=success.request_id, client_token=token)
        return answer.read({"clientToken": token, **answer.parsed}, CreateDistributionConfigurationResult)

    def delete_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> DeleteDistributionConfigurationResult:
        """
        Delete a configuration; there is no way back.

        A delete has no client token, so one that may have been applied is not repeated, except by botocore itself:
        `ResourceNotFoundException` has `may_have_been_applied` set where an earlier attempt may be what deleted it.

        Raises:
            TypeError:
                If the ARN is no string.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If nothing of that ARN is there.
            imagebuilder_dist.errors.ResourceDependencyException:
                If something, usually a pipeline, still uses it.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        check_type("distribution_configuration_arn", distribution_configuration_arn, str)
        answer = self._call(
            "DeleteDistributionConfiguration",
            self._client.delete_distribution_configuration,
            {"distributionConfigurationArn": distribution_configuration_arn},
        )
        return answer.read(answer.parsed, DeleteDistributionConfigurationResult)

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> Iterator[DistributionConfigurationSummary]:
        """
        Go through all configurations of the Region, page by page, as far as the caller does.

        Args:
            name: Only the configuration of this name.
            page_size: How many to ask for at once, up to 100 (25 before botocore 1.44.1); the service's choice without.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If a call fails; `imagebuilder_dist.errors` draws the tree. Raised while going through.
        """
        parameters: dict[str, Any] = {}
        if name is not None:
            check_type("name", name, str)
            parameters["filters"] = [{"name": "name", "values": [name]}]
        if page_size is not None:
            check_type("page_size", page_size, int)
            parameters["maxResults"] = page_size
        return self._pages(parameters)

    def _pages(self, parameters: dict[str, Any]) -> Iterator[DistributionConfigurationSummary]:
        while True:
            answer = self._call(
                "ListDistributionConfigurations", self._client.list_distribution_configurations, parameters, read=True
            )
            page = answer.parsed.get("distributionConfigurationSummaryList", [])
            if not is_list(page):
                raise answer.unreadable("its distributionConfigurationSummaryList is no list")
            for summary in page:
                yield answer.read(summary, DistributionConfigurationSummary)
            token = answer.parsed.get("nextToken")
            if not token:
                return
            if token == parameters.get("nextToken"):
                raise answer.unreadable("its nextToken is that of the page before")
            parameters = {**parameters, "nextToken": token}

    def tag_resource(self, resource_arn: str, tags: Mapping[str, str], *, validate: bool = True) -> TagResourceResult:
        """
        Add *tags* to a configuration; a key that is there already gets the new value.

        Args:
            resource_arn: The ARN of the configuration.
            tags: At most 50, keys up to 128 and values up to 256 characters.
            validate: Whether to refuse locally what the service would refuse, all of it at once.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ValidationError:
                If the tags are refused before they are sent.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If nothing of that ARN is there.
            imagebuilder_dist.errors.InvalidParameterException:
                If there would be more than 50.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        check_type("resource_arn", resource_arn, str)
        check_mapping("tags", tags)
        if validate:
            _report(validation.validate_tags(tags), "TagResource", None)
        answer = self._call(
            "TagResource",
            self._client.tag_resource,
            {"resourceArn": resource_arn, "tags": dict(tags)},
        )
        return answer.read(answer.parsed, TagResourceResult)

    def untag_resource(self, resource_arn: str, tag_keys: Items[str]) -> UntagResourceResult:
        """
        Remove the tags with *tag_keys* from a configuration; a key that isn't there makes no difference.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If nothing of that ARN is there.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        check_type("resource_arn", resource_arn, str)
        keys = to_tuple(tag_keys)
        check_tuple("tag_keys", keys, str)
        answer = self._call(
            "UntagResource",
            self._client.untag_resource,
            {"resourceArn": resource_arn, "tagKeys": list(keys)},
        )
        return answer.read(answer.parsed, UntagResourceResult)

    def list_tags_for_resource(self, resource_arn: str) -> ListTagsForResourceResult:
        """
        Return the tags of a configuration.

        Raises:
            TypeError:
                If the ARN is no string.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If nothing of that ARN is there.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        check_type("resource_arn", resource_arn, str)
        answer = self._call(
            "ListTagsForResource", self._client.list_tags_for_resource, {"resourceArn": resource_arn}, read=True
        )
        return answer.read(answer.parsed, ListTagsForResourceResult)

    def get_distribution_configuration(self, distribution_configuration_arn: str) -> DistributionConfiguration:
        """
        Return what is stored under *distribution_configuration_arn*.

        Raises:
            TypeError:
                If the ARN is no string.
            imagebuilder_dist.errors.ResourceNotFoundException:
                If nothing of that ARN is there.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        check_type("distribution_configuration_arn", distribution_configuration_arn, str)
        answer = self._call(
            "GetDistributionConfiguration",
            self._client.get_distribution_configuration,
            {"distributionConfigurationArn": distribution_configuration_arn},
            read=True,
        )
        stored = answer.parsed.get("distributionConfiguration")
        if not is_mapping(stored):
            raise answer.unreadable("it holds no distributionConfiguration")
        if answer.body is not None and self._all_is_passed_on:
            modelled = from_modelled({**stored, "requestId": answer.request_id}, DistributionConfiguration)
            if modelled is not None:
                return attrs.evolve(modelled, unmodelled=())
        configuration = answer.read(stored, DistributionConfiguration)
        if answer.body is None:
            return configuration
        raw = stored if self._all_is_passed_on else json.loads(answer.body)["distributionConfiguration"]
        return attrs.evolve(configuration, unmodelled=unmodelled_members(raw, stored, DistributionConfiguration))

    def update_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        distributions: Items[Distribution],
        *,
        description: str | None = None,
        client_token: str | None = None,
        validate: bool = True,
    ) -> UpdateDistributionConfigurationResult:
        """
        Replace everything stored under *distribution_configuration_arn*.

        A Region that isn't in *distributions* is no longer distributed to, and a description that isn't given is
        removed.
        Name and tags stay.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            distributions: One `Distribution` a Region.
            description: Up to 1024 characters.
            client_token: Up to 64 characters that belong to this one intended write.
                Give the `client_token` of an error to repeat the write it belongs to; the service runs it at most
                once. Made where it isn't given.
            validate: Whether to refuse locally what the service would refuse, all of it at once.
                Switch it off on the day that AWS allows something that this version doesn't know yet.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ValidationError:
                If the request is refused before it is sent; `issues` holds all that is wrong with it.
                Warnings alone go to the logger `imagebuilder_dist` and don't stop the write.
            imagebuilder_dist.errors.InvalidParameterValueException:
                If the service refuses a value; `parameter` holds its path.
            imagebuilder_dist.errors.ResourceInUseException:
                If a build is using the configuration right now.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If the call fails in any other way; `imagebuilder_dist.errors` draws the tree.
        """
        token = _token(client_token)
        request = UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=distribution_configuration_arn,
            distributions=distributions,
            description=description,
            client_token=token,
        )
        if validate:
            _refuse_errors(request, _UPDATE, token)
        answer = self._call(
            _UPDATE,
            self._client.update_distribution_configuration,
            to_boto3(request),
            client_token=token,
        )
        return answer.read({"clientToken": token, **answer.parsed}, UpdateDistributionConfigurationResult)

    def edit_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        change: Callable[[DistributionConfiguration], DistributionConfiguration],
        *,
        attempts: int = 1,
        dry_run: bool = False,
        allow_unmodelled: bool = False,
    ) -> Edit:
        """
        Change a stored configuration and lose nothing: what *change* doesn't touch stays as it is.

        Nothing is written where nothing differs.
        What is stored is read again just before the write, and if somebody else has changed it, nothing is written
        either.
        Edits in one process, by whichever client, take turns.
        The service has no conditional write: another process that writes in the moment between that last read and our
        write is overwritten, and nobody can tell.

        Args:
            distribution_configuration_arn: The ARN of the configuration.
            change: A function from the present configuration to the wanted one, with description and distributions
                to its liking; `imagebuilder_dist.steps` has some. Called again on the newer one with every attempt.
            attempts: How often to start over when somebody else was faster; 1 is never.
            dry_run: Whether only to say what would change; what a write would refuse is refused all the same.
            allow_unmodelled: Whether to write although settings that nobody here knows are lost.

        Raises:
            TypeError:
                If *change* doesn't return a `DistributionConfiguration`.
            imagebuilder_dist.errors.ValidationError:
                If the edit brings in something that the service refuses, or changes name, tags or anything else
                that an update can't. What was wrong before and isn't touched is left to the service.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If somebody else changed it meanwhile, in every attempt.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If a write would lose settings that this library or botocore doesn't know.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If a call fails; `imagebuilder_dist.errors` draws the tree.
        """
        check_count("attempts", attempts)
        check_type("distribution_configuration_arn", distribution_configuration_arn, str)
        with turn(distribution_configuration_arn):
            before = self.get_distribution_configuration(distribution_configuration_arn)
            while True:
                edit = _planned(before, change)
                if not edit.changes:
                    return edit
                if before.unmodelled and not allow_unmodelled:
                    raise UnmodelledSettingsError(before.unmodelled, _UPDATE)
                _refuse_new_errors(distribution_configuration_arn, before, edit.after)
                if dry_run:
                    return edit
                now = self.get_distribution_configuration(distribution_configuration_arn)
                if _written(now) == _written(before):
                    break
                if attempts == 1:
                    raise ConcurrentModificationError(before, now, _UPDATE)
                before, attempts = now, attempts - 1
            result = self.update_distribution_configuration(
                distribution_configuration_arn,
                edit.after.distributions,
                description=edit.after.description,
                validate=False,
            )
        return attrs.evolve(edit, result=result)

    def ensure_distribution_configuration(
        self,
        name: str,
        distributions: Items[Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> Ensured:
        """
        Create the configuration called *name*, or bring it to this state; write nothing where it is in it already.

        Two that do so at once both succeed: the one who comes second finds it there.

        Args:
            name: The configuration's name.
            distributions: One `Distribution` a Region; others that are stored are removed.
            description: The description; a stored one is removed without it.
            tags: The configuration's tags; others are removed. Without it, tags stay as they are.
            dry_run: Whether only to say what would be done.

        Raises:
            TypeError:
                If an argument is of a wrong type.
            imagebuilder_dist.errors.ValidationError:
                If the service would refuse it.
            imagebuilder_dist.errors.ResourceAlreadyExistsException:
                If a configuration of another name has the ARN that this one would get.
            imagebuilder_dist.errors.ConcurrentModificationError:
                If somebody else kept changing it meanwhile.
            imagebuilder_dist.errors.UnmodelledSettingsError:
                If a write would lose settings that this library or botocore doesn't know.
            imagebuilder_dist.errors.ImageBuilderDistError:
                If a call fails; `imagebuilder_dist.errors` draws the tree.
        """
        wanted = CreateDistributionConfigurationRequest(
            name=name, distributions=distributions, description=description, tags=tags
        )
        issues = validation.validate(wanted)
        # What is stored already is judged as an edit, by what it brings in; name and tags are judged here.
        for_both = tuple(each for each in issues if each.path.startswith(("name", "tags")))
        _report(for_both, "CreateDistributionConfiguration", None)
        arn = self._arn(name)
        if arn is None:
            changes = diff(
                DistributionConfiguration(),
                DistributionConfiguration(
                    description=description, distributions=wanted.distributions, tags=wanted.tags or {}
                ),
            )
            if dry_run:
                _report(issues, "CreateDistributionConfiguration", None)
                return Ensured(distribution_configuration_arn=None, created=True, changes=changes)
            try:
                created = self.create_distribution_configuration(
                    name, wanted.distributions, description=description, tags=wanted.tags
                )
            except ResourceAlreadyExistsException:
                arn = self._arn(name)
                if arn is None:
                    raise
            else:
                new = created.distribution_configuration_arn
                return Ensured(distribution_configuration_arn=new, created=True, changes=changes)
        edit = self.edit_distribution_configuration(
            arn,
            lambda stored: attrs.evolve(stored, description=description, distributions=wanted.distributions),
            attempts=_ENSURE_ATTEMPTS,
            dry_run=dry_run,
        )
        after = edit.after
        if tags is not None:
            after = attrs.evolve(after, tags=wanted.tags or {})
            if not dry_run:
                self._set_tags(arn, edit.before.tags, after.tags)
        return Ensured(distribution_configuration_arn=arn, created=False, changes=diff(edit.before, after))

    def _arn(self, name: str) -> str | None:
        named = (each for each in self.list_distribution_configurations(name=name) if each.name == name)
        return next((each.arn for each in named), None)

    def _set_tags(self, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        gone = [key for key in before if key not in after]
        new = {key: value for key, value in after.items() if before.get(key) != value}
        # The new ones first, so that a failure in between loses nothing, unless there is no room for them.
        if new and len({**before, **after}) <= _MAX_TAGS:
            self.tag_resource(arn, new)
            new = {}
        if gone:
            self.untag_resource(arn, gone)
        if new:
            self.tag_resource(arn, new)


_ENSURE_ATTEMPTS = 5
_MAX_TAGS = 50
_UPDATE = "UpdateDistributionConfiguration"


def _planned(
    before: DistributionConfiguration, change: Callable[[DistributionConfiguration], DistributionConfiguration]
) -> Edit:
    after = change(before)
    check_type("what change returns", after, DistributionConfiguration)
    _refuse_other_changes(before, after)
    return Edit(before=before, after=after, changes=diff(before, after), result=None)


def _written(configuration: DistributionConfiguration) -> tuple[object, ...]:
    """Give what an update replaces, also where it is not modelled."""
    return configuration.description, configuration.distributions, configuration.unmodelled


def _refuse_other_changes(before: DistributionConfiguration, after: DistributionConfiguration) -> None:
    writable = {"description", "distributions"}
    issues = [
        Issue(member_name(name), "read-only", "error", "can't be changed by an update", getattr(after, name))
        for name in [field.name for field in attrs.fields(DistributionConfiguration) if field.eq]
        if name not in writable and getattr(before, name) != getattr(after, name)
    ]
    if issues:
        raise ValidationError(issues, _UPDATE)


def _refuse_new_errors(arn: str, before: DistributionConfiguration, after: DistributionConfiguration) -> None:
    """Refuse what the edit brings in; what the service has stored it may take again."""

    def issues(configuration: DistributionConfiguration) -> dict[tuple[str, str, str], Issue]:
        request = UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=arn,
            distributions=configuration.distributions,
            description=configuration.description,
        )
        return {
            (_region_named(issue.path, configuration), issue.rule, issue.message): issue
            for issue in validation.validate(request)
        }

    old, new = issues(before), issues(after)
    _report(tuple(issue for key, issue in new.items() if key not in old), _UPDATE, None)


def _region_named(path: str, configuration: DistributionConfiguration) -> str:
    """Name the Region in a path instead of its place, which an edit may change."""
    return re.sub(r"^distributions\[(\d+)\]", lambda place: configuration.distributions[int(place[1])].region, path)


def _token(client_token: str | None) -> str:
    return str(uuid.uuid4()) if client_token is None else client_token


def _refuse_errors(
    request: CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest,
    operation: str,
    client_token: str,
) -> None:
    _report(validation.validate(request), operation, client_token)


def _report(issues: tuple[Issue, ...], operation: str, client_token: str | None) -> None:
    if any(issue.severity == "error" for issue in issues):
        raise ValidationError(issues, operation, client_token)
    for issue in issues:
        _logger.warning("%s will be stored, but %s", operation, issue)


def _retries_of(config: Config | None) -> Any:
    """Give what botocore repeats in a client of ours: nothing, unless it was told a number. Ours knows more."""
    theirs: dict[str, Any] = dict(getattr(config, "retries", None) or {})
    return theirs if theirs.keys() & {"max_attempts", "total_max_attempts"} else {**theirs, "total_max_attempts": 1}


def _make_client(
    session: Session | None, region_name: str | None, endpoint_url: str | None, config: Config | None
) -> ImageBuilderClient:
    from botocore.config import Config as BotocoreConfig  # noqa: PLC0415 - slow to import, and not always needed

    agent = f"imagebuilder_dist/{__version__}"
    theirs = getattr(config, "user_agent_extra", None)
    # botocore would check again what models and validation have established.
    ours = BotocoreConfig(
        user_agent_extra=f"{theirs} {agent}" if theirs else agent,
        parameter_validation=False,
        retries=_retries_of(config),
    )
    try:
        client: ImageBuilderClient = _maker(session)(
            "imagebuilder",
            region_name=region_name,
            endpoint_url=endpoint_url,
            config=config.merge(ours) if config else ours,
        )
    except BotoCoreError as error:
        raise from_botocore(error) from error
    except ValueError as error:  # botocore's for an endpoint that is no URL
        raise ConfigurationError(str(error)) from error
    return client


def _maker(session: Session | None) -> Callable[..., Any]:
    """Give what makes a client: boto3's, where the program has it set up, and else botocore's, which starts faster."""
    boto3: Any = sys.modules.get("boto3")
    chosen: Session | None = session or getattr(boto3, "DEFAULT_SESSION", None)
    if chosen is not None:
        return chosen.client
    from botocore.session import get_session  # noqa: PLC0415 - as above

    own: Any = get_session()
    # botocore would look through the folders of all services, twice, to see that there is this one.
    loader: Any = own.get_component("data_loader")
    loader.list_available_services = _only_image_builder
    return cast(Callable[..., Any], own.create_client)


def _only_image_builder(_type_name: str) -> list[str]:
    return ["imagebuilder"]

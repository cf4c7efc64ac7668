"""
The service's operations, each described once: what is sent, and how its answer is read. Nothing here does I/O.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from imagebuilder_dist import validation
from imagebuilder_dist._core.responses import Response
from imagebuilder_dist._fields import Items, check_mapping, check_tuple, check_type, is_list, is_mapping, to_tuple
from imagebuilder_dist.converter import from_modelled, to_boto3, unmodelled_members
from imagebuilder_dist.errors import Issue, ValidationError
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

T = TypeVar("T")
CREATE = "CreateDistributionConfiguration"
UPDATE = "UpdateDistributionConfiguration"
_logger = logging.getLogger("imagebuilder_dist")


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """
    One call of the service.
    """

    operation: str
    parameters: Mapping[str, Any]
    read: Callable[[Response], T]

    client_token: str | None = None

    changes_nothing: bool = False

    requires: tuple[str, str] | None = None
    """A member that older botocores don't know, and the first that does."""

    @property
    def repeatable(self) -> bool:
        """
        Whether running it twice is the same as running it once.
        """
        return self.changes_nothing or self.client_token is not None


@attrs.frozen
class Page:
    """
    One page of a list.
    """

    summaries: tuple[DistributionConfigurationSummary, ...]
    next: Call["Page"] | None


def create(
    name: str,
    distributions: Items[Distribution],
    *,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    client_token: str | None = None,
    dry_run: bool = False,
    validate: bool = True,
) -> Call[CreateDistributionConfigurationResult]:
    """Describe CreateDistributionConfiguration."""
    request = CreateDistributionConfigurationRequest(
        name=name,
        distributions=distributions,
        description=description,
        tags=tags,
        client_token=_token(client_token),
        dry_run=dry_run or None,
    )
    call = _write(CREATE, request, CreateDistributionConfigurationResult, validate=validate)
    return attrs.evolve(call, requires=("dryRun", "1.43.94")) if dry_run else call


def update(
    distribution_configuration_arn: str,
    distributions: Items[Distribution],
    *,
    description: str | None = None,
    client_token: str | None = None,
    validate: bool = True,
) -> Call[UpdateDistributionConfigurationResult]:
    """Describe UpdateDistributionConfiguration."""
    request = UpdateDistributionConfigurationRequest(
        distribution_configuration_arn=distribution_configuration_arn,
        distributions=distributions,
        description=description,
        client_token=_token(client_token),
    )
    return _write(UPDATE, request, UpdateDistributionConfigurationResult, validate=validate)


def get(distribution_configuration_arn: str) -> Call[DistributionConfiguration]:
    """Describe GetDistributionConfiguration."""
    check_type("distribution_configuration_arn", distribution_configuration_arn, str)
    return Call(
        operation="GetDistributionConfiguration",
        parameters={"distributionConfigurationArn": distribution_configuration_arn},
        read=_read_configuration,
        changes_nothing=True,
    )


def list_page(*, name: str | None = None, page_size: int | None = None) -> Call[Page]:
    """Describe ListDistributionConfigurations, page by page."""
    parameters: dict[str, Any] = {}
    if name is not None:
        check_type("name", name, str)
        parameters["filters"] = [{"name": "name", "values": [name]}]
    if page_size is not None:
        check_type("page_size", page_size, int)
        parameters["maxResults"] = page_size
    return _page(parameters)


def delete(distribution_configuration_arn: str) -> Call[DeleteDistributionConfigurationResult]:
    """Describe DeleteDistributionConfiguration."""
    check_type("distribution_configuration_arn", distribution_configuration_arn, str)
    return _call(
        "DeleteDistributionConfiguration",
        {"distributionConfigurationArn": distribution_configuration_arn},
        DeleteDistributionConfigurationResult,
    )


def tag(resource_arn: str, tags: Mapping[str, str], *, validate: bool = True) -> Call[TagResourceResult]:
    """Describe TagResource."""
    check_type("resource_arn", resource_arn, str)
    check_mapping("tags", tags)
    if validate:
        refuse(validation.validate_tags(tags), "TagResource")
    return _call("TagResource", {"resourceArn": resource_arn, "tags": dict(tags)}, TagResourceResult)


def untag(resource_arn: str, tag_keys: Items[str]) -> Call[UntagResourceResult]:
    """Describe UntagResource."""
    check_type("resource_arn", resource_arn, str)
    keys = to_tuple(tag_keys)
    check_tuple("tag_keys", keys, str)
    return _call("UntagResource", {"resourceArn": resource_arn, "tagKeys": list(keys)}, UntagResourceResult)


def list_tags(resource_arn: str) -> Call[ListTagsForResourceResult]:
    """Describe ListTagsForResource."""
    check_type("resource_arn", resource_arn, str)
    call = _call("ListTagsForResource", {"resourceArn": resource_arn}, ListTagsForResourceResult)
    return attrs.evolve(call, changes_nothing=True)


def refuse(issues: tuple[Issue, ...], operation: str, client_token: str | None = None) -> None:
    """
    Raise where one of *issues* is an error, and log them where all are warnings.
    """
    if any(issue.severity == "error" for issue in issues):
        raise ValidationError(issues, operation, client_token)
    for issue in issues:
        _logger.warning("%s will be stored, but %s", operation, issue)


def _token(client_token: str | None) -> str:
    return str(uuid.uuid4()) if client_token is None else client_token


def _write(
    operation: str,
    request: CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest,
    result: type[T],
    *,
    validate: bool,
) -> Call[T]:
    token = request.client_token
    if validate:
        refuse(validation.validate(request), operation, token)
    return Call(
        operation=operation,
        parameters=to_boto3(request),
        read=lambda response: response.read({"clientToken": token, **response.parsed}, result),
        client_token=token,
    )


def _call(operation: str, parameters: Mapping[str, Any], result: type[T]) -> Call[T]:
    return Call(
        operation=operation, parameters=parameters, read=lambda response: response.read(response.parsed, result)
    )


def _page(parameters: Mapping[str, Any]) -> Call[Page]:
    def read(response: Response) -> Page:
        summaries = response.parsed.get("distributionConfigurationSummaryList", [])
        if not is_list(summaries):
            raise response.unreadable("its distributionConfigurationSummaryList is no list")
        token = response.parsed.get("nextToken")
        if token and token == parameters.get("nextToken"):
            raise response.unreadable("its nextToken is that of the page before")
        return Page(
            tuple(response.read(each, DistributionConfigurationSummary) for each in summaries),
            _page({**parameters, "nextToken": token}) if token else None,
        )

    return Call(operation="ListDistributionConfigurations", parameters=parameters, read=read, changes_nothing=True)


def _read_configuration(response: Response) -> DistributionConfiguration:
    stored = response.parsed.get("distributionConfiguration")
    if not is_mapping(stored):
        raise response.unreadable("it holds no distributionConfiguration")
    if response.body is None:
        return response.read(stored, DistributionConfiguration)
    raw = json.loads(response.body)["distributionConfiguration"]  # what botocore doesn't know is in it as well
    modelled = from_modelled({**raw, "requestId": response.request_id}, DistributionConfiguration)
    if modelled is not None:
        return attrs.evolve(modelled, unmodelled=())
    unmodelled = unmodelled_members(raw, raw, DistributionConfiguration)
    return attrs.evolve(response.read(raw, DistributionConfiguration), unmodelled=unmodelled)

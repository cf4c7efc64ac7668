"""
Typed requests of all operations: those of `imagebuilder_dist.models`, and a class for each other operation.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import attrs

from imagebuilder_dist._common.attributes import EMPTY, check_types, is_mapping, members_of, to_optional_mapping
from imagebuilder_dist._shapes.converter import read_response, to_boto3
from imagebuilder_dist.errors import ValidationError
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    UpdateDistributionConfigurationRequest,
    to_strings,
)
from imagebuilder_dist.testing._service import find_operation, read_parameters


@attrs.frozen(kw_only=True, field_transformer=check_types)
class GetDistributionConfigurationRequest:
    """
    Which configuration to return.
    """

    distribution_configuration_arn: str


@attrs.frozen(kw_only=True, field_transformer=check_types)
class DeleteDistributionConfigurationRequest:
    """
    Which configuration to delete.
    """

    distribution_configuration_arn: str


@attrs.frozen(kw_only=True, field_transformer=check_types)
class ListDistributionConfigurationsRequest:
    """
    Which page of the configurations to return.
    """

    name: str | None = None
    """Return only those with this name: the `name` filter."""

    page_size: int | None = None
    """`maxResults`."""

    next_token: str | None = None
    """The token that came with the previous page."""


@attrs.frozen(kw_only=True, field_transformer=check_types)
class TagResourceRequest:
    """
    Which tags to add.
    """

    resource_arn: str

    tags: Mapping[str, str] = attrs.field(default=EMPTY, converter=to_optional_mapping)


@attrs.frozen(kw_only=True, field_transformer=check_types)
class UntagResourceRequest:
    """
    Which tags to remove.
    """

    resource_arn: str

    tag_keys: tuple[str, ...] = attrs.field(default=(), converter=to_strings)


@attrs.frozen(kw_only=True, field_transformer=check_types)
class ListTagsForResourceRequest:
    """
    Whose tags to return.
    """

    resource_arn: str


Request: TypeAlias = (
    CreateDistributionConfigurationRequest
    | DeleteDistributionConfigurationRequest
    | GetDistributionConfigurationRequest
    | ListDistributionConfigurationsRequest
    | ListTagsForResourceRequest
    | TagResourceRequest
    | UntagResourceRequest
    | UpdateDistributionConfigurationRequest
)

_CLASSES: Mapping[str, type[Request]] = {
    cls.__name__.removesuffix("Request"): cls for cls in cast(tuple[type[Request], ...], Request.__args__)
}


def operation_of(cls: type[Request]) -> str:
    """
    Return the operation that a request class is for.
    """
    return cls.__name__.removesuffix("Request")


def read(method: str, target: str, content: Any) -> tuple[str | None, Request | None, tuple[str, ...]]:
    """
    Return the operation of an HTTP request, the typed request, and the paths of members that its class lacks.

    Args:
        method: `GET`, `PUT` and so on.
        target: Path and query.
        content: The body, read as JSON.
    """
    found = find_operation(method, target)
    if found is None:
        return None, None, ()
    operation, in_path = found
    if operation.name not in _CLASSES:
        return operation.name, None, ()
    parameters = read_parameters(operation, in_path, target, content if is_mapping(content) else {})
    if operation.name == "ListDistributionConfigurations":
        return operation.name, *_read_list(parameters)
    try:
        return operation.name, *read_response(parameters, _CLASSES[operation.name])
    except ValidationError as error:
        return operation.name, None, tuple(issue.path for issue in error.issues)


def _read_list(parameters: Mapping[str, Any]) -> tuple[ListDistributionConfigurationsRequest | None, tuple[str, ...]]:
    rest = dict(parameters)
    filters = rest.pop("filters", None) or [{"name": "name", "values": [None]}]
    match filters:
        case [{"name": "name", "values": [name]}]:
            page_size, next_token = rest.pop("maxResults", None), rest.pop("nextToken", None)
            return ListDistributionConfigurationsRequest(name=name, page_size=page_size, next_token=next_token), (
                *rest,
            )
        case _:
            return None, ("filters",)


def parameters_of(request: Request) -> dict[str, Any]:
    """
    Return the keyword arguments of boto3's method for *request*.
    """
    if isinstance(request, CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest):
        return to_boto3(request)
    if isinstance(request, ListDistributionConfigurationsRequest):
        filters = request.name and [{"name": "name", "values": [request.name]}]
        given = {"filters": filters, "maxResults": request.page_size, "nextToken": request.next_token}
        return {name: value for name, value in given.items() if value is not None}
    cls: Any = type(request)
    return {member.name: getattr(request, member.attribute) for member in members_of(cls)}

"""
The service's operations as calls: what each sends, and how its response is read. Nothing here does I/O.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs

from imagebuilder_dist import errors, models
from imagebuilder_dist._client import logs
from imagebuilder_dist._client.calls import Call, Response
from imagebuilder_dist._common.arns import problem_of_arn
from imagebuilder_dist._common.attributes import (
    Items,
    check_mapping,
    check_tuple,
    check_type,
    is_list,
    is_mapping,
    member_name,
    to_tuple,
)
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes import validation
from imagebuilder_dist._shapes.converter import to_boto3

T = TypeVar("T")
Request = TypeVar(
    "Request", models.CreateDistributionConfigurationRequest, models.UpdateDistributionConfigurationRequest
)
Written = TypeVar("Written", models.CreateDistributionConfigurationResult, models.UpdateDistributionConfigurationResult)
CREATE = "CreateDistributionConfiguration"
UPDATE = "UpdateDistributionConfiguration"


@attrs.frozen
class Page:
    """
    One page of a list.
    """

    summaries: tuple[models.DistributionConfigurationSummary, ...]
    next: Call["Page"] | None


def create(
    request: models.CreateDistributionConfigurationRequest, *, validate: bool = True
) -> Call[models.CreateDistributionConfigurationResult]:
    """Return the call for CreateDistributionConfiguration."""
    request, warnings = _checked(request, CREATE, request.name, validate=validate)
    return Call(
        operation=CREATE,
        parameters=to_boto3(request),
        read=_read_created,
        client_token=request.client_token,
        requires=("dryRun", "1.43.94") if request.dry_run else None,
        warnings=warnings,
    )


def update(
    request: models.UpdateDistributionConfigurationRequest, *, validate: bool = True
) -> Call[models.UpdateDistributionConfigurationResult]:
    """Return the call for UpdateDistributionConfiguration."""
    request, warnings = _checked(request, UPDATE, request.distribution_configuration_arn, validate=validate)
    return Call(
        operation=UPDATE,
        parameters=to_boto3(request),
        read=_read_updated,
        client_token=request.client_token,
        warnings=warnings,
    )


def get(distribution_configuration_arn: str) -> Call[models.DistributionConfiguration]:
    """Return the call for GetDistributionConfiguration."""
    parameters = _by_arn("GetDistributionConfiguration", distribution_configuration_arn=distribution_configuration_arn)
    return _call("GetDistributionConfiguration", parameters, _read_configuration, changes_nothing=True)


def list_page(*, name: str | None = None, page_size: int | None = None) -> Call[Page]:
    """Return the call for the first page of ListDistributionConfigurations."""
    parameters: dict[str, Any] = {}
    if name is not None:
        check_type("name", name, str)
        parameters["filters"] = [{"name": "name", "values": [name]}]
    if page_size is not None:
        check_type("page_size", page_size, int)
        parameters["maxResults"] = page_size
    return _page(parameters)


def delete(distribution_configuration_arn: str) -> Call[models.DeleteDistributionConfigurationResult]:
    """Return the call for DeleteDistributionConfiguration."""
    operation = "DeleteDistributionConfiguration"
    parameters = _by_arn(operation, distribution_configuration_arn=distribution_configuration_arn)

    def read(response: Response) -> models.DeleteDistributionConfigurationResult:
        response.check(response.content, parameters)
        return response.read({**parameters, **response.content}, models.DeleteDistributionConfigurationResult)

    return _call(operation, parameters, read)


def tag(resource_arn: str, tags: Mapping[str, str], *, validate: bool = True) -> Call[models.TagResourceResult]:
    """Return the call for TagResource."""
    parameters = _by_arn("TagResource", resource_arn=resource_arn)
    check_mapping("tags", tags)
    if validate:
        reject(validation.validate_tags(tags), "TagResource", resource_arn)
    return _call("TagResource", {**parameters, "tags": dict(tags)}, _reader(models.TagResourceResult))


def untag(resource_arn: str, tag_keys: Items[str]) -> Call[models.UntagResourceResult]:
    """Return the call for UntagResource."""
    parameters = _by_arn("UntagResource", resource_arn=resource_arn)
    keys = to_tuple(tag_keys)
    check_tuple("tag_keys", keys, str)
    return _call("UntagResource", {**parameters, "tagKeys": list(keys)}, _reader(models.UntagResourceResult))


def list_tags(resource_arn: str) -> Call[models.ListTagsForResourceResult]:
    """Return the call for ListTagsForResource."""
    parameters = _by_arn("ListTagsForResource", resource_arn=resource_arn)
    read = _reader(models.ListTagsForResourceResult)
    return _call("ListTagsForResource", parameters, read, changes_nothing=True)


def reject(
    issues: tuple[errors.Issue, ...], operation: str, resource: str | None, client_token: str | None = None
) -> tuple[errors.Issue, ...]:
    """
    Raise if any of *issues* is an error; otherwise log and return them, which are all warnings.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If any of *issues* is an error.
    """
    if any(issue.severity == "error" for issue in issues):
        raise errors.ValidationError(issues, operation, client_token, resource)
    for issue in issues:
        logs.warned(operation, resource, issue)
    return issues


def _checked(
    request: Request, operation: str, resource: str, *, validate: bool
) -> tuple[Request, tuple[errors.Issue, ...]]:
    """Return *request* with a client token, and its warnings; raise if it has errors."""
    if request.client_token is None:
        request = attrs.evolve(request, client_token=str(uuid.uuid4()))
    issues = validation.validate(request) if validate else ()
    return request, reject(issues, operation, resource, request.client_token)


_KIND = ":distribution-configuration/"  # Image Builder's other resources have tags, too, and ARNs of other shapes


def _by_arn(operation: str, **arn: str) -> dict[str, Any]:
    """Return the parameter of an operation on one configuration; raise if it isn't an ARN."""
    (attribute, value), *_ = arn.items()
    check_type(attribute, value, str)
    name = member_name(attribute)
    message = ""
    if not value.startswith("arn:"):
        message = f"must be an ARN, not {describe(value)}; distribution_configuration_arn(...) builds one from a name"
    elif problem := problem_of_arn(value) if attribute != "resource_arn" or _KIND in value else "":
        message = f"must be the ARN of a distribution configuration, not {describe(value)}: {problem}"
    if message:
        not_an_arn = errors.Issue((name,), "pattern", "error", message, value)
        raise errors.ValidationError(validation.validate_encoding({name: value}) or [not_an_arn], operation)
    return {name: value}


def _read_created(response: Response) -> models.CreateDistributionConfigurationResult:
    token = {"clientToken": response.call.client_token}
    response.check(response.content, token)
    if response.call.parameters.get("dryRun"):
        raise response.unreadable("the service created the configuration despite the dry run")
    if response.content.get("distributionConfigurationArn") is None:
        hint = "; add one to the stubbed response" if response.model is None else ""
        raise response.unreadable(f"it has no distributionConfigurationArn{hint}")
    created = response.read({**token, **response.content}, models.CreateDistributionConfigurationResult)
    return _with_warnings(created, response.call)


_UPDATED = ("requestId", "clientToken", "distributionConfigurationArn")


def _read_updated(response: Response) -> models.UpdateDistributionConfigurationResult:
    arn = response.call.parameters["distributionConfigurationArn"]
    sent = {"clientToken": response.call.client_token, "distributionConfigurationArn": arn}
    response.check(response.content, sent)
    # The service may omit some of them, but a response without any isn't an update's.
    if response.model is not None and not any(member in response.content for member in _UPDATED):
        raise response.unreadable(f"it has none of {', '.join(_UPDATED)}")
    updated = response.read({**sent, **response.content}, models.UpdateDistributionConfigurationResult)
    return _with_warnings(updated, response.call)


def _with_warnings(result: Written, call: Call[Any]) -> Written:
    return attrs.evolve(result, warnings=call.warnings) if call.warnings else result


def _call(
    operation: str, parameters: Mapping[str, Any], read: Callable[[Response], T], *, changes_nothing: bool = False
) -> Call[T]:
    """Return a call; reject strings that can't be encoded, because nothing else validates its *parameters*."""
    call = Call(operation=operation, parameters=parameters, read=read, changes_nothing=changes_nothing)
    reject(validation.validate_encoding(parameters), operation, call.resource)
    return call


def _reader(result: type[T]) -> Callable[[Response], T]:
    return lambda response: response.read(response.content, result)


def _page(parameters: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> Call[Page]:
    def read(response: Response) -> Page:
        summaries = response.content.get("distributionConfigurationSummaryList", [])
        if not is_list(summaries):
            raise response.unreadable("its distributionConfigurationSummaryList isn't a list")
        token = response.content.get("nextToken")
        if token in seen:
            raise response.unreadable("its nextToken is that of an earlier page")
        return Page(
            tuple(response.read(each, models.DistributionConfigurationSummary) for each in summaries),
            _page({**parameters, "nextToken": token}, seen | {token}) if token else None,
        )

    return _call("ListDistributionConfigurations", parameters, read, changes_nothing=True)


def _read_configuration(response: Response) -> models.DistributionConfiguration:
    stored = response.content.get("distributionConfiguration")
    if not is_mapping(stored):
        raise response.unreadable("it has no distributionConfiguration")
    arn = {"arn": response.call.parameters["distributionConfigurationArn"]}
    response.check(stored, arn)
    read, lost = response.read_all({**arn, **stored}, models.DistributionConfiguration)
    if response.model is None:  # a fake may return only some members
        return read
    safe = _output_only(response.model) if lost else ()
    return attrs.evolve(read, unmodelled=[path for path in lost if path not in safe])


def _output_only(get: Any) -> set[str]:
    """Return the members that botocore's model has in a get but not in an update, so that an update can't drop them."""
    shown: Mapping[str, Any] = get.output_shape.members["distributionConfiguration"].members
    return {*shown} - {*get.service_model.operation_model(UPDATE).input_shape.members}

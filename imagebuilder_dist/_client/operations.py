"""
The service's operations: what each call sends, when it is retried, and what its response says. Nothing here does I/O.

An operation is a generator: it yields commands (a `Call` to make, or seconds to wait), receives their outcomes, and
returns its result. The two clients carry the commands out.
"""

from collections.abc import Generator, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs
from botocore.exceptions import StubAssertionError, StubResponseError

from imagebuilder_dist import errors, models
from imagebuilder_dist._client import logs
from imagebuilder_dist._client.calls import Call, Content, Reader
from imagebuilder_dist._client.retries import Retries, retry_after
from imagebuilder_dist._common import attributes
from imagebuilder_dist._common.arns import problem_of_arn
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes import validation
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist.changes import Plan, diff

T = TypeVar("T")
Flow: TypeAlias = Generator[Call[Any] | float, Any, T]
Request: TypeAlias = models.CreateDistributionConfigurationRequest | models.UpdateDistributionConfigurationRequest
CREATE = "CreateDistributionConfiguration"
UPDATE = "UpdateDistributionConfiguration"

DEFAULT_ATTEMPTS = 5
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 20.0


def send(call: Call[T]) -> Flow[T]:
    """
    Make *call*, and retry it with the same client token as long as that may help.
    """
    retries = call.retries
    most, start, longest = retries.attempts or DEFAULT_ATTEMPTS, retries.clock(), _FIRST_DELAY
    failed: errors.ImageBuilderDistError | None = None
    try:
        while True:
            call.left = most - call.made
            try:
                result: T = yield call
            except StubResponseError as error:
                if failed is None or isinstance(error, StubAssertionError):
                    raise
                raise failed from failed.__cause__  # a test stubs this failure, but no retry
            except errors.ImageBuilderDistError as error:
                call.made += error.attempts or 0
                elapsed = retries.clock() - start
                error.attempts, error.elapsed = (call.made, elapsed) if call.made else (None, None)
                error.may_have_been_applied |= failed is not None and failed.may_have_been_applied
                failed = error
                delay = max(longest * (1 + retries.random()) / 2, retry_after(error))
                longest = min(longest * 2, _LONGEST_DELAY)
                if call.made >= most or not _may_help(error, call, elapsed + delay):
                    raise
                logs.retrying(call.operation, call.resource, logs.reason_of(error), call.made + 1, delay)
            else:
                if not call.changes_nothing:
                    logs.written(call.operation, call.resource, call.request_id)
                return result
            yield delay
    except BaseException as error:
        if call.client_token is not None and not isinstance(error, Exception):  # Ctrl-C or a cancelled task
            error.add_note(f"{call.operation} may have been applied; its client token is {call.client_token}")
        raise


def _may_help(error: errors.ImageBuilderDistError, call: Call[Any], seconds: float) -> bool:
    """Tell whether a retry after so many *seconds* may succeed, and has the same effect as a single request."""
    runs_twice = error.may_have_been_applied and not call.changes_nothing and call.client_token is None
    if runs_twice or seconds > call.retries.max_seconds:
        return False
    if isinstance(error, errors.ResourceInUseException):
        return call.retries.resource_in_use
    return isinstance(error, errors.ApiError | errors.ResponseError | errors.TransportError) and error.retryable


_SAME_WRITE = "retry the write with the same client_token"
_STARTS_OVER = "run it again, which starts from what is stored"
_AGAIN = {  # these take no token
    "delete": "check whether the configuration still exists, and delete it again if it does",
    "tag": "run it again",
    "untag": "run it again",
    "edit": _STARTS_OVER,
    "ensure": _STARTS_OVER,
    "apply": "apply the same plan again, which is written at most once",
}


def final(what: str, error: errors.ImageBuilderDistError) -> errors.ImageBuilderDistError:
    """
    Return *error*, which *what* was run ends with, with advice on a write that may have been applied; log it.
    """
    again = _AGAIN.get(what, _SAME_WRITE)
    if isinstance(error, errors.ConcurrentModificationError):
        if what == "apply" and error.remedy == errors.ConcurrentModificationError.remedy:
            error.remedy = "review the differences, and plan again"
    elif error.may_have_been_applied and again not in str(error.remedy):  # a fake may raise the same error repeatedly
        error.remedy = "; ".join(filter(None, [error.remedy, again]))
    logs.failed(what, error)
    return error.with_traceback(None)  # without the frames of retries and parsers


def write(retries: Retries, request: Any, *, validate: bool = True, plan: Plan | None = None) -> Flow[Any]:
    """
    Create a configuration, or replace what is stored; return the operation's result.

    What carries out a *plan* was validated for it, and a response to an earlier request with the same token is compared
    with what is stored. A caller's own token means that the write is to run once, so it succeeds even if something else
    is stored since.
    """
    # A user's subclass of a request is sent as what it derives from.
    cls = next((cls for cls in _WRITES if isinstance(request, cls)), None)
    if cls is None:
        raise TypeError(f"request must be an update request or a create request, not {describe(request)}")
    # Botocore would make a token for each call; ours is known before, and is the same in retries, result and error.
    parameters, token = to_boto3(request), request.client_token
    if token is None:
        from uuid import uuid4  # noqa: PLC0415 - slow to import, and only a write needs it

        token = parameters["clientToken"] = str(uuid4())
    operation = cls.__name__.removesuffix("Request")
    resource = parameters.get("distributionConfigurationArn") or parameters.get("name")
    warnings = plan.warnings if plan else ()
    if validate and not (plan or validation.is_known_to_be_valid(request)):
        issues = validation.judge(parameters, cls, distributions=request.distributions)
        warnings = reject(issues, operation, resource, token)
    call = Call(retries, operation, parameters, _WRITES[cls], resource, token, warnings)
    result = yield from send(call)
    if plan and call.is_replay:
        yield from _read_back(call, request, result.distribution_configuration_arn)
    return result


_PAUSES = (0.3, 0.6, 1.2)  # seconds; reads may lag behind a write


def _read_back(call: Call[Any], request: Request, arn: str) -> Flow[None]:
    """
    Compare what is stored with a *request* that the service may not have run, because it knows the client token.

    Raises:
        imagebuilder_dist.errors.ConcurrentModificationError:
            If it differs.
    """
    try:
        stored = yield from get_if_exists(call.retries, arn)
        for pause in _PAUSES:
            if stored is not None and shows(stored, request):
                return
            yield pause
            stored = yield from get_if_exists(call.retries, arn)
    except errors.ImageBuilderDistError:  # for example a caller that may only write
        return
    if stored is None or not shows(stored, request):
        changes = diff(request, stored or [])
        error = errors.ConcurrentModificationError(request, stored, changes, resource=arn, is_replay=True)
        error.operation, error.client_token, error.attempts = call.operation, call.client_token, call.made + call.seen
        error.http_status, error.request_id = call.http_status, call.request_id
        raise error


def shows(stored: models.DistributionConfiguration, request: Request) -> bool:
    """
    Tell whether what is *stored* is what *request* writes.
    """
    # AWS's own tags can't be written.
    tags = {key: value for key, value in stored.tags.items() if not key.startswith("aws:")}
    return not diff(request, attrs.evolve(stored, tags=tags))


def get(retries: Retries, arn: str) -> Flow[models.DistributionConfiguration]:
    """Return what is stored."""
    return _on_one(retries, "GetDistributionConfiguration", _read_configuration, arn)


def get_if_exists(retries: Retries, arn: str) -> Flow[models.DistributionConfiguration | None]:
    """Return what is stored; `None` if nothing is."""
    try:
        return (yield from get(retries, arn))
    except errors.NotFoundError:
        return None


def find(retries: Retries, name: str) -> Flow[models.DistributionConfiguration | None]:
    """Return the configuration with exactly that *name*; `None` if there isn't one."""
    # The service's filter takes wildcards, so what it finds is compared again.
    following: Content | None = first_page(name)
    while following is not None:
        page = yield from list_page(retries, following)
        for each in page.summaries:
            if each.name == name:
                return (yield from get_if_exists(retries, each.arn))
        following = page.next
    return None


def delete(retries: Retries, arn: str) -> Flow[models.DeleteDistributionConfigurationResult]:
    """Delete a configuration."""
    return _on_one(retries, "DeleteDistributionConfiguration", _read_deleted, arn)


def tag(
    retries: Retries, arn: str, tags: Mapping[str, str], *, validate: bool = True
) -> Flow[models.TagResourceResult]:
    """Add tags to a configuration."""
    attributes.check_mapping("tags", tags)
    flow = _on_one(retries, "TagResource", _read_tagged, arn, tags=dict(tags))
    reject(validation.validate_tags(tags) if validate else (), "TagResource", arn)
    return flow


def untag(retries: Retries, arn: str, tag_keys: attributes.Items[str]) -> Flow[models.UntagResourceResult]:
    """Remove tags of a configuration."""
    keys = attributes.to_tuple(tag_keys)
    attributes.check_tuple("tag_keys", keys, str)
    return _on_one(retries, "UntagResource", _read_untagged, arn, tagKeys=[*keys])


def list_tags(retries: Retries, arn: str) -> Flow[models.ListTagsForResourceResult]:
    """Return the tags of a configuration."""
    return _on_one(retries, "ListTagsForResource", _read_tags, arn)


@attrs.define(repr=False)
class Page:
    """
    One page of a list.
    """

    summaries: tuple[models.DistributionConfigurationSummary, ...]

    next: Content | None
    """The parameters of the next page; `None` after the last."""


def list_page(retries: Retries, parameters: Content) -> Flow[Page]:
    """Return one page of a list."""
    reject(validation.validate_encoding(parameters), "ListDistributionConfigurations", None)
    return send(Call(retries, "ListDistributionConfigurations", parameters, _read_page))


def first_page(name: str | None = None, page_size: int | None = None) -> Content:
    """Return the parameters of a list's first page."""
    parameters: dict[str, Any] = {}
    if name is not None:
        attributes.check_type("name", name, str)
        parameters["filters"] = [{"name": "name", "values": [name]}]
    if page_size is not None:
        attributes.check_type("page_size", page_size, int)
        parameters["maxResults"] = page_size
    return parameters


def reject(
    issues: tuple[errors.Issue, ...], operation: str, resource: str | None, client_token: str | None = None
) -> tuple[errors.Issue, ...]:
    """
    Raise if any of *issues* is an error; otherwise log and return them, which are all warnings.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If any of *issues* is an error.
    """
    if issues:
        if any(issue.severity == "error" for issue in issues):
            raise errors.ValidationError(issues, operation, client_token, resource)
        logs.warned(operation, resource, issues)
    return issues


_KIND = ":distribution-configuration/"  # Image Builder's other resources have tags, too, and ARNs of other shapes


def _on_one(retries: Retries, operation: str, reader: Reader[T], arn: str, **more: object) -> Flow[T]:
    """Send the ARN of a configuration, and *more*; reject what isn't one, and text that can't be encoded."""
    is_tagging = operation.endswith("Resource")
    attributes.check_type("resource_arn" if is_tagging else "distribution_configuration_arn", arn, str)
    member = "resourceArn" if is_tagging else "distributionConfigurationArn"
    parameters = {member: arn, **more}
    reject(validation.validate_encoding(parameters), operation, arn)
    message = ""
    if not arn.startswith("arn:"):
        message = f"must be an ARN, not {describe(arn)}; distribution_configuration_arn(...) builds one from a name"
    elif problem := problem_of_arn(arn) if _KIND in arn or not is_tagging else "":
        message = f"must be the ARN of a distribution configuration, not {describe(arn)}: {problem}"
    if message:
        raise errors.ValidationError([errors.Issue((member,), "pattern", "error", message, arn)], operation)
    return send(Call(retries, operation, parameters, reader, arn))


def _reader(cls: type[T]) -> Reader[T]:
    def read(call: Call[T], content: Content) -> T:
        if call.parameters.get("dryRun"):
            raise call.unreadable("the service created the configuration despite the dry run")
        # It may be the page of a proxy, and the write hasn't arrived.
        if call.client_token and call.model is not None and content.keys().isdisjoint(_OF_A_WRITE):
            raise call.unreadable(f"it has none of {', '.join(_OF_A_WRITE)}")
        # The service may omit what was sent.
        sent = {member: call.parameters[member] for member in _OF_A_WRITE if member in call.parameters}
        for member, value in sent.items():
            if call.model is not None and content.get(member) not in (None, value):
                raise call.unreadable(f"its {member} isn't the request's")
        result, _ = call.read({"requestId": call.request_id, **sent, **content}, cls)
        if call.warnings:  # nobody else has it yet, and attrs.evolve would check all of it a second time
            object.__setattr__(result, "warnings", call.warnings)
        return result

    return read


_OF_A_WRITE = ("requestId", "clientToken", "distributionConfigurationArn")
_WRITES: Mapping[type[Request], Reader[Any]] = {
    models.CreateDistributionConfigurationRequest: _reader(models.CreateDistributionConfigurationResult),
    models.UpdateDistributionConfigurationRequest: _reader(models.UpdateDistributionConfigurationResult),
}
_read_deleted = _reader(models.DeleteDistributionConfigurationResult)
_read_tagged = _reader(models.TagResourceResult)
_read_untagged = _reader(models.UntagResourceResult)
_read_tags = _reader(models.ListTagsForResourceResult)


def _read_page(call: Call[Page], content: Content) -> Page:
    summaries, token = content.get("distributionConfigurationSummaryList", []), content.get("nextToken")
    if not attributes.is_list(summaries):
        raise call.unreadable("its distributionConfigurationSummaryList isn't a list")
    if token is not None and (not isinstance(token, str) or token == call.parameters.get("nextToken")):
        raise call.unreadable("its nextToken isn't a new one")
    following = {**call.parameters, "nextToken": token} if token else None
    return Page(tuple(call.read(each, models.DistributionConfigurationSummary)[0] for each in summaries), following)


def _read_configuration(call: Call[Any], content: Content) -> models.DistributionConfiguration:
    stored = content.get("distributionConfiguration")
    if not attributes.is_mapping(stored):
        raise call.unreadable("it has no distributionConfiguration")
    if call.model is not None and stored.get("arn") not in (None, call.resource):
        raise call.unreadable("its arn isn't the request's")
    known = {"arn": call.resource, "requestId": call.request_id, **stored}
    if known.get("description") == "":  # an update that sends it is rejected
        del known["description"]
    result, lost = call.read(known, models.DistributionConfiguration)
    if call.model is not None:  # a fake may return only some members
        safe = _output_only(call.model) if lost else ()
        object.__setattr__(result, "unmodelled", tuple(path for path in lost if path not in safe))  # see above
    return result


def _output_only(get: Any) -> set[str]:
    """Return the members that botocore's model has in a get but not in an update, so that an update can't drop them."""
    shown: Mapping[str, Any] = get.output_shape.members["distributionConfiguration"].members
    return {*shown} - {*get.service_model.operation_model(UPDATE).input_shape.members}

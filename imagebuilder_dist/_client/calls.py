"""
The service's operations: what each call sends, how it is retried, and how its response is read. Nothing here does I/O.

An operation is a generator: it yields commands (a `Call` to make, or seconds to wait), receives their outcomes, and
returns its result. The two clients carry the commands out.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

import attrs
from botocore.exceptions import StubAssertionError, StubResponseError

from imagebuilder_dist import errors, models
from imagebuilder_dist._client import logs
from imagebuilder_dist._client.retries import Retries, retry_after
from imagebuilder_dist._common import attributes
from imagebuilder_dist._common.arns import problem_of_arn
from imagebuilder_dist._common.attributes import Items, is_mapping
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes import validation
from imagebuilder_dist._shapes.converter import class_of, to_boto3
from imagebuilder_dist._shapes.converter import read as read_document

T = TypeVar("T")
T_read = TypeVar("T_read")
Written = TypeVar("Written", models.CreateDistributionConfigurationResult, models.UpdateDistributionConfigurationResult)
Content: TypeAlias = Mapping[str, Any]
"""The members of a response's body that aren't null; behind a Stubber or a fake, those of what it returns."""
Flow: TypeAlias = Generator["Call[Any] | float", Any, T]
Request: TypeAlias = models.CreateDistributionConfigurationRequest | models.UpdateDistributionConfigurationRequest
CREATE = "CreateDistributionConfiguration"
UPDATE = "UpdateDistributionConfiguration"


# Not frozen, like whatever is made for each call: making a frozen instance takes twice as long.
@attrs.define(eq=False, repr=False)
class Call(Generic[T]):
    """
    A call to the service, and its last response.
    """

    operation: str
    parameters: Mapping[str, Any]

    reader: "Reader[T]"

    resource: str | None = None
    """The configuration concerned: its ARN, or its name if it is to be created."""

    client_token: str | None = None

    warnings: tuple[errors.Issue, ...] = ()
    """Validation's warnings."""

    made: int = 0
    """Requests that it has taken so far."""

    left: int = 1
    """Requests that it may still take."""

    http_status: int | None = None
    request_id: str | None = None

    model: Any = None
    """Botocore's model of the operation; `None` behind a Stubber or a fake, which send nothing."""

    @property
    def changes_nothing(self) -> bool:
        """
        Whether it only reads.
        """
        return self.operation.startswith(("Get", "List"))

    def read(self, data: object, cls: type[T_read]) -> tuple[T_read, tuple[str, ...]]:
        """
        Convert *data*, taken from the response, to a *cls*; return the paths of unknown members, too.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If *data* can't be read as a *cls*.
        """
        try:
            return read_document(data, cls)
        except errors.ValidationError as error:
            # Without the issues' messages, which show values: a response may contain anything.
            where = ", ".join(f"{issue.path or 'the whole'} ({issue.rule})" for issue in error.issues)
            raise self.unreadable(f"it doesn't have the documented shape: {where}") from None

    def completed(self, data: Content, **sent: object) -> Content:
        """
        Return *data*, taken from the response, with its request id, and the token and the ARN *sent* if it omits them.

        Raises:
            imagebuilder_dist.errors.ResponseError:
                If one differs, unless the response is stubbed.
        """
        for member, value in sent.items():
            if self.model is not None and data.get(member) not in (None, value):
                raise self.unreadable(f"its {member} isn't the request's")
        return {"requestId": self.request_id, **sent, **data}

    def unreadable(self, reason: str) -> errors.ResponseError:
        """
        Return the error for a response that can't be read.
        """
        error = errors.ResponseError(f"the response to {self.operation} can't be read: {reason}")
        error.http_status, error.request_id = self.http_status, self.request_id
        return error


Reader: TypeAlias = Callable[[Call[Any], Content], T]

DEFAULT_ATTEMPTS = 5
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 20.0


def send(retries: Retries, call: Call[T]) -> Flow[T]:
    """
    Make *call*, and retry it with the same client token as long as that may help.
    """
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
                if call.made >= most or not _may_help(error, call, retries, elapsed + delay):
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


_SAME_WRITE = "retry the write with the same client_token"
_STARTS_OVER = "run it again, which starts from what is stored"  # an edit and an ensure take no token


def final(what: str, error: errors.ImageBuilderDistError) -> errors.ImageBuilderDistError:
    """
    Return *error*, which *what* was run ends with, with advice on a write that may have been applied; log it.
    """
    again = _STARTS_OVER if what in {"edit", "ensure"} else _SAME_WRITE
    # A fake may raise the same error again and again.
    if error.may_have_been_applied and error.client_token is not None and again not in str(error.remedy):
        error.remedy = "; ".join(filter(None, [error.remedy, again]))
    logs.failed(what, error)
    return error.with_traceback(None)  # without the frames of retries and parsers


def _may_help(error: errors.ImageBuilderDistError, call: Call[Any], retries: Retries, seconds: float) -> bool:
    """Tell whether a retry after so many *seconds* may succeed, and has the same effect as a single request."""
    runs_twice = error.may_have_been_applied and not call.changes_nothing and call.client_token is None
    if runs_twice or seconds > retries.max_seconds:
        return False
    if isinstance(error, errors.ResourceInUseException):
        return retries.resource_in_use
    return isinstance(error, errors.ApiError | errors.ResponseError | errors.TransportError) and error.retryable


def send_request(
    retries: Retries, request: object, *, validate: bool = True
) -> Flow[models.CreateDistributionConfigurationResult | models.UpdateDistributionConfigurationResult]:
    """Create a configuration, or replace what is stored."""
    if isinstance(request, models.UpdateDistributionConfigurationRequest):
        return update(retries, request, validate=validate)
    if isinstance(request, models.CreateDistributionConfigurationRequest):
        return create(retries, request, validate=validate)
    raise TypeError(f"request must be an update request or a create request, not {describe(request)}")


def create(
    retries: Retries, request: models.CreateDistributionConfigurationRequest, *, validate: bool = True
) -> Flow[models.CreateDistributionConfigurationResult]:
    """Create a configuration."""
    return _write(retries, CREATE, request.name, request, _read_created, validate=validate)


def update(
    retries: Retries, request: models.UpdateDistributionConfigurationRequest, *, validate: bool = True
) -> Flow[models.UpdateDistributionConfigurationResult]:
    """Replace what is stored."""
    arn = request.distribution_configuration_arn
    return _write(retries, UPDATE, arn, request, _read_updated, validate=validate)


def get(retries: Retries, arn: str) -> Flow[models.DistributionConfiguration]:
    """Return what is stored."""
    parameters = {"distributionConfigurationArn": arn}
    return _send(retries, "GetDistributionConfiguration", parameters, _read_configuration, arn)


def delete(retries: Retries, arn: str) -> Flow[models.DeleteDistributionConfigurationResult]:
    """Delete a configuration."""
    return _send(retries, "DeleteDistributionConfiguration", {"distributionConfigurationArn": arn}, _read_deleted, arn)


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
    return send(retries, Call("ListDistributionConfigurations", parameters, _read_page))


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


def tag(
    retries: Retries, arn: str, tags: Mapping[str, str], *, validate: bool = True
) -> Flow[models.TagResourceResult]:
    """Add tags to a configuration."""
    _check_arn("TagResource", "resourceArn", arn)
    attributes.check_mapping("tags", tags)
    if validate:
        reject(validation.validate_tags(tags), "TagResource", arn)
    parameters = {"resourceArn": arn, "tags": dict(tags)}
    return _send(retries, "TagResource", parameters, _reader(models.TagResourceResult), arn)


def untag(retries: Retries, arn: str, tag_keys: Items[str]) -> Flow[models.UntagResourceResult]:
    """Remove tags of a configuration."""
    _check_arn("UntagResource", "resourceArn", arn)
    keys = attributes.to_tuple(tag_keys)
    attributes.check_tuple("tag_keys", keys, str)
    parameters = {"resourceArn": arn, "tagKeys": [*keys]}
    return _send(retries, "UntagResource", parameters, _reader(models.UntagResourceResult), arn)


def list_tags(retries: Retries, arn: str) -> Flow[models.ListTagsForResourceResult]:
    """Return the tags of a configuration."""
    reader = _reader(models.ListTagsForResourceResult)
    return _send(retries, "ListTagsForResource", {"resourceArn": arn}, reader, arn)


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
    if issues:
        logs.warned(operation, resource, issues)
    return issues


def _write(
    retries: Retries, operation: str, resource: str, request: Request, reader: Reader[T], *, validate: bool
) -> Flow[T]:
    """Send *request* with a client token; raise if it has errors."""
    parameters = to_boto3(request)
    token = request.client_token
    if token is None:
        from uuid import uuid4  # noqa: PLC0415 - slow to import, and only a write needs it

        token = parameters["clientToken"] = str(uuid4())
    issues: tuple[errors.Issue, ...] = ()
    if validate:
        issues = validation.judge(parameters, class_of(request), distributions=request.distributions)
    return send(
        retries, Call(operation, parameters, reader, resource, token, reject(issues, operation, resource, token))
    )


def _send(retries: Retries, operation: str, parameters: Content, reader: Reader[T], arn: str) -> Flow[T]:
    """Send *parameters*; reject an *arn* that isn't one and text that can't be encoded, which nothing else checks."""
    _check_arn(operation, next(iter(parameters)), arn)
    reject(validation.validate_encoding(parameters), operation, arn)
    return send(retries, Call(operation, parameters, reader, arn))


_KIND = ":distribution-configuration/"  # Image Builder's other resources have tags, too, and ARNs of other shapes


def _check_arn(operation: str, member: str, arn: str) -> None:
    attribute = {"resourceArn": "resource_arn"}.get(member, "distribution_configuration_arn")
    attributes.check_type(attribute, arn, str)
    if not arn.startswith("arn:"):
        message = f"must be an ARN, not {describe(arn)}; distribution_configuration_arn(...) builds one from a name"
    elif problem := problem_of_arn(arn) if member != "resourceArn" or _KIND in arn else "":
        message = f"must be the ARN of a distribution configuration, not {describe(arn)}: {problem}"
    else:
        return
    not_an_arn = errors.Issue((member,), "pattern", "error", message, arn)
    raise errors.ValidationError(validation.validate_encoding({member: arn}) or [not_an_arn], operation)


def _read_created(call: Call[Any], content: Content) -> models.CreateDistributionConfigurationResult:
    if call.parameters.get("dryRun"):
        raise call.unreadable("the service created the configuration despite the dry run")
    if content.get("distributionConfigurationArn") is None:
        hint = "; add one to the stubbed response" if call.model is None else ""
        raise call.unreadable(f"it has no distributionConfigurationArn{hint}")
    written = call.completed(content, clientToken=call.client_token)
    return _written(models.CreateDistributionConfigurationResult, call, written)


def _read_updated(call: Call[Any], content: Content) -> models.UpdateDistributionConfigurationResult:
    # The service may omit some of them, but a response without any isn't an update's.
    expected = ("requestId", "clientToken", "distributionConfigurationArn")
    if call.model is not None and content.keys().isdisjoint(expected):
        raise call.unreadable(f"it has none of {', '.join(expected)}")
    written = call.completed(content, clientToken=call.client_token, distributionConfigurationArn=call.resource)
    return _written(models.UpdateDistributionConfigurationResult, call, written)


def _written(cls: type[Written], call: Call[Any], content: Content) -> Written:
    return cls(
        distribution_configuration_arn=content["distributionConfigurationArn"],
        request_id=content["requestId"],
        client_token=content["clientToken"],
        warnings=call.warnings,
    )


def _read_deleted(call: Call[Any], content: Content) -> models.DeleteDistributionConfigurationResult:
    content = call.completed(content, distributionConfigurationArn=call.resource)
    return call.read(content, models.DeleteDistributionConfigurationResult)[0]


def _reader(cls: type[T]) -> Reader[T]:
    return lambda call, content: call.read(call.completed(content), cls)[0]


def _read_page(call: Call[Any], content: Content) -> Page:
    summaries = content.get("distributionConfigurationSummaryList", [])
    if not attributes.is_list(summaries):
        raise call.unreadable("its distributionConfigurationSummaryList isn't a list")
    token = content.get("nextToken")
    if token is not None and (not isinstance(token, str) or token == call.parameters.get("nextToken")):
        raise call.unreadable("its nextToken isn't a new one")
    following = {**call.parameters, "nextToken": token} if token else None
    return Page(tuple(call.read(each, models.DistributionConfigurationSummary)[0] for each in summaries), following)


def _read_configuration(call: Call[Any], content: Content) -> models.DistributionConfiguration:
    stored = content.get("distributionConfiguration")
    if not is_mapping(stored):
        raise call.unreadable("it has no distributionConfiguration")
    if stored.get("description") == "":  # an update that sends it is rejected
        stored = {**stored, "description": None}
    read, lost = call.read(call.completed(stored, arn=call.resource), models.DistributionConfiguration)
    if call.model is not None:  # a fake may return only some members
        safe = _output_only(call.model) if lost else ()
        # Nobody else has it yet, and attrs.evolve would check all of it a second time.
        object.__setattr__(read, "unmodelled", tuple(path for path in lost if path not in safe))
    return read


def _output_only(get: Any) -> set[str]:
    """Return the members that botocore's model has in a get but not in an update, so that an update can't drop them."""
    shown: Mapping[str, Any] = get.output_shape.members["distributionConfiguration"].members
    return {*shown} - {*get.service_model.operation_model(UPDATE).input_shape.members}

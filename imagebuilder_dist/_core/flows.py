"""
What takes several calls: a call until it succeeds, an edit, an ensure. Nothing here does I/O.

A flow is a generator: it yields what is to be done (a `Send`, a `Sleep`), is sent what came of it, and returns its
result. `client` and `aio` do what flows ask for.
"""

import logging
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs
from botocore.exceptions import StubAssertionError, StubResponseError

from imagebuilder_dist import _validation
from imagebuilder_dist._core import operations, plans
from imagebuilder_dist._core.calls import Call
from imagebuilder_dist._core.operations import CREATE, UPDATE
from imagebuilder_dist._fields import Items, check_count, check_type
from imagebuilder_dist.changes import Edit, Ensured, EnsurePlan, diff
from imagebuilder_dist.errors import (
    ConcurrentModificationError,
    DryRunOperationException,
    IdempotentParameterMismatchException,
    ImageBuilderDistError,
    ResourceAlreadyExistsException,
)
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    Distribution,
    UpdateDistributionConfigurationRequest,
)
from imagebuilder_dist.results import (
    CreateDistributionConfigurationDryRunResult,
    CreateDistributionConfigurationResult,
    DistributionConfiguration,
    UpdateDistributionConfigurationResult,
)
from imagebuilder_dist.retries import Retries, Tries

T = TypeVar("T")


@attrs.frozen
class Send:
    """
    Make a call that takes so many requests at most.
    """

    call: Call[Any]
    most: int


@attrs.frozen
class Sleep:
    """
    Let time pass.
    """

    seconds: float


Command: TypeAlias = Send | Sleep
Flow: TypeAlias = Generator[Command, Any, T]

# Seconds before an edit starts over: up to this, doubling up to the other, so that writers get out of step.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
# Rejected tokens of one unchanged state, after which no other writer can be meant.
_STUCK = 3
_logger = logging.getLogger("imagebuilder_dist")


def send(call: Call[T], retries: Retries) -> Flow[T]:
    """
    Make *call*, again while that may help, with one client token.
    """
    tries = Tries(retries, call.repeatable)
    try:
        while True:
            try:
                result: T = yield Send(call, tries.left)
            except StubResponseError as error:
                if tries.failed is None or isinstance(error, StubAssertionError):
                    raise
                raise tries.failed from tries.failed.__cause__  # a test stubbed this failure, and nothing for after it
            except ImageBuilderDistError as error:
                delay = tries.delay_after(error)
                if delay is None:
                    raise
            else:
                return result
            yield Sleep(delay)
    except BaseException as error:
        if call.client_token is not None and not isinstance(error, Exception):  # Ctrl-C, or a task that is cancelled
            error.add_note(f"{call.operation} may have been applied; its client token is {call.client_token}")
        raise


def send_request(
    request: CreateDistributionConfigurationRequest | UpdateDistributionConfigurationRequest,
    retries: Retries,
    *,
    validate: bool,
) -> Flow[CreateDistributionConfigurationResult | UpdateDistributionConfigurationResult]:
    """
    Send a whole request.
    """
    if isinstance(request, UpdateDistributionConfigurationRequest):
        return (yield from send(operations.update(request, validate=validate), retries))
    check_type("request", request, CreateDistributionConfigurationRequest)
    return (yield from send(operations.create(request, validate=validate), retries))


def create(
    request: CreateDistributionConfigurationRequest, retries: Retries, *, validate: bool
) -> Flow[CreateDistributionConfigurationResult | CreateDistributionConfigurationDryRunResult]:
    """
    Create; the error that says that a dry run would have succeeded is its result.
    """
    try:
        return (yield from send(operations.create(request, validate=validate), retries))
    except DryRunOperationException as success:
        return CreateDistributionConfigurationDryRunResult(
            request_id=success.request_id, client_token=success.client_token
        )


def edit(
    arn: str,
    change: Callable[[DistributionConfiguration], DistributionConfiguration],
    retries: Retries,
    *,
    attempts: int,
    dry_run: bool,
    allow_unmodelled: bool,
) -> Flow[Edit]:
    """
    Change what is stored, and write nothing if another writer interfered.
    """
    check_count("attempts", attempts)
    rejected: list[str] = []  # the tokens, as long as they are those of one state
    pause = _FIRST_PAUSE
    while True:
        before = yield from send(operations.get(arn), retries)
        planned = plans.plan(before, change, arn, allow_unmodelled=allow_unmodelled)
        if dry_run or not planned.changes:
            return planned
        now = yield from send(operations.get(arn), retries)
        mismatch: IdempotentParameterMismatchException | None = None
        if plans.same_to_an_update(now, before):
            token = plans.state_token(arn, now)
            rejected = [each for each in rejected if each == token]
            request = attrs.evolve(planned.after.to_request(), client_token=None if len(rejected) >= _STUCK else token)
            write = operations.update(request, validate=False)
            try:
                return attrs.evolve(planned, result=(yield from send(write, retries)))
            except IdempotentParameterMismatchException as error:
                mismatch = error
                rejected.append(token)
        attempts -= 1
        if not attempts:
            if mismatch is not None:
                now = yield from send(operations.get(arn), retries)
            raise ConcurrentModificationError(before, now, UPDATE) from mismatch
        if len(rejected) >= _STUCK:
            _logger.warning("%s: the state's token was rejected %d times; a random one is next", UPDATE, _STUCK)
        yield Sleep(pause * retries.random())
        pause = min(pause * 2, _LONGEST_PAUSE)


def ensure(
    name: str,
    distributions: Items[Distribution],
    retries: Retries,
    *,
    description: str | None,
    tags: Mapping[str, str] | None,
    attempts: int,
    dry_run: bool,
    allow_unmodelled: bool,
) -> Flow[Ensured | EnsurePlan]:
    """
    Create the configuration called *name*, or bring it to this state.
    """
    check_count("attempts", attempts)
    wanted = CreateDistributionConfigurationRequest(
        name=name, distributions=distributions, description=description, tags=tags
    )
    issues = _validation.validate(wanted)
    # What is stored already is judged as an edit, by what it brings in; name and tags are judged here.
    operations.reject(tuple(each for each in issues if each.location[0] in {"name", "tags"}), CREATE)
    arn = yield from _find(name, retries)
    if arn is None:
        changes = diff([], wanted)
        if dry_run:
            operations.reject(issues, CREATE)
            return EnsurePlan(distribution_configuration_arn=None, created=True, changes=changes)
        try:
            created = yield from send(operations.create(wanted), retries)
        except ResourceAlreadyExistsException:
            arn = yield from _find(name, retries)
            if arn is None:
                raise
        else:
            new = created.distribution_configuration_arn
            return Ensured(distribution_configuration_arn=new, created=True, changes=changes)
    edited = yield from edit(
        arn,
        lambda stored: attrs.evolve(stored, description=description, distributions=wanted.distributions),
        retries,
        attempts=attempts,
        dry_run=dry_run,
        allow_unmodelled=allow_unmodelled,
    )
    after = edited.after
    if tags is not None:
        after = attrs.evolve(after, tags=plans.wanted_tags(after.tags, wanted.tags))
        if not dry_run:
            for each in plans.tag_calls(arn, edited.before.tags, after.tags):
                yield from send(each, retries)
    outcome = EnsurePlan if dry_run else Ensured
    return outcome(distribution_configuration_arn=arn, created=False, changes=diff(edited.before, after))


def _find(name: str, retries: Retries) -> Flow[str | None]:
    page: Call[operations.Page] | None = operations.list_page(name=name)
    while page is not None:
        found = yield from send(page, retries)
        match = next((each for each in found.summaries if each.name == name), None)
        if match is not None:
            return match.arn
        page = found.next
    return None

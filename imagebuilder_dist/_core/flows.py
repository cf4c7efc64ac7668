"""
What takes several calls: a call until it succeeds, a whole list, an edit, an ensure. Nothing here does I/O.

A flow is a generator: it yields what is to be done (a `Call`, a `Sleep`, a `Turn`), is sent what came of it, and
returns its result. `client` and `aio` do what flows ask for.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs
from botocore.exceptions import StubAssertionError, StubResponseError

from imagebuilder_dist import validation
from imagebuilder_dist._core import operations, plans
from imagebuilder_dist._core.operations import CREATE, UPDATE, Call
from imagebuilder_dist._fields import Items, check_count, check_type
from imagebuilder_dist.changes import Edit, Ensured, diff
from imagebuilder_dist.errors import (
    ConcurrentModificationError,
    DryRunOperationException,
    ImageBuilderDistError,
    ResourceAlreadyExistsException,
)
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, Distribution
from imagebuilder_dist.results import (
    CreateDistributionConfigurationResult,
    DistributionConfiguration,
)
from imagebuilder_dist.retries import Retries, Tries

T = TypeVar("T")


@attrs.frozen
class Sleep:
    """
    Let time pass.
    """

    seconds: float


@attrs.frozen
class Turn:
    """
    Keep other edits of a configuration waiting until this flow ends.
    """

    arn: str


Command: TypeAlias = Call[Any] | Sleep | Turn
Flow: TypeAlias = Generator[Command, Any, T]

_ENSURE_ATTEMPTS = 5


def send(call: Call[T], retries: Retries) -> Flow[T]:
    """
    Make *call*, again while that may help, with one client token.
    """
    tries = Tries(retries, repeatable=call.repeatable)
    while True:
        try:
            answer: T = yield call
        except StubResponseError as error:
            if tries.failed is None or isinstance(error, StubAssertionError):
                raise
            raise tries.failed from tries.failed.__cause__  # a test stubbed this failure, and nothing for after it
        except ImageBuilderDistError as error:
            delay = tries.delay_after(error)
            if delay is None:
                raise
        else:
            return answer
        yield Sleep(delay)


def create(
    call: Call[CreateDistributionConfigurationResult], retries: Retries
) -> Flow[CreateDistributionConfigurationResult]:
    """
    Create; the error that says that a dry run would have succeeded is its result.
    """
    try:
        return (yield from send(call, retries))
    except DryRunOperationException as success:
        return CreateDistributionConfigurationResult(request_id=success.request_id, client_token=call.client_token)


def edit(
    arn: str,
    change: Callable[[DistributionConfiguration], DistributionConfiguration],
    retries: Retries,
    *,
    attempts: int = 1,
    dry_run: bool = False,
    allow_unmodelled: bool = False,
) -> Flow[Edit]:
    """
    Change what is stored, and write nothing where somebody else was faster.
    """
    check_count("attempts", attempts)
    check_type("distribution_configuration_arn", arn, str)
    yield Turn(arn)
    before = yield from send(operations.get(arn), retries)
    while True:
        planned = plans.plan(before, change, arn, allow_unmodelled=allow_unmodelled)
        if dry_run or not planned.changes:
            return planned
        now = yield from send(operations.get(arn), retries)
        if plans.same_to_an_update(now, before):
            break
        if attempts == 1:
            raise ConcurrentModificationError(before, now, UPDATE)
        before, attempts = now, attempts - 1
    wanted = planned.after
    write = operations.update(arn, wanted.distributions, description=wanted.description, validate=False)
    return attrs.evolve(planned, result=(yield from send(write, retries)))


def ensure(
    name: str,
    distributions: Items[Distribution],
    retries: Retries,
    *,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> Flow[Ensured]:
    """
    Create the configuration called *name*, or bring it to this state.
    """
    wanted = CreateDistributionConfigurationRequest(
        name=name, distributions=distributions, description=description, tags=tags
    )
    issues = validation.validate(wanted)
    # What is stored already is judged as an edit, by what it brings in; name and tags are judged here.
    operations.refuse(tuple(each for each in issues if each.path.startswith(("name", "tags"))), CREATE)
    arn = yield from _find(name, retries)
    if arn is None:
        changes = plans.creation(wanted)
        if dry_run:
            operations.refuse(issues, CREATE)
            return Ensured(distribution_configuration_arn=None, created=True, changes=changes)
        try:
            call = operations.create(name, wanted.distributions, description=description, tags=wanted.tags)
            created = yield from send(call, retries)
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
        attempts=_ENSURE_ATTEMPTS,
        dry_run=dry_run,
    )
    after = edited.after if tags is None else attrs.evolve(edited.after, tags=wanted.tags or {})
    if not dry_run:
        for each in plans.tag_calls(arn, edited.before.tags, after.tags):
            yield from send(each, retries)
    return Ensured(distribution_configuration_arn=arn, created=False, changes=diff(edited.before, after))


def _find(name: str, retries: Retries) -> Flow[str | None]:
    page: Call[operations.Page] | None = operations.list_page(name=name)
    while page is not None:
        found = yield from send(page, retries)
        match = next((each for each in found.summaries if each.name == name), None)
        if match is not None:
            return match.arn
        page = found.next
    return None

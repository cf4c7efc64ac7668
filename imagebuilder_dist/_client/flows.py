"""
What takes several calls: retrying a call, an edit, an ensure. Nothing here does I/O.

A flow is a generator: it yields commands (`Send`, `Sleep`), receives their outcomes, and returns its result.
`_client` and `aio` carry out the commands.
"""

from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar, cast

import attrs
from botocore.exceptions import StubAssertionError, StubResponseError

from imagebuilder_dist import changes, errors, models
from imagebuilder_dist._client import logs, operations, plans
from imagebuilder_dist._client.calls import Call, Send
from imagebuilder_dist._client.operations import CREATE
from imagebuilder_dist._client.retries import Retries, Tries
from imagebuilder_dist._common.attributes import check_count
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes import validation

T = TypeVar("T")


@attrs.frozen
class Sleep:
    """
    The command to wait.
    """

    seconds: float


Command: TypeAlias = Send | Sleep
Flow: TypeAlias = Generator[Command, Any, T]

# Seconds before an edit starts over: at random from half of the first to all of it, so that writers get out of step;
# it doubles up to the second. The four pauses of five attempts take 2.05 s or more, so reads may lag that long behind
# a write. Random from 0, they took 0.75 s on average, and edits came too early.
_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 2.0
_AGAIN = "run it again, which starts from what is stored"  # an edit and an ensure take no token


def send(call: Call[T], retries: Retries) -> Flow[T]:
    """
    Make *call*, and retry it with the same client token as long as that may help.
    """
    tries = Tries(retries, call.repeatable)
    try:
        while True:
            try:
                result: T = yield Send(call, tries.made, tries.left)
            except StubResponseError as error:
                if tries.failed is None or isinstance(error, StubAssertionError):
                    raise
                raise tries.failed from tries.failed.__cause__  # a test stubs this failure, but no retry
            except errors.ImageBuilderDistError as error:
                delay = tries.delay_after(error)
                if delay is None:
                    raise
                logs.retrying(call.operation, call.resource, logs.reason_of(error), tries.made + 1, delay)
            else:
                if not call.changes_nothing:
                    logs.written(call.operation, call.resource, getattr(result, "request_id", None))
                return result
            yield Sleep(delay)
    except BaseException as error:
        if call.client_token is not None and not isinstance(error, Exception):  # Ctrl-C or a cancelled task
            error.add_note(f"{call.operation} may have been applied; its client token is {call.client_token}")
        raise


def send_request(
    request: object, retries: Retries, *, validate: bool
) -> Flow[models.CreateDistributionConfigurationResult | models.UpdateDistributionConfigurationResult]:
    """
    Send a complete request.
    """
    if isinstance(request, models.UpdateDistributionConfigurationRequest):
        return (yield from send(operations.update(request, validate=validate), retries))
    if isinstance(request, models.CreateDistributionConfigurationRequest):
        return (yield from send(operations.create(request, validate=validate), retries))
    raise TypeError(f"request must be an update request or a create request, not {describe(request)}")


def create(
    request: models.CreateDistributionConfigurationRequest, retries: Retries, *, validate: bool
) -> Flow[models.CreateDistributionConfigurationResult | models.CreateDistributionConfigurationDryRunResult]:
    """
    Create a configuration; a dry run's success, which the service reports as an error, becomes a result.
    """
    call = operations.create(request, validate=validate)
    try:
        return (yield from send(call, retries))
    except errors.DryRunOperationException as success:
        return models.CreateDistributionConfigurationDryRunResult(
            request_id=success.request_id, client_token=success.client_token, warnings=call.warnings
        )


def _one_or_more(_options: object, attribute: "attrs.Attribute[int]", value: object) -> None:
    check_count(attribute.name, value)


@attrs.frozen
class EditOptions:
    """
    How to carry out an edit or an ensure.
    """

    attempts: int = attrs.field(validator=_one_or_more)
    dry_run: bool
    allow_unmodelled: bool


def edit(
    arn: str,
    change: Callable[[models.DistributionConfiguration], models.DistributionConfiguration],
    retries: Retries,
    options: EditOptions,
) -> Flow[changes.Plan]:
    """
    Change a stored configuration, and start over if another writer interfered.
    """
    if not callable(change):
        raise TypeError(f"change must be a function, such as lambda stored: ..., not {describe(change)}")
    edited = yield from _logged("edit", arn, _edit(arn, change, retries, options))
    outcome = "written" if edited.result else "would be written" if edited.changes else "nothing to write"
    logs.finished("edit", arn, outcome, len(edited.changes))
    return edited


def _logged(what: str, resource: str, flow: Flow[T]) -> Flow[T]:
    """Run *flow*, and log its failure."""
    try:
        return (yield from flow)
    except errors.ImageBuilderDistError as error:
        logs.failed(what, resource, error)
        raise


def _edit(
    arn: str,
    change: Callable[[models.DistributionConfiguration], models.DistributionConfiguration],
    retries: Retries,
    options: EditOptions,
) -> Flow[changes.Plan]:
    attempt = 1
    pause = _FIRST_PAUSE
    while True:
        before = yield from send(operations.get(arn), retries)
        planned = plans.plan(before, change, arn, allow_unmodelled=options.allow_unmodelled)
        if options.dry_run or not planned.changes:
            return planned
        now = yield from send(operations.get(arn), retries)
        mismatch: errors.IdempotentParameterMismatchException | None = None
        if plans.same_to_an_update(now, before):
            after = cast(models.DistributionConfiguration, planned.after)
            request = attrs.evolve(after.to_request(), client_token=plans.state_token(arn, now))
            write = attrs.evolve(operations.update(request, validate=False), again=_AGAIN)
            try:
                result = yield from send(write, retries)
                result = attrs.evolve(result, warnings=planned.warnings)
                return attrs.evolve(planned, client_token=request.client_token, result=result, written=True)
            except errors.IdempotentParameterMismatchException as error:
                mismatch = error
        if attempt == options.attempts:
            read_last = now
            if mismatch is not None:
                now = yield from send(operations.get(arn), retries)
            unchanged = mismatch is not None and plans.state_token(arn, now) == plans.state_token(arn, read_last)
            raise errors.ConcurrentModificationError(
                before, now, changes.diff(before, now), attempt, arn, reads_unchanged=unchanged
            ) from mismatch
        attempt, delay = attempt + 1, pause * (1 + retries.random()) / 2
        logs.retrying("edit", arn, "modified concurrently", attempt, delay)
        yield Sleep(delay)
        pause = min(pause * 2, _LONGEST_PAUSE)


def ensure(
    wanted: models.CreateDistributionConfigurationRequest, retries: Retries, options: EditOptions, *, keep_tags: bool
) -> Flow[changes.Plan]:
    """
    Create the configuration, or update it to the wanted state.
    """
    ensured = yield from _logged("ensure", wanted.name, _ensure(wanted, retries, options, keep_tags=keep_tags))
    outcome = "created" if ensured.created else "updated" if ensured.changes else "nothing to write"
    would = "would be " if options.dry_run and (ensured.created or ensured.changes) else ""
    logs.finished("ensure", wanted.name, would + outcome, len(ensured.changes))
    return ensured


def _ensure(
    wanted: models.CreateDistributionConfigurationRequest, retries: Retries, options: EditOptions, *, keep_tags: bool
) -> Flow[changes.Plan]:
    issues = validation.validate(wanted)
    # An existing configuration is validated by the edit, which rejects only new errors; name and tags are checked here.
    own = tuple(each for each in issues if each.location[0] in {"name", "tags"})
    operations.reject(own, CREATE, wanted.name)
    arn = yield from _find(wanted.name, retries)
    if arn is None:
        planned = changes.Plan(before=None, after=wanted, changes=changes.diff([], wanted), warnings=issues)
        if options.dry_run:
            operations.reject(issues, CREATE, wanted.name)
            return planned
        try:
            created = yield from send(attrs.evolve(operations.create(wanted), again=_AGAIN), retries)
        except errors.ResourceAlreadyExistsException:
            arn = yield from _find(wanted.name, retries)
            if arn is None:
                raise
        else:
            return attrs.evolve(planned, result=created, written=True)
    edited = yield from _edit(
        arn,
        lambda stored: attrs.evolve(stored, description=wanted.description, distributions=wanted.distributions),
        retries,
        options,
    )
    # Something is stored, so these are configurations and not requests.
    before = cast(models.DistributionConfiguration, edited.before)
    after = cast(models.DistributionConfiguration, edited.after)
    if not keep_tags:
        after = attrs.evolve(after, tags=plans.wanted_tags(after.tags, wanted.tags))
        for each in () if options.dry_run else plans.tag_calls(arn, before.tags, after.tags):
            yield from send(each, retries)
    difference = changes.diff(before, after)
    return attrs.evolve(
        edited,
        after=after,
        changes=difference,
        warnings=plans.warnings_of(after),
        written=bool(difference) and not options.dry_run,
    )


def _find(name: str, retries: Retries) -> Flow[str | None]:
    page: Call[operations.Page] | None = operations.list_page(name=name)
    while page is not None:
        found = yield from send(page, retries)
        match = next((each for each in found.summaries if each.name == name), None)
        if match is not None:
            return match.arn
        page = found.next
    return None

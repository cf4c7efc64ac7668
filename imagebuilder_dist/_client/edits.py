"""
Edits and ensures: a plan is made from what is stored, and carried out. Nothing here does I/O.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, TypeAlias, cast

import attrs

from imagebuilder_dist import errors, models
from imagebuilder_dist._client import logs, operations
from imagebuilder_dist._client.operations import CREATE, UPDATE, Flow
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.attributes import check_count, check_type, member_name
from imagebuilder_dist._common.text import describe
from imagebuilder_dist._shapes import validation
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist._shapes.limits import MAX_TAGS
from imagebuilder_dist.changes import Plan, diff

Stored: TypeAlias = models.DistributionConfiguration
Edit: TypeAlias = Callable[[Stored], Stored]

_WRITABLE = ("description", "distributions")
_READ_ONLY = [field.name for field in attrs.fields(Stored) if field.eq and field.name not in _WRITABLE]

# Seconds before an edit starts over: at random from half of the first to all of it, so that writers get out of step;
# it doubles up to the second. The four pauses of five attempts take 2.05 s or more, so reads may lag that long behind
# a write. Random from 0, they took 0.75 s on average, and edits came too early.
_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 2.0


@attrs.define(repr=False)
class Options:
    """
    How to carry out an edit or an ensure.
    """

    max_conflicts: int
    dry_run: bool
    allow_unmodelled: bool
    region: str | None = None
    """The Region that the client calls, if it tells."""

    def __attrs_post_init__(self) -> None:
        check_count("max_conflicts", self.max_conflicts)


def edit(retries: Retries, arn: str, change: Edit, options: Options) -> Flow[Plan]:
    """
    Change what is stored, and start over if another writer interfered.
    """
    if not callable(change):
        raise TypeError(f"change must be a function, such as lambda stored: ..., not {describe(change)}")

    def plan() -> Flow[Plan]:
        before = yield from operations.get(retries, arn)
        after = change(before)
        if inspect.iscoroutine(after):
            after.close()  # otherwise Python would warn that nothing awaited it
            raise TypeError("change must be a plain function, not an async one; await what it needs before the edit")
        check_type("change's return value", after, models.DistributionConfiguration)
        _reject_read_only(before, after)
        return _planned(before, after, options)

    return (yield from _carry_out(retries, "edit", arn, plan, options))


def ensure(
    retries: Retries, wanted: models.CreateDistributionConfigurationRequest, options: Options, *, keep_tags: bool
) -> Flow[Plan]:
    """
    Create the configuration, or update it to the wanted state.
    """
    issues = validation.validate(wanted)
    # An existing configuration is validated like an edit, which rejects only new errors; name and tags, here.
    operations.reject(tuple(each for each in issues if each.location[0] in {"name", "tags"}), CREATE, wanted.name)

    def plan() -> Flow[Plan]:
        before = yield from operations.find(retries, wanted.name)
        if before is None:
            import uuid  # noqa: PLC0415 - slow to import, and only a write needs it

            operations.reject(issues, CREATE, wanted.name)
            changes, token = diff([], wanted), str(uuid.uuid4())
            about: Any = {"warnings": issues, "client_token": token, "region": options.region}
            return Plan(before=None, after=wanted, changes=changes, **about)
        # AWS's own tags can be neither set nor removed.
        own = {key: value for key, value in before.tags.items() if key.startswith("aws:")}
        tags = before.tags if keep_tags else {**own, **wanted.tags}
        after = attrs.evolve(before, description=wanted.description, distributions=wanted.distributions, tags=tags)
        warnings = tuple(each for each in validation.validate(after) if each.severity == "warning")
        return attrs.evolve(_planned(before, after, options), warnings=warnings)

    return (yield from _carry_out(retries, "ensure", wanted.name, plan, options))


def apply(retries: Retries, plan: Plan, region: str | None) -> Flow[Plan]:
    """
    Write what *plan* says, if what it was made from is still stored.

    Raises:
        imagebuilder_dist.errors.ConfigurationError:
            If it creates a configuration in another Region than the client's, *region*.
    """
    check_type("plan", plan, Plan)
    resource = plan.distribution_configuration_arn or plan.name
    if isinstance(plan.after, models.CreateDistributionConfigurationRequest):
        if region is not None and plan.region not in {None, region}:
            raise errors.ConfigurationError(f"the client calls {region}, but the plan is for {plan.region}")
        # Of two writes with one token, the service runs one and answers both.
        now = yield from operations.find(retries, plan.after.name)
        if now is not None and operations.shows(now, plan.after):
            return _logged("apply", str(resource), _of_nothing(now))
    return _logged("apply", str(resource), (yield from _apply(retries, plan)))


def _carry_out(
    retries: Retries, what: str, resource: str, make_plan: Callable[[], Flow[Plan]], options: Options
) -> Flow[Plan]:
    """Make a plan and apply it; start over if another writer interfered."""
    conflicts, pause = 0, _FIRST_PAUSE
    while True:
        plan = yield from make_plan()
        if options.dry_run or not plan.changes:
            return _logged(what, resource, plan)
        conflicts += 1
        try:
            return _logged(what, resource, (yield from _apply(retries, plan, conflicts)))
        except errors.ConcurrentModificationError as error:
            # Starting over after a write that may have been applied could make the change twice.
            if conflicts == options.max_conflicts or error.may_have_been_applied:
                raise
        delay = pause * (1 + retries.random()) / 2
        logs.retrying(what, resource, "modified concurrently", conflicts + 1, delay)
        yield delay
        pause = min(pause * 2, _LONGEST_PAUSE)


def _planned(before: Stored, after: Stored, options: Options) -> Plan:
    """
    Return the plan that turns *before* into *after*.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If it introduces an error.
        imagebuilder_dist.errors.UnmodelledSettingsError:
            If the update would drop settings that this library doesn't know.
    """
    plan = Plan(before=before, after=after, changes=diff(before, after))
    if not plan.changes:
        return plan
    if before.unmodelled and not options.allow_unmodelled and _needs_update(plan):
        raise errors.UnmodelledSettingsError(before.unmodelled, before.arn)
    return attrs.evolve(plan, warnings=_reject_new_errors(before, after), client_token=_state_token(before))


def _needs_update(plan: Plan) -> bool:
    return any(change.steps[0][0] != "tags" for change in plan.changes)


def _apply(retries: Retries, plan: Plan, conflicts: int = 1) -> Flow[Plan]:
    """
    Write what *plan* says, once, and return it; if it is stored already, return a plan of nothing.

    Raises:
        imagebuilder_dist.errors.ConcurrentModificationError:
            If what the plan was made from isn't stored any more, or if the service has run another write from it.
    """
    if isinstance(plan.after, models.CreateDistributionConfigurationRequest):
        return (yield from _create(retries, plan, plan.after))
    before, after = cast(Stored, plan.before), plan.after
    # The token tells only writers of this library from each other; this read finds the others.
    now = yield from operations.get_if_exists(retries, before.arn)
    is_unchanged = now is not None and _state(now) == _state(before)
    request = attrs.evolve(after.to_request(), client_token=plan.client_token or _state_token(before))
    if now is None or not (is_unchanged or operations.shows(now, request)) or not _tags_fit(plan, now.tags):
        raise _stale(plan, now, conflicts)
    result = None
    if is_unchanged and _needs_update(plan):
        try:
            result = yield from operations.write(retries, request, plan=plan)
        except errors.IdempotentParameterMismatchException as mismatch:
            now = yield from operations.get_if_exists(retries, before.arn)
            raise _stale(plan, now, conflicts, is_rejected=True) from mismatch
    # An edit leaves the tags alone, whatever they are by now.
    is_tagged = before.tags != after.tags and (yield from _set_tags(retries, now, after.tags))
    if result is None and not is_tagged:
        return _of_nothing(now)
    return attrs.evolve(plan, result=result, written=True)


def _of_nothing(stored: Stored) -> Plan:
    return Plan(before=stored, after=stored, changes=diff(stored, stored))


def _stale(
    plan: Plan, now: Stored | None, conflicts: int, *, is_rejected: bool = False
) -> errors.ConcurrentModificationError:
    before = cast(Stored, plan.before)
    return errors.ConcurrentModificationError(
        before,
        now,
        diff(before, now or []),
        conflicts,
        before.arn,
        planned=plan.changes,
        reads_unchanged=is_rejected and now is not None and _state(now) == _state(before),
    )


def _create(retries: Retries, plan: Plan, wanted: models.CreateDistributionConfigurationRequest) -> Flow[Plan]:
    request = attrs.evolve(wanted, client_token=plan.client_token)
    # It may exist by now: another ensure was faster, or this plan was applied before and its token is forgotten.
    try:
        result = yield from operations.write(retries, request, plan=plan)
    except errors.ResourceAlreadyExistsException as error:
        now = yield from operations.find(retries, wanted.name)
        if now is None:  # it has another name that maps to the same ARN
            raise
        if not operations.shows(now, wanted):
            different = errors.ConcurrentModificationError(
                None, now, diff(wanted, now), resource=now.arn, planned=plan.changes
            )
            different.operation = CREATE
            raise different from error
        return _of_nothing(now)
    return attrs.evolve(plan, result=result, written=True)


def _tags_fit(plan: Plan, found: Mapping[str, str]) -> bool:
    """Tell whether each tag is as before the plan or after it, for tags are written one request after the other."""
    before, after = cast(Stored, plan.before).tags, cast(Stored, plan.after).tags
    keys = {*before, *after, *found}
    return before == after or all(found.get(key) in (before.get(key), after.get(key)) for key in keys)


def _set_tags(retries: Retries, stored: Stored, wanted: Mapping[str, str]) -> Flow[bool]:
    """Bring the tags to the *wanted* state, and tell whether something was written."""
    gone = [key for key in stored.tags if key not in wanted]
    new = {key: value for key, value in wanted.items() if stored.tags.get(key) != value}
    # They are added first, so that a failure in between loses nothing, unless there is no room for all of them.
    no_room = sum(not key.startswith("aws:") for key in {**stored.tags, **wanted}) > MAX_TAGS
    if gone and no_room:
        yield from operations.untag(retries, stored.arn, gone)
    if new:
        yield from operations.tag(retries, stored.arn, new)
    if gone and not no_room:
        yield from operations.untag(retries, stored.arn, gone)
    return bool(gone or new)


_STATE = ("arn", "date_created", "date_updated", "description", "distributions", "unmodelled")
_state = attrgetter(*_STATE)
"""All that an update from a configuration depends on. Tags aren't among it: they change without one."""


def _state_token(configuration: Stored) -> str:
    """
    Return the client token of a write that starts from *configuration*: 36 characters, the same in every process.

    The service runs one write per token, and rejects a second one that has the same token but other parameters.
    So if two edits start from the same state, only one is stored, and the other one fails.
    """
    import hashlib  # noqa: PLC0415 - slow to import, and only an edit needs it
    import uuid  # noqa: PLC0415 - as above

    state = dict(zip(map(member_name, _STATE), _state(configuration), strict=True))
    state["distributions"] = [to_boto3(each) for each in configuration.distributions]
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16]))


def _reject_read_only(before: Stored, after: Stored) -> None:
    issues = [
        errors.Issue((member_name(name),), "read-only", "error", "can't be changed by an update", getattr(after, name))
        for name in _READ_ONLY
        if getattr(before, name) != getattr(after, name)
    ]
    if issues:
        raise errors.ValidationError(issues, UPDATE, resource=before.arn)


def _reject_new_errors(before: Stored, after: Stored) -> tuple[errors.Issue, ...]:
    """Reject errors that the edit introduces, and return its warnings; the service may accept what it has stored."""
    new = _issues_by_region(after)
    old = _issues_by_region(before) if new else {}
    return operations.reject(tuple(issue for key, issue in new.items() if key not in old), UPDATE, after.arn)


def _issues_by_region(configuration: Stored) -> dict[tuple[object, ...], errors.Issue]:
    # By name and not by position, because an edit may move a Region.
    regions: Mapping[object, str] = {
        ("distributions", n): each.region for n, each in enumerate(configuration.distributions)
    }
    return {
        (regions.get(issue.location[:2]), issue.location[2:], issue.rule, issue.message): issue
        for issue in validation.validate(configuration)
    }


def _logged(what: str, resource: str, plan: Plan) -> Plan:
    outcome = "nothing to write"
    if plan.created or plan.changes:
        outcome = ("" if plan.written else "would be ") + ("created" if plan.created else "written")
    logs.finished(what, resource, outcome, len(plan.changes))
    return plan

"""
Edits and ensures: a plan is made from what is stored, and carried out. Nothing here does I/O.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

import attrs

from imagebuilder_dist import errors, models
from imagebuilder_dist._client import logs, operations
from imagebuilder_dist._client.calls import Content
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

    def __attrs_post_init__(self) -> None:
        check_count("max_conflicts", self.max_conflicts)


def edit(retries: Retries, arn: str, change: Edit, options: Options) -> Flow[Plan]:
    """
    Change what is stored, and start over if another writer interfered.
    """
    if not callable(change):
        raise TypeError(f"change must be a function, such as lambda stored: ..., not {describe(change)}")
    return _logged("edit", arn, (yield from _edit(retries, arn, change, options)))


def ensure(
    retries: Retries, wanted: models.CreateDistributionConfigurationRequest, options: Options, *, keep_tags: bool
) -> Flow[Plan]:
    """
    Create the configuration, or update it to the wanted state.
    """
    issues = validation.validate(wanted)
    # An existing configuration is validated by the edit, which rejects only new errors; name and tags are checked here.
    operations.reject(tuple(each for each in issues if each.location[0] in {"name", "tags"}), CREATE, wanted.name)
    exists: errors.ResourceAlreadyExistsException | None = None
    while (arn := (yield from _find(retries, wanted.name))) is None:
        if exists is not None:
            raise exists
        operations.reject(issues, CREATE, wanted.name)
        plan = Plan(before=None, after=wanted, changes=diff([], wanted), warnings=issues)
        try:
            return _logged(
                "ensure", wanted.name, plan if options.dry_run else (yield from _create(retries, plan, wanted))
            )
        except errors.ResourceAlreadyExistsException as error:  # another caller was faster
            exists = error
    plan = yield from _edit(
        retries,
        arn,
        lambda stored: attrs.evolve(stored, description=wanted.description, distributions=wanted.distributions),
        options,
    )
    before, after = cast(Stored, plan.before), cast(Stored, plan.after)
    if not keep_tags:
        # AWS's own tags can be neither set nor removed.
        own = {key: value for key, value in after.tags.items() if key.startswith("aws:")}
        after = attrs.evolve(after, tags={**own, **wanted.tags})
        if not options.dry_run:
            yield from _set_tags(retries, before, after.tags)
    changes = diff(before, after)
    warnings = tuple(each for each in validation.validate(after) if each.severity == "warning")
    written = bool(changes) and not options.dry_run
    plan = attrs.evolve(plan, after=after, changes=changes, warnings=warnings, written=written)
    return _logged("ensure", wanted.name, plan)


def _edit(retries: Retries, arn: str, change: Edit, options: Options) -> Flow[Plan]:
    conflicts, pause = 0, _FIRST_PAUSE
    while True:
        before = yield from operations.get(retries, arn)
        plan = _planned(before, change, arn, allow_unmodelled=options.allow_unmodelled)
        if options.dry_run or not plan.changes:
            return plan
        conflicts += 1
        try:
            return (yield from _carry_out(retries, plan, conflicts))
        except errors.ConcurrentModificationError:
            if conflicts == options.max_conflicts:
                raise
        delay = pause * (1 + retries.random()) / 2
        logs.retrying("edit", arn, "modified concurrently", conflicts + 1, delay)
        yield delay
        pause = min(pause * 2, _LONGEST_PAUSE)


def _planned(before: Stored, change: Edit, arn: str, *, allow_unmodelled: bool) -> Plan:
    """
    Return the plan that *change* describes.

    Raises:
        TypeError:
            If *change* doesn't return a `DistributionConfiguration`.
        imagebuilder_dist.errors.ValidationError:
            If it changes what an update can't, or introduces an error.
        imagebuilder_dist.errors.UnmodelledSettingsError:
            If the update would drop settings that this library doesn't know.
    """
    after = change(before)
    if inspect.iscoroutine(after):
        after.close()  # otherwise Python would warn that nothing awaited it
        raise TypeError("change must be a plain function, not an async one; await what it needs before the edit")
    check_type("change's return value", after, models.DistributionConfiguration)
    _reject_read_only(before, after)
    changes = diff(before, after)
    if not changes:
        return Plan(before=before, after=after, changes=changes)
    if before.unmodelled and not allow_unmodelled:
        raise errors.UnmodelledSettingsError(before.unmodelled, arn)
    warnings = _reject_new_errors(before, after)
    return Plan(before=before, after=after, changes=changes, warnings=warnings, client_token=_state_token(before))


def _carry_out(retries: Retries, plan: Plan, conflicts: int) -> Flow[Plan]:
    """
    Write what *plan* says, if what it was made from is still stored.

    Raises:
        imagebuilder_dist.errors.ConcurrentModificationError:
            If it isn't, or if the service has run another write from that state.
    """
    before, after = cast(Stored, plan.before), cast(Stored, plan.after)
    arn, now = before.arn, (yield from operations.get(retries, before.arn))
    mismatch: errors.IdempotentParameterMismatchException | None = None
    reads_unchanged = False
    if _same_to_an_update(now, before):
        # Of an equal state the token is equal, too; only the dates may differ here.
        token = plan.client_token if now == before else None
        token = token or _state_token(now)
        request = models.UpdateDistributionConfigurationRequest(
            distribution_configuration_arn=arn,
            distributions=after.distributions,
            description=after.description,
            client_token=token,
        )
        try:
            result = yield from operations.write(retries, request, validate=False)
            result = attrs.evolve(result, warnings=plan.warnings)
            return attrs.evolve(plan, client_token=token, result=result, written=True)
        except errors.IdempotentParameterMismatchException as error:
            mismatch = error
        now = yield from operations.get(retries, arn)
        reads_unchanged = _state_token(now) == token
    raise errors.ConcurrentModificationError(
        before, now, diff(before, now), conflicts, arn, reads_unchanged=reads_unchanged
    ) from mismatch


def _create(retries: Retries, plan: Plan, wanted: models.CreateDistributionConfigurationRequest) -> Flow[Plan]:
    result = yield from operations.write(retries, wanted, validate=False)
    return attrs.evolve(plan, result=attrs.evolve(result, warnings=plan.warnings), written=True)


def _set_tags(retries: Retries, stored: Stored, wanted: Mapping[str, str]) -> Flow[None]:
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


def _find(retries: Retries, name: str) -> Flow[str | None]:
    """Return the ARN of the configuration with that *name*."""
    following: Content | None = operations.first_page(name)
    while following is not None:
        page = yield from operations.list_page(retries, following)
        for each in page.summaries:
            if each.name == name:
                return each.arn
        following = page.next
    return None


def _same_to_an_update(one: Stored, other: Stored) -> bool:
    """Tell whether *one* and *other* are equal in everything that an update replaces."""
    return all(getattr(one, name) == getattr(other, name) for name in (*_WRITABLE, "unmodelled"))


def _state_token(configuration: Stored) -> str:
    """
    Return the client token of a write that starts from *configuration*: 36 characters, the same in every process.

    The service runs one write per token, and rejects a second one that has the same token but other parameters.
    So if two edits start from the same state, only one is stored, and the other one fails.
    """
    import hashlib  # noqa: PLC0415 - slow to import, and only an edit needs it
    import uuid  # noqa: PLC0415 - as above

    # Not the tags: they change without an update.
    names = ("arn", "dateCreated", "dateUpdated", "description", "distributions")
    document = to_boto3(configuration)
    state = [*map(document.get, names), configuration.unmodelled]
    digest = hashlib.sha256(json.dumps(state).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16]))


def _reject_read_only(before: Stored, after: Stored) -> None:
    issues = [
        errors.Issue((member_name(name),), "read-only", "error", "can't be changed by an update", getattr(after, name))
        for name in [field.name for field in attrs.fields(Stored) if field.eq and field.name not in _WRITABLE]
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

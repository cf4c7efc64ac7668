"""
Plan an edit or an ensure: pure functions of the stored and the wanted state.
"""

import hashlib
import inspect
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from imagebuilder_dist import errors, models
from imagebuilder_dist._client import operations
from imagebuilder_dist._client.calls import Call
from imagebuilder_dist._client.operations import UPDATE
from imagebuilder_dist._common.attributes import check_type, member_name
from imagebuilder_dist._common.text import Location
from imagebuilder_dist._shapes import validation
from imagebuilder_dist._shapes.converter import to_boto3
from imagebuilder_dist._shapes.limits import MAX_TAGS
from imagebuilder_dist.changes import Plan, diff

_WRITABLE = ("description", "distributions")


def plan(
    before: models.DistributionConfiguration,
    change: Callable[[models.DistributionConfiguration], models.DistributionConfiguration],
    arn: str,
    *,
    allow_unmodelled: bool,
) -> Plan:
    """
    Return the edit that *change* describes.

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
    planned = Plan(before=before, after=after, changes=diff(before, after))
    if planned.changes:
        if before.unmodelled and not allow_unmodelled:
            raise errors.UnmodelledSettingsError(before.unmodelled, arn)
        return attrs.evolve(planned, warnings=_reject_new_errors(before, after), client_token=state_token(arn, before))
    return planned


def warnings_of(configuration: models.DistributionConfiguration) -> tuple[errors.Issue, ...]:
    """
    Return the warnings about *configuration*.
    """
    issues = validation.validate(configuration.to_request())
    return tuple(issue for issue in issues if issue.severity == "warning")


def same_to_an_update(one: models.DistributionConfiguration, other: models.DistributionConfiguration) -> bool:
    """
    Tell whether *one* and *other* are equal in everything that an update replaces.
    """
    names = (*_WRITABLE, "unmodelled")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def state_token(arn: str, configuration: models.DistributionConfiguration) -> str:
    """
    Return the client token of an edit that starts from *configuration*: 36 characters, the same in every process.

    The service runs one write per token, and rejects a second one that has the same token but other parameters.
    So if two edits start from the same state, only one is stored, and the other one fails.
    """
    state = {
        "arn": arn,
        "dateCreated": configuration.date_created,
        "dateUpdated": configuration.date_updated,
        "description": configuration.description,
        "distributions": [to_boto3(each) for each in configuration.distributions],
        "unmodelled": configuration.unmodelled,
    }
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16]))


def wanted_tags(stored: Mapping[str, str], wanted: Mapping[str, str]) -> Mapping[str, str]:
    """
    Return *wanted* plus AWS's own tags, which can be neither set nor removed.
    """
    return {**{key: value for key, value in stored.items() if key.startswith("aws:")}, **wanted}


def tag_calls(arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Call[Any]]:
    """
    Yield the calls that turn *before* into *after*: they add first, so that a failure in between loses nothing.
    """
    gone = [key for key in before if key not in after]
    new = {key: value for key, value in after.items() if before.get(key) != value}
    no_room = sum(not key.startswith("aws:") for key in {**before, **after}) > MAX_TAGS
    if new and not no_room:
        yield operations.tag(arn, new)
    if gone:
        yield operations.untag(arn, gone)
    if new and no_room:
        yield operations.tag(arn, new)


def _reject_read_only(before: models.DistributionConfiguration, after: models.DistributionConfiguration) -> None:
    issues = [
        errors.Issue((member_name(name),), "read-only", "error", "can't be changed by an update", getattr(after, name))
        for name in [field.name for field in attrs.fields(models.DistributionConfiguration) if field.eq]
        if name not in _WRITABLE and getattr(before, name) != getattr(after, name)
    ]
    if issues:
        raise errors.ValidationError(issues, UPDATE, resource=before.arn)


def _reject_new_errors(
    before: models.DistributionConfiguration, after: models.DistributionConfiguration
) -> tuple[errors.Issue, ...]:
    """Reject errors that the edit introduces, and return its warnings; the service may accept what it has stored."""

    def issues(configuration: models.DistributionConfiguration) -> dict[tuple[object, ...], errors.Issue]:
        # By name and not by position, because an edit may move a Region.
        regions: dict[Location, str] = {
            ("distributions", n): each.region for n, each in enumerate(configuration.distributions)
        }
        return {
            (regions.get(issue.location[:2]), issue.location[2:], issue.rule, issue.message): issue
            for issue in validation.validate(configuration.to_request())
        }

    old, new = issues(before), issues(after)
    return operations.reject(tuple(issue for key, issue in new.items() if key not in old), UPDATE, after.arn)

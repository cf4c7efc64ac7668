"""
Local validation: every problem of a request at once, before it is sent.

It checks the limits of the service's model and the rules beyond it.
An error is what the service rejects; a warning is what it stores, but what then breaks or surprises in the build.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeAlias, cast

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common import attributes
from imagebuilder_dist._common.arns import account_of_arn
from imagebuilder_dist._common.attributes import Member, is_mapping
from imagebuilder_dist._common.text import Location, describe, show
from imagebuilder_dist._shapes.converter import from_boto3
from imagebuilder_dist._shapes.limits import ACCOUNT_ID, LIMITS, NO_LIMIT, TAGS, Limit
from imagebuilder_dist._shapes.rules import RULES, Context
from imagebuilder_dist.errors import Issue, Severity, ValidationError

# A broken limit: its location below the checked value, its id, the message, and the value there.
Broken: TypeAlias = tuple[Location, str, str, object]
Check: TypeAlias = Callable[[Any], Sequence[Broken]]
Request: TypeAlias = models.UpdateDistributionConfigurationRequest | models.CreateDistributionConfigurationRequest


@cache
def _check_model(cls: type) -> Check:
    """Return a function that finds the limits that an instance of *cls* breaks; it is built once per class."""
    limits = LIMITS[cls]
    members = [
        (member, _check_member(member, limits.get(member.attribute, NO_LIMIT)))
        for member in attributes.members_of(cls)
        if member.cls is not bool
    ]

    def check(model: object) -> list[Broken]:
        broken: list[Broken] = []
        for member, check_member in members:
            value = getattr(model, member.attribute)
            # None and empty collections are left out of the request.
            if (value or isinstance(value, str | int)) and (found := check_member(value)):
                broken += _below(member.name, found)
        return broken

    return check


def _below(step: str | int, broken: Iterable[Broken]) -> Iterator[Broken]:
    return (((step, *location), limit, message, value) for location, limit, message, value in broken)


def _check_member(member: Member, limit: Limit) -> Check:
    if member.container is None:
        return _check_plain(limit, member.allowed) if member.model is None else _check_model(member.model)
    if member.container is tuple:
        check_item = _check_plain(limit.items or NO_LIMIT) if member.model is None else _check_model(member.model)
        return _check_tuple(limit, check_item)
    return _check_mapping(limit)


def _check_tuple(limit: Limit, check_item: Check) -> Check:
    check_size = _check_plain(limit)
    of_account_ids = limit.items == ACCOUNT_ID

    def check(items: tuple[Any, ...]) -> list[Broken]:
        broken = [*check_size(items)]
        if of_account_ids and _all_are_account_ids(items):  # a Region may have 1536 of them
            return broken
        for index, item in enumerate(items):
            if found := check_item(item):
                broken += _below(index, found)
        return broken

    return check


_JOINED_ACCOUNT_IDS = re.compile(r"(?:[0-9]{12},)*+")


def _all_are_account_ids(items: tuple[str, ...]) -> bool:
    joined = ",".join((*items, ""))
    # An item that contains a comma looks like two; the length gives it away.
    return len(joined) == 13 * len(items) and _JOINED_ACCOUNT_IDS.fullmatch(joined) is not None


@cache
def _check_mapping(limit: Limit) -> Check:
    check_size, check_key, check_value = (_check_plain(each or NO_LIMIT) for each in (limit, limit.keys, limit.items))

    def check(items: Mapping[str, str]) -> list[Broken]:
        broken = [*check_size(items)]
        for key, value in items.items():
            if found := (*check_key(key), *check_value(value)):
                broken += _below(key, found)
        return broken

    return check


def _check_plain(limit: Limit, allowed: tuple[str, ...] = ()) -> Check:
    matches = _matcher(limit.pattern) if limit.pattern else None
    smallest = 0 if limit.min is None else limit.min
    largest = math.inf if limit.max is None else limit.max

    def check(value: Any) -> Sequence[Broken]:
        # A value that isn't text or is too short breaks the pattern, too; one issue is enough.
        if isinstance(value, str) and not value.isascii() and (problem := _encoding_problem(value)):
            return [((), "encoding", problem, value)]
        size = value if isinstance(value, int) else len(value)
        if size < smallest:
            return [((), "min", f"must {_describe_bound('at least', smallest, value)}", value)]
        broken: list[Broken] = []
        if size > largest:
            broken.append(((), "max", f"must {_describe_bound('at most', limit.max, value)}", value))
        if matches is not None and not matches(value):
            is_arn = str(value).startswith("arn:")
            why = f": {limit.why(str(value))}" if limit.why and is_arn else ""
            broken.append(((), "pattern", f"must be {limit.says}, not {describe(value)}{why}", value))
        if allowed and value not in allowed:
            names = ", ".join(map(repr, allowed))
            broken.append(((), "enum", f"must be one of {names}, not {describe(value)}", value))
        return broken

    return check


# A Python string may contain half of a surrogate pair, for example from JSON; UTF-8, which is sent, can't.
_SURROGATE = re.compile("[\ud800-\udfff]")


def _encoding_problem(value: Any) -> str:
    """Return a message if *value* can't be encoded as UTF-8, and an empty string if it can."""
    surrogate = _SURROGATE.search(value)
    if surrogate is None:
        return ""
    return f"must be text, but {show(surrogate[0])} at position {surrogate.start()} is half of a surrogate pair"


def _describe_bound(bound: str, limit: int | None, value: Any) -> str:
    if isinstance(value, int):
        return f"be {bound} {limit}, not {show(value)}"
    unit = "character" if isinstance(value, str) else "item"
    return f"have {bound} {limit} {unit}{'' if limit == 1 else 's'}, not {len(value)}"


def _matcher(pattern: str) -> Callable[[Any], object]:
    # Python's $ also matches before a trailing newline, and the service's \s is ASCII only.
    anchored = pattern.endswith("$")
    compiled = re.compile(pattern.removesuffix("$") if anchored else pattern, re.ASCII)
    return compiled.fullmatch if anchored else compiled.match


def validate(request: models.Configuration, *, owner: str | None = None) -> tuple[Issue, ...]:
    """
    Return every problem of *request* in document order; an empty tuple if there are none.

    Neither this function nor the service checks whether accounts, templates, keys or repositories exist.

    Args:
        request: A request, a stored configuration, one `Distribution`, or a list of them.
        owner: The account that owns the configuration, as 12 digits; a few rules depend on it.
            If omitted, it is taken from the ARN of an update.
            A create and distributions alone don't contain it.
            `ssm-account` then finds nothing, `fast-launch-cross-account` needs several target accounts to find
            something, and `kms-default-shared` says that a single account may be the owner's.

    Raises:
        TypeError:
            If *request* isn't one of these, or *owner* isn't a string.
        ValueError:
            If *owner* isn't an account id.
    """
    if owner is not None:
        check_account_id("owner", owner)
    if isinstance(request, models.DistributionConfiguration):
        request = request.to_request()
    root: object = request
    above = 0
    if isinstance(request, Request):
        context = Context(request.distributions, owner or _owner(request))
        cls = next(base for base in type(request).__mro__ if base in LIMITS)  # users may pass in a subclass
        broken: Iterable[Broken] = _check_model(cls)(request)
    else:
        if isinstance(request, models.Distribution):
            above = 2  # without "distributions" and the position
        context = Context(models.distributions_of(request), owner)
        root = request if above else context
        broken = _below(
            "distributions", _check_tuple(NO_LIMIT, _check_model(models.Distribution))(context.distributions)
        )
    placed = [_issue(root, at[above:], limit, "error", message, value) for at, limit, message, value in broken]
    for rule in RULES:
        placed += [_issue(root, at[above:], rule.id, rule.severity, message) for at, message in rule.find(context)]
    return tuple(issue for _, issue in sorted(placed, key=itemgetter(0)))


def validate_tags(tags: Mapping[str, str]) -> tuple[Issue, ...]:
    """
    Return every problem of a configuration's *tags*.
    """
    return tuple(
        Issue(location, limit, "error", message, value)
        for location, limit, message, value in _below("tags", _check_mapping(TAGS)(tags))
    )


def validate_encoding(value: object, location: Location = ()) -> tuple[Issue, ...]:
    """
    Return an issue for each string in *value*, at any depth, that can't be encoded as UTF-8.

    It is for parameters, such as ARNs and names, that neither `validate` nor `validate_tags` sees.
    """
    if isinstance(value, str):
        message = _encoding_problem(value)
        return (Issue(location, "encoding", "error", message, value),) if message else ()
    steps = value.items() if is_mapping(value) else enumerate(value) if attributes.is_list(value) else ()
    return tuple(issue for step, item in steps for issue in validate_encoding(item, (*location, step)))


def check_account_id(name: str, value: object) -> None:
    """
    Raise an error that names *name* unless *value* is an account id.
    """
    attributes.check_type(name, value, str)
    if re.fullmatch("[0-9]{12}", cast(str, value)) is None:
        raise ValueError(f"{name} must be an account id of 12 digits, not {show(value)}")


def _owner(
    request: models.UpdateDistributionConfigurationRequest | models.CreateDistributionConfigurationRequest,
) -> str | None:
    if isinstance(request, models.UpdateDistributionConfigurationRequest):
        return account_of_arn(request.distribution_configuration_arn)
    return None


Position: TypeAlias = tuple[int, ...]
"""Sorts a location in document order."""


def _issue(
    root: object, location: Location, rule: str, severity: Severity, message: str, *found: object
) -> tuple[Position, Issue]:
    """Return an issue and its position to sort by; *found* defaults to the value at *location*."""
    position: list[int] = []
    value: Any = root
    for step in location:
        if isinstance(step, int):
            position.append(step)
            value = value[step]
        elif is_mapping(value):  # its keys are the user's, not members
            value = value[step]
        else:
            fields = [field.name for field in attrs.fields(cast(type[attrs.AttrsInstance], type(value)))]
            attribute = next((each for each in fields if attributes.member_name(each) == step), "")
            position.append(fields.index(attribute) if attribute else 0)
            value = getattr(value, attribute, value)  # a context has fewer attributes than its request
    return tuple(position), Issue(location, rule, severity, message, found[0] if found else value)


def judge(document: object, cls: type, *, owner: str | None = None) -> tuple[Issue, ...]:
    """
    Return every problem of *document*, a *cls* in the API's names, in document order.

    Args:
        document: Plain data: dicts, lists, strings, integers and booleans.
        cls: A class of `models`: a request or a stored configuration.
        owner: As for `validate`.
    """
    try:
        model: Any = from_boto3(document, cls)
    except ValidationError as error:
        return error.issues
    return validate(model, owner=owner)

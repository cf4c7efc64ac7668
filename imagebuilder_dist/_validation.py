"""
Every problem of a request at once, before it is sent: the limits of the service's model, and the service's own rules.

Errors are what the service rejects; warnings are what it stores and what then fails or surprises in the build.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias, cast

import attrs

from imagebuilder_dist._fields import (
    Items,
    describe,
    is_list,
    is_mapping,
    member_name,
    members_of,
    show,
    to_tuple,
)
from imagebuilder_dist._limits import ACCOUNT_ID, LIMITS, NO_LIMIT, TAGS, Limit
from imagebuilder_dist._paths import Location, join, path_of
from imagebuilder_dist._rules import RULES, Context
from imagebuilder_dist.errors import Issue, Severity
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    Distribution,
    UpdateDistributionConfigurationRequest,
)

# A limit that is broken: where, which one, what is wrong, and the value there.
Broken: TypeAlias = tuple[Location, str, str, object]


def _check_model(model: object, cls: type, at: Location) -> Iterator[Broken]:
    """Give the limits of *cls* that *model* breaks, in document order."""
    limits = LIMITS[cls]
    for member in members_of(cls):
        value = getattr(model, member.attribute)
        if value is None or (member.is_optional and member.container is not None and not value):
            continue  # it is left out of the request
        limit, below = limits.get(member.attribute, NO_LIMIT), (*at, member.attribute)
        if member.container is Mapping:
            yield from _check_mapping(value, limit, below)
        elif member.container is None and member.model is not None:
            yield from _check_model(value, member.model, below)
        else:
            yield from _check_plain(value, limit, below, member.allowed)
            if member.container is not None and not (limit.items == ACCOUNT_ID and _all_are_account_ids(value)):
                for index, item in enumerate(value):
                    if member.model is None:
                        yield from _check_plain(item, limit.items or NO_LIMIT, (*below, index))
                    else:
                        yield from _check_model(item, member.model, (*below, index))


def _check_mapping(items: Mapping[str, str], limit: Limit, at: Location) -> Iterator[Broken]:
    yield from _check_plain(items, limit, at)
    for key, value in items.items():
        yield from _check_plain(key, limit.keys or NO_LIMIT, (*at, key))
        yield from _check_plain(value, limit.items or NO_LIMIT, (*at, key))


# There may be 1536 of them in each Region.
_JOINED_ACCOUNT_IDS = re.compile(r"(?:[0-9]{12},)*+")


def _all_are_account_ids(items: tuple[str, ...]) -> bool:
    joined = ",".join((*items, ""))
    # The length shows an item that holds a comma, and looks like two.
    return len(joined) == 13 * len(items) and _JOINED_ACCOUNT_IDS.fullmatch(joined) is not None


def _check_plain(value: Any, limit: Limit, at: Location, allowed: tuple[str, ...] = ()) -> Iterator[Broken]:
    # What isn't text, or is too short, breaks the pattern as well.
    if not_text := _not_text(value):
        yield at, "encoding", not_text, value
        return
    size: int = value if isinstance(value, int) else len(value)
    if limit.min is not None and size < limit.min:
        yield at, "min", f"must {_measured('at least', limit.min, value)}", value
        return
    if limit.max is not None and size > limit.max:
        yield at, "max", f"must {_measured('at most', limit.max, value)}", value
    if limit.pattern is not None and not _matcher(limit.pattern)(str(value)):
        yield at, "pattern", f"must be {limit.says}, not {describe(value)}", value
    if allowed and value not in allowed:
        names = ", ".join(map(repr, allowed))
        yield at, "enum", f"must be one of {names}, not {describe(value)}", value


# Python's strings may hold half of a pair of UTF-16, for example from JSON; UTF-8, which is sent, can't.
_SURROGATE = re.compile("[\ud800-\udfff]")


def _not_text(value: object) -> str:
    """Say why a string isn't text; nothing if it is."""
    surrogate = _SURROGATE.search(value) if isinstance(value, str) and not value.isascii() else None
    if surrogate is None:
        return ""
    return f"must be text, and {show(surrogate[0])} at position {surrogate.start()} is half of a character"


def _measured(bound: str, limit: int, value: Any) -> str:
    if isinstance(value, int):
        return f"be {bound} {limit}, not {show(value)}"
    unit = "character" if isinstance(value, str) else "item"
    return f"have {bound} {limit} {unit}{'' if limit == 1 else 's'}, not {len(value)}"


@cache
def _matcher(pattern: str) -> Callable[[str], object]:
    # Python's own $ would let a trailing newline pass, and the service's \s is ASCII.
    anchored = pattern.endswith("$")
    compiled = re.compile(pattern.removesuffix("$") if anchored else pattern, re.ASCII)
    return compiled.fullmatch if anchored else compiled.match


def validate(
    request: UpdateDistributionConfigurationRequest
    | CreateDistributionConfigurationRequest
    | Distribution
    | Items[Distribution],
) -> tuple[Issue, ...]:
    """
    Return everything that is wrong with *request*, in document order; nothing if all is well.

    Whether accounts, templates, keys or repositories exist isn't checked; the service doesn't check it either.

    Args:
        request: A request, one `Distribution`, or several.
            Rules that depend on the owner's account read it off the ARN of an update.
            A create and distributions alone don't tell it: then `ssm-account` is silent,
            `fast-launch-cross-account` too unless there are several target accounts,
            and `kms-default-shared` says that a single account may be the owner's.

    Raises:
        TypeError:
            If *request* is none of these.
    """
    root: object = request
    above = 0
    if isinstance(request, UpdateDistributionConfigurationRequest | CreateDistributionConfigurationRequest):
        context = Context(request.distributions, _owner(request))
        cls = next(base for base in type(request).__mro__ if base in LIMITS)  # theirs may be a subclass
        broken = _check_model(request, cls, ())
    else:
        if isinstance(request, Distribution):
            context, above = Context((request,)), len(("distributions", 0))
        else:
            root = context = Context(_several(request))
        each = (_check_model(one, Distribution, ("distributions", n)) for n, one in enumerate(context.distributions))
        broken = chain.from_iterable(each)
    placed = [_issue(root, at[above:], limit, "error", message, value) for at, limit, message, value in broken]
    for rule in RULES:
        placed += [_issue(root, at[above:], rule.id, rule.severity, message) for at, message in rule.find(context)]
    return tuple(issue for _, issue in sorted(placed, key=itemgetter(0)))


def validate_tags(tags: Mapping[str, str]) -> tuple[Issue, ...]:
    """
    Return what is wrong with the *tags* of a configuration.
    """
    return tuple(
        Issue(path_of(location), limit, "error", message, value, location)
        for location, limit, message, value in _check_mapping(tags, TAGS, ("tags",))
    )


def validate_encoding(value: object, location: Location = ()) -> tuple[Issue, ...]:
    """
    Return which strings anywhere in *value*, for example a call's parameters, can't be sent because they aren't text.

    `validate` and `validate_tags` say it of what they are given.
    """
    if isinstance(value, str):
        message = _not_text(value)
        return (Issue(path_of(location), "encoding", "error", message, value, location),) if message else ()
    steps = value.items() if is_mapping(value) else enumerate(value) if is_list(value) else ()
    return tuple(issue for step, item in steps for issue in validate_encoding(item, (*location, step)))


def _several(distributions: object) -> tuple[Distribution, ...]:
    items = to_tuple(cast(Items[object], distributions))
    for each in items if type(items) is tuple else (items,):
        if not isinstance(each, Distribution):
            raise TypeError(f"validate takes a request, a Distribution or several of them, not {describe(each)}")
    return cast(tuple[Distribution, ...], items)


_ACCOUNT_OF_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):")


def _owner(request: UpdateDistributionConfigurationRequest | CreateDistributionConfigurationRequest) -> str | None:
    if isinstance(request, UpdateDistributionConfigurationRequest):
        account = _ACCOUNT_OF_ARN.match(request.distribution_configuration_arn)
        return account[1] if account else None
    return None


Position: TypeAlias = tuple[int, ...]
"""Where a location stands in the order of the document."""


def _issue(
    root: object, location: Location, rule: str, severity: Severity, message: str, *found: object
) -> tuple[Position, Issue]:
    """Return an issue, and its position to sort by; what is *found* is the value at *location* if omitted."""
    position: list[int] = []
    path = ""
    value: Any = root
    for step in location:
        if isinstance(step, int):
            position.append(step)
            path += f"[{step}]"
            value = value[step]
        elif is_mapping(value):  # its keys are the user's
            path = join(path, step)
            value = value[step]
        else:
            cls = cast(type[attrs.AttrsInstance], type(value))
            position.append([field.name for field in attrs.fields(cls)].index(step))
            path = join(path, member_name(step))
            value = getattr(value, step)
    return tuple(position), Issue(path, rule, severity, message, found[0] if found else value, location)

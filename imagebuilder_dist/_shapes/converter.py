"""
Convert models to boto3's keyword arguments, and documents and responses to models.

There is one set of cattrs hooks, each built when it is first needed; `configure_converter` registers them with your
own converter.
Documents (the classes of `models`) are read strictly: a wrong type, a missing member, an unknown key or a `null`
is a problem.
Responses (the classes of `results`) are read leniently at every level: new members and enum values of the service
pass.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

import attrs
from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError, IterableValidationNote
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from imagebuilder_dist import models
from imagebuilder_dist._common import attributes
from imagebuilder_dist._common.attributes import Member, is_list, is_mapping
from imagebuilder_dist._common.text import Location, describe, did_you_mean, path_of, with_article
from imagebuilder_dist._shapes.limits import LIMITS, NO_LIMIT
from imagebuilder_dist.errors import Issue, ValidationError

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]


RESULTS: tuple[type[attrs.AttrsInstance], ...] = (
    models.DistributionConfiguration,
    models.UpdateDistributionConfigurationResult,
    models.CreateDistributionConfigurationResult,
    models.CreateDistributionConfigurationDryRunResult,
    models.DeleteDistributionConfigurationResult,
    models.DistributionConfigurationSummary,
    models.ListTagsForResourceResult,
    models.TagResourceResult,
    models.UntagResourceResult,
)
MODELS: tuple[type[attrs.AttrsInstance], ...] = tuple(
    each
    for each in vars(models).values()
    if attrs.has(each) and each.__module__ == models.__name__ and each not in RESULTS
)
_OURS = frozenset(MODELS + RESULTS)
attributes.explain_frozen(_OURS)


class _ProblemError(TypeError):
    """A value that can't be read, with the rule and the message of its `Issue`."""

    def __init__(self, rule: str, message: str, value: object) -> None:
        super().__init__(message)
        self.rule = rule
        self.value = value


def to_boto3(model: attrs.AttrsInstance) -> dict[str, Any]:
    """
    Convert *model* to what boto3 takes: plain dicts and lists under the service's names, without any `None`.

    A request becomes the keyword arguments of the client's method:
    `client.update_distribution_configuration(**to_boto3(request))`.
    A stored configuration becomes what a get returns; to update one, convert `stored.to_request()`.

    Raises:
        TypeError:
            If *model* isn't an instance of one of this library's classes.
    """
    cls = next((base for base in type(model).__mro__ if base in _OURS), None)
    if cls is None:
        raise TypeError(f"to_boto3 takes a model of imagebuilder_dist, not {describe(model)}")
    return _unstructure_class(cls)(model)


def from_boto3(data: object, cls: type[T]) -> T:
    """
    Convert *data*, a document that boto3 or the AWS CLI takes or returns, to a *cls*.

    Classes of `imagebuilder_dist.models` are read strictly.
    Classes of `imagebuilder_dist.models` are read leniently, because the service has already accepted what it
    returns: unknown members are ignored, and an empty list is the same as an absent one.
    *data* may be a whole response, including that of a get, which has the configuration one level down.

    Args:
        data: A mapping with the service's member names as keys.
        cls: The class to convert to, for example `UpdateDistributionConfigurationRequest`.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If *data* can't be read as a *cls*; its `issues` hold every problem at once, in document order.
        TypeError:
            If *cls* isn't one of this library's classes.
    """
    if cls in MODELS:
        return _structure(data, cls, ())
    if cls not in RESULTS:
        hint = "; the arguments are swapped" if isinstance(data, type) else ""
        raise TypeError(f"from_boto3 converts to classes of imagebuilder_dist, not to {describe(cls)}{hint}")
    content, at = _unwrap(data, cls)
    read, lost = read_response(content, cls, at)
    if lost and isinstance(read, models.DistributionConfiguration):
        return cast(T, attrs.evolve(read, unmodelled=lost))
    return read


def read_response(data: object, cls: type[T], at: Location = ()) -> tuple[T, tuple[str, ...]]:
    """
    Convert *data*, which was found *at* a location, to a *cls* of `results`; return the paths of unknown members, too.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If *data* can't be read as a *cls*.
    """
    ours: type = cls
    try:
        return cast(T, _structure_class(ours, quickly=True)(data, ours)), ()
    except (AttributeError, ForbiddenExtraKeysError, KeyError, TypeError):
        lost: list[Location] = []
        return _structure(_drop_unknown(data, cls, (), lost), cls, at), tuple(map(path_of, lost))


def unknown_members(data: object, cls: type) -> tuple[Location, ...]:
    """
    Return the locations in *data* that *cls* has no member for.
    """
    lost: list[Location] = []
    _drop_unknown(data, cls, (), lost)
    return tuple(lost)


def _structure(data: object, cls: type[T], at: Location) -> T:
    ours: type = cls
    try:
        return cast(T, _structure_class(ours)(data, ours))
    except (ClassValidationError, _ProblemError) as error:
        # `from None`: the issues say all that cattrs' error does, and its text shows keys unescaped.
        raise ValidationError(_issues(error, at, data, iter(range(_MAX_HINTS)))) from None


def _unwrap(data: object, cls: type) -> tuple[object, Location]:
    """Return a response's content, with the request id that boto3 leaves in the metadata, and its location."""
    if not is_mapping(data):
        return data, ()
    at: Location = ()
    content, metadata = data, data.get("ResponseMetadata")
    if cls is models.DistributionConfiguration and is_mapping(data.get("distributionConfiguration")):
        at = ("distributionConfiguration",)
        content = data["distributionConfiguration"]
    members = _members(cls)
    request_id = data.get("requestId") or (metadata.get("RequestId") if is_mapping(metadata) else None)
    if content and not content.keys() & members.keys() and not (request_id and "requestId" in members and not at):
        message = f"is not {with_article(cls)}: it has none of {', '.join(members)}"
        raise ValidationError([Issue(at, "unknown-member", "error", message, content)])
    known = {key: value for key, value in content.items() if key != "ResponseMetadata"}
    return {**known, "requestId": request_id} if "requestId" in members else known, at


def _drop_unknown(data: object, cls: type, location: Location, lost: list[Location]) -> object:
    """Return *data* without nulls and what *cls* has no member for; add the latter's locations to *lost*."""
    if not is_mapping(data):
        return data
    members = _members(cls)
    known: dict[object, object] = {}
    for key, value in data.items():
        at = (*location, key)
        if value is None:
            continue
        if key not in members:
            lost.append(at)
            continue
        container, below = members[key].container, members[key].model
        if value == ([] if container is tuple else {}) and container is not None:
            continue
        if below is None:
            known[key] = value
        elif is_list(value):
            known[key] = [_drop_unknown(each, below, (*at, index), lost) for index, each in enumerate(value)]
        else:
            known[key] = _drop_unknown(value, below, at, lost)
    return known


def _members(cls: type) -> Mapping[str, Member]:
    return {member.name: member for member in attributes.members_of(cls)}


def configure_converter(converter: Converter) -> Converter:
    """
    Register this library's classes with a cattrs *converter*, and return it.

    The converter treats other types as before.
    It reports what it can't read as cattrs does, with a `cattrs.ClassValidationError`.
    """
    for cls in MODELS + RESULTS:
        converter.register_unstructure_hook(cls, _unstructure_class(cls))
        converter.register_structure_hook(cls, _structure_class(cls) if cls in MODELS else _structure_known(cls))
    return converter


def _structure_known(cls: type) -> Hook:
    return lambda data, _: _structure_class(cls)(_drop_unknown(data, cls, (), []), cls)


# A class's hooks are built once, including those of its members, so that no value is dispatched on its type.


def _overrides(cls: type, override_of: Callable[[Member], Any]) -> dict[str, Any]:
    """Return cattrs' override for each attribute; attributes that aren't members are neither sent nor read."""
    omitted = dict.fromkeys((field.name for field in attrs.fields(cls)), override(omit=True))
    return {**omitted, **{member.attribute: override_of(member) for member in attributes.members_of(cls)}}


@functools.cache
def _converter() -> Converter:
    """Return the converter that cattrs' functions require, though the hooks below never use it."""
    return Converter()


@functools.cache
def _unstructure_class(cls: type) -> Callable[[Any], dict[str, Any]]:
    overrides = _overrides(
        cls,
        lambda member: override(
            rename=member.name, omit_if_default=member.is_optional, unstruct_hook=_unstructure_hook(member)
        ),
    )
    return make_dict_unstructure_fn(cls, _converter(), **overrides)


def _unstructure_hook(member: Member) -> Callable[[Any], Any]:
    if member.model is None:
        return identity if member.container is None else list if member.container is tuple else dict
    unstructure = _unstructure_class(member.model)
    return unstructure if member.container is None else lambda items: [unstructure(each) for each in items]


# cattrs' annotation is for classes that the type checker knows.
_make_structure = cast(Callable[..., Hook], make_dict_structure_fn)


@functools.cache
def _structure_class(cls: type, *, quickly: bool = False) -> Hook:
    """
    Build the hook that reads a class.

    *quickly* leaves all checks to constructors, rejects what they don't see, and reports no locations.
    """
    overrides = _overrides(
        cls,
        lambda member: override(
            rename=member.name, struct_hook=_quick_hook(member) if quickly else _structure_member(cls, member)
        ),
    )
    structure_members = _make_structure(
        cls, _converter(), _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=not quickly, **overrides
    )

    def structure(value: object, _: object) -> object:
        if not is_mapping(value):
            message = f"must be a dict that describes {with_article(cls)}, not {describe(value)}"
            raise _ProblemError("type", message, value)
        return structure_members(value, cls)

    return structure


def _quick_hook(member: Member) -> Hook:
    if member.model is None:
        return lambda value, _: value
    structure = _structure_class(member.model, quickly=True)
    if member.container is None:
        return structure

    def structure_list(items: object, _: object) -> list[object]:
        if not is_list(items):
            raise TypeError(attributes.not_a_list(items, member.cls))
        return [structure(each, None) for each in items]

    return structure_list


def _structure_member(cls: type, member: Member) -> Hook:
    structure_item = _structure_plain(member.cls) if member.model is None else _structure_class(member.model)
    # A list that may be empty has no minimum in the service's model.
    limit = LIMITS.get(cls, {}).get(member.attribute, NO_LIMIT)
    may_be_empty = not member.is_optional or limit.min is None

    def structure(value: object, _: object) -> object:
        if value is None and member.is_optional:
            raise _ProblemError("type", "must not be None; leave it out instead", value)
        if member.container is None:
            return structure_item(value, None)
        if member.container is tuple and not is_list(value):
            raise _ProblemError("type", attributes.not_a_list(value, member.cls), value)
        if member.container is Mapping and not is_mapping(value):
            raise _ProblemError("type", f"must be a dict of str to str, not {describe(value)}", value)
        if not value and not may_be_empty:
            least = "1 item" if is_list(value) else "1 entry"
            raise _ProblemError("empty-list", f"must have at least {least}; leave it out instead", value)
        if is_mapping(value):
            entries = ((key, item if isinstance(key, str) else key) for key, item in value.items())
            return dict(zip(value, _structure_each(entries, structure_item), strict=True))
        return _structure_each(enumerate(cast(list[object], value)), structure_item)

    return structure


def _structure_plain(cls: type) -> Hook:
    def structure(value: object, _: object) -> object:
        if not attributes.is_a(value, cls):
            raise _ProblemError("type", f"must be {with_article(cls)}, not {describe(value)}", value)
        return value

    return structure


def _structure_each(items: Iterable[tuple[Any, object]], hook: Hook) -> list[object]:
    structured: list[object] = []
    errors: list[Exception] = []
    for index, item in items:
        try:
            structured.append(hook(item, None))
        except (ClassValidationError, IterableValidationError, _ProblemError) as error:
            error.__notes__ = [IterableValidationNote(f"Structuring item @ {index}", index, object)]
            errors.append(error)
    if errors:
        message = "While structuring items"
        raise IterableValidationError(message, errors, object)  # pyright: ignore[reportCallIssue] - overlooks cattrs' __new__
    return structured


# Finding a similar member takes half a millisecond, and a document may have any number of unknown keys.
_MAX_HINTS = 20


def _issues(error: BaseException, location: Location, data: Any, hints: Iterator[object]) -> list[Issue]:
    """
    Convert the errors that cattrs collected to issues in document order; missing members come last.

    Each unknown key uses up one of the *hints*; when none are left, keys get no hint.
    """
    if isinstance(error, IterableValidationError):
        pairs, _ = error.group_exceptions()
        return [
            issue
            for nested, note in pairs
            for issue in _issues(nested, (*location, note.index), data[note.index], hints)
        ]
    if isinstance(error, ClassValidationError):
        named, others = error.group_exceptions()
        by_key: dict[Any, list[Issue]] = {key: [] for key in data}
        for nested, note in named:
            key = attributes.member_name(note.name)
            by_key[key] = _issues(nested, (*location, key), data.get(key), hints)
        for other in others:
            # Constructors accept whatever the hooks let through, so this is the only error that isn't about a member.
            extra = cast(ForbiddenExtraKeysError, other)
            for key in [key for key in by_key if key in extra.extra_fields]:
                hint = "" if next(hints, None) is None else _hint(key, extra.cl)
                problem = _ProblemError("unknown-member", f"is not a member of {extra.cl.__name__}{hint}", data[key])
                by_key[key] = _issues(problem, (*location, key), data[key], hints)
        return [issue for issues in by_key.values() for issue in issues]
    if not isinstance(error, _ProblemError):
        error = _ProblemError("required", "is required but missing", None)
    return [Issue(location, error.rule, "error", str(error), error.value)]


def _hint(key: object, cls: type) -> str:
    """Return which member was probably meant, or which classes have the key."""
    suggestion = did_you_mean(key, _members(cls))
    if suggestion:
        return suggestion
    owners = [other.__name__ for other in MODELS if key in _members(other)]
    return f"; it belongs to {' or '.join(owners)}" if owners else f"; it has {', '.join(_members(cls))}"

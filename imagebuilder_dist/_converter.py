"""
From models to boto3's keyword arguments, and from documents and answers to models.

One set of cattrs hooks, each put together when it is first needed; `configure_converter` puts them on a converter of
yours.
Documents (the classes of `models`) are read strictly: a wrong type, a missing member, an unknown key or a `null`
is a problem. Answers (the classes of `results`) are read leniently, all the way down: members and enum
values that the service has added since pass.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from imagebuilder_dist import models, results
from imagebuilder_dist._fields import (
    describe,
    is_a,
    is_list,
    is_mapping,
    is_member,
    member_name,
    no_list,
    plain_type,
    split_optional,
    with_article,
)
from imagebuilder_dist._paths import join
from imagebuilder_dist.errors import Issue, ValidationError

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

MODELS: tuple[type, ...] = (
    models.AmiDistributionConfiguration,
    models.ContainerDistributionConfiguration,
    models.CreateDistributionConfigurationRequest,
    models.Distribution,
    models.FastLaunchConfiguration,
    models.FastLaunchLaunchTemplateSpecification,
    models.FastLaunchSnapshotConfiguration,
    models.LaunchPermissionConfiguration,
    models.LaunchTemplateConfiguration,
    models.S3ExportConfiguration,
    models.SsmParameterConfiguration,
    models.TargetContainerRepository,
    models.UpdateDistributionConfigurationRequest,
)
RESULTS: tuple[type, ...] = (
    results.CreateDistributionConfigurationDryRunResult,
    results.CreateDistributionConfigurationResult,
    results.DeleteDistributionConfigurationResult,
    results.DistributionConfiguration,
    results.DistributionConfigurationSummary,
    results.ListTagsForResourceResult,
    results.TagResourceResult,
    results.UntagResourceResult,
    results.UpdateDistributionConfigurationResult,
)

_OURS = frozenset(MODELS + RESULTS)

# Optional lists that the service takes empty; it rejects the others, so a document with one is wrong.
MAY_BE_EMPTY = frozenset({"container_tags", "ssm_parameter_configurations", "user_groups"})


class _ProblemError(TypeError):
    """A value that can't be read, in the words of an `Issue`."""

    def __init__(self, rule: str, message: str, value: object) -> None:
        super().__init__(message)
        self.rule = rule
        self.value = value


def to_boto3(model: attrs.AttrsInstance) -> dict[str, Any]:
    """
    Return *model* as boto3 takes it: plain dicts and lists under the service's names, nothing that is `None`.

    A request becomes the keyword arguments of the client's method:
    `client.update_distribution_configuration(**to_boto3(request))`.

    Raises:
        TypeError:
            If *model* isn't one of this library's classes.
    """
    cls = next((base for base in type(model).__mro__ if base in _OURS), None)
    if cls is None:
        raise TypeError(f"to_boto3 takes a model of imagebuilder_dist, not {describe(model)}")
    return _unstructure_class(cls)(model)


def from_boto3(data: object, cls: type[T]) -> T:
    """
    Return *data*, a document as boto3 or the AWS CLI takes or gives it, as a *cls*.

    Classes of `imagebuilder_dist.models` are read strictly.
    Classes of `imagebuilder_dist.results` are read leniently, because what the service returned is a fact:
    unknown members are passed over, and an empty list is the same as none.

    Args:
        data: A mapping with the service's member names as keys.
        cls: The class to make, for example `UpdateDistributionConfigurationRequest`.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If *data* can't be read as a *cls*; its `issues` hold every problem at once, in document order.
        TypeError:
            If *cls* isn't one of this library's classes.
    """
    ours: type = cls
    if ours not in _OURS:
        raise TypeError(f"from_boto3 makes classes of imagebuilder_dist, not {cls!r}")
    try:
        return cast(T, _structure_class(ours, strict=ours in MODELS)(data, ours))
    except (ClassValidationError, _ProblemError) as error:
        # The issues say everything that cattrs' error does, whose text shows keys unescaped.
        raise ValidationError(_issues(error, "", data, iter(range(_MAX_HINTS)))) from None


def from_modelled(data: object, cls: type[T]) -> T | None:
    """
    Return *data* as a *cls* of `results` in one quick go, or `None` if anything in it is unknown or wrong.

    `from_boto3` and `unmodelled_members` tell what it is, and take several times as long.
    """
    ours: type = cls
    try:
        return cast(T, _structure_quickly(ours)(data, ours))
    except (AttributeError, ForbiddenExtraKeysError, KeyError, TypeError):
        return None


def configure_converter(converter: Converter) -> Converter:
    """
    Teach a cattrs *converter* this library's classes, and return it.

    Only these classes are touched; how the converter treats your own types stays as it is.
    What it can't read it reports as cattrs does, with a `cattrs.ClassValidationError`.
    """
    for cls in MODELS + RESULTS:
        converter.register_unstructure_hook(cls, _unstructure_class(cls))
        converter.register_structure_hook(cls, _structure_class(cls, strict=cls in MODELS))
    return converter


def unmodelled_members(raw: object, parsed: object, cls: type, path: str = "") -> Iterator[str]:
    """
    Give the paths of what stands in a *raw* response and is lost on the way to a *cls*.

    Args:
        raw: The response's JSON.
        parsed: What botocore made of it.
        cls: The class that it becomes.
        path: Where in the response it stands.
    """
    if not (is_mapping(raw) and is_mapping(parsed)):
        return  # what is wrong with it is for `from_boto3` to say
    members = _structures(cls)
    for key, value in raw.items():
        if value is None:
            continue
        at = join(path, key)
        if key not in members or key not in parsed:
            yield at
            continue
        kept, below = parsed[key], members[key]
        if below is None:
            continue
        if is_list(value) and is_list(kept):
            for index, (raw_item, parsed_item) in enumerate(zip(value, kept, strict=False)):
                yield from unmodelled_members(raw_item, parsed_item, below, join(at, index))
        else:
            yield from unmodelled_members(value, kept, below, at)


@functools.cache
def _structures(cls: type) -> Mapping[str, type | None]:
    """Give a class's members, each with the class of what is below it, if that has members of its own."""
    below = {
        member_name(name): get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
        for name, annotation, _ in _attributes(cls)
    }
    return {name: annotation if attrs.has(annotation) else None for name, annotation in below.items()}


# The hooks of a class are put together once, members and all, so that no value is dispatched on its type.


def _attributes(cls: type) -> Iterator[tuple[str, Any, bool]]:
    """Give every attribute's name, its type without `None`, and whether it is optional."""
    hints = get_type_hints(cls)
    for field in filter(is_member, attrs.fields(cls)):
        yield field.name, split_optional(hints[field.name])[0], field.default is not attrs.NOTHING


def _omitted(cls: type) -> dict[str, Any]:
    return {field.name: override(omit=True) for field in attrs.fields(cls) if not is_member(field)}


@functools.cache
def _converter() -> Converter:
    """Give what cattrs' functions want to have; the hooks below ask it for nothing."""
    return Converter()


@functools.cache
def _unstructure_class(cls: type) -> Callable[[Any], dict[str, Any]]:
    overrides: dict[str, Any] = {
        name: override(
            rename=member_name(name),
            omit_if_default=is_optional,
            unstruct_hook=_unstructure_hook(annotation),
        )
        for name, annotation, is_optional in _attributes(cls)
    }
    return make_dict_unstructure_fn(cls, _converter(), **overrides, **_omitted(cls))


def _unstructure_hook(annotation: Any) -> Callable[[Any], Any]:
    origin = get_origin(annotation)
    if origin is tuple:
        item = get_args(annotation)[0]
        if not attrs.has(item):
            return list
        unstructure_item = _unstructure_class(item)
        return lambda items: [unstructure_item(each) for each in items]
    if origin is Mapping:
        return dict
    return _unstructure_class(annotation) if attrs.has(annotation) else identity


# For classes that aren't known to the type checkers.
_make_structure = cast(Callable[..., Hook], make_dict_structure_fn)


@functools.cache
def _structure_quickly(cls: type) -> Hook:
    """Put together what leaves all judging to constructors, and rejects what they don't see."""
    overrides = {
        name: override(rename=member_name(name), struct_hook=_quick_hook(annotation))
        for name, annotation, _ in _attributes(cls)
    }
    return _make_structure(
        cls,
        _converter(),
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=False,
        **overrides,
        **_omitted(cls),
    )


def _quick_hook(annotation: Any) -> Hook:
    if get_origin(annotation) is tuple and attrs.has(get_args(annotation)[0]):
        item = get_args(annotation)[0]
        structure_item = _structure_quickly(item)

        def structure(items: object, _: object) -> list[object]:
            if not is_list(items):
                raise TypeError(no_list(items, item))
            return [structure_item(each, item) for each in items]

        return structure
    if attrs.has(annotation):
        return _structure_quickly(annotation)
    return _as_it_is


def _as_it_is(value: Any, _: object) -> Any:
    return value


@functools.cache
def _structure_class(cls: type, *, strict: bool) -> Hook:
    overrides: dict[str, Any] = {}
    for name, annotation, is_optional in _attributes(cls):
        may_be_empty = not strict or not is_optional or name in MAY_BE_EMPTY
        hook = _structure_hook(annotation, strict=strict, may_be_empty=may_be_empty)
        if is_optional:
            hook = _reject_null(hook) if strict else _absent_if_null(hook, annotation)
        overrides[name] = override(rename=member_name(name), struct_hook=hook)
    structure_members = _make_structure(
        cls,
        _converter(),
        _cattrs_forbid_extra_keys=strict,
        _cattrs_detailed_validation=True,
        **overrides,
        **_omitted(cls),
    )

    def structure(value: object, _: object) -> object:
        if not is_mapping(value):
            raise _ProblemError(
                "type", f"must be a dict that describes {with_article(cls)}, not {describe(value)}", value
            )
        return structure_members(value, cls)

    return structure


def _structure_hook(annotation: Any, *, strict: bool, may_be_empty: bool) -> Hook:
    origin = get_origin(annotation)
    if origin is tuple:
        item = get_args(annotation)[0]
        structure_item = _structure_hook(item, strict=strict, may_be_empty=may_be_empty)
        return _structure_list(structure_item, plain_type(item), may_be_empty=may_be_empty)
    if origin is Mapping:
        return _structure_tags(may_be_empty=may_be_empty)
    if attrs.has(annotation):
        return _structure_class(annotation, strict=strict)
    return _structure_plain(plain_type(annotation))


def _structure_plain(cls: type) -> Hook:
    def structure(value: object, _: object) -> object:
        if not is_a(value, cls):
            raise _ProblemError("type", f"must be {with_article(cls)}, not {describe(value)}", value)
        return value

    return structure


def _structure_list(structure_item: Hook, cls: type, *, may_be_empty: bool) -> Hook:
    def structure(value: object, _: object) -> tuple[object, ...]:
        if not is_list(value):
            raise _ProblemError("type", no_list(value, cls), value)
        if not value and not may_be_empty:
            raise _ProblemError("empty-list", "must have at least 1 item; leave it out instead", value)
        return tuple(_structure_each(enumerate(value), structure_item))

    return structure


def _structure_tags(*, may_be_empty: bool) -> Hook:
    structure_str = _structure_plain(str)

    def structure_entry(entry: tuple[object, object], _: object) -> object:
        key, value = entry
        structure_str(key, None)
        return structure_str(value, None)

    def structure(value: object, _: object) -> dict[object, object]:
        if not is_mapping(value):
            raise _ProblemError("type", f"must be a dict of str to str, not {describe(value)}", value)
        if not value and not may_be_empty:
            raise _ProblemError("empty-list", "must have at least 1 entry; leave it out instead", value)
        entries = ((key, (key, item)) for key, item in value.items())
        return dict(zip(value, _structure_each(entries, structure_entry), strict=True))

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


def _reject_null(hook: Hook) -> Hook:
    def structure(value: object, _: object) -> object:
        if value is None:
            raise _ProblemError("type", "must not be None; leave it out instead", value)
        return hook(value, None)

    return structure


def _absent_if_null(hook: Hook, annotation: Any) -> Hook:
    return lambda value, _: _absent(annotation) if value is None else hook(value, None)


def _absent(annotation: Any) -> object:
    absent: dict[Any, object] = {tuple: (), Mapping: {}}
    return absent.get(get_origin(annotation))


# Looking for what a key may have meant takes half a millisecond, and a document may have any number of wrong ones.
_MAX_HINTS = 20


def _issues(error: BaseException, path: str, data: Any, hints: Iterator[object]) -> list[Issue]:
    """
    Return what cattrs collected as issues, in the order of the document; what is missing comes last.

    As many unknown keys get a hint as there are *hints* left.
    """
    if isinstance(error, IterableValidationError):
        pairs, _ = error.group_exceptions()
        return [
            issue
            for nested, note in pairs
            for issue in _issues(nested, join(path, note.index), data[note.index], hints)
        ]
    if isinstance(error, ClassValidationError):
        named, others = error.group_exceptions()
        by_key: dict[Any, list[Issue]] = {key: [] for key in data}
        for nested, note in named:
            key = member_name(note.name)
            by_key[key] = _issues(nested, join(path, key), data.get(key), hints)
        for other in others:
            # Constructors take whatever the hooks let through, so this is the one error that isn't about a member.
            extra = cast(ForbiddenExtraKeysError, other)
            for key in [key for key in by_key if key in extra.extra_fields]:
                hint = "" if next(hints, None) is None else _hint(key, extra.cl)
                message = f"is not a member of {extra.cl.__name__}{hint}"
                by_key[key] = [Issue(join(path, key), "unknown-member", "error", message, data[key])]
        return [issue for issues in by_key.values() for issue in issues]
    if isinstance(error, _ProblemError):
        return [Issue(path, error.rule, "error", str(error), error.value)]
    return [Issue(path, "required", "error", "is missing, and the service requires it")]


def _members(cls: type) -> list[str]:
    return [member_name(field.name) for field in filter(is_member, attrs.fields(cls))]


def _hint(key: object, cls: type) -> str:
    """Say which member was probably meant, or where the key belongs."""
    import difflib  # noqa: PLC0415 - only who has made a mistake needs it

    by_folded = {_folded(member): member for member in _members(cls)}
    close = difflib.get_close_matches(_folded(key), by_folded, n=1) if isinstance(key, str) else []
    if close:
        return f"; did you mean {by_folded[close[0]]!r}?"
    owners = [other.__name__ for other in MODELS if key in _members(other)]
    return f"; it belongs to {' or '.join(owners)}" if owners else f"; it has {', '.join(_members(cls))}"


def _folded(key: str) -> str:
    return key.replace("_", "").casefold()

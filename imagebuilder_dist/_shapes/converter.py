"""
Convert models to boto3's keyword arguments, and documents and responses to models.

There is one set of cattrs hooks, each built when it is first needed; `configure_converter` registers them with your
own converter.
Requests and what is in them are read strictly: a wrong type, a missing member, an unknown key or a `null` is a problem.
Responses are read leniently at every level: new members and enum values of the service pass.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import Member, is_list, is_mapping, members_of
from imagebuilder_dist._common.text import Location, describe, path_of, with_article
from imagebuilder_dist._shapes.walk import UNREADABLE, shape_of
from imagebuilder_dist.errors import Issue, ValidationError
from imagebuilder_dist.models import MODELS, RESULTS

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

_OURS = frozenset(MODELS + RESULTS)


def class_of(model: attrs.AttrsInstance) -> type[attrs.AttrsInstance]:
    """
    Return the library's class of *model*, which may be an instance of a subclass.

    Raises:
        TypeError:
            If it isn't an instance of one of this library's classes.
    """
    for base in type(model).__mro__:
        if base in _OURS:
            return base
    raise TypeError(f"to_boto3 takes a model of imagebuilder_dist, not {describe(model)}")


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
    return _unstructure_class(class_of(model))(model)


def from_boto3(data: object, cls: type[T]) -> T:
    """
    Convert *data*, a document that boto3 or the AWS CLI takes or returns, to a *cls*.

    Requests and what is in them are read strictly.
    Responses are read leniently, because the service has already accepted what it returns: unknown members are
    ignored, and an empty list is the same as an absent one.
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
        return read(data, cls)[0]
    if cls not in RESULTS:
        hint = "; the arguments are swapped" if isinstance(data, type) else ""
        raise TypeError(f"from_boto3 converts to classes of imagebuilder_dist, not to {describe(cls)}{hint}")
    content, at = _unwrap(data, cls)
    result, lost = read(content, cls, at)
    if lost and isinstance(result, models.DistributionConfiguration):
        return cast("T", attrs.evolve(result, unmodelled=lost))
    return result


def read(data: object, cls: type[T], at: Location = ()) -> tuple[T, tuple[str, ...]]:
    """
    Convert *data*, which was found *at* a location, to a *cls*; return the paths of unknown members of a response, too.

    Raises:
        imagebuilder_dist.errors.ValidationError:
            If *data* can't be read as a *cls*.
    """
    # Most responses are as expected. Of the others, the walk says what is wrong, or which members are new.
    strictly = read_strictly(data, cls) if cls in RESULTS else None
    if strictly is not None:
        return strictly, ()
    ours: type = cls
    found = [*shape_of(ours).walk(data, at)]
    if any(issue.rule in UNREADABLE for issue in found):
        raise ValidationError(issue for issue in found if issue.rule in UNREADABLE)
    lost = (path_of(issue.location[len(at) :]) for issue in found if issue.rule == "unmodelled")
    return structure(data, cls), tuple(lost)


def read_strictly(data: object, cls: type[T]) -> T | None:
    """
    Convert *data* to a *cls*; return `None` if a member is unknown, missing, or of a wrong type.
    """
    from cattrs.errors import ForbiddenExtraKeysError  # noqa: PLC0415 - see below

    ours: type = cls
    try:
        return cast("T", _structure_class(ours, is_strict=True)(data, ours))
    except (AttributeError, ForbiddenExtraKeysError, KeyError, TypeError):  # from hooks and constructors
        return None


def structure(data: object, cls: type[T]) -> T:
    """
    Convert *data*, in which the walk has found nothing that keeps it from being read, to a *cls*.
    """
    ours: type = cls
    return cast("T", _structure_class(ours, is_strict=False)(data, ours))


def _unwrap(data: object, cls: type) -> tuple[object, Location]:
    """Return a response's content, with the request id that boto3 leaves in the metadata, and its location."""
    if not is_mapping(data):
        return data, ()
    at: Location = ()
    content, metadata = data, data.get("ResponseMetadata")
    if cls is models.DistributionConfiguration and is_mapping(data.get("distributionConfiguration")):
        at = ("distributionConfiguration",)
        content = data["distributionConfiguration"]
    members = shape_of(cls).members
    request_id = data.get("requestId") or (metadata.get("RequestId") if is_mapping(metadata) else None)
    if content and not content.keys() & members.keys() and not (request_id and "requestId" in members and not at):
        message = f"is not {with_article(cls)}: it has none of {', '.join(members)}"
        raise ValidationError([Issue(at, "unknown-member", "error", message, content)])
    known = {key: value for key, value in content.items() if key != "ResponseMetadata"}
    return {**known, "requestId": request_id} if "requestId" in members else known, at


def configure_converter(converter: "Converter") -> "Converter":
    """
    Register this library's classes with a cattrs *converter*, and return it.

    The converter treats other types as before.
    What can't be read as one of ours raises the `ValidationError` of `from_boto3`; inside a class of your own, it is
    one of the exceptions in cattrs' `ClassValidationError`.
    """
    for cls in MODELS + RESULTS:
        converter.register_unstructure_hook(cls, _unstructure_class(cls))
        converter.register_structure_hook(cls, lambda data, ours: read(data, ours)[0])
    return converter


# A class's hooks are built once, including those of its members, so that no value is dispatched on its type.
# cattrs is imported when the first is built, because it takes as long to import as this whole package.


@cache
def _converter() -> "Converter":
    """Return the converter that cattrs' functions require, though the hooks never use it."""
    from cattrs import Converter  # noqa: PLC0415

    return Converter()


@cache
def _unstructure_class(cls: type) -> Callable[[Any], dict[str, Any]]:
    from cattrs.fns import identity  # noqa: PLC0415
    from cattrs.gen import make_dict_unstructure_fn, override  # noqa: PLC0415

    def hook(member: Member) -> Callable[[Any], Any]:
        if member.model is None:
            return identity if member.container is None else list if member.container is tuple else dict
        unstructure = _unstructure_class(member.model)
        return unstructure if member.container is None else lambda items: [unstructure(each) for each in items]

    overrides: dict[str, Any] = {field.name: override(omit=True) for field in attrs.fields(cls)}
    for member in members_of(cls):
        overrides[member.attribute] = override(
            rename=member.name, omit_if_default=member.is_optional, unstruct_hook=hook(member)
        )
    return make_dict_unstructure_fn(cls, _converter(), **overrides)


@cache
def _structure_class(cls: type, *, is_strict: bool) -> Hook:
    """
    Build the hook that reads a class and leaves all checks to constructors.

    If it *is_strict*, it rejects unknown members; otherwise it ignores them.
    """
    from cattrs.gen import make_dict_structure_fn, override  # noqa: PLC0415

    overrides: dict[str, Any] = {field.name: override(omit=True) for field in attrs.fields(cls)}
    for member in members_of(cls):
        overrides[member.attribute] = override(
            rename=member.name, struct_hook=_structure_hook(member, is_strict=is_strict)
        )
    make: Any = make_dict_structure_fn  # its types are partly unknown
    hook: Hook = make(
        cls, _converter(), _cattrs_forbid_extra_keys=is_strict, _cattrs_detailed_validation=False, **overrides
    )
    return hook


def _structure_hook(member: Member, *, is_strict: bool) -> Hook:
    if member.model is None:
        return _Unchanged()
    structure = _structure_class(member.model, is_strict=is_strict)
    if member.container is not None:
        return lambda items, _: [structure(each, None) for each in items] if is_list(items) else items
    return structure if is_strict else lambda value, _: value if value is None else structure(value, None)


class _Unchanged:
    """A hook that passes a value on. It is false, so that cattrs does without calling it."""

    def __bool__(self) -> bool:
        return False

    def __call__(self, value: object, _: object = None) -> object:
        return value

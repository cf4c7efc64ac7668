"""
What the attributes of the library's classes share: converters that copy containers, and type checks.
"""

import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeGuard, TypeVar, cast, get_args, get_origin

import attrs

from imagebuilder_dist._common.text import describe, show, with_article

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


if TYPE_CHECKING:

    class Items(Protocol[T_co]):
        """
        What an argument that is a list accepts: a list, tuple, set or view.

        An iterator has no `__contains__`, and that of a lone string takes only strings.
        """

        def __contains__(self, value: object, /) -> bool:
            """Tell whether *value* is among the items."""
            ...

        def __iter__(self) -> Iterator[T_co]:
            """Iterate over the items."""
            ...

else:
    Items = Collection  # the familiar name, for help() and typing.get_type_hints()


class FrozenMapping(dict[str, str]):
    """
    A read-only mapping that hashes, pickles and copies.

    It subclasses dict instead of wrapping one, which is smaller and faster.
    """

    __slots__ = ()

    def _reject(self, *_: object, **__: object) -> Any:
        raise TypeError("a model's tags are read-only; dict(tags) makes a copy that you can change")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _reject  # pyright: ignore[reportAssignmentType]

    def __hash__(self) -> int:  # type: ignore[override] # a dict isn't hashable # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type["FrozenMapping"], tuple[dict[str, str]]]:
        return FrozenMapping, (dict(self),)


EMPTY = FrozenMapping()


# A pair is faster to check than a union.
_LISTS = (list, tuple)


def to_tuple(items: Items[T]) -> tuple[T, ...]:
    """
    Return *items* as a tuple; leave anything but a collection of items for the type check to reject.

    An iterator is rejected, too: a step or a request may be used twice, and the second time it would be empty.
    """
    if isinstance(items, _LISTS):
        return tuple(items)
    value = cast(object, items)  # it may be anything
    is_several = isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray | Mapping | Iterator)
    return tuple(items) if is_several else cast("tuple[T, ...]", items)


def to_optional_tuple(items: Items[T] | None) -> tuple[T, ...]:
    """
    Return *items* as a tuple, empty for `None`: to the service, empty and absent are the same.
    """
    if isinstance(items, _LISTS):
        return tuple(items)
    return () if items is None else to_tuple(items)


def to_optional_mapping(items: Mapping[str, str] | None) -> Mapping[str, str]:
    """
    Return a read-only copy of *items*, empty for `None`; leave anything but a mapping for the type check to reject.
    """
    if items is None:
        return EMPTY
    return FrozenMapping(items) if is_mapping(items) else items


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """
    Tell whether *value* is a mapping.
    """
    return type(value) is dict or isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """
    Tell whether *value* counts as a list in a document.
    """
    return isinstance(value, _LISTS)


def member_name(attribute: str) -> str:
    """
    Return the service's name of an *attribute*: `kmsKeyId` for `kms_key_id`.
    """
    first, *rest = attribute.split("_")
    return first + "".join(map(str.capitalize, rest))


def members(instance: object, *attributes: str) -> dict[str, Any]:
    """
    Return the values of *attributes* by the service's names.
    """
    return {member_name(name): getattr(instance, name) for name in attributes}


def is_a(value: object, cls: type) -> bool:
    """
    Tell whether *value* is a *cls*; a bool doesn't count as an integer.
    """
    return isinstance(value, cls) and not (cls is int and isinstance(value, bool))


NOT_A_MEMBER = {"member": False}
"""The metadata of attributes that only this library has: they are neither sent nor read."""


@attrs.frozen
class Member:
    """
    An attribute of one of the library's classes, as its annotation describes it.
    """

    attribute: str
    name: str
    """The service's name for it."""

    container: type | None
    """`tuple` or `Mapping` if it is a collection."""

    cls: type
    """The class of the value, or of each item of a collection; `str` for a `Literal`, which may gain values."""

    allowed: tuple[str, ...]
    """The values of a `Literal`."""

    is_optional: bool

    model: type | None
    """The same class if it has members of its own."""


def _member(field: "attrs.Attribute[Any]") -> Member:
    arguments = get_args(field.type)
    annotation: Any = arguments[0] if types.NoneType in arguments else field.type
    origin = get_origin(annotation)
    cls = get_args(annotation)[0] if origin is tuple else annotation if origin is None else str
    return Member(
        attribute=field.name,
        name=member_name(field.name),
        container=origin if origin in (tuple, Mapping) else None,
        cls=cls,
        allowed=get_args(annotation) if origin is Literal else (),
        is_optional=field.default is not attrs.NOTHING,
        model=cls if attrs.has(cls) else None,
    )


@cache
def members_of(cls: type) -> tuple[Member, ...]:
    """
    Return the members of the service's shape that *cls* models.
    """
    return tuple(_member(field) for field in attrs.fields(cls) if field.metadata.get("member", True))


def check_types(cls: type, fields: list["attrs.Attribute[Any]"]) -> list["attrs.Attribute[Any]"]:
    """
    Add type checks to an attrs class (a `field_transformer` of attrs).

    The checks raise a `TypeError` that names class, attribute and value.
    """
    rows: list[_Row] = []

    def validate(instance: object, _attribute: object, _value: object) -> None:
        if not rows:  # made for the first instance, which keeps the import short
            rows.extend(_row(cls.__name__, field) for field in fields)
        for attribute, right, item, check in rows:
            value = getattr(instance, attribute)
            if type(value) not in right or (item and value and not _all_are(item, value)):
                check(value)  # it may be a subclass

    # Validators run when all attributes are set, so the last can check them all, in half the time of one for each.
    *others, last = fields
    return [*others, last.evolve(validator=validate)]


_Row: TypeAlias = tuple[str, frozenset[type], type | None, Callable[[object], None]]
"""An attribute's name, the types that are certainly right for it and for its items, and the check of others."""


def _row(owner: str, field: "attrs.Attribute[Any]") -> _Row:
    member, name = _member(field), f"{owner}.{field.name}"
    may_be_none = {type(None)} & {*get_args(field.type)}
    if member.container is None:
        return field.name, frozenset({member.cls, *may_be_none}), None, partial(check_type, name, cls=member.cls)
    if member.container is tuple:
        return field.name, frozenset({tuple, *may_be_none}), member.cls, partial(check_tuple, name, cls=member.cls)
    # No key is one, so every mapping is checked that isn't empty.
    return field.name, frozenset({FrozenMapping}), FrozenMapping, partial(check_mapping, name)


def _all_are(cls: type, items: Any) -> bool:
    if cls is not str:
        return {cls}.issuperset(map(type, items))
    try:
        "".join(items)  # half the time of looking at each type
    except TypeError:
        return False
    return True


def explain_frozen(classes: Iterable[Any]) -> None:
    """
    Make frozen *classes* raise an error that says how to make a changed copy.
    """

    def reject(self: object, name: str, *_: object) -> None:
        error = attrs.exceptions.FrozenInstanceError()
        error.add_note(f"{with_article(type(self))} is frozen; attrs.evolve(..., {name}=...) makes a changed copy")
        raise error

    for cls in classes:
        cls.__setattr__ = cls.__delattr__ = reject


def check_tuple(name: str, value: object, cls: type) -> None:
    """
    Raise a `TypeError` that names *name* unless *value* is a tuple of *cls*.
    """
    if not isinstance(value, tuple):
        raise TypeError(f"{name} {not_a_list(value, cls)}")
    for index, item in enumerate(cast("tuple[object, ...]", value)):
        if not is_a(item, cls):
            check_type(f"{name}[{index}]", item, cls)


def not_a_list(value: object, cls: type) -> str:
    """
    Return the message for a *value* that isn't a list of *cls*, with a hint if it is a single item or an iterator.
    """
    is_single = is_a(value, cls) or (attrs.has(cls) and is_mapping(value))
    hint = "; wrap it in a list: [...]" if is_single else ""
    shown = describe(value)
    if isinstance(value, Iterator):
        hint = "; an iterator is empty the second time, so pass list(...)"
    return f"must be a list of {'strings' if cls is str else cls.__name__}, not {shown}{hint}"


def check_mapping(name: str, value: object) -> None:
    """
    Raise a `TypeError` that names *name* unless *value* is a mapping of strings to strings.
    """
    if not is_mapping(value):
        raise TypeError(f"{name} must be a mapping of strings to strings, not {describe(value)}")
    for key, item in value.items():
        if not (isinstance(key, str) and isinstance(item, str)):
            check_type(f"a key of {name}", key, str)
            check_type(f"{name}[{show(key)}]", item, str)


def check_type(name: str, value: object, cls: type) -> None:
    """
    Raise a `TypeError` that names *name* unless *value* is a *cls*.
    """
    if not is_a(value, cls):
        from_dict = attrs.has(cls) and is_mapping(value)
        hint = f"; from_boto3(value, {cls.__name__}) converts a dict" if from_dict else ""
        raise TypeError(f"{name} must be {with_article(cls)}, not {describe(value)}{hint}")


def check_count(name: str, value: object) -> None:
    """
    Raise an error that names *name* unless *value* is an integer of 1 or more.
    """
    check_type(name, value, int)
    if cast(int, value) < 1:
        raise ValueError(f"{name} must be 1 or more, not {show(value)}")

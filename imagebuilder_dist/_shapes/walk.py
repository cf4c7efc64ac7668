"""
The one walk over a document: types, unknown and missing members, sizes, patterns, enumerations and encoding.

It follows a table of shapes that is compiled once, from the annotations of the models and their limits.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import Member, is_a, is_list, is_mapping, members_of, not_a_list
from imagebuilder_dist._common.text import Location, counted, describe, did_you_mean, show, with_article
from imagebuilder_dist._shapes.limits import ACCOUNT_ID, LIMITS, NO_LIMIT, Limit
from imagebuilder_dist.errors import Issue
from imagebuilder_dist.models import MODELS, RESULTS

UNREADABLE = frozenset({"type", "required", "unknown-member", "empty-list"})
"""The rules that a document must keep to be converted to models."""

Accepts: TypeAlias = Callable[[Any], object]
"""
Tells quickly that a value of the right type is certainly fine; another one may be, too, and is looked at closely.

It is written in C if possible, because a call of a Python function takes longer than such a check.
"""


@attrs.frozen(eq=False)
class Shape:
    """
    What a value in a document must be.
    """

    cls: type
    """dict, list, str, int or bool."""

    model: type
    """The class that a structure becomes; otherwise that of the value, or of each item of a list or a mapping."""

    limit: Limit

    accepts: Accepts

    def walk(self, value: Any, at: Location, found: list[Issue]) -> None:
        """
        Add to *found* what is wrong with *value*, which is *at* a location.
        """
        raise NotImplementedError

    def _add(self, rule: str, value: object, at: Location, found: list[Issue]) -> None:
        found.append(Issue(at, rule, "error", partial(_MESSAGES[rule], self, value), value))

    def _check_size(self, value: Any, at: Location, found: list[Issue]) -> bool:
        """Return whether *value* is large enough for its other checks to make sense."""
        size = value if self.cls is int else len(value)
        if self.limit.min is not None and size < self.limit.min:
            self._add("min", value, at, found)
            return False
        if self.limit.max is not None and size > self.limit.max:
            self._add("max", value, at, found)
        return True


@attrs.frozen(eq=False)
class Scalar(Shape):
    """
    A string, an integer or a boolean.
    """

    allowed: tuple[str, ...] = ()

    def walk(self, value: Any, at: Location, found: list[Issue]) -> None:
        """
        Add to *found* what is wrong with *value*, which is *at* a location.
        """
        if not is_a(value, self.cls):
            self._add("type", value, at, found)
        elif self.cls is str and not value.isascii() and _SURROGATE.search(value):
            self._add("encoding", value, at, found)
        elif self.cls is not bool and self._check_size(value, at, found):
            if self.limit.pattern and not _matcher(self.limit.pattern)(value):
                self._add("pattern", value, at, found)
            if self.allowed and value not in self.allowed:
                self._add("enum", value, at, found)


@attrs.frozen(eq=False)
class Collection(Shape):
    """
    A list, or a mapping of strings to strings.
    """

    item: Shape
    """Each item of a list, or each value of a mapping."""

    keys: Shape | None
    """Each key of a mapping."""

    is_lenient: bool

    def walk(self, value: Any, at: Location, found: list[Issue]) -> None:
        """
        Add to *found* what is wrong with *value*, which is *at* a location.
        """
        if not (is_list(value) if self.keys is None else is_mapping(value)):
            self._add("type", value, at, found)
        elif value:
            self._check_size(value, at, found)
            item, keys = self.item, self.keys
            for step, each in enumerate(value) if keys is None else value.items():
                if keys and (type(step) is not str or not keys.accepts(step)):
                    keys.walk(step, (*at, step), found)
                    if not isinstance(step, str):
                        continue
                if type(each) is not item.cls or not item.accepts(each):
                    item.walk(each, (*at, step), found)
        elif self.limit.min is not None and not self.is_lenient:
            self._add("empty-list", value, at, found)


@attrs.frozen(eq=False)
class Structure(Shape):
    """
    A mapping with members of its own.
    """

    members: Mapping[str, Shape]

    required: tuple[str, ...]

    is_lenient: bool
    """Whether it is part of a response, in which unknown members, nulls and empty collections are fine."""

    def walk(self, value: Any, at: Location, found: list[Issue]) -> None:
        """
        Add to *found* what is wrong with *value*, which is *at* a location.
        """
        if not is_mapping(value):
            self._add("type", value, at, found)
            return
        for key, item in value.items():
            member = self.members.get(key)
            if member is not None and type(item) is member.cls and member.accepts(item):
                continue
            if item is None and self.is_lenient:
                continue
            if member is None:
                self._add_unknown(key, item, (*at, key), found)
            elif item is None and key not in self.required:
                found.append(Issue((*at, key), "type", "error", "must not be None; leave it out instead"))
            else:
                member.walk(item, (*at, key), found)
        missing = [key for key in self.required if key not in value or (self.is_lenient and value[key] is None)]
        found += [Issue((*at, key), "required", "error", "is required but missing") for key in missing]

    def _add_unknown(self, key: object, item: object, at: Location, found: list[Issue]) -> None:
        if self.is_lenient:
            text = "isn't known to this version; an update would drop it"
            found.append(Issue(at, "unmodelled", "warning", text, item))
        else:
            # Finding a similar member takes half a millisecond, and a document may have any number of unknown keys.
            message = partial(_unknown, self.model, key, is_hinted=len(found) < _MAX_HINTS)
            found.append(Issue(at, "unknown-member", "error", message, item))


_MAX_HINTS = 20


@cache
def shape_of(cls: type, *, is_lenient: bool | None = None) -> Structure:
    """
    Return the shape of a document that becomes a *cls*; it is lenient in responses.
    """
    if is_lenient is None:
        return shape_of(cls, is_lenient=cls in RESULTS)
    limits, members = LIMITS.get(cls, {}), members_of(cls)
    return Structure(
        dict,
        cls,
        NO_LIMIT,
        _never,
        {each.name: _shape(each, limits.get(each.attribute, NO_LIMIT), is_lenient=is_lenient) for each in members},
        tuple(each.name for each in members if not each.is_optional),
        is_lenient,
    )


def _shape(member: Member, limit: Limit, *, is_lenient: bool) -> Shape:
    if member.container is None:
        return (
            shape_of(member.model, is_lenient=is_lenient)
            if member.model
            else _scalar(member.cls, limit, member.allowed)
        )
    item = shape_of(member.model, is_lenient=is_lenient) if member.model else _scalar(member.cls, limit.items)
    if member.container is tuple:
        accepts = partial(_are_account_ids, limit) if limit.items is ACCOUNT_ID else _never
        return Collection(list, member.cls, limit, accepts, item, None, is_lenient)
    return Collection(dict, member.cls, limit, _never, item, _scalar(str, limit.keys), is_lenient)


def _scalar(cls: type, limit: Limit | None, allowed: tuple[str, ...] = ()) -> Scalar:
    limit = limit or NO_LIMIT
    least, most = limit.min or 0, limit.max
    accepts: Accepts = _never
    if allowed:
        accepts = allowed.__contains__
    elif cls is bool:
        accepts = (False, True).__contains__
    elif cls is int and most is not None:
        accepts = range(least, most + 1).__contains__
    elif cls is str:
        size = f"{{{least},{'' if most is None else most}}}"
        accepts = _matcher(rf"(?=[\x00-\x7f]{size}\Z)" + (limit.pattern or ""))
    return Scalar(cls, cls, limit, accepts, allowed)


_never: Accepts = ().__contains__


@cache
def _matcher(pattern: str) -> Accepts:
    # Python's $ also matches before a trailing newline, and the service's \s is ASCII only.
    anchored = pattern.endswith("$")
    compiled = re.compile(pattern.removesuffix("$") if anchored else pattern, re.ASCII)
    return compiled.fullmatch if anchored else compiled.match


_JOINED_ACCOUNT_IDS = re.compile(r"(?:[0-9]{12},)*+")


def _are_account_ids(limit: Limit, items: list[Any]) -> bool:
    """Judge all *items* as one text: a Region may have 1536 of them, and one by one they take five times as long."""
    try:
        joined = ",".join((*items, ""))
    except TypeError:
        return False
    # An item that contains a comma looks like two; the length gives it away.
    is_long_enough = (limit.min or 0) <= len(items) <= (limit.max or 0) and len(joined) == 13 * len(items)
    return is_long_enough and _JOINED_ACCOUNT_IDS.fullmatch(joined) is not None


_SURROGATE = re.compile("[\ud800-\udfff]")


def _type_message(shape: Shape, value: object) -> str:
    if shape.cls is list:
        return not_a_list(value, shape.model)
    if isinstance(shape, Structure):
        return f"must be a dict that describes {with_article(shape.model)}, not {describe(value)}"
    what = "a dict of str to str" if shape.cls is dict else with_article(shape.cls)
    return f"must be {what}, not {describe(value)}"


def _bound_message(bound: str, limit: int, value: Any) -> str:
    if isinstance(value, int):
        return f"must be at {bound} {limit}, not {show(value)}"
    noun = "character" if isinstance(value, str) else "item"
    return f"must have at {bound} {counted(limit, noun)}, not {len(value)}"


def _pattern_message(shape: Shape, value: str) -> str:
    why = f": {shape.limit.why(value)}" if shape.limit.why and value.startswith("arn:") else ""
    return f"must be {shape.limit.says}, not {describe(value)}{why}"


def _empty_message(shape: Shape, _: object) -> str:
    return f"must have at least 1 {'item' if shape.cls is list else 'entry'}; leave it out instead"


def _unknown(cls: type, key: object, *, is_hinted: bool) -> str:
    """Return the message for a *key* that *cls* doesn't have, with the member that was meant or where it belongs."""
    message = f"is not a member of {cls.__name__}"
    if not is_hinted:
        return message
    names = [member.name for member in members_of(cls)]
    if meant := did_you_mean(key, names):
        return message + meant
    owners = [other.__name__ for other in MODELS if key in {member.name for member in members_of(other)}]
    return f"{message}; it belongs to {' or '.join(owners)}" if owners else f"{message}; it has {', '.join(names)}"


def encoding_problem(value: str) -> str:
    """
    Return a message if *value* can't be encoded as UTF-8, and an empty string if it can.
    """
    # A Python string may contain half of a surrogate pair, for example from JSON.
    surrogate = None if value.isascii() else _SURROGATE.search(value)
    if surrogate is None:
        return ""
    return f"must be text, but {show(surrogate[0])} at position {surrogate.start()} is half of a surrogate pair"


_MESSAGES: Mapping[str, Callable[[Any, Any], str]] = {
    "type": _type_message,
    "empty-list": _empty_message,
    "encoding": lambda _, value: encoding_problem(value),
    "min": lambda shape, value: _bound_message("least", shape.limit.min, value),
    "max": lambda shape, value: _bound_message("most", shape.limit.max, value),
    "pattern": _pattern_message,
    "enum": lambda shape, value: f"must be one of {', '.join(map(repr, shape.allowed))}, not {describe(value)}",
}
"""What is wrong with a value of a shape, by rule."""

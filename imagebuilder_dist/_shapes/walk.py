"""
The one walk over a document: types, unknown and missing members, sizes, patterns, enumerations and encoding.

It follows a table of shapes that is compiled once, from the annotations of the models and their limits.
Each structure also has one function, compiled from its shape, that tells that a value is certainly as it should be.
It never says what is wrong, and it may doubt what is fine, such as text that isn't ASCII; the walk then looks closely,
which takes several times as long.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, cast

import attrs

from imagebuilder_dist._common.attributes import Member, is_a, is_list, is_mapping, members_of, not_a_list
from imagebuilder_dist._common.text import Location, closest, counted, describe, did_you_mean, show, with_article
from imagebuilder_dist._shapes.limits import ACCOUNT_ID, NO_LIMIT, Limit, limit_of
from imagebuilder_dist.errors import Issue
from imagebuilder_dist.models import MODELS, RESULTS

UNREADABLE = frozenset({"type", "required", "unknown-member", "empty-list"})
"""The rules that a document must keep to be converted to models."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Shape:
    """
    What a value in a document must be.
    """

    cls: type
    """dict, list, str, int or bool."""

    model: type
    """The class that a structure becomes; otherwise that of the value, or of each item of a list or a mapping."""

    limit: Limit = NO_LIMIT

    matches: Callable[[Any], object] | None = None
    """Tells whether a string has the right pattern or is one of those allowed."""

    is_lenient: bool = False
    """Whether it is part of a response, in which unknown members, nulls and empty collections are fine."""

    def walk(self, value: Any, at: Location) -> Iterator[Issue]:
        """
        Yield what is wrong with *value*, which is *at* a location.
        """
        raise NotImplementedError

    def lines(self, value: str, names: dict[str, object]) -> list[str]:
        """
        Return lines of code that return unless *value*, a variable, is as it should be; add what they use to *names*.
        """
        raise NotImplementedError

    def _unless(self, value: str, size: str, *more: str) -> str:
        """Return the line that returns unless a value has the right type and size, and *more* is true."""
        tests = [f"type({value}) is {self.cls.__name__}"]
        tests += [] if self.limit.min is None else [f"{size} >= {self.limit.min}"]
        tests += [] if self.limit.max is None else [f"{size} <= {self.limit.max}"]
        return f"if not ({' and '.join([*tests, *more])}): return"

    def _issue(self, rule: str, value: object, at: Location) -> Issue:
        return Issue(at, rule, "error", partial(_MESSAGES[rule], self, value), value)

    def _broken_size(self, size: int) -> str:
        least, most = self.limit.min, self.limit.max
        return "min" if least is not None and size < least else "max" if most is not None and size > most else ""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Scalar(Shape):
    """
    A string, an integer or a boolean.
    """

    allowed: tuple[str, ...] = ()

    def walk(self, value: Any, at: Location) -> Iterator[Issue]:
        """
        Yield what is wrong with *value*, which is *at* a location.
        """
        # What isn't text or is too short breaks the pattern, too; one issue is enough.
        if not is_a(value, self.cls):
            yield self._issue("type", value, at)
        elif self.cls is str and encoding_problem(value):
            yield self._issue("encoding", value, at)
        else:
            broken = self._broken_size(len(value) if self.cls is str else value)
            if broken:
                yield self._issue(broken, value, at)
            if broken != "min" and self.matches is not None and not self.matches(value):
                yield self._issue("enum" if self.allowed else "pattern", value, at)

    def lines(self, value: str, names: dict[str, object]) -> list[str]:
        """
        Return lines of code that return unless *value*, a variable, is as it should be; add what they use to *names*.
        """
        tests = [f"{value}.isascii()"] if self.cls is str else []
        if self.limit is ACCOUNT_ID:  # a pattern takes five times as long
            tests += [f"len({value}) == 12", f"{value}.isdigit()"]
        elif self.allowed:
            tests.append(f"{value} in {self.allowed}")
        elif self.matches is not None:
            tests.append(f"{_named(self.matches, names)}({value})")
        return [self._unless(value, value if self.cls is int else f"len({value})", *tests)]


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Collection(Shape):
    """
    A list, or a mapping of strings to strings.
    """

    item: Shape
    """Each item of a list, or each value of a mapping."""

    keys: Shape | None
    """Each key of a mapping."""

    def walk(self, value: Any, at: Location) -> Iterator[Issue]:
        """
        Yield what is wrong with *value*, which is *at* a location.
        """
        if not (is_list(value) if self.keys is None else is_mapping(value)):
            yield self._issue("type", value, at)
        elif not value and self.limit.min is not None and not self.is_lenient:
            yield self._issue("empty-list", value, at)
        elif value:
            if broken := self._broken_size(len(value)):
                yield self._issue(broken, value, at)
            for step, item in enumerate(value) if self.keys is None else value.items():
                if self.keys is not None:
                    yield from self.keys.walk(step, (*at, step))
                if self.keys is None or isinstance(step, str):
                    yield from self.item.walk(item, (*at, step))

    def lines(self, value: str, names: dict[str, object]) -> list[str]:
        """
        Return lines of code that return unless *value*, a variable, is as it should be; add what they use to *names*.
        """
        if self.limit.items is ACCOUNT_ID:
            return [self._unless(value, f"len({value})", f"{_named(_are_account_ids, names)}({value})")]
        loop = f"for each in {value}:" if self.keys is None else f"for key, each in {value}.items():"
        tests = [*(self.keys.lines("key", names) if self.keys else ()), *self.item.lines("each", names)]
        return [self._unless(value, f"len({value})"), loop, *_indented(tests)]


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Structure(Shape):
    """
    A mapping with members of its own.
    """

    members: Mapping[str, Shape]

    required: tuple[str, ...]

    def walk(self, value: Any, at: Location) -> Iterator[Issue]:
        """
        Yield what is wrong with *value*, which is *at* a location.
        """
        if _acceptance(self)(value):
            return
        if not is_mapping(value):
            yield self._issue("type", value, at)
            return
        for key, item in value.items():
            member = self.members.get(key)
            if item is None and self.is_lenient:
                continue
            if member is None and self.is_lenient:
                message = "isn't known to this version; an update would drop it"
                yield Issue((*at, key), "unmodelled", "warning", message, item)
            elif member is None:
                yield Issue((*at, key), "unknown-member", "error", partial(_unknown, self.model, key), item)
                yield from self._walk_as_meant(key, item, value, at)
            elif item is None and key not in self.required:
                yield Issue((*at, key), "type", "error", "must not be None; leave it out instead")
            else:
                yield from member.walk(item, (*at, key))
        for key in self.required:
            if key not in value or (self.is_lenient and value[key] is None):
                yield self._issue("required", None, (*at, key))

    def _walk_as_meant(self, key: Any, item: Any, siblings: Mapping[Any, Any], at: Location) -> Iterator[Issue]:
        """Yield what is wrong with the value of a misspelt *key*."""
        meant = closest(key, self.members)
        if meant is not None and meant not in siblings and item is not None:
            yield from self.members[meant].walk(item, (*at, key))

    def lines(self, value: str, names: dict[str, object]) -> list[str]:
        """
        Return lines of code that return unless *value*, a variable, is as it should be; add what they use to *names*.
        """
        return [f"if not {_named(_acceptance(self), names)}({value}): return"]


@cache
def _acceptance(shape: Structure) -> Callable[[Any], object]:
    """Return a function that tells whether a document with a *shape* is certainly as it should be."""
    names: dict[str, object] = {"known": frozenset(shape.members)}
    lines = ["if not (type(it) is dict and known.issuperset(it)): return"]
    for name, member in shape.members.items():
        lines += [f"if {name!r} in it:", *_indented([f"v = it[{name!r}]", *member.lines("v", names)])]
        if name in shape.required:
            lines.append("else: return")
    # The source contains nothing but names of our own members and the limits of the service's model.
    exec("\n".join(["def accept(it):", *_indented([*lines, "return True"])]), names)  # noqa: S102
    return cast("Callable[[Any], object]", names["accept"])


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _named(value: object, names: dict[str, object]) -> str:
    name = f"_{len(names)}"
    names[name] = value
    return name


@cache
def shape_of(cls: type, *, is_lenient: bool | None = None) -> Structure:
    """
    Return the shape of a document that becomes a *cls*; it is lenient in responses.
    """
    if is_lenient is None:
        return shape_of(cls, is_lenient=cls in RESULTS)
    members = members_of(cls)
    return Structure(
        cls=dict,
        model=cls,
        members={each.name: _shape(each, limit_of(cls, each), is_lenient=is_lenient) for each in members},
        required=tuple(each.name for each in members if not each.is_optional),
        is_lenient=is_lenient,
    )


def _shape(member: Member, limit: Limit, *, is_lenient: bool) -> Shape:
    if member.model is not None:
        item: Shape = shape_of(member.model, is_lenient=is_lenient)
    else:
        item = _scalar(member.cls, limit if member.container is None else limit.items or NO_LIMIT, member.allowed)
    if member.container is None:
        return item
    return Collection(
        cls=list if member.container is tuple else dict,
        model=member.cls,
        limit=limit,
        item=item,
        keys=None if member.container is tuple else _scalar(str, limit.keys or NO_LIMIT),
        is_lenient=is_lenient,
    )


def _scalar(cls: type, limit: Limit, allowed: tuple[str, ...] = ()) -> Scalar:
    matches: Callable[[Any], object] | None = allowed.__contains__ if allowed else None
    if limit.pattern is not None:
        # Python's $ also matches before a trailing newline, and the service's \s is ASCII only.
        pattern = re.compile(limit.pattern.removesuffix("$"), re.ASCII)
        matches = pattern.fullmatch if limit.pattern.endswith("$") else pattern.match
    return Scalar(cls=cls, model=cls, limit=limit, matches=matches, allowed=allowed)


def _are_account_ids(items: Sequence[Any]) -> bool:
    """
    Judge all *items* as one text: a Region may have 1536 of them, and one by one they take ten times as long.
    """
    try:
        digits, joined = "".join(items), ",".join(items)
    except TypeError:
        return False
    # bytes.isdigit() takes a third of the time of str.isdecimal(). A comma after every 12 digits tells the lengths.
    are_digits = len(digits) == 12 * len(items) and digits.isascii() and digits.encode().isdigit()
    return are_digits and joined[12::13] == "," * (len(items) - 1)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _type_message(shape: Shape, value: object) -> str:
    if shape.cls is list:
        return not_a_list(value, shape.model)
    if isinstance(shape, Structure):
        return f"must be a mapping that describes {with_article(shape.model)}, not {describe(value)}"
    what = "a mapping of strings to strings" if shape.cls is dict else with_article(shape.cls)
    return f"must be {what}, not {describe(value)}"


def _bound_message(bound: str, limit: int, value: Any) -> str:
    if isinstance(value, int):
        return f"must be at {bound} {limit}, not {show(value)}"
    noun = "character" if isinstance(value, str) else "item"
    return f"must have at {bound} {counted(limit, noun)}, not {len(value)}"


def _pattern_message(shape: Shape, value: str) -> str:
    why = f": {shape.limit.why(value)}" if shape.limit.why and value.startswith("arn:") else ""
    return f"must be {shape.limit.says}, not {describe(value)}{why}"


def _unknown(cls: type, key: object) -> str:
    """Return the message for a *key* that *cls* doesn't have, with the member that was meant or where it belongs."""
    message = f"is not a member of {cls.__name__}"
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


_NOUNS = {list: "item", dict: "entry"}
_MESSAGES: Mapping[str, Callable[[Any, Any], str]] = {
    "type": _type_message,
    "required": lambda _shape, _value: "is required but missing",
    "empty-list": lambda shape, _: f"must have at least 1 {_NOUNS[shape.cls]}; leave it out instead",
    "encoding": lambda _, value: encoding_problem(value),
    "min": lambda shape, value: _bound_message("least", shape.limit.min, value),
    "max": lambda shape, value: _bound_message("most", shape.limit.max, value),
    "pattern": _pattern_message,
    "enum": lambda shape, value: f"must be one of {', '.join(map(repr, shape.allowed))}, not {describe(value)}",
}
"""What is wrong with a value of a shape, by rule."""

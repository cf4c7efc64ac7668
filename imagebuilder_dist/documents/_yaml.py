"""
YAML, read from PyYAML's events, which keep a scalar's text, its quotes, and the place of everything.

This is the only module that needs the extra `yaml`; it is imported only to read or write YAML.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs
import yaml
from yaml.reader import ReaderError

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, show
from imagebuilder_dist.documents._parsed import Lines, Parsed, Place, Plain, Problem, Spots, UnparsableError

# Without libyaml, PyYAML is 15 times slower but reads the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_parse: Callable[..., Iterator[Any]] = cast(Any, yaml).parse

_STANDARD = "tag:yaml.org,2002:"
_TEXT, _NULL = _STANDARD + "str", _STANDARD + "null"
_PLAIN_TAGS = frozenset(_STANDARD + name for name in ("bool", "float", "int", "timestamp"))
_TAGS = _PLAIN_TAGS | {_TEXT, _NULL, *(_STANDARD + name for name in ("map", "merge", "seq", "value"))}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MAX_DEPTH = 100
_TOO_DEEP = f"is nested more than {_MAX_DEPTH} levels deep"
_MAX_VALUES = 1_000_000
"""With aliases and merge keys written out, because ten lines of aliases can expand to any number of values."""
_QUOTE_IT = 'put it in quotes: "{{ imagebuilder:buildDate }}"'

_MERGE = object()
_NOTHING: Spots = {}


@attrs.frozen(eq=False)
class _Value:
    """A scalar or a collection, with what an alias needs to know of it."""

    data: Any
    mark: Any
    spots: Spots = _NOTHING
    """Where its members or items begin."""
    size: int = 1
    """How many values it has, aliases written out."""
    levels: int = 0
    """How many levels of collections it has, aliases written out."""


class YamlText(Parsed):
    """
    A YAML text that could be parsed.

    It is read from events, because PyYAML composes nodes recursively in C, which up to 6.0.3 ends the process if a text
    is nested deeply.
    """

    def __init__(self, text: str) -> None:
        self.problems = []
        self._anchors: dict[str, _Value | None] = {}
        self._size = 0
        try:
            self._events = _parse(text, Loader=_Loader)
            self._whole = self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = self._place_of(mark) if mark else (1, 1)
            raise UnparsableError(place, f"isn't YAML: {_explained(error, text, place[0])}") from None
        except ReaderError as error:
            before = text.encode()[: error.position].decode(errors="ignore")
            # libyaml counts bytes, and PyYAML without libyaml counts characters.
            offset = error.position if error.encoding == "unicode" else len(before)
            raise UnparsableError(Lines(text).place(offset), f"isn't YAML: {error.reason}") from None
        self.data = self._whole.data

    def _spots(self) -> Spots:
        return {0: (self._whole.mark, self._whole.mark, self._whole.spots)}

    def _place_of(self, spot: Any) -> Place:
        return spot.line + 1, spot.column + 1

    def _document(self) -> _Value:
        _, start = next(self._events), next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise UnparsableError((1, 1), "is empty")
        whole = self._value(next(self._events), (), 0)
        _, end = next(self._events), next(self._events)
        if not isinstance(end, yaml.StreamEndEvent):
            raise self._error(end.start_mark, "isn't YAML: there is a second document; only one is allowed")
        return whole

    def _value(self, event: Any, location: Location, depth: int) -> _Value:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event, depth)
        mark, anchor = event.start_mark, event.anchor
        tag = None if event.tag == "!" else event.tag
        if tag and tag not in _TAGS and not tag.startswith("!"):
            self._report(mark, "tag", f"has the tag {show(tag)}, which isn't supported", location)
        if isinstance(event, yaml.ScalarEvent):
            value = _Value(_with_function(_scalar(event, tag), tag), mark)
        else:
            if depth == _MAX_DEPTH:
                raise self._error(mark, _TOO_DEEP)
            if anchor:
                self._anchors[anchor] = None
            is_list = isinstance(event, yaml.SequenceStartEvent)
            before = self._size
            data, spots, levels = (self._list if is_list else self._mapping)(event, location, depth + 1)
            self._size += len(spots)
            value = _Value(_with_function(data, tag), mark, spots, self._size - before, levels)
        if anchor:
            self._anchors[anchor] = value
        return value

    def _aliased(self, event: Any, depth: int) -> _Value:
        if event.anchor not in self._anchors:
            raise self._error(event.start_mark, "isn't YAML: found undefined alias")
        value = self._anchors[event.anchor]
        if value is None:
            raise self._error(event.start_mark, "contains itself through an alias")
        if depth + value.levels > _MAX_DEPTH:
            raise self._error(value.mark, _TOO_DEEP)
        self._size += value.size
        if self._size > _MAX_VALUES:
            message = f"has more than {_MAX_VALUES:,} values, including aliases"
            raise self._error(event.start_mark, message, "too-large")
        return value

    def _list(self, _start: Any, location: Location, depth: int) -> tuple[object, Spots, int]:
        items: list[object] = []
        spots: Spots = {}
        levels = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            if isinstance(event, yaml.ScalarEvent) and not event.tag and not event.anchor:
                # A shortcut: a Region may have 1536 account ids, and no list of a configuration has numbers.
                spots[len(items)] = event.start_mark, event.start_mark, _NOTHING
                items.append(None if event.value in _NULLS and event.implicit[0] else event.value)
            else:
                value = self._value(event, (*location, len(items)), depth)
                spots[len(items)] = value.mark, value.mark, value.spots
                items.append(value.data)
                levels = max(levels, value.levels + 1)
        return items, spots, levels

    def _mapping(self, start: Any, location: Location, depth: int) -> tuple[object, Spots, int]:
        members: dict[str, object] = {}
        spots: Spots = {}
        merged: list[_Value] = []
        levels = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, start, location, depth)
            at = (*location, key) if isinstance(key, str) else location
            if key in spots:
                line, _ = self._place_of(spots[key][0])
                self._report(event.start_mark, "duplicate-key", f"is given twice, first in line {line}", at)
            value = self._value(next(self._events), at, depth)
            levels = max(levels, value.levels + 1)
            if key is _MERGE:
                merged += self._sources(value, location)
            elif isinstance(key, str):
                spots[key] = event.start_mark, value.mark, value.spots
                members[key] = value.data
        inherited: dict[str, object] = {}
        places: Spots = {}
        for source in reversed(merged):  # of several sources, the first counts
            inherited.update(source.data)
            places.update(source.spots)
        return {**inherited, **members}, {**places, **spots}, levels

    def _key(self, event: Any, mapping: Any, location: Location, depth: int) -> Any:
        """Return a key, `_MERGE`, or `None` if it isn't a string, which is reported."""
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            return _MERGE
        key = self._value(event, location, depth)
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if isinstance(key.data, str):
            return key.data
        is_template = is_mapping(key.data) and mapping.flow_style
        message = f"is a mapping in YAML; {_QUOTE_IT}" if is_template else "has a key that isn't a string"
        self._report(mapping.start_mark if is_template else key.mark, "syntax", message, location)
        return None

    def _sources(self, value: _Value, location: Location) -> list[_Value]:
        """Return the mappings that a merge key adds."""
        sources = [value]
        if is_list(value.data):
            sources = [_Value(data, *value.spots[nth][1:]) for nth, data in enumerate(value.data)]
        for source in sources:
            if not is_mapping(source.data):
                self._report(source.mark, "syntax", "can't be merged: it isn't a mapping", location)
        return [source for source in sources if is_mapping(source.data)]

    def _error(self, mark: Any, message: str, rule: str = "syntax") -> UnparsableError:
        return UnparsableError(self._place_of(mark), message, rule)

    def _report(self, mark: Any, rule: str, message: str, location: Location) -> None:
        self.problems.append(Problem(self._place_of(mark), rule, message, location))


def _scalar(event: Any, tag: str | None) -> object:
    is_plain = tag in _PLAIN_TAGS or (tag is None and event.implicit[0])
    if tag == _NULL or (is_plain and event.value in _NULLS):
        return None
    return Plain(event.value) if is_plain else event.value


def _with_function(data: object, tag: str | None) -> object:
    """Return *data*, or what CloudFormation's short form for a function stands for."""
    if tag is None or not tag.startswith("!"):
        return data
    function = tag[1:]
    return {function if function in {"Condition", "Ref"} else f"Fn::{function}": data}


def _explained(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    what = ", ".join(filter(None, (error.context, error.problem)))
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "{%" in shown:
        return f"{what}; render the template first"
    if re.search(r"[:-]\s+\{\{", shown):
        return f"{what}; a value that begins with {{{{ needs quotes"
    return f"{what}; indent with spaces, not tabs" if "\t" in shown else what


# What some YAML reader takes for a number, and characters that PyYAML without libyaml doesn't escape.
_NEEDS_QUOTES = re.compile("[-+.0-9]|.*[\x85\u2028\u2029]", re.DOTALL)


class _Text(_Dumper):  # type: ignore[misc] # the base is one of two classes
    """Quotes every string that some YAML reader may take for a number."""


def _quoted(dumper: Any, text: str) -> yaml.Node:
    plain = str.__str__(text)  # libyaml rejects subclasses, such as enumerations and NumPy's strings
    return cast(yaml.Node, dumper.represent_scalar(_TEXT, plain, style='"' if _NEEDS_QUOTES.match(plain) else None))


_Text.add_representer(str, _quoted)
_Text.add_multi_representer(str, _quoted)


def dump_yaml(data: object) -> str:
    """
    Return plain *data* as YAML, in its own order.
    """
    return yaml.dump(data, Dumper=_Text, sort_keys=False, allow_unicode=True, width=2**31 - 1)

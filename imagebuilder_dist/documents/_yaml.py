"""
YAML, read from PyYAML's events, which keep a scalar's text, its quotes, and the place of everything.

This is the only module that needs the extra `yaml`; it is imported only to read or write YAML.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

import attrs
import yaml
from yaml.reader import Reader

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, show
from imagebuilder_dist.documents._parsed import Lines, Parsed, Place, Plain, Spots, unreadable
from imagebuilder_dist.errors import DocumentError, Issue

# Without libyaml, PyYAML is 15 times slower but reads the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MAX_DEPTH = 100
_MAX_VALUES = 1_000_000

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
    """How many values it has, aliases written out: ten lines can expand to any number of values."""


class YamlText(Parsed):
    """
    A YAML text that could be parsed.

    It is read from events, because PyYAML composes nodes recursively in C, which up to 6.0.3 ends the process if a text
    is nested deeply.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        if control := Reader.NON_PRINTABLE.search(text):
            message = f"isn't YAML: {show(control[0])} isn't allowed"
            raise unreadable(file, Lines(text).place(control.start()), message)
        self.issues = []
        self._anchors: dict[Any, _Value | None] = {}
        self._size = 0
        self._events: Iterator[Any] = iter(_Loader(text).get_event, None)
        try:
            whole = self._document()
        except yaml.MarkedYAMLError as error:
            raise self._error(error.problem_mark, f"isn't YAML: {_explained(error, text)}") from None
        self.data = whole.data
        self.whole = whole.mark, whole.spots

    def place_of(self, spot: Any) -> Place:
        """
        Return the place of a mark.
        """
        return spot.line + 1, spot.column + 1

    def _document(self) -> _Value:
        _, start = next(self._events), next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise unreadable(self.file, (1, 1), "is empty")
        whole = self._value(next(self._events), (), 0)
        _, end = next(self._events), next(self._events)
        if not isinstance(end, yaml.StreamEndEvent):
            raise self._error(end.start_mark, "isn't YAML: there is a second document; only one is allowed")
        return whole

    def _value(self, event: Any, location: Location, depth: int) -> _Value:
        mark = event.start_mark
        if depth == _MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            raise self._error(mark, f"is nested more than {_MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        tag = None if event.tag == "!" else event.tag
        if isinstance(event, yaml.ScalarEvent):
            value = _Value(_scalar(event), mark)
        else:
            self._anchors[event.anchor] = None
            value = self._collection(event, location, depth + 1)
        if tag and tag.startswith("!"):
            value = attrs.evolve(value, data=_function(tag[1:], value.data), spots=_NOTHING)
        self._anchors[event.anchor] = value
        return value

    def _aliased(self, event: Any) -> _Value:
        if event.anchor not in self._anchors:
            raise self._error(event.start_mark, "isn't YAML: found undefined alias")
        value = self._anchors[event.anchor]
        if value is None:
            raise self._error(event.start_mark, "contains itself through an alias")
        self._size += value.size
        if self._size > _MAX_VALUES:
            message = f"has more than {_MAX_VALUES:,} values, including aliases"
            raise self._error(event.start_mark, message, "too-large")
        return value

    def _collection(self, start: Any, location: Location, depth: int) -> _Value:
        is_sequence = isinstance(start, yaml.SequenceStartEvent)
        before = self._size
        values: dict[Any, object] = {}
        spots: Spots = {}
        merged: list[_Value] = []
        while not isinstance(event := next(self._events), yaml.CollectionEndEvent):
            key, mark = len(values), event.start_mark
            if is_sequence and isinstance(event, yaml.ScalarEvent) and not event.tag and not event.anchor:
                # A shortcut: a Region may have 1536 account ids, and no list of a configuration has numbers.
                values[key] = None if event.value in _NULLS and event.implicit[0] else event.value
                spots[key] = mark, mark, _NOTHING
                continue
            if not is_sequence:
                key = self._key(event, start, location, depth)
                if key in spots:
                    message = f"is given twice, first in line {self.place_of(spots[key][0])[0]}"
                    self.issues.append(Issue((*location, key), "duplicate-key", "error", message))
                event = next(self._events)
            value = self._value(event, location if key is _MERGE else (*location, key), depth)
            if key is _MERGE:
                merged.append(value)
            else:
                values[key] = value.data
                spots[key] = mark, value.mark, value.spots
        for source in merged:  # a mapping's own members count, then those of the first source
            self._merge(source, values, spots)
        self._size += len(spots)
        return _Value([*values.values()] if is_sequence else values, start.start_mark, spots, self._size - before)

    def _merge(self, source: _Value, values: dict[Any, object], spots: Spots) -> None:
        data, is_mapping_itself = source.data, is_mapping(source.data)
        if not is_mapping_itself and not is_list(source.data):
            raise self._error(source.mark, "can't be merged: it isn't a mapping")
        for key, spot in source.spots.items():
            if not is_mapping_itself:
                self._merge(_Value(data[key], *spot[1:]), values, spots)
            elif key not in spots:
                spots[key], values[key] = spot, data[key]

    def _key(self, event: Any, mapping: Any, location: Location, depth: int) -> Any:
        """Return a key, or `_MERGE`."""
        if isinstance(event, yaml.ScalarEvent) and not event.tag and not event.anchor:
            return _MERGE if event.value == "<<" and event.implicit[0] else event.value
        key = self._value(event, location, depth)
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if is_mapping(key.data) and mapping.flow_style:
            message = 'is a mapping in YAML; put it in quotes: "{{ imagebuilder:buildDate }}"'
            raise self._error(mapping.start_mark, message, location=location)
        if not isinstance(key.data, str):  # otherwise it is an alias
            raise self._error(key.mark, "has a key that isn't a string")
        return key.data

    def _error(self, mark: Any, message: str, rule: str = "syntax", location: Location = ()) -> DocumentError:
        return unreadable(self.file, self.place_of(mark), message, rule, location)


def _scalar(event: Any) -> object:
    if not event.implicit[0]:  # in quotes, or with a tag
        return event.value
    return None if event.value in _NULLS else Plain(event.value)


def _function(name: str, argument: object) -> object:
    """Return what CloudFormation's short form for a function stands for."""
    return {name if name in {"Condition", "Ref"} else f"Fn::{name}": argument}


def _explained(error: Any, text: str) -> str:
    what = ", ".join(filter(None, (error.context, error.problem)))
    [shown] = text.splitlines()[error.problem_mark.line :][:1] or [""]
    if "{%" in shown:
        return f"{what}; render the template first"
    return f"{what}; indent with spaces, not tabs" if "\t" in shown else what


# What some YAML reader takes for a number, and characters that PyYAML without libyaml doesn't escape.
_NEEDS_QUOTES = re.compile("[-+.0-9]|.*[\x85\u2028\u2029]", re.DOTALL)


class _Text(_Dumper):  # type: ignore[misc] # the base is one of two classes
    """Quotes every string that some YAML reader may take for a number."""


def _quoted(dumper: Any, text: str) -> yaml.Node:
    plain = str.__str__(text)  # libyaml rejects subclasses, such as enumerations and NumPy's strings
    return cast(
        yaml.Node,
        dumper.represent_scalar("tag:yaml.org,2002:str", plain, style='"' if _NEEDS_QUOTES.match(plain) else None),
    )


_Text.add_representer(str, _quoted)
_Text.add_multi_representer(str, _quoted)


def dump_yaml(data: object) -> str:
    """
    Return plain *data* as YAML, in its own order.
    """
    dump = cast(Any, yaml).dump  # its types are partly unknown
    text: str = dump(data, Dumper=_Text, sort_keys=False, allow_unicode=True, width=2**31 - 1)
    return text

"""
YAML, read through PyYAML's nodes, which keep a scalar's text, its quotes, and the place of everything.

This is the only module that needs the extra `yaml`; it is imported only to read or write YAML.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import attrs
import yaml
from yaml.composer import ComposerError
from yaml.reader import ReaderError

from imagebuilder_dist._common.text import Location, show
from imagebuilder_dist.documents._parsed import Lines, Place, Plain, Problem, SyntaxProblemError

# Without libyaml, PyYAML is 15 times slower but reads the same.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_STANDARD = "tag:yaml.org,2002:"
_TEXT, _NULL, _MERGE = _STANDARD + "str", _STANDARD + "null", _STANDARD + "merge"
_PLAIN_TAGS = frozenset(_STANDARD + name for name in ("bool", "float", "int", "timestamp"))
_TAGS = _PLAIN_TAGS | {_TEXT, _NULL, _MERGE, *(_STANDARD + name for name in ("map", "seq", "value"))}
_SCALARS: Mapping[str, type[str]] = {_TEXT: str, **dict.fromkeys(_PLAIN_TAGS, Plain)}
_MAX_DEPTH = 100
_MAX_MERGED = 1_000_000
_QUOTE_IT = 'put it in quotes: "{{ imagebuilder:buildDate }}"'

Members: TypeAlias = Mapping[str, tuple[yaml.Node, yaml.Node]]


@attrs.frozen
class _Converted:
    """The data that a node was converted to; incomplete during the conversion, to detect recursive aliases."""

    data: object = None
    levels: int = 0
    """How many levels of collections are below it."""
    is_complete: bool = False


class YamlText:
    """
    A YAML text that could be parsed.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self._merged = 0
        self._deepest = 0
        self._root = _compose(text)
        self._members_of: dict[yaml.Node, Members] = {}
        self._converted: dict[yaml.Node, _Converted] = {}
        self.data = self._value(self._root, 0, ())

    def _value(self, node: yaml.Node, depth: int, location: Location) -> object:
        if isinstance(node, yaml.ScalarNode):
            data = self._scalar(node, location)
        else:
            known = self._converted.get(node)
            if known is None:
                self._converted[node] = _Converted()
                above, self._deepest = self._deepest, depth
                data = self._collection(node, depth, location)
                self._converted[node] = _Converted(data, self._deepest - depth, is_complete=True)
                self._deepest = max(above, self._deepest)
            elif known.is_complete:
                data = known.data
                self._deepest = max(self._deepest, depth + known.levels)
                # Each anchor may contain the alias of the one before, so short texts nest deeply.
                if self._deepest >= _MAX_DEPTH:
                    raise _nested_too_deeply(node)
            else:
                raise SyntaxProblemError(_place(node), "contains itself through an alias")
        if node.tag.startswith("!") and len(node.tag) > 1:
            function = node.tag[1:]
            return {function if function in {"Condition", "Ref"} else f"Fn::{function}": data}
        return data

    def _scalar(self, node: yaml.ScalarNode, location: Location) -> object:
        if node.tag == _NULL:
            return None
        self._check_tag(node, location)
        return _SCALARS.get(node.tag, str)(node.value)

    def _collection(self, node: yaml.Node, depth: int, location: Location) -> object:
        if depth == _MAX_DEPTH:
            raise _nested_too_deeply(node)
        self._check_tag(node, location)
        if isinstance(node, yaml.MappingNode):
            return {
                key: self._value(value, depth + 1, (*location, key))
                for key, (_, value) in self._members(node, location).items()
            }
        items: list[object] = []
        for nth, each in enumerate(cast(list[yaml.Node], node.value)):
            # A shortcut for scalars: there may be thousands of account ids.
            read = _SCALARS.get(each.tag) if isinstance(each, yaml.ScalarNode) else None
            items.append(read(each.value) if read else self._value(each, depth + 1, (*location, nth)))
        return items

    def _check_tag(self, node: yaml.Node, location: Location) -> None:
        if node.tag not in _TAGS and not node.tag.startswith("!"):
            self._report(node, "tag", f"has the tag {show(node.tag)}, which isn't supported", location)

    def _report(self, node: yaml.Node, rule: str, message: str, location: Location) -> None:
        self.problems.append(Problem(_place(node), rule, message, location))

    def _members(self, node: yaml.MappingNode, location: Location) -> Members:
        """Return a mapping's members by name, including merged ones, and report what is wrong with its keys."""
        if node in self._members_of:
            return self._members_of[node]
        self._members_of[node] = {}  # a mapping that merges itself adds nothing
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                is_template = isinstance(key, yaml.MappingNode) and node.flow_style
                message = f"is a mapping in YAML; {_QUOTE_IT}" if is_template else "has a key that isn't a string"
                self._report(node if is_template else key, "syntax", message, location)
            elif key.tag == _MERGE:
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(source, yaml.MappingNode):
                        members = self._members(source, location)
                        self._merged += len(members)
                        if self._merged > _MAX_MERGED:
                            raise SyntaxProblemError(_place(node), "merges more than 1,000,000 keys", "too-large")
                        merged = {**members, **merged}
                    else:
                        self._report(source, "syntax", "can't be merged: it isn't a mapping", location)
            elif key.value in own:
                line, _ = _place(own[key.value][0])
                message = f"is given twice, first in line {line}"
                self._report(key, "duplicate-key", message, (*location, key.value))
            else:
                own[key.value] = key, value
        self._members_of[node] = {**merged, **own}
        return self._members_of[node]

    def place(self, location: Location, *, of_key: bool = False) -> Place:
        """
        Return the place of the value at *location*, or of its key; if it doesn't exist, of what would contain it.
        """
        node = shown = self._root
        for step in location:
            if isinstance(node, yaml.MappingNode) and step in self._members(node, ()):
                key, node = self._members(node, ())[str(step)]
                shown = key if of_key else node
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = shown = node.value[step]
            else:
                break
        return _place(shown)


class _Loader(_SafeLoader):  # type: ignore[misc] # the base is one of two classes
    """
    Counts the levels while PyYAML composes, because its C code recurses: up to 6.0.3, deep nesting ends the process.

    PyYAML calls these two methods for every node but aliases, so there is no need to go over the events first.
    """

    _depth = 0

    def descend_resolver(self, parent: yaml.Node | None, index: object) -> None:  # noqa: ARG002 - PyYAML's signature
        if self._depth > _MAX_DEPTH:
            raise _nested_too_deeply(cast(yaml.Node, parent))
        self._depth += 1

    def ascend_resolver(self) -> None:
        self._depth -= 1


def _nested_too_deeply(node: yaml.Node) -> SyntaxProblemError:
    return SyntaxProblemError(_place(node), f"is nested more than {_MAX_DEPTH} levels deep")


def _compose(text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise SyntaxProblemError(place, f"isn't YAML: {_explained(error, text, place[0])}") from None
    except ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")
        # libyaml counts bytes, and PyYAML without libyaml counts characters.
        offset = error.position if error.encoding == "unicode" else len(before)
        raise SyntaxProblemError(Lines(text).place(offset), f"isn't YAML: {error.reason}") from None
    if root is None:
        raise SyntaxProblemError((1, 1), "is empty")
    return root


def _explained(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    if isinstance(error, ComposerError) and error.context and "single document" in error.context:
        return "there is a second document; only one is allowed"
    what = ", ".join(filter(None, (error.context, error.problem)))
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "{%" in shown:
        return f"{what}; render the template first"
    if re.search(r"[:-]\s+\{\{", shown):
        return f"{what}; a value that begins with {{{{ needs quotes"
    return f"{what}; indent with spaces, not tabs" if "\t" in shown else what


def _place(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


# What some YAML reader takes for a number, and characters that PyYAML without libyaml doesn't escape.
_NEEDS_QUOTES = re.compile("[-+.0-9]|.*[\x85\u2028\u2029]", re.DOTALL)


class _Text(_Dumper):  # type: ignore[misc] # the base is one of two classes
    """Quotes every string that some YAML reader may take for a number."""


def _quoted(dumper: Any, text: str) -> yaml.Node:
    return cast(yaml.Node, dumper.represent_scalar(_TEXT, text, style='"' if _NEEDS_QUOTES.match(text) else None))


_Text.add_representer(str, _quoted)


def dump_yaml(data: object) -> str:
    """
    Return plain *data* as YAML, in its own order.
    """
    return yaml.dump(data, Dumper=_Text, sort_keys=False, allow_unicode=True, width=2**31 - 1)

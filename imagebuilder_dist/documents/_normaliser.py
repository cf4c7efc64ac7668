"""
From what was parsed to plain data in the API's names: unquoted scalars get their types, functions their results.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import attrs

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, closest, did_you_mean, show
from imagebuilder_dist._shapes.walk import Collection, Shape, Structure
from imagebuilder_dist.documents import _cloudformation as cfn
from imagebuilder_dist.documents import _functions as fn
from imagebuilder_dist.documents._parsed import Plain
from imagebuilder_dist.errors import Issue, Severity

# Those of YAML 1.1, which the AWS CLI and CloudFormation read.
_BOOLEANS = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}
# Without octal, binary and sexagesimal numbers, which readers of YAML 1.1 and 1.2 read differently.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
# CloudFormation, whose numbers are texts, also takes 6.0 for an integer.
_A_MAP = "must be a map of keys and values here"
_WHOLE_NUMBER = re.compile(rf"({_INTEGER.pattern})\.0+")


@attrs.define
class Normaliser:
    """
    Makes plain data in the API's names of what was parsed; whatever has a wrong type stays as it is.
    """

    functions: fn.Functions | None
    """Those of CloudFormation; `None` if the file isn't in its spelling."""
    unresolved: Severity
    """What it is if a value isn't known."""
    named: set[str]
    """The unknown values that were reported."""
    issues: list[Issue] = attrs.field(factory=list[Issue])
    """What can't be said in the API's names; with locations in the file's."""
    gaps: set[Location] = attrs.field(factory=set[Location])
    """Where something is missing in the data, because it isn't known or can't be said."""

    def plain(self, value: object, shape: Shape, at: Location) -> object:
        """
        Return *value*, which is *at* a location in the file, as its *shape* takes it.
        """
        return self._shaped(self._resolved(value, shape), shape, at)

    def is_met(self, condition: object, at: Location) -> bool:
        """
        Return whether a resource's *condition* is met, or may be.
        """
        if condition is None or self.functions is None:
            return True
        met = self._resolved({"Condition": condition})
        if isinstance(met, fn.Unknown | fn.FunctionError):
            self._report_gap(met, at)
        return met is not False

    def _resolved(self, value: object, shape: Shape | None = None) -> object:
        """Return *value*, or the result if it calls a function."""
        if self.functions is None:
            return value
        try:
            result: object = self.functions.resolve(value)
        except fn.FunctionError as error:
            return error
        # Only a parameter that is declared as a list is one already.
        is_list_as_text = shape is not None and shape.cls is list and isinstance(result, str) and fn.is_function(value)
        return fn.split(cast(str, result)) if is_list_as_text and cast(Any, value).keys() <= fn.REFERENCES else result

    def _shaped(self, value: object, shape: Shape, at: Location) -> object:
        if isinstance(value, fn.Unknown | fn.FunctionError):
            self._report_gap(value, at)
            return None
        if isinstance(shape, Structure) and is_mapping(value):
            return self._members(value, shape, at)
        if isinstance(shape, Collection) and shape.cls is list and is_list(value):
            if shape.item.cls is str and self.functions is None:
                return value  # there may be thousands
            items = [item for each in value if (item := self._resolved(each, shape.item)) != fn.NO_VALUE]
            return [self._shaped(each, shape.item, (*at, nth)) for nth, each in enumerate(items)]
        if isinstance(shape, Collection) and shape.cls is dict:
            return self._tags(value, shape, at)
        return self._scalar(value, shape.cls)

    def _members(self, value: Mapping[Any, Any], shape: Structure, at: Location) -> object:
        names = {name: name for name in shape.members} if self.functions is None else cfn.properties_of(shape)
        plain: dict[str, object] = {}
        for key, each in value.items():
            name = names.get(key)
            meant = name or names.get(closest(key, names) or "")
            item = self._resolved(each, shape.members[meant]) if meant else each
            if item == fn.NO_VALUE:
                continue
            if name is None and self.functions is not None:
                self._report_property(key, names, (*at, key), each)
                name = cfn.respelled(key)
                if meant is None or name in shape.members:
                    continue
            plain[name or key] = self._shaped(item, shape.members[meant], (*at, key)) if meant else item
        return plain

    def _tags(self, tags: object, shape: Collection, at: Location) -> object:
        if self.functions is not None and is_list(tags) and all(map(is_mapping, tags)):
            self.gaps.add(at)
            self.issues.append(Issue(at, "type", "error", f"{_A_MAP}, not a list of Key and Value", tags))
        if not is_mapping(tags):
            return tags
        if self.functions is not None and set(tags) == {"Key", "Value"}:
            self.issues.append(
                Issue(at, "tags-key-value", "warning", f"{_A_MAP}; this sets the tags Key and Value", tags)
            )
        items = {key: self._resolved(each, shape.item) for key, each in tags.items()}
        return {key: self._shaped(each, shape.item, (*at, key)) for key, each in items.items() if each != fn.NO_VALUE}

    def _scalar(self, value: object, cls: type) -> object:
        # To CloudFormation, every scalar is a text.
        if self.functions is not None and isinstance(value, int | float) and cls in {bool, int, str}:
            value = fn.text_of(value)
        if isinstance(value, Plain) or (self.functions is not None and isinstance(value, str)):
            if cls is bool:
                return _BOOLEANS.get(value.lower(), str(value))
            whole = _WHOLE_NUMBER.fullmatch(value) if self.functions is not None else None
            text = whole[1] if whole else value
            if cls is int and _INTEGER.fullmatch(text):
                return int(text)
        return str(value) if isinstance(value, Plain) else value

    def _report_property(self, key: object, names: Mapping[str, str], at: Location, value: object) -> None:
        hint = did_you_mean(key, names) or f"; it has {', '.join(names)}"
        is_export = key == cfn.respelled(cfn.EXPORT)
        message = cfn.NO_EXPORT if is_export else f"isn't a property in CloudFormation{hint}"
        self.issues.append(Issue(at, "unknown-member", "error", message, value))

    def _report_gap(self, value: fn.Unknown | fn.FunctionError, at: Location) -> None:
        self.gaps.add(at)
        if isinstance(value, fn.FunctionError):
            self.issues.append(Issue(at, "function", "error", str(value)))
            return
        for name in value.names:
            if name not in self.named:
                message = f"depends on {show(name)}, whose value isn't known here: --parameter {name}=VALUE"
                self.issues.append(Issue(at, "unresolved", self.unresolved, message))
        self.named.update(value.names)

"""
From what was parsed to plain data in the API's names: unquoted scalars get their types, functions their results.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import attrs

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist._common.text import Location, closest, did_you_mean
from imagebuilder_dist._shapes.walk import Collection, Shape, Structure
from imagebuilder_dist.documents import _cloudformation as cfn
from imagebuilder_dist.documents import _functions as fn
from imagebuilder_dist.documents._parsed import Plain
from imagebuilder_dist.errors import Issue

# Those of YAML 1.1, which the AWS CLI and CloudFormation read.
_BOOLEANS = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}
# Without octal, binary and sexagesimal numbers, which readers of YAML 1.1 and 1.2 read differently.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
_A_LIST = "must be a map of keys and values here, not a list of Key and Value"
_TWO_TAGS = "sets a tag Key and a tag Value"
# CloudFormation, whose numbers are texts, also takes 6.0 for an integer.
_WHOLE_NUMBER = re.compile(rf"({_INTEGER.pattern})\.0+")


@attrs.define
class Normaliser:
    """
    Makes plain data in the API's names of what was parsed; whatever has a wrong type stays as it is.
    """

    functions: fn.Functions | None
    """Those of CloudFormation; `None` if the file isn't in its spelling."""
    issues: list[Issue] = attrs.field(factory=list[Issue])
    """What can't be said in the API's names; with locations in the file's."""

    def plain(self, value: object, shape: Shape, at: Location) -> object:
        """
        Return *value*, which is *at* a location in the file, as its *shape* takes it.
        """
        return self._shaped(self._resolved(value, shape), shape, at)

    def _resolved(self, value: object, shape: Shape) -> object:
        """Return *value*, or the result if it calls a function, which may be an error or unknown."""
        if self.functions is None:
            return value
        result: object = self.functions.resolved(value)
        # Only a parameter that is declared as a list is one already.
        is_list_as_text = shape.cls is list and isinstance(result, str) and fn.is_function(value)
        return fn.split(cast(str, result)) if is_list_as_text and cast(Any, value).keys() <= fn.REFERENCES else result

    def _shaped(self, value: object, shape: Shape, at: Location) -> object:
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
            name = meant = names.get(key)
            if name is None:
                # The walk checks it as what was meant, too, unless that isn't possible.
                meant = names.get(closest(key, names) or "")
                if self.functions is not None:
                    self._report_property(key, names, (*at, key), each)
                    name = key if cfn.respelled(key) in shape.members else cfn.respelled(key)
            if key == cfn.PROPERTY_OF_EXPORT and self.functions is not None:
                plain[key] = fn.Unknown()
                continue
            item = each if meant is None else self._resolved(each, shape.members[meant])
            if item != fn.NO_VALUE:
                plain[name or key] = item if meant is None else self._shaped(item, shape.members[meant], (*at, key))
        return plain

    def _report_property(self, key: object, names: Mapping[str, str], at: Location, value: object) -> None:
        hint = did_you_mean(key, names) or f"; it has {', '.join(names)}"
        message = f"isn't a property in CloudFormation{hint}"
        if key == cfn.PROPERTY_OF_EXPORT:
            message = cfn.NO_EXPORT
        self.issues.append(Issue(at, "unknown-member", "error", message, value))

    def _tags(self, tags: object, shape: Collection, at: Location) -> object:
        if self.functions is not None and is_list(tags) and all(map(is_mapping, tags)):
            self.issues.append(Issue(at, "type", "error", _A_LIST, tags))
            return fn.Unknown()
        if not is_mapping(tags):
            return tags
        if self.functions is not None and set(tags) == {"Key", "Value"}:
            self.issues.append(Issue(at, "tags-key-value", "warning", _TWO_TAGS, tags))
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

"""
Convert a file's scalars and names to those that `from_boto3` takes.
"""

import re
from collections.abc import Mapping, Sequence

import attrs

from imagebuilder_dist._common.attributes import Member, is_list, is_mapping
from imagebuilder_dist._common.text import Location, did_you_mean
from imagebuilder_dist.documents._cloudformation import coerced
from imagebuilder_dist.documents._intrinsics import NO_VALUE, Parameters, UnresolvedError, resolve
from imagebuilder_dist.documents._parsed import Plain, as_text
from imagebuilder_dist.documents._spelling import names_of
from imagebuilder_dist.errors import Issue

# Those of YAML 1.1, which the AWS CLI and CloudFormation read.
_BOOLEANS = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}
# Without octal, binary and sexagesimal numbers, which readers of YAML 1.1 and 1.2 read differently.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")

# As for documents in the API's spelling: finding a suggestion for a key is slow.
_MAX_HINTS = 20


@attrs.define
class Settling:
    """
    Convert a document, class by class, and collect the issues of its syntax and its spelling.
    """

    cloudformation: bool
    parameters: Parameters
    issues: list[Issue] = attrs.field(factory=list[Issue])
    """Issues, with locations in the file."""
    _hints: int = 0

    def settle(self, value: object, cls: type, location: Location) -> object:
        """
        Return *value*, the data of a *cls*, with the API's names; values of wrong types stay unchanged.
        """
        if not is_mapping(value):
            return as_text(value)
        names = names_of(cls, cloudformation=self.cloudformation)
        settled: dict[str, object] = {}
        for key, each in value.items():
            below = (*location, key)
            if self.cloudformation and each == NO_VALUE:
                continue
            if key in names:
                settled[names[key].name] = self._member(self._resolved(each, below), names[key], below)
            elif self.cloudformation:
                self._hints += 1
                hint = _hint(key, cls) if self._hints <= _MAX_HINTS else ""
                self._report(below, "unknown-member", f"isn't a property here, and would be lost{hint}", each)
            else:
                settled[key] = each
        return settled

    def _resolved(self, value: object, location: Location) -> object:
        if not self.cloudformation:
            return value
        try:
            return resolve(value, self.parameters)
        except UnresolvedError as error:
            self._report(location, "unresolved", str(error), value)
            return None  # not a dict, so nothing else is reported for it

    def _member(self, value: object, member: Member, location: Location) -> object:
        if member.container is tuple:
            if self.cloudformation and isinstance(value, str) and not isinstance(value, Plain) and member.model is None:
                value = [each.strip() for each in value.split(",")]
            return self._items(value, member, location) if is_list(value) else as_text(value)
        if member.container is Mapping:
            return self._entries(value, location)
        return self._one(value, member, location)

    def _items(self, items: Sequence[object], member: Member, location: Location) -> list[object]:
        if not self.cloudformation and member.model is None:
            return [str(each) if isinstance(each, Plain) else each for each in items]  # there may be thousands
        return [
            self._one(self._resolved(each, (*location, nth)), member, (*location, nth))
            for nth, each in enumerate(items)
        ]

    def _entries(self, value: object, location: Location) -> object:
        if is_list(value) and self.cloudformation:
            message = "must be a map of keys and values here, not a list of Key and Value"
            self._report(location, "type", message, value)
        if not is_mapping(value):
            return as_text(value)
        return {key: _scalar(self._resolved(each, (*location, key)), str, self) for key, each in value.items()}

    def _one(self, value: object, member: Member, location: Location) -> object:
        if member.model is not None:
            return self.settle(value, member.model, location)
        return _scalar(value, member.cls, self)

    def _report(self, location: Location, rule: str, message: str, value: object) -> None:
        self.issues.append(Issue(location, rule, "error", message, value))


def _scalar(value: object, cls: type, settling: Settling) -> object:
    if settling.cloudformation:
        value = coerced(value, cls)
    if cls is bool and isinstance(value, Plain):
        return _BOOLEANS.get(value.lower(), str(value))
    if cls is int and isinstance(value, Plain) and _INTEGER.fullmatch(value):
        return int(value)
    return as_text(value)


def _hint(key: str, cls: type) -> str:
    names = names_of(cls, cloudformation=True)
    return did_you_mean(key, names) or f"; it has {', '.join(names)}"

"""
Format differences for people: equal ones of several Regions share a line, long lists are cut, access is marked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, cast

import attrs

from imagebuilder_dist._common.attributes import Member, members_of
from imagebuilder_dist._common.text import counted, cut, join, key_text, show
from imagebuilder_dist._places import locate
from imagebuilder_dist.models import Distribution

Kind: TypeAlias = Literal["added", "removed", "changed"]

_SIGNS: Mapping[Kind, str] = {"added": "+", "removed": "-", "changed": "~"}
_MAX_LINES = 40
_MAX_REGIONS = 4
_MAX_ITEMS = 3
_MAX_CHARACTERS = 120

_NOUNS = {
    "ami_tags": "tag",
    "container_tags": "tag",
    "distributions": "Region",
    "fast_launch_configurations": "fast-launch configuration",
    "launch_template_configurations": "launch template",
    "license_configuration_arns": "license configuration",
    "organization_arns": "organization",
    "organizational_unit_arns": "organizational unit",
    "ssm_parameter_configurations": "SSM parameter",
    "tags": "tag",
    "target_account_ids": "account",
    "user_groups": "group",
    "user_ids": "account",
}
_ACCESS = frozenset({"organization_arns", "organizational_unit_arns", "target_account_ids", "user_ids"})
_EVERYBODY = ("group", "all")


class Difference(Protocol):
    """
    The part of a `Change` that this module needs.
    """

    @property
    def location(self) -> tuple[str, ...]:
        """The location, from the configuration down."""
        ...

    @property
    def kind(self) -> Kind:
        """What happens."""
        ...

    @property
    def before(self) -> object:
        """The value before."""
        ...

    @property
    def after(self) -> object:
        """The value after."""
        ...


@attrs.frozen
class Line:
    """
    A line of a plan.
    """

    sign: str
    text: str
    widens_access: bool = False

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


@attrs.frozen
class _Item:
    """A value, an item of a list, or a tag with its key."""

    key: str | None
    before: object
    after: object


@attrs.frozen
class _Entry:
    """The content of one line, without the Regions that share it."""

    path: str
    """The path below the Region, if it is in one."""

    member: Member
    kind: Kind
    items: tuple[_Item, ...] = attrs.field(eq=frozenset)  # their order doesn't matter

    @property
    def grantees(self) -> frozenset[tuple[str, object]]:
        """Who gains or loses access: a noun, such as `account`, and an id."""
        attribute = self.member.attribute
        given = {each.before if self.kind == "removed" else each.after for each in self.items}
        found = given & {"all"} if attribute == "user_groups" else given if attribute in _ACCESS else ()
        return frozenset((_NOUNS[attribute], each) for each in found)

    @property
    def widens_access(self) -> bool:
        return self.kind == "added" and bool(self.grantees)


def widens_access(change: Difference) -> bool:
    """
    Tell whether *change* gives anyone access to the AMI.
    """
    return any(entry.widens_access for entry in _entries([change]))


def summary(changes: Iterable[Difference]) -> str:
    """
    Return one line that says how many Regions and what else differ, and who gains and loses access.
    """
    by_place = _by_place(changes)
    in_regions = [those for (_, region), those in by_place.items() if region is not None]
    kinds = [those[0].kind if _is_region(those[0]) else "changed" for those in in_regions]
    what: list[str] = []
    for kind, one, several in _VERBS:
        if count := kinds.count(kind):
            subject = str(count) if what else counted(count, "Region")
            what.append(f"{subject} {one if count == 1 else several}")
    if ("description", None) in by_place:
        what.append("the description changes")
    if tags := len(by_place.get(("tags", None), ())):
        what.append(f"{counted(tags, 'tag')} {'changes' if tags == 1 else 'change'}")
    access = _access([_entries(those) for those in in_regions])
    return "; ".join([", ".join(what), *access]) if what else "no changes"


_VERBS: Sequence[tuple[Kind, str, str]] = (
    ("changed", "changes", "change"),
    ("added", "is added", "are added"),
    ("removed", "is removed", "are removed"),
)


def _access(regions: Sequence[Sequence[_Entry]]) -> Iterator[str]:
    for kind, verb, public in (("added", "gain", "becomes"), ("removed", "lose", "is no longer")):
        grantees = [{each for entry in entries if entry.kind == kind for each in entry.grantees} for entries in regions]
        nouns = Counter(noun for noun, _ in set[tuple[str, object]]().union(*grantees) - {_EVERYBODY})
        if nouns:
            who = ", ".join(counted(count, noun) for noun, count in sorted(nouns.items()))
            yield f"{who} {verb if nouns.total() > 1 else verb + 's'} access"
        if count := sum(_EVERYBODY in each for each in grantees):
            yield f"the AMI {public} public in {counted(count, 'Region')}"


def lines(changes: Iterable[Difference], regions: Sequence[str] = ()) -> list[Line]:
    """
    Return the lines of a plan; *regions* are all Regions of both configurations, so that a line can say "all".
    """
    groups: dict[_Group, list[str]] = {}
    for (_, region), those in _by_place(changes).items():
        whole = [
            _Group(is_inside=True, kind=each.kind, entries=tuple(_entries([each])))
            for each in those
            if _is_region(each)
        ]
        parts = _entries(each for each in those if not _is_region(each))
        for group in (*whole, *(_Group(is_inside=region is not None, kind=None, entries=(entry,)) for entry in parts)):
            groups.setdefault(group, []).append(region or "")
    found = [line for group, named in groups.items() for line in _lines_of(group, named, regions)]
    if len(found) <= _MAX_LINES:
        return found
    # Lines that widen access are cut last.
    by_weight = sorted(range(len(found)), key=lambda index: not found[index].widens_access)
    kept = [found[index] for index in sorted(by_weight[:_MAX_LINES])]
    return [*kept, Line(" ", f"... {len(found) - _MAX_LINES} more lines")]


@attrs.frozen
class _Group:
    """What several Regions may share: a whole Region, or one line."""

    is_inside: bool
    """Whether it is in a Region."""

    kind: Kind | None
    """The kind of a whole Region; `None` for one line."""

    entries: tuple[_Entry, ...]


def _lines_of(group: _Group, named: Sequence[str], regions: Sequence[str]) -> Iterator[Line]:
    names = cut([key_text(each) for each in named], _MAX_REGIONS)
    if group.kind:
        widens_access = any(entry.widens_access for entry in group.entries)
        yield Line(_SIGNS[group.kind], f"distributions[{names}]", widens_access)
        yield from (_line(entry, "  ") for entry in group.entries)
    elif group.is_inside:
        where = f"all {len(regions)} Regions" if len(named) == len(regions) > 1 else names
        yield _line(group.entries[0], f"distributions[{where}].")
    else:
        yield _line(group.entries[0])


def _by_place(changes: Iterable[Difference]) -> dict[tuple[str, str | None], list[Difference]]:
    """Group the changes by the configuration's member, and by Region."""
    found: dict[tuple[str, str | None], list[Difference]] = {}
    for change in changes:
        member, region = change.location[0], None
        if member == "distributions":
            region = change.location[1] if len(change.location) > 1 else _distribution(change).region
        found.setdefault((member, region), []).append(change)
    return found


def _is_region(change: Difference) -> bool:
    return change.location[0] == "distributions" and len(change.location) <= len(("distributions", "its Region"))


def _distribution(change: Difference) -> Distribution:
    return cast(Distribution, change.before or change.after)


def _entries(changes: Iterable[Difference]) -> list[_Entry]:
    """Return the innermost differences, with the items of a list or a mapping together."""
    found: dict[tuple[str, Kind], tuple[Member, list[_Item]]] = {}
    for change in changes:
        for path, member, item in _leaves(change):
            found.setdefault((path, change.kind), (member, []))[1].append(item)
    return [_Entry(path, member, kind, tuple(dict.fromkeys(items))) for (path, kind), (member, items) in found.items()]


_Leaf: TypeAlias = tuple[str, Member, _Item]


def _leaves(change: Difference) -> Iterator[_Leaf]:
    if _is_region(change):
        yield from _leaves_within(Distribution, "", change.kind, _distribution(change))
        return
    inside = change.location[0] == "distributions"
    place = locate(change.location[2:], Distribution) if inside else locate(change.location)
    member = place.member
    if member.container is None and change.kind != "changed":
        value = change.after if change.kind == "added" else change.before
        yield from _leaves_at(member, place.path, change.kind, value)
    else:
        key = place.key[0] if member.container is Mapping else None
        yield place.member_path, member, _Item(key, change.before, change.after)


def _leaves_at(member: Member, path: str, kind: Kind, value: Any) -> Iterator[_Leaf]:
    if member.container is Mapping:
        yield from ((path, member, _item(kind, each, key)) for key, each in value.items())
    elif member.container is tuple:
        yield from ((path, member, _item(kind, each)) for each in value)
    elif value is not None:
        below = list(_leaves_within(member.model, path, kind, value)) if member.model else []
        yield from below or [(path, member, _item(kind, value))]


def _leaves_within(cls: type, path: str, kind: Kind, value: object) -> Iterator[_Leaf]:
    for member in members_of(cls):
        if member.attribute != "region":
            below = f"{path}.{member.name}" if path else member.name
            yield from _leaves_at(member, below, kind, getattr(value, member.attribute))


def _item(kind: Kind, value: object, key: str | None = None) -> _Item:
    return _Item(key, None, value) if kind == "added" else _Item(key, value, None)


def _line(entry: _Entry, before: str = "") -> Line:
    items = entry.items
    keys = tuple(each.key for each in items if each.key is not None)
    path = before + entry.path
    texts = [_text(entry, each) for each in items]
    if len(items) == 1:
        path, text = join(path, *keys) if keys else path, texts[0]
    else:
        named = [f"{key_text(key)}: {text}" for key, text in zip(keys, texts, strict=True)] if keys else texts
        text = f"{counted(len(items), _NOUNS[entry.member.attribute])}: {cut(named, _MAX_ITEMS)}"
    mark = " (widens access)" if entry.widens_access else ""
    return Line(_SIGNS[entry.kind], f"{path}{mark}: {text}", entry.widens_access)


def _text(entry: _Entry, item: _Item) -> str:
    def text(value: object) -> str:
        if entry.member.model:
            below = _leaves_within(entry.member.model, "", "added", value)
            return f"{{{', '.join(f'{path}: {show(each.after)}' for path, _, each in below)}}}"
        if entry.member.container is tuple and len(str(value)) <= _MAX_CHARACTERS:
            return key_text(value)
        return show(value)

    if entry.kind == "changed":
        return f"{text(item.before)} -> {text(item.after)}"
    return text(item.after if entry.kind == "added" else item.before)

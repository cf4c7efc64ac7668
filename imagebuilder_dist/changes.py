"""
Differences between two configurations in the service's meaning, as a plan for people and as JSON for machines.

Regions are matched by name, SSM parameters by name and account, launch templates by id and account, and fast-launch
configurations by account. These, account ids, ARNs and tags are sets: order and duplicates don't matter.
Absent and empty are the same.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import attrs

from imagebuilder_dist import models
from imagebuilder_dist._common.attributes import EMPTY, Member, is_list, is_mapping, members_of
from imagebuilder_dist._common.text import counted, cut, join, key_text, show
from imagebuilder_dist.errors import Issue
from imagebuilder_dist.models import Configuration, Distribution, DistributionConfiguration, distributions_of

__all__ = ["Change", "Changes", "Kind", "Line", "Plan", "Steps", "diff"]

Kind: TypeAlias = Literal["added", "removed", "changed"]

Steps: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""The API's names from the configuration down, each with the key of an item or a tag."""

# What tells the items of a list apart in the service's meaning; those of other lists are told by their value.
_KEYS: Mapping[type, tuple[str, ...]] = {
    Distribution: ("region",),
    models.FastLaunchConfiguration: ("account_id",),
    models.LaunchTemplateConfiguration: ("launch_template_id", "account_id"),
    models.SsmParameterConfiguration: ("parameter_name", "ami_account_id"),
}
# What the items of each list and mapping are called.
_NOUNS = {
    "amiTags": "tag",
    "containerTags": "tag",
    "distributions": "Region",
    "fastLaunchConfigurations": "fast-launch configuration",
    "launchTemplateConfigurations": "launch template",
    "licenseConfigurationArns": "license configuration",
    "organizationArns": "organization",
    "organizationalUnitArns": "organizational unit",
    "ssmParameterConfigurations": "SSM parameter",
    "tags": "tag",
    "targetAccountIds": "account",
    "userGroups": "group",
    "userIds": "account",
}
_NOTHING: Mapping[type | None, object] = {None: None, tuple: (), Mapping: EMPTY}
_MAPPINGS = frozenset({"amiTags", "tags"})
_ACCESS = frozenset({"organizationArns", "organizationalUnitArns", "targetAccountIds", "userGroups", "userIds"})
_EVERYBODY = ("group", "all")
_SIGNS: Mapping[Kind, str] = {"added": "+", "removed": "-", "changed": "~"}
_VERBS: Mapping[Kind, tuple[str, str]] = {
    "changed": ("changes", "change"),
    "added": ("is added", "are added"),
    "removed": ("is removed", "are removed"),
}

_UPDATE = models.UpdateDistributionConfigurationRequest
_JSON_VERSION = 2
# A plan is to fit on a screen; what is cut is counted.
_MAX_LINES = 40
_MAX_REGIONS = 4
_MAX_ITEMS = 3
_MAX_CHARACTERS = 120


@attrs.frozen(kw_only=True)
class Change:
    """
    One difference. `str()` formats it like a plan.
    """

    steps: Steps
    """
    The API's names from the configuration down, each with the key of an item or a tag.

    The key of a Region is its name, of an SSM parameter its name and account, of a launch template its id and account,
    of a fast-launch configuration its account, which is empty if it is missing. Anything else has an empty key.
    """

    before: object
    """The model or value before; `None` if it is added."""

    after: object
    """The model or value after; `None` if it is removed."""

    @property
    def location(self) -> tuple[str, ...]:
        """
        The steps in a row: `("distributions", "us-west-2", "amiDistributionConfiguration", "name")`.
        """
        return tuple(step for name, key in self.steps for step in (name, *key))

    @property
    def path(self) -> str:
        """
        The location as text: `distributions[us-west-2].amiDistributionConfiguration.name`.
        """
        return _path_of(self.steps)

    @property
    def kind(self) -> Kind:
        """
        A list's item or a member is `added` or `removed`; a value is `changed`.
        """
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def region(self) -> str | None:
        """
        The Region that is added or removed, or in which something changes; `None` for description and tags.
        """
        if isinstance(value := self.before or self.after, Distribution):
            return value.region
        return self.steps[0][1][0] if self.steps[0][0] == "distributions" else None

    @property
    def widens_access(self) -> bool:
        """
        Whether the change gives anyone access to the AMI: accounts, organizations and their units, or everybody.

        An account gains access if it is added to `userIds` or `targetAccountIds`, also by adding a Region.
        """
        return any(entry.widens_access for entry in _entries([self]))

    def __str__(self) -> str:
        return "\n".join(map(str, Changes((self,)).lines()))


class Line(NamedTuple):
    """
    A line of a plan. `str()` returns it with its sign.
    """

    sign: str
    """`+`, `-` or `~` for what is added, removed or changed; a space for anything else."""

    text: str

    widens_access: bool = False
    """Whether it gives anyone access to the AMI."""

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


@attrs.frozen(repr=False)
class Changes:
    """
    All differences between two configurations, one per added or removed item; falsy if there are none.

    `str()` returns a plan that fits a screen: it starts with a summary, and equal changes of several Regions share a
    line. Long lists are cut, and lines that widen access are marked.
    """

    items: tuple[Change, ...]

    regions: tuple[str, ...] = ()
    """The Regions of both configurations, including those without differences."""

    def __iter__(self) -> Iterator[Change]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join([self.summary, *map(str, self.lines())])

    def __repr__(self) -> str:
        return f"<Changes: {self.summary}>"

    @property
    def summary(self) -> str:
        """
        One line that says how many Regions and what else differ, and who gains and loses access.
        """
        regions: dict[str, Kind] = {}
        access: set[tuple[Kind, tuple[str, str], str]] = set()
        for region, (whole, entries) in _blocks(self.items):
            if region is not None:
                regions.setdefault(region, whole or "changed")
                access.update((entry.kind, each, region) for entry in entries for each in entry.grantees)
        what: list[str] = []
        for kind, (one, several) in _VERBS.items():
            if count := list(regions.values()).count(kind):
                what.append(f"{count if what else counted(count, 'Region')} {one if count == 1 else several}")
        what += [
            f"the description {_VERBS[change.kind][0]}" for change in self.items if change.steps[0][0] == "description"
        ]
        if tags := sum(change.steps[0][0] == "tags" for change in self.items):
            what.append(f"{counted(tags, 'tag')} {'changes' if tags == 1 else 'change'}")
        parts = [", ".join(what) or "no changes"]
        parts += _access(access, "added", "gain", "becomes")
        parts += _access(access, "removed", "lose", "is no longer")
        return "; ".join(parts)

    def lines(self) -> tuple[Line, ...]:
        """
        Return the lines of the plan without its summary: at most 40, and the number of the others.
        """
        groups: dict[tuple[bool, _Block], list[str]] = {}
        for region, block in _blocks(self.items):
            groups.setdefault((region is not None, block), []).append(region or "")
        found: list[Line] = []
        for (is_below, (whole, entries)), names in groups.items():
            where = f"distributions[{cut([key_text(each) for each in names], _MAX_REGIONS)}]"
            if whole:
                lines = [entry.line("  ") for entry in entries]
                found += [Line(_SIGNS[whole], where, any(line.widens_access for line in lines)), *lines]
                continue
            if len(names) == len(self.regions) > 1:
                where = f"distributions[all {len(names)} Regions]"
            found += [entry.line(f"{where}." if is_below else "") for entry in entries]
        if len(found) <= _MAX_LINES:
            return tuple(found)
        # Lines that widen access are cut last.
        by_weight = sorted(range(len(found)), key=lambda index: not found[index].widens_access)
        kept = [found[index] for index in sorted(by_weight[:_MAX_LINES])]
        return (*kept, Line(" ", f"... {len(found) - _MAX_LINES} more lines"))

    def to_markdown(self) -> str:
        """
        Return the plan for a pull request: the summary, and the lines as a coloured diff block.
        """
        # GitHub colours a line of a diff block that starts with an exclamation mark.
        lines = [str(line).replace("~", "!", 1) for line in self.lines()]
        return "\n".join([f"**{self.summary}**", *(["", "```diff", *lines, "```"] if lines else [])])

    _repr_markdown_ = to_markdown

    def to_json(self) -> str:
        """
        Return all changes as JSON text, for machines; docs/changes.schema.json is the schema.

        Values are in boto3's form. The format may gain members; `version` changes if the meaning of one changes.
        """
        changes = [
            {
                "location": each.location,
                "path": each.path,
                "kind": each.kind,
                "widensAccess": each.widens_access,
                "before": _plain(each.before),
                "after": _plain(each.after),
            }
            for each in self.items
        ]
        about = {"version": _JSON_VERSION, "summary": self.summary, "regions": self.regions}
        return json.dumps({**about, "changes": changes})


def diff(before: Configuration, after: Configuration) -> Changes:
    """
    Return the changes that turn *before* into *after*.

    Description, distributions and tags are compared; the rest of a configuration or a request to create one can't be
    changed. A request to update has no tags, so they aren't compared with it. Distributions alone have neither
    description nor tags.

    >>> print(diff([Distribution(region="us-west-2")], [Distribution(region="eu-west-1")]))
    1 Region is added, 1 is removed
    - distributions[us-west-2]
    + distributions[eu-west-1]
    """
    old, new = _content(before), _content(after)
    if isinstance(before, _UPDATE) or isinstance(after, _UPDATE):
        old.tags = new.tags
    regions = [each.region for each in (*old.distributions, *new.distributions)]
    return Changes(tuple(_differences(DistributionConfiguration, (), old, new)), tuple(dict.fromkeys(regions)))


def _content(configuration: Configuration) -> SimpleNamespace:
    return SimpleNamespace(
        description=getattr(configuration, "description", None),
        distributions=distributions_of(configuration),
        tags=getattr(configuration, "tags", EMPTY),
    )


def _differences(cls: type, steps: Steps, before: object, after: object, *, deep: bool = False) -> list[Change]:
    """
    Return the differences between two *cls*, either of which may be missing.

    A structure that one of them doesn't have is one change; if *deep*, each of its members is.
    """
    found: list[Change] = []
    for member in members_of(cls):
        nothing = _NOTHING[member.container]
        old, new = getattr(before, member.attribute, nothing), getattr(after, member.attribute, nothing)
        if old == new:
            continue
        for key, one, other in _paired(member, old, new):
            at = (*steps, (member.name, key))
            if member.model and one is not None and other is not None:
                found += _differences(member.model, at, one, other)
            else:
                is_expanded = deep and member.model and member.container is None
                below = _differences(member.cls, at, one, other, deep=True) if is_expanded else []
                found += below or [Change(steps=at, before=one, after=other)]
    return found


_Pair: TypeAlias = tuple[tuple[str, ...], Any, Any]


def _paired(member: Member, before: Any, after: Any) -> list[_Pair]:
    """Return the keys of items and tags that differ, with the two values, of which one may be missing."""
    if member.container is None:
        return [((), before, after)]
    if member.container is Mapping:
        tags = {**before, **after}
        return [((key,), before.get(key), after.get(key)) for key in tags if before.get(key) != after.get(key)]
    names = _KEYS.get(member.cls)
    if names is None:
        old, new = dict.fromkeys(before), dict.fromkeys(after)
        gone: list[_Pair] = [((), item, None) for item in old if item not in new]
        return gone + [((), None, item) for item in new if item not in old]
    sides = [
        [(tuple([getattr(each, name) or "" for name in names]), each) for each in side] for side in (before, after)
    ]
    counts: Counter[tuple[str, ...]] = Counter()
    if any(len(dict(side)) < len(side) for side in sides):
        # The service rejects duplicate keys; if it returns any nevertheless, their items are compared as wholes.
        for side in sides:
            counts |= Counter(key for key, _ in dict.fromkeys(side))
    left, right = ({((), item) if counts[key] > 1 else (key, None): item for key, item in side} for side in sides)
    return [(at[0], left.get(at), right.get(at)) for at in {**left, **right} if left.get(at) != right.get(at)]


def _path_of(steps: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    path = ""
    for name, key in steps:
        path = join(path, name)
        if name in _MAPPINGS and key:
            path = join(path, *key)
        elif key:
            # A fast-launch configuration without an account has an empty key.
            path += "".join(f"[{key_text(each)}]" for each in key if each) or "[own account]"
    return path


@attrs.frozen
class _Entry:
    """What goes on one line: what is added, removed or changed in one member."""

    name: str
    path: str
    """The path of the member, below the Region if it is in one."""

    kind: Kind
    items: list[tuple[tuple[str, ...], Any, Any]] = attrs.field(eq=frozenset)
    """The key of a tag, and the values before and after. Order doesn't matter, so it doesn't keep Regions apart."""

    @property
    def grantees(self) -> frozenset[tuple[str, str]]:
        """Who gains or loses access: a noun, such as `account`, and an id."""
        if self.name not in _ACCESS:
            return frozenset()
        given = {before if after is None else after for _, before, after in self.items}
        return frozenset((_NOUNS[self.name], each) for each in given if self.name != "userGroups" or each == "all")

    @property
    def widens_access(self) -> bool:
        return self.kind == "added" and bool(self.grantees)

    def line(self, before: str = "") -> Line:
        texts = [" -> ".join(self._show(each) for each in values if each is not None) for _, *values in self.items]
        path, is_tag = before + self.path, self.name in _MAPPINGS
        if len(texts) == 1:
            path = join(path, *self.items[0][0]) if is_tag else path
        else:
            if is_tag:
                texts = [f"{key_text(key)}: {text}" for ((key,), *_), text in zip(self.items, texts, strict=True)]
            texts = [f"{counted(len(texts), _NOUNS[self.name])}: {cut(texts, _MAX_ITEMS)}"]
        mark = " (widens access)" if self.widens_access else ""
        return Line(_SIGNS[self.kind], f"{path}{mark}: {texts[0]}", self.widens_access)

    def _show(self, value: object) -> str:
        if attrs.has(type(value)):
            return f"{{{', '.join(_flat(_plain(value)))}}}"
        # An id is shown as in a path, without quotes; other text may contain anything.
        is_item = self.name in _NOUNS and self.name not in _MAPPINGS
        return key_text(value) if is_item and len(str(value)) <= _MAX_CHARACTERS else show(value)


_Block: TypeAlias = tuple[Kind | None, tuple[_Entry, ...]]
"""What several Regions may share: a whole Region with its kind, or one line."""


def _blocks(changes: Iterable[Change]) -> Iterator[tuple[str | None, _Block]]:
    """Yield the blocks of lines, and the Region of each; `None` outside of one."""
    places: dict[tuple[str, str | None], list[Change]] = {}
    for change in changes:
        places.setdefault((change.steps[0][0], change.region), []).append(change)
    for (_, region), found in places.items():
        for each in found:
            if _is_region(each):
                yield region, (each.kind, _entries([each]))
        for entry in _entries(each for each in found if not _is_region(each)):
            yield region, (None, (entry,))


def _is_region(change: Change) -> bool:
    return change.steps[0][0] == "distributions" and len(change.steps) == 1


def _entries(changes: Iterable[Change]) -> tuple[_Entry, ...]:
    found: dict[tuple[str, Kind], _Entry] = {}
    for change in changes:
        for leaf in _leaves(change):
            *above, (name, key) = leaf.steps if leaf.region is None else leaf.steps[1:]
            path = _path_of([*above, (name, ())])
            entry = found.setdefault((path, leaf.kind), _Entry(name, path, leaf.kind, []))
            entry.items.append((key if name in _MAPPINGS else (), leaf.before, leaf.after))
    return tuple(found.values())


def _leaves(change: Change) -> Sequence[Change]:
    """Return the values, items and tags in an added or removed Region or structure; anything else is a leaf."""
    cls, steps = type(change.before or change.after), change.steps
    if _is_region(change):
        steps = (("distributions", (str(change.region),)),)
    elif not attrs.has(cls) or steps[-1][0] in _NOUNS:
        return [change]
    below = _differences(cls, steps, change.before, change.after, deep=True)
    return [each for each in below if each.steps[-1][0] != "region"] or [change] * (not _is_region(change))


# The converter stands on a floor above, and does the same.
def _plain(value: Any) -> object:
    """Return *value* in boto3's form."""
    cls = cast("type[attrs.AttrsInstance]", type(value))
    if attrs.has(cls):
        members = {each.name: getattr(value, each.attribute) for each in members_of(cls)}
        return {name: _plain(each) for name, each in members.items() if each not in (None, (), EMPTY)}
    return [_plain(each) for each in value] if is_list(value) else value


def _flat(value: object, path: str = "") -> Iterator[str]:
    """Yield the members of a plain structure."""
    if is_mapping(value) and value:
        for name, each in value.items():
            yield from _flat(each, join(path, name))
    elif path:
        yield f"{path}: {show(value)}"


def _access(given: Iterable[tuple[Kind, tuple[str, str], str]], kind: Kind, verb: str, public: str) -> Iterator[str]:
    """Yield who gains or loses access."""
    grantees = [(grantee, region) for each, grantee, region in given if each == kind]
    nouns = Counter(noun for noun, _ in {grantee for grantee, _ in grantees} - {_EVERYBODY})
    if nouns:
        who = ", ".join(counted(count, noun) for noun, count in sorted(nouns.items()))
        yield f"{who} {verb if nouns.total() > 1 else verb + 's'} access"
    if count := sum(grantee == _EVERYBODY for grantee, _ in grantees):
        yield f"the AMI {public} public in {counted(count, 'Region')}"


@attrs.frozen(kw_only=True, repr=False)
class Plan:
    """
    What an edit or an ensure changes: the plan of a dry run, or one that was carried out.

    `client.apply(plan)` carries it out; `documents.dumps_plan` saves it.
    """

    before: DistributionConfiguration | None
    """What is stored; `None` if the configuration doesn't exist, so that it is created."""

    after: DistributionConfiguration | models.CreateDistributionConfigurationRequest
    """The wanted configuration; the request if it is created."""

    changes: Changes
    """The changes, for an ensure including those of tags; falsy if nothing differs, and then nothing is written."""

    warnings: tuple[Issue, ...] = ()
    """
    Validation's warnings: they break or surprise in the build.

    An edit has those about what it introduces, an ensure all about the wanted state.
    """

    client_token: str | None = None
    """
    The client token of the write, derived from the state that the plan was made from, so that it is written once.

    A plan that creates has a token of its own; `None` if there is nothing to write.
    """

    region: str | None = None
    """The Region in which a plan that creates was made, which is the only one where it is applied."""

    result: models.UpdateDistributionConfigurationResult | models.CreateDistributionConfigurationResult | None = None
    """The service's response; `None` if no configuration was written, or only its tags."""

    written: bool = False
    """Whether the plan was carried out and something was written, be it only tags."""

    @property
    def created(self) -> bool:
        """
        Whether the configuration doesn't exist before the plan, so that it is created.
        """
        return self.before is None

    @property
    def name(self) -> str | None:
        """
        The configuration's name.
        """
        return self.after.name

    @property
    def distribution_configuration_arn(self) -> str | None:
        """
        The configuration's ARN; `None` if it isn't created yet.
        """
        if isinstance(self.after, DistributionConfiguration):
            return self.after.arn
        return self.result.distribution_configuration_arn if self.result else None

    def __str__(self) -> str:
        return "\n".join([f"{self._title}:", str(self.changes), *map(str, self.warnings)])

    def __repr__(self) -> str:
        return f"<Plan of {self._title}: {self.changes.summary} ({'written' if self.written else 'not written'})>"

    def to_markdown(self) -> str:
        """
        Return the plan for a pull request: what is changed, the changes, and the warnings.
        """
        warnings = ["", "```", *map(str, self.warnings), "```"] if self.warnings else []
        title = self._title.replace("`", "'")
        return "\n".join([f"`{title}`:", "", self.changes.to_markdown(), *warnings])

    _repr_markdown_ = to_markdown

    @property
    def _title(self) -> str:
        return key_text(self.distribution_configuration_arn or self.name) + " (new)" * self.created

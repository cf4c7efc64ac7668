"""
Differences between two configurations in the service's meaning, printed as a plan or as JSON.

Regions are matched by name, SSM parameters by name and account, launch templates by id and account, and fast-launch
configurations by account. These, account ids, ARNs and tags are sets: order and duplicates don't matter.
Absent and empty are the same.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, cast

import attrs

from imagebuilder_dist import _report
from imagebuilder_dist._common.attributes import (
    EMPTY,
    Items,
    Member,
    check_tuple,
    check_type,
    members_of,
)
from imagebuilder_dist._common.text import key_text
from imagebuilder_dist._places import key_of, locate, path_at
from imagebuilder_dist._report import Kind
from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.errors import Issue
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    CreateDistributionConfigurationResult,
    Distribution,
    DistributionConfiguration,
    UpdateDistributionConfigurationResult,
    to_distributions,
)

_JSON_VERSION = 1
_STYLES = {"+": "green", "-": "red", "~": "yellow", " ": "dim"}


@attrs.frozen(kw_only=True)
class Change:
    """
    One difference. `str()` formats it like a plan.
    """

    location: tuple[str, ...]
    """
    Attribute names, Regions and tag keys from the configuration down.

    An SSM parameter takes two steps, its name and account; so does a launch template, its id and account; a
    fast-launch configuration takes one, its account. The step of a missing account is empty.
    """

    path: str
    """The location in the service's spelling: `distributions[us-west-2].amiDistributionConfiguration.name`."""

    kind: Kind
    """A list's item or a member is `added` or `removed`; a value is `changed`."""

    before: object
    """The model or value before; `None` if it is added."""

    after: object
    """The model or value after; `None` if it is removed."""

    @property
    def widens_access(self) -> bool:
        """
        Whether the change gives anyone access to the AMI: accounts, organizations and their units, or everybody.

        An account gains access if it is added to `userIds` or `targetAccountIds`, also by adding a Region.
        """
        return _report.widens_access(self)

    def __str__(self) -> str:
        return "\n".join(map(str, _report.lines([self])))


@attrs.frozen(repr=False)
class Changes:
    """
    All differences between two configurations, one per added or removed item; falsy if there are none.

    `str()` returns a plan that fits a screen: it starts with a summary, and equal changes of several Regions share a
    line. Long lists are cut, and lines that widen access are marked. Rich prints it in colour.
    """

    items: tuple[Change, ...]

    regions: tuple[str, ...] = ()
    """The Regions of both configurations, including those without differences."""

    def __iter__(self) -> Iterator[Change]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join([_report.summary(self.items), *map(str, _report.lines(self.items, self.regions))])

    def __repr__(self) -> str:
        return f"<Changes: {_report.summary(self.items)}>"

    def __rich__(self) -> Any:
        from rich.text import Text  # noqa: PLC0415 - an optional package, which is installed if it calls this

        text = Text(_report.summary(self.items), style="bold")
        for line in _report.lines(self.items, self.regions):
            text.append(f"\n{line}", "bold yellow" if line.widens_access else f"not bold {_STYLES[line.sign]}")
        return text

    def to_markdown(self) -> str:
        """
        Return the plan for a pull request: the summary, and the lines as a coloured diff block.
        """
        summary = f"**{_report.summary(self.items)}**"
        # GitHub colours a line of a diff block that starts with an exclamation mark.
        lines = [str(line).replace("~", "!", 1) for line in _report.lines(self.items, self.regions)]
        return "\n".join([summary, "", "```diff", *lines, "```"]) if lines else summary

    def to_json(self) -> str:
        """
        Return all changes as JSON text, for machines; docs/changes.schema.json is the schema.

        Values are in boto3's form. The format may gain members; `version` changes if the meaning of one changes.
        """
        document = {
            "version": _JSON_VERSION,
            "summary": _report.summary(self.items),
            "regions": self.regions,
            "changes": [
                {
                    "location": each.location,
                    "path": each.path,
                    "kind": each.kind,
                    "widensAccess": each.widens_access,
                    "before": _plain(each.before),
                    "after": _plain(each.after),
                }
                for each in self.items
            ],
        }
        return json.dumps(document)

    @classmethod
    def from_json(cls, text: str) -> "Changes":
        """
        Return the changes in *text*, which `to_json` returned.

        Only a change's `location`, `before` and `after` are read; the rest follows from them.

        Raises:
            ValueError:
                If *text* isn't such a document.

        >>> changes = diff([Distribution(region="us-west-2")], [Distribution(region="eu-west-1")])
        >>> Changes.from_json(changes.to_json()) == changes
        True
        """
        document = json.loads(text)
        try:
            if document["version"] != _JSON_VERSION:
                raise ValueError(f"the plan's JSON must have version {_JSON_VERSION}")
            check_tuple("regions", regions := tuple(document["regions"]), str)
            return cls(tuple(map(_from_plain, document["changes"])), regions)
        except (LookupError, TypeError) as error:
            raise ValueError("the JSON isn't a plan") from error


def _plain(value: object) -> object:
    return to_boto3(cast(attrs.AttrsInstance, value)) if attrs.has(type(value)) else value


def _from_plain(data: Mapping[str, Any]) -> Change:
    check_tuple("location", location := tuple(data["location"]), str)
    place = locate(location)

    def read(value: object) -> object:
        if value is not None and place.member.model:
            return cast(object, from_boto3(value, place.member.model))
        if value is not None:
            check_type(place.path, value, place.member.cls)
        return value

    before, after = read(data["before"]), read(data["after"])
    if before == after:
        raise ValueError("a change of the plan changes nothing")
    return _change(location, place.path, before, after)


def diff(
    before: DistributionConfiguration | CreateDistributionConfigurationRequest | Items[Distribution],
    after: DistributionConfiguration | CreateDistributionConfigurationRequest | Items[Distribution],
) -> Changes:
    """
    Return the changes that turn *before* into *after*.

    Description, distributions and tags are compared; the rest of a configuration or a request to create one can't be
    changed.

    >>> print(diff([Distribution(region="us-west-2")], [Distribution(region="eu-west-1")]))
    1 Region is added, 1 is removed
    - distributions[us-west-2]
    + distributions[eu-west-1]
    """
    old, new = _content("before", before), _content("after", after)
    members = {member.attribute: member for member in members_of(DistributionConfiguration)}
    items = [
        change
        for name in ("description", "distributions", "tags")
        for change in _differences(members[name], (name,), name, old[name], new[name])
    ]
    regions = dict.fromkeys(each.region for each in (*old["distributions"], *new["distributions"]))
    return Changes(tuple(items), tuple(regions))


def _content(
    name: str, value: DistributionConfiguration | CreateDistributionConfigurationRequest | Items[Distribution]
) -> Mapping[str, Any]:
    """Return the members to compare: description, distributions and tags."""
    if isinstance(value, DistributionConfiguration | CreateDistributionConfigurationRequest):
        return {"description": value.description, "distributions": value.distributions, "tags": value.tags}
    distributions = to_distributions(value)
    check_tuple(name, distributions, Distribution)
    return {"description": None, "distributions": distributions, "tags": EMPTY}


def _differences(member: Member, location: tuple[str, ...], path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if member.container is tuple:
        yield from _items(member, location, path, before, after)
    elif member.container is not None:
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                yield _change((*location, key), path_at(member, path, (key,)), before.get(key), after.get(key))
    elif member.model and before is not None and after is not None:
        yield from _within(member.model, location, path, before, after)
    else:
        yield _change(location, path, before, after)


def _within(cls: type, location: tuple[str, ...], path: str, before: Any, after: Any) -> Iterator[Change]:
    for member in members_of(cls):
        name = member.attribute
        yield from _differences(
            member, (*location, name), f"{path}.{member.name}", getattr(before, name), getattr(after, name)
        )


def _items(
    member: Member, location: tuple[str, ...], path: str, before: tuple[Any, ...], after: tuple[Any, ...]
) -> Iterator[Change]:
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    counts = [Counter(key_of(item, member.cls) for item in items) for items in (old, new)]

    def step(item: Any) -> tuple[tuple[str, ...], Any]:
        # The service rejects duplicate keys; if it returns any nevertheless, their items are compared as wholes.
        key = key_of(item, member.cls)
        return (key, None) if key and all(count[key] <= 1 for count in counts) else ((), item)

    left, right = ({step(item): item for item in items} for items in (old, new))
    for at, whole in {**left, **right}:
        one, other = left.get((at, whole)), right.get((at, whole))
        below, below_path = (*location, *at), path_at(member, path, at)
        if one is None or other is None:
            yield _change(below, below_path, one, other)
        elif one != other:
            yield from _within(member.cls, below, below_path, one, other)


def _change(location: tuple[str, ...], path: str, before: object, after: object) -> Change:
    kind: Kind = "added" if before is None else "removed" if after is None else "changed"
    return Change(location=location, path=path, kind=kind, before=before, after=after)


@attrs.frozen(kw_only=True, repr=False)
class Plan:
    """
    What an edit or an ensure changes: the plan of a dry run, or one that was carried out.
    """

    before: DistributionConfiguration | None
    """What is stored; `None` if the configuration doesn't exist, so that it is created."""

    after: DistributionConfiguration | CreateDistributionConfigurationRequest
    """The wanted configuration; the request if it is created."""

    changes: Changes
    """The changes, for an ensure including those of tags; falsy if nothing differs, and then nothing is written."""

    warnings: tuple[Issue, ...] = ()
    """
    Validation's warnings: they break or surprise in the build.

    An edit has those about what it introduces, an ensure all about the wanted state.
    """

    client_token: str | None = None
    """The client token derived from the state that the plan was made from; `None` if there was none."""

    result: UpdateDistributionConfigurationResult | CreateDistributionConfigurationResult | None = None
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

    def __repr__(self) -> str:
        arn = self.distribution_configuration_arn
        what = "a new configuration" if arn is None else key_text(arn)
        written = "written" if self.written else "not written"
        return f"<Plan of {what}: {_report.summary(self.changes)} ({written})>"

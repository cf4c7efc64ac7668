"""
What differs between two configurations, in the service's meaning, printed like a plan.

Regions are matched by name. Account ids, ARNs, tags, launch templates, fast-launch and SSM entries are sets: their
order and repetition mean nothing. Absent and empty are the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, cast

import attrs

from imagebuilder_dist._converter import to_boto3
from imagebuilder_dist._fields import EMPTY, Items, check_tuple, is_mapping, member_name
from imagebuilder_dist._help import documented
from imagebuilder_dist._paths import join, key_text
from imagebuilder_dist.errors import Issue
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, Distribution, to_distributions
from imagebuilder_dist.results import DistributionConfiguration, UpdateDistributionConfigurationResult

Kind: TypeAlias = Literal["added", "removed", "changed"]

_SIGNS: Mapping[Kind, str] = {"added": "+", "removed": "-", "changed": "~"}


@attrs.frozen(kw_only=True, field_transformer=documented)
class Change:
    """
    One difference.
    """

    location: tuple[str, ...]
    """Attribute names, Regions and tag keys from the configuration down."""

    path: str
    """The same in the service's words: `distributions[us-west-2].amiDistributionConfiguration.name`."""

    kind: Kind
    """An item of a list or a member is `added` or `removed`; a value is `changed`."""

    before: object
    """The model or value before; `None` if something is added."""

    after: object
    """The model or value after; `None` if something is removed."""

    def __str__(self) -> str:
        if self.kind == "changed":
            return f"~ {self.path}: {_shown(self.before)} -> {_shown(self.after)}"
        return f"{_SIGNS[self.kind]} {self.path}: {_shown(self.after if self.kind == 'added' else self.before)}"


@attrs.frozen(field_transformer=documented)
class Changes:
    """
    All differences between two configurations; falsy if there are none. `str()` makes a plan to read.
    """

    items: tuple[Change, ...]

    def __iter__(self) -> Iterator[Change]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join(map(str, self.items)) or "no changes"


def diff(
    before: DistributionConfiguration | CreateDistributionConfigurationRequest | Items[Distribution],
    after: DistributionConfiguration | CreateDistributionConfigurationRequest | Items[Distribution],
) -> Changes:
    """
    Return what has to change in *before* to make it mean the same as *after*.

    Of a `DistributionConfiguration` or a request to create one, description, distributions and tags are compared; the
    rest can't be changed.

    >>> print(diff([Distribution(region="us-west-2")], [Distribution(region="eu-west-1")]))
    - distributions[us-west-2]: {'region': 'us-west-2'}
    + distributions[eu-west-1]: {'region': 'eu-west-1'}
    """
    old, new = _content("before", before), _content("after", after)
    return Changes(
        (
            *_differences(("description",), "description", old[0], new[0]),
            *_distributions(old[1], new[1]),
            *_differences(("tags",), "tags", old[2], new[2]),
        )
    )


def _content(
    name: str, value: DistributionConfiguration | CreateDistributionConfigurationRequest | Items[Distribution]
) -> tuple[str | None, tuple[Distribution, ...], Mapping[str, str]]:
    """Return what is compared: description, distributions and tags."""
    if isinstance(value, DistributionConfiguration | CreateDistributionConfigurationRequest):
        return value.description, value.distributions, value.tags
    distributions = to_distributions(value)
    check_tuple(name, distributions, Distribution)
    return None, distributions, EMPTY


def _distributions(before: tuple[Distribution, ...], after: tuple[Distribution, ...]) -> Iterator[Change]:
    old, new = _by_region(before), _by_region(after)
    for region in old | new:
        path = f"distributions[{key_text(region)}]"
        yield from _differences(("distributions", region), path, old.get(region), new.get(region))


def _by_region(distributions: tuple[Distribution, ...]) -> dict[str, Distribution]:
    # The service rejects a Region that is there twice; should it return one, both count.
    found: dict[str, Distribution] = {}
    for each in distributions:
        key = each.region
        while key in found:
            key += "'"
        found[key] = each
    return found


def _differences(location: tuple[str, ...], path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    cls = cast(type[Any], type(cast(object, before)))
    if cls is tuple:
        yield from _items(location, path, before, after)
    elif is_mapping(before):
        for key in {**before, **after}:
            yield from _differences((*location, key), join(path, key), before.get(key), after.get(key))
    elif attrs.has(cls) and after is not None:
        for name in [field.name for field in attrs.fields(cls)]:
            below = join(path, member_name(name))
            yield from _differences((*location, name), below, getattr(before, name), getattr(after, name))
    else:
        kind: Kind = "added" if before is None else "removed" if after is None else "changed"
        yield Change(location=location, path=path, kind=kind, before=before, after=after)


def _items(location: tuple[str, ...], path: str, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Change]:
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    for item in {**old, **new}:
        if item not in new:
            yield Change(location=location, path=path, kind="removed", before=item, after=None)
        elif item not in old:
            yield Change(location=location, path=path, kind="added", before=None, after=item)


def _shown(value: object) -> str:
    return repr(to_boto3(cast(attrs.AttrsInstance, value)) if attrs.has(type(value)) else value)


@attrs.frozen(kw_only=True, field_transformer=documented)
class Edit:
    """
    What an edit did, or would do.
    """

    before: DistributionConfiguration

    after: DistributionConfiguration
    """What was wanted."""

    changes: Changes
    """Falsy if nothing differs; then nothing was written."""

    result: UpdateDistributionConfigurationResult | None
    """The service's response; `None` if nothing was written."""

    warnings: tuple[Issue, ...] = ()
    """What validation has found in what the edit brings in, and what surprises in the build."""


@attrs.frozen(kw_only=True, field_transformer=documented)
class EnsurePlan:
    """
    What it takes to bring a configuration about.
    """

    distribution_configuration_arn: str | None
    """`None` if it would be created."""

    created: bool
    """Whether there was none, so that it is created."""

    changes: Changes
    """Tags included; falsy if nothing differs, and then nothing is written."""

    warnings: tuple[Issue, ...] = ()
    """What validation has found in the wanted state that surprises in the build."""


@attrs.frozen(kw_only=True, field_transformer=documented)
class Ensured(EnsurePlan):
    """
    A plan that was carried out.
    """

    distribution_configuration_arn: str

"""
What a build with a configuration requires, as a checklist and as policies.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import groupby
from textwrap import indent
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.arns import account_of_arn, partition_by_region, split_arn
from imagebuilder_dist._common.attributes import members
from imagebuilder_dist._common.text import (
    Location,
    account_blocks,
    cut,
    escaped_markdown,
    joined_paths,
    key_text,
    path_of,
)
from imagebuilder_dist._shapes.needs import KINDS, OWNER, Grant, PolicyKind, Prerequisite, Subject, needs_of
from imagebuilder_dist._shapes.validation import check_account_id
from imagebuilder_dist.models import Configuration, Distribution, distributions_of

__all__ = ["Grant", "Policy", "Prerequisite", "Prerequisites", "prerequisites"]


@attrs.frozen(kw_only=True)
class Policy:
    """
    A policy document, ready for `json.dumps`.
    """

    account_id: str
    """The id of the role's or key's account; `OWNER` if that is the configuration's unknown owner."""

    kind: PolicyKind
    """
    A role's `trust` policy, or an inline policy with its `permissions`.

    For a KMS key (`key`), statements to add to its key policy. They don't replace the existing ones.
    """

    name: str
    """
    The name of the role, or the KMS key as the configuration spells it.

    A configuration doesn't name every role: `EXECUTION_ROLE` stands for the pipeline's execution role, and
    `INSTANCE_PROFILE_ROLE` for the role of the build instance's profile.
    """

    region: str | None
    """The key's Region; `None` for a role."""

    document: Mapping[str, Any] = attrs.field(hash=False)


@attrs.frozen(kw_only=True)
class Prerequisites:
    """
    All prerequisites of a configuration; falsy if there are none. `str()` returns a checklist.
    """

    owner: str
    """The account that owns the configuration; `OWNER` if it is unknown."""

    items: tuple[Prerequisite, ...]
    """In the order of the kinds; accounts that need the same share an item."""

    def __iter__(self) -> Iterator[Prerequisite]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return self._checklist(_TEXT, str)

    def to_markdown(self) -> str:
        """
        Return the checklist for a pull request or an issue; of one account, with its policies, to be handed on.
        """
        policies = self.policies() if len(self._by_account()) == 1 else ()
        blocks = [self._checklist(_MARKDOWN, escaped_markdown)]
        for each in policies:
            place = f" in {key_text(each.region)}" if each.region else ""
            blocks.append(f"Add to the {each.kind} policy of `{key_text(each.name)}`{place}:")
            blocks.append(indent(json.dumps(each.document, indent=2), " " * 4))
        return "\n\n".join(blocks)

    _repr_markdown_ = to_markdown

    def to_json(self) -> str:
        """
        Return the prerequisites as JSON text, for machines. The format may gain members.
        """
        names = ("kind", "group", "account_ids", "region", "resource", "what", "paths", "source")
        items = [members(each, *names) for each in self.items]
        return json.dumps({"owner": self.owner, "prerequisites": items})

    def for_account(self, account_id: str) -> "Prerequisites":
        """
        Return what one account needs, to pass on to its team.

        Raises:
            ValueError:
                If *account_id* isn't an account id.
        """
        check_account_id("account_id", account_id)
        own = [each for each in self.items if account_id in each.account_ids]
        return attrs.evolve(self, items=tuple(attrs.evolve(each, account_ids=(account_id,)) for each in own))

    def policies(self) -> tuple[Policy, ...]:
        """
        Return the policies that roles and KMS keys need, grouped by account.

        Statements are merged and sorted. AWS limits their size: a key policy has at most 32 KB (AWS KMS developer
        guide, Resource quotas), which a few hundred accounts fill.
        """
        grants: dict[tuple[str, PolicyKind, str, str | None], dict[Grant, None]] = {}
        for account, indices in self._by_account().items():
            for each in (grant for index in indices for grant in self.items[index].grants):
                grants.setdefault((account, each.policy, each.holder, each.region), {})[each] = None
        return tuple(
            Policy(account_id=account, kind=kind, name=name, region=region, document=_document(allowed))
            for (account, kind, name, region), allowed in grants.items()
        )

    def _by_account(self) -> Mapping[str, tuple[int, ...]]:
        """Return the positions of each account's items, the owner's first."""
        found: dict[str, list[int]] = {self.owner: []}
        for index, item in enumerate(self.items):
            for account in item.account_ids:
                found.setdefault(account, []).append(index)
        return {account: tuple(indices) for account, indices in found.items() if indices}

    def _checklist(self, style: Mapping[str, str], escaped: Callable[[str], str]) -> str:
        if not self.items:
            return "no prerequisites"
        lines = cache(partial(self._lines, style, escaped))  # many accounts need the same
        by_account = self._by_account()
        blocks = account_blocks(
            by_account,
            self.owner,
            lambda each: lines(by_account[each]),
            heading=style["account"],
            escaped=escaped,
            most=_SHOWN,
        )
        return "\n\n".join([_UNKNOWN_OWNER, *blocks] if self.owner == OWNER else blocks)

    def _lines(self, style: Mapping[str, str], escaped: Callable[[str], str], indices: Iterable[int]) -> list[str]:
        lines: list[str] = []
        for group, items in groupby((self.items[index] for index in indices), lambda item: item.group):
            lines.append(style["group"].format(_HEADINGS[group]))
            merged: dict[tuple[str, str], tuple[dict[str, dict[str, None]], dict[str, None]]] = {}
            for item in items:
                # Tasks that differ only in what they are about become one, with a list of names.
                name = key_text(item.resource)
                names, paths = merged.setdefault((item.kind, item.what.replace(name, _EACH)), ({}, {}))
                names.setdefault(name, {}).update({} if item.region is None else {key_text(item.region): None})
                paths.update(dict.fromkeys(item.paths))
            for (_, what), (names, paths) in merged.items():
                where = {name: f"{cut([*regions], _SHOWN)}: " if regions else "" for name, regions in names.items()}
                name = next(iter(names)) if len(names) == 1 else "..."
                text = where.get(name, "") + what.replace(_EACH, name)
                lines.append(style["know" if group == "know" else "task"].format(escaped(text)))
                places = [] if name in names else cut([where[each] + each for each in names], _SHOWN, "\n").split("\n")
                lines += [style["place"].format(place) for place in (*places, *joined_paths(paths, _SHOWN))]
        return lines


_UNKNOWN_OWNER = f"""\
{OWNER} stands for the unknown account that owns the configuration.
If it is one of the accounts below, it needs none of the cross-account items there."""
_HEADINGS = {"exist": "Must exist", "allow": "Must be allowed", "know": "To know"}
# Stands for the name in texts that are merged if they differ in nothing else, such as a key for each Region.
_EACH = "\0"
# Longer lists are cut.
_SHOWN = 6
_TEXT = {"account": "{}", "group": "  {}", "task": "    [ ] {}", "know": "    - {}", "place": "        {}"}
_MARKDOWN = {"account": "### {}", "group": "\n{}:\n", "task": "- [ ] {}", "know": "- {}", "place": "  - `{}`"}


# A statement's principals, actions and resources, and its condition.
_Statement: TypeAlias = tuple[frozenset[Any], frozenset[Any], frozenset[Any], tuple[Any, ...]]


def _document(grants: Iterable[Grant]) -> dict[str, Any]:
    statements: set[Any] = {
        (frozenset(each.principals), frozenset(each.actions), frozenset(each.resources), each.condition)
        for each in grants
    }
    # Merge statements that differ only in actions, then those that differ only in resources, then only in principals.
    for part in 1, 2, 0:
        merged: dict[Any, frozenset[Any]] = {}
        for each in statements:
            others = (each[:part], each[part + 1 :])
            merged[others] = merged.get(others, frozenset()) | each[part]
        statements = {(*before, items, *after) for (before, after), items in merged.items()}
    return {"Version": "2012-10-17", "Statement": sorted(map(_statement, statements), key=str)}


def _statement(statement: _Statement) -> dict[str, Any]:
    principals, *sets, condition = statement
    by_type: dict[str, list[str]] = {}
    for principal_type, principal in sorted(principals):
        by_type.setdefault(principal_type, []).append(principal)
    by_operator: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in sorted(condition):
        by_operator.setdefault(operator, {})[key] = sorted({*values})
    actions, resources = map(sorted, sets)
    parts = {"Principal": by_type, "Action": actions, "Resource": resources, "Condition": by_operator}
    return {"Effect": "Allow", **{name: part for name, part in parts.items() if part}}


def prerequisites(
    configuration: Configuration, *, owner: str | None = None, path: Callable[[Location], str] | None = None
) -> Prerequisites:
    """
    Return what must exist or be allowed for a build with *configuration* to succeed.

    Nothing is looked up: check yourself whether it exists or is allowed. A few items depend on the image recipe or the
    pipeline, which the configuration doesn't contain; their texts say so.

    >>> from imagebuilder_dist import LaunchTemplateConfiguration
    >>> template = LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
    >>> web = Distribution(region="us-west-2", launch_template_configurations=[template])
    >>> print(prerequisites([web], owner="123456789012"))
    The owner, account 123456789012
      Must exist
        [ ] us-west-2: the launch template lt-0123456789abcdef0 exists
            distributions[0].launchTemplateConfigurations[0]

    Args:
        configuration: A request, a stored configuration, one `Distribution`, or several.
        owner: The id of the account that owns the configuration. If omitted, it is taken from the ARN of an update or
            a stored configuration; if there is no ARN, texts and policies have `OWNER` instead.
        path: How to write locations: `Document.path_of` writes them as in the file. If omitted, in the API's names.

    Raises:
        TypeError:
            If *configuration* isn't one of these, or *owner* isn't a string.
        ValueError:
            If *owner* isn't an account id, or the ARN names another account.
    """
    # A stored configuration and an update have an ARN.
    arn: str = getattr(configuration, "arn", getattr(configuration, "distribution_configuration_arn", ""))
    parts, account = split_arn(arn), account_of_arn(arn)
    if owner is not None:
        check_account_id("owner", owner)
        if account not in {None, owner}:
            raise ValueError(f"owner is {owner}, but the configuration's ARN has {account}")
    owner = account or owner or OWNER
    distributions = distributions_of(configuration)
    ids = [{each.launch_template_id for each in region.launch_template_configurations} for region in distributions]
    templates = Counter(name for several in ids for name in several)
    found: list[Prerequisite] = []
    for nth, each in enumerate(distributions):
        location = () if isinstance(configuration, Distribution) else ("distributions", nth)
        partition = parts.partition if parts and account else partition_by_region().get(each.region, "aws")
        found += needs_of(Subject(each, owner, location, partition, templates))
    # By kind, as a checklist is read; what is of one kind stays in the configuration's order.
    found.sort(key=lambda each: [*KINDS].index(each.kind))
    return Prerequisites(owner=owner, items=tuple(_merged(found, path or path_of)))


def _merged(found: Sequence[Prerequisite], path: Callable[[Location], str]) -> Iterator[Prerequisite]:
    """Yield one item for what the same accounts need in several places."""
    by_account: dict[tuple[str, str, str | None, str], list[int]] = {}
    for index, item in enumerate(found):
        for account in item.account_ids:
            by_account.setdefault((account, item.kind, item.region, item.what), []).append(index)
    accounts_by_places: dict[tuple[int, ...], list[str]] = {}
    for (account, *_), places in by_account.items():
        accounts_by_places.setdefault(tuple(places), []).append(account)
    for indices, accounts in sorted(accounts_by_places.items(), key=lambda each: each[0][0]):
        locations = tuple(dict.fromkeys(each for index in indices for each in found[index].locations))
        yield attrs.evolve(
            found[indices[0]],
            account_ids=tuple(accounts),
            locations=locations,
            paths=tuple(map(path, locations)),
            grants=tuple(dict.fromkeys(each for index in indices for each in found[index].grants)),
        )

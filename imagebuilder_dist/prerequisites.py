"""
What a build with a configuration requires, as a checklist and as policies.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import attrs

from imagebuilder_dist._common.attributes import Items, check_tuple
from imagebuilder_dist._common.text import Location, key_text, path_of
from imagebuilder_dist._shapes.needs import OWNER, RULES, Grant, PolicyKind, Subject
from imagebuilder_dist._shapes.validation import check_account_id
from imagebuilder_dist.models import (
    CreateDistributionConfigurationRequest,
    Distribution,
    DistributionConfiguration,
    UpdateDistributionConfigurationRequest,
    to_distributions,
)

Configuration: TypeAlias = (
    UpdateDistributionConfigurationRequest
    | CreateDistributionConfigurationRequest
    | DistributionConfiguration
    | Distribution
    | Items[Distribution]
)


@attrs.frozen(kw_only=True)
class Prerequisite:
    """
    One thing that must exist or be allowed.
    """

    account_id: str
    """The id of the account that needs it; `OWNER` if that is the configuration's unknown owner."""

    region: str | None
    """The Region that needs it; `None` if it is global, like everything in IAM."""

    kind: str
    """A stable id, for example `cross-account-role`."""

    what: str
    """The requirement, as a sentence for people."""

    paths: tuple[str, ...]
    """Where the configuration requires it: `distributions[0].amiDistributionConfiguration.targetAccountIds`."""

    locations: tuple[Location, ...]
    """The paths as attribute names and positions, as in `Issue`."""

    source: str
    """The page of AWS's documentation that says so."""

    grants: tuple[Grant, ...]
    """What policies must allow for it; `Prerequisites.policies` merges them into documents."""


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
    """Grouped by account, the owner's first."""

    def __iter__(self) -> Iterator[Prerequisite]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        if not self.items:
            return "no prerequisites"
        by_account: dict[str, list[Prerequisite]] = {}
        for item in self.items:
            by_account.setdefault(item.account_id, []).append(item)
        accounts_by_lines: dict[tuple[str, ...], list[str]] = {}
        for account, items in by_account.items():
            who = "The owner, account" if account == self.owner else "Account"
            accounts_by_lines.setdefault((who, *_checklist(items)), []).append(account)
        blocks = ["\n".join((_heading(who, accounts), *lines)) for (who, *lines), accounts in accounts_by_lines.items()]
        return "\n\n".join([_UNKNOWN_OWNER, *blocks] if self.owner == OWNER else blocks)

    def policies(self) -> tuple[Policy, ...]:
        """
        Return the policies that roles and KMS keys need, grouped by account.

        Statements are merged and sorted. AWS limits their size: a key policy has at most 32 KB (AWS KMS developer
        guide, Resource quotas), which a few hundred accounts fill.
        """
        grants: dict[tuple[str, PolicyKind, str, str | None], dict[Grant, None]] = {}
        for item in self.items:
            for each in item.grants:
                grants.setdefault((item.account_id, each.policy, each.holder, each.region), {})[each] = None
        return tuple(
            Policy(account_id=account, kind=kind, name=name, region=region, document=_document(allowed))
            for (account, kind, name, region), allowed in grants.items()
        )


_UNKNOWN_OWNER = (
    f"{OWNER} stands for the unknown account that owns the configuration.\n"
    "If it is one of the accounts below, it needs none of the cross-account items there."
)
# Longer lists are cut.
_SHOWN = 3
_NEXT_LINE = "\n      "


def _checklist(items: Iterable[Prerequisite]) -> Iterator[str]:
    merged: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for item in items:
        regions, paths = merged.setdefault(item.what, ({}, {}))
        regions.update(dict.fromkeys([] if item.region is None else [key_text(item.region)]))
        paths.update(dict.fromkeys(item.paths))
    for what, (regions, paths) in merged.items():
        yield f"  [ ] {_cut(regions)}: {what}" if regions else f"  [ ] {what}"
        yield f"      {_cut(paths, _NEXT_LINE)}"


def _heading(who: str, accounts: list[str]) -> str:
    return f"{who if len(accounts) == 1 else f'{len(accounts)} accounts:'} {_cut(map(key_text, accounts))}"


def _cut(texts: Iterable[str], separator: str = ", ") -> str:
    texts = [*texts]
    more = [f"and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return separator.join(texts[:_SHOWN] + more)


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
    principals, actions, resources, condition = statement
    by_type: dict[str, list[str]] = {}
    for principal_type, principal in sorted(principals):
        by_type.setdefault(principal_type, []).append(principal)
    by_operator: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in sorted(condition):
        by_operator.setdefault(operator, {})[key] = sorted({*values})
    parts = {
        "Principal": by_type,
        "Action": sorted(actions),
        "Resource": sorted(resources),
        "Condition": by_operator,
    }
    return {"Effect": "Allow", **{name: part for name, part in parts.items() if part}}


def prerequisites(configuration: Configuration, *, owner: str | None = None) -> Prerequisites:
    """
    Return what must exist or be allowed for a build with *configuration* to succeed.

    Nothing is looked up: check yourself whether it exists or is allowed. A few items depend on the image recipe or the
    pipeline, which the configuration doesn't contain; their texts say so.

    >>> from imagebuilder_dist import LaunchTemplateConfiguration
    >>> template = LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
    >>> web = Distribution(region="us-west-2", launch_template_configurations=[template])
    >>> print(prerequisites([web], owner="123456789012"))
    The owner, account 123456789012
      [ ] us-west-2: the launch template lt-0123456789abcdef0 exists
          distributions[0].launchTemplateConfigurations[0]

    Args:
        configuration: A request, a stored configuration, one `Distribution`, or several.
        owner: The id of the account that owns the configuration. If omitted, it is taken from the ARN of an update or
            a stored configuration; if there is no ARN, texts and policies have `OWNER` instead.

    Raises:
        TypeError:
            If *configuration* isn't one of these, or *owner* isn't a string.
        ValueError:
            If *owner* isn't an account id, or the ARN names another account.
    """
    partition, account = _owner(configuration, owner)
    subjects = [Subject(each, location, account, partition) for location, each in _distributions(configuration)]
    return Prerequisites(owner=account, items=_items(account, subjects))


def _distributions(configuration: Configuration) -> list[tuple[Location, Distribution]]:
    if isinstance(configuration, Distribution):
        return [((), configuration)]
    if isinstance(
        configuration,
        UpdateDistributionConfigurationRequest | CreateDistributionConfigurationRequest | DistributionConfiguration,
    ):
        distributions = configuration.distributions
    else:
        distributions = to_distributions(configuration)
        check_tuple("configuration", distributions, Distribution)
    return [(("distributions", n), each) for n, each in enumerate(distributions)]


_ARN = re.compile(r"arn:(aws[a-z-]*):[^:]*:[^:]*:([0-9]{12}):")


def _owner(configuration: object, owner: str | None) -> tuple[str | None, str]:
    """Return the ARN's partition, if there is an ARN, and the owner's account id."""
    arn = None
    if isinstance(configuration, UpdateDistributionConfigurationRequest):
        arn = _ARN.match(configuration.distribution_configuration_arn)
    elif isinstance(configuration, DistributionConfiguration):
        arn = _ARN.match(configuration.arn)
    partition, account = arn.groups() if arn else (None, None)
    if owner is not None:
        check_account_id("owner", owner)
        if account not in {None, owner}:
            raise ValueError(f"owner is {owner}, but the configuration's ARN has {account}")
    return partition, account or owner or OWNER


def _items(owner: str, subjects: list[Subject]) -> tuple[Prerequisite, ...]:
    found: dict[str, dict[tuple[str, str, str | None, str], tuple[dict[Location, None], dict[Grant, None]]]]
    found = {owner: {}}  # the owner comes first
    path = cache(path_of)  # many accounts share a few locations
    for rule in RULES:
        for need in (need for subject in subjects for need in rule.find(subject)):
            key = (rule.kind, rule.source, need.region, need.what)
            for account in need.accounts:
                locations, grants = found.setdefault(account, {}).setdefault(key, ({}, {}))
                locations.update(dict.fromkeys(need.locations))
                grants.update(dict.fromkeys(need.grants))
    return tuple(
        Prerequisite(
            account_id=account,
            region=region,
            kind=kind,
            what=what,
            paths=tuple(map(path, locations)),
            locations=tuple(locations),
            source=source,
            grants=tuple(grants),
        )
        for account, needs in found.items()
        for (kind, source, region, what), (locations, grants) in needs.items()
    )

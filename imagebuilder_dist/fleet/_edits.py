"""
What fleets are mostly for: find configurations, and edit them all or bring them all to one state.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import NoneType
from typing import TypeVar, cast

import attrs

from imagebuilder_dist._common.arns import distribution_configuration_arn, nearest_region, partition_by_region
from imagebuilder_dist._common.attributes import Items, check_type, not_a_list, to_tuple
from imagebuilder_dist._common.text import counted, cut, describe, show
from imagebuilder_dist.changes import Plan
from imagebuilder_dist.errors import ConfigurationError
from imagebuilder_dist.fleet._driver import Run, run
from imagebuilder_dist.fleet._journal import Journal
from imagebuilder_dist.fleet._pool import Executor
from imagebuilder_dist.fleet._report import MAX_NAMED
from imagebuilder_dist.fleet._targets import Target
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, DistributionConfiguration

T = TypeVar("T")

_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+")


def edit_all(
    targets: Iterable[Target],
    change: Callable[[DistributionConfiguration], DistributionConfiguration],
    *,
    executor: Executor,
    journal: Journal | None = None,
    per_second: float | None = None,
    stop_after: int | None = None,
    window: int | None = None,
    attempts: int = 5,
    dry_run: bool = False,
    allow_unmodelled: bool = False,
) -> Run[Plan]:
    """
    Apply one *change* to every target, as `edit_distribution_configuration` does.

    A retried target is read again, so *change* must change nothing the second time: adding an account is fine, counting
    up isn't, and a step that removes something needs `missing_ok=True`. Then nothing is written twice. If the first
    write was stored, the second try finds nothing to change; if it is still on its way, the service runs only one of
    them, because an edit derives its token from the state that it read.

    Args:
        targets: The configurations.
        change: As for an edit. In processes, it must be importable; a `functools.partial` of a step is, and a journal
            recognises it.
        executor: As for `run`.
        journal: As for `run`; omit it in a dry run.
        per_second: As for `run`; an edit that writes takes three requests.
        stop_after: As for `run`.
        window: As for `run`.
        attempts: Total attempts for each target if another writer interferes.
        dry_run: Whether only to return what would change; `plan_all` combines the outcomes into one plan.
        allow_unmodelled: Whether to write even if that drops settings that this library doesn't know.

    Raises:
        TypeError:
            As for `run`.
        ValueError:
            As for `run`.
    """
    return run(
        partial(_edit, change=change, attempts=attempts, dry_run=dry_run, allow_unmodelled=allow_unmodelled),
        targets,
        executor=executor,
        journal=journal,
        per_second=per_second,
        stop_after=stop_after,
        window=window,
    )


def _edit(
    target: Target,
    *,
    change: Callable[[DistributionConfiguration], DistributionConfiguration],
    attempts: int,
    dry_run: bool,
    allow_unmodelled: bool,
) -> Plan:
    return target.client().edit_distribution_configuration(
        target.arn, change, attempts=attempts, dry_run=dry_run, allow_unmodelled=allow_unmodelled
    )


def ensure_all(
    targets: Iterable[Target],
    request: CreateDistributionConfigurationRequest,
    *,
    executor: Executor,
    journal: Journal | None = None,
    per_second: float | None = None,
    stop_after: int | None = None,
    window: int | None = None,
    attempts: int = 5,
    dry_run: bool = False,
    allow_unmodelled: bool = False,
) -> Run[Plan]:
    """
    Create one configuration in every account and Region of *targets*, or bring it to this state.

    Like `ensure_distribution_configuration`, it is safe to retry.

    Args:
        targets: The ARNs that `distribution_configuration_arn` builds from the request's name; a target with another
            ARN gets an error.
        request: The configuration. If it has no tags, the stored tags are kept.
        executor: As for `run`.
        journal: As for `run`; omit it in a dry run.
        per_second: As for `run`; an ensure takes up to six requests.
        stop_after: As for `run`.
        window: As for `run`.
        attempts: Total attempts for each target if another writer interferes.
        dry_run: Whether only to return what would change; `plan_all` combines the outcomes into one plan.
        allow_unmodelled: Whether to write even if that drops settings that this library doesn't know.

    Raises:
        TypeError:
            If *request* isn't a request to create a configuration; and as for `run`.
        ValueError:
            As for `run`.
    """
    check_type("request", request, CreateDistributionConfigurationRequest)
    return run(
        partial(_ensure, request=request, attempts=attempts, dry_run=dry_run, allow_unmodelled=allow_unmodelled),
        targets,
        executor=executor,
        journal=journal,
        per_second=per_second,
        stop_after=stop_after,
        window=window,
    )


def _ensure(
    target: Target,
    *,
    request: CreateDistributionConfigurationRequest,
    attempts: int,
    dry_run: bool,
    allow_unmodelled: bool,
) -> Plan:
    _, partition, _, region, account, _ = target.arn.split(":", 5)
    arn = distribution_configuration_arn(request.name, region_name=region, account_id=account, partition=partition)
    if arn != target.arn:
        raise ValueError(f"the name {request.name!r} maps to the ARN {arn}, not to the target's {target.arn}")
    return target.client().ensure_distribution_configuration(
        request.name,
        request.distributions,
        description=request.description,
        tags=request.tags or None,
        attempts=attempts,
        dry_run=dry_run,
        allow_unmodelled=allow_unmodelled,
    )


@attrs.frozen(kw_only=True, repr=False)
class Discovery:
    """
    The configurations found in accounts and Regions.
    """

    targets: tuple[Target, ...]
    """The configurations, with accounts and Regions mixed, so that a run has work for all of them at once."""

    errors: Mapping[tuple[str, str], BaseException]
    """The error of each account, as passed in, and Region that couldn't be listed. Check this before you go on."""

    def __str__(self) -> str:
        texts = [f"{account or 'own account'} in {region}: {error}" for (account, region), error in self.errors.items()]
        found = f"{counted(len(self.targets), 'configuration')}"
        return f"{found}; not listed: {cut(texts, MAX_NAMED)}" if texts else found

    def __repr__(self) -> str:
        return f"<Discovery: {counted(len(self.targets), 'configuration')}, {counted(len(self.errors), 'error')}>"


def discover(
    accounts: Items[str | None],
    regions: Items[str],
    *,
    executor: Executor,
    name: str | None = None,
    profile: str | None = None,
    external_id: str | None = None,
    endpoint_url: str | None = None,
    per_second: float | None = None,
) -> Discovery:
    """
    List the configurations of every account and Region.

    Args:
        accounts: Each account, as the ARN of a role to assume or the name of a profile, not as its id; `None` is the
            caller's own.
        regions: The Regions to list in each account. One that the installed botocore doesn't know, and that has no
            configurations, is reported as an error, because it is probably a typo.
        executor: As for `run`.
        name: List only configurations with this name.
        profile: The profile that assumes the roles.
        external_id: The external id that the roles' trust policies require, if any.
        endpoint_url: The URL to call instead of AWS's.
        per_second: As for `run`.

    Raises:
        TypeError:
            If *accounts* or *regions* isn't a list or another collection, or holds anything else; and as for `run`.
        ValueError:
            If *accounts* or *regions* is empty, or an ARN isn't a role's.
    """
    names = _checked("regions", regions, str)
    places: dict[Target, str] = {}
    for account in _checked("accounts", accounts, str, NoneType):
        is_role = account is not None and account.startswith("arn:")
        if account is not None and is_role and not _ROLE.match(account):
            raise ValueError(f"accounts must hold role ARNs or profile names, not {show(account)}")
        owner = account.split(":")[4] if account is not None and is_role else account
        for region in names:
            place = Target(
                # Stands for the whole account and Region; a profile doesn't tell the account's id.
                f"arn:aws:imagebuilder:{region}:{owner or 'own'}:distribution-configuration/*",
                role_arn=account if is_role else None,
                profile=profile if is_role or account is None else account,
                external_id=external_id if is_role else None,
                endpoint_url=endpoint_url,
            )
            places[place] = account or ""
    listed: dict[Target, tuple[Target, ...]] = {}
    errors: dict[tuple[str, str], BaseException] = {}
    for outcome in run(partial(_list, name=name), places, executor=executor, per_second=per_second):
        if outcome.error is None:
            listed[outcome.target] = outcome.result or ()
        else:
            errors[places[outcome.target], outcome.target.region_name] = outcome.error
    return Discovery(targets=tuple(_interleave([listed.get(place, ()) for place in places])), errors=errors)


def _checked(what: str, items: Items[T], *classes: type) -> tuple[T, ...]:
    given = to_tuple(items)
    if not isinstance(cast(object, given), tuple):
        raise TypeError(f"{what} {not_a_list(items, str)}")
    for each in cast(tuple[object, ...], given):
        if not isinstance(each, classes):
            raise TypeError(f"{what} must hold strings, not {describe(each)}")
    if not given:
        raise ValueError(f"{what} is empty, so there is nothing to list")
    return given


def _list(place: Target, *, name: str | None) -> tuple[Target, ...]:
    found = [*place.client().list_distribution_configurations(name=name)]
    if not found and place.region_name not in partition_by_region():
        raise ConfigurationError(
            f"{show(place.region_name)} isn't a Region that botocore knows{nearest_region(place.region_name)}"
        )
    return tuple(attrs.evolve(place, arn=each.arn, client_token=None) for each in found)


def _interleave(listed: list[tuple[Target, ...]]) -> Iterable[Target]:
    """Yield the first of each, then the second of each, and so on."""
    longest = max(map(len, listed), default=0)
    return (targets[index] for index in range(longest) for targets in listed if index < len(targets))

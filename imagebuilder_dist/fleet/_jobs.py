"""
What fleets are mostly for: find configurations, edit them, or bring them all to one state.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from functools import partial
from itertools import product, zip_longest
from typing import cast

import attrs

from imagebuilder_dist._common.arns import Arn, distribution_configuration_arn, split_arn
from imagebuilder_dist._common.attributes import Items, check_tuple, to_tuple
from imagebuilder_dist._common.text import counted
from imagebuilder_dist.changes import Plan
from imagebuilder_dist.errors import ConfigurationError
from imagebuilder_dist.fleet._run import Outcome, run
from imagebuilder_dist.fleet._targets import Target
from imagebuilder_dist.models import CreateDistributionConfigurationRequest, DistributionConfiguration


@attrs.frozen
class _Job:
    max_conflicts: int = attrs.field(default=5, kw_only=True)
    """How many other writers may interfere before a target gives up."""

    dry_run: bool = attrs.field(default=False, kw_only=True)
    """Whether only to return what would change; `summary` combines the outcomes into one plan."""

    allow_unmodelled: bool = attrs.field(default=False, kw_only=True)
    """Whether to write even if that drops settings that this library doesn't know."""


@attrs.frozen
class EditJob(_Job):
    """
    A job that applies one change to each target, as `edit_distribution_configuration` does, and returns its `Plan`.

    A target may run twice, so the change must change nothing the second time: adding an account is fine, counting up
    isn't, and a step that removes something needs `missing_ok=True`. Then nothing is written twice. If the first write
    was stored, the second try finds nothing to change; if it is still on its way, the service runs only one of them,
    because an edit derives its token from the state that it read.
    """

    change: Callable[[DistributionConfiguration], DistributionConfiguration]
    """As for an edit. In processes, it must be importable; a `functools.partial` of a step is."""

    def __call__(self, target: Target) -> Plan:
        """
        Edit *target*.
        """
        return target.client().edit_distribution_configuration(target.arn, **attrs.asdict(self, recurse=False))


@attrs.frozen
class EnsureJob(_Job):
    """
    A job that creates one configuration in each target's account and Region, or brings it to this state.

    Like `ensure_distribution_configuration`, it is safe to retry. The targets have the ARNs that
    `distribution_configuration_arn` builds from the request's name; one with another ARN gets an error.
    """

    request: CreateDistributionConfigurationRequest
    """The configuration. If it has no tags, the stored tags are kept."""

    def __call__(self, target: Target) -> Plan:
        """
        Create or update *target*.

        Raises:
            ValueError:
                If the request's name maps to another ARN than the target's.
        """
        options = attrs.asdict(self, recurse=False, filter=attrs.filters.exclude("request"))
        request = self.request
        partition, _, region, account, _ = cast(Arn, split_arn(target.arn))
        arn = distribution_configuration_arn(request.name, region_name=region, account_id=account, partition=partition)
        if arn != target.arn:
            raise ValueError(f"the name {request.name!r} maps to the ARN {arn}, not to the target's {target.arn}")
        return target.client().ensure_distribution_configuration(
            request.name, request.distributions, description=request.description, tags=request.tags or None, **options
        )


def _by_arn(planned: Iterable[Outcome[Plan]]) -> Mapping[str, Outcome[Plan]]:
    return {each.target.arn: each for each in planned}


@attrs.frozen
class ApplyJob:
    """
    A job that writes the plans of a dry run: what was confirmed is what is written, or nothing.

    `ApplyJob(run(EditJob(change, dry_run=True), targets, executor=threads))` has a plan for each target. If the
    target's configuration was changed since, its outcome has a `ConcurrentModificationError`; if it couldn't be
    planned, the error of the dry run.

    It is safe to retry, because a plan is written once. To a journal, other plans are another job.
    """

    planned: Mapping[str, Outcome[Plan]] = attrs.field(converter=_by_arn, repr=False)
    """The outcomes of the dry run, which are passed in as a list or as an iterator, by the ARNs of their targets."""

    @property
    def journal_identity(self) -> str:
        """
        What tells these plans from others: a digest, because a journal has it in its first line.
        """
        digest = hashlib.sha256()
        for arn, outcome in sorted(self.planned.items()):
            if outcome.result is not None:
                digest.update(f"{arn} {outcome.result.client_token} {outcome.result.changes.to_json()}\n".encode())
        return digest.hexdigest()

    def part(self, target: Target) -> "ApplyJob":
        """
        Return the same job with the plan of *target* only, which is what a worker gets.
        """
        return ApplyJob([self.planned[target.arn]] if target.arn in self.planned else [])

    def __call__(self, target: Target) -> Plan:
        """
        Apply the plan of *target*.

        Raises:
            KeyError:
                If the dry run didn't have this target.
        """
        outcome = self.planned[target.arn]
        if outcome.error is not None:
            raise outcome.error
        return target.client().apply(cast(Plan, outcome.result))


@attrs.frozen(kw_only=True)
class Discovery:
    """
    The configurations found in accounts and Regions.
    """

    targets: tuple[Target, ...] = attrs.field(repr=lambda targets: counted(len(targets), "configuration"))
    """The configurations, with accounts and Regions mixed, so that a run has work for all of them at once."""

    errors: Mapping[tuple[str, str], BaseException]
    """
    The error of each account, as a role or a profile, and Region that couldn't be listed; check this before you go on.
    """


def discover(
    accounts: Items[str | None],
    regions: Items[str],
    *,
    executor: Executor,
    name: str | None = None,
    profile: str | None = None,
    external_id: str | None = None,
    endpoint_url: str | None = None,
) -> Discovery:
    """
    List the configurations of every account and Region.

    Args:
        accounts: Each account, as the ARN of a role to assume or the name of a profile, not as its id; `None` is the
            caller's own.
        regions: The Regions to list in each account.
        executor: As for `run`.
        name: List only configurations with this name.
        profile: The profile that assumes the roles.
        external_id: The external id that the roles' trust policies require, if any.
        endpoint_url: The URL to call instead of AWS's.

    Raises:
        TypeError:
            If *accounts* or *regions* isn't a list or another collection, or holds anything else.
    """
    owners, names = to_tuple(accounts), to_tuple(regions)
    check_tuple("accounts", tuple(filter(None, owners)) if type(owners) is tuple else owners, str)
    check_tuple("regions", names, str)
    listed: dict[Target, tuple[Target, ...]] = {}
    for account, region in product(owners, names):
        # Stands for the whole account and Region, because a profile doesn't tell the account's id.
        place = Target(f"arn:aws:imagebuilder:{region}:aws:distribution-configuration/all", endpoint_url=endpoint_url)
        if account is not None and account.startswith("arn:"):
            place = attrs.evolve(place, role_arn=account, profile=profile, external_id=external_id)
        else:
            place = attrs.evolve(place, profile=account or profile)
        listed[place] = ()
    errors: dict[tuple[str, str], BaseException] = {}
    # A list in each account and Region isn't a burst, so there is nothing to pace.
    for outcome in run(partial(_list, name=name), [*listed], executor=executor, per_second=math.inf):
        place = outcome.target
        listed[place] = outcome.result or ()
        if outcome.error is not None:
            if isinstance(outcome.error, ConfigurationError) and re.fullmatch(r"\d{12}", place.profile or ""):
                outcome.error.remedy = "pass a role's ARN or a profile, not an account id"
            errors[place.role_arn or place.profile or "own account", place.region_name] = outcome.error
    # One of each account and Region in turn.
    mixed = (target for row in zip_longest(*listed.values()) for target in row if target is not None)
    return Discovery(targets=tuple(mixed), errors=errors)


def _list(place: Target, *, name: str | None) -> tuple[Target, ...]:
    found = place.client().list_distribution_configurations(name=name)
    return tuple(attrs.evolve(place, arn=each.arn, client_token=None) for each in found)

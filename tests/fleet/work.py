"""
What the fleet's tests run in workers, in an importable module, so that other processes and journals find it.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.fleet import Outcome, Target
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ami

NEW = "444455556666"
UPDATE = "UpdateDistributionConfiguration"
REGIONS = ["us-west-2", "eu-west-1"]
ROLE = "arn:aws:iam::{}:role/fleet"
ANY_PACE = 1e6
WEB = ami()
share = partial(steps.add_launch_permissions, user_ids=[NEW])


def stored(
    local: LocalImageBuilder, count: int, *, regions: Iterable[str] = ("us-west-2",), **options: Any
) -> list[Target]:
    """Store *count* configurations in each Region, and return their targets."""
    seeded = [seed(local, "123456789012", region, f"web {number}") for region in regions for number in range(count)]
    return [attrs.evolve(target, **options) for target in seeded]


def seed(local: LocalImageBuilder, account: str, region: str, name: str) -> Target:
    """Store a configuration in an account."""
    arn = ibd.distribution_configuration_arn(name, region_name=region, account_id=account)
    local.put(ibd.DistributionConfiguration(arn=arn, name=name, distributions=[ami(region, description="anything")]))
    return Target(arn, endpoint_url=local.url)


def made_up(count: int, *, accounts: int | None = None) -> list[Target]:
    """Return targets without stored configurations, each in its own account, so that none waits for another."""
    arn = "arn:aws:imagebuilder:us-west-2:{:012}:distribution-configuration/web-{}"
    return [Target(arn.format(number % (accounts or count), number)) for number in range(count)]


def name_of(target: Target) -> str:
    return target.arn.rpartition("/")[2]


def names(outcomes: Iterable[Outcome[Any]]) -> list[str]:
    return sorted(name_of(outcome.target) for outcome in outcomes)


def token_of(target: Target) -> str | None:
    return target.client_token


class State:
    """What `faulty` is told and has seen; it isn't in the job, because a journal belongs to one job."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.done: Counter[str] = Counter()
        self.tokens: defaultdict[str, set[str | None]] = defaultdict(set)


state = State()


def faulty(target: Target) -> None:
    """Fail with some targets."""
    name = name_of(target)
    state.tokens[name].add(target.client_token)
    if name in state.failing:
        raise LookupError(name)
    state.done[name] += 1


def update(target: Target) -> str:
    """Store a description with the target's token."""
    updated = target.client().update_distribution_configuration(
        target.arn, [WEB], description="updated", client_token=target.client_token
    )
    return updated.distribution_configuration_arn


def update_or_die(target: Target, *, folder: str, name: str) -> str:
    """Update, and kill the worker when it comes to *name* for the first time."""
    arn = update(target)
    died = Path(folder, name)
    if name_of(target) == name and not died.exists():
        died.touch()
        os._exit(1)
    return arn


def applied(local: LocalImageBuilder) -> Counter[str]:
    """Count the applied updates by ARN."""
    return Counter(
        request.body["distributionConfigurationArn"]
        for request in local.requests
        if request.operation == UPDATE and request.applied
    )


def once(targets: Iterable[Target]) -> Counter[str]:
    return Counter(target.arn for target in targets)


class Inline(Executor):
    """Runs everything at once, in the submitting thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as executors do
            future.set_exception(error)
        return future

"""
What the fleet's tests run in workers, in an importable module, so that other processes find it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.fleet import Outcome, Target
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ANYTHING

NEW = "444455556666"
UPDATE = "UpdateDistributionConfiguration"
REGIONS = ["us-west-2", "eu-west-1"]
ROLE = "arn:aws:iam::{}:role/fleet"
share = partial(steps.add_launch_permissions, user_ids=[NEW])


def stored(
    local: LocalImageBuilder, count: int, *, regions: Iterable[str] = ("us-west-2",), **options: Any
) -> list[Target]:
    """Store *count* configurations in each Region, and return their targets."""
    targets: list[Target] = []
    for region in regions:
        client = local.boto3_client(region_name=region)
        for number in range(count):
            created = client.create_distribution_configuration(name=f"web {number}", distributions=ANYTHING)
            arn = created["distributionConfigurationArn"]
            targets.append(Target(arn, endpoint_url=local.url, **options))
        client.close()
    return targets


def made_up(count: int, *, accounts: int | None = None) -> list[Target]:
    """Return targets without stored configurations, each in its own account, so that none waits for another."""
    arn = "arn:aws:imagebuilder:us-west-2:{:012}:distribution-configuration/web-{}"
    return [Target(arn.format(number % (accounts or count), number)) for number in range(count)]


def name_of(target: Target) -> str:
    return target.arn.rpartition("/")[2]


def update(target: Target) -> str:
    """Store a description with the target's token."""
    web = ibd.Distribution(region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())
    updated = target.client().update_distribution_configuration(
        target.arn, [web], description="updated", client_token=target.client_token
    )
    return updated.distribution_configuration_arn


def update_or_die(target: Target, *, folder: Path, name: str, always: bool = False) -> str:
    """Update, and kill the worker when it comes to *name*: once, or *always*."""
    arn = update(target)
    died = folder / name
    if name_of(target) == name and (always or not died.exists()):
        died.touch()
        os._exit(1)
    return arn


def applied(local: LocalImageBuilder) -> Counter[str]:
    """Count the applied updates by path."""
    return Counter(
        request.body["distributionConfigurationArn"]
        for request in local.requests
        if request.operation == UPDATE and request.applied
    )


def once(targets: list[Target]) -> Counter[str]:
    return Counter(target.arn for target in targets)


def names(outcomes: Iterator[Outcome[Any]] | list[Outcome[Any]]) -> list[str]:
    return [name_of(outcome.target) for outcome in outcomes]


def interrupted(targets: list[Target]) -> Iterator[Target]:
    """Yield *targets*, then raise `KeyboardInterrupt`."""
    yield from targets
    raise KeyboardInterrupt


def writes(local: LocalImageBuilder) -> list[str]:
    return [str(request.operation) for request in local.requests if request.applied]


def token_of(target: Target) -> str | None:
    return target.client_token


class Inline:
    """An executor that runs everything at once, in the submitting thread."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args))
        except BaseException as error:  # noqa: BLE001 - as executors do
            future.set_exception(error)
        return future


class Breaking:
    """
    Makes executors that break when they come to one of *fatal*, together with those of *held* that came before.
    """

    def __init__(self, *fatal: str, held: Iterable[str] = (), times: int = 1_000) -> None:
        self.fatal, self.held, self.times = fatal, held, times
        self.made = 0
        self.submitted: list[str] = []

    def __call__(self) -> "Breakable":
        self.made += 1
        return Breakable(self)


class Breakable(Inline):
    def __init__(self, owner: Breaking) -> None:
        self._owner = owner
        self._is_broken = False
        self._held: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        if self._is_broken:
            raise BrokenExecutor("it is broken")
        name = name_of(args[1])
        self._owner.submitted.append(name)
        if name in self._owner.fatal and self._owner.times:
            self._owner.times -= 1
            self._is_broken = True
            future: Future[Any] = Future()
            for each in [*self._held, future]:
                each.set_exception(BrokenExecutor("a worker died"))
            return future
        if name in self._owner.held and self._owner.submitted.count(name) == 1:
            self._held.append(Future())
            return self._held[-1]
        return super().submit(function, *args)

    def shutdown(self) -> None:
        pass


class Counting(ThreadPoolExecutor):
    """Counts how many of its futures are in flight at once."""

    in_flight = 0
    most = 0

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        future = super().submit(function, *args, **kwargs)
        future.add_done_callback(self._count)
        return future

    def _count(self, _: "Future[Any]") -> None:
        self.in_flight -= 1

"""
Writers that race: two plans in any order, and two processes that edit one configuration.
"""

import multiprocessing
import random
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any

import attrs
import boto3
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, WEB, ami

from .helpers import UPDATE, described

WEB_ARN = f"{ARN[:-1]}web"
REGIONS = ("us-west-2", "eu-west-1")
OWN = ibd.LaunchPermissionConfiguration(user_ids=["123456789012"])
SHARED = [ami(region, launch_permission=OWN) for region in REGIONS]


class Turns:
    """Lets several threads make one request at a time, in a random order."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._gates: dict[int, threading.Semaphore] = {}
        self._moved: SimpleQueue[str] = SimpleQueue()

    def wait(self, number: int, **_: Any) -> None:
        self._moved.put("waits")
        self._gates[number].acquire()

    def run(self, acts: list[Callable[[], object]]) -> None:
        def run(number: int, act: Callable[[], object]) -> None:
            self._gates[number].acquire()
            try:
                act()
            finally:
                self._moved.put("is done")

        self._gates = {number: threading.Semaphore(0) for number in range(len(acts))}
        threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
        for thread in threads:
            thread.start()
        alive = [*self._gates]
        while alive:
            number = self._dice.choice(alive)
            self._gates[number].release()
            if self._moved.get(timeout=30) == "is done":
                alive.remove(number)
        for thread in threads:
            thread.join()


CHANGES: list[Callable[[ibd.DistributionConfiguration], ibd.DistributionConfiguration]] = [
    described("one"),
    described("two"),
    partial(steps.add_launch_permissions, user_ids=["111122223333"]),
    partial(steps.set_ami_name, name="web {{ imagebuilder:buildDate }}"),
]


def test_of_two_plans_in_any_order_one_is_written_as_it_is(session: Any) -> None:
    """
    Both have the token of the state that they were made from.
    """
    dice = random.Random(22)  # noqa: S311 - reproducible, not secret
    local, turns = LocalImageBuilder(), Turns(dice)
    outcomes: list[str] = []
    planner, clients = local.client(), [session.client("imagebuilder") for _ in range(2)]
    writers = [ibd.DistributionConfigurationClient(theirs) for theirs in clients]
    for number, theirs in enumerate(clients):
        local.attach(theirs)
        theirs.meta.events.register("before-call.imagebuilder", partial(turns.wait, number))
    for _ in range(200):
        local.put(ibd.DistributionConfiguration(arn=WEB_ARN, name="web", distributions=[WEB]))
        plans = [
            planner.edit_distribution_configuration(WEB_ARN, change, dry_run=True)
            for change in dice.choices(CHANGES, k=2)
        ]
        wanted = [attrs.evolve(requested(each), client_token=each.client_token) for each in plans]
        start = len(local.requests)

        turns.run([partial(attempt, *each, outcomes) for each in zip(writers, plans, strict=True)])

        applied = [each for each in local.requests[start:] if each.operation == UPDATE and each.applied]
        updates = [ibd.from_boto3(each.parameters, ibd.UpdateDistributionConfigurationRequest) for each in applied]
        assert len(updates) == 1
        assert updates[0] in wanted
        assert not ibd.diff(updates[0], local.stored()[0])
    assert {*outcomes} == {"written", "found", "stale"}


def requested(plan: ibd.Plan) -> ibd.UpdateDistributionConfigurationRequest:
    assert isinstance(plan.after, ibd.DistributionConfiguration)
    return plan.after.to_request()


def attempt(client: ibd.DistributionConfigurationClient, plan: ibd.Plan, outcomes: list[str]) -> None:
    try:
        outcomes.append("written" if client.apply(plan).written else "found")
    except ibd.ConcurrentModificationError:
        outcomes.append("stale")


def guarded(url: str, arn: str, region: str, start: Any) -> None:
    """The main function of a process, which shares its Region with 200 accounts, one per edit, without a pause."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2")
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=url)
    start.wait(60)
    for number in range(200):
        share = partial(steps.add_launch_permissions, user_ids=[f"{number:012}"], regions=[region])
        client.edit_distribution_configuration(arn, share, max_conflicts=50)


@pytest.mark.long
def test_two_processes_that_edit_lose_nothing(
    local: LocalImageBuilder, client: ibd.DistributionConfigurationClient
) -> None:
    arn = str(client.create_distribution_configuration("web", SHARED).distribution_configuration_arn)
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    processes = [context.Process(target=guarded, args=(local.url, arn, region, start)) for region in REGIONS]
    for process in processes:
        process.start()
    for process in processes:
        process.join(150)

    assert [process.exitcode for process in processes] == [0, 0]
    for stored in client.get_distribution_configuration(arn).distributions:
        assert stored.ami_distribution_configuration is not None
        assert stored.ami_distribution_configuration.launch_permission is not None
        assert len(stored.ami_distribution_configuration.launch_permission.user_ids) == 1 + 200

"""
A fleet on every kind of executor, with workers and drivers that are killed.
"""

import importlib
import itertools
import json
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from tqdm import tqdm

from imagebuilder_dist.fleet import ApplyJob, EditJob, Journal, Outcome, Summary, Target, discover, run, summary
from imagebuilder_dist.testing import LocalImageBuilder

from .work import ANY_PACE, applied, once, seed, share, stored, update_or_die

pytestmark = pytest.mark.long
FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(["tests.fleet.test_executors"])  # else each process would import everything


def test_plans_are_applied_on_loky(local: LocalImageBuilder) -> None:
    targets = stored(local, 5, regions=["us-west-2", "eu-west-1"])
    executor = cast(Any, importlib.import_module("loky")).get_reusable_executor(2)  # it has no types

    try:
        planned = run(EditJob(share, dry_run=True), iter(targets), executor=executor, per_second=ANY_PACE)
        outcomes = [*run(ApplyJob(planned), iter(targets), executor=executor, per_second=ANY_PACE)]
    finally:
        executor.shutdown(wait=True)

    assert {outcome.target for outcome in outcomes} == {*targets}
    assert [outcome.error for outcome in outcomes] == [None] * 10
    assert applied(local) == once(targets)


def set_environment(environment: dict[str, str]) -> None:
    os.environ.update(environment)


def journaled(function: Callable[[Target], str], targets: list[Target], journal: Journal) -> list[Outcome[str]]:
    # The server was started with another test's environment.
    options: dict[str, Any] = {"initializer": set_environment, "initargs": (dict(os.environ),)}
    with ProcessPoolExecutor(2, mp_context=FORKSERVER, **options) as executor:
        return [*run(function, targets, executor=executor, journal=journal, per_second=ANY_PACE, max_concurrency=4)]


def test_a_process_pool_that_breaks_is_reported(local: LocalImageBuilder, tmp_path: Path) -> None:
    """
    Its worker dies after the update was stored. The next run with the same journal does the rest.
    """
    targets = stored(local, 20)
    function = partial(update_or_die, folder=str(tmp_path), name="web-10")

    first, second = (journaled(function, targets, Journal(tmp_path / "journal")) for _ in range(2))

    failed = [outcome for outcome in first if outcome.error]
    assert Counter(outcome.target.arn for outcome in first) == once(targets)
    assert {*map(type, (outcome.error for outcome in failed))} <= {*BrokenExecutor.__subclasses__(), CancelledError}
    again = [outcome for outcome in second if not outcome.earlier]
    assert {outcome.target for outcome in again} == {outcome.target for outcome in failed}
    assert [outcome.error for outcome in second] == [None] * 20
    assert applied(local) == once(targets)


def test_a_fleet_is_edited_on_dask_also_if_a_worker_is_killed(local: LocalImageBuilder) -> None:
    distributed: Any = importlib.import_module("distributed")  # its types are incomplete and partly wrong
    options = {"n_workers": 2, "threads_per_worker": 2, "processes": True, "dashboard_address": "127.0.0.1:0"}
    targets = stored(local, 40)
    outcomes = []

    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        for outcome in run(EditJob(share), targets, executor=client.get_executor(), per_second=ANY_PACE):
            outcomes.append(outcome)
            if len(outcomes) == 10:
                os.kill(client.submit(os.getpid, pure=False).result(), signal.SIGKILL)

    assert Counter(outcome.target.arn for outcome in outcomes) == once(targets)
    assert [outcome.error for outcome in outcomes] == [None] * 40
    assert applied(local) == once(targets)


@attrs.define
class Countdown:
    """Kills a process at its request with that number."""

    kill: Callable[[], object]
    number: int
    runs: bool
    """Whether the service still runs that request."""
    _numbers: Iterator[int] = attrs.field(factory=partial(itertools.count, 1), init=False)

    def answer(self, exchange: Any) -> Any:
        number = next(self._numbers)
        if number == self.number and not self.runs:
            self.kill()
            return None
        reply = exchange.answer()
        if number == self.number:
            self.kill()
        return reply


def share_all(environment: dict[str, str], targets: Sequence[Target], journal: Path) -> None:
    """Run an edit of all targets, in a process that a test may kill."""
    set_environment(environment)
    with ThreadPoolExecutor(4) as executor:
        edits = run(EditJob(share), targets, executor=executor, journal=Journal(journal), per_second=ANY_PACE)
        report = summary(tqdm(edits, total=len(targets), file=journal.with_name("progress").open("w")))
    journal.with_name("report").write_text(report.to_json())


def test_a_driver_that_is_killed_anywhere_goes_on_with_its_journal(local: LocalImageBuilder, tmp_path: Path) -> None:
    """
    With 100 configurations in 5 accounts and 4 Regions, assumed roles and 4 kills, each configuration is written
    once, and the last report and progress bar cover all of them.
    """
    regions = ["us-west-2", "us-east-1", "eu-west-1", "ap-south-1"]
    accounts = [f"{number:012}" for number in range(1, 6)]
    dice = random.Random(0)  # noqa: S311 - for the same numbers in every run, not for secrets
    for account, region, number in itertools.product(accounts, regions, range(5)):
        seed(local, account, region, f"web {number}")
    roles = [f"arn:aws:iam::{account}:role/fleet" for account in accounts]
    with ThreadPoolExecutor(4) as thread:
        targets = discover(roles, regions, executor=thread, endpoint_url=local.url).targets
    before = plan(targets)
    killed = 0
    while True:
        process = FORKSERVER.Process(target=share_all, args=(dict(os.environ), targets, tmp_path / "journal"))
        process.start()
        if killed < 4:
            countdown = Countdown(process.kill, dice.randrange(1, 40), dice.random() < 0.5)
            local.inject(countdown, times=100)
        process.join()
        local.clear_faults()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        killed += 1
    after = plan(targets)

    report = json.loads((tmp_path / "report").read_text())
    assert (before.counts["would be changed"], after.counts["unchanged"]) == (100, 100)
    assert [len(each.targets) for each in before.changes] == [100]
    assert 0 < report["counts"]["done earlier"] < 100
    assert sum(report["counts"].get(state, 0) for state in ("done earlier", "changed", "unchanged")) == 100
    assert (sum(report["counts"].values()), report["causes"]) == (100, [])
    assert "100/100" in (tmp_path / "progress").read_text()
    assert killed == 4
    assert len(targets) == 100
    assert applied(local) == once([*targets])


def plan(targets: Sequence[Target]) -> Summary:
    with ThreadPoolExecutor(4) as threads:
        return summary(run(EditJob(share, dry_run=True), targets, executor=threads, per_second=ANY_PACE))

"""
A fleet against services that throttle: what its pace, its driver and its executors cost.

The pace is measured with the real driver against a local endpoint that throttles; and, for many accounts, simulated.
"""

import importlib
import math
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config

from imagebuilder_dist import AmiDistributionConfiguration, Distribution, fleet
from imagebuilder_dist.fleet import Target, summary
from imagebuilder_dist.testing import LocalImageBuilder
from tests.benchmarks.plot import Panel, svg
from tests.benchmarks.report import Section, table
from tests.benchmarks.timing import Ratio
from tests.fleet.simulation import Place, Service, simulate

_RATE, _BURST = 50, 10
_THREADS = 32
_PLOT = "fleet.svg"
_UPDATE = "UpdateDistributionConfiguration"
_ARN = "arn:aws:imagebuilder:us-west-2:{:012}:distribution-configuration/web-{}"
_WEB = Distribution(region="us-west-2", ami_distribution_configuration=AmiDistributionConfiguration(description="Web"))

_COSTS = ["time / ideal", "requests / needed", "not written"]

_NOTES = """\
Ideal is the number of writes by the rate.
boto3's adaptive mode doesn't take Image Builder's code for a throttle, so it gives up at once."""
_SIMULATED = "The 40 accounts, and the plot, are simulated: the real schedule in simulated time."


def run(seconds: float) -> Section:
    """Measure, with fewer targets if *seconds* are few."""
    count = max(20, min(600, round(50 * seconds)))
    paced = _paced(count)
    ratios = {"one throttled account of 40: time of the other 39": _accounts()}
    ratios["driver's CPU ms a target"] = _same(_driver_cpu(max(500, round(2000 * min(seconds, 10)))) * 1000)
    large = 1_000_000 if seconds > 10 else 20_000
    ratios[f"driver's memory, {large:,} targets / 1,000"] = _same(_memory(large) / _memory(1_000))
    ratios["Dask, 2 processes / 2 processes, 50 ms a target"] = _same(_dask_over_processes(max(20, count * 2 // 3)))
    text = "\n\n".join(
        [
            table(
                [f"{count} writes, {_RATE} a second", *_COSTS],
                [
                    [name, f"{duration:.2f}", f"{requests:.2f}", f"{lost:.0f}"]
                    for name, (duration, requests, lost) in paced.items()
                ],
            ),
            _NOTES,
            table(["", "measured"], [[name, f"{ratio.best:.2f}"] for name, ratio in ratios.items()]),
            _SIMULATED,
            f"![Simulated seconds by targets]({_PLOT})",
        ]
    )
    ratios |= {
        f"{name}: {cost}": _same(value)
        for name, costs in paced.items()
        for cost, value in zip(_COSTS, costs, strict=True)
    }
    return Section("Fleet", text, ratios, plots={_PLOT: svg([_growth()])})


def _same(value: float) -> Ratio:
    return Ratio(value, value)


def _update(target: Target) -> None:
    target.client().update_distribution_configuration(target.arn, [_WEB], client_token=target.client_token)


def _paced(count: int) -> dict[str, list[float]]:
    """Return what a write costs with the fleet's pace, with `Retries` alone, and with boto3 in adaptive mode."""
    ways: dict[str, Callable[[list[Target], ThreadPoolExecutor], object]] = {
        f"fleet, per_second={_RATE - 2}": lambda targets, pool: summary(
            fleet.run(_update, targets, executor=pool, per_second=_RATE - 2)
        ),
        "fleet, rate unknown": lambda targets, pool: summary(fleet.run(_update, targets, executor=pool)),
        "Retries alone": lambda targets, pool: _without_pace(_update, targets, pool),
        "boto3, adaptive": _adaptively,
    }
    measured: dict[str, list[float]] = {}
    for name, way in ways.items():
        with LocalImageBuilder(max_requests=1_000_000) as local, ThreadPoolExecutor(_THREADS) as pool:
            targets = _stored(local, count)
            before = len(local.requests)
            _update(targets[0])  # the client is made
            local.throttle(per_second=_RATE, burst=_BURST)
            start = time.perf_counter()
            way(targets, pool)
            seconds = time.perf_counter() - start
            received = [each for each in local.requests[before + 1 :] if each.operation == _UPDATE]
            lost = count - sum(each.applied for each in received)
            measured[name] = [seconds / (count / _RATE), len(received) / count, lost]
    return measured


def _stored(local: LocalImageBuilder, count: int) -> list[Target]:
    client = local.boto3_client()
    distributions = [{"region": "us-west-2", "amiDistributionConfiguration": {"description": "anything"}}]
    created = [
        client.create_distribution_configuration(name=f"web {number}", distributions=distributions)
        for number in range(count)
    ]
    return [Target(each["distributionConfigurationArn"], endpoint_url=local.url) for each in created]


def _adaptively(targets: list[Target], pool: ThreadPoolExecutor) -> None:
    session: Any = boto3.Session()
    config = Config(max_pool_connections=_THREADS, retries={"mode": "adaptive", "total_max_attempts": 5})
    client = session.client(
        "imagebuilder", region_name="us-west-2", endpoint_url=targets[0].endpoint_url, config=config
    )
    distributions = [{"region": "us-west-2", "amiDistributionConfiguration": {"description": "Web"}}]

    def update(target: Target) -> None:
        client.update_distribution_configuration(distributionConfigurationArn=target.arn, distributions=distributions)

    _without_pace(update, targets, pool)


def _without_pace(function: Callable[[Target], None], targets: list[Target], pool: ThreadPoolExecutor) -> None:
    for future in [pool.submit(function, target) for target in targets]:
        future.exception()  # some are throttled until their attempts are used up


def _accounts() -> Ratio:
    fast = {str(number): Service(_RATE, _BURST) for number in range(39)}
    places = [Place(account) for _ in range(100) for account in [*fast, "slow"]]
    workers = {
        "workers": 2 * _THREADS,
        "window": 4 * _THREADS,
    }  # so that the services are the limit, and not the threads
    without = simulate(fast, [each for each in places if each.account != "slow"], **workers)
    beside = simulate({**fast, "slow": Service(1, 1)}, places, **workers)
    return _same(max(beside.ends[account] for account in fast) / without.seconds)


def _made_up(count: int) -> Iterator[Target]:
    return (Target(_ARN.format(number % 40, number)) for number in range(count))


def _null(_: Target) -> None:
    pass


def _driver_cpu(count: int) -> float:
    """Return the seconds of CPU a target: all of this process, the threads that do nothing included."""
    with ThreadPoolExecutor(2) as pool:
        start = time.process_time()
        for _ in fleet.run(_null, _made_up(count), executor=pool, per_second=math.inf):
            pass
        return (time.process_time() - start) / count


def _memory(count: int) -> int:
    """Return the most memory of a driver in a process of its own."""
    code = f"from tests.benchmarks.fleet import drive; drive({count})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)


def drive(count: int) -> None:
    """Run a fleet that does nothing, and print the most memory that this process has had."""
    _driver_cpu(count)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _wait(_: Target) -> None:
    time.sleep(0.05)


def _dask_over_processes(count: int) -> float:
    distributed: Any = importlib.import_module("distributed")
    spawn = multiprocessing.get_context("spawn")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        dask = _seconds(client.get_executor(), count)
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        return dask / _seconds(pool, count)


def _seconds(executor: Any, count: int) -> float:
    for future in [executor.submit(_wait, target) for target in _made_up(4)]:
        future.result()  # the workers have started
    start = time.perf_counter()
    for _ in fleet.run(_wait, _made_up(count), executor=executor, per_second=math.inf):
        pass
    return time.perf_counter() - start


def _growth() -> Panel:
    """Return how long an edit of three requests takes, by configurations: in one account and Region, and in 40."""

    def points(lanes: int) -> list[tuple[float, float]]:
        services = {str(number): Service(_RATE, _BURST) for number in range(lanes)}
        counts = (100, 1_000, 10_000)
        return [
            (count, simulate(services, [Place(str(number % lanes)) for number in range(count)], requests=3).seconds)
            for count in counts
        ]

    return Panel("simulated seconds", "configurations", {"1 account": points(1), "40 accounts": points(40)})

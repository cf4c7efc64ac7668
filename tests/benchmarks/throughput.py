"""
Requests a second against a server on the loopback interface: by one thread, by several, and by two processes.
"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache, partial
from typing import Any, TypeAlias

import attrs
import boto3
from botocore.config import Config

from imagebuilder_dist import DistributionConfigurationClient
from tests.benchmarks import workloads
from tests.benchmarks.calls import Call, raw_call, typed_call
from tests.benchmarks.report import Section, show, table
from tests.benchmarks.server import serving
from tests.benchmarks.timing import Ratio, Samples, interleave

_LATENCY = 0.05
_SLICE = 0.2
_PROCESSES = 2

_NOTES = "5 Regions a call, and one client a process; the server is one more process on the same cores."


@attrs.frozen
class _Fleet:
    """Who sends what at once."""

    name: str
    threads: int = 1
    processes: int = 1


_Measured: TypeAlias = dict[tuple[_Fleet, str], Samples]

_WORKLOAD = workloads.everything(5)
_FLEETS = [
    _Fleet("1 thread"),
    _Fleet("8 threads", threads=8),
    _Fleet("32 threads", threads=32),
    _Fleet("2 processes", processes=_PROCESSES),
    _Fleet("2 processes of 16 threads", threads=16, processes=_PROCESSES),
]


def run(seconds: float) -> Section:
    """Measure each of the two tables for so many *seconds*."""
    latency = f"{_LATENCY * 1000:.0f} ms of latency"
    slow = _measure(_LATENCY, seconds)
    tables = [_table("no latency", _measure(0, seconds)), _table(latency, slow)]
    summary = [
        [f"calls a second, {each.name}, {latency}", *_rates(each, slow), f"{ratio.best:.2f}"]
        for each in _FLEETS
        for ratio in [_ratio(each, slow)]
        if each.threads > 1
    ]
    return Section("Calls a second, on the loopback interface", "\n\n".join([*tables, _NOTES]), summary=summary)


def _table(title: str, measured: _Measured) -> str:
    rows = [[fleet.name, *_rates(fleet, measured), show(_ratio(fleet, measured))] for fleet in _FLEETS]
    return table([title, "raw", "typed", "typed / raw"], rows)


def _rates(fleet: _Fleet, measured: _Measured) -> list[str]:
    return [f"{1 / measured[fleet, kind].best:,.0f}" for kind in ("raw", "typed")]


def _ratio(fleet: _Fleet, measured: _Measured) -> Ratio:
    return measured[fleet, "raw"].over(measured[fleet, "typed"])


def _measure(latency: float, seconds: float) -> _Measured:
    with ExitStack() as stack:
        url = stack.enter_context(serving(latency))
        spawn = multiprocessing.get_context("spawn")
        # Pools of one, so that work for two processes isn't done by one of them.
        pools = [stack.enter_context(ProcessPoolExecutor(1, mp_context=spawn)) for _ in range(_PROCESSES)]
        samplers = {
            (fleet, kind): partial(_sample, pools, url, kind, fleet) for fleet in _FLEETS for kind in ("raw", "typed")
        }
        return interleave(samplers, seconds)


def _sample(pools: list[ProcessPoolExecutor], url: str, kind: str, fleet: _Fleet) -> float:
    futures = [pool.submit(_requests_per_second, url, kind, fleet.threads) for pool in pools[: fleet.processes]]
    return 1 / sum(future.result() for future in futures)


def _requests_per_second(url: str, kind: str, threads: int) -> float:
    """Call for a slice in so many *threads* of this process, and at least once in each."""
    call = _call(url, kind)
    start = time.perf_counter()

    def work(_: int) -> int:
        count = 0
        while not count or time.perf_counter() < start + _SLICE:
            call()
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        requests = sum(pool.map(work, range(threads)))
    return requests / (time.perf_counter() - start)


@cache
def _call(url: str, kind: str) -> Call:
    """Make a client, once in this process."""
    session: Any = boto3.Session()
    options: dict[str, Any] = {
        "region_name": "us-west-2",
        "endpoint_url": url,
        "config": Config(max_pool_connections=32),
    }
    if kind == "raw":
        return raw_call(session.client("imagebuilder", **options), _WORKLOAD)
    return typed_call(DistributionConfigurationClient(session=session, **options), _WORKLOAD)

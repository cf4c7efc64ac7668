"""
Requests a second against a server on the loopback interface: by one thread, by several, and by two processes.
"""

import multiprocessing
import time
from collections.abc import Iterable
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
from tests.benchmarks.timing import Samples, interleave

_LATENCY = 0.05
_PROCESSES = 2

_NOTES = """\
The best slice, and typed / raw with the ratio of the medians in brackets.
One client a process, with up to 32 connections; the typed calls make and validate their objects.
The server is one more process on the same cores."""


@attrs.frozen
class _Fleet:
    """Who sends what at once."""

    name: str
    regions: int = 5
    threads: int = 1
    processes: int = 1


_Measured: TypeAlias = dict[tuple[_Fleet, str], Samples]

_SEQUENTIAL = [_Fleet("5 Regions"), _Fleet("20 Regions", regions=20)]
_PARALLEL = [
    _Fleet("1 thread"),
    _Fleet("8 threads", threads=8),
    _Fleet("32 threads", threads=32),
    _Fleet("2 processes", processes=_PROCESSES),
    _Fleet("2 processes of 16 threads", threads=16, processes=_PROCESSES),
]


def run(seconds: float) -> Section:
    """Measure each of the three tables for so many *seconds*."""
    sequential = _measure(_SEQUENTIAL, latency=0, slice_seconds=0.05, seconds=seconds)
    prompt = _measure(_PARALLEL, latency=0, slice_seconds=0.2, seconds=seconds)
    slow = _measure(_PARALLEL, latency=_LATENCY, slice_seconds=0.2, seconds=seconds)
    text = "\n\n".join(
        [
            _table("one thread", _SEQUENTIAL, sequential),
            _table("5 Regions, no latency", _PARALLEL, prompt),
            _table(f"5 Regions, {_LATENCY * 1000:.0f} ms of latency", _PARALLEL, slow),
            _NOTES,
        ]
    )
    ratios = {
        f"requests/s, {fleet.name}": sequential[fleet, "raw"].over(sequential[fleet, "typed"]) for fleet in _SEQUENTIAL
    }
    return Section("Requests a second, on the loopback interface", text, ratios)


def _table(title: str, fleets: Iterable[_Fleet], measured: _Measured) -> str:
    rows: list[list[str]] = []
    for fleet in fleets:
        raw, typed = measured[fleet, "raw"], measured[fleet, "typed"]
        rows.append([fleet.name, f"{1 / raw.best:,.0f}", f"{1 / typed.best:,.0f}", show(raw.over(typed))])
    return table([title, "raw", "typed", "typed / raw"], rows)


def _measure(fleets: Iterable[_Fleet], *, latency: float, slice_seconds: float, seconds: float) -> _Measured:
    with ExitStack() as stack:
        url = stack.enter_context(serving(latency))
        spawn = multiprocessing.get_context("spawn")
        # Pools of one, so that work for two processes isn't done by one of them.
        pools = [stack.enter_context(ProcessPoolExecutor(1, mp_context=spawn)) for _ in range(_PROCESSES)]
        samplers = {
            (fleet, kind): partial(_sample, pools, url, kind, fleet, slice_seconds)
            for fleet in fleets
            for kind in ("raw", "typed")
        }
        return interleave(samplers, seconds)


def _sample(pools: list[ProcessPoolExecutor], url: str, kind: str, fleet: _Fleet, seconds: float) -> float:
    futures = [
        pool.submit(_requests_per_second, url, kind, fleet.regions, fleet.threads, seconds)
        for pool in pools[: fleet.processes]
    ]
    return 1 / sum(future.result() for future in futures)


def _requests_per_second(url: str, kind: str, regions: int, threads: int, seconds: float) -> float:
    """Call for so many *seconds* in so many *threads* of this process."""
    call = _call(url, kind, regions)
    start = time.perf_counter()

    def work(_: int) -> int:
        count = 0
        while time.perf_counter() < start + seconds:
            call()
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        requests = sum(pool.map(work, range(threads)))
    return requests / (time.perf_counter() - start)


@cache
def _call(url: str, kind: str, regions: int) -> Call:
    """Make a client, once in this process."""
    workload = workloads.everything(regions)
    session: Any = boto3.Session()
    options: dict[str, Any] = {
        "region_name": "us-west-2",
        "endpoint_url": url,
        "config": Config(max_pool_connections=32),
    }
    if kind == "raw":
        return raw_call(session.client("imagebuilder", **options), workload)
    return typed_call(DistributionConfigurationClient(session=session, **options), workload)

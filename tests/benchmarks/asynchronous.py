"""
Many calls at once: raw boto3 in threads, and the asynchronous client over threads of its own and over aiobotocore.

`python -m tests.benchmarks.asynchronous` measures this alone, for an environment with aiobotocore.
"""

import argparse
import asyncio
import importlib.util
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from imagebuilder_dist.aio import DistributionConfigurationClient
from tests.benchmarks import targets, workloads
from tests.benchmarks.calls import Call, raw_call, typed_call
from tests.benchmarks.environment import isolate
from tests.benchmarks.page import page_with, renew
from tests.benchmarks.report import Section, show, table, versions
from tests.benchmarks.server import serving
from tests.benchmarks.timing import Sampler, interleave

_CALLS = 100
_LATENCY = 0.05
_WORKLOAD = workloads.everything(5)
_HAS_AIOBOTOCORE = importlib.util.find_spec("aiobotocore") is not None
_HAS_CAPO = importlib.util.find_spec("capo_imagebuilder") is not None

_THREADS = f"raw boto3 in {_CALLS} threads"
_POOL = "own pool"
_RAW = "raw aiobotocore"
_OVER = "over aiobotocore"
_CAPO = "capo-imagebuilder's asynchronous client"
_BASES = {_POOL: _THREADS, _CAPO: _THREADS, _OVER: _RAW}

_NOTES = f"""\
{_CALLS} calls at once with 5 Regions each, over as many connections; the response comes after {_LATENCY * 1000:.0f} ms.
The ratio is to raw aiobotocore's for ours over aiobotocore, else to raw boto3's in threads."""


def run(seconds: float) -> Section:
    with ExitStack() as stack:
        url = stack.enter_context(serving(_LATENCY))
        threads = stack.enter_context(ThreadPoolExecutor(_CALLS))
        runner = stack.enter_context(asyncio.Runner())
        clients = AsyncExitStack()
        stack.callback(lambda: runner.run(clients.aclose()))
        options: dict[str, Any] = {"region_name": "us-west-2", "endpoint_url": url}
        raw = boto3.Session().client("imagebuilder", config=Config(max_pool_connections=_CALLS), **options)
        samplers: dict[str, Sampler] = {_THREADS: partial(_sample_threads, threads, raw_call(raw, _WORKLOAD))}
        for name, call in runner.run(_asynchronous_calls(clients, options)).items():
            samplers[name] = partial(_sample_tasks, runner, call)
        for sample in samplers.values():
            sample()  # connects
        measured = interleave(samplers, seconds)
    ratios = {name: measured[base].over(measured[name]) for name, base in _BASES.items() if name in measured}
    rows = [
        [name, f"{1 / samples.best:,.0f}", show(ratios[name]) if name in ratios else ""]
        for name, samples in measured.items()
    ]
    text = f"{table(['', 'calls/s', 'ratio'], rows)}\n\n{_NOTES}"
    return Section(
        "Many calls at once",
        text,
        {f"calls/s, {name} / {_BASES[name]}": ratio for name, ratio in ratios.items()},
        [
            [
                f"calls a second, {_CALLS} at once, {_LATENCY * 1000:.0f} ms of latency",
                *(f"{1 / measured[name].best:,.0f}" for name in (_THREADS, _POOL)),
                f"{ratios[_POOL].best:.2f}",
            ]
        ],
    )


async def _asynchronous_calls(clients: AsyncExitStack, options: dict[str, Any]) -> dict[str, Call]:
    own: Any = DistributionConfigurationClient(max_concurrency=_CALLS, **options)
    calls = {_POOL: typed_call(await clients.enter_async_context(own), _WORKLOAD)}
    if _HAS_CAPO:
        capo = importlib.import_module("tests.benchmarks.capo")
        theirs = await clients.enter_async_context(capo.asynchronous_client(options["endpoint_url"], _CALLS))
        calls[_CAPO] = capo.update_call(theirs, _WORKLOAD)
    if _HAS_AIOBOTOCORE:
        session = importlib.import_module("aiobotocore.session").get_session()
        config = importlib.import_module("aiobotocore.config").AioConfig(max_pool_connections=_CALLS)
        raw, theirs = [
            await clients.enter_async_context(session.create_client("imagebuilder", config=config, **options))
            for _ in range(2)
        ]
        over: Any = DistributionConfigurationClient(theirs)
        calls |= {_RAW: raw_call(raw, _WORKLOAD), _OVER: typed_call(over, _WORKLOAD)}
    return calls


def _sample_threads(threads: ThreadPoolExecutor, call: Call) -> float:
    start = time.perf_counter()
    for _ in threads.map(lambda _: call(), range(_CALLS)):
        pass
    return (time.perf_counter() - start) / _CALLS


def _sample_tasks(runner: asyncio.Runner, call: Call) -> float:
    async def wave() -> None:
        await asyncio.gather(*(call() for _ in range(_CALLS)))

    start = time.perf_counter()
    runner.run(wave())
    return (time.perf_counter() - start) / _CALLS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.asynchronous", description=__doc__)
    parser.add_argument("--write", metavar="PAGE", type=page_with("aiobotocore"), help="the page to renew")
    options = parser.parse_args()
    isolate()
    section = run(24)
    text = f"{versions()}\n\n{section.text}\n\n{targets.judge(section.ratios).text}"
    print(text)
    if options.write:
        renew(options.write, {"aiobotocore": text})


if __name__ == "__main__":
    main()

"""
The instructions of a call, counted by cachegrind: `instructions.py KIND COUNT` is what it runs.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from imagebuilder_dist import DistributionConfigurationClient
from tests.benchmarks import workloads
from tests.benchmarks.calls import raw_call, typed_call
from tests.benchmarks.canned import Canned
from tests.benchmarks.report import Section, table

_TITLE = "Instructions of a call with 5 Regions"
_CALLS = 100
_RUNS = [("raw", _CALLS), ("raw", 2 * _CALLS), ("typed", _CALLS), ("typed", 2 * _CALLS)]

_NOTES = f"Counted by cachegrind over {2 * _CALLS} calls, less those of {_CALLS}."


def run() -> Section:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return Section(_TITLE, "Not counted: valgrind isn't installed.")
    # Other processes make no difference to the counts.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(_RUNS, pool.map(lambda each: _count(valgrind, *each), _RUNS), strict=True))
    raw, typed = ((counts[kind, 2 * _CALLS] - counts[kind, _CALLS]) / _CALLS for kind in ("raw", "typed"))
    rows = [["raw boto3", f"{raw:,.0f}", "1.00"], ["typed call, fresh objects", f"{typed:,.0f}", f"{typed / raw:.2f}"]]
    return Section(_TITLE, f"{table(['', 'instructions', 'ratio'], rows)}\n\n{_NOTES}")


def _count(valgrind: str, kind: str, calls: int) -> int:
    cachegrind = [valgrind, "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
    command = [*cachegrind, sys.executable, "-m", "tests.benchmarks.instructions", kind, str(calls)]
    process = subprocess.run(
        command, check=True, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONHASHSEED": "0"}
    )
    count = re.search(r"I +refs: +([0-9,]+)", process.stderr)
    assert count, process.stderr
    return int(count[1].replace(",", ""))


def _main(kind: str, calls: int) -> None:
    canned = Canned([])
    workload = workloads.everything(5)
    if kind == "raw":
        call = raw_call(canned.boto3_client(), workload)
    else:
        call = typed_call(DistributionConfigurationClient(session=canned.session, region_name="us-west-2"), workload)
    for _ in range(calls):
        call()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))

"""
What one distribution with every structure in it takes of memory.
"""

import gc
import tracemalloc
from collections.abc import Callable, Sequence

from tests.benchmarks import workloads
from tests.benchmarks.peers import PEERS
from tests.benchmarks.report import Section, table

_COUNT = len(workloads.REGIONS)

_NOTES = "Without the strings themselves, except those that pydantic copies."


def run() -> Section:
    workload = workloads.everything(_COUNT)
    documents = workload.documents()
    dicts = _bytes_each(workload.documents)
    sizes = {
        "dicts": dicts,
        "imagebuilder_dist": _bytes_each(workload.models),
        "pydantic": _bytes_each(lambda: [PEERS["pydantic"].build(document) for document in documents]),
    }
    rows = [[name, f"{size:,.0f}", f"{size / dicts:.2f}"] for name, size in sizes.items()]
    return Section("Memory of one Distribution", f"{table(['', 'bytes', 'ratio'], rows)}\n\n{_NOTES}")


def _bytes_each(make: Callable[[], Sequence[object]]) -> float:
    gc.collect()
    tracemalloc.start()
    objects = make()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(objects)

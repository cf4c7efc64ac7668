"""
`python -m tests.benchmarks`: measure everything, print it, and write it into a page.
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

from tests.benchmarks import (
    asynchronous,
    clients,
    cold,
    cpu,
    creation,
    documents,
    fleet,
    growth,
    instructions,
    memory,
    targets,
    throughput,
)
from tests.benchmarks.environment import isolate
from tests.benchmarks.page import page_with, renew
from tests.benchmarks.report import Section, summary, versions

_LEGEND = """\
The first of two numbers is the best slice of many, and the one in brackets is the median.
17x1536 is 17 Regions with 1,536 target accounts each."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="take few slices and count no instructions")
    parser.add_argument(
        "--write", metavar="PAGE", type=page_with("summary", "tables"), help="the page to renew, and plots beside it"
    )
    options = parser.parse_args()
    isolate()
    sections = [_measured(measure) for measure in _measures(quick=options.quick)]
    sections.append(targets.judge({name: ratio for section in sections for name, ratio in section.ratios.items()}))
    texts = {"summary": summary(sections), "tables": "\n".join([f"{versions()}\n{_LEGEND}\n", *map(str, sections)])}
    print(*texts.values(), sep="\n\n")
    if options.write:
        renew(options.write, texts)
        for name, plot in (each for section in sections for each in section.plots.items()):
            options.write.with_name(name).write_text(plot)


def _measures(*, quick: bool) -> list[Callable[[], Section]]:
    """In the order of the page."""
    seconds = 1.0 if quick else 12.0
    measures: list[Callable[[], Section]] = [
        partial(cpu.run, seconds),
        partial(clients.run, seconds),
        partial(growth.run, seconds),
        partial(cold.run, 3 * seconds),
        partial(creation.run, seconds),
        partial(throughput.run, seconds),
        partial(asynchronous.run, 2 * seconds),
        partial(documents.run, seconds),
        memory.run,
        partial(fleet.run, seconds),
    ]
    return measures if quick else [*measures, instructions.run]


def _measured(measure: Callable[[], Section]) -> Section:
    start = time.perf_counter()
    section = measure()
    print(f"{section.title}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return section


if __name__ == "__main__":
    main()

"""
`python -m tests.benchmarks`: measure everything, print it, and write it into the page.
"""

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
from tests.benchmarks.report import Section, versions

_MARKED = re.compile("(<!-- bench: begin -->\n).*(<!-- bench: end -->)", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="take few slices and count no instructions")
    parser.add_argument("--output", type=Path, default=Path("docs/performance.md"), help="the page to write into")
    options = parser.parse_args()
    page: Path = options.output
    if not page.exists() or not _MARKED.search(page.read_text()):
        sys.exit(f"{page} isn't there, or has no lines <!-- bench: begin --> and <!-- bench: end -->")
    isolate()
    sections = [_shown(measure()) for measure in _measures(page, quick=options.quick)]
    ratios = {name: ratio for section in sections for name, ratio in section.ratios.items()}
    verdict = _shown(targets.judge(ratios))
    text = "\n".join([versions(), "", *map(str, [verdict, *sections])])
    page.write_text(_MARKED.sub(lambda marked: f"{marked[1]}{text}{marked[2]}", page.read_text()))


def _measures(page: Path, *, quick: bool) -> list[Callable[[], Section]]:
    seconds = 1.0 if quick else 12.0
    measures: list[Callable[[], Section]] = [
        partial(cpu.run, seconds),
        partial(clients.run, seconds),
        partial(growth.run, seconds, page.with_name("growth.svg")),
        partial(throughput.run, seconds),
        partial(asynchronous.run, seconds),
        partial(cold.run, 3 * seconds),
        partial(creation.run, seconds),
        partial(documents.run, seconds),
        memory.run,
        partial(fleet.run, seconds, page.with_name("fleet.svg")),
    ]
    return measures if quick else [*measures, instructions.run]


def _shown(section: Section) -> Section:
    print(section, flush=True)
    return section


if __name__ == "__main__":
    main()

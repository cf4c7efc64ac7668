"""
`python -m tests.benchmarks`: measure everything, print it, and write it into the page.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks import cold, cpu, growth, instructions, memory, targets, throughput
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
    _set_up()
    sections = [_shown(measure()) for measure in _measures(page, quick=options.quick)]
    ratios = {name: ratio for section in sections for name, ratio in section.ratios.items()}
    verdict = _shown(targets.judge(ratios))
    text = "\n".join([versions(), "", *map(str, [verdict, *sections])])
    page.write_text(_MARKED.sub(lambda marked: f"{marked[1]}{text}{marked[2]}", page.read_text()))
    missed = targets.missed(ratios)
    print(f"missed {len(missed)} of {len(targets.TARGETS)} targets" + "".join(f"\n  {name}" for name in missed))


def _measures(page: Path, *, quick: bool) -> list[Callable[[], Section]]:
    seconds = 1.0 if quick else 12.0
    measures: list[Callable[[], Section]] = [
        partial(cpu.run, seconds),
        partial(growth.run, seconds, page.with_name("growth.svg")),
        partial(throughput.run, seconds),
        partial(cold.run, 3 * seconds),
        memory.run,
    ]
    return measures if quick else [*measures, instructions.run]


def _shown(section: Section) -> Section:
    print(section, flush=True)
    return section


def _set_up() -> None:
    """See nothing of the developer's AWS set-up, use no proxy, and let the processes that we start keep bytecode."""
    for name in [*os.environ]:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",
    }
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


if __name__ == "__main__":
    main()

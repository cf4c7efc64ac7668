"""
A page that measurements are written into: what is between `<!-- bench: NAME -->` and `<!-- bench: end -->` is renewed.
"""

import argparse
import re
from collections.abc import Callable, Mapping
from pathlib import Path

_REGION = re.compile("(<!-- bench: ([a-z]+) -->\n).*?(<!-- bench: end -->)", re.DOTALL)


def page_with(*names: str) -> Callable[[str], Path]:
    """Make a type for argparse, which wants these regions in the page before anything is measured."""

    def parse(argument: str) -> Path:
        page = Path(argument)
        found = {region[2] for region in _REGION.finditer(page.read_text())} if page.is_file() else set[str]()
        missing = [f"<!-- bench: {name} -->" for name in names if name not in found]
        if missing:
            raise argparse.ArgumentTypeError(f"{page} has no {', '.join(missing)}")
        return page

    return parse


def renew(page: Path, texts: Mapping[str, str]) -> None:
    """Replace the regions that *texts* name, and leave the rest as it is."""

    def region(match: re.Match[str]) -> str:
        return f"{match[1]}{texts[match[2]].strip()}\n{match[3]}" if match[2] in texts else match[0]

    page.write_text(_REGION.sub(region, page.read_text()))

"""
`make bench` writes its tables between the comments of docs/performance.md.
"""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from tests.benchmarks.page import page_with, renew
from tests.pages import ROOT

PAGE = """\
# Performance
<!-- bench: summary -->
<!-- bench: end -->
Prose.
<!-- bench: tables -->
old
<!-- bench: end -->
"""


def test_the_page_has_every_region_that_is_renewed() -> None:
    page = ROOT / "docs/performance.md"

    assert page_with("summary", "tables", "aiobotocore")(str(page)) == page


@pytest.mark.parametrize("text", [None, PAGE])
def test_a_page_that_lacks_a_region_is_rejected(tmp_path: Path, text: str | None) -> None:
    """
    Before anything is measured, which takes minutes.
    """
    page = tmp_path / "page.md"
    if text is not None:
        page.write_text(text)

    with pytest.raises(ArgumentTypeError, match=r"page\.md has no .*<!-- bench: aiobotocore -->"):
        page_with("summary", "aiobotocore")(str(page))


def test_only_the_regions_that_are_named_are_renewed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)

    renew(page, {"summary": r"\1 new"})

    start = "<!-- bench: summary -->\n"
    assert page.read_text() == PAGE.replace(start, start + "\\1 new\n")

"""
What CONTRIBUTING.md says about the project's own files.
"""

import re

from tests.pages import ROOT


def test_every_leg_of_ci_is_in_the_table() -> None:
    """
    In order, each by the name of its step up to the first comma.
    """
    page = (ROOT / "CONTRIBUTING.md").read_text()
    table = page.partition("| leg |")[2].partition("\n\n")[0]

    described = re.findall(r"^\| ([^|-]+) \|", table, re.MULTILINE)

    assert described == re.findall(r'^ *step "([^,"]+)', (ROOT / ".ci/run").read_text(), re.MULTILINE)

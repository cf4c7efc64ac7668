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


def test_the_tests_that_it_names_exist() -> None:
    """
    By file under `tests`, and by name if it has one.
    """
    page = (ROOT / "CONTRIBUTING.md").read_text()
    named = re.findall(r"`(?:tests/)?(\w+/test_\w+)(?:\.py|::(test_\w+))?", page)

    assert named
    for file, name in named:
        assert f"def {name}" in (ROOT / "tests" / f"{file}.py").read_text()

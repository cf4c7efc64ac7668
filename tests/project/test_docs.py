"""
README, docs, docstrings and examples run as written.
"""

import doctest
import importlib
import inspect
import pkgutil
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sybil import Example
from sybil.evaluators.python import PythonEvaluator

import imagebuilder_dist
from imagebuilder_dist import errors
from imagebuilder_dist._shapes import needs
from imagebuilder_dist._shapes.rules import RULES
from tests.consoles import CONSOLES, rendered
from tests.pages import PAGES, ROOT, examples_of, wrapped

EXAMPLES = sorted(each for each in ROOT.glob("docs/examples/*.py") if each.name != "quickstart.py")
PRINTED = re.compile(r"^It prints:\n\n```(?:console|json|mermaid)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(imagebuilder_dist.__path__, "imagebuilder_dist.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_runs_and_prints_what_it_shows(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, examples = page.read_text(), examples_of(page, PythonEvaluator())
    for example in examples:
        example.evaluate()
    printed = wrapped(capsys.readouterr().out)

    assert bool(examples) == ("```python\n" in text)
    for shown in PRINTED.findall(text):
        assert wrapped(shown) in printed


# Without the first two, which need an account on AWS, and what stands for it here, hidden before and after them.
COPIED = examples_of(PAGES[0], PythonEvaluator())[6:]


@pytest.mark.parametrize("example", COPIED, ids=lambda each: f"line {each.line}")
def test_a_block_of_the_readme_runs_by_itself(example: Example) -> None:
    """
    Readers copy a single block.
    """
    example.namespace.clear()

    example.evaluate()


@pytest.mark.long
@pytest.mark.parametrize("page", CONSOLES, ids=lambda path: path.name)
def test_a_command_of_a_page_prints_what_the_page_shows(page: Path) -> None:
    """
    `python -m tests.consoles` renews the pages.
    """
    assert rendered(page) == page.read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_no_block_of_a_page_is_overlooked_or_too_wide_for_the_site(page: Path) -> None:
    """
    Sybil skips `py` and `Python`: such a block would be neither run nor type-checked.
    """
    text = page.read_text()
    languages = re.findall(r"^\W*?(?:```|~~~)([^{\n].*)$", text, re.MULTILINE)
    blocks = re.findall(r"^```\w+\n(.*?)^```", text, re.MULTILINE | re.DOTALL)

    assert max((len(line) for block in blocks for line in block.split("\n")), default=0) <= 100
    assert set(languages) <= {"console", "csv", "javascript", "json", "mermaid", "python", "text", "yaml"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_docstring_runs(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.long
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs(example: Path) -> None:
    done = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, check=True)

    assert done.stdout


def test_the_quickstart_shows_the_main_job(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "docs/examples/quickstart.py"), run_name="__main__")

    out = capsys.readouterr().out
    assert "equal to what was sent: True" in out
    assert "InvalidParameterValueException at distributions[0].amiDistributionConfiguration.name" in out


def test_every_rule_is_documented_with_its_severity() -> None:
    rows = re.findall(r"^\| (`.+?`) \| (\w+) \|", (ROOT / "docs/validation.md").read_text(), re.MULTILINE)
    documented = [(name, severity) for names, severity in rows for name in re.findall("`(.+?)`", names)]

    in_documents = ["type", "required", "unknown-member", "empty-list"]
    limits = ["encoding", "min", "max", "pattern", "enum"]
    assert sorted(documented) == sorted(
        [
            *((name, "error") for name in in_documents + limits),
            *((rule.id, rule.severity) for rules in RULES.values() for rule in rules),
        ]
    ), "add, change or remove the rule's row in docs/validation.md"


def test_every_error_is_documented_with_what_it_means_and_what_to_do() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (.+) \| (no|maybe) \| (.+) \|$", (ROOT / "docs/errors.md").read_text(), re.MULTILINE
    )
    documented = {name: (meaning, written == "maybe", remedy) for name, meaning, written, remedy in rows}

    classes = [
        cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.ImageBuilderDistError)
    ]
    expected = {cls.__name__: cls for cls in classes if cls is not errors.ImageBuilderDistError}
    assert documented.keys() == expected.keys(), "add or remove the error's row in docs/errors.md"
    for name, cls in expected.items():
        meaning, maybe_written, remedy = documented[name]
        assert meaning == " ".join(str(inspect.getdoc(cls)).partition("\n\n")[0].split())
        assert maybe_written == may_have_been_written(cls), name
        assert remedy == cls.remedy


def may_have_been_written(cls: type[errors.ImageBuilderDistError]) -> bool:
    if cls in {errors.ApiError, errors.ConcurrentModificationError}:  # it depends on the error
        return True
    if issubclass(cls, errors.ApiError):
        return cls({"Error": {"Code": cls.__name__}}, "Operation").may_have_been_applied
    return cls.may_have_been_applied


def test_every_kind_of_need_is_documented_with_its_source() -> None:
    page = (ROOT / "docs/what-a-distribution-needs.md").read_text()

    documented = re.findall(
        r"^\| `(.+?)` \| .+ \| .+ \| \[(.+?)\]\(https://docs\.aws\.amazon\.com/", page, re.MULTILINE
    )

    assert documented == [(kind, source) for kind, (_, source) in needs.KINDS.items()]

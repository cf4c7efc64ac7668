"""
README and docs: tests/project/test_docs.py runs their Python blocks, and `python -m tests.pages` type-checks them.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser
from sybil.typing import Evaluator

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


def examples_of(page: Path, evaluator: Evaluator) -> list[Example]:
    """
    Return what Sybil finds on the page: Python blocks for *evaluator*, and which of them to skip.
    """
    return list(Sybil([CodeBlockParser("python", evaluator), SkipParser()], path=str(ROOT)).parse(page).examples())


def module_of(page: Path) -> str:
    """
    Return the page as a module in which the blocks have the lines that they have in the page.
    """
    # Of boto3.client, pyright knows only the services whose types are installed.
    lines = ["# pyright: strict, reportUnknownMemberType=false"]

    def add(example: Example) -> None:
        lines.extend([""] * (example.line - len(lines)))
        lines.extend(example.parsed.splitlines())

    for example in examples_of(page, add):
        example.evaluate()
    return "\n".join(lines) + "\n"


def main() -> bool:
    """
    Type-check the pages under their own names, and return whether anything is wrong with them.
    """
    names = [str(page.relative_to(ROOT)) for page in PAGES]
    mypy = ["mypy", "--config-file", str(ROOT / "pyproject.toml"), "--scripts-are-modules"]
    pyright = ["pyright", "--pythonpath", sys.executable]
    with TemporaryDirectory() as folder:
        for page, name in zip(PAGES, names, strict=True):
            module = Path(folder, name)
            module.parent.mkdir(parents=True, exist_ok=True)
            module.write_text(module_of(page))
        checks = [
            subprocess.run([sys.executable, "-m", *checker, *names], cwd=folder, check=False)
            for checker in (mypy, pyright)
        ]
    return any(check.returncode for check in checks)


if __name__ == "__main__":
    sys.exit(main())

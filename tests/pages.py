"""
README and docs: tests/project/test_docs.py runs their Python blocks, and `python -m tests.pages` type-checks them.
"""

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser
from sybil.typing import Evaluator

ROOT = Path(__file__).parent.parent
# A file that a page tells its readers to write.
SCRIPT = re.compile(r"^`([\w-]+\.py)`:\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


def examples_of(page: Path, evaluator: Evaluator) -> list[Example]:
    """
    Return what Sybil finds on the page: Python blocks for *evaluator*, and which of them to skip.
    """
    return list(Sybil([CodeBlockParser("python", evaluator), SkipParser()], path=str(ROOT)).parse(page).examples())


def wrapped(text: str) -> str:
    """
    Return *text* as pages show it: a line of more than 100 characters goes on in the next one, so that nothing is cut.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        fold = textwrap.TextWrapper(100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        tags_kept = re.sub(r"\{\{ (\S+) \}\}", "{{\xa0\\1\xa0}}", line)
        lines += fold.wrap(tags_kept) if len(line) > 100 else [line]
    return "\n".join(lines).replace("\xa0", " ")


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
    pages = [page for page in PAGES if "```python\n" in page.read_text()]
    names = [str(page.relative_to(ROOT)) for page in pages]
    mypy = ["mypy", "--config-file", str(ROOT / "pyproject.toml"), "--scripts-are-modules"]
    pyright = ["pyright", "--pythonpath", sys.executable]
    with TemporaryDirectory() as folder:
        for page, name in zip(pages, [*names], strict=True):
            module = Path(folder, name)
            module.parent.mkdir(parents=True, exist_ok=True)
            module.write_text(module_of(page))
            for script, text in SCRIPT.findall(page.read_text()):
                Path(folder, script).write_text(f"# pyright: strict\n{text}")
                names.append(script)
        checks = [
            subprocess.run([sys.executable, "-m", *checker, *names], cwd=folder, check=False)
            for checker in (mypy, pyright)
        ]
    return any(check.returncode for check in checks)


if __name__ == "__main__":
    sys.exit(main())

"""
The text of the pages: `python -m tests.prose` has proselint read it, and tests/project/test_words.py looks for words.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from .pages import PAGES, ROOT

PROSE = sorted({*PAGES, *ROOT.glob("*.md")})


def prose_of(page: Path) -> str:
    """
    Return the page's text, without code, directives and the targets of links, every line where it is in the page.
    """
    text = re.sub(
        r"^(```|~~~).*?^\1", lambda block: "\n" * block[0].count("\n"), page.read_text(), flags=re.MULTILINE | re.DOTALL
    )
    return re.sub(r"^:(?! ).*|\]\([^)]+\)", lambda found: "]" if found[0][0] == "]" else "", text, flags=re.MULTILINE)


def main() -> bool:
    """
    Print what proselint finds, and return whether that is anything.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["proselint"]
    names = [str(page.relative_to(ROOT)) for page in PROSE]
    with TemporaryDirectory() as folder:
        for page, name in zip(PROSE, names, strict=True):
            copy = Path(folder, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(re.sub(r"`[^`\n]+`", "`code`", prose_of(page)))
        config = Path(folder, "config.json")
        config.write_text(json.dumps(settings))
        command = [sys.executable, "-m", "proselint", "check", "--config", str(config), *names]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = (ran.stdout + ran.stderr).replace(f"{folder}/", "")
    sys.stdout.write(found)
    return bool(ran.returncode or found)


if __name__ == "__main__":
    sys.exit(main())

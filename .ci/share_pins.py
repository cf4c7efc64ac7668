"""
Writes every pin once: a file of requirements begins with the one that it extends, and has only what it adds.

The files may be complete or shared already. No third-party package is needed.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
COMMON = "common"
EXTENDS = {
    "test": COMMON,
    "oldest": COMMON,
    "1.43": COMMON,
    "aio": COMMON,
    "aio-2": COMMON,
    "bench": "test",
    "docs": "test",
    "lint": "bench",
}


def file_of(name: str) -> Path:
    """Return the file of that name."""
    return FOLDER / f"requirements-{name}.txt"


def pins_of(name: str) -> set[str]:
    """Return the pins, each with its hashes, also of what the file extends."""
    text = file_of(name).read_text()
    extended = re.findall(r"^-r requirements-(.+)\.txt$", text, re.MULTILINE)
    own = re.findall(r"^[a-z0-9].*(?:\n    .*)*", text, re.MULTILINE)
    return {*own}.union(*map(pins_of, extended))


def versions(pins: set[str]) -> dict[str, str]:
    """Return each package's version."""
    return {name: version for name, _, version in (pin.split()[0].partition("==") for pin in pins)}


def main() -> None:
    """Share the pins of all files."""
    pins = {name: pins_of(name) for name in EXTENDS}
    pins[COMMON] = set.intersection(*(pins[name] for name, base in EXTENDS.items() if base == COMMON))

    for name, base in EXTENDS.items():
        found, needed = versions(pins[name]), versions(pins[base])
        if wrong := {package for package in needed if found.get(package) != needed[package]}:
            others = ", ".join(sorted(wrong))
            raise SystemExit(f"{file_of(name)} can't extend {file_of(base).name}, which has other versions of {others}")

    for name, base in EXTENDS.items():
        own = sorted(pins[name] - pins[base])
        file_of(name).write_text("\n".join([f"-r {file_of(base).name}", *own]) + "\n")
    file_of(COMMON).write_text("\n".join(sorted(pins[COMMON])) + "\n")


if __name__ == "__main__":
    main()

"""
Which module may import which, and what an import costs.
"""

import ast
import subprocess
import sys
import types
from pathlib import Path

import pytest

import imagebuilder_dist as ibd

PACKAGE = Path(ibd.__file__).parent
# Each module and what it may import of ours: only what stands before it.
ORDER = [
    "_version",
    "_texts",
    "_help",
    "errors",
    "_fields",
    "_paths",
    "_names",
    "models",
    "_limits",
    "results",
    "_converter",
    "_rules",
    "_validation",
    "_needs",
    "_prerequisites",
    "_places",
    "_report",
    "changes",
    "steps",
    "retries",
    "_logs",
    "_core/translation",
    "_core/calls",
    "_core/operations",
    "_core/plans",
    "_core/exchange",
    "_core/flows",
    "_boto3",
    "_client",
    "aio",
    "_documents/parsed",
    "_documents/json_text",
    "_documents/yaml_text",
    "_documents/texts",
    "_documents/spelling",
    "_documents/schema",
    "_documents/intrinsics",
    "_documents/cloudformation",
    "_documents/settling",
    "_documents/shapes",
    "_documents/readable",
    "_documents/reading",
    "_documents/picture",
    "documents",
    "_fleet/tally",
    "_fleet/targets",
    "_fleet/work",
    "_fleet/pace",
    "_fleet/schedule",
    "_fleet/journal",
    "_fleet/pool",
    "_fleet/driver",
    "_fleet/report",
    "_fleet/plan",
    "_fleet/edits",
    "fleet",
    "_command/files",
    "_command/output",
    "_command/remedies",
    "_command/check",
    "_command/needs",
    "_command/service",
    "_command/targets",
    "_command/fleet",
    "_command/main",
    "__main__",
    "__init__",
]
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports_of(module: Path) -> set[str]:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            base = node.module or ""
            if base == "imagebuilder_dist":
                imported |= {
                    f"{base}.{alias.name}" if (PACKAGE / f"{alias.name}.py").exists() else base for alias in node.names
                }
            elif base in {
                "imagebuilder_dist._core",
                "imagebuilder_dist._documents",
                "imagebuilder_dist._fleet",
                "imagebuilder_dist._command",
            }:
                imported |= {f"{base}.{alias.name}" for alias in node.names}
            else:
                imported.add(base)
    return imported


def test_every_module_has_its_place() -> None:
    packages = ["_core", "_documents", "_fleet", "_command"]
    found = {*PACKAGE.glob("*.py")}.union(*(PACKAGE.glob(f"{package}/*.py") for package in packages))

    empty = {f"{package}/__init__" for package in packages}
    assert {str(path.relative_to(PACKAGE).with_suffix("")) for path in found} == {*ORDER, *empty}


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    ours = {each for each in imports_of(PACKAGE / f"{name}.py") if each.startswith("imagebuilder_dist")}

    # What serves stands on everything; the command runs it.
    before = [*ORDER[: ORDER.index(name)], *(["testing.__main__"] if name == "_command/main" else [])]

    assert ours <= {f"imagebuilder_dist.{each.replace('/', '.')}" for each in before}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_client_and_testing_import_boto3(path: Path) -> None:
    may = path.stem == "_boto3" or path.parent.name == "testing"

    assert may or not any(each.split(".")[0] == "boto3" for each in imports_of(path))


def test_the_endpoint_does_not_know_models_or_validation() -> None:
    """
    The two check each other.
    """
    imported = {each for name in ("_checks", "_service") for each in imports_of(PACKAGE / f"testing/{name}.py")}

    assert {each for each in imported if each.startswith("imagebuilder_dist")} == {
        "imagebuilder_dist._help",
        "imagebuilder_dist.testing._checks",
    }


def test_the_library_does_not_know_its_test_kit() -> None:
    serves = PACKAGE / "_command/main.py"
    paths = [path for path in MODULES if path.parent.name != "testing" and path != serves]

    assert [path for path in paths if "imagebuilder_dist.testing" in " ".join(imports_of(path))] == []


def test_importing_the_library_does_not_import_boto3_nor_what_reads_files() -> None:
    names = "('boto3', 'urllib3', 's3transfer', 'yaml', 'imagebuilder_dist.documents')"
    code = f"import sys, imagebuilder_dist; print([m for m in {names} if m in sys.modules])"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["imagebuilder_dist.fleet", "imagebuilder_dist._fleet.driver"])
def test_the_fleet_is_imported_by_nobody_else_and_imports_no_asyncio(module: str) -> None:
    told = f"print({module!r} in sys.modules, 'asyncio' in sys.modules)"
    code = f"import sys, imagebuilder_dist; {told}; import {module}; {told}"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.split() == ["False", "False", "True", "False"]


def test_all_is_what_is_public() -> None:
    public = {
        name
        for name, value in vars(ibd).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert set(ibd.__all__) == public | {"__version__"}
    assert ibd.__all__ == sorted(ibd.__all__)

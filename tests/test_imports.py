"""
Who may import whom, and what an import costs.
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
    "errors",
    "_fields",
    "_turns",
    "names",
    "models",
    "results",
    "converter",
    "validation",
    "changes",
    "steps",
    "_calls",
    "_botocore",
    "retries",
    "client",
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
            else:
                imported.add(base)
    return imported


def test_every_module_has_its_place() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_what_stands_before_it(name: str) -> None:
    ours = {each for each in imports_of(PACKAGE / f"{name}.py") if each.startswith("imagebuilder_dist")}

    assert ours <= {f"imagebuilder_dist.{each}" for each in ORDER[: ORDER.index(name)]}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_client_and_testing_import_boto3(path: Path) -> None:
    may = path.stem == "client" or path.parent.name == "testing"

    assert may or not any(each.split(".")[0] == "boto3" for each in imports_of(path))


def test_the_endpoint_does_not_know_models_or_validation() -> None:
    """
    The two are to check each other.
    """
    for path in PACKAGE.glob("testing/*.py"):
        ours = {each for each in imports_of(path) if each.startswith("imagebuilder_dist")}

        assert all(each.startswith(("imagebuilder_dist.testing", "imagebuilder_dist._fields")) for each in ours), path


def test_importing_the_library_does_not_import_boto3() -> None:
    code = "import sys, imagebuilder_dist; print([m for m in ('boto3', 'urllib3', 's3transfer') if m in sys.modules])"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


def test_all_is_what_is_public() -> None:
    public = {
        name
        for name, value in vars(ibd).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }

    assert set(ibd.__all__) == public | {"__version__"}
    assert ibd.__all__ == sorted(ibd.__all__)

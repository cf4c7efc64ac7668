"""
What `help()` shows of the classes: members with their types and texts, and lines that fit a screen.
"""

import ast
import importlib
import inspect
import py_compile
import pydoc
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import models, testing

PACKAGE = Path(ibd.__file__).parent
CLASSES = [
    cls
    for module in (ibd, testing)
    for cls in map(vars(module).get, module.__all__)
    if isinstance(cls, type) and attrs.has(cls)
]


def shown(cls: type) -> str:
    """What `help()` prints, without `__replace__`: attrs names it after whichever class was made last."""
    lines = pydoc.plain(pydoc.render_doc(cls)).splitlines()
    return "\n".join(line for line in lines if "__replace__" not in line)


def texts_of(cls: type) -> dict[str, str]:
    """The strings under the attributes in the source; a subclass that declares one again replaces it."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__[:-1]):
        module = ast.parse(Path(str(inspect.getsourcefile(each))).read_text())
        classes = (node for node in module.body if isinstance(node, ast.ClassDef))
        body: list[Any] = next(node.body for node in classes if node.name == each.__name__)
        for node, below in zip(body, [*body[1:], None], strict=True):
            if isinstance(node, ast.AnnAssign):
                is_text = isinstance(below, ast.Expr)
                found[ast.unparse(node.target)] = inspect.cleandoc(ast.literal_eval(below.value)) if is_text else ""
    return found


@pytest.mark.parametrize("cls", CLASSES)
def test_no_line_is_longer_than_120_characters(cls: type) -> None:
    assert [line for line in shown(cls).splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("cls", CLASSES)
def test_every_member_is_shown_with_its_text(cls: type[attrs.AttrsInstance]) -> None:
    texts = texts_of(cls)

    doc = str(inspect.getdoc(cls))

    assert texts.keys() == {field.name for field in attrs.fields(cls)}
    for name, text in texts.items():
        _, _, entry = doc.partition(f"\n    {name} (")
        first, _, rest = entry.partition("\n")
        assert first.endswith("):" if text else ")")
        assert rest.startswith(textwrap.indent(text, " " * 8))


def test_a_class_reads_like_a_page() -> None:
    assert inspect.getdoc(ibd.TargetContainerRepository) == (
        "The repository that a container image is pushed to.\n"
        "\n"
        "Members:\n"
        "\n"
        "    service (Literal['ECR']):\n"
        "        `ECR` is the only service there is.\n"
        "\n"
        "    repository_name (str):\n"
        "        The name without the registry's address; up to 1024 characters."
    )


def test_a_subclass_shows_what_it_inherits() -> None:
    assert str(ibd.Ensured.__doc__).endswith(
        "    changes (Changes):\n"
        "        Tags included; falsy if nothing differs, and then nothing is written.\n"
        "\n"
        "    warnings (tuple[Issue, ...]):\n"
        "        What validation has found in the wanted state that surprises in the build.\n"
        "\n"
        "    distribution_configuration_arn (str)"
    )


@pytest.mark.parametrize(
    ("constructor", "first"), [(models.ContainerDistributionConfiguration, "*"), ("__init__", "self, *")]
)
def test_a_signature_has_a_parameter_a_line(constructor: Any, first: str) -> None:
    help_text = shown(ibd.ContainerDistributionConfiguration)

    name = getattr(constructor, "__name__", constructor)
    assert (
        f" |  {name}({first},\n"
        " |      target_repository: TargetContainerRepository,\n"
        " |      description: str | None = None,\n"
        " |      container_tags: Iterable[str] | None = ())\n"
    ) in help_text


@pytest.mark.parametrize("cls", CLASSES)
def test_a_signature_is_the_constructors(cls: type[attrs.AttrsInstance]) -> None:
    parameters = inspect.signature(cls).parameters

    assert [*parameters] == [field.name for field in attrs.fields(cls)]
    for field in attrs.fields(cls):
        assert (parameters[field.name].default is inspect.Parameter.empty) is (field.default is attrs.NOTHING)
        assert (parameters[field.name].kind is inspect.Parameter.KEYWORD_ONLY) is field.kw_only


def test_types_are_objects_to_whoever_inspects_them() -> None:
    parameters = inspect.signature(ibd.UpdateDistributionConfigurationRequest).parameters

    hints = get_type_hints(ibd.UpdateDistributionConfigurationRequest.__init__)

    assert hints["distributions"] == parameters["distributions"].annotation == Iterable[ibd.Distribution]


def test_a_subclass_has_its_own_signature() -> None:
    class Home(ibd.Distribution):
        """The Region at home."""

        def __init__(self, description: str) -> None:
            ami = ibd.AmiDistributionConfiguration(description=description)
            super().__init__(region="us-west-2", ami_distribution_configuration=ami)

    assert str(inspect.signature(Home)) == "(description: str)"
    assert Home.__doc__ == "The Region at home."
    assert Home("d").region == "us-west-2"


def run(code: str, *flags: str, path: Path = PACKAGE.parent) -> str:
    command = [sys.executable, "-P", *flags, "-c", code]
    # Nothing else from the environment, so that coverage doesn't look for what has no source.
    return subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(path)}).stdout


HELP = "import imagebuilder_dist as ibd; print(ibd.__file__); help(ibd.LaunchTemplateConfiguration)"


def test_without_source_there_are_no_texts(tmp_path: Path) -> None:
    for source in PACKAGE.rglob("*.py"):
        compiled = tmp_path / source.relative_to(PACKAGE.parent).with_suffix(".pyc")
        py_compile.compile(str(source), cfile=str(compiled), dfile=str(compiled), doraise=True, optimize=0)

    output = run(HELP, path=tmp_path)

    assert str(tmp_path) in output
    assert " |      account_id (str | None)\n" in output
    assert " |      set_default_version (bool | None)\n" in output


def test_without_docstrings_there_is_the_signature() -> None:
    output = run(HELP, "-OO")

    assert " |      set_default_version: bool | None = None)" in output
    assert "Members:" not in output


def test_in_a_module_without_a_file_there_are_no_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(models, "__file__")

    assert "    region (str)\n" in str(ibd.Distribution.__doc__)


def test_a_source_that_has_changed_since_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import attrs\nfrom imagebuilder_dist._help import documented\n"
    source += (
        "@attrs.frozen(field_transformer=documented)\nclass Thing:\n    '''A thing.'''\n    size: int\n    '''Big.'''\n"
    )
    (tmp_path / "changing_module.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "changing_module", raising=False)
    thing = importlib.import_module("changing_module").Thing

    before = thing.__doc__
    (tmp_path / "changing_module.py").write_text("(" * 20)

    assert before == "A thing.\n\nMembers:\n\n    size (int):\n        Big."
    assert thing.__doc__ == "A thing.\n\nMembers:\n\n    size (int)"

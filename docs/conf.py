"""
How Sphinx builds the site: `make docs`, without the network.
"""

import importlib
import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import Config, GoogleDocstring
from sphinx.util import logging
from sphinx.util.typing import stringify_annotation

import imagebuilder_dist
from imagebuilder_dist import fleet

project = "imagebuilder_dist"
copyright = "its contributors, Apache-2.0"  # noqa: A001 - Sphinx's name
version = release = imagebuilder_dist.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["examples"]
default_role = "code"
nitpicky = True
nitpick_ignore_regex = [
    # Type variables.
    (r"py:class", r"imagebuilder_dist\..+\.T(_\w+)?"),
    # Sphinx splits what `fleet.Executor` stands for at its commas.
    (r"py:class", r"collections\.abc\.Callable\[\[\]"),
    # Shown in a signature and explained in the text; nobody needs the class's page.
    (r"py:class", r"attr\.AttrsInstance|cattrs\.converters\.Converter|hypothesis\.strategies\.SearchStrategy"),
    # What `Stub` is made with, which only `Stubs` does.
    (r"py:class", r"imagebuilder_dist\.testing\.stubs\._Plan"),
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True, "undoc-members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True

# Written by hand, so that a build needs no network: only the names that we link to.
intersphinx_mapping = {
    name: (url, f"inventories/{name}.txt")
    for name, url in {
        "botocore": "https://botocore.amazonaws.com/v1/documentation/api/latest",
        "python": "https://docs.python.org/3",
    }.items()
}

html_theme = "furo"
html_title = f"imagebuilder_dist {release}"
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sphinx = False
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

PUBLIC = ["", ".aio", ".documents", ".fleet", ".testing"]
"""The modules whose names come from elsewhere."""

UNIONS = {
    f"imagebuilder_dist.{name}": stringify_annotation(value, "smart")
    for name, value in {
        "ImageBuilderClient": imagebuilder_dist.ImageBuilderClient,
        "fleet.Executor": fleet.Executor,
    }.items()
}
"""Aliases that are long to read, and what autodoc writes for them."""

logger = logging.getLogger(__name__)


def public_names() -> dict[str, str]:
    """
    Return the names that users import, each with the name under which its object says that it is defined.
    """
    names: dict[str, str] = {}
    for suffix in PUBLIC:
        module = importlib.import_module(f"imagebuilder_dist{suffix}")
        for name in getattr(module, "__all__", []):
            value = getattr(module, name)
            home = getattr(value, "__module__", None)
            qualified = f"{module.__name__}.{name}"
            own = isinstance(home, str) and home.startswith("imagebuilder_dist")
            names[qualified] = f"{home}.{value.__qualname__}" if own else qualified
    return names


def tidy_docstring(_app: Sphinx, what: str, _name: str, _obj: object, _options: Any, lines: list[str]) -> None:
    """
    Turn Google's sections into fields; the members of an attrs class follow by themselves, with links.
    """
    if "Members:" in lines:
        del lines[lines.index("Members:") :]
    # Docstrings quote code as Markdown does; to reStructuredText, a backslash in it would mean something.
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]
    if what not in {"attribute", "data", "property", "type"}:  # it would take their words before a colon for a type
        lines[:] = GoogleDocstring([*lines], Config(napoleon_use_rtype=False), what=what).lines()


def name_aliases(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """
    Write an alias by its name instead of everything that it stands for.
    """
    for alias, value in UNIONS.items():
        signature = signature and signature.replace(value, f"~{alias}")
    return signature, returns


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element) -> nodes.Element | None:
    """
    Link a name to where it is documented, whether it is written as users import it or as it is defined.
    """
    target = node.get("reftarget", "")
    same = {alias: home for alias, home in public_names().items() if target in {alias, home}}
    domain = env.domains.python_domain
    for candidate in [*same, *same.values()]:
        if candidate != target and candidate in domain.objects:
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", candidate, node, contnode)
    return None


def check_public_names(_app: Sphinx, env: BuildEnvironment) -> None:
    """
    Warn, and so fail, if a public name isn't in the reference.
    """
    documented = env.domains.python_domain.objects
    for alias, home in public_names().items():
        if alias not in documented and home not in documented:
            logger.warning("public name %s isn't documented in docs/reference", alias)


def setup(app: Sphinx) -> None:
    """
    Connect the functions above.
    """
    app.connect("autodoc-process-docstring", tidy_docstring)
    app.connect("autodoc-process-signature", name_aliases)
    app.connect("missing-reference", resolve, priority=400)
    app.connect("env-check-consistency", check_public_names)

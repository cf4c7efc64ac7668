"""
How Sphinx builds the site: `make docs`, without the network.
"""

import re
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

import imagebuilder_dist

project = "imagebuilder_dist"
copyright = "its contributors, Apache-2.0"  # noqa: A001 - Sphinx's name
version = release = imagebuilder_dist.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
]
exclude_patterns = ["examples"]
default_role = "code"
nitpicky = True
nitpick_ignore_regex = [
    # Type variables.
    (r"py:class", r"imagebuilder_dist\..+\.T(_\w+)?"),
    # Shown in a signature and explained in the text; nobody needs the class's page.
    (r"py:class", r"attr\.AttrsInstance|(cattrs\.converters\.)?Converter"),
    # A callable without arguments.
    (r"py:class", r"collections\.abc\.Callable\[\[\]"),
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
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sphinx = False
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

HOMES = {
    name: getattr(getattr(imagebuilder_dist, name), "__module__", "")
    for name in imagebuilder_dist.__all__
    if not name.startswith("__")
}
"""The modules that define the names of the top level."""


def code(quoted: re.Match[str]) -> str:
    """
    Link a name of the top level to where it is documented, and keep the backslashes of anything else.
    """
    home = HOMES.get(quoted[1])
    if home is None:
        return f"``{quoted[1]}``"
    is_public = home.startswith("imagebuilder_dist.") and "._" not in home
    return f":py:obj:`~{home if is_public else 'imagebuilder_dist'}.{quoted[1]}`"


def tidy_docstring(_app: Sphinx, what: str, _name: str, _obj: object, _options: Any, lines: list[str]) -> None:
    """
    Turn Google's sections into fields.
    """
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", code, line) for line in lines]
    if what not in {"attribute", "data", "property", "type"}:  # it would take their words before a colon for a type
        lines[:] = GoogleDocstring([*lines], Config(napoleon_use_rtype=False), what=what).lines()


def setup(app: Sphinx) -> None:
    """
    Connect the functions above.
    """
    app.add_lexer("mermaid", TextLexer)  # shown as its source, which is what the page is about
    app.connect("autodoc-process-docstring", tidy_docstring)

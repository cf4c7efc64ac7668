"""
A readable `help()` for attrs classes: one parameter per line, and the docstrings under the attributes in the source.

All of it is built on demand, so that it costs neither import time nor memory.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeVar

import attrs

T = TypeVar("T")


def documented(cls: Any, fields: list[T]) -> list[T]:
    """
    Add a readable `help()` to an attrs class (a `field_transformer` of attrs).
    """
    cls.__signature__ = Signature()
    cls.__doc__ = cls.__doc__ and _Doc(cls.__doc__)  # -OO removes it
    return fields


class Signature(inspect.Signature):
    """
    A constructor's signature, built when it is requested and printed with one parameter per line.
    """

    def __get__(self, _instance: object, owner: Any) -> inspect.Signature:
        init = owner.__init__
        init.__signature__ = Signature([*inspect.signature(init).parameters.values()])
        return inspect.signature(init.__get__(owner))

    def __str__(self, **_: object) -> str:
        text = str(inspect.Signature([*self.parameters.values()]))
        return re.sub(r", (?=\w+: )", ",\n    ", _without_modules(text))

    format = __str__  # what `help()` asks for since Python 3.13


class _Doc(str):
    """A class's docstring, which appends the members when it is read."""

    __slots__ = ()

    def __get__(self, _instance: object, owner: type[attrs.AttrsInstance]) -> str:
        texts = texts_of(owner)
        # Not "Attributes": Sphinx's napoleon would document them a second time.
        paragraphs = [inspect.cleandoc(self), "Members:"]
        for field in attrs.fields(owner):
            member = f"    {field.name} ({_without_modules(inspect.formatannotation(field.type))})"
            text = texts.get(field.name)
            paragraphs.append(f"{member}:\n{textwrap.indent(text, ' ' * 8)}" if text else member)
        return "\n\n".join(paragraphs)


def summary_of(cls: type) -> str | None:
    """
    Return the docstring of *cls*, which is `documented`, without the members.
    """
    doc = vars(cls)["__doc__"]
    return doc and inspect.cleandoc(doc)


def texts_of(cls: type) -> dict[str, str | None]:
    """
    Return the docstrings under the attributes of *cls* in the source; empty if the source isn't available.
    """
    try:
        source = "".join(map(inspect.getsource, cls.__mro__[-2::-1]))  # bases first, without object
        nodes: Iterator[Any] = ast.walk(ast.parse(source))  # siblings follow each other
    except (OSError, SyntaxError, TypeError):  # no source, or not the source of what was imported
        return {}
    return {
        ast.unparse(node.target): ast.get_docstring(ast.Module([after], []))
        for node, after in pairwise(nodes)
        if isinstance(node, ast.AnnAssign)
    }


def _without_modules(text: str) -> str:
    return re.sub(r"\b[a-z_]\w*\.(?=\w)", "", text)

"""
What `help()` shows of an attrs class: one parameter a line, and the texts under the attributes in the source.

All of it is put together when somebody looks at it, so that neither an import nor an instance pays for it.
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
    Give an attrs class a readable `help()` (a `field_transformer` of attrs).
    """
    cls.__signature__ = Signature()
    cls.__doc__ = cls.__doc__ and _Doc(cls.__doc__)  # -OO leaves none
    return fields


class Signature(inspect.Signature):
    """
    A constructor's, made when its class is asked for it, and written with one parameter a line.
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
    """A class's docstring, which goes on with the members when somebody reads it."""

    __slots__ = ()

    def __get__(self, _instance: object, owner: type[attrs.AttrsInstance]) -> str:
        texts = _texts(owner)
        # Not "Attributes", which Sphinx's napoleon would describe a second time.
        paragraphs = [inspect.cleandoc(self), "Members:"]
        for field in attrs.fields(owner):
            member = f"    {field.name} ({_without_modules(inspect.formatannotation(field.type))})"
            text = texts.get(field.name)
            paragraphs.append(f"{member}:\n{textwrap.indent(text, ' ' * 8)}" if text else member)
        return "\n\n".join(paragraphs)


def _texts(cls: type) -> dict[str, str | None]:
    try:
        source = "".join(map(inspect.getsource, cls.__mro__[-2::-1]))  # the bases come first, and without object
        nodes: Iterator[Any] = ast.walk(ast.parse(source))  # siblings follow each other
    except (OSError, SyntaxError, TypeError):  # there is no source, or it isn't what was imported
        return {}
    return {
        ast.unparse(node.target): ast.get_docstring(ast.Module([after], []))
        for node, after in pairwise(nodes)
        if isinstance(node, ast.AnnAssign)
    }


def _without_modules(text: str) -> str:
    return re.sub(r"\b[a-z_]\w*\.(?=\w)", "", text)

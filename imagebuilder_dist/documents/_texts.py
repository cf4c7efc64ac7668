"""
Decode and parse a text.
"""

import json
import re
from typing import Literal, TypeAlias

from imagebuilder_dist._common.text import show
from imagebuilder_dist.documents._json import JsonText
from imagebuilder_dist.documents._parsed import Lines, Parsed, UnparsableError
from imagebuilder_dist.errors import ConfigurationError

Syntax: TypeAlias = Literal["json", "yaml"]

# A text that begins with {{ or {% is a template, not JSON.
_JSON = re.compile(r"\s*(\[|\{(?![{%]))")
SURROGATE = re.compile("[\ud800-\udfff]")


def parse(source: str | bytes, syntax: Syntax | None) -> Parsed:
    """
    Parse *source*; without a *syntax*, a text that begins like JSON is JSON.

    Raises:
        UnparsableError:
            If it can't be parsed.
        imagebuilder_dist.errors.ConfigurationError:
            If it is YAML, and PyYAML isn't installed.
    """
    text = (source if isinstance(source, str) else _decoded(source)).removeprefix("\ufeff")
    if surrogate := None if text.isascii() else SURROGATE.search(text):
        place = Lines(text).place(surrogate.start())
        raise UnparsableError(place, f"isn't text: {show(surrogate[0])} is half of a character", "encoding")
    if not text.strip():
        raise UnparsableError((1, 1), "is empty")
    if syntax == "json" or (syntax is None and _JSON.match(text)):
        return JsonText(text)
    try:
        from imagebuilder_dist.documents._yaml import YamlText  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError:
        raise missing_yaml() from None
    return YamlText(text)


def _decoded(data: bytes) -> str:
    encoding = json.detect_encoding(data)  # by the byte order mark, or by the positions of zero bytes
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="ignore")
        raise UnparsableError(Lines(before).place(len(before)), f"isn't {error.encoding}", "encoding") from None


def missing_yaml() -> ConfigurationError:
    """
    Return the error for a missing PyYAML.
    """
    error = ConfigurationError("YAML needs PyYAML, which isn't installed")
    error.remedy = "pip install 'imagebuilder_dist[yaml]'"
    return error

"""
Text for messages: without secrets, on one line, numbers with their nouns, long lists cut.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

_NAME = r"(?:credential|signature|security[-_]?token|secret[-_]?access[-_]?key|session[-_]?token)"
_SECRET = re.compile(
    # A quote may be escaped, in JSON in a text; "=" and ":" may be percent-encoded, and ">" ends a tag of XML.
    rf"({_NAME}(?:\\?[\"'])?[ \t]*(?:[=:>]|%3[AD])[ \t]*(?:b?\\?[\"'])?)[^\s\"',&\\]+"
    # http.client shows the whole header, which is a session token, or a key id and a signature.
    r"|(invalid header value )b(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")",
    re.IGNORECASE,
)
# Whatever the expression finds has one of these; looking for them first takes a twentieth of the time.
_MARKS = ("credential", "signature", "token", "secret", "invalid header value")
_NAMED = re.compile(_NAME, re.IGNORECASE)
_DEEPEST = 20


def safe(text: str) -> str:
    r"""
    Replace whatever looks like a secret by `***`, and invisible characters by `\n`, `\x1b`, `\u202e`.
    """
    # Up to the last "@", because a password that isn't percent-encoded may contain anything, also spaces and quotes.
    scheme, _, rest = text.partition("://")
    userinfo, at, host = rest.rpartition("@")
    if at and userinfo not in {"***", "***:***"}:  # the latter is botocore's own mask
        text = f"{scheme}://***@{host}"
    folded = text.casefold()
    if any(mark in folded for mark in _MARKS):
        text = _SECRET.sub(r"\1\2***", text)
    return printable(text)


def scrubbed(value: Any, depth: int = 0) -> Any:
    """
    Return a copy of parsed JSON with every text in it made safe, and without what has a secret's name.
    """
    if isinstance(value, str):
        return safe(value)
    if depth > _DEEPEST:  # no error of AWS is nested so deeply, and Python's stack is limited
        return "***"
    scrub = partial(scrubbed, depth=depth + 1)
    if isinstance(value, list | tuple):
        items = map(scrub, cast("Any", value))
        return tuple(items) if isinstance(value, tuple) else list(items)
    if isinstance(value, Mapping):
        members = cast("Any", value).items()
        return {scrub(key): "***" if _NAMED.search(str(key)) else scrub(each) for key, each in members}
    return value


def printable(text: str) -> str:
    r"""
    Replace invisible characters, which could forge or hide a line, by `\n`, `\x1b`, `\u202e`.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def counted(number: int, noun: str) -> str:
    """
    Return *number* with its noun, in the plural unless it is 1.
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def cut(texts: Sequence[str], most: int) -> str:
    """
    Join the first *texts*, and say how many more there are.
    """
    more = len(texts) - most
    return ", ".join([*texts[:most], f"... {more} more"] if more > 0 else texts)

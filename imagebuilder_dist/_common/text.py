"""
Text for messages: without secrets, on one line, numbers with their nouns, long lists cut.
"""

import re
from collections.abc import Sequence

_SECRET = re.compile(
    r"((?:credential|signature|security-token|secret_?access_?key|session_?token)[\"']?[ \t]*[=:][ \t]*[\"']?)"
    r"[^\s\"',&]+"
    r"|(://)(?!\*{3}(?::\*{3})?@)[^/?#@ \"']+(?=@)"
    # http.client shows the whole header, which is a session token, or a key id and a signature.
    r"|(invalid header value )b(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")",
    re.IGNORECASE,
)
# Whatever the expression finds has one of these; looking for them first takes a twentieth of the time.
_MARKS = ("credential", "signature", "token", "secret", "://", "invalid header value")


def safe(text: str) -> str:
    r"""
    Replace whatever looks like a secret by `***`, and invisible characters by `\n`, `\x1b`, `\u202e`.
    """
    folded = text.casefold()
    if any(mark in folded for mark in _MARKS):
        text = _SECRET.sub(r"\1\2\3***", text)
    return printable(text)


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

"""
Text that is shown: from outside without secrets and on one line, numbers with their nouns, long lists cut.
"""

import re
from collections.abc import Sequence

_SECRET = re.compile(
    r"((?:credential|signature|security-token|secret_?access_?key|session_?token)[\"']?[ \t]*[=:][ \t]*[\"']?)"
    r"[^\s\"',&]+"
    r"|(://)(?!\*{3}(?::\*{3})?@)[^/?#@ \"']+(?=@)"
    # http.client shows the whole header: a session token, or key id and signature.
    r"|(invalid header value )b(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")",
    re.IGNORECASE,
)


def safe(text: str) -> str:
    r"""
    Return *text* with `***` for what looks like a secret, and `\n`, `\x1b`, `\u202e` for what can't be seen.
    """
    return printable(_SECRET.sub(r"\1\2\3***", text))


def printable(text: str) -> str:
    r"""
    Return *text* with `\n`, `\x1b`, `\u202e` for what can't be seen, and could forge or hide a line.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def counted(number: int, noun: str) -> str:
    """
    Return a number with its noun.
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def cut(texts: Sequence[str], most: int) -> str:
    """
    Return the first *texts*, and how many more there are.
    """
    more = len(texts) - most
    return ", ".join([*texts[:most], f"... {more} more"] if more > 0 else texts)

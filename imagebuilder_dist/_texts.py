"""
Text from outside, fit to be shown: without secrets, and on one line.
"""

import re

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
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

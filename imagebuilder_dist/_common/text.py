"""
Text for messages: values and paths, without secrets, on one line, numbers with their nouns, long lists cut.
"""

import re
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeAlias, cast

Location: TypeAlias = tuple[str | int, ...]
"""The steps from the whole to a value: the API's names, positions, and keys of mappings."""

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
    if any(map(text.casefold().__contains__, _MARKS)):
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


def cut(texts: Sequence[str], most: int, separator: str = ", ") -> str:
    """
    Join the first *texts*, and say how many more there are.
    """
    more = len(texts) - most
    return separator.join([*texts[:most], f"... {more} more"] if more > 0 else texts)


def joined_paths(paths: Iterable[str], most: int) -> list[str]:
    """
    Return *paths* with those joined that differ in their first position only, as in several Regions.
    """
    positions: dict[tuple[str, str], list[str]] = {}
    for head, _, rest in (path.partition("[") for path in paths):
        position, _, tail = rest.partition("]")
        positions.setdefault((head, tail), []).append(position)
    places = [f"{head}[{cut(at, most)}]{tail}" if at[0] else head for (head, tail), at in positions.items()]
    return cut(places, most, "\n").split("\n")


def account_blocks(
    accounts: Iterable[str],
    owner: str,
    lines_of: Callable[[str], Iterable[str]],
    *,
    heading: str,
    escaped: Callable[[str], str],
    most: int,
) -> list[str]:
    """
    Return the lines of each account under its heading, the owner's first; accounts with the same lines share a block.
    """
    accounts_by_lines: dict[tuple[str, ...], list[str]] = {}
    for account in sorted(accounts, key=lambda each: each != owner):
        who = "The owner, account" if account == owner else "Account"
        accounts_by_lines.setdefault((who, *lines_of(account)), []).append(escaped(key_text(account)))
    blocks: list[str] = []
    for (who, *lines), same in accounts_by_lines.items():
        counted_same = who if len(same) == 1 else f"{len(same)} accounts:"
        blocks.append("\n".join((heading.format(f"{counted_same} {cut(same, most)}"), *lines)))
    return blocks


def escaped_markdown(text: str) -> str:
    """
    Escape what has a meaning in Markdown.
    """
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", text)


class _Short(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - reprlib's signature
        # Python raises an error if an integer of more than 4,300 digits is converted to text.
        return f"<an integer of {x.bit_length()} bits>" if x.bit_length() > _LONG_INTEGER else repr(x)


_LONG_INTEGER = 128
_short = _Short()
_short.maxstring = _short.maxother = 120


def show(value: object) -> str:
    """
    Return *value* as messages show it: shortened if long, and without characters that could forge or hide text.
    """
    return printable(_short.repr(value))  # a str's repr escapes; the reprs of other classes may not


# Whoever writes JSON or YAML doesn't know Python's.
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "mapping"}


def type_name(cls: type) -> str:
    """
    Return the name of *cls* as messages show it.
    """
    return _TYPES.get(cls, cls.__name__)


def describe(value: object) -> str:
    """
    Return an invalid *value* as messages show it: shortened if long, and with its type.
    """
    return "None" if value is None else f"{show(value)} ({type_name(type(value))})"


def with_article(cls: type) -> str:
    """
    Return the name of *cls* with its article.
    """
    name = type_name(cls)
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


# The characters of members, Regions and tag keys. Others could forge or hide a line.
_PLAIN = re.compile(r"[\w.:/=+@ -]+", re.ASCII)


def key_text(key: object) -> str:
    """
    Return *key* as a path shows it: a plain string unchanged, anything else escaped.
    """
    return key if isinstance(key, str) and _PLAIN.fullmatch(key) else show(key)


def join(path: str, step: object) -> str:
    """
    Append *step*, a key or an index, to *path*.
    """
    text = key_text(step)
    if text is not step:
        return f"{path}[{text}]"
    return f"{path}.{text}" if path else text


def path_of(location: tuple[object, ...]) -> str:
    """
    Return the path of a *location* in the service's names.
    """
    path = ""
    for step in location:
        path = join(path, step)
    return path


def closest(name: object, known: Iterable[str]) -> str | None:
    """
    Return what is *known* and similar to *name*; case, spaces, hyphens and underscores don't count.
    """
    import difflib  # noqa: PLC0415 - needed only after a mistake

    if not isinstance(name, str) or not name:
        return None
    by_folded = {_folded(each): each for each in known}
    close = difflib.get_close_matches(_folded(name), by_folded, n=1)
    return by_folded[close[0]] if close else None


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """
    Return a suggestion, to be appended to a message, of what is *known* and similar to *name*; empty if nothing is.
    """
    best = closest(name, known)
    return "" if best is None else f"; did you mean {show(best)}?"


@lru_cache(maxsize=1_000)  # the same members are compared with each misspelt one
def _folded(name: str) -> str:
    return re.sub("[-_ ]", "", name.casefold())

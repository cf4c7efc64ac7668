"""
The project's words in pages, docstrings and messages.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import imagebuilder_dist
from tests.pages import ROOT
from tests.prose import PROSE, prose_of

PACKAGE = Path(imagebuilder_dist.__file__).parent
SOURCES = sorted([*PACKAGE.rglob("*.py"), *ROOT.glob("docs/examples/*.py")])

INSTEAD = {
    r"refus(e|es|ed|ing|al)\b(?<!connection refused)": "reject",
    r"sa(y|ys|id) no\b": "reject",
    r"repeat(s|ed|ing)?\b": "retry",
    r"(make|makes|made|making) (it |them )?again\b": "retry",
    r"hand(s|ed|ing)? (it |them )?(in|to)\b": "pass in",
    r"answers?\b": "response, respond",
    r"(?<!there )(is|are) no (?!longer|more)": "isn't a",
    r"(?<!there )(is|are) none\b": "isn't one of",
    r"where (it|they|that) (isn't|aren't)\b": "if omitted",
    r"comes? together with\b": "is combined with",
    r"that we (make|create)\b": "created by the library",
    r"levers?\b": "optimisation",
    r"(?<![\d.-])1 (byte|change|character|item|member|region|value)s\b": "the singular",
}


def texts_of(source: Path) -> Iterator[str]:
    """
    Yield the module's docstrings and messages.
    """
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isidentifier():
            yield node.value


def found_in(text: str) -> Iterator[str]:
    """
    Yield each wrong word with its context.
    """
    # What is in backticks is code, and what is in asterisks a parameter.
    words = re.sub(r"`[^`]+`|(?<!\*)\*\w+\*|\w+\(\)", "CODE", re.sub(r"\s+", " ", text))
    for pattern, better in INSTEAD.items():
        for match in re.finditer(rf"\b{pattern}", words, re.IGNORECASE):
            yield f"{words[max(match.start() - 30, 0) : match.end() + 20]!r}: write {better}"


@pytest.mark.parametrize("page", PROSE, ids=lambda path: path.name)
def test_a_page_has_the_projects_words(page: Path) -> None:
    assert list(found_in(prose_of(page))) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_docstrings_and_messages_have_the_projects_words(source: Path) -> None:
    assert [each for text in texts_of(source) for each in found_in(text)] == []


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("The service refuses it.", "reject"),
        ("It is refused:\nconnection refused", "reject"),
        ("The service's\nanswer is lost.", "response, respond"),
        ("The name is no ARN.", "isn't a"),
        ("At least 1 characters.", "the singular"),
    ],
)
def test_a_wrong_word_is_found(text: str, better: str) -> None:
    assert [each.rpartition("write ")[2] for each in found_in(text)] == [better]


@pytest.mark.parametrize(
    "text",
    ["`refuse` is code.", "There is no ARN, and it is no longer there.", "Connection refused.", "At least 11 items."],
)
def test_a_right_word_is_left_alone(text: str) -> None:
    assert list(found_in(text)) == []

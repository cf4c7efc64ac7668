"""
What an issue shows, whatever its value: short text, on one line; and it pickles.
"""

import pickle
import threading
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import from_boto3
from tests.samples import EVERYTHING

from .documents import deep, issues_of


def test_a_number_that_python_does_not_write_is_described() -> None:
    """
    Converting an integer of more than 4,300 digits to text raises a `ValueError`.
    """
    long: Any = 10**5000
    shown = "<an integer of 16610 bits>"
    document = {"region": long, "licenseConfigurationArns": [[long]], "amiDistributionConfiguration": {long: {}}}

    assert issues_of(document) == [
        ("region", "type", f"must be a string, not {shown} (integer)"),
        ("licenseConfigurationArns[0]", "type", f"must be a string, not [{shown}] (list)"),
        (
            f"amiDistributionConfiguration[{shown}]",
            "unknown-member",
            "is not a member of AmiDistributionConfiguration; "
            "it has name, description, targetAccountIds, amiTags, kmsKeyId, launchPermission",
        ),
    ]
    with pytest.raises(TypeError, match=f"region must be a string, not {shown}"):
        ibd.Distribution(region=long)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("amiTags", "amiTags"),
        ("a b_c.d:/=+-@1", "a b_c.d:/=+-@1"),
        ("a\nERROR b", r"['a\nERROR b']"),
        ("\x1b[31m", r"['\x1b[31m']"),
        ("größe", "['größe']"),
        ("\u202egnp.exe", r"['\u202egnp.exe']"),
        ("a\u2028b", r"['a\u2028b']"),
        ("\ud800", r"['\ud800']"),
        ("[0]", "['[0]']"),
        ("", "['']"),
        ("x\n" + "y" * 1000, None),
        (3, "[3]"),
        (None, "[None]"),
        (("a", "\n"), r"[('a', '\n')]"),
    ],
)
def test_a_key_is_shown_escaped_unless_it_is_plain(key: Any, path: str | None) -> None:
    (shown, rule, _) = next(issue for issue in issues_of({"region": "r", key: 1}))

    assert rule == "unknown-member"
    assert shown == path if path is not None else len(shown) < 140


class Loud:
    """A value whose repr has several lines and colours."""

    def __repr__(self) -> str:
        return "first\nsecond \x1b[31m"


@pytest.mark.parametrize("value", [Loud(), [Loud()], {"a": Loud()}, "\n\u2028", ["\u202e"], b"\n"])
def test_a_value_is_shown_on_one_line(value: Any) -> None:
    wrong_type: Any = 1
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"region": value, "licenseConfigurationArns": [{"a": value}]}, ibd.Distribution)
    with pytest.raises(TypeError) as wrong:
        ibd.LaunchPermissionConfiguration(user_ids=[value, wrong_type])

    lines = str(caught.value).split("\n")
    assert [line for line in [*lines, str(wrong.value)] if not line.isprintable()] == []
    assert len(lines) == 1 + len(caught.value.issues)


def test_what_cattrs_says_is_not_shown_beside() -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"a\nb": 1}, ibd.Distribution)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("value", "pickled", "shown"),
    [
        (5, 5, "5"),
        ({"a": ["\n"]}, {"a": ["\n"]}, r"{'a': ['\n']}"),
        (EVERYTHING, EVERYTHING, None),
        (10**5000, 10**5000, "<an integer of 16610 bits>"),
        ([10**5000], [10**5000], "[<an integer of 16610 bits>]"),
        (threading.Lock(), "<lock>", None),
        (lambda: 0, "<function>", None),
        (deep(), "<list>", "[[[[[[[...]]]]]]]"),
    ],
    ids=["a number", "a document", "a model", "a long number", "one in a list", "a lock", "a function", "a deep list"],
)
def test_an_issue_pickles_and_can_be_shown_whatever_its_value(
    value: object, pickled: object, shown: str | None
) -> None:
    """
    Errors have to come back from worker processes.
    """
    with pytest.raises(ibd.ValidationError) as caught:
        from_boto3({"region": value}, ibd.Distribution)

    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own

    (issue,) = caught.value.issues
    assert error.issues == (attrs.evolve(issue, value=pickled),)
    assert str(error) == str(caught.value)
    assert shown is None or repr(issue).endswith(f"value={shown})")


def test_an_issue_whose_message_is_made_later_equals_one_that_has_it() -> None:
    location = ("distributions", 0, "region")
    early, late = (
        ibd.Issue(location, "r", "error", "is wrong", 5),
        ibd.Issue(location, "r", "error", lambda: "is wrong", 5),
    )

    assert early == late == pickle.loads(pickle.dumps(late))  # noqa: S301 - our own
    assert (hash(early), repr(early), str(early)) == (hash(late), repr(late), str(late))
    assert late != ibd.Issue(location, "r", "error", "is something else", 5)
    assert str(late) == "distributions[0].region: is wrong"

"""
The summary of a run: counts, and errors by their cause.
"""

import json
import math
from concurrent.futures import CancelledError

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import Outcome, Target, run, summary

from .work import UPDATE, Inline, made_up


def failing(target: Target) -> str:
    number = int(target.arn.rpartition("-")[2])
    if number < 4:
        response = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        raise ibd.AccessDeniedException(response, UPDATE)
    if number == 4:
        raise LookupError
    return target.arn


def test_a_summary_groups_errors_by_cause_with_the_accounts() -> None:
    targets = made_up(10, accounts=2)

    report = summary(run(failing, targets, executor=Inline(), per_second=math.inf))

    assert str(report) == (
        "5 of 10 targets succeeded, 5 failed\n"
        "AccessDeniedException in UpdateDistributionConfiguration: 4 targets "
        "(by account: 000000000000: 2, 000000000001: 2); "
        f"{ibd.AccessDeniedException.remedy}\n"
        f"  {targets[0].arn}: no\n"
        "LookupError: 1 target (by account: 000000000000: 1)\n"
        f"  {targets[4].arn}"
    )
    assert {*report.again} == {*targets[:5]}


def outcomes_not_begun() -> list[Outcome[str]]:
    good, bad, late = made_up(3)
    return [
        Outcome(target=good, result="done"),
        Outcome(target=bad, error=LookupError("`a`\n|b")),
        Outcome(target=late, error=CancelledError()),
    ]


def test_a_summary_counts_what_was_not_begun() -> None:
    report = summary(outcomes_not_begun())

    assert str(report).splitlines()[0] == "1 of 3 targets succeeded, 1 failed, 1 not begun"
    assert report.again == (made_up(3)[1], made_up(3)[2])


def test_a_summary_in_markdown_is_a_table() -> None:
    assert summary(outcomes_not_begun()).to_markdown().splitlines() == [
        "**1 of 3 targets succeeded, 1 failed, 1 not begun**",
        "",
        "| error | operation | targets | accounts | what to do | example |",
        "|---|---|---:|---|---|---|",
        f"| LookupError |  | 1 | 000000000001 |  | `{made_up(3)[1].arn}: 'a' \\|b` |",
    ]
    assert summary([]).to_markdown() == "**0 of 0 targets succeeded**"


def test_a_summary_in_json_has_everything() -> None:
    good, bad, late = (target.arn for target in made_up(3))

    assert json.loads(summary(outcomes_not_begun()).to_json()) == {
        "version": 1,
        "succeeded": 1,
        "earlier": 0,
        "written": 0,
        "unchanged": 0,
        "failed": 1,
        "notBegun": [late],
        "causes": [
            {
                "error": "LookupError",
                "operation": None,
                "remedy": None,
                "message": "`a` |b",
                "accounts": {"000000000001": 1},
                "arns": [bad],
            }
        ],
    }
    assert good


def test_many_accounts_are_cut() -> None:
    report = summary(Outcome[None](target=target, error=LookupError()) for target in made_up(7))

    assert str(report).endswith(f"000000000004: 1, ... 2 more)\n  {made_up(7)[0].arn}")


def message_of(error: Exception) -> str:
    return summary([Outcome[None](target=made_up(1)[0], error=error)]).causes[0].message


def test_a_cause_says_what_its_first_error_says_on_one_line() -> None:
    issues = [ibd.Issue(("a",), "length", "error", "is too long", "x")]

    assert message_of(LookupError("one\n  two\x1b")) == "one two\\x1b"
    assert message_of(ValueError("x-amz-security-token=abc")) == "x-amz-security-token=***"
    assert message_of(ValueError("x" * 301)) == "x" * 300 + "..."
    assert message_of(ibd.ValidationError(issues)) == "a: is too long"
    assert "it has none" in message_of(ibd.NotConfiguredError("Region", ["a"], []))

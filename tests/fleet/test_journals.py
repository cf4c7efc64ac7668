"""
Journals: what they record, how they resume a run, and which run they belong to.
"""

import json
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from imagebuilder_dist.fleet import Journal, Target, edit_all, run, summary

from .work import (
    Inline,
    interrupted,
    made_up,
    name_of,
    names,
    share,
    token_of,
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_journal_has_each_target_before_and_after(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    outcomes = [*run(token_of, made_up(2), executor=Inline(), journal=Journal(path), window=1)]

    head, *rest = lines(path)
    one, other = (target.arn for target in made_up(2))
    assert head["function"] == "tests.fleet.work.token_of"
    assert rest == [
        {"begun": one, "client_token": outcomes[0].result},
        {"done": one},
        {"begun": other, "client_token": outcomes[1].result},
        {"done": other},
    ]


def test_every_line_of_a_journal_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(len(lines(path))))

    list(run(token_of, made_up(2), executor=Inline(), journal=Journal(path)))

    assert synced == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("function", [lambda _: None, partial(lambda _, __: None, 1)])
def test_a_function_that_a_journal_cannot_tell_from_others_is_rejected(
    tmp_path: Path, function: Callable[[Target], None]
) -> None:
    """
    All lambdas of a module have the same name, so a second one would find its targets done.
    """
    with pytest.raises(TypeError, match="a journal can't tell <lambda> from others"):
        run(function, made_up(1), executor=Inline(), journal=Journal(tmp_path / "journal"))


def test_a_target_is_in_the_journal_before_it_is_submitted(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    def begun(target: Target) -> bool:
        return lines(path)[-1] == {"begun": target.arn, "client_token": target.client_token}

    begun.__qualname__ = "begun"  # a journal rejects the name of a local function
    outcomes = [*run(begun, made_up(3), executor=Inline(), journal=Journal(path), window=1)]

    assert [each.result for each in outcomes] == [True] * 3


def test_a_resumed_run_skips_what_is_done_and_retries_the_rest_with_its_tokens(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    targets = made_up(6)
    tokens: dict[str, set[str | None]] = {}
    may_succeed = {"web-0", "web-1"}

    def work(target: Target) -> None:
        tokens.setdefault(name_of(target), set()).add(target.client_token)
        if name_of(target) not in may_succeed:
            raise LookupError

    work.__qualname__ = "work"  # a journal rejects the name of a local function
    first = run(work, targets, executor=Inline(), journal=Journal(path), window=1)
    for _ in range(4):
        next(first)
    first.close()
    may_succeed |= {f"web-{number}" for number in range(6)}
    journal = Journal(path)
    second = [*run(work, reversed(targets), executor=Inline(), journal=journal)]

    assert sorted(names(second)) == [f"web-{number}" for number in range(6)]
    assert sorted(names([each for each in second if each.earlier])) == ["web-0", "web-1"]
    assert [len(each) for each in tokens.values()] == [1] * 6
    assert {"failed": targets[2].arn, "error": "LookupError"} in lines(path)
    assert journal.done == 6
    assert repr(journal) == f"Journal({str(path)!r})"


def test_a_last_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    """
    It is dropped wherever the file was cut: it may be empty, or have only a part of its first line.
    """
    path = tmp_path / "journal"
    targets = made_up(2)
    list(run(token_of, targets, executor=Inline(), journal=Journal(path), window=1))
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        done = sum('"done"' in line for line in whole[:length].decode().splitlines(keepends=True) if line[-1] == "\n")
        again = [*run(token_of, targets, executor=Inline(), journal=Journal(path))]

        assert [each.earlier for each in again].count(True) == done
        assert {*names(again)} == {*map(name_of, targets)}
        assert {each["done"] for each in lines(path) if "done" in each} == {target.arn for target in targets}


def other_function(target: Target, *, what: str = "") -> str:
    return target.arn + what


@pytest.mark.parametrize(
    ("function", "targets", "expected"),
    [
        (other_function, made_up(3), r"of another function, .*\.token_of, not .*\.other_function"),
        (partial(token_of), made_up(3), r"of another function, .*token_of, not .*token_of\(\)"),
        (token_of, made_up(5)[3:], "of other targets: it has 3, this run has 2, and they have none in common; resume"),
        (token_of, [], "of other targets: it has 3, this run has 0, and they have none in common; resume"),
    ],
)
def test_a_journal_of_another_function_or_fleet_is_rejected(
    tmp_path: Path, function: Callable[[Target], object], targets: list[Target], expected: str
) -> None:
    path = tmp_path / "journal"
    list(run(token_of, made_up(3), executor=Inline(), journal=Journal(path)))
    before = path.read_bytes()

    with pytest.raises(ValueError, match=expected):
        run(function, targets, executor=Inline(), journal=Journal(path))

    assert path.read_bytes() == before


def test_a_partials_arguments_belong_to_the_function(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    list(edit_all([], share, executor=Inline(), journal=Journal(path)))
    list(edit_all([], share, executor=Inline(), journal=Journal(path)))
    changed = partial(share.func, user_ids=["000000000000"])

    with pytest.raises(ValueError, match="of another function"):
        edit_all([], changed, executor=Inline(), journal=Journal(path))


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "web"}',
        b'{"journal": "of a garden"}',
        b'{"journal": 0}',
        b"[1]",
        pytest.param(b"[" * 100_000, id="nested"),
        b"no journal",
        b"name: web",
        b"name: web\ndistributions: []",
        b"\x89PNG\r\n\x1a\n\x00\xff",
        b"\x1f\x8b\x08\x00\x00\xff",
        b" ",
        b'{"a": 1}\nno journal\n{}',
    ],
)
def test_a_file_that_is_not_a_journal_is_rejected_and_left_alone(tmp_path: Path, content: bytes, end: bytes) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content + end)

    with pytest.raises(ValueError, match="journal isn't a journal: "):
        run(token_of, made_up(1), executor=Inline(), journal=Journal(path))

    assert path.read_bytes() == content + end


def test_what_was_in_flight_at_ctrl_c_is_in_the_journal(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    path = tmp_path / "journal"
    targets = made_up(1010)  # a journal looks 1,000 targets ahead
    outcomes = run(token_of, interrupted(targets), executor=threads, journal=Journal(path), window=2000)

    with pytest.raises(KeyboardInterrupt):
        next(outcomes)

    done = [each["done"] for each in lines(path) if "done" in each]
    begun = [each["begun"] for each in lines(path) if "begun" in each]
    late = [each.target.arn for each in outcomes.remaining() if each.error is None]
    assert sorted(done) == sorted(late)
    assert {*begun} >= {*done}
    assert begun


@pytest.mark.parametrize("journal", ["journal", Path("journal")])
def test_a_path_is_not_a_journal(journal: Any) -> None:
    with pytest.raises(TypeError, match=r"journal must be a Journal, not .*journal.*; use Journal\(path\)"):
        run(token_of, made_up(1), executor=Inline(), journal=journal)


def test_a_fleet_may_grow_shrink_and_change_its_order(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    list(run(token_of, made_up(3), executor=Inline(), journal=Journal(path)))
    grown = reversed(made_up(10)[1:])

    again = [*run(token_of, grown, executor=Inline(), journal=Journal(path))]

    assert sorted(names(again)) == [f"web-{number}" for number in range(1, 10)]
    assert sorted(names([each for each in again if each.earlier])) == ["web-1", "web-2"]


def test_a_journal_that_has_begun_nothing_is_any_fleets(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    run(token_of, made_up(3), executor=Inline(), journal=Journal(path)).close()

    again = [*run(token_of, made_up(5)[3:], executor=Inline(), journal=Journal(path))]

    assert sorted(names(again)) == ["web-3", "web-4"]


def test_a_summary_of_a_finished_journal_counts_what_is_done(tmp_path: Path) -> None:
    """
    It counts it even if the resumed run is closed at once: what is done doesn't run again.
    """
    path = tmp_path / "journal"
    list(run(token_of, iter(made_up(200)), executor=Inline(), journal=Journal(path), per_second=math.inf))

    report = summary(run(token_of, made_up(200), executor=Inline(), journal=Journal(path)))
    closed = summary(run(token_of, made_up(200), executor=Inline(), journal=Journal(path)).remaining())

    assert str(report) == "200 of 200 targets succeeded (200 in an earlier run)"
    assert json.loads(report.to_json())["earlier"] == 200
    assert report == closed

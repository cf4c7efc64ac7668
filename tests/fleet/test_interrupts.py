"""
Ctrl-C at any moment: every target has one outcome, and what has run is in the journal.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import pytest

from imagebuilder_dist.fleet import Journal, Outcome, Run, _driver, run, summary

from .work import Inline, made_up, name_of, names, token_of

PACKAGE = str(Path(_driver.__file__).parent)


@attrs.define
class Interrupting(Inline):
    """An executor that is interrupted when `web-1` is submitted, before or after it accepts it."""

    accepts: bool

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        if name_of(args[1]) == "web-1":
            if self.accepts:
                super().submit(function, *args)
            raise KeyboardInterrupt
        return super().submit(function, *args)


def outcomes_of(outcomes: Run[Any]) -> list[Outcome[Any]]:
    """Return the outcomes of a run that is interrupted, including the remaining ones."""
    seen: list[Outcome[Any]] = []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(outcomes)
    seen.extend(outcomes.remaining())
    return seen


@pytest.mark.parametrize("accepts", [False, True])
def test_a_submission_that_is_interrupted_is_reported_and_resumed(tmp_path: Path, accepts: bool) -> None:
    """
    The executor may have accepted it, so the target may have run: the next run uses the same token.
    """
    path = tmp_path / "journal"
    executor = Interrupting(accepts=accepts)

    seen = outcomes_of(run(token_of, made_up(4), executor=executor, journal=Journal(path), window=2))
    again = [*run(token_of, made_up(4), executor=Inline(), journal=Journal(path))]

    errors = {name_of(each.target): type(each.error) for each in seen}
    assert sorted(names(seen)) == ["web-0", "web-1", "web-2", "web-3"]
    assert errors["web-1"] is KeyboardInterrupt
    assert {*errors.values()} == {type(None), KeyboardInterrupt, CancelledError}
    assert str(summary(seen)) == (
        "1 of 4 targets succeeded, 1 failed, 2 not begun\n"
        "KeyboardInterrupt: 1 target (by account: 000000000001: 1)\n"
        f"  {made_up(4)[1].arn}"
    )
    assert [name_of(each.target) for each in again if each.earlier] == ["web-0"]
    tokens = [each.target.client_token for each in seen if name_of(each.target) == "web-1"]
    assert [each.result for each in again if name_of(each.target) == "web-1"] == tokens


@pytest.mark.parametrize("nth", range(1, 9))
def test_an_interrupt_while_the_journal_is_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """
    Each of the four targets has two lines; the head is written before them.
    """
    path = tmp_path / "journal"
    outcomes = run(token_of, made_up(4), executor=Inline(), journal=Journal(path), window=2)
    written: list[int] = []

    def interrupt(_: int) -> None:
        written.append(1)
        if len(written) == nth:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    seen = outcomes_of(outcomes)
    again = [*run(token_of, made_up(4), executor=Inline(), journal=Journal(path))]

    assert sorted(names(seen)) == ["web-0", "web-1", "web-2", "web-3"]
    assert {*names([each for each in again if each.earlier])} == {*names([each for each in seen if not each.error])}
    assert {each.error for each in again} == {None}


class Clock:
    """Interrupts when the line with that number is executed, counting the lines of the driver and what it uses."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.at = ""

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(PACKAGE) or code.co_filename.endswith(("work.py", "tally.py")):
            return None
        if event == "line" and not self.at:
            self.left -= 1
            if self.left == 0:
                self.at = f"{Path(code.co_filename).name}:{frame.f_lineno}"
                raise KeyboardInterrupt
        return self


@pytest.mark.long
def test_an_interrupt_at_any_line_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Python handles signals in calls, so not between the last two lines of `Run._take_outcome`, which this leaves out.
    """
    monkeypatch.setattr(os, "fsync", lambda _: None)
    number, lost = 0, list[str]()
    while True:
        number += 1
        path = tmp_path / f"journal-{number}"
        outcomes = run(token_of, made_up(5), executor=Inline(), journal=Journal(path), window=2)
        seen: list[Outcome[Any]] = []
        clock = Clock(number)
        before = sys.gettrace()
        sys.settrace(clock)
        try:
            while (outcome := next(outcomes, None)) is not None:
                seen.append(outcome)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        if not clock.at:
            break
        seen.extend(outcomes.remaining())
        done = {name_of(each.target) for each in seen if each.error is None}
        again = [*run(token_of, made_up(5), executor=Inline(), journal=Journal(path))]
        earlier = {*names([each for each in again if each.earlier])}
        if sorted(names(seen)) != [f"web-{each}" for each in range(5)] or earlier != done or len(again) != 5:
            lost.append(clock.at)

    assert number > 300
    assert {*lost} <= {line_of(Run._take_outcome, "return outcome")}  # noqa: SLF001 - see above


def line_of(function: Callable[..., object], text: str) -> str:
    """Return the place of a line of *function*, as the clock records it."""
    code = function.__code__
    lines = Path(code.co_filename).read_text().splitlines()
    return f"_driver.py:{next(n for n, line in enumerate(lines, 1) if n > code.co_firstlineno and text in line)}"


def test_a_target_that_was_only_read_is_reported(tmp_path: Path) -> None:
    class Interrupted(Journal):
        is_new = True

        def is_done(self, arn: str) -> bool:
            if self.is_new:
                self.is_new = False
                raise KeyboardInterrupt
            return super().is_done(arn)

    seen = outcomes_of(run(token_of, iter(made_up(3)), executor=Inline(), journal=Interrupted(tmp_path / "journal")))

    assert [type(each.error) for each in seen] == [CancelledError] * 3
    assert names(seen) == ["web-0", "web-1", "web-2"]

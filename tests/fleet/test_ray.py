"""
The adapter for Ray from docs/fleet.md, over a fake Ray: the real one is large, and was tested by hand.
"""

import re
import sys
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from imagebuilder_dist.fleet import Journal, Target, run, summary

from .work import made_up, token_of

PAGE = Path(__file__).parents[2] / "docs/fleet.md"


@attrs.frozen
class Reference:
    """Has a future that claims to be cancelled while its task goes on, as Ray's does."""

    task: "Future[Any]"

    def future(self) -> "Future[Any]":
        future: Future[Any] = Future()
        self.task.add_done_callback(lambda task: future.set_result(task.result()))
        return future


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor) -> Any:
    def remote(function: Callable[..., Any]) -> Any:
        return SimpleNamespace(remote=lambda *args: Reference(threads.submit(function, *args)))

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(remote=remote))
    found = re.search(r"^```python\n(import ray\n.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102 - our own page
    return names["RayExecutor"]()


def test_a_fleet_runs_over_the_adapter(adapter: Any) -> None:
    report = summary(run(token_of, made_up(20), executor=adapter))

    assert str(report) == "20 of 20 targets succeeded"


def test_a_run_that_is_closed_waits_for_rays_tasks(adapter: Any, tmp_path: Path) -> None:
    """
    The outcomes and the journal show what has run.
    """
    may_end = Event()
    ran: list[str] = []

    def wait(target: Target) -> None:
        assert not ran or may_end.wait(60)
        ran.append(target.arn)

    wait.__qualname__ = "wait"  # a journal rejects the name of a local function
    journal = Journal(tmp_path / "journal")
    outcomes = run(wait, made_up(9), executor=adapter, journal=journal, window=2)
    first = next(outcomes)
    may_end.set()
    seen = [first, *outcomes.remaining()]

    assert {type(each.error) for each in seen} == {type(None), CancelledError}
    assert sorted(each.target.arn for each in seen if each.error is None) == sorted(ran)
    assert journal.done == len(ran)

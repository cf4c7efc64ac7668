"""
`make bench` measures what it claims; speed itself isn't tested.
"""

import importlib

import pytest

from tests.benchmarks import timing
from tests.benchmarks.targets import TARGETS

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture(autouse=True)
def _one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_MIN_ROUNDS", 1)


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        ("cpu", ["typed call", "typed get"]),
        ("cold", ["import", "cold start"]),
        ("creation", ["making a client"]),
        ("documents", ["reading a"]),
        ("asynchronous", ["calls/s, own pool"]),
    ],
)
def test_every_goal_is_measured(name: str, measured: list[str]) -> None:
    if name in {"cpu", "cold"}:
        pytest.importorskip("capo_imagebuilder", reason="the peers aren't installed")
    section = importlib.import_module(f"tests.benchmarks.{name}").run(0)

    assert {target.name for target in TARGETS if target.name.startswith(tuple(measured))} <= section.ratios.keys()


def test_whole_clients_are_compared_with_the_same_requests_and_responses() -> None:
    pytest.importorskip("capo_imagebuilder", reason="the peers aren't installed")
    section = importlib.import_module("tests.benchmarks.clients").run(0)

    assert "capo-imagebuilder" in section.text

"""
Fixtures that the fleet's tests share.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagebuilder_dist.testing import LocalImageBuilder

from . import work


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> work.State:
    fresh = work.State()
    monkeypatch.setattr(work, "state", fresh)
    return fresh


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def local(local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch) -> LocalImageBuilder:
    """The local endpoint, which is the STS, too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", local.url)
    return local

"""
The pytest plugin of imagebuilder_dist: fixtures, and readable messages for failed comparisons.

It is outside the package, and imports it only for a test that needs it, because pytest imports plugins in every run.
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from imagebuilder_dist import DistributionConfigurationClient
    from imagebuilder_dist.testing import LocalImageBuilder, Stubs

_LEFT_OVER = "imagebuilder_dist_left_over"
_RAISED = pytest.StashKey[str | None]()
"""The text of what a test raised, if it did."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """
    Declare the ini option.
    """
    help_ = "whether stubs of imagebuilder_dist_stubs may be left over at the end of a test"
    parser.addini(_LEFT_OVER, help_, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """
    Declare the marker.
    """
    line = f"{_LEFT_OVER}(allowed=True): whether stubs of imagebuilder_dist_stubs may be left over in this test"
    config.addinivalue_line("markers", line)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """
    Remember for the fixtures that a test failed; a plugin may run it again.
    """
    if call.when == "setup" or call.excinfo is not None:
        item.stash[_RAISED] = None if call.excinfo is None else str(call.excinfo.value)


@pytest.fixture
def imagebuilder_dist_local() -> Iterator["LocalImageBuilder"]:
    """
    A fresh local Image Builder; it listens on a port only after `start()`.
    """
    from imagebuilder_dist.testing import LocalImageBuilder  # noqa: PLC0415 - see above

    local = LocalImageBuilder()
    yield local
    local.stop()


@pytest.fixture
def imagebuilder_dist_client(imagebuilder_dist_local: "LocalImageBuilder") -> "DistributionConfigurationClient":
    """
    A client of imagebuilder_dist that talks to the local Image Builder in the process; its retries don't wait.
    """
    return imagebuilder_dist_local.client()


@pytest.fixture
def imagebuilder_dist_stubs(request: pytest.FixtureRequest) -> Iterator["Stubs"]:
    """
    Stubs of imagebuilder_dist; the test fails if one is left over, or if a request matches none.
    """
    from imagebuilder_dist.testing import StubError, Stubs  # noqa: PLC0415 - see above

    __tracebackhide__ = True
    stubs = Stubs()
    yield stubs
    raised = request.node.stash.get(_RAISED, None)
    if raised is not None:  # stubs are left over because of that, and a second failure would hide the first
        try:
            stubs.assert_done(left_over=True)
        except StubError as error:
            if str(error) != raised:
                request.node.add_report_section("teardown", "unmatched requests", str(error))
        return
    marker = request.node.get_closest_marker(_LEFT_OVER)
    allowed = request.config.getini(_LEFT_OVER) if marker is None else marker.kwargs.get("allowed", True)
    stubs.assert_done(left_over=bool(allowed))


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """
    Show how two models, results or lists of distributions differ, like a plan.
    """
    # If the package isn't imported, neither value can be one of its objects.
    if op != "==" or "imagebuilder_dist" not in sys.modules:
        return None
    from imagebuilder_dist.testing._differences import explain  # noqa: PLC0415 - see above

    return explain(left, right)

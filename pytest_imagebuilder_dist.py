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
    from imagebuilder_dist.testing import LocalImageBuilder


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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> None:
    """
    Let the traceback of a forbidden request, or of one that a Stubber doesn't expect, end at the test's own line.

    Otherwise 15 frames of this library and botocore would follow it.
    """
    traceback = None if call.excinfo is None else call.excinfo.tb
    outside, module, is_ours = traceback, "", False
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__"))
        package = module.partition(".")[0]
        is_ours |= package == "imagebuilder_dist"
        if package not in {"boto3", "botocore", "imagebuilder_dist"}:
            outside = traceback
        traceback = traceback.tb_next
    # What others do with a Stubber is left alone.
    if outside is not None and is_ours and module in {"botocore.stub", "imagebuilder_dist.testing._faults"}:
        outside.tb_next = None


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """
    Show how two configurations, requests or lists of distributions differ, like a plan.
    """
    # If the package isn't imported, neither value can be one of its objects.
    if op != "==" or "imagebuilder_dist" not in sys.modules or type(left) is not type(right):
        return None
    from imagebuilder_dist import diff  # noqa: PLC0415 - see above

    try:
        changes = diff(left, right)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # it checks them
    except TypeError:
        return None
    name = type(left).__name__
    # Without changes it is something else that differs, such as a date, and pytest shows it.
    return [f"{name} == {name}", "what differs (- left, + right):", *str(changes).splitlines()] if changes else None

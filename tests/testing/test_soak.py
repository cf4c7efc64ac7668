"""
A short soak; `python -m tests.benchmarks.soak` is the long one.
"""

import pytest

from tests.benchmarks.soak import soak

pytestmark = pytest.mark.long


def test_nothing_is_lost_doubled_or_untyped_through_faults() -> None:
    assert soak(count=320, rate=0.3, seed=2) == []

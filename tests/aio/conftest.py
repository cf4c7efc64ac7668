"""
Fixtures of the asynchronous client's tests.
"""

from functools import partial
from typing import Any

import pytest

from imagebuilder_dist.testing import LocalImageBuilder

from .clients import AIOBOTOCORE, Connect, in_threads, over_aiobotocore


@pytest.fixture(
    params=[
        in_threads,
        pytest.param(
            over_aiobotocore, marks=pytest.mark.skipif(AIOBOTOCORE is None, reason="aiobotocore isn't installed")
        ),
    ],
    ids=lambda param: param.__name__,
)
def connect(request: pytest.FixtureRequest, session: Any, local: LocalImageBuilder) -> Connect:
    return partial(request.param, session, local)

"""
Fixtures of the asynchronous client's tests.
"""

from functools import partial
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN, EVERYTHING

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


@pytest.fixture
def arn(local: LocalImageBuilder) -> str:
    """The ARN of a stored configuration."""
    return local.put(ibd.DistributionConfiguration(arn=ARN, distributions=[EVERYTHING])).arn

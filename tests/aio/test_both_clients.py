"""
Both clients have the same methods, and reject what isn't theirs.
"""

import inspect
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import aio


def test_wrong_clients_are_rejected(session: Any) -> None:
    with pytest.raises(TypeError, match="client must be one of aiobotocore or aioboto3, not "):
        aio.DistributionConfigurationClient(session.client("imagebuilder"))
    with pytest.raises(TypeError, match="client must be an imagebuilder client, not one for ssm"):
        aio.DistributionConfigurationClient(session.client("ssm"))
    with pytest.raises(ValueError, match="max_concurrency must be 1 or more, not 0"):
        aio.DistributionConfigurationClient(session=session, max_concurrency=0)


def test_both_clients_have_the_same_methods() -> None:
    def signatures(cls: type) -> dict[str, str]:
        return {
            name: str(inspect.signature(method)).replace("AsyncIterator[", "Iterator[")
            for name, method in vars(cls).items()
            if not name.startswith("_") and name != "close"
        }

    assert signatures(aio.DistributionConfigurationClient) == signatures(ibd.DistributionConfigurationClient)

"""
Fixtures of the client's tests.
"""

from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import Clock
from tests.samples import EUROPE, EVERYTHING

from .helpers import Connect


@pytest.fixture
def clock() -> Clock:
    """A fake clock for retries, so that waiting takes no time."""
    return Clock()


@pytest.fixture
def arn(client: ibd.DistributionConfigurationClient) -> str:
    """The ARN of a stored configuration with two Regions, one of which has every setting."""
    created = client.create_distribution_configuration("web", [EVERYTHING, EUROPE], description="d", tags={"a": "b"})
    return str(created.distribution_configuration_arn)


@pytest.fixture
def writes(boto3_client: Any) -> list[Any]:
    """The operations of the client's writes so far."""
    seen: list[Any] = []

    def note(model: Any, **_: Any) -> None:
        if not model.name.startswith(("Get", "List")):
            seen.append(model.name)

    boto3_client.meta.events.register("before-call.imagebuilder", note)
    return seen


@pytest.fixture
def _botocore_does_not_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


@pytest.fixture
def connect(session: Any) -> Connect:
    """A client over a boto3 client, with retries that make as many attempts as the library's own."""

    def make(url: str, attempts: int = 1, mode: Any = "legacy", **options: Any) -> ibd.DistributionConfigurationClient:
        config = Config(retries={"total_max_attempts": attempts, "mode": mode}, **options)
        theirs = session.client("imagebuilder", endpoint_url=url, config=config)
        return ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(attempts=attempts))

    return make

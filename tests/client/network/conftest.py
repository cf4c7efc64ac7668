"""
Fixtures of the network tests.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder

from .sources import SetUp


@pytest.fixture
def connect(
    session: Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., ibd.DistributionConfigurationClient]:
    """Create a client of our own that trusts only *authority*."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "authority.pem"))

    def make(url: str, attempts: int = 4, **options: Any) -> ibd.DistributionConfigurationClient:
        return ibd.DistributionConfigurationClient(
            session=session,
            endpoint_url=url,
            config=Config(**options),
            retries=ibd.Retries(attempts=attempts, sleep=lambda _: None),
        )

    return make


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, local: LocalImageBuilder) -> SetUp:
    """A user's set-up, in which the local endpoint is the STS, too."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # also for the clients that fetch credentials
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", local.url)
    return SetUp(tmp_path, monkeypatch)

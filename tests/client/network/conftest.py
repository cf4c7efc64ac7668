"""
Fixtures of the network tests.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import trustme
from botocore.config import Config
from botocore.httpsession import URLLib3Session

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.credential_server import CredentialServer

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
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SetUp:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # also for the clients that fetch credentials
    return SetUp(tmp_path, monkeypatch)


@pytest.fixture
def server(aws: SetUp) -> Iterator[CredentialServer]:
    with CredentialServer() as server:
        aws.server(server)
        yield server


@pytest.fixture
def signed_with(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> list[str]:
    """The access keys of the requests to the local endpoint, in order."""
    keys: list[str] = []
    send: Any = URLLib3Session.send

    def note(self: Any, request: Any) -> Any:
        if request.url.startswith(local.url):
            authorization = request.headers["Authorization"]
            text = authorization.decode() if isinstance(authorization, bytes) else authorization
            keys.append(text.partition("Credential=")[2].partition("/")[0])
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", note)
    return keys

"""
A user's environment and files, with credentials from every possible source.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.credential_server import CredentialServer

ROLE = "arn:aws:iam::123456789012:role/deploy"


ASSUME_ROLE = f"[default]\nrole_arn = {ROLE}\nsource_profile = source\n"


SOURCE = "[source]\naws_access_key_id = SOURCE\naws_secret_access_key = a secret\n"


@attrs.frozen
class SetUp:
    """A user's files and environment, and a server that hands out credentials."""

    home: Path
    monkeypatch: pytest.MonkeyPatch

    def server(self, server: CredentialServer) -> None:
        self.env("AWS_ENDPOINT_URL_STS", server.url)

    def env(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(name, value)

    def file(self, name: str, text: str) -> str:
        path = self.home / name
        path.write_text(text)
        return str(path)

    def config(self, text: str) -> None:
        self.env("AWS_CONFIG_FILE", self.file("config", text))

    def credentials(self, text: str) -> None:
        self.env("AWS_SHARED_CREDENTIALS_FILE", self.file("credentials", text))


RETRIES = ibd.Retries(sleep=lambda _: pytest.fail("it is retried"))


def environment(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
    aws.env("AWS_SECRET_ACCESS_KEY", "a secret")


def assume_role(aws: SetUp, _: CredentialServer) -> None:
    aws.config(ASSUME_ROLE)
    aws.credentials(SOURCE)


def container(aws: SetUp, server: CredentialServer) -> None:
    aws.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/credentials")


Kind = Callable[[SetUp, CredentialServer], None]


# Each kind, the key that it gives, and what the server is asked for each time.
KINDS: dict[Kind, tuple[str, list[str]]] = {
    environment: ("ENVIRONMENT", []),
    assume_role: ("ASSUMEROLE", ["AssumeRole"]),
    container: ("CONTAINER", ["container"]),
}


def own_client(local: LocalImageBuilder, **options: Any) -> ibd.DistributionConfigurationClient:
    return ibd.DistributionConfigurationClient(endpoint_url=local.url, retries=RETRIES, **options)

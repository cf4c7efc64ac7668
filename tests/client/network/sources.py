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

ROLE = "arn:aws:iam::123456789012:role/deploy"
ASSUME_ROLE = f"[default]\nrole_arn = {ROLE}\nsource_profile = source\n"
SOURCE = "[source]\naws_access_key_id = SOURCE\naws_secret_access_key = a secret\n"


@attrs.frozen
class SetUp:
    """A user's files and environment."""

    home: Path
    monkeypatch: pytest.MonkeyPatch

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


def environment(aws: SetUp) -> None:
    aws.env("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
    aws.env("AWS_SECRET_ACCESS_KEY", "a secret")


def assume_role(aws: SetUp) -> None:
    aws.config(ASSUME_ROLE)
    aws.credentials(SOURCE)


Kind = Callable[[SetUp], None]


def own_client(local: LocalImageBuilder, **options: Any) -> ibd.DistributionConfigurationClient:
    return ibd.DistributionConfigurationClient(endpoint_url=local.url, retries=RETRIES, **options)


def keys_of(local: LocalImageBuilder, service: str = "imagebuilder") -> list[str]:
    """Return what the requests to a service were signed with."""
    return [each.access_key_id for each in local.requests if each.service == service]

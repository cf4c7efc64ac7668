"""
A user's environment and files, with credentials from every possible source.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.credential_server import LONG, CredentialServer

ROLE = "arn:aws:iam::123456789012:role/deploy"


PORTAL = "https://example.awsapps.com/start"


ASSUME_ROLE = f"[default]\nrole_arn = {ROLE}\nsource_profile = source\n"


SOURCE = "[source]\naws_access_key_id = SOURCE\naws_secret_access_key = a secret\n"


SSO_ROLE = "sso_account_id = 123456789012\nsso_role_name = deploy\n"


SSO_LEGACY = f"[default]\nsso_start_url = {PORTAL}\nsso_region = us-east-1\n{SSO_ROLE}"


SSO_SESSION = (
    f"[default]\nsso_session = ours\n{SSO_ROLE}[sso-session ours]\nsso_start_url = {PORTAL}\nsso_region = us-east-1\n"
)


@attrs.frozen
class SetUp:
    """A user's files and environment, and a server that hands out credentials."""

    home: Path
    monkeypatch: pytest.MonkeyPatch

    def server(self, server: CredentialServer) -> None:
        for name in ("STS", "SSO", "SSO_OIDC"):
            self.env(f"AWS_ENDPOINT_URL_{name}", server.url)

    def env(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(name, value)

    def file(self, name: str, text: str | bytes) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def config(self, text: str) -> None:
        self.env("AWS_CONFIG_FILE", self.file("config", text))

    def credentials(self, text: str | bytes) -> None:
        self.env("AWS_SHARED_CREDENTIALS_FILE", self.file("credentials", text))

    def sso_token(self, name: str, token: str, lifetime: timedelta = LONG) -> None:
        document = {"accessToken": token, "expiresAt": (datetime.now(UTC) + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.cached_token(name, json.dumps(document))

    def cached_token(self, name: str, text: str) -> None:
        self.file(f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json", text)  # noqa: S324 - botocore's

    def process(self, printed: str) -> None:
        self.config(f"[default]\ncredential_process = cat {self.file('printed', printed)}\n")


RETRIES = ibd.Retries(sleep=lambda _: pytest.fail("it is retried"))


def environment(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
    aws.env("AWS_SECRET_ACCESS_KEY", "a secret")


def shared_file(aws: SetUp, _: CredentialServer) -> None:
    aws.credentials("[default]\naws_access_key_id = SHAREDFILE\naws_secret_access_key = a secret\n")


def assume_role(aws: SetUp, _: CredentialServer) -> None:
    aws.config(ASSUME_ROLE)
    aws.credentials(SOURCE)


def web_identity(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_ROLE_ARN", ROLE)
    aws.env("AWS_WEB_IDENTITY_TOKEN_FILE", aws.file("token", "a web identity"))


def sso_legacy(aws: SetUp, _: CredentialServer) -> None:
    aws.config(SSO_LEGACY)
    aws.sso_token(PORTAL, "a token")


def sso_session(aws: SetUp, _: CredentialServer) -> None:
    aws.config(SSO_SESSION)
    aws.sso_token("ours", "a token")


def process(aws: SetUp, _: CredentialServer) -> None:
    aws.process(json.dumps({"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "a secret"}))


def container(aws: SetUp, server: CredentialServer) -> None:
    aws.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/credentials")


Kind = Callable[[SetUp, CredentialServer], None]


# Each kind, the key that it gives, and what the server is asked for each time.
KINDS: dict[Kind, tuple[str, list[str]]] = {
    environment: ("ENVIRONMENT", []),
    shared_file: ("SHAREDFILE", []),
    assume_role: ("ASSUMEROLE", ["AssumeRole"]),
    web_identity: ("ASSUMEROLEWITHWEBIDENTITY", ["AssumeRoleWithWebIdentity"]),
    sso_legacy: ("GETROLECREDENTIALS", ["GetRoleCredentials"]),
    sso_session: ("GETROLECREDENTIALS", ["GetRoleCredentials"]),
    process: ("PROCESS", []),
    container: ("CONTAINER", ["container"]),
}


def own_client(local: LocalImageBuilder, **options: Any) -> ibd.DistributionConfigurationClient:
    return ibd.DistributionConfigurationClient(endpoint_url=local.url, retries=RETRIES, **options)


def named(kind: object) -> str:
    return getattr(kind, "__name__", "")

"""
What the tests of the client share.
"""

from typing import Any

import pytest

from tests.shapes import ANYTHING


@pytest.fixture
def arn(boto3_client: Any) -> str:
    created = boto3_client.create_distribution_configuration(name="web", distributions=ANYTHING)
    return str(created["distributionConfigurationArn"])


@pytest.fixture
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FROMENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

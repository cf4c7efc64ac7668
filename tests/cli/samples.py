"""
Files, plans and helpers that several test files use.
"""

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from imagebuilder_dist import documents

RIGHT = """\
name: web
distributions:
- region: us-west-2
  amiDistributionConfiguration: {kmsKeyId: alias/web, targetAccountIds: [111122223333]}
"""
SURPRISING = RIGHT.replace("us-west-2", "us-wets-2")
WRONG = RIGHT.replace("kmsKeyId", "kmsKey")
WEB = "arn:aws:imagebuilder:us-west-2:123456789012:distribution-configuration/web"
Run: TypeAlias = Callable[..., tuple[int, str, str]]


def on_a_terminal(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "isatty", lambda: True)


ABROAD = WEB.replace("us-west-2", "eu-west-1")
TARGETS = f"arn\n{WEB}\n{ABROAD}\n"
PLANNED = """\
2 targets: 2 would be created
+ distributions[us-west-2]  (2 targets in 1 account)
+   amiDistributionConfiguration.targetAccountIds (widens access): 111122223333
+   amiDistributionConfiguration.kmsKeyId: 'alias/web'
"""
SSM = "region: us-west-2\nssmParameterConfigurations: [{parameterName: /ami}]"


def store(service: Any, *names: str) -> list[str]:
    """Store configurations, and return their ARNs."""
    distributions = documents.load("right.yaml").distributions
    return [
        service.create_distribution_configuration(
            name, distributions, description="stays"
        ).distribution_configuration_arn
        for name in names
    ]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "imagebuilder_dist", *arguments]

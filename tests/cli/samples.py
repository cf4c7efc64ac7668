"""
Files and helpers that several test files use.
"""

import os
import pty
import subprocess
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
SSM = "region: us-west-2\nssmParameterConfigurations: [{parameterName: /ami}]"
NO_TERMINAL = "there is no terminal to ask for confirmation; --yes writes without asking"

Run: TypeAlias = Callable[..., tuple[int, str, str]]


def on_a_terminal(stream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "isatty", lambda: True)


def store(service: Any, *names: str, **settings: Any) -> list[str]:
    """Store what is in right.yaml under *names*, and return the ARNs."""
    distributions = documents.load("right.yaml").distributions
    return [
        service.create_distribution_configuration(name, distributions, **settings).distribution_configuration_arn
        for name in names
    ]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "imagebuilder_dist", *arguments]


def on_a_pty(*arguments: str, answer: str = "", **environment: str) -> tuple[int, str]:
    """Run the command as a process on a terminal, which types *answer*; return its exit code and what it prints."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    done = subprocess.run(
        command(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **environment},
        check=False,
    )
    os.close(theirs)
    written = os.read(ours, 10_000).decode()
    os.close(ours)
    return done.returncode, written.replace("\r\n", "\n")

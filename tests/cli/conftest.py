"""
The command in a folder with files, and a local endpoint.
"""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.__main__ import main
from imagebuilder_dist.testing import LocalImageBuilder
from tests.cli.samples import RIGHT, SSM, SURPRISING, WRONG, Run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in a folder with files; return its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    files = {"right.yaml": RIGHT, "surprising.yaml": SURPRISING, "wrong.yaml": WRONG, "ssm.yaml": SSM}
    for name, text in files.items():
        Path(name).write_text(text)

    def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        monkeypatch.setattr(sys, "argv", ["imagebuilder-dist", *arguments])
        with pytest.raises(SystemExit) as exited:
            main()
        written = capsys.readouterr()
        return int(str(exited.value.code)), written.out, written.err

    return run


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> ibd.DistributionConfigurationClient:
    """A client for the endpoint that the command calls."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    return ibd.DistributionConfigurationClient()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the command would have waited between attempts, instead of waiting."""
    slept: list[float] = []
    defaults: Any = ibd.Retries.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "sleep", slept.append)
    return slept

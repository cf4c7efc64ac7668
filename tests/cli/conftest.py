"""
The command in a folder with files, and a local endpoint.
"""

import io
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._cli.main import main
from imagebuilder_dist.testing import (
    LocalImageBuilder,
)
from tests.cli.samples import (
    RIGHT,
    SSM,
    SURPRISING,
    TARGETS,
    WRONG,
    Run,
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in a folder with files; return its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"right.yaml": RIGHT, "surprising.yaml": SURPRISING, "wrong.yaml": WRONG}.items():
        Path(name).write_text(text)

    def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            code = main(arguments)
        except SystemExit as exited:  # argparse's
            code = int(exited.code or 0)
        written = capsys.readouterr()
        return code, written.out, written.err

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
def fleet(run: Run, service: Any) -> Run:
    """Run the command in a folder with targets and files."""
    Path("targets.csv").write_text(TARGETS)
    Path("ssm.yaml").write_text(SSM)
    return partial(run, "fleet")

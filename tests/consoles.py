"""
The pages whose console blocks are run: `python -m tests.consoles` writes what the commands print into them.
"""

import contextlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from imagebuilder_dist._cli.main import main as command
from imagebuilder_dist.testing import LocalImageBuilder

from .pages import ROOT, wrapped

CONSOLES = [ROOT / "docs/command-line.md", ROOT / "docs/files.md", ROOT / "docs/tutorial.md"]

_BLOCK = re.compile(r"(^`(?P<name>[\w.-]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)

# A line that needs no shell; in this process, the command takes a tenth of the time.
_COMMAND = re.compile(r"imagebuilder-dist ([^|&;<>()$*~]+)")
# What pytest says of itself, which isn't the same twice.
_TIME = re.compile(r" in \d+\.\d+s$", re.MULTILINE)


def rendered(page: Path) -> str:
    """
    Return the page with what its commands print now, in a folder with its files and next to a local endpoint.
    """
    with TemporaryDirectory() as folder, LocalImageBuilder() as local:
        programs = Path(folder, "bin")
        programs.mkdir()
        for name, arguments in {"imagebuilder-dist": "-m imagebuilder_dist", "python": ""}.items():
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            program.chmod(0o755)
        work = Path(folder, "work")
        work.mkdir()
        # What they cover isn't measured: it would take them twice as long, and tests/cli covers all of it.
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_ENDPOINT_URL": local.url,
            "AWS_SECRET_ACCESS_KEY": "test",
            "COLUMNS": "80",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # those of this project's own tests take a second to load
            "PYTEST_PLUGINS": "pytest_imagebuilder_dist",
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            # botocore 1.38 says utcnow(), which Python 3.12 warns of, and pytest shows.
            "PYTHONWARNINGS": "ignore::DeprecationWarning",
        }

        def run(line: str) -> str:
            alone = _COMMAND.fullmatch(line)
            if alone:
                with contextlib.chdir(work):
                    arguments = shlex.split(alone[1])
                    result = CliRunner().invoke(command, arguments, env=environment, prog_name="imagebuilder-dist")
                return f"$ {line}\n{wrapped(result.output)}"
            done = subprocess.run(
                ["/bin/sh", "-c", line],
                cwd=work,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            return f"$ {line}\n{wrapped(_TIME.sub(' in 0.10s', done.stdout))}"

        def replaced(block: re.Match[str]) -> str:
            lines = re.findall(r"^\$ (.*)$", block["text"], re.MULTILINE)
            if block["language"] == "console" and lines:  # without commands, it is what Python prints
                return f"```console\n{''.join(map(run, lines))}```"
            if block["name"]:
                (work / block["name"]).write_text(block["text"])
            return block[0]

        return _BLOCK.sub(replaced, page.read_text())


if __name__ == "__main__":
    for path in CONSOLES:
        path.write_text(rendered(path))

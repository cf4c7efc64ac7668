"""
How the command behaves in a shell: as a process, on terminals and pipes that are full, closed or narrow.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist.__main__ import main
from imagebuilder_dist.testing import Exchange, LocalImageBuilder, Reply
from tests.cli.samples import WEB, Run, command, on_a_pty, on_a_terminal, store

PUBLIC = """\
name: web
distributions:
- region: us-west-2
  amiDistributionConfiguration: {launchPermission: {userGroups: [all]}}
"""


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line in which `$I` stands for the command."""
    # What Python keeps in a buffer, it writes at exit, with complaints of its own.
    environment = {**os.environ, "PYTHONUNBUFFERED": "", "I": " ".join(command())}
    return subprocess.run(["/bin/bash", "-c", line], env=environment, capture_output=True, text=True, check=False)


def test_mistyped_commands_and_options_get_their_own_usage(run: Run) -> None:
    assert run("--version") == (0, f"{ibd.__version__}\n", "")
    code, _, err = run("chek", "right.yaml")
    assert code == 2
    assert "No such command 'chek'" in err
    code, _, err = run("fleet", "plan", "--profil", "x", "a", "b")
    assert code == 2
    assert err.startswith("Usage: imagebuilder-dist fleet plan [OPTIONS] TARGETS FILE\n")
    assert "--profile" in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("environment", "is_terminal", "has_colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
    ],
)
def test_there_is_colour_on_a_terminal(
    run: Run,
    service: Any,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    is_terminal: bool,
    has_colour: bool,
) -> None:
    """
    What makes an AMI public is red and bold, though it is an addition.
    """
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def written(*arguments: str, **settings: str) -> str:
        if is_terminal:
            on_a_terminal(sys.stdout, monkeypatch)
        return run(*arguments, **settings)[1]

    checked = written("check", "wrong.yaml")
    planned = written("plan", "right.yaml", "-", stdin=PUBLIC)

    assert ("\x1b[31m\x1b[1merror\x1b[0m: " in checked) == has_colour
    assert ("\x1b[32m+ distributions[us-west-2]\x1b[0m" in planned) == has_colour
    public = "+   amiDistributionConfiguration.launchPermission.userGroups (widens access): all"
    assert (f"\x1b[31m\x1b[1m{public}\x1b[0m" in planned) == has_colour
    assert ("\x1b" in checked + planned) == has_colour


def test_text_that_hides_or_moves_is_escaped_on_a_terminal(
    run: Run, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A pipe gets what is stored.
    """
    store(service, "web", description="a\u202eb\x9bc")

    assert "a\u202eb\\u009bc" in run("show", "--format", "json", WEB)[1]
    on_a_terminal(sys.stdout, monkeypatch)
    assert "a\\u202eb\\u009bc" in run("show", "--format", "json", WEB)[1]
    assert run("check", "\x1b[31m") == (
        2,
        "",
        "imagebuilder-dist check: \\x1b[31m: No such file or directory\n0 files: 0 errors, 0 warnings\n",
    )


def test_a_terminal_asks_and_paints(run: Run, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)

    code, written = on_a_pty("apply", "right.yaml", answer="y\n")

    assert code == 0
    assert "\x1b[32m+ distributions[us-west-2]\x1b[0m\n" in written
    assert "Apply this plan? [y/N]: " in written
    assert written.endswith(f"stored {WEB}\n")


@pytest.mark.parametrize(
    ("line", "code", "out", "err"),
    [
        ("$I check <(cat right.yaml)", 0, "", "1 file: 0 errors, 0 warnings\n"),
        ("$I schema > /dev/full", 1, "", "imagebuilder-dist: can't write: [Errno 28] No space left on device\n"),
        ("$I --help > /dev/full", 1, "", "imagebuilder-dist: can't write: [Errno 28] No space left on device\n"),
        ("$I schema >&-", 1, "", "imagebuilder-dist: can't write: [Errno 9] standard output is closed\n"),
        ("$I check right.yaml >&- 2>&-", 0, "", ""),
        ("$I check - <&-", 2, "", "imagebuilder-dist check: -: "),
        ("$I schema | true; exit ${PIPESTATUS[0]}", 1, "", ""),
        ("cp wrong.yaml 日本; PYTHONIOENCODING=cp1252 $I check 日本", 5, "\\u65e5\\u672c:4:34: error: ", "1 file: "),
    ],
)  # fmt: skip
def test_no_stream_makes_a_traceback(run: Run, line: str, code: int, out: str, err: str) -> None:
    done = shell(line)

    assert done.returncode == code
    assert done.stdout.startswith(out)
    assert done.stderr.startswith(err)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_without_click_a_line_says_what_to_install(run: Run) -> None:
    """
    Another module that is missing is no such case.
    """
    line = "imagebuilder-dist needs click: in a checkout of imagebuilder_dist, run pip install '.[cli]'\n"
    for missing, told in {"click": line, "other": "Traceback"}.items():
        Path("click.py").write_text(f"raise ModuleNotFoundError('', name={missing!r})")

        done = shell("$I check right.yaml")

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(told)


def test_what_calls_nobody_imports_no_sessions(run: Run) -> None:
    Path("program.py").write_text(
        "import sys; from imagebuilder_dist._cli.main import main\n"
        "for line in ('--help', 'check right.yaml', 'needs right.yaml', 'schema'):\n"
        "    try: main(line.split())\n"
        "    except SystemExit as end: assert end.code == 0\n"
        "print([*{'boto3', 'botocore.session'} & {*sys.modules}])\n"
    )
    done = shell(f"{sys.executable} program.py")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]")


def test_a_shell_completes_commands_and_options(run: Run) -> None:
    line = "COMP_WORDS='imagebuilder-dist ch' COMP_CWORD=1 _IMAGEBUILDER_DIST_COMPLETE=bash_complete $I"

    assert shell(line).stdout == "plain,check\n"


def test_the_pre_commit_hook_runs_a_command_that_is_installed(run: Run) -> None:
    root = Path(__file__).parents[2]
    [hook] = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]

    program, *arguments = hook["entry"].split()
    assert project["scripts"][program] == f"{main.__module__}:{main.__name__}"
    assert hook["additional_dependencies"] == project["optional-dependencies"]["cli"]
    assert run(*arguments, "right.yaml")[0] == 0
    assert re.search(hook["files"], "images/distribution-web.yaml")


def test_a_terminal_shows_that_a_slow_call_goes_on(
    run: Run, service: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The endpoint answers once the text is there; it is gone when the command ends.
    """
    shown = Event()
    on_a_terminal(sys.stderr, monkeypatch)
    monkeypatch.setenv("TERM", "xterm")
    written = sys.stderr.write

    def write(text: str) -> int:
        if "calling AWS ..." in text:
            shown.set()
        return written(text)

    monkeypatch.setattr(sys.stderr, "write", write)

    class Hold:
        def answer(self, exchange: Exchange, /) -> Reply:
            assert shown.wait(30)
            return exchange.answer()

    local.inject(Hold(), operation="ListDistributionConfigurations")

    assert run("list") == (0, "", "\r\x1b[Kcalling AWS ...\r\x1b[K")

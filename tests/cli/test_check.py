"""
`check`: errors and warnings in files.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imagebuilder_dist import documents
from tests.cli.samples import RIGHT, WRONG, Run

WARNING = "isn't a Region that botocore knows; did you mean 'us-west-2'?"
UNKNOWN = "is not a member of AmiDistributionConfiguration; did you mean 'kmsKeyId'?"
KEY = "distributions[0].amiDistributionConfiguration.kmsKey"
WARNED = f"surprising.yaml:3:11: warning: distributions[0].region: {WARNING} [region-unknown]\n"
RESOURCE = """\
Type: AWS::ImageBuilder::DistributionConfiguration
Properties:
  Name: web
  Distributions:
  - {Region: !Ref AWS::Region, AmiDistributionConfiguration: {Description: !Ref Text}}
"""
NONE = "Resources: {A: {Type: AWS::S3::Bucket}}"
TARGETS = '[{"region": "us-west-2", "amiDistributionConfiguration": {"targetAccountIds": ["111122223333"]}}]'
TEMPLATE = "Resources:\n  A: {Type: AWS::ImageBuilder::DistributionConfiguration, Properties: {}}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["right.yaml"], 0, "", "1 file: 0 errors, 0 warnings\n"),
        (["surprising.yaml"], 0, WARNED, "1 file: 0 errors, 1 warning\n"),
        (["surprising.yaml", "--strict"], 5, WARNED, "1 file: 0 errors, 1 warning\n"),
        (
            ["right.yaml", "wrong.yaml"],
            5,
            f"wrong.yaml:4:34: error: {KEY}: {UNKNOWN} [unknown-member]\n",
            "2 files: 1 error, 0 warnings\n",
        ),
        (
            ["--format", "github", "surprising.yaml", "wrong.yaml"],
            5,
            f"::warning file=surprising.yaml,line=3,col=11,title=region-unknown::distributions[0].region: {WARNING}\n"
            f"::error file=wrong.yaml,line=4,col=34,title=unknown-member::{KEY}: {UNKNOWN}\n",
            "2 files: 1 error, 1 warning\n",
        ),
        (
            ["none.yaml", ".", "right.yaml"],
            2,
            "",
            "imagebuilder-dist check: none.yaml: No such file or directory\n"
            "imagebuilder-dist check: .: Is a directory\n"
            "1 file: 0 errors, 0 warnings\n",
        ),
    ],
)
def test_files_are_checked(run: Run, arguments: list[str], code: int, out: str, err: str) -> None:
    assert run("check", *arguments) == (code, out, err)


def test_issues_are_json_for_machines(run: Run) -> None:
    names = ("file", "line", "column", "severity", "path", "message", "rule")
    values = ("wrong.yaml", 4, 34, "error", KEY, UNKNOWN, "unknown-member")

    code, out, _ = run("check", "--format", "json", "wrong.yaml")

    assert (code, json.loads(out)) == (5, [dict(zip(names, values, strict=True))])


def test_special_characters_in_a_workflow_command_are_escaped(run: Run) -> None:
    Path("a,b:c%.json").write_text("")

    _, out, _ = run("check", "--format", "github", "a,b:c%.json")

    assert out == "::error file=a%2Cb%3Ac%25.json,line=1,col=1,title=syntax::is empty\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "text"),
    [
        ([], '{"name": "web"\n', 5, "<stdin>:2:1: error: isn't JSON: Expecting ',' delimiter [syntax]\n"),
        (["--parameter", "AWS::Region=us-west-2", "--parameter", "Text=a=b"], RESOURCE, 0, ""),
        (
            ["--region", "us-west-2"],
            RESOURCE,
            0,
            "5:76: note: Properties.Distributions[0].AmiDistributionConfiguration",
        ),
        (["--strict"], RESOURCE, 5, "error: Properties.Distributions[0].Region: depends on 'AWS::Region', whose value"),
        (["--input-format", "cloudformation"], "[]", 5, "must be an object"),
        (["--input-format", "json"], RIGHT, 5, "<stdin>:1:1: error: isn't JSON"),
        (["--resource", "B"], TEMPLATE + TEMPLATE.splitlines()[1].replace("A:", "B:"), 5, "Resources.B.Properties"),
        (["--parameter", "x"], RIGHT, 2, "'--parameter': 'x' isn't NAME=VALUE\n"),
        (["--owner", "5"], RIGHT, 2, "'--owner': '5' isn't an account id of 12 digits\n"),
    ],
)
def test_options_say_how_to_read_standard_input(
    run: Run, arguments: list[str], stdin: str, code: int, text: str
) -> None:
    found, out, err = run("check", *arguments, "-", stdin=stdin)

    assert found == code
    assert text in (err if code == 2 else out)


def test_a_pipe_is_read_once_and_a_name_decides_how(run: Run) -> None:
    """
    A shell's process substitution is such a pipe.
    """
    os.mkfifo("pipe.json")
    writer = threading.Thread(target=Path("pipe.json").write_text, args=[WRONG])
    writer.start()

    code, out, _ = run("check", "pipe.json")

    writer.join()
    assert (code, out) == (5, "pipe.json:1:1: error: isn't JSON: Expecting value [syntax]\n")


def test_a_program_that_is_a_zip_file_checks_too(run: Run) -> None:
    """
    There, botocore doesn't find its data, which has the Regions' names.
    """
    program = (
        "import sys; from botocore.loaders import Loader; Loader.BUILTIN_DATA_PATH = 'nowhere'; "
        "from imagebuilder_dist.__main__ import main; sys.argv[1:] = ['check', 'right.yaml']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 file: 0 errors, 0 warnings\n")


def test_notes_are_counted_and_stop_nothing(run: Run) -> None:
    Path("stack.yaml").write_text(NONE)

    code, out, err = run("check", "--strict", "--format", "github", "right.yaml", "stack.yaml")

    assert (code, err) == (0, "2 files: 0 errors, 0 warnings, 1 note\n")
    assert out.startswith("::notice file=stack.yaml,line=1,col=1,title=no-configuration::has no AWS::ImageBuilder::")


def test_a_parameter_to_which_no_file_refers_is_a_note(run: Run) -> None:
    Path("stack.yaml").write_text(RESOURCE)
    options = ("--region", "us-west-2", "--parameter", "Text=x", "--parameter", "Txet=y")
    note = "stack.yaml:1:1: note: nothing refers to the parameter 'Txet'; did you mean 'Text'? [unused-parameter]\n"

    code, out, _ = run("check", "--strict", *options, "right.yaml", "stack.yaml")

    other = "right.yaml:1:1: note: nothing refers to the parameter 'Txet'; there are none [unused-parameter]\n"
    assert (code, out) == (0, other + note)
    assert run("needs", "--owner", "123456789012", *options, "stack.yaml") == (0, "no prerequisites\n", note)


def test_who_needs_nothing_is_told_who_does(run: Run) -> None:
    code, out, err = run("needs", "--owner", "123456789012", "--account", "999999999999", "-", stdin=TARGETS)

    assert (code, out) == (0, "no prerequisites\n")
    assert err.startswith("nothing is needed in account 999999999999; something is in 111122223333")


def test_a_file_without_end_is_not_read(run: Run) -> None:
    with Path("endless.json").open("wb") as file:
        file.truncate(2**26 + 1)

    code, out, err = run("check", "endless.json", "right.yaml")

    assert (code, out) == (2, "")
    assert err == "imagebuilder-dist check: endless.json: has more than 64 MiB\n1 file: 0 errors, 0 warnings\n"
    with pytest.raises(documents.DocumentError, match="has more than 64 MiB"):
        documents.load("endless.json")


def test_a_screen_shows_a_thousand_issues_and_json_all(run: Run) -> None:
    regions = [{"region": f"x-{nth}", "licenseConfigurationArns": []} for nth in range(501)]
    Path("many.json").write_text(json.dumps(regions))

    _, out, err = run("check", "many.json")
    _, data, _ = run("check", "--format", "json", "many.json")

    assert len(out.splitlines()) == 1000
    assert err.startswith("... ")
    assert len(json.loads(data)) == 1000 + int(err.split()[1])

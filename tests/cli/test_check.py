"""
`check` reports errors and warnings in files.
"""

import json
from pathlib import Path

import pytest

from tests.cli.samples import (
    Run,
)

WARNING = "isn't a Region that botocore knows; did you mean 'us-west-2'?"
UNKNOWN = "is not a member of AmiDistributionConfiguration; did you mean 'kmsKeyId'?"


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["right.yaml"], 0, "", "1 file: 0 errors, 0 warnings\n"),
        (
            ["surprising.yaml"],
            0,
            f"surprising.yaml:3:11: warning: distributions[0].region: {WARNING} [region-unknown]\n",
            "1 file: 0 errors, 1 warning\n",
        ),
        (
            ["--strict", "surprising.yaml"],
            1,
            f"surprising.yaml:3:11: warning: distributions[0].region: {WARNING} [region-unknown]\n",
            "1 file: 0 errors, 1 warning\n",
        ),
        (
            ["right.yaml", "wrong.yaml"],
            1,
            "wrong.yaml:4:34: error: distributions[0].amiDistributionConfiguration.kmsKey: "
            f"{UNKNOWN} [unknown-member]\n",
            "2 files: 1 error, 0 warnings\n",
        ),
        (
            ["--format", "github", "surprising.yaml", "wrong.yaml"],
            1,
            "::warning file=surprising.yaml,line=3,col=11,title=region-unknown::distributions[0].region: "
            f"{WARNING}\n"
            "::error file=wrong.yaml,line=4,col=34,title=unknown-member::"
            f"distributions[0].amiDistributionConfiguration.kmsKey: {UNKNOWN}\n",
            "2 files: 1 error, 1 warning\n",
        ),
        (
            ["none.yaml", "."],
            2,
            "",
            "imagebuilder-dist check: none.yaml: No such file or directory\n"
            "imagebuilder-dist check: .: Is a directory\n"
            "2 files couldn't be opened\n",
        ),
        (
            ["none.yaml", "right.yaml"],
            2,
            "",
            "imagebuilder-dist check: none.yaml: No such file or directory\n"
            "1 file: 0 errors, 0 warnings; 1 file couldn't be opened\n",
        ),
    ],
)
def test_files_are_checked(run: Run, arguments: list[str], code: int, out: str, err: str) -> None:
    assert run("check", *arguments) == (code, out, err)


def test_standard_input_is_checked(run: Run) -> None:
    code, out, _ = run("check", "-", stdin='{"name": "web"\n')

    assert (code, out) == (1, "<stdin>:2:1: error: isn't JSON: Expecting ',' delimiter [syntax]\n")


def test_issues_are_json_for_machines(run: Run) -> None:
    code, out, _ = run("check", "--format", "json", "wrong.yaml")

    assert code == 1
    assert json.loads(out) == [
        {
            "file": "wrong.yaml",
            "line": 4,
            "column": 34,
            "severity": "error",
            "path": "distributions[0].amiDistributionConfiguration.kmsKey",
            "message": UNKNOWN,
            "rule": "unknown-member",
        }
    ]


def test_special_characters_in_a_workflow_command_are_escaped(run: Run) -> None:
    Path("a,b:c%.json").write_text("")

    _, out, _ = run("check", "--format", "github", "a,b:c%.json")

    assert out == "::error file=a%2Cb%3Ac%25.json,line=1,col=1,title=syntax::is empty\n"


def test_a_template_is_checked_with_parameters(run: Run) -> None:
    resource = """\
Type: AWS::ImageBuilder::DistributionConfiguration
Properties:
  Name: web
  Distributions:
  - {Region: !Ref AWS::Region, AmiDistributionConfiguration: {Description: !Ref Text}}
"""
    parameters = ["--parameter", "AWS::Region=us-west-2", "--parameter", "Text=a=b"]

    assert run("check", *parameters, "-", stdin=resource)[:2] == (0, "")
    assert run("check", "--input-format", "cloudformation", "-", stdin=resource)[0] == 1
    code, _, err = run("check", "--parameter", "x", "-", stdin=resource)
    assert code == 2
    assert err.endswith("argument --parameter: 'x' isn't NAME=VALUE\n")


def test_one_of_several_resources_is_checked(run: Run) -> None:
    resource = "{Type: AWS::ImageBuilder::DistributionConfiguration, Properties: {}}"

    code, out, _ = run("check", "--resource", "B", "-", stdin=f"Resources:\n  A: {resource}\n  B: {resource}")

    assert code == 1
    assert "Resources.B.Properties.Name: is required but missing" in out

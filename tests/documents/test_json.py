"""
JSON's peculiarities, encodings, and how the syntaxes are told apart.
"""

from pathlib import Path
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import CREATE, issues_of
from tests.samples import EVERYTHING


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ('{"name": 3', ["1:11: error: isn't JSON: Expecting ',' delimiter [syntax]"]),
        ('{\r\n "name":\r "x",,}',
         ["3:6: error: isn't JSON: Expecting property name enclosed in double quotes [syntax]"]),
        ('{"name": ' + "1" * 5000 + "}",
         ["1:1: error: isn't JSON: an integer has more than 4,300 digits [syntax]"]),
        ('{"fastLaunchConfigurations": [{"enabled": true}], "region": "x",\n "region": "us-west-2"}',
         ["2:2: error: region: is given twice, first in line 1 [duplicate-key]"]),
        ("[" * 100_000, ["1:1: error: is nested too deeply [too-large]"]),
        ('{"region": "us-west-2", "amiDistributionConfiguration": {"description": "x",\n "description": "y"}}',
         ["2:2: error: amiDistributionConfiguration.description: is given twice, first in line 1 [duplicate-key]"]),
        ('[{"region": "x",\n  "region": "us-west-2", "ssmParameterConfigurations": [{"parameterName": "/a"}]}]',
         ["2:3: error: [0].region: is given twice, first in line 1 [duplicate-key]"]),
        ('{"region": NaN, "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be a string, not nan (number) [type]"]),
        ('{"region": true, "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be a string, not True (boolean) [type]"]),
        ('{"region": "us-west-2", "amiDistributionConfiguration": {"amiTags": {"a\\"b\\u00e9": 1, "aws:x": "y"}}}',
         ["1:70: error: amiDistributionConfiguration.amiTags['a\"bé']: must be letters, digits, white space and "
          "_ . : / = + - @, and not begin with `aws:`, not 'a\"bé' (string) [pattern]",
          "1:84: error: amiDistributionConfiguration.amiTags['a\"bé']: must be a string, not 1 (integer) "
          "[type]",
          "1:87: error: amiDistributionConfiguration.amiTags.aws:x: must be letters, digits, white space and "
          "_ . : / = + - @, and not begin with `aws:`, not 'aws:x' (string) [pattern]"]),
        ('{"region": "\\ud800", "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be text, but '\\ud800' at position 0 is half of a surrogate pair [encoding]"]),
    ],
)  # fmt: skip
def test_what_json_can_hold_is_read_right_or_rejected(text: str, issues: list[str]) -> None:
    assert [issue for issue in issues_of(text) if ": warning: " not in issue] == issues


def test_deep_nesting_below_an_unknown_key_is_said_of_the_key() -> None:
    text = '[{"region": "x", "y": ' + "[" * 500 + "]" * 500 + "}]"

    assert any(issue.startswith("1:18: error: [0].y: is not a member of Distribution") for issue in issues_of(text))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("write", ["json", "yaml"])
def test_a_file_is_read_in_any_encoding_of_unicode(tmp_path: Path, encoding: str, newline: str, write: Any) -> None:
    path = tmp_path / f"web.{write}"
    wanted = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING], description="é🎉")
    path.write_bytes(documents.dumps(wanted, format=write).replace("\n", newline).encode(encoding))

    assert documents.load(path).content == wanted


def test_a_byte_order_mark_is_no_part_of_a_text() -> None:
    assert documents.loads("\ufeff" + documents.dumps(CREATE, format="json")).content == CREATE
    assert issues_of("\ufeffa: b: c")[0].startswith("1:5: error: isn't YAML")


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (b"name: \xc3\xa9\n  \xff", "2:3: error: isn't utf-8 [encoding]"),
        (b"\xff\xfea\x00\x00", "1:2: error: isn't utf-16-le [encoding]"),
        ("name: é\n \ud800", "2:2: error: isn't utf-8 [encoding]"),
    ],
)
def test_bytes_that_are_no_text_are_found(text: str | bytes, issue: str) -> None:
    assert issues_of(text) == [issue]


def test_the_name_of_a_file_tells_its_syntax(tmp_path: Path) -> None:
    flow = "{region: us-west-2, ssmParameterConfigurations: [{parameterName: /ami}]}"
    for ending, is_read in {"yaml": True, "YML": True, "json": False, "txt": False}.items():
        path = tmp_path / f"web.{ending}"
        path.write_text(flow)
        if is_read:
            assert documents.load(path).form == "distribution"
        else:
            with pytest.raises(documents.DocumentError, match="isn't JSON"):
                documents.load(path)

    assert documents.load(tmp_path / "web.txt", format="yaml").form == "distribution"
    assert documents.loads(flow, format="yaml", name="web").file == "web"
    assert documents.load(tmp_path / "web.yaml").file == str(tmp_path / "web.yaml")
    with pytest.raises(FileNotFoundError):
        documents.load(tmp_path / "none.yaml")

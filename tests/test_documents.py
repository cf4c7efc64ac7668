"""
Files: what is read, what is said about it and where, and what is written.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import imagebuilder_dist as ibd
from imagebuilder_dist import documents

from .shapes import ARN, CORPUS, EVERYTHING, manifest, request_class, request_document, response_document

ALL = manifest("accept", "reject-build", "reject-local", "reject-service", "unknown")
TEMPLATES = CORPUS / "cloudformation"
VERDICTS: list[dict[str, Any]] = json.loads((TEMPLATES / "manifest.json").read_text())
VALUES = {
    "AWS::AccountId": "111122223333",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "dr-stack",
    "RecoveryRegion": "us-west-2",
}
CREATE = ibd.CreateDistributionConfigurationRequest(
    name="web", distributions=[EVERYTHING], description="Web", tags={"team": "web"}, client_token="t"
)


def as_yaml(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def issues_of(text: str | bytes, **options: Any) -> list[str]:
    """What is wrong with a text, without its name."""
    with pytest.raises(ibd.DocumentError) as caught:
        documents.loads(text, **options)
    return [line.removeprefix("<text>:") for line in str(caught.value).splitlines()]


def ami_of(text: str, **options: Any) -> ibd.AmiDistributionConfiguration:
    """The AMI configuration of a text that holds one distribution, or a template."""
    ami = documents.loads(text, validate=False, **options).distributions[0].ami_distribution_configuration
    assert ami
    return ami


@pytest.mark.parametrize("name", manifest("accept", "reject-build"))
@pytest.mark.parametrize("write", [json.dumps, as_yaml])
def test_a_request_of_the_corpus_is_read(name: str, write: Any) -> None:
    raw = request_document(name)

    document = documents.loads(write(raw))

    assert document.content == ibd.from_boto3(raw, request_class(raw))
    assert document.request is document.content
    assert document.form == ("update" if "distributionConfigurationArn" in raw else "create")


@pytest.mark.parametrize("name", manifest("reject-local", "reject-service"))
def test_a_wrong_request_is_wrong_in_the_same_way_as_json_and_as_yaml(name: str) -> None:
    raw = request_document(name)
    found: list[list[tuple[str, str]]] = []
    for write in (json.dumps, as_yaml):
        with pytest.raises(ibd.DocumentError) as caught:
            documents.loads(write(raw))
        found.append([(issue.path, issue.rule) for issue in caught.value.issues])

    assert found[0] == found[1] != []


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: str(verdict["file"]))
@pytest.mark.parametrize("write", [json.dumps, as_yaml])
def test_a_template_of_the_corpus_means_what_it_says(verdict: dict[str, Any], write: Any) -> None:
    """
    What CloudFormation drops silently is an error.
    """
    path = TEMPLATES / verdict["file"]
    meant = json.loads(path.with_suffix(".api.json").read_text())
    text = write(json.loads(path.read_text()))
    if path.with_suffix(".effective.json").exists():
        with pytest.raises(ibd.DocumentError) as caught:
            documents.loads(text, parameters=VALUES, validate=False)

        assert {issue.rule for issue in caught.value.issues} == {"unknown-member"}
    else:
        content = documents.loads(text, parameters=VALUES, validate=False).content

        assert json.loads(documents.dumps(content, "json")) == meant


def test_keys_that_cloudformation_drops_are_found_at_their_places() -> None:
    with pytest.raises(ibd.DocumentError) as caught:
        documents.load(TEMPLATES / "120-dollar-instead-of-braces.json")

    assert [(issue.line, issue.column, issue.location[-1]) for issue in caught.value.issues] == [
        (9, 11, "name"),
        (10, 11, "description"),
        (11, 11, "amiTags"),
        (14, 11, "launchPermission"),
    ]
    assert caught.value.issues[3].message.endswith("did you mean 'LaunchPermissionConfiguration'?")


def test_every_issue_of_reading_and_of_validation_is_said_at_once() -> None:
    text = """\
name: web
distributions:
- region: us-west-2
  amiDistributionConfiguration:
    name: web
    kmsKey: alias/web
    targetAccountIds: [111122223333, 1234]
- region: us-west-2
  bogus: 1
- region: eu-west-1
  launchTemplateConfigurations: 5
"""
    assert issues_of(text) == [
        "5:11: error: distributions[0].amiDistributionConfiguration.name: must contain "
        "'{{ imagebuilder:buildDate }}' so that each build gets a new name; it is 'web' (str) [ami-name-build-date]",
        "6:5: error: distributions[0].amiDistributionConfiguration.kmsKey: is not a member of "
        "AmiDistributionConfiguration; did you mean 'kmsKeyId'? [unknown-member]",
        "7:38: error: distributions[0].amiDistributionConfiguration.targetAccountIds[1]: must be an account id of 12 "
        "digits, not '1234' (str); quote it, so that all digits are kept [pattern]",
        "8:11: error: distributions[1].region: must be unique, but 'us-west-2' is given twice; put all of a Region's "
        "settings into one distribution [region-unique]",
        "9:3: error: distributions[1].bogus: is not a member of Distribution; it has region, "
        "amiDistributionConfiguration, containerDistributionConfiguration, licenseConfigurationArns, "
        "launchTemplateConfigurations, s3ExportConfiguration, fastLaunchConfigurations, ssmParameterConfigurations "
        "[unknown-member]",
        "11:33: error: distributions[2].launchTemplateConfigurations: must be a list of LaunchTemplateConfiguration, "
        "not '5' (str) [type]",
    ]


def test_the_text_of_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text("region: us-west-2\namiDistributionConfiguration:\n  targetAccountIds: [no]\n")

    with pytest.raises(ibd.DocumentError) as caught:
        documents.load(path)

    assert str(caught.value) == (
        f"{path}:3:22: error: amiDistributionConfiguration.targetAccountIds[0]: "
        "must be an account id of 12 digits, not 'no' (str) [pattern]"
    )


@pytest.mark.parametrize(
    ("missing", "at"),
    [
        ('{"name": "web"}', "1:1: error: distributions: is required but missing [required]"),
        ('[{"kmsKeyId": "x"}, 5]', "1:2: error: [0].region: is required but missing [required]"),
        ("[\n  {}]", "2:3: error: [0].region: is required but missing [required]"),
        ('{"region": "x", "launchTemplateConfigurations":\n [{}]}', "2:3: error: launchTemplateConfigurations[0]"),
        ('{"region": "x", "containerDistributionConfiguration": {"targetRepository": {}}}', "1:76: error: containerD"),
    ],
)
def test_what_is_missing_is_said_of_what_lacks_it(missing: str, at: str) -> None:
    assert any(issue.startswith(at) for issue in issues_of(missing))


def test_what_surprises_in_the_build_is_a_warning_with_its_place() -> None:
    [warning] = documents.loads("region: us-wets-2\nssmParameterConfigurations: [{parameterName: /ami}]").warnings

    assert str(warning) == (
        "<text>:1:9: warning: region: isn't a Region that botocore knows; did you mean 'us-west-2'? [region-unknown]"
    )


def test_what_is_not_clear_makes_no_warning_elsewhere() -> None:
    """
    The account that gets the parameter may be among those that are given a second time.
    """
    text = f"""\
distributionConfigurationArn: {ARN}
distributions:
- region: us-west-2
  amiDistributionConfiguration: {{targetAccountIds: [444455556666], targetAccountIds: [111122223333]}}
  ssmParameterConfigurations: [{{parameterName: /ami, amiAccountId: "111122223333"}}]
"""
    [issue] = issues_of(text)

    assert issue.startswith(
        "4:68: error: distributions[0].amiDistributionConfiguration.targetAccountIds: is given twice"
    )


def test_validation_can_be_left_out() -> None:
    assert documents.loads('[{"region": "us-west-2"}]', validate=False).warnings == ()
    [issue] = issues_of('[{"region": "us-west-2"}, {"region": 5}]', validate=False)
    assert issue.startswith("1:38: error: [1].region: must be a str, not 5 (int)")


# What a file can hold.


def test_a_response_of_a_get_becomes_the_update_that_stores_it_again() -> None:
    raw = response_document("r01-get-2026-apiref.json")

    document = documents.loads(json.dumps(raw))

    stored = ibd.from_boto3(raw, ibd.DistributionConfiguration)
    assert document.form == "configuration"
    assert document.content == stored
    assert document.request == stored.to_request()
    assert document.distributions == stored.distributions


def test_a_setting_that_is_not_known_is_a_warning_in_a_response() -> None:
    raw = {"arn": ARN, "distributions": [{"region": "us-west-2", "kmsKeyIds": [], "brandNew": {}}]}
    text = json.dumps({"distributionConfiguration": {**raw, "name": "web"}}, indent=1)

    warnings = documents.loads(text, validate=False).warnings

    assert [(each.path, each.rule, each.line) for each in warnings] == [
        ("distributionConfiguration.distributions[0].kmsKeyIds", "unmodelled", 7),
        ("distributionConfiguration.distributions[0].brandNew", "unmodelled", 8),
    ]


def test_a_response_with_a_wrong_arn_is_wrong_at_its_arn() -> None:
    *_, issue = issues_of('{"name": "web",\n "arn": "x"}')

    assert issue.startswith("2:9: error: arn: must be an ARN such as ")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('[{"region": "us-west-2", "ssmParameterConfigurations": [{"parameterName": "/ami"}]}]', "distributions"),
        ("region: us-west-2\nssmParameterConfigurations: [{parameterName: /ami}]", "distribution"),
    ],
)
def test_distributions_alone_are_no_request(text: str, form: str) -> None:
    document = documents.loads(text)

    assert document.form == form
    assert document.content == document.distributions
    assert [each.region for each in document.distributions] == ["us-west-2"]
    with pytest.raises(ValueError, match=r"^<text> has neither a name nor an ARN, so it isn't a request; use dis"):
        _ = document.request


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "must be an object or a list of distributions, not '5' (str)"),
        ('"x"', "must be an object or a list of distributions, not 'x' (str)"),
        ('{"a": 1}', "is neither a request, a response, a distribution nor a CloudFormation template"),
        ('{"Resources": {}}', "must have one AWS::ImageBuilder::DistributionConfiguration; it has none"),
    ],
)
def test_anything_else_is_rejected(text: str, message: str) -> None:
    [issue] = issues_of(text)

    assert message in issue
    assert issue.endswith("[unrecognised]")


def test_a_list_is_no_template() -> None:
    assert issues_of("[]", format="cloudformation") == [
        "1:1: error: must be an object or a list of distributions, not [] (list) [unrecognised]"
    ]


# YAML's ways.


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.10", "1.10"),
        ("no", "no"),
        ("0x1F", "0x1F"),
        ("2026-01-01", "2026-01-01"),
        ("012345670123", "012345670123"),
        ("1_000", "1_000"),
        ("!!str 5", "5"),
        ("!!int '5'", "5"),
        ("'null'", "null"),
        ("<<", "<<"),
        ("=", "="),
        ("|\n    a\n    b", "a\nb\n"),
        ("web {{ imagebuilder:buildDate }}", "web {{ imagebuilder:buildDate }}"),
    ],
)
def test_a_scalar_in_a_strings_place_is_the_text_as_written(written: str, read: str) -> None:
    text = f"region: x\namiDistributionConfiguration:\n  description: {written}\n  amiTags:\n   1: {written}\n"

    ami = ami_of(text)

    assert (ami.description, ami.ami_tags) == (read, {"1": read})


@pytest.mark.parametrize(
    ("written", "read"),
    [("true", True), ("yes", True), ("Off", False), ("FALSE", False)],
)
def test_a_scalar_in_a_booleans_place_is_one(written: str, read: bool) -> None:
    text = f"region: x\nfastLaunchConfigurations: [{{enabled: {written}, maxParallelLaunches: 6}}]"

    [fast_launch] = documents.loads(text, validate=False).distributions[0].fast_launch_configurations

    assert fast_launch.enabled is read
    assert fast_launch.max_parallel_launches == 6


@pytest.mark.parametrize("written", ["010", "0x10", "1:30", "1_0", "6.0", "'6'", "1" * 5000, "no", "1e1"])
def test_a_number_that_readers_of_yaml_take_differently_is_none(written: str) -> None:
    text = f"region: us-west-2\nfastLaunchConfigurations: [{{enabled: true, maxParallelLaunches: {written}}}]"

    [issue] = issues_of(text)

    assert issue.startswith("2:65: error: fastLaunchConfigurations[0].maxParallelLaunches: must be an int, not ")


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("", ["1:1: error: is empty [syntax]"]),
        ("# nothing", ["1:1: error: is empty [syntax]"]),
        (
            "region: us-west-2\namiDistributionConfiguration:\n  name: {{ imagebuilder:buildDate }}",
            ["3:9: error: amiDistributionConfiguration.name: is a mapping to YAML; put it into quotes: "
             '"{{ imagebuilder:buildDate }}" [syntax]'],
        ),
        (
            "name: {{ imagebuilder:buildDate }}-web",
            ["1:35: error: isn't YAML: while parsing a block mapping, did not find expected key; "
             "a value that begins with {{ needs quotes [syntax]"],
        ),
        (
            "{% if x %}\nname: web",
            ["1:2: error: isn't YAML: while scanning for the next token, found character that cannot start any token; "
             "templates have to be rendered first [syntax]"],
        ),
        (
            "name: web\ndistributions:\n\t- region: x",
            ["3:1: error: isn't YAML: while scanning for the next token, found character that cannot start any token; "
             "indent with spaces, not tabs [syntax]"],
        ),
        ("region: x\n---\nregion: y", ["2:1: error: isn't YAML: there is a second document; a file has one [syntax]"]),
        ("region: é\x01", ["1:10: error: isn't YAML: control characters are not allowed [syntax]"]),
        ("kms: 1\nregion: [x]\ndistributions: []",
         ["1:1: error: kms: is not a member of CreateDistributionConfigurationRequest; it has name, distributions, "
          "description, tags, clientToken, dryRun [unknown-member]",
          "1:1: error: name: is required but missing [required]",
          "2:1: error: region: is not a member of CreateDistributionConfigurationRequest; it belongs to Distribution "
          "[unknown-member]"]),
        ("region: *x", ["1:9: error: isn't YAML: found undefined alias [syntax]"]),
        ("- &a [*a]", ["1:3: error: contains itself, by an alias [syntax]"]),
        ("- " * 101 + "x", ["1:201: error: is nested more than 100 levels deep [syntax]"]),
        ("[" * 101, ["1:102: error: isn't JSON: Expecting value [syntax]"]),
        ("region: x\nregion: y\nssmParameterConfigurations: [{parameterName: /a}]",
         ["2:1: error: region: is given twice, first in line 1 [duplicate-key]"]),
        ("region: !!binary aGk=\nssmParameterConfigurations: [{parameterName: /a}]",
         ["1:9: error: region: has the tag 'tag:yaml.org,2002:binary', which means nothing here [tag]"]),
        ("region: !!set {x}\nssmParameterConfigurations: [{parameterName: /a}]",
         ["1:9: error: region: has the tag 'tag:yaml.org,2002:set', which means nothing here [tag]"]),
        ("region: !Ref x\nssmParameterConfigurations: [{parameterName: /a}]",
         ["1:9: error: region: must be a str, not {'Ref': 'x'} (dict) [type]"]),
        ("region: us-west-2\n<<: [5]\nssmParameterConfigurations: [{parameterName: /a}]",
         ["2:6: error: can't be merged: it isn't a mapping [syntax]"]),
        ("region: us-west-2\n? [a]\n: b\nssmParameterConfigurations: [{parameterName: /a}]",
         ["2:3: error: has a key that isn't a string [syntax]"]),
        ("region:\nssmParameterConfigurations: [{parameterName: /a}]",
         ["1:8: error: region: must be a str, not None [type]"]),
    ],
)  # fmt: skip
def test_what_yaml_can_hold_is_read_right_or_rejected(text: str, issues: list[str]) -> None:
    assert issues_of(text) == issues


def test_deep_nesting_in_flow_style_is_rejected() -> None:
    [issue] = issues_of("x: " + "[" * 100_000)

    assert "nest" in issue


def test_aliases_and_merge_keys_are_followed() -> None:
    text = """\
- &west
  region: us-west-2
  amiDistributionConfiguration: &ami
    description: all
    targetAccountIds: &accounts [111122223333]
- <<: [*west, {region: lost}]
  region: eu-west-1
  amiDistributionConfiguration: {<<: *ami, targetAccountIds: *accounts, description: some}
"""
    west, east = documents.loads(text).distributions

    ami = west.ami_distribution_configuration
    assert ami == ibd.AmiDistributionConfiguration(description="all", target_account_ids=["111122223333"])
    assert east.region == "eu-west-1"
    assert east.ami_distribution_configuration == ibd.AmiDistributionConfiguration(
        description="some", target_account_ids=["111122223333"]
    )


def test_a_wrong_value_under_a_merge_key_is_found_where_it_is_written() -> None:
    text = "- &west {region: us-west-2, kms: 1}\n- <<: *west\n  region: us-east-1"

    assert [issue.split(":")[0:2] for issue in issues_of(text) if "kms" in issue] == [["1", "29"], ["1", "29"]]


def test_of_several_that_are_merged_the_first_one_counts() -> None:
    text = "<<: [{region: us-west-2}, {region: eu-west-1}]\nssmParameterConfigurations: [{parameterName: /ami}]"

    assert [each.region for each in documents.loads(text).distributions] == ["us-west-2"]


def test_a_mapping_that_merges_itself_merges_nothing() -> None:
    text = "- &west {region: us-west-2, <<: *west, ssmParameterConfigurations: [{parameterName: /ami}]}"

    assert [each.region for each in documents.loads(text).distributions] == ["us-west-2"]


def test_aliases_that_make_millions_of_values_are_rejected() -> None:
    accounts = ", ".join(["111122223333"] * 1000)
    users = f"&u {{targetAccountIds: [{accounts}]}}"
    text = f"- {{region: x, amiDistributionConfiguration: {users}}}\n" + (
        "- {region: x, amiDistributionConfiguration: *u}\n" * 1000
    )

    assert issues_of(text) == ["1:1: error: has more than 1,000,000 values, aliases included [too-large]"]


def test_tags_that_aliases_multiply_are_rejected() -> None:
    tags = ", ".join(f"k{number}: v" for number in range(2000))
    text = f"- {{region: x, amiDistributionConfiguration: &u {{amiTags: {{{tags}}}}}}}\n" + (
        "- {region: x, amiDistributionConfiguration: *u}\n" * 1000
    )

    assert issues_of(text) == ["1:1: error: has more than 1,000,000 values, aliases included [too-large]"]


def test_merge_keys_that_make_millions_of_keys_are_rejected() -> None:
    keys = ", ".join(f"k{number}: v" for number in range(2000))
    text = f"- &u {{{keys}}}\n- <<: [{', '.join(['*u'] * 1000)}]"

    assert issues_of(text) == ["2:3: error: merges more than 1,000,000 keys [too-large]"]


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    monkeypatch.delattr(yaml, "CSafeDumper", raising=False)
    monkeypatch.delitem(sys.modules, "imagebuilder_dist._documents.yaml_text", raising=False)

    created = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING], description="a\x85b")
    assert documents.loads(documents.dumps(created, "yaml")).content == created
    assert issues_of("region: é\x01") == ["1:10: error: isn't YAML: special characters are not allowed [syntax]"]
    assert issues_of("x: " + "[" * 10_000) == ["1:1: error: is nested too deeply [too-large]"]


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "imagebuilder_dist._documents.yaml_text", raising=False)

    for call in (lambda: documents.loads("a: b"), lambda: documents.dumps(CREATE, "yaml")):
        with pytest.raises(ibd.ConfigurationError, match=r"isn't installed; pip install 'imagebuilder_dist\[yaml\]'"):
            call()
    assert documents.loads(documents.dumps(CREATE, "json")).content == CREATE


# JSON's ways.


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ('{"name": 3', ["1:11: error: isn't JSON: Expecting ',' delimiter [syntax]"]),
        ('{\r\n "name":\r "x",,}',
         ["3:6: error: isn't JSON: Expecting property name enclosed in double quotes [syntax]"]),
        ("[" * 100_000, ["1:1: error: is nested too deeply [too-large]"]),
        ('[{"region": "x",\n  "region": "us-west-2", "ssmParameterConfigurations": [{"parameterName": "/a"}]}]',
         ["2:3: error: [0].region: is given twice, first in line 1 [duplicate-key]"]),
        ('{"region": NaN, "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be a str, not nan (float); quote it, so that all digits are kept [type]"]),
        ('{"region": ' + "1" * 5000 + ', "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be a str, not inf (float); quote it, so that all digits are kept [type]"]),
        ('{"region": true, "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be a str, not True (bool) [type]"]),
        ('{"region": "us-west-2", "amiDistributionConfiguration": {"amiTags": {"a\\"b\\u00e9": 1, "aws:x": "y"}}}',
         ["1:84: error: amiDistributionConfiguration.amiTags['a\"bé']: must be a str, not 1 (int); quote it, so that "
          "all digits are kept [type]"]),
        ('{"region": "us-west-2", "amiDistributionConfiguration": {"amiTags": {"aws:x": "y"}}}',
         ["1:70: error: amiDistributionConfiguration.amiTags.aws:x: must be letters, digits, white space and "
          "_ . : / = + - @, and not begin with `aws:`, not 'aws:x' (str) [pattern]"]),
        ('{"region": "\\ud800", "ssmParameterConfigurations": [{"parameterName": "/a"}]}',
         ["1:12: error: region: must be text, but '\\ud800' at position 0 is half of a surrogate pair [encoding]"]),
    ],
)  # fmt: skip
def test_what_json_can_hold_is_read_right_or_rejected(text: str, issues: list[str]) -> None:
    assert [issue for issue in issues_of(text) if ": warning: " not in issue] == issues


def test_deep_nesting_below_an_unknown_key_is_said_of_the_key() -> None:
    text = '{"region": "x", "y": ' + "[" * 500 + "]" * 500 + "}"

    assert any(issue.startswith("1:17: error: y: is not a member of Distribution") for issue in issues_of(text))


# Bytes.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("write", ["json", "yaml"])
def test_a_file_is_read_in_any_encoding_of_unicode(tmp_path: Path, encoding: str, newline: str, write: Any) -> None:
    path = tmp_path / f"web.{write}"
    wanted = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING], description="é🎉")
    path.write_bytes(documents.dumps(wanted, write).replace("\n", newline).encode(encoding))

    assert documents.load(path).content == wanted


def test_a_byte_order_mark_is_no_part_of_a_text() -> None:
    assert documents.loads("\ufeff" + documents.dumps(CREATE, "json")).content == CREATE
    assert issues_of("\ufeffa: b: c")[0].startswith("1:5: error: isn't YAML")


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (b"name: \xc3\xa9\n  \xff", "2:3: error: isn't utf-8 [encoding]"),
        (b"\xff\xfea\x00\x00", "1:2: error: isn't utf-16-le [encoding]"),
        ("name: é\n \ud800", "2:2: error: isn't text: '\\ud800' is half of a character [encoding]"),
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
            with pytest.raises(ibd.DocumentError, match="isn't JSON"):
                documents.load(path)

    assert documents.load(tmp_path / "web.txt", format="yaml").form == "distribution"
    assert documents.loads(flow, format="yaml", name="web").file == "web"
    assert documents.load(tmp_path / "web.yaml").file == str(tmp_path / "web.yaml")
    with pytest.raises(FileNotFoundError):
        documents.load(tmp_path / "none.yaml")


# CloudFormation.

TEMPLATE = """\
Parameters:
  Accounts: {Type: CommaDelimitedList, Default: "111122223333, 012345670123"}
  Key: {Type: String, Default: 5}
  Nothing: {Type: String}
  Odd: 5
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Odd: 5
  Web:
    Type: AWS::ImageBuilder::DistributionConfiguration
    Properties:
      Name: web
      Description: !Ref AWS::NoValue
      Tags: {team: !Ref Team, cost: 5}
      Distributions:
        - Region: !Ref AWS::Region
          AmiDistributionConfiguration:
            Name: !Sub "web ${AWS::Partition} ${!x} {{ imagebuilder:buildDate }}"
            Description: !Sub ["${A} ${Host.Id}", {A: !ImportValue shared}]
            KmsKeyId: !GetAtt Key.Arn
            TargetAccountIds: !Ref Accounts
            LaunchPermissionConfiguration:
              UserIds: [!Ref AWS::AccountId, 012345670123]
          FastLaunchConfigurations: [{Enabled: "true", MaxParallelLaunches: "6"}]
"""
GIVEN = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-west-2",
    "Host.Id": "h",
    "Key.Arn": "alias/web",
    "Team": "web",
    "shared": "Web",
}


def test_a_template_is_read_with_values_for_its_references() -> None:
    document = documents.loads(TEMPLATE, parameters=GIVEN, validate=False)

    assert document.form == "cloudformation"
    assert json.loads(documents.dumps(document.content, "json")) == {
        "name": "web",
        "tags": {"team": "web", "cost": "5"},
        "distributions": [
            {
                "region": "us-west-2",
                "amiDistributionConfiguration": {
                    "name": "web aws ${x} {{ imagebuilder:buildDate }}",
                    "description": "Web h",
                    "kmsKeyId": "alias/web",
                    "targetAccountIds": ["111122223333", "012345670123"],
                    "launchPermission": {"userIds": ["111122223333", "012345670123"]},
                },
                "fastLaunchConfigurations": [{"enabled": True, "maxParallelLaunches": 6}],
            }
        ],
    }


def test_every_reference_without_a_value_is_said_at_its_place() -> None:
    assert issues_of(TEMPLATE) == [
        f"{place}: error: Resources.Web.Properties.{path}: needs a value for '{name}', to be given in parameters "
        "[unresolved]"
        for place, path, name in [
            ("14:20", "Tags.team", "Team"),
            ("16:19", "Distributions[0].Region", "AWS::Region"),
            ("18:19", "Distributions[0].AmiDistributionConfiguration.Name", "AWS::Partition"),
            ("19:26", "Distributions[0].AmiDistributionConfiguration.Description", "shared"),
            ("20:23", "Distributions[0].AmiDistributionConfiguration.KmsKeyId", "Key.Arn"),
            (
                "23:25",
                "Distributions[0].AmiDistributionConfiguration.LaunchPermissionConfiguration.UserIds[0]",
                "AWS::AccountId",
            ),
        ]
    ]


def test_a_default_of_a_template_is_a_string() -> None:
    resource = {
        "Type": "AWS::ImageBuilder::DistributionConfiguration",
        "Properties": {"Name": {"Ref": "Number"}, "Distributions": []},
    }
    template = {"Parameters": {"Number": {"Type": "Number", "Default": 500}}, "Resources": {"Web": resource}}

    assert documents.loads(json.dumps(template), validate=False).request == ibd.CreateDistributionConfigurationRequest(
        name="500", distributions=[]
    )


def test_a_text_with_commas_is_a_list_in_a_lists_place() -> None:
    text = """\
Name: web
Distributions: [{Region: x, AmiDistributionConfiguration: {TargetAccountIds: "111122223333,444455556666"}}]
"""

    assert ami_of(text).target_account_ids == ("111122223333", "444455556666")


def described_by(function: object, **parameters: Any) -> str | None:
    """What a description of a template says that calls a function."""
    ami = {"Description": function}
    properties = {"Name": "web", "Distributions": [{"Region": "x", "AmiDistributionConfiguration": ami}]}
    return ami_of(json.dumps(properties), parameters=parameters).description


@pytest.mark.parametrize(
    ("function", "described"),
    [
        ({"Ref": "A"}, "a"),
        ({"Fn::GetAtt": ["A", "B"]}, "b"),
        ({"Fn::GetAtt": "A.B"}, "b"),
        ({"Fn::ImportValue": {"Fn::Sub": "${A}"}}, "c"),
        ({"Fn::Sub": "{{ imagebuilder:buildDate }} ${ A } $A"}, "{{ imagebuilder:buildDate }} a $A"),
        ({"Fn::Sub": ["${A} ${B}", {"B": {"Ref": "A"}}]}, "a a"),
        ({"Fn::Sub": ["${A}"]}, "a"),
        (5, "5"),
        (False, "false"),
    ],
)
def test_a_plain_substitution_is_resolved(function: object, described: str) -> None:
    assert described_by(function, **{"A": "a", "A.B": "b", "a": "c"}) == described


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ({"Fn::Join": ["", []]}, "calls 'Fn::Join', which can't be resolved here: write the value, or use Ref"),
        ({"Ref": 5}, "calls 'Ref', which can't be resolved here"),
        ({"Fn::GetAtt": [5]}, "calls 'Fn::GetAtt', which can't be resolved here"),
        ({"Fn::ImportValue": 5}, "calls 'Fn::ImportValue', which can't be resolved here"),
        ({"Fn::Sub": 5}, "must have a text, or a list of a text and its variables, in Fn::Sub"),
        ({"Fn::Sub": ["x", 5]}, "must have a text, or a list of a text and its variables, in Fn::Sub"),
        ({"Fn::Sub": "${L}"}, "has a list, 'L', in a text"),
        ({"Ref": "L"}, "must be a str, not ['a'] (list)"),
        ({"a": "b", "c": "d"}, "must be a str, not {'a': 'b', 'c': 'd'} (dict)"),
    ],
)
def test_what_takes_more_than_to_substitute_is_rejected(function: object, message: str) -> None:
    with pytest.raises(ibd.DocumentError) as caught:
        described_by(function, L=["a"])

    [issue] = caught.value.issues
    assert issue.message.startswith(message)
    assert issue.path == "Distributions[0].AmiDistributionConfiguration.Description"


def test_one_of_several_resources_is_read_by_its_name() -> None:
    def resource(name: str) -> dict[str, Any]:
        request = ibd.CreateDistributionConfigurationRequest(name=name, distributions=[])
        return documents.to_cloudformation(request)

    text = json.dumps({"Resources": {"A": resource("one"), "B": resource("two"), "C": {"Type": "X"}}})

    content = documents.loads(text, resource="B", validate=False).content
    assert content == ibd.CreateDistributionConfigurationRequest(name="two", distributions=[])
    assert issues_of(text) == [
        "1:15: error: Resources: must have one AWS::ImageBuilder::DistributionConfiguration; it has 'A', 'B'; "
        "say which resource to read [unrecognised]"
    ]
    assert issues_of(text, resource="C") == [
        "1:15: error: Resources: has no AWS::ImageBuilder::DistributionConfiguration called 'C'; it has 'A', 'B' "
        "[unrecognised]"
    ]


@pytest.mark.parametrize("properties", [{}, {"Properties": {}}, {"Properties": []}])
def test_a_resource_without_properties_lacks_them(properties: dict[str, Any]) -> None:
    resource = {"Type": "AWS::ImageBuilder::DistributionConfiguration", **properties}

    assert issues_of(json.dumps({"Resources": {"Web": resource}}))
    assert issues_of(json.dumps(resource))


def test_tags_as_a_list_are_rejected_in_a_resource() -> None:
    text = '{"Name": "web", "Tags": [{"Key": "a", "Value": "b"}],\n"Distributions": []}'

    assert issues_of(text, validate=False) == [
        "1:25: error: Tags: must be a map of keys and values here, not a list of Key and Value [type]"
    ]


def test_the_apis_spelling_is_rejected_in_a_resource() -> None:
    text = '{"name": "web", "distributions": []}'

    issues = issues_of(text, format="cloudformation")

    assert [issue.split(" ", 2)[2] for issue in issues[-2:]] == [
        "name: isn't a property here, and would be lost; did you mean 'Name'? [unknown-member]",
        "distributions: isn't a property here, and would be lost; did you mean 'Distributions'? [unknown-member]",
    ]


def test_twenty_thousand_wrong_keys_are_reported_in_a_second() -> None:
    """
    The first 20 come with a suggestion.
    """
    keys = {f"k{number}": 1 for number in range(20_000)}

    for text in (json.dumps([{"region": "us-west-2", **keys}]), json.dumps({"Distributions": [], "Name": "w", **keys})):
        issues = issues_of(text)

        assert len(issues) >= 20_000
        assert sum("it has" in issue for issue in issues) == 20


def test_a_property_like_none_is_told_what_there_is() -> None:
    [issue] = issues_of('{"Name": "web", "Distributions": [], "Zzz": 1}', validate=False)

    assert issue.endswith("would be lost; it has Name, Distributions, Description, Tags [unknown-member]")


# Writing.


@pytest.mark.parametrize("syntax", ["json", "yaml"])
@pytest.mark.parametrize(
    "content",
    [
        CREATE,
        ibd.UpdateDistributionConfigurationRequest(distribution_configuration_arn=ARN, distributions=[EVERYTHING]),
        ibd.DistributionConfiguration(arn=ARN, name="web", distributions=[EVERYTHING], tags={"aws:x": "y"}),
        (EVERYTHING,),
    ],
    ids=lambda content: type(content).__name__,
)
def test_what_is_written_is_read_back(tmp_path: Path, syntax: str, content: documents.Content) -> None:
    path = tmp_path / f"web.{syntax}"

    documents.dump(content, path)

    assert documents.load(path).content == content
    assert [*tmp_path.iterdir()] == [path]


def test_numbers_are_quoted_in_yaml() -> None:
    """
    `0o17`, `1e3` and `08` are numbers to some readers of YAML, and strings to PyYAML.
    """
    tags = {"a": "012345678901", "b": "1e3", "c": "0o17", "d": "+1", "e": ".5", "f": "no"}
    distribution = ibd.Distribution(
        region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration(ami_tags=tags)
    )

    text = documents.dumps((distribution,), "yaml")

    assert text == (
        "- region: us-west-2\n  amiDistributionConfiguration:\n    amiTags:\n"
        """      a: "012345678901"\n      b: "1e3"\n      c: "0o17"\n      d: "+1"\n      e: ".5"\n      f: 'no'\n"""
    )


def test_a_request_id_is_not_written() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN, request_id="r")

    assert json.loads(documents.dumps(stored, "json")) == {"arn": ARN}


def test_a_file_that_is_replaced_keeps_its_permissions_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "web.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)

    documents.dump(CREATE, link)

    assert link.is_symlink()
    assert documents.load(path).content == CREATE
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_can_not_be_written_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "web.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fail)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no"):
        documents.dump(CREATE, path)

    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_half_of_a_character_is_not_written(tmp_path: Path) -> None:
    broken = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[], tags={"\ud800": "x"})

    for syntax in ("json", "yaml"):
        with pytest.raises(ibd.ValidationError, match="half of a character"):
            documents.dump(broken, tmp_path / f"web.{syntax}")
    assert [*tmp_path.iterdir()] == []


def test_a_format_that_is_not_clear_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^give a format: the name 'web' ends in none of \.json, \.yaml, \.yml$"):
        documents.dump(CREATE, tmp_path / "web")
    with pytest.raises(ValueError, match=r"^format must be json, yaml or cloudformation, not 'toml'$"):
        documents.dumps(CREATE, "toml")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_a_create_becomes_a_resource() -> None:
    request = ibd.CreateDistributionConfigurationRequest(
        name="web",
        distributions=[
            ibd.Distribution(
                region="us-west-2",
                ami_distribution_configuration=ibd.AmiDistributionConfiguration(
                    ami_tags={"team": "web"},
                    launch_permission=ibd.LaunchPermissionConfiguration(user_ids=["012345670123"]),
                ),
                launch_template_configurations=[
                    ibd.LaunchTemplateConfiguration(launch_template_id="lt-0123456789abcdef0")
                ],
            )
        ],
        tags={"team": "web"},
        client_token="t",
    )

    assert documents.to_cloudformation(request) == {
        "Type": "AWS::ImageBuilder::DistributionConfiguration",
        "Properties": {
            "Name": "web",
            "Distributions": [
                {
                    "Region": "us-west-2",
                    "AmiDistributionConfiguration": {
                        "AmiTags": {"team": "web"},
                        "LaunchPermissionConfiguration": {"UserIds": ["012345670123"]},
                    },
                    "LaunchTemplateConfigurations": [{"LaunchTemplateId": "lt-0123456789abcdef0"}],
                }
            ],
            "Tags": {"team": "web"},
        },
    }


def test_what_is_stored_becomes_a_resource_without_awss_own_tags() -> None:
    stored = ibd.DistributionConfiguration(arn=ARN, name="web", tags={"a": "b", "aws:cloudformation:stack-name": "s"})

    assert documents.to_cloudformation(stored)["Properties"] == {
        "Name": "web",
        "Distributions": [],
        "Tags": {"a": "b"},
    }


def test_an_export_has_no_place_in_a_resource() -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        documents.dumps(CREATE, "cloudformation")

    assert str(caught.value) == (
        "1 problem in web:\n  distributions[0].s3ExportConfiguration: has no place in CloudFormation, whose resource "
        "can't export to S3"
    )


@pytest.mark.parametrize("content", [(), ibd.DistributionConfiguration(arn=ARN)])
def test_a_resource_needs_a_name(content: documents.Content) -> None:
    with pytest.raises(
        TypeError, match=r"^to_cloudformation takes a create or a stored configuration with a name, not "
    ):
        documents.to_cloudformation(content)

"""
What is reported about an invalid file, and where.
"""

from pathlib import Path

import pytest

from imagebuilder_dist import documents
from tests.documents.samples import found_in, issues_of


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
        "'{{ imagebuilder:buildDate }}' so that each build gets a new name; it is 'web' (string) [ami-name-build-date]",
        "6:5: error: distributions[0].amiDistributionConfiguration.kmsKey: is not a member of "
        "AmiDistributionConfiguration; did you mean 'kmsKeyId'? [unknown-member]",
        "7:38: error: distributions[0].amiDistributionConfiguration.targetAccountIds[1]: must be an account id of 12 "
        "digits, not '1234' (string); it has 4: leading zeros may be missing [pattern]",
        "8:11: error: distributions[1].region: must be unique, but item [0] has 'us-west-2', too; put all of a "
        "Region's settings into one distribution [region-unique]",
        "9:3: error: distributions[1].bogus: is not a member of Distribution; it has region, "
        "amiDistributionConfiguration, containerDistributionConfiguration, licenseConfigurationArns, "
        "launchTemplateConfigurations, s3ExportConfiguration, fastLaunchConfigurations, ssmParameterConfigurations "
        "[unknown-member]",
        "11:33: error: distributions[2].launchTemplateConfigurations: must be a list of LaunchTemplateConfiguration, "
        "not '5' (string) [type]",
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            """\
name: w
description: ""
distributions:
- region: [us-west-2]
  amiDistributionConfiguration: {name: web}
- 5
- {}
- region: us-west-2
  ssmParameterConfigurations:
  - bogus: 1
  - {parameterName: "a b"}
tags: {a: [], "aws:b": c}
""",
            "1:7 pattern, 2:14 min, 4:11 type, 5:40 ami-name-build-date, 6:3 type, 7:3 required, 10:5 unknown-member, "
            "10:5 required, 11:21 pattern, 12:11 type, 12:15 pattern",
        ),
        (
            """\
Name: w
Distributions:
- Region: !Ref AWS::Region
  AmiDistributionConfiguration: {Name: web, KmsKeyId: !Ref Key}
- Region: us-west-2
  AmiDistributionConfiguration: !If [A, B, C]
  LicenseConfigurationArns: [!Ref License, x]
- !If [A, B, C]
""",
            "1:7 pattern, 3:11 unresolved, 4:40 ami-name-build-date, 4:55 unresolved, 6:33 unresolved, "
            "7:30 unresolved, 7:44 pattern",
        ),
        ('{"distributionConfiguration": {"foo": 1}}', "1:31 required, 1:31 empty-distributions, 1:39 unmodelled"),
    ],
)
def test_what_can_not_be_read_hides_nothing_else(text: str, places: str) -> None:
    """
    Its siblings, other items and the request's own members are validated in the same run.
    """
    assert ", ".join(f"{issue.line}:{issue.column} {issue.rule}" for issue in found_in(text)) == places


def test_the_text_of_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text("region: us-west-2\namiDistributionConfiguration:\n  targetAccountIds: [no]\n")

    with pytest.raises(documents.DocumentError) as caught:
        documents.load(path)

    assert str(caught.value) == (
        f"{path}:3:22: error: amiDistributionConfiguration.targetAccountIds[0]: "
        "must be an account id of 12 digits, not 'no' (string) [pattern]"
    )


@pytest.mark.parametrize(
    ("text", "locations"),
    [
        ('{"name": "w", "distributions": [{"region": 5}]}', [("name",), ("distributions", 0, "region")]),
        ('[{"region": 5}]', [(0, "region")]),
        ("region: [x]", [("region",)]),
        (
            "Resources: {Web: {Type: AWS::ImageBuilder::DistributionConfiguration, Properties: {Name: !Ref A, Tags: "
            "{Team: []}, Distributions: [{Region: x, Region: x, AmiDistributionConfiguration: "
            "{LaunchPermissionConfiguration: 5, kmsKeyId: x}}]}}}",
            [
                ("name",),
                ("tags", "Team"),
                ("distributions", 0, "region"),
                ("distributions", 0, "amiDistributionConfiguration", "launchPermission"),
                ("distributions", 0, "amiDistributionConfiguration", "KmsKeyId"),
            ],
        ),
    ],
)
def test_a_location_is_that_in_the_content_in_the_apis_names(text: str, locations: list[tuple[str | int, ...]]) -> None:
    found = [issue.location for issue in found_in(text) if issue.severity == "error"]
    assert [each for each in found if each not in {(), (0,), ("distributions", 0)}] == locations


def test_what_surprises_in_the_build_is_a_warning_with_its_place() -> None:
    [warning] = documents.loads("region: us-wets-2\nssmParameterConfigurations: [{parameterName: /ami}]").warnings

    assert str(warning) == (
        "<text>:1:9: warning: region: isn't a Region that botocore knows; did you mean 'us-west-2'? [region-unknown]"
    )


def test_validation_can_be_left_out() -> None:
    assert documents.loads('[{"region": "us-west-2"}]', validate=False).warnings == ()
    [issue] = issues_of('[{"region": "us-west-2"}, {"region": 5}]', validate=False)
    assert issue.startswith("1:38: error: [1].region: must be a string, not 5 (integer)")


@pytest.mark.parametrize(
    ("member", "written", "message"),
    [
        (
            "targetAccountIds",
            "[12345670123]",
            "must be a string, not 12345670123 (integer); quote it, with all 12 digits",
        ),
        (
            "targetAccountIds",
            '["12345670123"]',
            "must be an account id of 12 digits, not '12345670123' (string); it has 11: leading zeros may be missing",
        ),
        ("targetAccountIds", '["1111-2222-3333"]', "must be an account id of 12 digits, not '1111-2222-3333' (string)"),
        ("targetAccountIds", "[true]", "must be a string, not True (boolean)"),
        ("targetAccountIds", '"1"', "must be a list of strings, not '1' (string); wrap it in a list: [...]"),
        ("kmsKeyId", "5", "must be a string, not 5 (integer)"),
        ("amiTags", '{"cost": 5}', "must be a string, not 5 (integer)"),
    ],
)
def test_only_an_account_id_is_told_to_be_quoted(member: str, written: str, message: str) -> None:
    """
    For other strings, quotes wouldn't help, or only the user knows what was meant.
    """
    text = f'{{"region": "us-west-2", "amiDistributionConfiguration": {{"{member}": {written}}}}}'

    [issue] = found_in(text)

    assert issue.message == message


def test_thousands_of_wrong_keys_are_reported_in_seconds() -> None:
    keys = ", ".join(f'"k{number}": 1' for number in range(5_000))

    for text in (f'[{{"region": "us-west-2", {keys}}}]', f'{{"Distributions": [], "Name": "w", {keys}}}'):
        assert len(found_in(text)) >= 5_000


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        (
            '[{"region": "us-west-2", "amiDistribution": {"targetAccountIds": ["5"]}}]',
            "[0].amiDistribution.targetAccountIds[0]",
        ),
        ("distributions: []\nnam: [5]", "nam"),
        (
            '{"Name": "web", "Distributions": [{"Region": "x", "AmiDistribution": {"KmsKey": []}}]}',
            "Distributions[0].AmiDistribution.KmsKey",
        ),
    ],
)
def test_what_is_in_a_misspelt_member_is_checked_as_what_was_meant(text: str, inner: str) -> None:
    rules = {issue.rule for issue in documents.check(text) if issue.path == inner}

    assert rules - {"unknown-member"} in ({"type"}, {"pattern"})


def test_a_number_in_a_misspelt_member_of_yaml_is_a_number() -> None:
    text = "{region: us-west-2, fastLaunchConfigurations: [{enabled: true, maxParallelLaunch: 6}]}"

    assert [issue.rule for issue in documents.check(text, format="yaml")] == ["unknown-member"]

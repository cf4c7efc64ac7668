"""
Templates and resources of CloudFormation.
"""

import json
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import ami_of, issues_of

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
    assert json.loads(documents.dumps(document.content, format="json")) == {
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
    assert [issue for issue in issues_of(TEMPLATE) if ": error: " in issue] == [
        f"{place}: error: Resources.Web.Properties.{path}: needs a value for '{name}': give it as a parameter "
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


def test_only_a_parameter_is_split_at_commas() -> None:
    """
    CloudFormation rejects a string in a list's place.
    """
    text = "Name: web\nDistributions: [{Region: x, AmiDistributionConfiguration: {TargetAccountIds: %s}}]"

    assert ami_of(text % "!Ref A", parameters={"A": "1,2 , 3"}).target_account_ids == ("1", "2", "3")
    [issue] = issues_of(text % "'1,2'", validate=False)
    assert "TargetAccountIds: must be a list of str, not '1,2' (str)" in issue


def described_by(function: object, **parameters: Any) -> str | None:
    """Read a template whose description calls a function, and return the description."""
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
        ({"Fn::Sub": 5}, "must pass a string, or a list of a string and its variables, to Fn::Sub"),
        ({"Fn::Sub": ["x", 5]}, "must pass a string, or a list of a string and its variables, to Fn::Sub"),
        ({"Fn::Sub": "${L}"}, "inserts 'L' into a string, but its value is a list"),
        ({"Ref": "L"}, "must be a str, not ['a'] (list)"),
        ({"a": "b", "c": "d"}, "must be a str, not {'a': 'b', 'c': 'd'} (dict)"),
    ],
)
def test_what_takes_more_than_to_substitute_is_rejected(function: object, message: str) -> None:
    with pytest.raises(documents.DocumentError) as caught:
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
        "choose the resource to read [unrecognised]"
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

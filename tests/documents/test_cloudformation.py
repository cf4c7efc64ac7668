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


@pytest.mark.parametrize(("default", "name"), [(500, "500"), (True, "true"), ("web", "web")])
def test_a_default_of_a_template_is_a_string(default: object, name: str) -> None:
    resource = {
        "Type": "AWS::ImageBuilder::DistributionConfiguration",
        "Properties": {"Name": {"Ref": "A"}, "Distributions": []},
    }
    template = {"Parameters": {"A": {"Default": default}}, "Resources": {"Web": resource}}

    assert documents.loads(json.dumps(template), validate=False).request == ibd.CreateDistributionConfigurationRequest(
        name=name, distributions=[]
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


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ('{"Name": "web", "Tags": [{"Key": "a", "Value": "b"}],\n"Distributions": []}',
         ["1:25: error: Tags: must be a map of keys and values here, not a list of Key and Value [type]"]),
        ('{"Name": "web", "Distributions": [], "Zzz": 1}',
         ["1:38: error: Zzz: isn't a property here, and would be lost; it has Name, Distributions, Description, Tags "
          "[unknown-member]"]),
        ('{"name": "web", "distributions": []}',
         ["1:1: error: Distributions: is required but missing [required]",
          "1:1: error: Name: is required but missing [required]",
          "1:2: error: name: isn't a property here, and would be lost; did you mean 'Name'? [unknown-member]",
          "1:17: error: distributions: isn't a property here, and would be lost; did you mean 'Distributions'? "
          "[unknown-member]"]),
        ('{"Name": "w", "Distributions":\n[{"Region": "x", "AmiDistributionConfiguration": {"launchPermission": 1}}]}',
         ["2:51: error: Distributions[0].AmiDistributionConfiguration.launchPermission: isn't a property here, and "
          "would be lost; did you mean 'LaunchPermissionConfiguration'? [unknown-member]"]),
    ],
)  # fmt: skip
def test_what_cloudformation_does_not_know_is_an_error_at_its_place(text: str, issues: list[str]) -> None:
    found = issues_of(text, format="cloudformation", validate=False)

    assert sorted(found) == sorted(issues)

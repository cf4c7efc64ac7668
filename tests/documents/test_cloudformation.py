"""
Templates and resources of CloudFormation.
"""

import json
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import ami_of, found_in, issues_of

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


UNKNOWN = [
    ("14:20", "Tags.team", "Team"),
    ("16:19", "Distributions[0].Region", "AWS::Region"),
    ("18:19", "Distributions[0].AmiDistributionConfiguration.Name", "AWS::Partition"),
    ("19:26", "Distributions[0].AmiDistributionConfiguration.Description", "shared"),
    ("19:26", "Distributions[0].AmiDistributionConfiguration.Description", "Host.Id"),
    ("20:23", "Distributions[0].AmiDistributionConfiguration.KmsKeyId", "Key.Arn"),
    (
        "23:25",
        "Distributions[0].AmiDistributionConfiguration.LaunchPermissionConfiguration.UserIds[0]",
        "AWS::AccountId",
    ),
]


PSEUDO = {"AWS::AccountId": "--owner ACCOUNT-ID", **dict.fromkeys(("AWS::Partition", "AWS::Region"), "--region REGION")}


@pytest.mark.parametrize(("issues", "severity"), [(found_in, "error"), (documents.check, "note")])
def test_every_unknown_value_is_said_once_with_its_option(issues: Any, severity: str) -> None:
    assert [str(issue) for issue in issues(TEMPLATE) if issue.rule == "unresolved"] == [
        f"<text>:{place}: {severity}: Resources.Web.Properties.{path}: depends on '{name}', whose value isn't known "
        f"here: {PSEUDO.get(name, f'--parameter {name}=VALUE')} [unresolved]"
        for place, path, name in UNKNOWN
    ]


@pytest.mark.parametrize("name", ["Nothing", "Key", "Unmet.Arn", "Size", "AWS::StackName"])
def test_a_parameter_is_used_if_anything_in_the_template_refers_to_it(name: str) -> None:
    text = TEMPLATE.replace("S3::Bucket}", "S3::Bucket, Size: !If [Never, !GetAtt [Unmet, Arn], !Ref Size]}")

    found = documents.check(text, parameters={**GIVEN, name: "x", "Teams": "web"})
    read = documents.loads(text, parameters={**GIVEN, name: "x", "Teams": "web"}, validate=False)

    notes = [str(each) for each in found if each.rule == "unused-parameter"]
    assert notes == [
        "<text>:1:1: note: nothing refers to the parameter 'Teams'; did you mean 'Team'? [unused-parameter]"
    ]
    assert [str(each) for each in read.warnings if each.severity == "note"] == notes


def test_pseudo_parameters_follow_from_owner_and_region() -> None:
    given = {"AWS::Region": "cn-north-1", "Team": "web", "Host.Id": "h", "Key.Arn": "alias/web", "shared": "x"}

    ami = ami_of(TEMPLATE, parameters=given, owner="111122223333")

    assert ami.name == "web aws-cn ${x} {{ imagebuilder:buildDate }}"
    assert ami.launch_permission
    assert ami.launch_permission.user_ids == ("111122223333", "012345670123")
    assert ami_of(json.dumps(described({"Ref": "AWS::URLSuffix"})), parameters=given).description == "amazonaws.com.cn"


@pytest.mark.parametrize(("default", "name"), [(500, "500"), (True, "true"), ("web", "web"), (8.0, "8.0")])
def test_a_default_of_a_template_is_a_string(default: object, name: str) -> None:
    template = {**described({"Ref": "A"}), "Parameters": {"A": {"Default": default}}}

    assert ami_of(json.dumps(template)).description == name


def test_only_a_parameter_is_split_at_commas() -> None:
    """
    CloudFormation rejects a string in a list's place.
    """
    text = "Name: web\nDistributions: [{Region: x, AmiDistributionConfiguration: {TargetAccountIds: %s}}]"

    assert ami_of(text % "!Ref A", parameters={"A": "1,2 , 3"}).target_account_ids == ("1", "2", "3")
    [issue] = issues_of(text % "'1,2'", validate=False)
    assert "TargetAccountIds: must be a list of strings, not '1,2' (string)" in issue


TEMPLATE_OF_FUNCTIONS: dict[str, Any] = {
    "Parameters": {
        "Csv": {"Type": "String", "Default": "a|b"},
        "List": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Key": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/shared/key"},
        "Numbers": {"Type": "AWS::SSM::Parameter::Value<List<Number>>", "Default": "/numbers"},
    },
    "Mappings": {"Stages": {"dev": {"name": "Development"}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Csv"}, "a|b"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
        "One": {"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]},
        "Unknown": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-west-2"]},
    },
}
PARTS = {"Fn::Split": ["|", {"Ref": "Csv"}]}


def described(function: object) -> Any:
    """Return a template with all that functions refer to, whose description calls a function."""
    ami = {"Description": function}
    properties = {"Name": "web", "Distributions": [{"Region": "us-west-2", "AmiDistributionConfiguration": ami}]}
    resource = {"Type": "AWS::ImageBuilder::DistributionConfiguration", "Properties": properties}
    return {**TEMPLATE_OF_FUNCTIONS, "Resources": {"Web": resource}}


@pytest.mark.parametrize(
    ("function", "result"),
    [
        ({"Ref": "A"}, "a"),
        ({"Fn::GetAtt": ["A", "B"]}, "b"),
        ({"Fn::GetAtt": "A.B"}, "b"),
        ({"Fn::ImportValue": {"Fn::Sub": "${A}"}}, "c"),
        ({"Fn::Sub": "{{ imagebuilder:buildDate }} ${ A } $A ${!A}"}, "{{ imagebuilder:buildDate }} a $A ${A}"),
        ({"Fn::Sub": ["${A} ${B}", {"B": {"Ref": "A"}}]}, "a a"),
        ({"Fn::Sub": ["${A}"]}, "a"),
        ({"Fn::Join": ["-", ["x", {"Ref": "A"}, 5, {"Ref": "AWS::NoValue"}]]}, "x-a-5"),
        ({"Fn::Join": ["-", PARTS]}, "a-b"),
        ({"Fn::Join": ["-", {"Ref": "List"}]}, "a-b"),
        ({"Fn::Join": ["-", {"Ref": "L"}]}, "x-y"),
        ({"Fn::Select": ["1", PARTS]}, "b"),
        ({"Fn::Select": [0, {"Ref": "List"}]}, "a"),
        ({"Fn::FindInMap": ["Stages", {"Ref": "D"}, "name"]}, "Development"),
        ({"Fn::FindInMap": ["Stages", "prod", "name", {"DefaultValue": {"Ref": "A"}}]}, "a"),
        ({"Fn::Base64": "web"}, "d2Vi"),
        ({"Fn::Length": PARTS}, "2"),
        ({"Fn::If": ["Yes", {"Ref": "A"}, {"Ref": "Nobody"}]}, "a"),
        ({"Fn::If": ["Both", "x", {"Fn::If": ["One", "y", "z"]}]}, "y"),
        ({"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::Sub": "{{resolve:ssm:/${A}:1}}!"}, "e!"),
        ({"Fn::GetAZs": "us-west-2"}, "f"),
        ({"Ref": "Key"}, "g"),
        (5, "5"),
        (False, "false"),
    ],
)
def test_a_function_that_only_computes_is_resolved(function: object, result: str | None) -> None:
    texts = {"A": "a", "A.B": "b", "a": "c", "D": "dev", "resolve:ssm:/a:1": "e", "Fn::GetAZs": "f", "Key": "g"}
    values: Any = {**texts, "L": ["x", "y"]}

    assert ami_of(json.dumps(described(function)), parameters=values).description == result


@pytest.mark.parametrize(
    ("function", "names"),
    [
        ({"Ref": "Key"}, ["Key"]),  # its default is a name in Systems Manager
        ({"Fn::Select": [0, {"Ref": "Numbers"}]}, ["Numbers"]),
        ("x {{resolve:ssm:/a}} {{resolve:secretsmanager:b}}", ["resolve:ssm:/a", "resolve:secretsmanager:b"]),
        ({"Fn::Join": ["", [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Ref": "A"}]]}, ["A", "B.Arn"]),
        ({"Fn::If": ["Unknown", "x", {"Ref": "Nobody"}]}, ["AWS::Region"]),
        ({"Fn::Base64": {"Fn::ImportValue": "shared"}}, ["shared"]),
        ({"Fn::Sub": ["${A} ${B} ${C}", {"A": {"Ref": "D"}, "B": 5}]}, ["D", "C"]),
        ({"Fn::Cidr": ["10.0.0.0/24", 1, 8]}, ["Fn::Cidr"]),
    ],
)
def test_what_only_a_deployment_knows_is_a_note(function: object, names: list[str]) -> None:
    found = documents.check(json.dumps(described(function)))

    assert [(issue.rule, issue.severity) for issue in found] == [("unresolved", "note")] * len(names)
    assert [issue.message.partition("'")[2].partition("'")[0] for issue in found] == names


@pytest.mark.parametrize(
    "function",
    [
        {"Fn::Join": ["", "x", "y"]},
        {"Fn::Join": 5},
        {"Fn::Select": [2, PARTS]},
        {"Fn::Split": ["", "x"]},
        {"Fn::FindInMap": ["Stages", "prod", "name"]},
        {"Fn::If": ["Yes", "x"]},
        {"Ref": 5},
        {"Ref": ["A", "B"]},
        {"Fn::GetAtt": [5]},
        {"Fn::ImportValue": 5},
        {"Fn::Sub": 5},
        {"Fn::Sub": ["x", 5]},
        {"Fn::Sub": "${List}"},
    ],
    ids=str,
)
def test_a_call_that_cloudformation_rejects_is_an_error(function: Any) -> None:
    [issue] = documents.check(json.dumps(described(function)))

    [name] = function
    assert (issue.rule, issue.severity) == ("function", "error")
    assert issue.message.startswith(f"calls '{name}' in a way that CloudFormation rejects")


def test_a_resource_whose_condition_is_false_is_left_out() -> None:
    template = described("x")
    wrong = {**template["Resources"]["Web"], "Properties": {"Name": "a"}}
    template["Resources"] |= {"No": {**wrong, "Condition": "No"}, "Perhaps": {**wrong, "Condition": "Unknown"}}

    found = documents.check(json.dumps(template))

    assert [(issue.path, issue.rule, issue.severity) for issue in found] == [
        ("Resources.Perhaps.Properties.Distributions", "required", "error"),
        ("Resources.Perhaps.Properties.Name", "pattern", "error"),
        ("Resources.Perhaps.Condition", "unresolved", "note"),
    ]


@pytest.mark.parametrize(("value", "rules"), [("true", ["required", "pattern"]), ("false", ["no-configuration"])])
def test_the_condition_of_a_resource_alone_is_a_parameter(value: str, rules: list[str]) -> None:
    resource = {**described("x")["Resources"]["Web"], "Condition": "A", "Properties": {"Name": "a"}}

    assert [issue.rule for issue in documents.check(json.dumps(resource), parameters={"A": value})] == rules


def test_one_of_several_resources_is_read_by_its_name_and_all_are_checked() -> None:
    def resource(name: str) -> dict[str, Any]:
        request = ibd.CreateDistributionConfigurationRequest(name=name, distributions=[])
        return documents.to_cloudformation(request)

    text = json.dumps({"Resources": {"A": resource("one"), "B": resource("two"), "C": {"Type": "X"}}})

    content = documents.loads(text, resource="B", validate=False).content
    assert content == ibd.CreateDistributionConfigurationRequest(name="two", distributions=[])
    assert issues_of(text) == [
        "1:1: error: has several AWS::ImageBuilder::DistributionConfiguration: 'A', 'B'; choose one: --resource NAME "
        "[unrecognised]"
    ]
    assert issues_of(text, resource="C") == [
        "1:15: error: Resources: has no AWS::ImageBuilder::DistributionConfiguration called 'C'; it has 'A', 'B' "
        "[unrecognised]"
    ]
    paths = [f"{each}.Properties.Distributions" for each in "AB"]
    assert [issue.path for issue in documents.check(text)] == [f"Resources.{each}" for each in paths]
    assert [issue.path for issue in documents.check(text, resource="B")] == [f"Resources.{paths[1]}"]
    snippet = json.dumps(json.loads(text)["Resources"])  # for AWS::Include
    assert documents.loads(snippet, resource="B", validate=False).content == content
    assert [issue.path for issue in documents.check(snippet)] == paths


def test_a_template_without_a_configuration_gets_a_note() -> None:
    [issue] = documents.check('{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}')

    assert str(issue).startswith("<text>:1:1: note: has no AWS::ImageBuilder::DistributionConfiguration, unless a ")


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
        ('{"Name": "web", "Tags": ["team"],\n"Distributions": []}',
         ["1:25: error: Tags: must be a mapping of strings to strings, not ['team'] (list) [type]"]),
        ('{"Name": "web", "Distributions": [{"Region": "x",\n"S3ExportConfiguration": {}}]}',
         ["2:1: error: Distributions[0].S3ExportConfiguration: isn't supported by CloudFormation, whose resource can't "
          "export to S3 [unknown-member]"]),
        ('{"Name": "web", "Distributions": [], "Zzz": 1}',
         ["1:38: error: Zzz: isn't a property in CloudFormation; it has Name, Distributions, Description, Tags "
          "[unknown-member]"]),
        ('{"name": "web", "distributions": []}',
         ["1:1: error: Distributions: is required but missing [required]",
          "1:1: error: Name: is required but missing [required]",
          "1:2: error: name: isn't a property in CloudFormation; did you mean 'Name'? [unknown-member]",
          "1:17: error: distributions: isn't a property in CloudFormation; did you mean 'Distributions'? "
          "[unknown-member]"]),
        ('{"Name": "w", "Distributions":\n[{"Region": "x", "AmiDistributionConfiguration": {"launchPermission": {}}}]}',
         ["2:51: error: Distributions[0].AmiDistributionConfiguration.launchPermission: isn't a property in "
          "CloudFormation; did you mean 'LaunchPermissionConfiguration'? [unknown-member]"]),
    ],
)  # fmt: skip
def test_what_cloudformation_does_not_know_is_an_error_at_its_place(text: str, issues: list[str]) -> None:
    found = issues_of(text, format="cloudformation", validate=False)

    assert sorted(found) == sorted(issues)


def test_a_tag_that_looks_like_one_of_a_list_is_a_warning() -> None:
    """
    It is legal, so it is stored: as two tags.
    """
    issues = documents.check('{"Name": "web", "Distributions": [], "Tags": {"Key": "team", "Value": "web"}}')

    assert [(issue.path, issue.rule, issue.severity) for issue in issues if issue.path == "Tags"] == [
        ("Tags", "tags-key-value", "warning")
    ]


def test_what_cloudformation_does_not_require_is_a_warning_until_it_is_read() -> None:
    """
    The AWS CDK leaves `Enabled` out, and nobody here could ask CloudFormation what it sends.
    """
    text = '{"Name": "web", "Distributions": [{"Region": "us-west-2", "FastLaunchConfigurations": [{}]}]}'

    [issue] = documents.check(text)
    assert (issue.rule, issue.severity) == ("required", "warning")
    assert "Enabled: is required but missing [required]" in issues_of(text)[0]


def test_numbers_are_texts_to_cloudformation() -> None:
    template = described("x")
    fast = {"Enabled": "true", "MaxParallelLaunches": 6.0, "SnapshotConfiguration": {"TargetResourceCount": "7.0"}}
    template["Resources"]["Web"]["Properties"]["Distributions"][0]["FastLaunchConfigurations"] = [fast]

    [read] = documents.loads(json.dumps(template)).distributions[0].fast_launch_configurations

    assert (read.enabled, read.max_parallel_launches) == (True, 6)
    assert read.snapshot_configuration == ibd.FastLaunchSnapshotConfiguration(target_resource_count=7)

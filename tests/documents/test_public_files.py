"""
Files as people have them: public ones, small ones that failed, and templates in the shapes of the AWS CDK.
"""

import json
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.samples import CORPUS

FILES: list[dict[str, Any]] = json.loads((CORPUS / "files/manifest.json").read_text())
# What became of the names that the manifest proposed for new rules.
RENAMED = {
    "source-region (new)": "source-region",
    "region-partition (new)": "partition",
    "ssm-name (new)": "ssm-name",
    "export-names (new)": "export-name",
    "launch-template-region (new)": "launch-template-region",
}


def check(path: str, **options: Any) -> tuple[documents.DocumentIssue, ...]:
    return documents.check((CORPUS / path).read_bytes(), name=path, **options)


def rules(issues: tuple[documents.DocumentIssue, ...], severity: str) -> set[str]:
    # What a response has beyond the model, as a notification does, isn't a matter of right and wrong.
    return {issue.rule for issue in issues if issue.severity == severity} - {"unmodelled"}


@pytest.mark.parametrize("row", FILES, ids=lambda row: row["file"])
def test_a_public_file_gets_its_verdict(row: dict[str, Any]) -> None:
    expected = row["expected"]
    options = {name: row[name] for name in ("parameters", "resource", "owner")}

    issues = check(f"files/{row['file']}", **options)

    assert rules(issues, "error") == {*expected["error_rules"][:1]}  # another is one of an older version
    assert rules(issues, "warning") == {RENAMED.get(rule, rule) for rule in expected["warning_rules"]}
    # In the API's spelling; the manifest has some in CloudFormation's.
    paths = {ibd.Issue(issue.location, "", "error", "").path.casefold() for issue in issues}
    assert {path.casefold() for path in expected["error_paths"]} <= paths


@pytest.mark.parametrize("row", [row for row in FILES if row["kind"] == "cloudformation"], ids=lambda row: row["file"])
def test_a_public_template_has_the_same_errors_without_its_parameters(row: dict[str, Any]) -> None:
    assert rules(check(f"files/{row['file']}"), "error") == {*row["expected"]["error_rules"]}


@pytest.mark.parametrize(
    ("file", "issues", "unknown"),
    [
        ("peers/boolean-default.yaml", set(), 0),
        ("peers/cdk-fn-join.template.json", {"public-ami", "fast-launch-cross-account"}, 1),
        ("peers/control-character.json", set(), 0),
        ("peers/dynamic-reference.yaml", set(), 1),
        ("peers/empty-launch-template.json", set(), 0),
        ("peers/json-boolean-default.json", set(), 0),
        ("peers/s05-three-configs.template.json", set(), 1),
        ("peers/s08-ssm-parameter-values.template.json", set(), 3),
        ("peers/s09-dynamic-references.template.json", set(), 3),
        ("peers/s17-fast-launch-not-enabled.template.json", {"required"}, 0),
        ("peers/scalar-for-list.json", {"type"}, 0),
        ("peers/ssm-parameter-name.yaml", set(), 2),
        ("peers/ssm-parameter-type.yaml", set(), 1),
        ("templates/cdk-multi-region.template.json", set(), 3),
        ("templates/cdk-several.template.json", set(), 1),
        ("templates/cdk-dynamic.template.json", {"required"}, 7),
        # Fn::Transform, which is there twice; Accounts.production.Ids, which it may add; Fn::ForEach::Tags
        ("templates/around.template.yaml", set(), 3),
    ],
)
def test_a_template_is_checked_without_what_only_a_deployment_knows(file: str, issues: set[str], unknown: int) -> None:
    found = check(file)

    assert {issue.rule for issue in found if issue.severity != "note"} == issues
    assert sum(issue.rule == "unresolved" for issue in found) == unknown


def test_a_template_of_the_cdk_is_read_with_its_values() -> None:
    path = CORPUS / "templates/cdk-multi-region.template.json"

    document = documents.load(path, parameters={"AWS::Region": "us-west-2"}, owner="123456789012")

    ami = document.distributions[0].ami_distribution_configuration
    assert ami
    assert ami.kms_key_id == "arn:aws:kms:us-west-2:123456789012:alias/web"
    assert ami.target_account_ids == ("111122223333", "123456789012")
    assert [each.region for each in document.distributions] == ["us-west-2", "eu-west-1"]

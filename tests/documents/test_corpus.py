"""
Requests and templates of the corpus, read from JSON and from YAML.
"""

import json
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import as_yaml
from tests.samples import CORPUS, manifest, request_class, request_document

ALL = manifest("accept", "reject-build", "reject-local", "reject-service", "unknown")
TEMPLATES = CORPUS / "cloudformation"
VERDICTS: list[dict[str, Any]] = json.loads((TEMPLATES / "manifest.json").read_text())
VALUES = {
    "AWS::AccountId": "111122223333",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "dr-stack",
    "RecoveryRegion": "us-west-2",
}


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
        with pytest.raises(documents.DocumentError) as caught:
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
        with pytest.raises(documents.DocumentError) as caught:
            documents.loads(text, parameters=VALUES, validate=False)

        assert {issue.rule for issue in caught.value.issues} == {"unknown-member"}
    else:
        content = documents.loads(text, parameters=VALUES, validate=False).content

        assert json.loads(documents.dumps(content, format="json")) == meant


def test_keys_that_cloudformation_drops_are_found_at_their_places() -> None:
    with pytest.raises(documents.DocumentError) as caught:
        documents.load(TEMPLATES / "120-dollar-instead-of-braces.json")

    assert [(issue.line, issue.column, issue.location[-1]) for issue in caught.value.issues] == [
        (9, 11, "name"),
        (10, 11, "description"),
        (11, 11, "amiTags"),
        (14, 11, "launchPermission"),
    ]
    assert caught.value.issues[3].message.endswith("did you mean 'LaunchPermissionConfiguration'?")

"""
Laws for every file: what is written is read back, and every issue has the right place.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.test_fuzz import JUNK, MUTATIONS, mutated
from tests.samples import ARN, CORPUS, manifest, request_document
from tests.strategies import accepted_distributions, tags, text, update_requests

create_requests = st.builds(
    ibd.CreateDistributionConfigurationRequest,
    name=st.sampled_from(["web", "my web_servers-2"]),
    distributions=accepted_distributions,
    description=st.none() | text,
    tags=tags,
)
stored = st.builds(
    ibd.DistributionConfiguration,
    arn=st.just(ARN),
    name=st.none() | st.just("web"),
    description=st.none() | text,
    distributions=accepted_distributions,
    tags=tags,
)
contents = create_requests | update_requests | stored | accepted_distributions.map(tuple)
SYNTAXES = st.sampled_from(["json", "yaml"])
RAW = [request_document(name) for name in manifest("accept", "reject-build", "unknown")]


def to_json(document: Any) -> str:
    return json.dumps(document, indent=1)


def to_compact_json(document: Any) -> str:
    return json.dumps(document)


def to_yaml(document: Any) -> str:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


def to_flow_yaml(document: Any) -> str:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=True)


Write: TypeAlias = Callable[[Any], str]
WRITES: st.SearchStrategy[Write] = st.sampled_from([to_json, to_compact_json, to_yaml, to_flow_yaml])


@given(contents, SYNTAXES)
def test_what_is_written_is_read_back(content: documents.Content, syntax: Any) -> None:
    assert documents.loads(documents.dumps(content, format=syntax), validate=False).content == content


@given(create_requests)
def test_what_both_can_say_goes_to_cloudformation_and_back(request: ibd.CreateDistributionConfigurationRequest) -> None:
    sayable = attrs.evolve(
        request, distributions=[attrs.evolve(each, s3_export_configuration=None) for each in request.distributions]
    )

    text = documents.dumps(sayable, format="cloudformation")

    assert documents.loads(text, validate=False).content == sayable
    assert documents.loads(to_yaml(json.loads(text)), validate=False).content == sayable


def offset_of(text: str, line: int, column: int) -> int:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return starts[line - 1] + column - 1


def nodes_of(node: yaml.Node, above: tuple[Any, ...] = ()) -> Iterator[tuple[yaml.Node, Any]]:
    """Return every node of a YAML text, and its value as PyYAML itself reads it."""
    yield node, yaml.safe_load(yaml.serialize(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key, key.value
            yield from nodes_of(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from nodes_of(each)


def standing_at(text: str, issue: documents.DocumentIssue) -> list[Any]:
    """Return the keys and values that an independent parser finds at an issue's line and column."""
    if text[0] in "{[" and text[:2] != "{d" and _is_json(text):
        return [json.JSONDecoder().raw_decode(text, offset_of(text, issue.line, issue.column))[0]]
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root
    at = (issue.line - 1, issue.column - 1)
    return [value for node, value in nodes_of(root) if (node.start_mark.line, node.start_mark.column) == at]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def at_path(document: Any, path: str) -> Any:
    for key, position in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        document = document[int(position) if position else key]
    return document


def assert_placed(text: str, document: Any, issue: documents.DocumentIssue) -> None:
    found = standing_at(text, issue)
    assert found, f"nothing stands at {issue}"
    if issue.rule == "required":
        path, _, missing = issue.path.rpartition(".")
        container = at_path(document, path)
        assert container in found
        assert missing not in container
    elif issue.rule == "unknown-member":
        assert issue.path.rpartition(".")[2] in found
    elif issue.rule in {"pattern", "min", "max"} and issue.path and issue.value == issue.location[-1]:
        assert issue.value in found  # a tag's key
    else:
        assert at_path(document, issue.path) in found


def assert_all_placed(text: str, document: Any) -> None:
    try:
        issues = documents.loads(text, format=None if text[0] in "{[" and _is_json(text) else "yaml").warnings
    except documents.DocumentError as error:
        issues = error.issues
    for issue in issues:
        assert_placed(text, document, issue)


WRONG = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.sampled_from(["replace", "remove", "add"]),
        st.sampled_from(["x", "", "1111", 5, True, ["x"], [], {}, {"region": "x"}, {"a": "b"}, "é", "us-wets-2", 1.5]),
    ),
    min_size=1,
    max_size=4,
)


@given(st.sampled_from(RAW), WRONG, WRITES)
@settings(max_examples=400)
def test_an_issue_of_a_mutated_document_is_where_it_is_said_to_be(
    document: dict[str, Any], mutations: list[tuple[int, str, Any]], write: Write
) -> None:
    """
    The text at the line and column is the issue's value or key.
    """
    wrong = mutated(document, mutations)

    assert_all_placed(write(wrong), wrong)


@given(update_requests, WRONG, WRITES)
@settings(max_examples=200)
def test_an_issue_of_a_generated_document_is_where_it_is_said_to_be(
    request: ibd.UpdateDistributionConfigurationRequest, mutations: list[tuple[int, str, Any]], write: Write
) -> None:
    wrong = mutated(ibd.to_boto3(request), mutations)

    assert_all_placed(write(wrong), wrong)


@pytest.mark.parametrize("path", sorted((CORPUS / "cloudformation").glob("*[a-z].json")), ids=lambda path: path.name)
def test_an_issue_of_a_template_is_where_it_is_said_to_be(path: Any) -> None:
    raw = json.loads(path.read_text())
    if isinstance(raw, dict):
        for write in (to_json, to_compact_json, to_yaml, to_flow_yaml):
            assert_all_placed(write(raw), raw)


@given(st.sampled_from(RAW), WRONG)
@settings(max_examples=200)
def test_what_is_wrong_is_the_same_in_every_syntax(document: dict[str, Any], mutations: list[Any]) -> None:
    """
    Except that YAML reads an unquoted number as a string.
    """
    wrong = mutated(document, [each for each in mutations if not isinstance(each[2], int | float)])

    def found(text: str, syntax: Any) -> list[tuple[str, str]]:
        try:
            issues = documents.loads(text, format=syntax).warnings
        except documents.DocumentError as error:
            issues = error.issues
        return sorted((issue.path, issue.rule) for issue in issues)

    assert found(to_json(wrong), "json") == found(to_yaml(wrong), "yaml")


# Ten thousand files that nobody would write.

FUZZ = settings(max_examples=2500)
TEMPLATES = [
    json.loads(path.read_text())
    for path in sorted((CORPUS / "cloudformation").glob("*[a-z].json"))
    if ".api" not in path.name and ".effective" not in path.name and path.name != "manifest.json"
]


def survives(source: str | bytes, **options: Any) -> documents.Document | None:
    """Return a text's document, or `None` if it has issues, each of which must have a place."""
    try:
        return documents.loads(source, **options)
    except documents.DocumentError as error:
        raised = error
    assert raised.issues
    assert all(issue.line >= 1 and issue.column >= 1 for issue in raised.issues)
    assert len(str(raised).splitlines()) == len(raised.issues)
    return None


def edited(text: str, seed: int) -> str:
    """Remove or double a few characters of a text, or replace them by ones that mean something."""
    chosen = random.Random(seed)  # noqa: S311 - examples aren't secrets
    for _ in range(chosen.randint(1, 4)):
        at = chosen.randrange(len(text) + 1)
        end = at + chosen.choice([0, 0, 1, 1, 5, 40])
        text = (
            text[:at] + chosen.choice([*"{}[]:,-&*!|>'\"#%@`\n\t \\?~<=", "<<: ", "---\n", "!Sub ", "é"]) + text[end:]
        )
    return text


@pytest.mark.long
@given(st.binary(max_size=60) | st.text(max_size=60), st.sampled_from([None, "json", "yaml", "cloudformation"]))
@FUZZ
def test_anything_is_survived(source: str | bytes, syntax: Any) -> None:
    survives(source, format=syntax)


@pytest.mark.long
@given(st.sampled_from(RAW + TEMPLATES), WRITES, st.integers(0, 2**32))
@FUZZ
def test_an_edited_file_is_survived(document: Any, write: Write, seed: int) -> None:
    survives(edited(write(document), seed))


@pytest.mark.long
@given(st.sampled_from(RAW), MUTATIONS, SYNTAXES)
@FUZZ
def test_a_mutated_request_is_survived_and_written_back(document: Any, mutations: Any, syntax: Any) -> None:
    """
    If a mutated request is valid, its content is that of the file, and can be written back.
    """
    wrong = mutated(document, mutations)
    try:
        source = json.dumps(wrong) if syntax == "json" else to_yaml(wrong)
    except (ValueError, TypeError, yaml.YAMLError):  # YAML can't write everything
        return

    read = survives(source, format=syntax)

    if read and syntax == "json" and read.form in {"create", "update"}:
        assert read.content == ibd.from_boto3(wrong, type(read.content))


@pytest.mark.long
@given(st.sampled_from(TEMPLATES), MUTATIONS, st.dictionaries(text, text), JUNK)
@FUZZ
def test_a_mutated_template_is_survived(document: Any, mutations: Any, parameters: dict[str, str], junk: Any) -> None:
    wrong = mutated(document, [*mutations, (3, "add", {"Fn::Sub": junk})])

    survives(json.dumps(wrong), parameters={"AWS::Region": "us-west-2", **parameters})

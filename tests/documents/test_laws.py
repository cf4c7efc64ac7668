"""
Laws for every file: what is written is read back, every issue has the right place, and nothing ends in a crash.
"""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.documents.samples import (
    TEMPLATES,
    WRITERS,
    Mutation,
    Write,
    as_json,
    as_yaml,
    found_in,
    junk,
    mistakes,
    mutated,
    mutations,
    requests,
    template,
)
from tests.strategies import accepted_distributions, configurations, create_requests, text, update_requests

contents = create_requests | update_requests | configurations | accepted_distributions.map(tuple)
syntaxes: st.SearchStrategy[Any] = st.sampled_from(["json", "yaml"])
writers = st.sampled_from(WRITERS)


@given(contents, syntaxes)
def test_what_is_written_is_read_back(content: documents.Content, syntax: Any) -> None:
    assert documents.loads(documents.dumps(content, format=syntax), validate=False).content == content


def keys_of(request: ibd.CreateDistributionConfigurationRequest) -> list[str]:
    amis = [each.ami_distribution_configuration for each in request.distributions]
    return [key for tagged in (request.tags, *(each.ami_tags for each in amis if each)) for key in tagged]


@given(create_requests)
def test_what_both_can_say_goes_to_cloudformation_and_back(request: ibd.CreateDistributionConfigurationRequest) -> None:
    # To CloudFormation, a map with only such a key calls a function.
    assume(not any(key in {"Ref", "Condition"} or key.startswith("Fn::") for key in keys_of(request)))
    sayable = attrs.evolve(
        request, distributions=[attrs.evolve(each, s3_export_configuration=None) for each in request.distributions]
    )

    written = documents.dumps(sayable, format="cloudformation")

    for each in (written, as_yaml(json.loads(written))):
        assert documents.loads(each, validate=False).content == sayable


def nodes_of(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield every node of a YAML text, keys included."""
    yield node
    if isinstance(node, yaml.CollectionNode):
        for each in node.value:
            for inner in each if isinstance(each, tuple) else [each]:
                yield from nodes_of(inner)


def standing_at(text: str, syntax: str, issue: documents.DocumentIssue) -> list[Any]:
    """Return the keys and values that an independent parser finds at an issue's line and column."""
    if syntax == "json":
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        return [json.JSONDecoder().raw_decode(text, starts[issue.line - 1] + issue.column - 1)[0]]
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root
    at = (issue.line - 1, issue.column - 1)
    found = [node for node in nodes_of(root) if (node.start_mark.line, node.start_mark.column) == at]
    # As PyYAML itself reads them, or as they are written if they are keys.
    return [each for node in found for each in (yaml.safe_load(yaml.serialize(node)), node.value)]


def value_at(document: Any, path: str) -> Any:
    for key, position in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        document = document[int(position) if position else key]
    return document


def assert_placed(text: str, syntax: str, document: Any, issue: documents.DocumentIssue) -> None:
    found = standing_at(text, syntax, issue)
    path, _, last = issue.path.rpartition(".")
    if issue.rule == "required":
        container = value_at(document, path)
        assert container in found
        assert last not in container
    elif issue.rule == "unknown-member" or issue.value == last != value_at(document, issue.path):
        assert last in found  # an unknown key, or a tag's
    else:
        assert value_at(document, issue.path) in found


@given(requests | update_requests.map(ibd.to_boto3), mutations(mistakes), writers)
@settings(max_examples=100)
def test_an_issue_is_where_it_is_said_to_be(document: Any, changes: list[Mutation], write: Write) -> None:
    """
    The text at the line and column is the issue's value or key.
    """
    wrong = mutated(document, changes)
    written = write(wrong)
    syntax: Any = "json" if write in {as_json, json.dumps} else "yaml"

    for issue in found_in(written, format=syntax):
        assert_placed(written, syntax, wrong, issue)


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_issue_of_a_template_is_where_it_is_said_to_be(name: str) -> None:
    document = template(name)

    for write in WRITERS:
        syntax: Any = "json" if write in {as_json, json.dumps} else "yaml"
        for issue in found_in(write(document), name=f"x.{syntax}"):
            assert_placed(write(document), syntax, document, issue)


@given(requests, mutations(mistakes.filter(lambda value: not isinstance(value, int | float))))
@settings(max_examples=100)
def test_what_is_wrong_is_the_same_in_every_syntax(document: Any, changes: list[Mutation]) -> None:
    """
    Except that YAML reads an unquoted number as a string.
    """
    wrong = mutated(document, changes)

    found = [
        sorted((issue.path, issue.rule) for issue in found_in(write(wrong), name=name))
        for name, write in {"x.json": as_json, "x.yaml": as_yaml}.items()
    ]
    assert found[0] == found[1]


# Files that nobody would write.

FUZZ = settings(max_examples=300)


def survives(source: str | bytes, **options: Any) -> documents.Document | None:
    """Return a text's document, or `None` if it has issues, each of which must have a place."""
    checked = documents.check(source, **options)
    assert all(str(issue) for issue in checked)
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
        new = chosen.choice([*"{}[]:,-&*!|>'\"#%@`\n\t \\?~<=", "<<: ", "---\n", "!Sub ", "é"])
        text = text[:at] + new + text[end:]
    return text


@pytest.mark.long
@given(st.binary(max_size=60) | st.text(max_size=60), st.sampled_from([None, "json", "yaml", "cloudformation"]))
@FUZZ
def test_anything_is_survived(source: str | bytes, syntax: Any) -> None:
    survives(source, format=syntax)


@pytest.mark.long
@given(requests | st.sampled_from(TEMPLATES).map(template), writers, st.integers(0, 2**32))
@FUZZ
def test_an_edited_file_is_survived(document: Any, write: Write, seed: int) -> None:
    survives(edited(write(document), seed))


@pytest.mark.long
@given(requests, mutations(junk), syntaxes)
@FUZZ
def test_a_mutated_request_is_survived_and_read_right(document: Any, changes: list[Mutation], syntax: Any) -> None:
    wrong = mutated(document, changes)
    try:
        source = json.dumps(wrong) if syntax == "json" else as_yaml(wrong)
    except (ValueError, TypeError, yaml.YAMLError):  # YAML can't write everything
        return

    read = survives(source, format=syntax)

    if read and syntax == "json" and read.form in {"create", "update"}:
        assert read.content == ibd.from_boto3(wrong, type(read.content))


@pytest.mark.long
@given(st.sampled_from(TEMPLATES).map(template), mutations(junk), st.dictionaries(text, text), junk)
@FUZZ
def test_a_mutated_template_is_survived(
    document: Any, changes: list[Mutation], parameters: dict[str, str], argument: Any
) -> None:
    wrong = mutated(document, [*changes, (3, "add", {"Fn::Sub": argument})])

    survives(json.dumps(wrong), parameters={"AWS::Region": "us-west-2", **parameters})

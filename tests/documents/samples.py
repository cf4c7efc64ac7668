"""
What several test files here use: texts of documents, random mistakes in them, and their issues.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.samples import CORPUS, EVERYTHING, manifest, request_document

CREATE = ibd.CreateDistributionConfigurationRequest(
    name="web", distributions=[EVERYTHING], description="Web", tags={"team": "web"}, client_token="t"
)
TEMPLATES = [
    path.name
    for path in sorted((CORPUS / "cloudformation").glob("*[a-z].json"))
    if not {".api", ".effective"} & {*path.suffixes} and path.name != "manifest.json"
]
VALUES = {
    "AWS::AccountId": "111122223333",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "dr-stack",
    "RecoveryRegion": "us-west-2",
}

requests = st.sampled_from(manifest("accept", "reject-build", "unknown")).map(request_document)
mistakes = st.sampled_from(
    ["x", "", "1111", 5, True, ["x"], [], {}, {"region": "x"}, {"a": "b"}, "é", "us-wets-2", 1.5, None]
)
junk: st.SearchStrategy[Any] = (
    mistakes
    | st.sampled_from([0, -1, 2**31, 10**30, float("nan"), "x" * 1100, "\x00", "\ud800", [[]], [None], {"": 1}, [{}]])
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )
)

Mutation: TypeAlias = tuple[int, str, Any]
Write: TypeAlias = Callable[[Any], str]


def mutations(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Mutation]]:
    how = st.sampled_from(["replace", "remove", "add"])
    return st.lists(st.tuples(st.integers(0, 200), how, values), min_size=1, max_size=4)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a document with each of its keys."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, item in items:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def mutated(document: Any, changes: list[Mutation]) -> Any:
    document = copy.deepcopy(document)
    for number, how, value in changes:
        where = list(places(document))
        if not where:
            break
        container, key = where[number % len(where)]
        new = copy.deepcopy(value)  # it becomes part of the document
        if how == "replace":
            container[key] = new
        elif how == "remove":
            del container[key]
        elif isinstance(container, dict):
            container["brandNew"] = new
        else:
            container.append(new)
    return document


def template(name: str) -> Any:
    return json.loads((CORPUS / "cloudformation" / name).read_text())


def as_json(document: Any) -> str:
    return json.dumps(document, indent=1)


def as_yaml(document: Any, *, flow: bool = False) -> str:
    dumper = yaml.CSafeDumper
    return yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow)


def as_flow_yaml(document: Any) -> str:
    return as_yaml(document, flow=True)


WRITERS: list[Write] = [as_json, json.dumps, as_yaml, as_flow_yaml]


def found_in(text: str | bytes, **options: Any) -> tuple[documents.DocumentIssue, ...]:
    """Return the issues of a text, whether it can be read or not."""
    try:
        return documents.loads(text, **options).warnings
    except documents.DocumentError as error:
        return error.issues


def issues_of(text: str | bytes, **options: Any) -> list[str]:
    """Return the issues of a text that can't be read, without its name."""
    with pytest.raises(documents.DocumentError) as caught:
        documents.loads(text, **options)
    return [line.removeprefix("<text>:") for line in str(caught.value).splitlines()]


def ami_of(text: str, **options: Any) -> ibd.AmiDistributionConfiguration:
    """Return the AMI configuration of a text that holds one distribution, or a template."""
    ami = documents.loads(text, validate=False, **options).distributions[0].ami_distribution_configuration
    assert ami
    return ami

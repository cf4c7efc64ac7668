"""
Whatever differs, as text and as JSON, validated against the published schema.
"""

import json
import pickle
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from imagebuilder_dist import DistributionConfiguration, diff

from .pairs import ACCOUNTS, any_two, shared_with

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs/changes.schema.json").read_text())
)


@pytest.mark.long
@settings(max_examples=50)
@given(any_two)
def test_changes_are_written_for_screens_and_as_json_and_survive_pickle_and_hash(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    changes = diff(*two)
    text = str(changes)
    document = json.loads(changes.to_json())

    SCHEMA.validate(document)
    assert [tuple(each["location"]) for each in document["changes"]] == [each.location for each in changes]
    assert [each["path"] for each in document["changes"]] == [each.path for each in changes]
    copy = pickle.loads(pickle.dumps(changes))  # noqa: S301 - our own
    assert (copy, hash(copy)) == (changes, hash(changes))
    assert all(line.isprintable() for line in [repr(changes), *text.splitlines()])
    assert len(text.splitlines()) <= 42
    assert text.splitlines() == [changes.summary, *map(str, changes.lines())]
    assert sum(line.startswith("```") for line in changes.to_markdown().splitlines()) == (2 if changes else 0)
    assert all(str(change) for change in changes)


@pytest.mark.parametrize(
    "wrong", [{"kind": "added", "before": "x"}, {"kind": "removed"}, {"kind": "new"}, {"location": []}, {"path": 1}]
)
def test_the_schema_rejects_what_is_no_change(wrong: dict[str, Any]) -> None:
    document = json.loads(diff(shared_with(), shared_with(*ACCOUNTS)).to_json())
    document["changes"][0] |= wrong

    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(document)

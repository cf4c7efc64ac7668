"""
Changes as JSON, validated against the published schema.
"""

import json
import pickle
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from imagebuilder_dist import DistributionConfiguration, diff

from .pairs import ACCOUNTS, any_two, shared_with

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs/changes.schema.json").read_text())
)


@pytest.mark.long
@given(any_two)
def test_changes_are_written_as_json_and_survive_pickle_and_hash(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    changes = diff(*two)

    document = json.loads(changes.to_json())

    SCHEMA.validate(document)
    assert [tuple(each["location"]) for each in document["changes"]] == [each.location for each in changes]
    assert [each["path"] for each in document["changes"]] == [each.path for each in changes]
    copy = pickle.loads(pickle.dumps(changes))  # noqa: S301 - our own
    assert (copy, hash(copy)) == (changes, hash(changes))


@pytest.mark.parametrize(
    "wrong", [{"kind": "added", "before": "x"}, {"kind": "removed"}, {"kind": "new"}, {"location": []}, {"path": 1}]
)
def test_the_schema_rejects_what_is_no_change(wrong: dict[str, Any]) -> None:
    document = json.loads(diff(shared_with(), shared_with(*ACCOUNTS)).to_json())
    document["changes"][0] |= wrong

    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(document)

"""
Changes as JSON: written, read back, and validated against the published schema.
"""

import json
import pickle
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from imagebuilder_dist import Changes, DistributionConfiguration, diff

from .edited import SHARED, any_two

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs/changes.schema.json").read_text())
)


@pytest.mark.long
@given(any_two)
def test_what_is_written_as_json_is_read_back(
    two: tuple[DistributionConfiguration, DistributionConfiguration],
) -> None:
    changes = diff(*two)

    text = changes.to_json()

    SCHEMA.validate(json.loads(text))
    assert Changes.from_json(text) == changes
    assert pickle.loads(pickle.dumps(changes)) == changes  # noqa: S301 - our own


DOCUMENT: dict[str, Any] = json.loads(SHARED.to_json())
CHANGE: dict[str, Any] = DOCUMENT["changes"][0]
WRONG: list[dict[str, Any]] = [
    {"location": []},
    {"location": [1]},
    {"location": ["nothing"]},
    {"location": ["description", "below"]},
    {"location": ["tags"], "after": "x"},
    {
        "location": ["distributions", "r", "ssm_parameter_configurations", "name"],
        "after": {"parameterName": "name"},
    },
    {"location": ["description"], "after": {"a": "b"}},
    {"after": {"launchPermission": {"userIds": [1]}}},
    {"after": None},
]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {**DOCUMENT, "version": 2},
        {**DOCUMENT, "regions": [1]},
        {**DOCUMENT, "regions": None},
        {**DOCUMENT, "changes": ["x"]},
        *({**DOCUMENT, "changes": [{**CHANGE, **wrong}]} for wrong in WRONG),
    ],
)
def test_json_that_is_no_plan_is_a_value_error(document: Any) -> None:
    with pytest.raises(ValueError, match=r"plan|problem"):
        Changes.from_json(json.dumps(document))


@pytest.mark.parametrize(
    "wrong", [{"kind": "added", "before": "x"}, {"kind": "removed"}, {"kind": "new"}, {"location": []}, {"path": 1}]
)
def test_the_schema_rejects_what_is_no_change(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate({**DOCUMENT, "changes": [{**CHANGE, **wrong}]})


def test_what_follows_from_a_change_is_not_read() -> None:
    """
    A forged path in a document doesn't get into a plan.
    """
    forged = {**CHANGE, "path": "a\nb", "kind": "removed", "widensAccess": False}

    (change,) = Changes.from_json(json.dumps({**DOCUMENT, "changes": [forged]}))

    assert change == SHARED.items[0]

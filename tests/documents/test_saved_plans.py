"""
Plans as texts: what is saved is read back, and nothing else is taken for a plan.
"""

import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import documents
from tests.samples import ARN, EUROPE, EVERYTHING
from tests.strategies import configurations, create_requests, maybe, text


@st.composite
def plans(draw: st.DrawFn) -> ibd.Plan:
    before = draw(maybe(configurations))
    after: Any = draw(create_requests)
    if before is not None:
        after = attrs.evolve(before, description=after.description, distributions=after.distributions, tags=after.tags)
    return ibd.Plan(
        before=before,
        after=after,
        changes=ibd.diff(before or [], after),
        warnings=tuple(each for each in ibd.validate(after) if each.severity == "warning"),
        client_token=draw(maybe(text)),
        region=draw(maybe(text)),
    )


@given(plans())
def test_what_is_saved_is_read_back(plan: ibd.Plan) -> None:
    read = documents.loads_plan(documents.dumps_plan(plan))

    assert read == plan
    assert str(read) == str(plan)
    for one, other in ((read.before, plan.before), (read.after, plan.after)):
        assert getattr(one, "unmodelled", None) == getattr(other, "unmodelled", None)
        assert getattr(one, "request_id", None) == getattr(other, "request_id", None)


BEFORE = ibd.DistributionConfiguration(arn=ARN, name="x", distributions=[EVERYTHING], unmodelled=["hue"])
AFTER = attrs.evolve(BEFORE, distributions=[EVERYTHING, EUROPE])
SAVED = documents.dumps_plan(
    ibd.Plan(
        before=BEFORE, after=AFTER, changes=ibd.diff(BEFORE, AFTER), warnings=ibd.validate(AFTER), client_token="t"
    )
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_are_read_in_any_encoding_that_an_editor_or_a_shell_writes(encoding: str) -> None:
    assert documents.loads_plan(SAVED.encode(encoding)) == documents.loads_plan(SAVED)


def edited(change: Callable[[Any], object]) -> str:
    data = json.loads(SAVED)
    change(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "isn't JSON"),
        (SAVED[:-10], "isn't JSON"),
        (b"\xff\xfe\xff", "can't be decoded"),
        ("[" * 100_000, "can't be decoded"),
        ("null", "isn't a saved plan"),
        ('{"name": "web", "distributions": []}', "isn't a saved plan"),
        (edited(lambda data: data.update(version=2)), "was written by another version"),
        (edited(lambda data: data.pop("after")), "was damaged, changed by hand, or written by a newer version"),
        (edited(lambda data: data.update(before=None)), "was damaged"),
        (edited(lambda data: data.update(warnings=[{"rule": 1}])), "was damaged"),
        (edited(lambda data: data.update(clientToken="other")), "was damaged"),
        (edited(lambda data: data["after"].update(description="other")), "was damaged"),
        (edited(lambda data: data["after"].update(brandNew="other")), "was damaged"),
        (edited(lambda data: data["before"].update(dateUpdated="2026-11-29T00:00:00.000Z")), "was damaged"),
        (edited(lambda data: data["before"].update(unmodelled=[])), "was damaged"),
        (edited(lambda data: data.update(digest="0")), "was damaged"),
    ],
)
def test_anything_else_is_rejected(text: str | bytes, message: str) -> None:
    with pytest.raises(documents.DocumentError, match=message) as caught:
        documents.loads_plan(text, name="plan.json")

    assert str(caught.value).startswith("plan.json:")

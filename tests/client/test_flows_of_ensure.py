"""
The flow of an ensure, fed with the outcome of each call.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._client import flows, operations
from imagebuilder_dist._client.flows import Flow
from imagebuilder_dist._client.operations import CREATE, UPDATE, Page
from tests.samples import ARN, EVERYTHING

from .script import (
    CREATE_REQUEST,
    CREATED,
    FOUND,
    GET,
    LIST,
    NOTHING,
    RETRIES,
    STATE,
    SUMMARY,
    WRITTEN,
    Script,
    failed,
    options_of,
    state,
    throttled,
)

EUROPE = attrs.evolve(EVERYTHING, region="eu-west-1")


def ensure(
    *,
    distributions: Any = (EVERYTHING,),
    tags: dict[str, str] | None = None,
    **options: Any,
) -> Flow[ibd.Plan]:
    wanted = attrs.evolve(CREATE_REQUEST, description="d", distributions=distributions, tags=tags)
    return flows.ensure(wanted, RETRIES, options_of(**options), keep_tags=tags is None)


def test_ensure_creates_what_is_not_there() -> None:
    script = Script(NOTHING, CREATED)

    ensured = script.run(ensure(tags={"a": "b"}))

    assert script.asked == [LIST, CREATE]
    assert script.calls[0].parameters == {"filters": [{"name": "name", "values": ["web"]}]}
    created = script.calls[1].parameters
    assert (created["name"], created["description"], created["tags"]) == ("web", "d", {"a": "b"})
    assert (ensured.distribution_configuration_arn, ensured.created, ensured.written) == (ARN, True, True)
    assert (ensured.before, ensured.result) == (None, CREATED)
    assert [change.path for change in ensured.changes] == ["description", "distributions[us-west-2]", "tags.a"]


@pytest.mark.parametrize(
    ("distributions", "asked", "changes"),
    [
        ([EVERYTHING], [LIST, GET], []),
        ([EVERYTHING, EUROPE], [LIST, GET, GET, UPDATE], ["distributions[eu-west-1]"]),
    ],
    ids=["as wanted", "otherwise"],
)
def test_ensure_brings_what_is_there_to_the_state(
    distributions: list[ibd.Distribution], asked: list[str], changes: list[str]
) -> None:
    script = Script(FOUND, STATE, STATE, WRITTEN)

    ensured = script.run(ensure(distributions=distributions))

    assert script.asked == asked
    assert (ensured.distribution_configuration_arn, ensured.created) == (ARN, False)
    assert ensured.written is bool(changes)
    assert [change.path for change in ensured.changes] == changes


def test_ensure_looks_at_every_page_for_the_very_name() -> None:
    second = attrs.evolve(operations.list_page(), parameters={"nextToken": "2"})
    other = attrs.evolve(SUMMARY, name="Web", arn=f"{ARN}y")
    script = Script(Page((other,), second), throttled(), FOUND, STATE)

    script.run(ensure())

    assert script.asked == [LIST, LIST, 1, LIST, GET]
    assert [each.parameters for each in script.calls[1:3]] == [{"nextToken": "2"}] * 2
    assert script.calls[-1].parameters == {"distributionConfigurationArn": ARN}


def test_ensure_finds_what_somebody_else_created_meanwhile() -> None:
    script = Script(NOTHING, failed("ResourceAlreadyExistsException"), FOUND, state(1), state(1), WRITTEN)

    ensured = script.run(ensure())

    assert script.asked == [LIST, CREATE, LIST, GET, GET, UPDATE]
    assert not ensured.created
    assert [change.path for change in ensured.changes] == ["description"]


def test_a_name_that_is_taken_and_not_found_is_an_error() -> None:
    taken = failed("ResourceAlreadyExistsException")
    script = Script(NOTHING, taken, NOTHING)

    with pytest.raises(ibd.ResourceAlreadyExistsException) as caught:
        script.run(ensure())

    assert caught.value is taken
    assert script.asked == [LIST, CREATE, LIST]


FIFTY = {f"x{number}": "" for number in range(50)}


@pytest.mark.parametrize(
    ("stored", "wanted", "asked"),
    [
        ({"a": "b"}, {"c": "d"}, ["TagResource", "UntagResource"]),
        ({"a": "b"}, FIFTY, ["UntagResource", "TagResource"]),
        ({"aws:a": "b"}, FIFTY, ["TagResource"]),
        ({"a": "b"}, {"a": "c"}, ["TagResource"]),
        ({"a": "b"}, {}, ["UntagResource"]),
        ({"a": "b"}, {"a": "b"}, []),
        ({"a": "b"}, None, []),
    ],
    ids=["room", "no room", "system tags", "value", "removed", "as wanted", "none given"],
)
def test_tags_are_added_before_others_are_removed_if_there_is_room(
    stored: dict[str, str], wanted: dict[str, str] | None, asked: list[str]
) -> None:
    script = Script(FOUND, attrs.evolve(STATE, tags=stored), *asked)

    ensured = script.run(ensure(tags=wanted))

    assert script.asked == [LIST, GET, *asked]
    assert bool(ensured.changes) is ensured.written is bool(asked)
    assert ensured.result is None
    assert {call.parameters["resourceArn"] for call in script.calls[2:]} <= {ARN}


@pytest.mark.parametrize(("outcomes", "arn"), [([NOTHING], None), ([FOUND, STATE], ARN)], ids=["not there", "there"])
def test_a_dry_run_of_ensure_only_reads(outcomes: list[object], arn: str | None) -> None:
    script = Script(*outcomes)

    plan = script.run(ensure(distributions=[EUROPE], tags={"a": "b"}, dry_run=True))

    assert script.asked == [LIST, GET][: len(outcomes)]
    assert (plan.distribution_configuration_arn, plan.created, plan.written) == (arn, arn is None, False)
    assert {"distributions[eu-west-1]", "tags.a"} <= {change.path for change in plan.changes}


@pytest.mark.parametrize(
    ("options", "outcomes", "asked"),
    [
        ({"tags": {"aws:a": ""}}, [], []),
        ({"distributions": []}, [NOTHING], [LIST]),
        ({"distributions": [], "dry_run": True}, [NOTHING], [LIST]),
        ({"distributions": [], "dry_run": True}, [FOUND, STATE], [LIST, GET]),
    ],
)
def test_ensure_writes_nothing_that_is_wrong(options: dict[str, Any], outcomes: list[object], asked: list[str]) -> None:
    script = Script(*outcomes)

    with pytest.raises(ibd.ValidationError):
        script.run(ensure(**options))

    assert script.asked == asked

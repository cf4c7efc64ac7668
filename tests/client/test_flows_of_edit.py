"""
The flow of an edit, fed with the outcome of each call.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist._client import flows, plans
from imagebuilder_dist._client.flows import Flow
from imagebuilder_dist._client.operations import UPDATE
from tests.samples import ARN

from .script import GET, RETRIES, STATE, WRITTEN, Script, broken, lost, options_of, rejected, state, throttled


def describe(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    return attrs.evolve(stored, description="new")


def edit(change: Any = describe, **options: Any) -> Flow[ibd.Plan]:
    return flows.edit(ARN, change, RETRIES, options_of(**options))


def test_an_edit_reads_twice_and_writes_with_the_state_s_token() -> None:
    script = Script(STATE, STATE, WRITTEN)

    edited = script.run(edit())

    assert script.asked == [GET, GET, UPDATE]
    assert script.tokens == [plans.state_token(ARN, STATE)]
    assert script.calls[-1].parameters["description"] == "new"
    assert (edited.before, edited.after, edited.result) == (STATE, describe(STATE), WRITTEN)
    assert (edited.client_token, edited.written) == (script.tokens[0], True)
    assert str(edited.changes) == "the description changes\n~ description: 'd' -> 'new'"


def test_each_call_of_an_edit_is_retried() -> None:
    script = Script(throttled(), STATE, lost(), STATE, broken(), WRITTEN)

    script.run(edit())

    assert script.asked == [GET, 1, GET, GET, 1, GET, UPDATE, 1, UPDATE]
    assert script.most == [5, 4, 5, 4, 5, 4]


@pytest.mark.parametrize(
    ("change", "options", "description"),
    [(lambda stored: stored, {}, "d"), (describe, {"dry_run": True}, "new")],
    ids=["nothing differs", "dry run"],
)
def test_an_edit_without_a_write_reads_once(change: Any, options: dict[str, Any], description: str) -> None:
    script = Script(STATE)

    edited = script.run(edit(change, **options))

    assert script.asked == [GET]
    assert (edited.after.description, edited.result) == (description, None)


def test_an_edit_starts_over_from_what_somebody_else_stored_meanwhile() -> None:
    script = Script(STATE, state(1), state(1), state(1), WRITTEN)

    edited = script.run(edit())

    assert script.asked == [GET, GET, 0.3, GET, GET, UPDATE]
    assert script.tokens == [plans.state_token(ARN, state(1))]
    assert edited.before == state(1)


def test_what_no_update_replaces_is_no_other_state() -> None:
    script = Script(STATE, attrs.evolve(STATE, date_updated="2", tags={"a": "b"}), WRITTEN)

    script.run(edit())

    assert script.asked == [GET, GET, UPDATE]


def test_the_pause_of_an_edit_doubles_up_to_two_seconds() -> None:
    script = Script(*map(state, range(16)))

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        script.run(edit(attempts=8))

    assert script.asked[2::3] == [0.3, 0.6, 1.2, 2, 2, 2, 2]
    assert (caught.value.expected, caught.value.found) == (state(14), state(15))
    assert caught.value.__cause__ is None
    assert script.tokens == []


def test_the_last_rejected_token_is_a_conflict_that_shows_what_is_stored_now() -> None:
    mismatch = rejected()
    script = Script(STATE, STATE, mismatch, state(1))

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        script.run(edit(attempts=1))

    assert script.asked == [GET, GET, UPDATE, GET]
    assert (caught.value.expected, caught.value.found) == (STATE, state(1))
    assert caught.value.__cause__ is mismatch


def test_tokens_that_are_rejected_for_different_states_are_other_writers() -> None:
    states = STATE, STATE, state(1), STATE, state(1)
    script = Script(*(each for one in states for each in (one, one, rejected())), STATE)

    with pytest.raises(ibd.ConcurrentModificationError):
        script.run(edit())

    assert script.tokens == [plans.state_token(ARN, one) for one in states]


def test_an_edit_drops_what_is_not_modelled_only_when_told_to() -> None:
    unmodelled = attrs.evolve(STATE, unmodelled=["hue"])
    script = Script(unmodelled, unmodelled, WRITTEN)

    with pytest.raises(ibd.UnmodelledSettingsError):
        Script(unmodelled).run(edit())
    script.run(edit(allow_unmodelled=True))

    assert script.asked == [GET, GET, UPDATE]


@pytest.mark.parametrize(("attempts", "error"), [(0, ValueError), (1.5, TypeError)])
def test_an_edit_is_attempted_at_least_once(attempts: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="attempts must be"):
        options_of(attempts=attempts)

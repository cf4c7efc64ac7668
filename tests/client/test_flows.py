"""
The flows, fed with what comes of each call: no client, no endpoint, no clock.
"""

import asyncio
import logging
from functools import partial
from typing import Any, TypeVar

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist._core import flows, operations, plans
from imagebuilder_dist._core.calls import Call, Send
from imagebuilder_dist._core.flows import Command, Flow, Sleep
from imagebuilder_dist._core.operations import CREATE, UPDATE, Page
from tests.shapes import ARN, EVERYTHING

T = TypeVar("T")
GET = "GetDistributionConfiguration"
LIST = "ListDistributionConfigurations"

RETRIES = ibd.Retries(clock=lambda: 0.0, random=lambda: 1.0)
EUROPE = attrs.evolve(EVERYTHING, region="eu-west-1")
UPDATE_REQUEST = ibd.UpdateDistributionConfigurationRequest(
    distribution_configuration_arn=ARN, distributions=[EVERYTHING]
)
CREATE_REQUEST = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING])
STATE = ibd.DistributionConfiguration(
    arn=ARN, name="web", description="d", distributions=[EVERYTHING], date_updated="1", unmodelled=()
)
WRITTEN = ibd.UpdateDistributionConfigurationResult(distribution_configuration_arn=ARN)
CREATED = ibd.CreateDistributionConfigurationResult(distribution_configuration_arn=ARN)
SUMMARY = ibd.DistributionConfigurationSummary(arn=ARN, name="web")
FOUND = Page((SUMMARY,), None)
NOTHING = Page((), None)


class Script:
    """
    What comes of each call in turn: a result that the flow is sent, or an error that is thrown into it.
    """

    def __init__(self, *outcomes: object) -> None:
        self.outcomes = [*outcomes]
        self.commands: list[Command] = []

    def run(self, flow: Flow[T]) -> T:
        step = partial(next, flow)
        while True:
            try:
                command = step()
            except StopIteration as done:
                result: T = done.value
                return result
            self.commands.append(command)
            outcome = None if isinstance(command, Sleep) else self.outcomes.pop(0)
            step = partial(flow.throw, outcome) if isinstance(outcome, BaseException) else partial(flow.send, outcome)

    @property
    def asked(self) -> list[str | float]:
        """The operations and, between them, the seconds to sleep."""
        return [each.seconds if isinstance(each, Sleep) else each.call.operation for each in self.commands]

    @property
    def calls(self) -> list[Call[Any]]:
        return [each.call for each in self.commands if isinstance(each, Send)]

    @property
    def most(self) -> list[int]:
        return [each.most for each in self.commands if isinstance(each, Send)]

    @property
    def tokens(self) -> list[str]:
        """Those of the writes."""
        return [call.client_token for call in self.calls if call.client_token is not None]


def failed(code: str, status: int = 400, *, requests: int = 1) -> errors.ApiError:
    metadata = {"HTTPStatusCode": status, "RequestId": "an id"}
    error = errors.BY_CODE[code]({"Error": {"Code": code}, "ResponseMetadata": metadata}, "AnOperation", "a token")
    error.attempts = requests
    return error


def throttled(requests: int = 1) -> errors.ApiError:
    return failed("TooManyRequestsException", 429, requests=requests)


def broken() -> errors.ApiError:
    """A failure of the service, which may have run the call all the same."""
    return failed("ServiceException", 500)


def lost() -> errors.ConnectionFailedError:
    error = errors.ConnectionFailedError("the connection was closed")
    error.attempts = 1
    return error


def rejected() -> errors.ApiError:
    """How the service rejects a token that another write was sent with."""
    return failed("IdempotentParameterMismatchException")


def test_a_call_that_succeeds_is_made_once() -> None:
    script = Script(WRITTEN)

    result = script.run(flows.send(operations.update(UPDATE_REQUEST), RETRIES))

    assert result is WRITTEN
    assert script.asked == [UPDATE]
    assert script.most == [5]
    assert script.calls[0].parameters["distributionConfigurationArn"] == ARN


def test_a_throttled_call_is_retried_with_its_token_and_what_is_left_of_its_requests() -> None:
    """
    A client that is passed in may retry by itself; what it took is known by the error, and counts.
    """
    script = Script(throttled(), throttled(requests=2), WRITTEN)

    result = script.run(flows.send(operations.update(UPDATE_REQUEST), RETRIES))

    assert result is WRITTEN
    assert script.asked == [UPDATE, 1, UPDATE, 2, UPDATE]
    assert script.most == [5, 4, 2]
    assert len({*script.tokens}) == 1
    assert len(script.tokens) == 3


@pytest.mark.parametrize(
    "failure",
    [
        failed("InvalidParameterValueException"),
        failed("ResourceInUseException"),
        errors.ResponseError("it isn't JSON"),
        errors.CredentialsError("no credentials"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_what_a_retry_cannot_help_is_raised_at_once(failure: Exception) -> None:
    script = Script(failure)

    with pytest.raises(type(failure)) as caught:
        script.run(flows.send(operations.update(UPDATE_REQUEST), RETRIES))

    assert caught.value is failure
    assert script.asked == [UPDATE]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"attempts": 1}, [UPDATE]),
        ({"attempts": 3}, [UPDATE, 1, UPDATE, 2, UPDATE]),
        ({"max_seconds": 1.9}, [UPDATE, 1, UPDATE]),
    ],
)
def test_a_call_ends_with_its_last_failure(options: dict[str, Any], asked: list[Any]) -> None:
    failures = [broken(), *(throttled() for _ in range(9))]
    script = Script(*failures)

    with pytest.raises(ibd.ApiError) as caught:
        script.run(flows.send(operations.update(UPDATE_REQUEST), attrs.evolve(RETRIES, **options)))

    assert script.asked == asked
    assert caught.value is failures[len(script.calls) - 1]
    assert caught.value.attempts == len(script.calls)
    assert caught.value.may_have_been_applied


@pytest.mark.parametrize(
    ("call", "failure", "retried"),
    [
        (operations.delete(ARN), throttled, True),
        (operations.delete(ARN), broken, False),
        (operations.delete(ARN), lost, False),
        (operations.untag(ARN, ["a"]), broken, False),
        (operations.update(UPDATE_REQUEST), broken, True),
        (operations.update(UPDATE_REQUEST), lost, True),
        (operations.get(ARN), lost, True),
    ],
    ids=lambda value: value.operation if isinstance(value, Call) else getattr(value, "__name__", None),
)
def test_what_may_have_been_applied_is_retried_if_that_changes_nothing(
    call: Call[Any], failure: Any, *, retried: bool
) -> None:
    error = failure()
    script = Script(error, "done")

    if retried:
        assert script.run(flows.send(call, RETRIES)) == "done"
    else:
        with pytest.raises(type(error)):
            script.run(flows.send(call, RETRIES))

    assert len(script.calls) == 1 + retried


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
@pytest.mark.parametrize("before", [[], [throttled()]], ids=["request", "pause"])
def test_whoever_interrupts_a_write_learns_its_token(
    before: list[BaseException], interruption: type[BaseException]
) -> None:
    flow = flows.send(operations.update(UPDATE_REQUEST, validate=False), RETRIES)
    sent: Any = next(flow)
    for failure in before:
        assert isinstance(flow.throw(failure), Sleep)

    with pytest.raises(interruption) as caught:
        flow.throw(interruption())

    assert caught.value.__notes__ == [f"{UPDATE} may have been applied; its client token is {sent.call.client_token}"]


@pytest.mark.parametrize(
    ("call", "interruption"),
    [
        (operations.get(ARN), KeyboardInterrupt()),
        (operations.delete(ARN), KeyboardInterrupt()),
        (operations.update(UPDATE_REQUEST), ZeroDivisionError()),
    ],
    ids=["read", "no token", "a bug"],
)
def test_nothing_else_gets_a_note(call: Call[Any], interruption: BaseException) -> None:
    script = Script(interruption)

    with pytest.raises(type(interruption)) as caught:
        script.run(flows.send(call, RETRIES))

    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(("request_", "operation"), [(UPDATE_REQUEST, UPDATE), (CREATE_REQUEST, CREATE)])
def test_a_request_is_sent_by_its_operation(request_: Any, operation: str) -> None:
    script = Script("done")

    result: object = script.run(flows.send_request(attrs.evolve(request_, client_token="mine"), RETRIES, validate=True))

    assert result == "done"
    assert script.asked == [operation]
    assert script.tokens == ["mine"]


def test_a_request_that_is_none_is_a_type_error() -> None:
    script = Script()

    with pytest.raises(TypeError, match="request must be an update's or a create's, not 'x'"):
        script.run(flows.send_request("x", RETRIES, validate=False))

    assert script.commands == []


def test_a_request_is_validated_unless_told_otherwise() -> None:
    wrong = attrs.evolve(CREATE_REQUEST, name="")

    with pytest.raises(ibd.ValidationError):
        Script().run(flows.create(wrong, RETRIES, validate=True))
    with pytest.raises(ibd.ValidationError):
        Script().run(flows.send_request(wrong, RETRIES, validate=True))

    assert Script(CREATED).run(flows.create(wrong, RETRIES, validate=False)) is CREATED
    assert Script(CREATED).run(flows.send_request(wrong, RETRIES, validate=False)) is CREATED


def test_a_create_returns_what_was_created() -> None:
    script = Script(throttled(), CREATED)

    result = script.run(flows.create(CREATE_REQUEST, RETRIES, validate=True))

    assert result is CREATED
    assert script.asked == [CREATE, 1, CREATE]


def test_the_error_that_ends_a_dry_run_is_its_result() -> None:
    script = Script(throttled(), failed("DryRunOperationException", 412))

    result = script.run(flows.create(attrs.evolve(CREATE_REQUEST, dry_run=True), RETRIES, validate=True))

    warnings = ibd.validate(CREATE_REQUEST)
    assert warnings
    assert result == ibd.CreateDistributionConfigurationDryRunResult(
        request_id="an id", client_token="a token", warnings=warnings
    )
    assert script.calls[1].parameters["dryRun"] is True


def test_a_dry_run_that_is_sent_as_a_request_is_an_error() -> None:
    script = Script(failed("DryRunOperationException", 412))

    with pytest.raises(ibd.DryRunOperationException):
        script.run(flows.send_request(attrs.evolve(CREATE_REQUEST, dry_run=True), RETRIES, validate=True))


def describe(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    return attrs.evolve(stored, description="new")


def options_of(*, attempts: int = 5, dry_run: bool = False, allow_unmodelled: bool = False) -> flows.EditOptions:
    return flows.EditOptions(attempts, dry_run, allow_unmodelled)


def edit(change: Any = describe, **options: Any) -> Flow[ibd.Edit]:
    return flows.edit(ARN, change, RETRIES, options_of(**options))


def state(number: int) -> ibd.DistributionConfiguration:
    return attrs.evolve(STATE, description=str(number))


def test_an_edit_reads_twice_and_writes_with_the_state_s_token() -> None:
    script = Script(STATE, STATE, WRITTEN)

    edited = script.run(edit())

    assert script.asked == [GET, GET, UPDATE]
    assert script.tokens == [plans.state_token(ARN, STATE)]
    assert script.calls[-1].parameters["description"] == "new"
    assert (edited.before, edited.after, edited.result) == (STATE, describe(STATE), WRITTEN)
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

    assert script.asked == [GET, GET, 0.1, GET, GET, UPDATE]
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

    assert script.asked[2::3] == [0.1, 0.2, 0.4, 0.8, 1.6, 2, 2]
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


def test_a_token_that_is_rejected_three_times_for_one_state_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    """
    No other writer can be meant then: the service remembers a token that was used for this very state before.
    """
    reads = STATE, STATE
    script = Script(*reads, rejected(), *reads, rejected(), *reads, rejected(), *reads, WRITTEN)

    with caplog.at_level(logging.WARNING, logger="imagebuilder_dist"):
        edited = script.run(edit())

    assert script.asked[2::4] == [UPDATE] * 4
    assert script.asked[3::4] == [0.1, 0.2, 0.4]
    *first, last = script.tokens
    assert first == [plans.state_token(ARN, STATE)] * 3
    assert last not in first
    assert edited.result == WRITTEN
    assert f"{UPDATE} of {ARN}: the state's token was rejected 3 times; a random one is next" in caplog.messages


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


def ensure(
    *,
    distributions: Any = (EVERYTHING,),
    tags: dict[str, str] | None = None,
    **options: Any,
) -> Flow[ibd.EnsurePlan]:
    wanted = attrs.evolve(CREATE_REQUEST, description="d", distributions=distributions, tags=tags)
    return flows.ensure(wanted, RETRIES, options_of(**options), keep_tags=tags is None)


def test_ensure_creates_what_is_not_there() -> None:
    script = Script(NOTHING, CREATED)

    ensured = script.run(ensure(tags={"a": "b"}))

    assert script.asked == [LIST, CREATE]
    assert script.calls[0].parameters == {"filters": [{"name": "name", "values": ["web"]}]}
    created = script.calls[1].parameters
    assert (created["name"], created["description"], created["tags"]) == ("web", "d", {"a": "b"})
    assert type(ensured) is ibd.Ensured
    assert (ensured.distribution_configuration_arn, ensured.created) == (ARN, True)
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
    assert type(ensured) is ibd.Ensured
    assert (ensured.distribution_configuration_arn, ensured.created) == (ARN, False)
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
    assert bool(ensured.changes) is bool(asked)
    assert {call.parameters["resourceArn"] for call in script.calls[2:]} <= {ARN}


@pytest.mark.parametrize(("outcomes", "arn"), [([NOTHING], None), ([FOUND, STATE], ARN)], ids=["not there", "there"])
def test_a_dry_run_of_ensure_only_reads(outcomes: list[object], arn: str | None) -> None:
    script = Script(*outcomes)

    plan = script.run(ensure(distributions=[EUROPE], tags={"a": "b"}, dry_run=True))

    assert script.asked == [LIST, GET][: len(outcomes)]
    assert type(plan) is ibd.EnsurePlan
    assert (plan.distribution_configuration_arn, plan.created) == (arn, arn is None)
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


@pytest.mark.parametrize(("attempts", "error"), [(0, ValueError), (1.5, TypeError)])
def test_an_edit_is_attempted_at_least_once(attempts: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="attempts must be"):
        options_of(attempts=attempts)

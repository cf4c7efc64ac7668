"""
Plans that are applied: exactly what they show is written, once, or nothing.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import aio, documents
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, Delay, Exchange, Fault, LocalImageBuilder, Reply
from tests.samples import ARN, EUROPE, WEB

from .helpers import GET, UPDATE, described

WEB_ARN = f"{ARN[:-1]}web"
WRITES = ("Create", "Update", "Tag", "Untag")


class Blocking:
    """An asynchronous client whose methods are called like a synchronous one's."""

    def __init__(self, client: aio.DistributionConfigurationClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Any = getattr(self._client, name)

        async def call(*args: Any, **options: Any) -> Any:
            return await method(*args, **options)

        return lambda *args, **options: asyncio.run(call(*args, **options))


@pytest.fixture
def local() -> LocalImageBuilder:
    """A service in the process that has one configuration."""
    local = LocalImageBuilder()
    local.put(ibd.DistributionConfiguration(arn=WEB_ARN, name="web", distributions=[WEB], tags={"a": "b"}))
    return local


@pytest.fixture(params=["sync", "aio"])
def client(request: pytest.FixtureRequest, local: LocalImageBuilder) -> Any:
    """Either client; it gives up at the first failure."""
    once = ibd.Retries(attempts=1, sleep=lambda _: None)
    return local.client(retries=once) if request.param == "sync" else Blocking(local.aio(retries=once))


def edit(client: Any) -> Any:
    return client.edit_distribution_configuration(WEB_ARN, described("new"), dry_run=True)


def ensure(client: Any) -> Any:
    return client.ensure_distribution_configuration("web", [EUROPE], tags={"c": "d"}, dry_run=True)


def retag(client: Any) -> Any:
    return client.ensure_distribution_configuration("web", [WEB], tags={"c": "d"}, dry_run=True)


def create(client: Any) -> Any:
    return client.ensure_distribution_configuration("new", [WEB], tags={"a": "b"}, dry_run=True)


def nothing(client: Any) -> Any:
    return client.ensure_distribution_configuration("web", [WEB], dry_run=True)


def saved(plan: ibd.Plan) -> ibd.Plan:
    return documents.loads_plan(documents.dumps_plan(plan))


def writes(local: LocalImageBuilder) -> list[str]:
    return [str(each.operation) for each in local.requests if str(each.operation).startswith(WRITES) and each.applied]


def content(local: LocalImageBuilder) -> list[ibd.DistributionConfiguration]:
    return [attrs.evolve(each, date_created=None, date_updated=None) for each in local.stored()]


PLANS = [
    (edit, [UPDATE]),
    (ensure, [UPDATE, "TagResource", "UntagResource"]),
    (retag, ["TagResource", "UntagResource"]),
    (create, ["CreateDistributionConfiguration"]),
    (nothing, []),
]


@pytest.mark.parametrize("keep", [lambda plan: plan, saved], ids=["made", "saved"])
@pytest.mark.parametrize(("make", "expected"), PLANS)
def test_a_plan_is_written_as_it_is_and_only_once(
    local: LocalImageBuilder, client: Any, make: Any, expected: list[str], keep: Any
) -> None:
    plan = keep(make(client))
    assert writes(local) == []

    done = client.apply(plan)
    stored = content(local)
    again = client.apply(plan)

    assert writes(local) == expected
    assert done.written is bool(expected)
    assert again.distribution_configuration_arn == done.distribution_configuration_arn
    assert (again.written, bool(again.changes)) == (False, False)
    assert content(local) == stored
    assert not ibd.diff(plan.after, client.find_distribution_configuration(plan.name))
    tokens = {each.client_token for each in local.requests if each.client_token}
    assert tokens <= {plan.client_token}


def test_a_plan_that_creates_is_for_the_region_in_which_it_was_made(local: LocalImageBuilder, client: Any) -> None:
    is_blocking = isinstance(client, Blocking)
    other: Any = Blocking(local.aio(region_name="eu-west-1")) if is_blocking else local.client(region_name="eu-west-1")

    with pytest.raises(ibd.ConfigurationError, match="the client calls eu-west-1, but the plan is for us-west-2; "):
        other.apply(saved(create(client)))

    assert writes(local) == []


@pytest.mark.parametrize(("make", "expected"), PLANS[:-1])
def test_a_plan_that_was_interrupted_is_finished_by_applying_it_again(
    local: LocalImageBuilder, client: Any, make: Any, expected: list[str]
) -> None:
    """
    After each of its writes, the response is lost.
    """
    plan = make(client)
    for operation in expected:
        local.inject(CloseAfterApplying(), operation=operation)

    for _ in expected:
        with pytest.raises(ibd.ConnectionFailedError) as caught:
            client.apply(saved(plan))
        assert caught.value.may_have_been_applied
    client.apply(plan)

    assert writes(local) == expected
    assert not ibd.diff(plan.after, client.find_distribution_configuration(plan.name))


def update(client: Any) -> None:
    client.update_distribution_configuration(WEB_ARN, [WEB], description="theirs")


def update_and_undo(client: Any) -> None:
    update(client)
    client.update_distribution_configuration(WEB_ARN, [WEB])


def tag(client: Any) -> None:
    client.tag_resource(WEB_ARN, {"theirs": ""})


def create_new(client: Any) -> None:
    client.create_distribution_configuration("new", [EUROPE])


def delete(client: Any) -> None:
    client.delete_distribution_configuration(WEB_ARN)


@pytest.mark.parametrize(
    ("make", "act", "found", "texts"),
    [
        (edit, update, "theirs", ["was modified concurrently, so nothing was written", "+ description: 'theirs'"]),
        (edit, update_and_undo, None, ["though nothing differs that this library knows"]),
        (edit, delete, None, ["was deleted meanwhile"]),
        (ensure, update, "theirs", ["+ description: 'theirs'", "+ distributions[eu-west-1]", "+ tags.c: 'd'"]),
        (retag, tag, None, ["+ tags.theirs: ''", "+ tags.c: 'd'"]),
        (nothing, update, "theirs", ["+ description: 'theirs'"]),
        (create, create_new, None, ["exists by now and isn't as planned", "- distributions[us-west-2]"]),
    ],
)
def test_a_stale_plan_writes_nothing_and_shows_both_differences(
    local: LocalImageBuilder, client: Any, make: Any, act: Any, found: str | None, texts: list[str]
) -> None:
    plan = saved(make(client))
    act(client)
    before = local.stored()

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        client.apply(plan)

    assert local.stored() == before
    assert not caught.value.may_have_been_applied
    assert caught.value.resource == f"{ARN[:-1]}{plan.name}"
    assert getattr(caught.value.found, "description", None) == found
    assert caught.value.planned == plan.changes
    for text in [*texts, *(str(line) for line in plan.changes.lines())]:
        assert text in str(caught.value)


def test_an_edit_is_not_stale_if_only_tags_have_changed(local: LocalImageBuilder, client: Any) -> None:
    plan = edit(client)
    tag(client)

    assert client.apply(plan).written
    assert local.stored()[0].tags == {"a": "b", "theirs": ""}


def test_a_plan_that_created_says_if_the_configuration_was_deleted(local: LocalImageBuilder, client: Any) -> None:
    plan = saved(create(client))
    arn = client.apply(plan).distribution_configuration_arn
    client.delete_distribution_configuration(arn)

    with pytest.raises(ibd.ConcurrentModificationError, match="the configuration doesn't exist any more") as caught:
        client.apply(plan)

    assert caught.value.may_have_been_applied
    assert caught.value.client_token == plan.client_token
    assert [each.name for each in local.stored()] == ["web"]
    assert client.apply(create(client)).created  # a new plan creates it again


@pytest.mark.parametrize("value", [None, "plan.json", {}])
def test_only_a_plan_can_be_applied(client: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="plan must be a Plan, not "):
        client.apply(value)


class WithoutDates:
    """A fault: reads show no dates, so a state that comes back can't be told from the first one."""

    def answer(self, exchange: Exchange, /) -> Reply:
        reply = exchange.answer()
        shown = json.loads(reply.body)
        shown["distributionConfiguration"].pop("dateUpdated", None)
        return attrs.evolve(reply, body=json.dumps(shown).encode())


@pytest.mark.parametrize(
    ("write", "advice"),
    [
        (lambda client, plan: client.apply(plan), "plan again"),
        (
            lambda client, _: client.edit_distribution_configuration(WEB_ARN, described("new")),
            "run it again or plan again",
        ),
    ],
    ids=["apply", "edit"],
)
def test_a_write_that_the_service_takes_for_an_earlier_one_is_no_success(
    local: LocalImageBuilder, client: Any, write: Any, advice: str
) -> None:
    """
    An edit doesn't start over then, because its change may have been made.
    """
    local.inject(WithoutDates(), times=None, operation=GET)
    plan = edit(client)
    assert client.apply(plan).written
    client.update_distribution_configuration(WEB_ARN, [WEB])  # so that everything reads as before
    start = len(local.requests)

    with pytest.raises(ibd.ConcurrentModificationError, match="its response to an earlier request") as caught:
        write(client, plan)

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == [each.operation for each in local.requests[start:]].count(UPDATE) == 1
    assert caught.value.request_id
    assert caught.value.remedy == f"review the differences, and {advice}"


@pytest.mark.parametrize(
    "read", [Delay(0), AnswerError("AccessDeniedException")], ids=["read back", "not allowed to read"]
)
def test_a_write_that_the_service_ran_before_is_a_success_unless_something_else_is_stored(
    local: LocalImageBuilder, read: Fault
) -> None:
    """
    The response to the first attempt was lost, so the second one gets it.
    """
    local.inject(Delay(0), Delay(0), read, operation=GET)
    local.inject(CloseAfterApplying(), operation=UPDATE)

    assert local.client().edit_distribution_configuration(WEB_ARN, described("new")).written
    assert writes(local) == [UPDATE]
    assert [str(each.operation)[:3] for each in local.requests] == ["Get", "Get", "Upd", "Upd", "Get"]


@pytest.mark.parametrize(("name", "found"), [("web", True), ("we", False)])
def test_a_configuration_is_found_by_its_exact_name(
    local: LocalImageBuilder, client: Any, name: str, found: bool
) -> None:
    for number in range(30):  # more than a page
        local.put(ibd.DistributionConfiguration(arn=f"{ARN[:-1]}a-{number}", name="web 2", distributions=[WEB]))

    stored = client.find_distribution_configuration(name)

    assert (stored is not None and stored.arn == WEB_ARN and stored.tags == {"a": "b"}) is found

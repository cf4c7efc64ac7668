"""
What the local endpoint offers to tests besides its operations: clients, accounts, seeding, state, other writers.
"""

import asyncio
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, ChangedBySomebodyElse, Delay, LocalImageBuilder, examples
from imagebuilder_dist.testing.requests import GetDistributionConfigurationRequest

from .endpoint import OTHER_ACCOUNT
from .samples import WEB

CREATE = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[WEB], tags={"team": "web"})


@pytest.fixture
def local() -> LocalImageBuilder:
    """A local endpoint without a port."""
    return LocalImageBuilder()


def describe(text: str) -> Any:
    return lambda stored: attrs.evolve(stored, description=text)


def test_a_client_of_it_needs_no_port(local: LocalImageBuilder) -> None:
    client = local.client()

    arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn

    assert arn == examples.ARN
    assert [each.arn for each in local.client().list_distribution_configurations()] == [arn]
    assert [*local.client(region_name="eu-west-1").list_distribution_configurations()] == []


def test_a_client_for_asyncio(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)

    async def get() -> ibd.DistributionConfiguration:
        async with local.aio() as client:
            return await client.get_distribution_configuration(stored.arn)

    assert asyncio.run(get()) == stored


def test_nobody_waits_for_its_clients(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)
    client, start = local.client(), local.clock()
    local.inject(AnswerError("CallRateLimitExceededException"), Delay(30), Delay(61))

    for _ in range(2):
        client.get_distribution_configuration(stored.arn)

    assert 30 + 60 + 1 <= local.clock() - start <= 30 + 60 + 3 + 10


def test_a_throttle_lets_its_clients_through_after_what_they_would_have_waited(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)
    local.throttle(per_second=2, burst=1)
    client = local.client()

    for _ in range(5):
        client.get_distribution_configuration(stored.arn)

    assert len([each for each in local.requests if each.status is None]) >= 3


def test_retries_of_ones_own(local: LocalImageBuilder) -> None:
    local.inject(AnswerError("ServiceException"))

    with pytest.raises(ibd.ServiceException):
        list(local.client(retries=ibd.Retries(attempts=1)).list_distribution_configurations())


def test_another_account_does_not_see_the_others(local: LocalImageBuilder) -> None:
    mine = local.client().create_distribution_configuration("web", [WEB]).distribution_configuration_arn
    other = local.account(OTHER_ACCOUNT)

    theirs = other.create_distribution_configuration("web", [WEB]).distribution_configuration_arn

    assert theirs == mine.replace(examples.ACCOUNT_ID, OTHER_ACCOUNT)
    assert [each.arn for each in other.list_distribution_configurations()] == [theirs]
    for client, hidden in ((other, mine), (local.client(), theirs)):
        with pytest.raises(ibd.ResourceNotFoundException):
            client.get_distribution_configuration(hidden)
        with pytest.raises(ibd.ResourceNotFoundException):
            client.tag_resource(hidden, {"a": "b"})


def test_client_tokens_belong_to_an_account(local: LocalImageBuilder) -> None:
    arns = {
        client.create_distribution_configuration("web", [WEB], client_token="t").distribution_configuration_arn
        for client in (local.client(), local.account(OTHER_ACCOUNT))
    }

    assert len(arns) == 2


def test_an_account_id_has_12_digits(local: LocalImageBuilder) -> None:
    with pytest.raises(ValueError, match="account_id must be 12 digits, not '4444'"):
        local.account("4444")


def test_what_is_put_is_stored_unchecked(local: LocalImageBuilder) -> None:
    """
    The service may keep what it would no longer accept.
    """
    legacy = ibd.DistributionConfiguration(
        arn=examples.ARN.replace("us-west-2", "eu-west-1"), distributions=[ibd.Distribution(region="eu-west-1")]
    )

    stored = local.put(legacy)

    assert (stored.name, stored.distributions) == ("web", legacy.distributions)
    assert local.client(region_name="eu-west-1").get_distribution_configuration(legacy.arn) == stored
    assert local.requests[0].typed == GetDistributionConfigurationRequest(distribution_configuration_arn=legacy.arn)


def test_a_request_is_put_as_the_service_would_store_it(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)

    assert (stored.arn, stored.name, stored.tags) == (examples.ARN, "web", {"team": "web"})
    assert local.stored() == (stored,)


def test_what_is_put_needs_an_arn(local: LocalImageBuilder) -> None:
    with pytest.raises(ValueError, match="'web' isn't the ARN of a distribution configuration"):
        local.put(ibd.DistributionConfiguration(arn="web"))


def test_requests_are_typed_if_they_can_be(local: LocalImageBuilder, session: Any) -> None:
    boto3_client = session.client("imagebuilder")
    local.attach(boto3_client)

    local.client().create_distribution_configuration("web", [WEB], tags={"team": "web"}, client_token="t")
    with pytest.raises(boto3_client.exceptions.ClientError):
        boto3_client.list_images()

    assert [each.typed for each in local.requests] == [attrs.evolve(CREATE, client_token="t"), None]


def test_reset_forgets_everything(local: LocalImageBuilder) -> None:
    client = local.client()
    client.create_distribution_configuration("web", [WEB], client_token="t")
    local.inject(AnswerError("ServiceException"), times=9)

    local.reset()

    assert (local.stored(), local.requests) == ((), ())
    assert client.create_distribution_configuration("other", [WEB], client_token="t").distribution_configuration_arn


def test_an_edit_meets_another_writer(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)
    local.inject(ChangedBySomebodyElse(describe("theirs")), operation="GetDistributionConfiguration")

    with pytest.raises(ibd.ConcurrentModificationError, match=r"\+ description: 'theirs'"):
        local.client().edit_distribution_configuration(stored.arn, describe("mine"), attempts=1)

    (now,) = local.stored()
    assert now.description == "theirs"
    assert now.date_updated is not None


def test_an_edit_that_meets_another_writer_once_starts_over(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)
    local.inject(
        ChangedBySomebodyElse(lambda now: attrs.evolve(now, tags={"theirs": "1"}, distributions=[])),
        operation="GetDistributionConfiguration",
    )

    local.client().edit_distribution_configuration(
        stored.arn, lambda now: attrs.evolve(now, description="mine", distributions=[WEB])
    )

    (now,) = local.stored()
    assert (now.description, now.tags) == ("mine", {"theirs": "1"})


def test_another_writer_before_a_write(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)
    local.inject(ChangedBySomebodyElse(lambda now: attrs.evolve(now, tags={"a": "1", "b": "1"})))

    local.client().tag_resource(stored.arn, {"b": "2"})

    assert local.stored()[0].tags == {"a": "1", "b": "2"}


def test_another_writer_finds_nothing(local: LocalImageBuilder) -> None:
    local.inject(ChangedBySomebodyElse(describe("theirs")))

    with pytest.raises(ibd.ResourceNotFoundException):
        local.client().get_distribution_configuration(examples.ARN)


def test_another_writer_needs_to_know_the_configuration(local: LocalImageBuilder) -> None:
    local.inject(ChangedBySomebodyElse(describe("theirs")))

    with pytest.raises(ValueError, match="ListDistributionConfigurations isn't about a single configuration"):
        list(local.client().list_distribution_configurations())


def test_what_is_stored_survives_in_a_file(local: LocalImageBuilder, tmp_path: Path) -> None:
    local.put(examples.complete(ibd.DistributionConfiguration))
    local.account(OTHER_ACCOUNT).create_distribution_configuration("web", [WEB])
    file = tmp_path / "state.json"

    local.save(file)
    restored = LocalImageBuilder()
    restored.load(file)

    assert restored.stored() == local.stored()
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


def test_a_file_is_written_whole_or_not_at_all(
    local: LocalImageBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.json"
    local.save(file)
    before = file.read_text()
    local.put(CREATE)

    def fail(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        local.save(file)

    assert file.read_text() == before
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"distributionConfigurations": [{"arn": 1}]}', '{"distributionConfigurations": [{}]}']
)
def test_a_file_of_something_else_is_not_read(local: LocalImageBuilder, tmp_path: Path, content: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(content)

    with pytest.raises(ValueError, match=r"wasn't written by LocalImageBuilder\.save"):
        local.load(file)


def test_a_hook_sees_each_request_and_what_came_of_it() -> None:
    seen: list[tuple[str | None, int | None, bool]] = []
    local = LocalImageBuilder(
        max_requests=0, on_request=lambda request: seen.append((request.operation, request.status, request.applied))
    )

    local.client().create_distribution_configuration("web", [WEB])
    with pytest.raises(ibd.ResourceNotFoundException):
        local.client().delete_distribution_configuration(examples.ARN + "-other")

    assert seen == [("CreateDistributionConfiguration", 200, True), ("DeleteDistributionConfiguration", 404, False)]


def test_snapshots_of_many_threads_are_each_whole(local: LocalImageBuilder, tmp_path: Path) -> None:
    file = tmp_path / "state.json"

    def write(number: int) -> None:
        local.client().create_distribution_configuration(f"web-{number}", [WEB])
        local.save(file)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    restored = LocalImageBuilder()
    restored.load(file)
    assert len(restored.stored()) == 8

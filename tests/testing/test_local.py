"""
What the local Image Builder offers to tests besides its operations: clients, accounts, seeding, what was received.
"""

from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, Delay, LocalImageBuilder, examples

from .samples import CREATE, EAST, OTHER_ACCOUNT, STORED, WEB, create


@pytest.fixture
def local() -> LocalImageBuilder:
    """A local Image Builder without a port."""
    return LocalImageBuilder()


def test_nobody_waits_for_its_clients(local: LocalImageBuilder) -> None:
    stored = local.put(CREATE)
    client, start = local.client(), local.clock()
    local.inject(AnswerError("CallRateLimitExceededException"), Delay(30), Delay(1000))

    for _ in range(2):
        client.get_distribution_configuration(stored.arn)

    assert 30 + 60 + 1 <= local.clock() - start <= 30 + 60 + 3 + 10


def test_another_account_does_not_see_the_others(local: LocalImageBuilder) -> None:
    mine = local.client().create_distribution_configuration("web", [WEB]).distribution_configuration_arn
    other = local.client(account_id=OTHER_ACCOUNT)

    theirs = other.create_distribution_configuration("web", [WEB]).distribution_configuration_arn

    assert theirs == mine.replace(examples.ACCOUNT_ID, OTHER_ACCOUNT)
    assert [each.arn for each in other.list_distribution_configurations()] == [theirs]
    for client, hidden in ((other, mine), (local.client(), theirs)):
        with pytest.raises(ibd.ResourceNotFoundException):
            client.get_distribution_configuration(hidden)
        with pytest.raises(ibd.ResourceNotFoundException):
            client.tag_resource(hidden, {"a": "b"})


@pytest.mark.parametrize(
    ("access_key_id", "account_id"),
    [
        ("AKIASP2TPHJSQH3FJRUX", "171436882533"),
        ("ASIASP2TPHJSQH3FJRUX", "171436882533"),
        (OTHER_ACCOUNT, OTHER_ACCOUNT),
        ("AKIAIOSFODNN7EXAMPLE", examples.ACCOUNT_ID),  # ids of before 2019 don't say
        ("AKIAQ018", examples.ACCOUNT_ID),
        ("test", examples.ACCOUNT_ID),
    ],
)
def test_an_access_key_id_says_the_account(
    session: Any, local: LocalImageBuilder, access_key_id: str, account_id: str
) -> None:
    theirs = session.client("imagebuilder", aws_access_key_id=access_key_id, aws_secret_access_key="test")
    local.attach(theirs)

    assert create(theirs) == examples.ARN.replace(examples.ACCOUNT_ID, account_id)
    assert (local.requests[0].account_id, local.requests[0].region_name) == (account_id, "us-west-2")


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


@pytest.mark.parametrize(
    ("configuration", "tags"),
    [
        (STORED, {"team": "web"}),
        (CREATE, {"team": "web"}),
        (
            ibd.UpdateDistributionConfigurationRequest(
                distribution_configuration_arn=examples.ARN, distributions=[WEB]
            ),
            {},
        ),
        (WEB, {}),
        ([WEB, EAST], {}),
    ],
    ids=["configuration", "create", "update", "distribution", "distributions"],
)
def test_whatever_counts_as_a_configuration_can_be_put(
    local: LocalImageBuilder, configuration: Any, tags: dict[str, str]
) -> None:
    stored = local.put(configuration)

    assert (stored.arn, stored.name, stored.tags) == (examples.ARN, "web", tags)
    assert not ibd.diff(stored.distributions, getattr(configuration, "distributions", stored.distributions))
    assert local.stored() == (stored,)


def test_what_was_received_is_recorded(local: LocalImageBuilder) -> None:
    client = local.client()
    for _ in range(2):
        client.create_distribution_configuration("web", [WEB], tags={"team": "web"}, client_token="t")
    client.untag_resource(examples.ARN, ["team"])
    client.get_distribution_configuration(examples.ARN)
    local.inject(AnswerError("ServiceException"), CloseAfterApplying())
    with pytest.raises(ibd.ServiceException):
        client.delete_distribution_configuration(examples.ARN)
    with pytest.raises(ibd.ConnectionFailedError):
        client.delete_distribution_configuration(examples.ARN)

    first, _, untag, get, _, _ = local.requests

    assert (first.method, first.target) == ("PUT", "/CreateDistributionConfiguration")
    assert first.body == first.parameters == {**ibd.to_boto3(CREATE), "clientToken": "t"}
    assert ibd.from_boto3(first.parameters, ibd.CreateDistributionConfigurationRequest).client_token == "t"
    assert untag.parameters == {"resourceArn": examples.ARN, "tagKeys": ["team"]}
    assert get.parameters == {"distributionConfigurationArn": examples.ARN}
    assert [(each.operation, each.status, each.applied, each.client_token) for each in local.requests] == [
        ("CreateDistributionConfiguration", 200, True, "t"),
        ("CreateDistributionConfiguration", 200, False, "t"),
        ("UntagResource", 200, True, None),
        ("GetDistributionConfiguration", 200, False, None),
        ("DeleteDistributionConfiguration", None, False, None),
        ("DeleteDistributionConfiguration", 200, True, None),
    ]


def test_attaching_again_replaces_the_endpoint(session: Any) -> None:
    client = session.client("imagebuilder", endpoint_url="http://127.0.0.1:1")
    first, second = LocalImageBuilder(), LocalImageBuilder()
    first.attach(client)
    first.forbid()
    for _ in range(100):
        second.attach(client)

    assert create(client) == examples.ARN

    assert [len(first.requests), len(second.requests)] == [0, 1]
    first.clear_faults()
    first.attach(client)
    assert client.list_distribution_configurations()["distributionConfigurationSummaryList"] == []
    assert [len(first.requests), len(second.requests)] == [1, 1]

"""
Every error names the configuration, what was tried, and what to do.
"""

import asyncio
import pickle
from collections.abc import Callable
from typing import Any, cast
from unittest.mock import Mock

import attrs
import boto3
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import aio, errors
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, LocalImageBuilder
from tests.samples import ARN, EUROPE, WEB

from .calls import OPERATIONS

AT_ONCE = ibd.Retries(sleep=lambda _: None, attempts=2)


def rejected(code: str) -> ibd.ApiError:
    local = LocalImageBuilder()
    local.inject(AnswerError(code, 400), times=None)
    with pytest.raises(ibd.ApiError) as caught:
        local.client().get_distribution_configuration(ARN)
    return caught.value


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_error_names_its_configuration(boto3_client: Any, call: Callable[[Any], Any]) -> None:
    with pytest.raises(ibd.ResourceNotFoundException) as caught:
        call(ibd.DistributionConfigurationClient(boto3_client))

    assert caught.value.resource == ARN
    assert ARN in str(caught.value)
    assert "check the name in the ARN, and the account and the Region that are called" in str(caught.value)


def test_a_create_names_what_it_would_have_created() -> None:
    local = LocalImageBuilder()
    local.inject(AnswerError("ResourceAlreadyExistsException"))

    with pytest.raises(ibd.ResourceAlreadyExistsException, match="share an ARN") as caught:
        local.client().create_distribution_configuration("web servers", [WEB])

    assert caught.value.resource == "web servers"
    assert "(web servers, 1 attempt, " in str(caught.value)


def test_a_delete_that_may_have_been_applied_says_so(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, retries=AT_ONCE)
    arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn
    local.inject(CloseAfterApplying())

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.delete_distribution_configuration(arn)

    assert str(caught.value).endswith(f" of {arn}, 1 attempt, may have been applied)")


TOKEN = "retry the write with the same client_token"
AGAIN = "run it again, which starts from what is stored"


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda client, arn: client.update_distribution_configuration(arn, [EUROPE]), TOKEN),
        (lambda client, _: client.create_distribution_configuration("new", [WEB]), TOKEN),
        (lambda client, arn: client.edit_distribution_configuration(arn, in_europe), AGAIN),
        (lambda client, _: client.ensure_distribution_configuration("web", [EUROPE]), AGAIN),
        (lambda client, _: client.ensure_distribution_configuration("new", [WEB]), AGAIN),
        (lambda client, arn: client.delete_distribution_configuration(arn), None),
        (lambda client, arn: client.get_distribution_configuration(arn), None),
    ],
)
def test_how_to_retry_depends_on_the_call(
    session: Any, local: LocalImageBuilder, call: Callable[[Any, str], Any], advice: str | None
) -> None:
    """
    Edits and ensures take no token, and reads need none.
    """
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, retries=AT_ONCE)
    arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn
    for operation in ("UpdateDistributionConfiguration", "CreateDistributionConfiguration"):
        local.inject(CloseAfterApplying(), operation=operation, times=2)
    local.inject(CloseAfterApplying(), operation="DeleteDistributionConfiguration")
    if advice is None:
        local.inject(CloseAfterApplying(), operation="GetDistributionConfiguration", times=2)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        call(client, arn)

    assert caught.value.remedy == "; ".join(filter(None, [ibd.ConnectionFailedError.remedy, advice]))


def in_europe(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
    return attrs.evolve(stored, distributions=[EUROPE])


def test_an_error_that_a_fake_raises_in_every_attempt_says_it_once() -> None:
    fake = Mock()
    fake.update_distribution_configuration.side_effect = ibd.ConnectionFailedError("why")
    client = ibd.DistributionConfigurationClient(fake, retries=AT_ONCE)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.update_distribution_configuration(ARN, [WEB])

    assert str(caught.value).count(TOKEN) == 1


def test_a_validation_error_names_operation_and_configuration(boto3_client: Any) -> None:
    with pytest.raises(ibd.ValidationError) as caught:
        ibd.DistributionConfigurationClient(boto3_client).update_distribution_configuration(ARN, [])

    assert str(caught.value).splitlines()[0] == f"1 problem in UpdateDistributionConfiguration of {ARN}:"


def test_a_concurrent_modification_shows_the_difference(boto3_client: Any) -> None:
    client = ibd.DistributionConfigurationClient(boto3_client)
    arn = client.create_distribution_configuration("web", [WEB], description="old").distribution_configuration_arn

    def change(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
        client.update_distribution_configuration(arn, [WEB], description="theirs")
        return attrs.evolve(stored, description="ours")

    with pytest.raises(ibd.ConcurrentModificationError) as caught:
        client.edit_distribution_configuration(arn, change, max_conflicts=1)

    assert caught.value.resource == arn
    assert [str(each) for each in cast(ibd.Changes, caught.value.changes)] == ["~ description: 'old' -> 'theirs'"]
    assert "description: 'old' -> 'theirs'" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own


@pytest.mark.parametrize("cls", errors.BY_CODE.values(), ids=lambda cls: cls.__name__)
def test_the_text_has_the_remedy_of_its_class(cls: type[ibd.ApiError]) -> None:
    error = rejected(cls.__name__)

    assert error.remedy == cls.remedy
    assert f"; {error.remedy} (" in str(error)


def test_without_credentials_it_says_how_to_set_them(local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(region_name="us-west-2", endpoint_url=local.url)

    with pytest.raises(ibd.CredentialsError, match="Unable to locate credentials; set AWS_PROFILE, or AWS_ACCESS_KEY"):
        client.get_distribution_configuration(ARN)

    assert local.requests == ()


def test_without_a_region_it_says_how_to_set_one() -> None:
    with pytest.raises(
        ibd.ConfigurationError,
        match=r"must specify a region.*; name a Region \(region_name or --region\), or set AWS_DEFAULT_REGION",
    ):
        ibd.DistributionConfigurationClient()


def test_a_profile_that_is_not_there_is_looked_for_in_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(
        ibd.ConfigurationError, match=r"nobody.*; check the profile's name, AWS_PROFILE and ~/\.aws/config"
    ):
        ibd.DistributionConfigurationClient(region_name="us-west-2")


def test_a_client_shows_where_it_sends(session: Any, local: LocalImageBuilder) -> None:
    async def asynchronous() -> str:
        async with aio.DistributionConfigurationClient(session=session, endpoint_url=local.url) as client:
            return repr(client)

    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)

    where = f"us-west-2 at {local.url}>"
    assert repr(client) == f"<imagebuilder_dist.DistributionConfigurationClient for {where}"
    assert asyncio.run(asynchronous()) == f"<imagebuilder_dist.aio.DistributionConfigurationClient for {where}"
    assert "a fake" in repr(ibd.DistributionConfigurationClient(Mock(name="a fake")))


@pytest.mark.parametrize("region", ["us-west-2", "us-east-1"])
def test_a_client_for_aws_shows_its_region(region: str) -> None:
    theirs = boto3.Session("a", "b").client("imagebuilder", region_name=region)

    assert f"{region} at https://imagebuilder.{region}." in repr(ibd.DistributionConfigurationClient(theirs))


def test_an_injected_throttle_is_told_with_its_remedy(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url, retries=AT_ONCE)
    local.inject(AnswerError("ThrottlingException"), times=2)

    with pytest.raises(ibd.ThrottledError, match=r"; retry later, or make fewer calls .*2 attempts over .* s"):
        client.get_distribution_configuration(ARN)

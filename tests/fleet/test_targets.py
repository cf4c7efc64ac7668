"""
Targets, and the clients and roles that reach them.
"""

import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from botocore.httpsession import URLLib3Session

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import Target, edit_all, run
from imagebuilder_dist.testing import LocalImageBuilder
from tests.credential_server import CredentialServer
from tests.samples import ARN

from .work import REGIONS, ROLE, Inline, made_up, share, stored


@pytest.fixture
def signed_with(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The access keys of the requests that were sent to Image Builder, in order."""
    keys: list[str] = []
    send: Any = URLLib3Session.send

    def note(self: Any, request: Any) -> Any:
        authorization = request.headers["Authorization"]
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        if "/imagebuilder/" in text:
            keys.append(text.partition("Credential=")[2].partition("/")[0])
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", note)
    return keys


@pytest.mark.parametrize("arn", ["web", "arn:aws:ec2:us-west-2:111122223333:image/x", "arn:aws:imagebuilder:us-west-2"])
def test_a_target_needs_an_arn_of_image_builder(arn: str) -> None:
    with pytest.raises(ValueError, match=r"Target.arn must be the ARN of a distribution configuration, not 'a?"):
        Target(arn)


def test_a_target_of_another_type_is_rejected() -> None:
    with pytest.raises(TypeError, match=r"Target.arn must be a str, not 1 \(int\)"):
        Target(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_targets_region_is_that_of_its_arn() -> None:
    assert Target(ARN).region_name == "us-west-2"
    assert Target(ARN, "us-west-2").account_id == "123456789012"
    with pytest.raises(ValueError, match=r"must be the ARN's, us-west-2, not 'eu-west-1'"):
        Target(ARN, "eu-west-1")


def test_a_target_pickles_and_its_token_makes_no_difference() -> None:
    target = Target(ARN, role_arn=ROLE, profile="fleet", client_token="a token")

    copy = pickle.loads(pickle.dumps(target))  # noqa: S301 - our own

    assert copy == target == attrs.evolve(target, client_token=None)
    assert copy.client_token == "a token"


def test_targets_of_one_account_and_region_share_a_client() -> None:
    one, other = made_up(2, accounts=1)
    abroad = Target(one.arn.replace("us-west-2", "eu-west-1"))

    assert one.client() is other.client()
    assert one.client() is not abroad.client()
    assert one.client() is not Target(one.arn, role_arn=ROLE.format("111122223333")).client()
    assert one.client() is not one.client(retries=ibd.Retries(attempts=1))


def test_threads_that_want_a_client_at_once_share_it() -> None:
    (target,) = made_up(1)
    barrier = threading.Barrier(8)

    def client(_: int) -> object:
        barrier.wait(60)
        return target.client()

    with ThreadPoolExecutor(8) as threads:
        clients = [*threads.map(client, range(8))]

    assert len({*map(id, clients)}) == 1


def test_a_profile_that_is_not_there_is_a_configuration_error() -> None:
    with pytest.raises(ibd.ConfigurationError, match="nobody"):
        Target(ARN, profile="nobody").client()


def test_a_hook_of_the_callers_is_called_too(local: LocalImageBuilder) -> None:
    seen: list[ibd.Attempt] = []
    (target,) = stored(local, 1)

    def get(each: Target) -> object:
        client = each.client(retries=ibd.Retries(on_attempt=seen.append))
        return client.get_distribution_configuration(each.arn)

    outcomes = [*run(get, [target], executor=Inline())]
    target.client().get_distribution_configuration(target.arn)

    assert [outcome.attempts for outcome in outcomes] == [1]
    assert [attempt.operation for attempt in seen] == ["GetDistributionConfiguration"]


def test_a_role_is_assumed_once_for_all_regions(
    local: LocalImageBuilder, sts: CredentialServer, signed_with: list[str]
) -> None:
    targets = stored(local, 2, regions=REGIONS, role_arn=ROLE.format("123456789012"))
    signed_with.clear()

    outcomes = [*edit_all(targets, share, executor=Inline(), per_second=math.inf)]

    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert sts.asked == ["AssumeRole"]
    assert sts.keys == ["OWN"]
    assert sts.regions == ["us-east-1"]
    assert {*signed_with} == {"ASSUMEROLE"}


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("arn:aws-cn:iam::123456789012:role/fleet", "cn-north-1"),
        ("arn:aws-us-gov:iam::123456789012:role/fleet", "us-gov-west-1"),
    ],
)
def test_a_role_is_assumed_in_its_partition(
    local: LocalImageBuilder, sts: CredentialServer, role: str, region: str
) -> None:
    (target,) = stored(local, 1, role_arn=role)

    target.client().get_distribution_configuration(target.arn)

    assert sts.regions == [region]


def test_a_role_is_assumed_in_the_callers_region(
    local: LocalImageBuilder, sts: CredentialServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    (target,) = stored(local, 1, role_arn=ROLE.format("123456789012"), external_id="a secret of two")

    target.client().get_distribution_configuration(target.arn)

    assert sts.regions == ["eu-west-2"]
    assert sts.forms[0]["ExternalId"] == ["a secret of two"]
    assert sts.forms[0]["RoleSessionName"] == ["imagebuilder_dist"]


def test_a_role_that_is_denied_is_its_targets_error(local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = stored(local, 1)
    denied = [attrs.evolve(allowed[0], role_arn=ROLE.format("123456789012"))]

    with CredentialServer([]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        outcomes = [*edit_all([*denied, *allowed], share, executor=Inline())]

    assert [type(outcome.error) for outcome in outcomes] == [ibd.CredentialsError, type(None)]


def test_without_credentials_of_its_own_nobody_assumes_a_role(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (target,) = stored(local, 1, role_arn=ROLE.format("123456789012"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(ibd.CredentialsError):
        target.client().get_distribution_configuration(target.arn)

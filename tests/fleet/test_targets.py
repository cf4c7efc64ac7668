"""
Targets, and the clients and roles that reach them.
"""

import os
import pickle
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from botocore.session import Session

import imagebuilder_dist as ibd
from imagebuilder_dist.fleet import EditJob, Target, run
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder, ReceivedRequest
from tests.samples import ARN

from .work import ROLE, Inline, made_up, seed, share, stored


@pytest.mark.parametrize(
    ("arn", "problem"),
    [
        ("web", "an ARN has 6 parts, separated by colons, but this one has 1"),
        ("arn:aws:ec2:us-west-2:111122223333:image/x", "the service is 'ec2', not 'imagebuilder'"),
        (ARN.replace("123456789012", "12345"), "the account has 5 digits"),
    ],
)
def test_a_target_needs_the_arn_of_a_distribution_configuration(arn: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"Target.arn must be the ARN of a .*, not '{arn}': {problem}"):
        Target(arn)


def test_a_target_is_of_its_arns_account_and_region_pickles_and_equals_one_with_another_token() -> None:
    target = Target(ARN, role_arn=ROLE, profile="fleet", client_token="a token")

    copy = pickle.loads(pickle.dumps(target))  # noqa: S301 - our own

    assert copy == target == attrs.evolve(target, client_token=None)
    assert copy.client_token == "a token"
    assert (copy.account_id, copy.region_name) == ("123456789012", "us-west-2")
    with pytest.raises(TypeError, match=r"Target.arn must be a string, not 1 \(integer\)"):
        Target(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_targets_of_one_account_and_region_share_a_client() -> None:
    one, other = made_up(2, accounts=1)
    abroad = Target(one.arn.replace("us-west-2", "eu-west-1"))

    assert one.client() is other.client()
    assert one.client() is not abroad.client()
    assert one.client() is not Target(one.arn, role_arn=ROLE.format("111122223333")).client()


def test_threads_that_want_a_client_at_once_share_it() -> None:
    (target,) = made_up(1)
    barrier = threading.Barrier(8)

    def client(_: int) -> object:
        barrier.wait(60)
        return target.client()

    with ThreadPoolExecutor(8) as threads:
        clients = [*threads.map(client, range(8))]

    assert len({*map(id, clients)}) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_a_process_that_is_forked_while_a_client_is_made_can_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    is_making, may_go_on = threading.Event(), threading.Event()
    find: Any = Session.get_config_variable

    def wait(self: Any, *args: Any, **options: Any) -> Any:
        if threading.current_thread() is thread:
            is_making.set()
            may_go_on.wait(60)
        return find(self, *args, **options)

    thread = threading.Thread(target=Target(ARN, profile=None, external_id="new").client)
    monkeypatch.setattr(Session, "get_config_variable", wait)
    thread.start()
    assert is_making.wait(60)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        Target(ARN, external_id="new").client()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    may_go_on.set()
    thread.join()

    assert status == 0


def test_a_credentials_file_that_was_renewed_is_read_again(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """
    The endpoint takes the access key for the account's id.
    """
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    for number, account in enumerate(["111111111111", "222222222222", "222222222222"]):
        target = attrs.evolve(seed(local, account, "us-west-2", f"web {number}"), profile="team")
        path.write_text(f"[team]\naws_access_key_id = {account}\naws_secret_access_key = a secret\n")

        assert target.arn in [each.arn for each in target.client().list_distribution_configurations()]


def assumed(local: LocalImageBuilder) -> list[ReceivedRequest]:
    return [request for request in local.requests if request.service == "sts"]


@pytest.mark.parametrize(
    ("partition", "configured", "expected"),
    [
        ("aws", None, "us-east-1"),
        ("aws", "eu-west-2", "eu-west-2"),
        ("aws", "cn-north-1", "us-east-1"),
        ("aws-cn", None, "cn-northwest-1"),
        ("aws-us-gov", "us-east-1", "us-gov-west-1"),
        ("aws-iso", None, "us-iso-east-1"),
        ("aws-eusc", "eu-west-1", "eusc-de-east-1"),
    ],
)
def test_a_role_is_assumed_in_the_callers_region_or_in_its_own_partition(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch, partition: str, configured: str | None, expected: str
) -> None:
    """
    The STS of another partition doesn't know it.
    """
    if configured is not None:
        monkeypatch.setenv("AWS_DEFAULT_REGION", configured)
    role = ROLE.format("123456789012").replace("aws", partition)
    (target,) = stored(local, 1, role_arn=role, external_id="a secret of two")

    target.client().get_distribution_configuration(target.arn)

    (request,) = assumed(local)
    assert (request.access_key_id, request.region_name) == ("OWN", expected)
    assert request.parameters["ExternalId"] == "a secret of two"
    assert request.parameters["RoleSessionName"] == "imagebuilder_dist"


def test_a_role_that_is_denied_is_its_targets_error(local: LocalImageBuilder) -> None:
    allowed = stored(local, 1)
    denied = [attrs.evolve(allowed[0], role_arn=ROLE.format("123456789012"))]

    local.inject(AnswerError("AccessDenied", 403), operation="AssumeRole")

    outcomes = [*run(EditJob(share), [*denied, *allowed], executor=Inline())]

    assert [type(outcome.error) for outcome in outcomes] == [ibd.CredentialsError, type(None)]


def test_without_credentials_of_its_own_nobody_assumes_a_role(
    local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (target,) = stored(local, 1, role_arn=ROLE.format("123456789012"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(ibd.CredentialsError):
        target.client().get_distribution_configuration(target.arn)

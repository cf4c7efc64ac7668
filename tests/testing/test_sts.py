"""
The local STS: roles of any account, sessions that end, and whose keys these are.
"""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from imagebuilder_dist.testing import AnswerError, LocalImageBuilder

from .samples import OTHER_ACCOUNT, PREFIX, create

ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/teams/fleet"


SESSION: Any = boto3.Session("test", "test", region_name="us-west-2")


@pytest.fixture
def local() -> LocalImageBuilder:
    """A local Image Builder without a port."""
    return LocalImageBuilder()


def client_of(local: LocalImageBuilder, service: str, keys: Any = None) -> Any:
    options = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    options["aws_session_token"] = "SessionToken"
    client = SESSION.client(service, **{name: keys[key] for name, key in options.items()} if keys else {})
    local.attach(client)
    return client


def assume(local: LocalImageBuilder, **options: Any) -> Any:
    sts = client_of(local, "sts")
    return sts.assume_role(**{"RoleArn": ROLE, "RoleSessionName": "me", **options})["Credentials"]


def test_a_role_is_in_its_account(local: LocalImageBuilder) -> None:
    keys = assume(local)

    assert keys["AccessKeyId"].startswith("ASIA")
    assert keys["AccessKeyId"] != assume(local)["AccessKeyId"]
    assert create(client_of(local, "imagebuilder", keys)) == PREFIX.replace("123456789012", OTHER_ACCOUNT) + "web"
    whose = client_of(local, "sts", keys).get_caller_identity()
    assert (whose["Account"], whose["Arn"]) == (OTHER_ACCOUNT, f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/fleet/me")
    whose = client_of(local, "sts").get_caller_identity()
    assert (whose["Account"], whose["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:user/test")


def test_a_session_ends_after_the_seconds_that_were_asked_for(local: LocalImageBuilder) -> None:
    short, long = assume(local, DurationSeconds=900), assume(local)
    assert 2690 <= (long["Expiration"] - short["Expiration"]).total_seconds() <= 2710
    create(client_of(local, "imagebuilder", short))

    local.clock.sleep(900)

    with pytest.raises(ClientError, match="ExpiredTokenException"):
        create(client_of(local, "imagebuilder", short), "other")
    with pytest.raises(ClientError, match=r"\(ExpiredToken\)"):
        client_of(local, "sts", short).get_caller_identity()
    create(client_of(local, "imagebuilder", long), "other")
    create(client_of(local, "imagebuilder", assume(local)), "new")


@pytest.mark.parametrize(
    "options",
    [
        {"RoleArn": "arn:aws:iam::4444:role/teams/fleet"},
        {"RoleArn": ROLE.replace("role", "user")},
        {"RoleSessionName": "a name"},
        {"DurationSeconds": 899 + 43_200},
    ],
)
def test_what_is_not_a_role_is_rejected(local: LocalImageBuilder, options: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        assume(local, **options)


def test_its_faults_are_asked_for_by_name(local: LocalImageBuilder) -> None:
    """
    Others, and a throttle, are those of Image Builder.
    """
    local.forbid()
    local.throttle(per_second=0, burst=0)
    assume(local)

    local.inject(AnswerError("AccessDenied", 403), operation="AssumeRole")

    with pytest.raises(ClientError, match=r"\(AccessDenied\).*: An injected fault."):
        assume(local)
    assert [request.operation for request in local.requests] == ["AssumeRole", "AssumeRole"]
    assert local.requests[0].parameters["RoleArn"] == ROLE


def test_anything_else_is_not_supported(local: LocalImageBuilder) -> None:
    """
    Nor is IAM, which preflight asks.
    """
    with pytest.raises(ClientError, match="doesn't support GetSessionToken"):
        client_of(local, "sts").get_session_token()
    with pytest.raises(ClientError, match="doesn't support GetRole"):
        client_of(local, "iam").get_role(RoleName="web")

"""
Where credentials come from, compared with boto3.
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import SharedCredentialProvider

from imagebuilder_dist.testing import LocalImageBuilder
from tests.credential_server import SHORT, CredentialServer

from .sources import (
    ASSUME_ROLE,
    KINDS,
    PORTAL,
    SOURCE,
    SSO_ROLE,
    Kind,
    SetUp,
    assume_role,
    container,
    environment,
    named,
    own_client,
    sso_legacy,
    sso_session,
    web_identity,
)


@pytest.mark.parametrize("kind", KINDS, ids=named)
@pytest.mark.parametrize(
    ("ours", "theirs", "fetches"),
    [(None, boto3.Session, 2), (None, lambda: boto3, 1), (boto3.Session, boto3.Session, 1)],
    ids=["no session", "boto3's default session", "a session"],
)
def test_credentials_are_found_as_boto3_finds_them_and_fetched_once_for_a_session(
    kind: Kind,
    ours: Any,
    theirs: Any,
    fetches: int,
    aws: SetUp,
    server: CredentialServer,
    local: LocalImageBuilder,
    signed_with: list[str],
) -> None:
    kind(aws, server)
    session = theirs()

    session.client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
    list(own_client(local, session=ours and session).list_distribution_configurations())

    key, asked = KINDS[kind]
    assert signed_with == [key, key]
    assert server.asked == asked * fetches


def test_the_order_of_the_sources_is_that_of_boto3(
    aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    """
    All sources are there at first, and are removed one after the other.
    """
    keys = "aws_access_key_id = {0}\naws_secret_access_key = a secret\n"
    printed = {"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "a secret"}
    lines = f"credential_process = cat {aws.file('printed', json.dumps(printed))}\n{keys.format('CONFIGFILE')}"
    sso = f"sso_start_url = {PORTAL}\nsso_region = us-east-1\n{SSO_ROLE}"
    aws.sso_token(PORTAL, "a token")
    aws.config(f"{ASSUME_ROLE}{sso}{lines}")
    aws.credentials(f"[default]\n{keys.format('SHAREDFILE')}{SOURCE}")
    environment(aws, server)
    web_identity(aws, server)
    container(aws, server)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("ENVIRONMENT", lambda: aws.monkeypatch.delenv("AWS_ACCESS_KEY_ID")),
        ("ASSUMEROLE", lambda: aws.config(f"[default]\n{sso}{lines}")),
        ("ASSUMEROLEWITHWEBIDENTITY", lambda: aws.monkeypatch.delenv("AWS_WEB_IDENTITY_TOKEN_FILE")),
        ("GETROLECREDENTIALS", lambda: aws.config(f"[default]\n{lines}")),
        ("SHAREDFILE", lambda: aws.monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")),
        ("PROCESS", lambda: aws.config(f"[default]\n{keys.format('CONFIGFILE')}")),
        ("CONFIGFILE", lambda: aws.config("")),
        ("CONTAINER", lambda: None),
    ]

    for _, remove in steps:
        boto3.Session().client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
        list(own_client(local).list_distribution_configurations())
        remove()

    assert signed_with == [key for key, _ in steps for _ in range(2)]


@pytest.mark.parametrize("kind", [assume_role, web_identity, sso_legacy, sso_session, container], ids=named)
def test_credentials_that_end_are_replaced_in_the_middle_of_a_clients_life(
    kind: Kind, aws: SetUp, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    keys = ["FIRST", "SECOND", "THIRD", "FOURTH"]

    with CredentialServer(keys, lifetime=SHORT) as server:
        aws.server(server)
        kind(aws, server)
        theirs = boto3.Session().client("imagebuilder", endpoint_url=local.url)
        theirs.list_distribution_configurations()
        theirs.list_distribution_configurations()
    with CredentialServer(keys, lifetime=SHORT) as server:
        aws.server(server)
        kind(aws, server)
        ours = own_client(local)
        list(ours.list_distribution_configurations())
        list(ours.list_distribution_configurations())

    # A container's endpoint is asked for the first time when the client is created.
    expected = keys[1:3] if kind is container else keys[:2]
    assert signed_with == expected * 2


@pytest.mark.parametrize("is_source", [False, True], ids=["the profile's", "its source profile's"])
def test_each_client_runs_a_credential_process(
    aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str], is_source: bool
) -> None:
    printed = {"Version": 1, "SecretAccessKey": "a secret"}
    lines = f"credential_process = cat {aws.file('printed', json.dumps({**printed, 'AccessKeyId': 'FIRST'}))}\n"
    aws.config(f"{ASSUME_ROLE}[profile source]\n{lines}" if is_source else f"[default]\n{lines}")
    list(own_client(local).list_distribution_configurations())

    aws.file("printed", json.dumps({**printed, "AccessKeyId": "SECOND"}))
    list(own_client(local).list_distribution_configurations())

    assert (server.keys if is_source else signed_with) == ["FIRST", "SECOND"]


def test_a_role_is_assumed_in_the_region_of_each_client(
    aws: SetUp, server: CredentialServer, local: LocalImageBuilder
) -> None:
    """
    What STS issues in one Region isn't valid in every other.
    """
    assume_role(aws, server)

    for region in ("eu-west-1", "ap-south-1"):
        list(own_client(local, region_name=region).list_distribution_configurations())
    for region in ("us-east-2", "ap-south-2"):
        list(own_client(local, config=Config(region_name=region)).list_distribution_configurations())

    assert server.regions == ["eu-west-1", "ap-south-1", "us-east-2", "ap-south-2"]


def test_a_thread_does_not_meet_another_that_is_looking_for_credentials(
    aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    """
    If two threads follow the same chain of profiles, botocore takes it for an infinite loop.
    """
    assume_role(aws, server)
    load, here = SharedCredentialProvider.load, threading.current_thread()
    is_looking, go_on = threading.Event(), threading.Event()

    def pause(self: Any) -> Any:
        if threading.current_thread() is not here:
            is_looking.set()
            assert go_on.wait(60)
        return load(self)

    aws.monkeypatch.setattr(SharedCredentialProvider, "load", pause)

    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(own_client, local)
        try:
            assert is_looking.wait(60)
            ours = own_client(local)
        finally:
            go_on.set()
    for client in (ours, theirs.result()):
        list(client.list_distribution_configurations())

    assert signed_with == ["ASSUMEROLE", "ASSUMEROLE"]

"""
Where credentials come from, compared with boto3.
"""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import SharedCredentialProvider

from imagebuilder_dist.testing import LocalImageBuilder

from .sources import ASSUME_ROLE, Kind, SetUp, assume_role, environment, keys_of, own_client


@pytest.mark.parametrize("kind", [environment, assume_role], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("ours", "theirs", "fetches"),
    [(None, boto3.Session, 2), (None, lambda: boto3, 1), (boto3.Session, boto3.Session, 1)],
    ids=["no session", "boto3's default session", "a session"],
)
def test_credentials_are_found_as_boto3_finds_them_and_fetched_once_for_a_session(
    kind: Kind, ours: Any, theirs: Any, fetches: int, aws: SetUp, local: LocalImageBuilder
) -> None:
    kind(aws)
    session = theirs()
    session.client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
    list(own_client(local, session=ours and session).list_distribution_configurations())

    if kind is environment:
        assert keys_of(local) == ["ENVIRONMENT", "ENVIRONMENT"]
    else:
        assert keys_of(local, "sts") == ["SOURCE"] * fetches
        assert [key[:4] for key in keys_of(local)] == ["ASIA", "ASIA"]


def test_each_client_runs_a_credential_process(aws: SetUp, local: LocalImageBuilder) -> None:
    printed = {"Version": 1, "SecretAccessKey": "a secret"}
    lines = f"credential_process = cat {aws.file('printed', json.dumps({**printed, 'AccessKeyId': 'FIRST'}))}\n"
    aws.config(f"{ASSUME_ROLE}[profile source]\n{lines}")
    list(own_client(local).list_distribution_configurations())

    aws.file("printed", json.dumps({**printed, "AccessKeyId": "SECOND"}))
    list(own_client(local).list_distribution_configurations())

    assert keys_of(local, "sts") == ["FIRST", "SECOND"]


def test_a_role_is_assumed_in_the_region_of_each_client(aws: SetUp, local: LocalImageBuilder) -> None:
    """
    What STS issues in one Region isn't valid in every other.
    """
    assume_role(aws)

    for region in ("eu-west-1", "ap-south-1"):
        list(own_client(local, region_name=region).list_distribution_configurations())
    for region in ("us-east-2", "ap-south-2"):
        list(own_client(local, config=Config(region_name=region)).list_distribution_configurations())

    regions = [each.region_name for each in local.requests if each.service == "sts"]
    assert regions == ["eu-west-1", "ap-south-1", "us-east-2", "ap-south-2"]


def test_a_thread_does_not_meet_another_that_is_looking_for_credentials(aws: SetUp, local: LocalImageBuilder) -> None:
    """
    If two threads follow the same chain of profiles, botocore takes it for an infinite loop.
    """
    assume_role(aws)
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

    assert [key[:4] for key in keys_of(local)] == ["ASIA", "ASIA"]

"""
Credentials that can't be loaded when a client is created.
"""

import json
import shutil

import boto3
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.credential_server import CredentialServer

from .sources import ASSUME_ROLE, ROLE, Kind, SetUp, container, named, own_client


def process_that_is_missing(aws: SetUp, _: CredentialServer) -> None:
    aws.config(f"[default]\ncredential_process = {aws.home / 'no-process'}\n")


def process_that_prints_garbage(aws: SetUp, _: CredentialServer) -> None:
    aws.process("garbage")


def process_that_prints_no_text(aws: SetUp, _: CredentialServer) -> None:
    aws.config(f"[default]\ncredential_process = cat {aws.file('printed', bytes([0xFF]))}\n")


def process_that_prints_a_list(aws: SetUp, _: CredentialServer) -> None:
    aws.process("[]")


def process_that_prints_no_key(aws: SetUp, _: CredentialServer) -> None:
    aws.process('{"Version": 1}')


def process_that_prints_a_bad_end(aws: SetUp, _: CredentialServer) -> None:
    keys = {"AccessKeyId": "K", "SecretAccessKey": "a secret", "SessionToken": "a session"}
    aws.process(json.dumps({"Version": 1, **keys, "Expiration": "soon"}))


def process_that_fails(aws: SetUp, _: CredentialServer) -> None:
    aws.config(f"[default]\ncredential_process = {shutil.which('false')}\n")


def process_with_an_open_quote(aws: SetUp, _: CredentialServer) -> None:
    aws.config("[default]\ncredential_process = cat 'x\n")


def half_of_the_environment(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_ACCESS_KEY_ID", "ENVIRONMENT")


def half_of_a_shared_file(aws: SetUp, _: CredentialServer) -> None:
    aws.credentials("[default]\naws_access_key_id = SHAREDFILE\n")


def shared_file_that_is_garbage(aws: SetUp, _: CredentialServer) -> None:
    aws.credentials("garbage")


def shared_file_that_is_no_text(aws: SetUp, _: CredentialServer) -> None:
    aws.credentials(bytes([0xFF, 0xFE, 0]))


def role_without_a_source(aws: SetUp, _: CredentialServer) -> None:
    aws.config(f"[default]\nrole_arn = {ROLE}\n")


def role_whose_source_is_missing(aws: SetUp, _: CredentialServer) -> None:
    aws.config(ASSUME_ROLE)


def container_that_denies(aws: SetUp, server: CredentialServer) -> None:
    aws.monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    container(aws, server)


def container_elsewhere(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/credentials")


def container_at_a_bad_port(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:99999/credentials")


@pytest.mark.parametrize(
    ("kind", "expected", "reason"),
    [
        (process_that_is_missing, ibd.CredentialsError, "fetched: FileNotFoundError: .*no-process"),
        (process_that_prints_garbage, ibd.CredentialsError, "fetched: JSONDecodeError: Expecting value"),
        (process_that_prints_no_text, ibd.CredentialsError, "fetched: UnicodeDecodeError"),
        (process_that_prints_a_list, ibd.CredentialsError, "fetched: AttributeError"),
        (process_that_prints_no_key, ibd.CredentialsError, "'AccessKeyId'"),
        (process_that_prints_a_bad_end, ibd.CredentialsError, "fetched: ParserError"),
        (process_that_fails, ibd.CredentialsError, "custom-process"),
        (process_with_an_open_quote, ibd.CredentialsError, "fetched: ValueError: No closing quotation"),
        (half_of_the_environment, ibd.CredentialsError, "missing: AWS_SECRET_ACCESS_KEY"),
        (half_of_a_shared_file, ibd.CredentialsError, "missing: aws_secret_access_key"),
        (shared_file_that_is_garbage, ibd.ConfigurationError, "Unable to parse config file"),
        (shared_file_that_is_no_text, ibd.ConfigurationError, "Unable to parse config file"),
        (role_without_a_source, ibd.CredentialsError, "missing: source_profile or credential_source"),
        (role_whose_source_is_missing, ibd.ConfigurationError, 'source_profile "source"'),
        (container_that_denies, ibd.CredentialsError, "container-role: .*403"),
        (container_elsewhere, ibd.CredentialsError, "fetched: ValueError: Unsupported host"),
        (container_at_a_bad_port, ibd.CredentialsError, "fetched: HTTPClientError"),
    ],
    ids=named,
)
def test_credentials_that_cannot_be_loaded_when_a_client_is_created(
    kind: Kind,
    expected: type[ibd.ImageBuilderDistError],
    reason: str,
    aws: SetUp,
    denying: CredentialServer,
    local: LocalImageBuilder,
) -> None:
    kind(aws, denying)

    with pytest.raises(ibd.ImageBuilderDistError, match=reason) as caught:
        own_client(local)

    assert type(caught.value) is expected
    assert (caught.value.operation, caught.value.may_have_been_applied) == (None, False)


def test_credentials_that_a_session_cannot_load(aws: SetUp, server: CredentialServer, local: LocalImageBuilder) -> None:
    process_that_is_missing(aws, server)

    with pytest.raises(ibd.CredentialsError, match=r"fetched: FileNotFoundError: .*no-process"):
        own_client(local, session=boto3.Session())

"""
Where credentials come from, compared with boto3; and what is said if there are none.
"""

import hashlib
import json
import shutil
import socket
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import boto3
import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.credentials import Credentials, SharedCredentialProvider, SSOProvider
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from botocore.tokens import SSOTokenProvider

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, CloseAfterApplying, LocalImageBuilder
from tests.credential_server import EXPIRED_TOKEN, LONG, SHORT, CredentialServer
from tests.shapes import ARN

ROLE = "arn:aws:iam::123456789012:role/deploy"
PORTAL = "https://example.awsapps.com/start"
ASSUME_ROLE = f"[default]\nrole_arn = {ROLE}\nsource_profile = source\n"
SOURCE = "[source]\naws_access_key_id = SOURCE\naws_secret_access_key = a secret\n"
SSO_ROLE = "sso_account_id = 123456789012\nsso_role_name = deploy\n"
SSO_LEGACY = f"[default]\nsso_start_url = {PORTAL}\nsso_region = us-east-1\n{SSO_ROLE}"
SSO_SESSION = (
    f"[default]\nsso_session = ours\n{SSO_ROLE}[sso-session ours]\nsso_start_url = {PORTAL}\nsso_region = us-east-1\n"
)
DISTRIBUTIONS = [
    ibd.Distribution(region="us-west-2", ami_distribution_configuration=ibd.AmiDistributionConfiguration())
]


@attrs.frozen
class SetUp:
    """
    A user's files and environment.
    """

    home: Path
    monkeypatch: pytest.MonkeyPatch

    def server(self, server: CredentialServer) -> None:
        for name in ("STS", "SSO", "SSO_OIDC"):
            self.env(f"AWS_ENDPOINT_URL_{name}", server.url)

    def env(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(name, value)

    def file(self, name: str, text: str | bytes) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def config(self, text: str) -> None:
        self.env("AWS_CONFIG_FILE", self.file("config", text))

    def credentials(self, text: str | bytes) -> None:
        self.env("AWS_SHARED_CREDENTIALS_FILE", self.file("credentials", text))

    def sso_token(self, name: str, token: str, lifetime: timedelta = LONG) -> None:
        document = {"accessToken": token, "expiresAt": (datetime.now(UTC) + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.cached_token(name, json.dumps(document))

    def cached_token(self, name: str, text: str) -> None:
        self.file(f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json", text)  # noqa: S324 - botocore's

    def process(self, printed: str) -> None:
        self.config(f"[default]\ncredential_process = cat {self.file('printed', printed)}\n")


def environment(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
    aws.env("AWS_SECRET_ACCESS_KEY", "a secret")


def shared_file(aws: SetUp, _: CredentialServer) -> None:
    aws.credentials("[default]\naws_access_key_id = SHAREDFILE\naws_secret_access_key = a secret\n")


def assume_role(aws: SetUp, _: CredentialServer) -> None:
    aws.config(ASSUME_ROLE)
    aws.credentials(SOURCE)


def web_identity(aws: SetUp, _: CredentialServer) -> None:
    aws.env("AWS_ROLE_ARN", ROLE)
    aws.env("AWS_WEB_IDENTITY_TOKEN_FILE", aws.file("token", "a web identity"))


def sso_legacy(aws: SetUp, _: CredentialServer) -> None:
    aws.config(SSO_LEGACY)
    aws.sso_token(PORTAL, "a token")


def sso_session(aws: SetUp, _: CredentialServer) -> None:
    aws.config(SSO_SESSION)
    aws.sso_token("ours", "a token")


def process(aws: SetUp, _: CredentialServer) -> None:
    aws.process(json.dumps({"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "a secret"}))


def container(aws: SetUp, server: CredentialServer) -> None:
    aws.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/credentials")


Kind = Callable[[SetUp, CredentialServer], None]
# Each kind, the key that it gives, and what the server is asked for each time.
KINDS: dict[Kind, tuple[str, list[str]]] = {
    environment: ("ENVIRONMENT", []),
    shared_file: ("SHAREDFILE", []),
    assume_role: ("ASSUMEROLE", ["AssumeRole"]),
    web_identity: ("ASSUMEROLEWITHWEBIDENTITY", ["AssumeRoleWithWebIdentity"]),
    sso_legacy: ("GETROLECREDENTIALS", ["GetRoleCredentials"]),
    sso_session: ("GETROLECREDENTIALS", ["GetRoleCredentials"]),
    process: ("PROCESS", []),
    container: ("CONTAINER", ["container"]),
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SetUp:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    # Both were derived from HOME when botocore was imported.
    for provider in (SSOProvider, SSOTokenProvider):
        monkeypatch.setattr(provider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws/sso/cache"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # also for the clients that fetch credentials
    return SetUp(tmp_path, monkeypatch)


@pytest.fixture
def server(aws: SetUp) -> Iterator[CredentialServer]:
    with CredentialServer() as server:
        aws.server(server)
        yield server


@pytest.fixture
def denying(aws: SetUp) -> Iterator[CredentialServer]:
    with CredentialServer([]) as server:
        aws.server(server)
        yield server


@pytest.fixture
def signed_with(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> list[str]:
    """The access keys of the requests that were sent to the local endpoint, in order."""
    keys: list[str] = []
    send: Any = URLLib3Session.send

    def note(self: Any, request: Any) -> Any:
        if request.url.startswith(local.url):
            authorization = request.headers["Authorization"]
            text = authorization.decode() if isinstance(authorization, bytes) else authorization
            keys.append(text.partition("Credential=")[2].partition("/")[0])
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", note)
    return keys


def must_not_retry(_: float) -> None:
    pytest.fail("it is retried")


RETRIES = ibd.Retries(sleep=must_not_retry)


def own_client(local: LocalImageBuilder, **options: Any) -> ibd.DistributionConfigurationClient:
    return ibd.DistributionConfigurationClient(endpoint_url=local.url, retries=RETRIES, **options)


def named(kind: object) -> str:
    return getattr(kind, "__name__", "")


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_without_a_session_credentials_are_found_as_boto3_finds_them(
    kind: Kind, aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    kind(aws, server)

    boto3.Session().client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
    list(own_client(local).list_distribution_configurations())

    key, asked = KINDS[kind]
    assert signed_with == [key, key]
    assert server.asked == asked * 2


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_boto3s_default_session_fetches_credentials_once_for_its_clients_and_ours(
    kind: Kind, aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    kind(aws, server)

    boto3.client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
    list(own_client(local).list_distribution_configurations())

    key, asked = KINDS[kind]
    assert signed_with == [key, key]
    assert server.asked == asked


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_session_that_is_passed_in_fetches_credentials_once_for_its_clients_and_ours(
    kind: Kind, aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    kind(aws, server)
    session = boto3.Session()

    session.client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
    list(own_client(local, session=session).list_distribution_configurations())

    key, asked = KINDS[kind]
    assert signed_with == [key, key]
    assert server.asked == asked


def test_the_order_of_the_sources_is_that_of_boto3(
    aws: SetUp, server: CredentialServer, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    """
    All sources are there at first, and one after the other goes.
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

    def both() -> None:
        boto3.Session().client("imagebuilder", endpoint_url=local.url).list_distribution_configurations()
        list(own_client(local).list_distribution_configurations())

    both()
    aws.monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    both()
    aws.config(f"[default]\n{sso}{lines}")
    both()
    aws.monkeypatch.delenv("AWS_WEB_IDENTITY_TOKEN_FILE")
    both()
    aws.config(f"[default]\n{lines}")
    both()
    aws.monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    both()
    aws.config(f"[default]\n{keys.format('CONFIGFILE')}")
    both()
    aws.config("")
    both()

    ours, theirs = signed_with[1::2], signed_with[::2]
    assert ours == theirs
    assert ours == [
        "ENVIRONMENT",
        "ASSUMEROLE",
        "ASSUMEROLEWITHWEBIDENTITY",
        "GETROLECREDENTIALS",
        "SHAREDFILE",
        "PROCESS",
        "CONFIGFILE",
        "CONTAINER",
    ]


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


def test_a_process_whose_credentials_end_is_run_again(
    aws: SetUp, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    end = (datetime.now(UTC) + SHORT).strftime("%Y-%m-%dT%H:%M:%SZ")
    printed = {"Version": 1, "SecretAccessKey": "a secret", "SessionToken": "a session", "Expiration": end}

    def print_next(key: str) -> None:
        aws.process(json.dumps({**printed, "AccessKeyId": key}))

    print_next("FIRST")
    ours = own_client(local)
    theirs = boto3.Session().client("imagebuilder", endpoint_url=local.url)
    for key in ("SECOND", "THIRD"):
        print_next(key)
        theirs.list_distribution_configurations()
        list(ours.list_distribution_configurations())

    assert signed_with == ["SECOND", "SECOND", "THIRD", "THIRD"]


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
    What STS gives out in one Region isn't valid in every other.
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
    botocore takes two threads that follow the same chain of profiles for an infinite loop.
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


def nothing(_: SetUp, __: CredentialServer) -> None:
    pass


def web_identity_without_its_file(aws: SetUp, server: CredentialServer) -> None:
    web_identity(aws, server)
    aws.env("AWS_WEB_IDENTITY_TOKEN_FILE", str(aws.home / "no-token"))


def web_identity_that_is_too_short(aws: SetUp, server: CredentialServer) -> None:
    web_identity(aws, server)
    aws.file("token", "x")


def sts_at_a_bad_port(aws: SetUp, server: CredentialServer) -> None:
    assume_role(aws, server)
    aws.env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:99999")


def sso_without_a_token(aws: SetUp, _: CredentialServer) -> None:
    aws.config(SSO_LEGACY)


def sso_session_without_a_token(aws: SetUp, _: CredentialServer) -> None:
    aws.config(SSO_SESSION)


def sso_with_an_expired_token(aws: SetUp, server: CredentialServer) -> None:
    sso_legacy(aws, server)
    aws.sso_token(PORTAL, EXPIRED_TOKEN, -LONG)


def sso_session_with_an_expired_token(aws: SetUp, server: CredentialServer) -> None:
    sso_session(aws, server)
    aws.sso_token("ours", EXPIRED_TOKEN, -LONG)


def sso_whose_token_is_garbage(aws: SetUp, server: CredentialServer) -> None:
    sso_legacy(aws, server)
    aws.cached_token(PORTAL, "garbage")


IN_A_CALL: list[tuple[Kind, str]] = [
    (nothing, "^Unable to locate credentials; set AWS_PROFILE"),
    (assume_role, r"fetched: ClientError: .*\(AccessDenied\) when calling the AssumeRole operation.*: not for you"),
    (web_identity, r"fetched: \w+: .*\(AccessDenied\) when calling the AssumeRoleWithWebIdentity operation"),
    (sso_legacy, r"fetched: \w+: .*\(ForbiddenException\) when calling the GetRoleCredentials operation"),
    (sso_session, r"fetched: \w+: .*\(ForbiddenException\) when calling the GetRoleCredentials operation"),
    (web_identity_without_its_file, "fetched: FileNotFoundError: .*no-token"),
    (web_identity_that_is_too_short, "(?s)fetched: ParamValidationError: .*WebIdentityToken"),
    (sts_at_a_bad_port, "fetched: ValueError: Port out of range"),
    (sso_without_a_token, "Error loading SSO Token"),
    (sso_session_without_a_token, "Error loading SSO Token"),
    (sso_with_an_expired_token, "has expired or is otherwise invalid"),
    (sso_session_with_an_expired_token, "Token has expired"),
    (sso_whose_token_is_garbage, "fetched: KeyError"),
]


def assert_nothing_was_sent(error: ibd.ImageBuilderDistError, local: LocalImageBuilder) -> None:
    assert type(error) is ibd.CredentialsError
    assert error.operation == "UpdateDistributionConfiguration"
    assert (error.client_token, error.may_have_been_applied) == ("a token", False)
    assert not error.attempts
    assert local.requests == ()


def update(client: ibd.DistributionConfigurationClient) -> None:
    client.update_distribution_configuration(ARN, DISTRIBUTIONS, client_token="a token")


@pytest.mark.parametrize(("kind", "reason"), IN_A_CALL, ids=named)
def test_credentials_that_cannot_be_fetched_in_a_call(
    kind: Kind, reason: str, aws: SetUp, denying: CredentialServer, local: LocalImageBuilder
) -> None:
    kind(aws, denying)
    client = own_client(local)

    with pytest.raises(ibd.CredentialsError, match=reason) as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)


def test_credentials_that_a_client_that_is_passed_in_cannot_fetch(
    aws: SetUp, denying: CredentialServer, local: LocalImageBuilder
) -> None:
    assume_role(aws, denying)
    client = ibd.DistributionConfigurationClient(
        boto3.Session().client("imagebuilder", endpoint_url=local.url), retries=RETRIES
    )

    with pytest.raises(ibd.CredentialsError, match="AssumeRole") as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)
    assert isinstance(caught.value.__cause__, ClientError)
    assert denying.asked == ["AssumeRole"]


def test_sts_that_is_not_there(aws: SetUp, server: CredentialServer, local: LocalImageBuilder) -> None:
    assume_role(aws, server)
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        aws.env("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{nobody_listens.getsockname()[1]}")
        client = own_client(local)

        with pytest.raises(ibd.CredentialsError, match="fetched: EndpointConnectionError: Could not connect") as caught:
            update(client)

    assert_nothing_was_sent(caught.value, local)


def test_credentials_that_have_ended_already(aws: SetUp, local: LocalImageBuilder) -> None:
    with CredentialServer(lifetime=-LONG) as server:
        aws.server(server)
        assume_role(aws, server)
        client = own_client(local)

        with pytest.raises(ibd.CredentialsError, match=r"fetched: RuntimeError: .* still expired") as caught:
            update(client)

    assert_nothing_was_sent(caught.value, local)


def test_a_response_of_sts_that_was_cut_off_does_not_show_its_keys(aws: SetUp, local: LocalImageBuilder) -> None:
    with CredentialServer(body="<AssumeRoleResponse><SecretAccessKey>a secret</Sec") as server:
        aws.server(server)
        assume_role(aws, server)
        client = own_client(local)

        with pytest.raises(ibd.CredentialsError, match="fetched: ResponseParserError: Unable to parse") as caught:
            update(client)

    assert_nothing_was_sent(caught.value, local)
    assert "a secret" not in str(caught.value)


def test_a_write_that_was_sent_before_credentials_could_not_be_replaced_may_have_been_applied(
    aws: SetUp, local: LocalImageBuilder, signed_with: list[str]
) -> None:
    """
    botocore signs each of its own attempts anew.
    """
    aws.monkeypatch.setattr(botocore.endpoint, "time", types.SimpleNamespace(sleep=lambda _: None))
    aws.env("AWS_MAX_ATTEMPTS", "2")
    local.inject(AnswerError("ServiceException", 500))
    with CredentialServer(["FIRST"], lifetime=SHORT) as server:
        aws.server(server)
        assume_role(aws, server)
        client = own_client(local, config=Config(retries={"total_max_attempts": 2}))

        with pytest.raises(ibd.CredentialsError, match="AssumeRole") as caught:
            update(client)

    assert signed_with == ["FIRST"]
    assert (caught.value.attempts, caught.value.may_have_been_applied) == (1, True)


class Denied(Credentials):
    """Credentials of somebody's own making."""

    def get_frozen_credentials(self) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRole")


def test_credentials_of_somebodys_own_making_that_cannot_be_fetched(aws: SetUp, local: LocalImageBuilder) -> None:
    session: Any = get_session()
    provider: Any = types.SimpleNamespace(
        METHOD="somebody's", CANONICAL_NAME=None, load=lambda: Denied("a key", "a secret")
    )
    session.get_component("credential_provider").insert_before("env", provider)
    client = own_client(local, session=boto3.Session(botocore_session=session))

    with pytest.raises(ibd.CredentialsError, match="AssumeRole") as caught:
        update(client)

    assert_nothing_was_sent(caught.value, local)


def test_the_endpoint_of_a_client_that_is_passed_in_has_no_such_port(session: Any) -> None:
    client = ibd.DistributionConfigurationClient(
        session.client("imagebuilder", endpoint_url="http://127.0.0.1:99999"), retries=RETRIES
    )

    with pytest.raises(ibd.ConfigurationError, match="Port out of range") as caught:
        update(client)

    assert isinstance(caught.value.__cause__, ValueError)
    assert not caught.value.attempts
    assert not caught.value.may_have_been_applied


def test_a_mistake_of_somebody_who_listens_to_a_request_being_signed_stays_as_it_is(
    session: Any, local: LocalImageBuilder
) -> None:
    def fail(**_: object) -> None:
        raise LookupError("a mistake")

    theirs = session.client("imagebuilder", endpoint_url=local.url)
    theirs.meta.events.register("before-sign.imagebuilder", fail)

    with pytest.raises(LookupError, match="a mistake"):
        update(ibd.DistributionConfigurationClient(theirs))


def test_a_request_that_another_listener_takes_may_have_been_applied(session: Any) -> None:
    """
    One that was registered before the client was passed in is asked first, and sends the request in its own way.
    """
    local = LocalImageBuilder()
    theirs = session.client("imagebuilder", config=Config(retries={"total_max_attempts": 1}))
    local.attach(theirs)
    local.inject(CloseAfterApplying())
    client = ibd.DistributionConfigurationClient(theirs, retries=ibd.Retries(attempts=1))

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.create_distribution_configuration("web", DISTRIBUTIONS)

    assert caught.value.may_have_been_applied
    assert len(local.requests) == 1

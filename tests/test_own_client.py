"""
A client that we make without a session finds everything where boto3's users keep it.
"""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest
from botocore.config import Config
from botocore.loaders import JSONFileLoader
from botocore.session import get_session

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder

from .shapes import ARN


@pytest.fixture(autouse=True)
def _no_default_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def credential_of(client: ibd.DistributionConfigurationClient) -> str:
    """Give access key, day, Region and service, as a request is signed with them."""
    theirs: Any = vars(client)["_client"]
    LocalImageBuilder().attach(theirs)
    signed: list[str] = []

    def note(request: Any, **_: object) -> None:
        signed.append(request.headers["Authorization"].decode())

    theirs.meta.events.register_first("before-send.imagebuilder", note)
    list(client.list_distribution_configurations())
    return signed[0].partition("Credential=")[2].partition(",")[0]


@pytest.fixture
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FROMENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.mark.usefixtures("_keys")
def test_credentials_and_region_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    credential = credential_of(ibd.DistributionConfigurationClient()).split("/")

    assert (credential[0], *credential[2:4]) == ("FROMENV", "eu-central-1", "imagebuilder")


def test_a_profile_with_its_credentials_and_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile deploy]\nregion = ap-south-1\n")
    (tmp_path / "credentials").write_text(
        "[deploy]\naws_access_key_id = FROMPROFILE\naws_secret_access_key = secret\n"
        "[default]\naws_access_key_id = FROMDEFAULT\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "deploy")

    credential = credential_of(ibd.DistributionConfigurationClient()).split("/")

    assert (credential[0], credential[2]) == ("FROMPROFILE", "ap-south-1")


def test_a_profile_that_is_not_there_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody's")

    with pytest.raises(ibd.ConfigurationError, match="nobody's"):
        ibd.DistributionConfigurationClient(region_name="us-west-2")


@pytest.mark.usefixtures("_keys")
def test_the_region_that_is_given_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    assert "/us-east-2/" in credential_of(ibd.DistributionConfigurationClient(region_name="us-east-2"))


@pytest.mark.usefixtures("_keys")
def test_the_endpoint_of_the_environment(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_IMAGEBUILDER", local.url)

    list(ibd.DistributionConfigurationClient(region_name="us-west-2").list_distribution_configurations())

    assert len(local.requests) == 1


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:99999", "http://127.0.0.1:0", "http://127.0.0.1:x", "ftp://127.0.0.1", "http://[::1"],
)
@pytest.mark.parametrize("variable", [None, "AWS_ENDPOINT_URL_IMAGEBUILDER"])
def test_an_endpoint_that_cannot_be_used_is_found_when_the_client_is_created(
    monkeypatch: pytest.MonkeyPatch, url: str, variable: str | None
) -> None:
    if variable is not None:
        monkeypatch.setenv(variable, url)

    with pytest.raises(ibd.ConfigurationError) as caught:
        ibd.DistributionConfigurationClient(region_name="us-west-2", endpoint_url=None if variable else url)

    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.usefixtures("_keys")
def test_a_setting_that_botocore_does_not_know_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "bogus")

    with pytest.raises(ibd.ConfigurationError, match="bogus") as caught:
        ibd.DistributionConfigurationClient(region_name="us-west-2")

    assert not caught.value.may_have_been_applied


@pytest.mark.usefixtures("_keys")
def test_a_signature_that_botocore_does_not_know_is_a_configuration_error(local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(
        region_name="us-west-2",
        endpoint_url=local.url,
        config=Config(signature_version="bogus"),
        retries=ibd.Retries(sleep=lambda _: pytest.fail("it is retried")),
    )

    with pytest.raises(ibd.ConfigurationError, match="bogus") as caught:
        client.tag_resource(ARN, {"a": "b"})

    assert not caught.value.may_have_been_applied
    assert local.requests == ()


class Recording:
    """A session that shows the client it has created; it has no more than a fake of a session needs."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def client(self, *args: Any, **options: Any) -> Any:
        self.made = self._session.client(*args, **options)
        return self.made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"mode": "adaptive"}, {"mode": "adaptive", "total_max_attempts": 1}),
        ({"mode": "adaptive", "total_max_attempts": 3}, {"mode": "adaptive", "total_max_attempts": 3}),
        ({"mode": "standard", "max_attempts": 2}, {"mode": "standard", "total_max_attempts": 3}),
    ],
)
def test_the_retry_mode_that_was_given_is_kept(session: Any, given: Any, kept: Any) -> None:
    recording = Recording(session)

    ibd.DistributionConfigurationClient(session=recording, config=Config(retries=given))

    assert recording.made.meta.config.retries == kept


def test_the_retry_mode_of_the_environment_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    recording = Recording(boto3.Session(region_name="us-west-2"))

    ibd.DistributionConfigurationClient(session=recording)

    assert recording.made.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 1}


@pytest.fixture
def _two_attempts_in_the_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nmax_attempts = 2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def attempts_of(client: ibd.DistributionConfigurationClient, local: LocalImageBuilder) -> int | None:
    local.inject(AnswerError("ServiceException"), times=9)
    with pytest.raises(ibd.ServiceException) as caught:
        list(client.list_distribution_configurations())
    assert caught.value.attempts == len(local.requests)
    return caught.value.attempts


@pytest.mark.usefixtures("_keys", "_two_attempts_in_the_profile")
@pytest.mark.parametrize("is_boto3s", [False, True], ids=["botocore's session", "boto3's session"])
@pytest.mark.parametrize(("environment", "given", "attempts"), [(None, None, 2), ("3", None, 3), ("3", 4, 4)], ids=str)
def test_the_environment_sets_the_default_of_attempts(
    monkeypatch: pytest.MonkeyPatch,
    local: LocalImageBuilder,
    environment: str | None,
    given: int | None,
    attempts: int,
    is_boto3s: bool,
) -> None:
    if environment is not None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", environment)
    client = ibd.DistributionConfigurationClient(
        session=boto3.Session() if is_boto3s else None,
        region_name="us-west-2",
        endpoint_url=local.url,
        retries=ibd.Retries(attempts=given, sleep=lambda _: None),
    )

    assert attempts_of(client, local) == attempts


@pytest.mark.usefixtures("_keys")
def test_five_attempts_if_nothing_is_set(local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(
        region_name="us-west-2", endpoint_url=local.url, retries=ibd.Retries(sleep=lambda _: None)
    )

    assert attempts_of(client, local) == 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "profile's max_attempts, must be 1 or more, not 0"),
        ("many", "profile's max_attempts, must be a whole number: .*'many'"),
    ],
)
def test_attempts_that_make_no_sense_are_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, value: str, text: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", value)

    with pytest.raises(ibd.ConfigurationError, match=f"^AWS_MAX_ATTEMPTS, or the {text}"):
        ibd.DistributionConfigurationClient(region_name="us-west-2")


def test_a_mistake_in_a_session_stays_as_it_is() -> None:
    class Failing:
        def client(self, *_: Any, **__: Any) -> Any:
            raise LookupError("a mistake")

    with pytest.raises(LookupError, match="a mistake"):
        ibd.DistributionConfigurationClient(session=Failing())


def keys_of(access_key: str) -> str:
    return f"aws_access_key_id = {access_key}\naws_secret_access_key = secret\n"


def other_keys(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def other_profile(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "other")


def other_region(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def other_config_file(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "other config").write_text("[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "other config"))


def other_config(_: pytest.MonkeyPatch, home: Path) -> None:
    (home / ".aws/config").write_text("[default]\nregion = eu-west-1\n")


def other_credentials(_: pytest.MonkeyPatch, home: Path) -> None:
    (home / ".aws/credentials").write_text(f"[default]\n{keys_of('OTHER')}")


def other_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "elsewhere/.aws").mkdir(parents=True)
    (home / "elsewhere/.aws/config").write_text(f"[default]\nregion = us-west-2\n{keys_of('OTHER')}")
    monkeypatch.setenv("HOME", str(home / "elsewhere"))


def other_model(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    model = copy.deepcopy(get_session().get_service_data("imagebuilder"))
    model["metadata"]["signingName"] = "other"
    (home / "data/imagebuilder/2019-12-02").mkdir(parents=True)
    (home / "data/imagebuilder/2019-12-02/service-2.json").write_text(json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(home / "data"))


Change: TypeAlias = Callable[[pytest.MonkeyPatch, Path], None]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (other_keys, ["OTHER", "us-west-2", "imagebuilder"]),
        (other_profile, ["OTHERPROFILE", "us-west-2", "imagebuilder"]),
        (other_region, ["DEFAULT", "eu-west-1", "imagebuilder"]),
        (other_config_file, ["DEFAULT", "eu-west-1", "imagebuilder"]),
        (other_config, ["DEFAULT", "eu-west-1", "imagebuilder"]),
        (other_credentials, ["OTHER", "us-west-2", "imagebuilder"]),
        (other_home, ["OTHER", "us-west-2", "imagebuilder"]),
        (other_model, ["DEFAULT", "us-west-2", "other"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_changes_between_two_clients_is_seen_by_the_second(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Change, expected: list[str]
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default]\nregion = us-west-2\n[profile other]\nregion = us-west-2\n")
    (tmp_path / ".aws/credentials").write_text(f"[default]\n{keys_of('DEFAULT')}[other]\n{keys_of('OTHERPROFILE')}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AWS_CONFIG_FILE")
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    first = credential_of(ibd.DistributionConfigurationClient()).split("/")

    change(monkeypatch, tmp_path)
    second = credential_of(ibd.DistributionConfigurationClient()).split("/")

    assert [first[0], *first[2:4]] == ["DEFAULT", "us-west-2", "imagebuilder"]
    assert [second[0], *second[2:4]] == expected


@pytest.mark.usefixtures("_keys")
def test_the_model_is_read_once_and_a_session_made_once_for_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    ibd.DistributionConfigurationClient(region_name="us-west-2")

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("reads a file, or makes a session")

    monkeypatch.setattr(JSONFileLoader, "load_file", fail)
    ibd.DistributionConfigurationClient(region_name="eu-west-1")
    monkeypatch.setattr("botocore.session.get_session", fail)
    ibd.DistributionConfigurationClient(region_name="eu-west-1")


@pytest.mark.usefixtures("_keys")
def test_boto3s_default_session_where_the_program_has_one() -> None:
    boto3.setup_default_session(
        aws_access_key_id="FROMSESSION", aws_secret_access_key="secret", region_name="sa-east-1"
    )

    credential = credential_of(ibd.DistributionConfigurationClient()).split("/")

    assert (credential[0], credential[2]) == ("FROMSESSION", "sa-east-1")


@pytest.mark.usefixtures("_keys")
def test_boto3_is_not_imported_where_the_program_does_not_have_it() -> None:
    code = (
        "import sys, imagebuilder_dist as ibd; ibd.DistributionConfigurationClient(region_name='us-west-2'); "
        "print('boto3' in sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"

"""
A client created by the library finds credentials, Region and endpoint in boto3's places.
"""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import LocalImageBuilder
from tests.samples import ARN

from .signatures import credential_of


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

    with pytest.raises(ibd.ConfigurationError, match="URL of an endpoint or of a proxy is invalid"):
        ibd.DistributionConfigurationClient(region_name="us-west-2", endpoint_url=None if variable else url)


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


def test_a_mistake_in_a_session_stays_as_it_is() -> None:
    class Failing:
        def client(self, *_: Any, **__: Any) -> Any:
            raise LookupError("a mistake")

    with pytest.raises(LookupError, match="a mistake"):
        ibd.DistributionConfigurationClient(session=Failing())


def test_a_client_of_ours_names_the_library(monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    agents: list[Any] = []

    class Recording:
        def client(self, *args: Any, **kwargs: Any) -> Any:
            made = boto3.Session().client(*args, **kwargs)
            made.meta.events.register(
                "before-send.imagebuilder", lambda request, **_: agents.append(request.headers["User-Agent"])
            )
            return made

    for config in (None, Config(read_timeout=7), Config(user_agent_extra="theirs/1")):
        client = ibd.DistributionConfigurationClient(
            session=Recording(), region_name="us-west-2", endpoint_url=local.url, config=config
        )
        with pytest.raises(ibd.ResourceNotFoundException):
            client.get_distribution_configuration(ARN)

    texts = [agent.decode() if isinstance(agent, bytes) else agent for agent in agents]
    assert [f"imagebuilder_dist/{ibd.__version__}" in text for text in texts] == [True] * 3
    assert ["theirs/1" in text for text in texts] == [False, False, True]


@pytest.mark.parametrize("config", [None, Config(parameter_validation=True, read_timeout=7)])
def test_a_client_of_ours_does_not_check_twice(session: Any, local: LocalImageBuilder, config: Config | None) -> None:
    """
    Botocore's parameter validation is off: models and our validation reject whatever it would.
    """
    made: list[Any] = []

    class Recording:
        def client(self, *args: Any, **kwargs: Any) -> Any:
            made.append(session.client(*args, **kwargs))
            return made[-1]

    ibd.DistributionConfigurationClient(session=Recording(), endpoint_url=local.url, config=config)
    ibd.DistributionConfigurationClient(theirs := session.client("imagebuilder", endpoint_url=local.url))

    with pytest.raises(made[0].exceptions.InvalidParameterValueException):
        made[0].get_distribution_configuration()
    with pytest.raises(ParamValidationError):
        theirs.get_distribution_configuration()


def test_a_client_of_ours_takes_region_and_endpoint_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_IMAGEBUILDER", local.url)

    client = ibd.DistributionConfigurationClient(session=boto3.Session())

    with pytest.raises(ibd.ResourceNotFoundException):
        client.get_distribution_configuration(ARN)


def test_a_client_of_ours_uses_boto3s_default_session(
    monkeypatch: pytest.MonkeyPatch, local: LocalImageBuilder
) -> None:
    monkeypatch.setattr(
        boto3,
        "DEFAULT_SESSION",
        boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-west-2"),
    )

    client = ibd.DistributionConfigurationClient(endpoint_url=local.url)

    with pytest.raises(ibd.ResourceNotFoundException):
        client.get_distribution_configuration(ARN)


def test_no_region_is_a_configuration_error() -> None:
    with pytest.raises(ibd.ConfigurationError, match="You must specify a region"):
        ibd.DistributionConfigurationClient(session=boto3.Session())


def test_an_endpoint_that_is_not_a_url_is_a_configuration_error() -> None:
    with pytest.raises(ibd.ConfigurationError, match="URL of an endpoint"):
        ibd.DistributionConfigurationClient(session=boto3.Session(), region_name="us-west-2", endpoint_url="not a url")


def test_a_profile_that_does_not_exist_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no-config").write_text("[default]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    with pytest.raises(ibd.ConfigurationError, match="nobody"):
        ibd.DistributionConfigurationClient()

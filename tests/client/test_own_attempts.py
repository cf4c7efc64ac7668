"""
A client created by the library keeps the retry mode and the number of attempts of boto3's settings.
"""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder


class Recording:
    """A session that records the client that it created; it has only what a fake of a session needs."""

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

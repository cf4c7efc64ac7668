"""
No secret in anything that people read.
"""

import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, LocalImageBuilder
from tests.faulty import FaultyServer, http
from tests.samples import ARN, EVERYTHING

KEY, SECRET, TOKEN = "AKIDKEYKEYKEY", "secretsecretsecret", "sessiontokensessiontoken"
OTHERS = "998877665544"


@pytest.fixture
def told(local: LocalImageBuilder, caplog: pytest.LogCaptureFixture) -> Any:
    """Return everything that was logged, and all that a failed call says, with its causes."""
    caplog.set_level(logging.DEBUG, logger="imagebuilder_dist")
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    session = boto3.Session(KEY, SECRET, TOKEN, region_name="us-west-2")

    def tell(url: str | None = None) -> str:
        client = ibd.DistributionConfigurationClient(
            session=session, endpoint_url=url or local.url, config=config, retries=ibd.Retries(attempts=1)
        )
        with pytest.raises(ibd.ImageBuilderDistError) as caught:
            client.get_distribution_configuration(ARN)
        error = caught.value
        lines = traceback.format_exception(error)
        return "\n".join([*lines, str(error), repr(error), repr(vars(error)), str(pickle.dumps(error)), caplog.text])

    return tell


def test_credentials_are_in_no_error_and_no_log(local: LocalImageBuilder, told: Callable[[], str]) -> None:
    local.inject(AnswerError("AccessDeniedException"))

    text = told()

    assert "AccessDeniedException" in text
    assert not any(secret in text for secret in (KEY, SECRET, TOKEN))


@pytest.mark.parametrize(
    "configuration",
    [
        {"tags": {"team": [OTHERS]}},
        {"name": [OTHERS]},
        {"distributions": [{"region": "r", "amiDistributionConfiguration": {"targetAccountIds": [{OTHERS: 1}]}}]},
        {"distributions": OTHERS},
    ],
)
def test_an_unreadable_response_is_not_shown_to_everybody(told: Callable[[str], str], configuration: object) -> None:
    body = json.dumps({"distributionConfiguration": configuration}).encode()

    with FaultyServer(http("200 OK", body)) as server:
        text = told(server.url)

    assert "ResponseError" in text
    assert OTHERS not in text


def test_warnings_name_paths_and_no_values(local: LocalImageBuilder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="imagebuilder_dist"):
        ibd.DistributionConfigurationClient(local.boto3_client()).create_distribution_configuration("web", [EVERYTHING])

    assert "distributions[0].amiDistributionConfiguration.launchPermission.userGroups[0]" in caplog.text
    assert not any(value in caplog.text for value in ("111122223333", "alias/web", "/ami/web", "lt-0123456789abcdef0"))


def test_a_client_shows_no_keys(local: LocalImageBuilder) -> None:
    session = boto3.Session(KEY, SECRET, TOKEN, region_name="us-west-2")

    shown = repr(ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url))

    assert "DistributionConfigurationClient" in shown
    assert not any(secret in shown for secret in (KEY, SECRET, TOKEN))

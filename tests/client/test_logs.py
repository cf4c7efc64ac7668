"""
What the log contains: names and counts, never a value.
"""

import asyncio
import logging
from typing import Any
from unittest.mock import Mock

import attrs
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import aio, steps
from imagebuilder_dist.testing import CloseAfterApplying, Fault, LocalImageBuilder
from tests.samples import ARN, WEB

from .helpers import CREATE, THROTTLED, UPDATE, described, own

LIST = "ListDistributionConfigurations"


WEB_ARN = ARN.rpartition("/")[0] + "/web"


PUBLIC = ibd.Distribution(
    region="us-west-2",
    ami_distribution_configuration=ibd.AmiDistributionConfiguration(
        launch_permission=ibd.LaunchPermissionConfiguration(user_groups=["all"])
    ),
)


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="imagebuilder_dist")


def ours(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "imagebuilder_dist"]


def test_a_write_that_is_throttled_tells_each_attempt_and_each_delay(
    session: Any, local: LocalImageBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    local.inject(THROTTLED, times=2)

    own(session, local).create_distribution_configuration("web", [WEB])

    assert ours(caplog) == [
        ("DEBUG", f"{CREATE} of web: attempt 1: 429 CallRateLimitExceededException after 0.000 s"),
        ("WARNING", f"{CREATE} of web: CallRateLimitExceededException; attempt 2 follows in 1.0 s"),
        ("DEBUG", f"{CREATE} of web: attempt 2: 429 CallRateLimitExceededException after 0.000 s"),
        ("WARNING", f"{CREATE} of web: CallRateLimitExceededException; attempt 3 follows in 2.0 s"),
        ("DEBUG", f"{CREATE} of web: attempt 3: 200 after 0.000 s"),
        ("INFO", f"{CREATE} of web: written"),
    ]


def test_the_records_have_what_their_texts_have(
    session: Any, local: LocalImageBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    local.inject(THROTTLED)

    created = own(session, local).create_distribution_configuration("web", [PUBLIC])

    standard = {*vars(logging.makeLogRecord({})), "message"}
    facts = [
        {key: value for key, value in vars(record).items() if key not in standard}
        for record in caplog.records
        if record.name == "imagebuilder_dist"
    ]
    about = {"operation": CREATE, "resource": "web"}
    attempt = about | {"client_token": created.client_token, "duration": 0.0}
    throttled = "CallRateLimitExceededException"
    path = "distributions[0].amiDistributionConfiguration.launchPermission.userGroups[0]"
    request_ids = {"first": facts[1]["request_id"], "second": created.request_id}
    assert facts == [
        about | {"rule": "public-ami", "path": path},
        attempt | {"attempt": 1, "http_status": 429, "request_id": request_ids["first"], "error": throttled},
        about | {"attempt": 2, "delay": 1.0, "error": throttled},
        attempt | {"attempt": 2, "http_status": 200, "request_id": request_ids["second"], "error": None},
        about | {"request_id": created.request_id},
    ]


def test_a_read_tells_its_attempts_alone(
    session: Any, local: LocalImageBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    assert [*own(session, local).list_distribution_configurations()] == []

    assert ours(caplog) == [("DEBUG", f"{LIST}: attempt 1: 200 after 0.000 s")]


def test_every_outcome_of_an_edit_and_of_an_ensure_is_told(
    session: Any, local: LocalImageBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    client = own(session, local)
    caplog.set_level(logging.INFO, logger="imagebuilder_dist")

    for dry_run in (True, False):
        client.ensure_distribution_configuration("web", [WEB], dry_run=dry_run)
    client.ensure_distribution_configuration("web", [WEB], description="d", tags={"team": "web"})
    client.ensure_distribution_configuration("web", [WEB], description="d")
    for dry_run in (True, False, False):
        client.edit_distribution_configuration(WEB_ARN, described("new"), dry_run=dry_run)
    with pytest.raises(ibd.NotConfiguredError):
        client.edit_distribution_configuration(WEB_ARN, lambda stored: steps.remove_regions(stored, ["eu-west-1"]))
    with pytest.raises(ibd.ValidationError):
        client.ensure_distribution_configuration("w", [WEB])

    assert ours(caplog) == [
        ("INFO", "ensure of web: would be created, 1 change"),
        ("INFO", f"{CREATE} of web: written"),
        ("INFO", "ensure of web: created, 1 change"),
        ("INFO", f"{UPDATE} of {WEB_ARN}: written"),
        ("INFO", f"TagResource of {WEB_ARN}: written"),
        ("INFO", "ensure of web: written, 2 changes"),
        ("INFO", "ensure of web: nothing to write, 0 changes"),
        ("INFO", f"edit of {WEB_ARN}: would be written, 1 change"),
        ("INFO", f"{UPDATE} of {WEB_ARN}: written"),
        ("INFO", f"edit of {WEB_ARN}: written, 1 change"),
        ("INFO", f"edit of {WEB_ARN}: nothing to write, 0 changes"),
        ("WARNING", f"edit of {WEB_ARN}: failed, NotConfiguredError; {ibd.NotConfiguredError.remedy}"),
        ("WARNING", f"{CREATE} of w: failed, ValidationError, pattern at name; {ibd.ValidationError.remedy}"),
    ]


@pytest.mark.parametrize(
    ("fault", "level", "told"),
    [
        (THROTTLED, "WARNING", f"2 attempts, request id ID, client token t; {ibd.ThrottledError.remedy}"),
        (
            CloseAfterApplying(),
            "ERROR",
            "2 attempts, client token t, may have been applied; "
            f"{ibd.ConnectionFailedError.remedy}; retry the write with the same client_token",
        ),
    ],
    ids=["throttled", "lost"],
)
def test_a_call_that_fails_for_good_is_one_line_that_says_what_to_do(
    session: Any, local: LocalImageBuilder, caplog: pytest.LogCaptureFixture, fault: Fault, level: str, told: str
) -> None:
    local.inject(fault, times=2)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        own(session, local, attempts=2).update_distribution_configuration(ARN, [WEB], client_token="t")

    error = caught.value
    *_, record = [each for each in caplog.records if each.name == "imagebuilder_dist"]
    code = error.code if isinstance(error, ibd.ApiError) else type(error).__name__
    expected = f"{UPDATE} of {ARN}: failed, {code}, {told.replace('ID', str(error.request_id))}"
    assert (record.levelname, record.getMessage()) == (level, expected)
    facts = {"error": code, "attempts": 2, "client_token": "t", "may_have_been_applied": level == "ERROR"}
    assert facts.items() <= vars(record).items()
    assert sum("failed," in message for _, message in ours(caplog)) == 1


def test_the_success_of_a_dry_run_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    fake = Mock(spec=["create_distribution_configuration"])
    success: Any = {"Error": {"Code": "DryRunOperationException"}}
    fake.create_distribution_configuration.side_effect = ClientError(success, CREATE)

    with pytest.raises(ibd.DryRunOperationException):
        ibd.DistributionConfigurationClient(fake).create_distribution_configuration("web", [WEB], dry_run=True)

    assert not any("failed" in message for _, message in ours(caplog))


def test_an_edit_that_starts_over_tells_why(
    session: Any, local: LocalImageBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    client = own(session, local)
    arn = client.create_distribution_configuration("web", [WEB]).distribution_configuration_arn
    caplog.set_level(logging.WARNING, logger="imagebuilder_dist")
    caplog.clear()
    interfering = iter([True, False])

    def change(stored: ibd.DistributionConfiguration) -> ibd.DistributionConfiguration:
        if next(interfering):
            client.update_distribution_configuration(arn, [WEB], description="other")
        return attrs.evolve(stored, description="new")

    client.edit_distribution_configuration(arn, change)

    assert ours(caplog) == [("WARNING", f"edit of {arn}: modified concurrently; attempt 2 follows in 0.3 s")]


def test_both_clients_tell_the_same(session: Any, caplog: pytest.LogCaptureFixture) -> None:
    seen: dict[str, list[ibd.Attempt]] = {"sync": [], "async": []}
    told: dict[str, list[tuple[str, str]]] = {}

    async def asynchronously(local: LocalImageBuilder) -> None:
        retries = ibd.Retries(
            on_attempt=seen["async"].append, sleep=lambda _: None, clock=lambda: 0.0, random=lambda: 1.0
        )
        async with aio.DistributionConfigurationClient(
            session=session, endpoint_url=local.url, retries=retries
        ) as client:
            await client.ensure_distribution_configuration("web", [PUBLIC])

    with LocalImageBuilder() as local:
        local.inject(THROTTLED)
        own(session, local, on_attempt=seen["sync"].append).ensure_distribution_configuration("web", [PUBLIC])
        told["sync"] = ours(caplog)
    caplog.clear()
    with LocalImageBuilder() as local:
        local.inject(THROTTLED)
        asyncio.run(asynchronously(local))
        told["async"] = ours(caplog)

    assert told["sync"] == told["async"]
    assert len(seen["sync"]) == 3
    asked, asked_async = (
        [attrs.evolve(each, client_token=None, request_id=None) for each in attempts] for attempts in seen.values()
    )
    assert asked == asked_async


anything = st.text(st.characters(codec="utf-8"), max_size=30)


hidden = st.sampled_from(["hunter2", "AKIDEXAMPLE"])


@given(code=anything, message=anything, request_id=anything, secret=hidden)
def test_no_line_has_a_control_character_or_a_secret(code: str, message: str, request_id: str, secret: str) -> None:
    """
    This holds for every response, whoever sends it.
    """
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.extend(map(str, [record.getMessage(), *vars(record).values()]))

    response: Any = {
        "Error": {"Code": f"{code} session_token={secret}", "Message": f"{message} session_token={secret}"},
        "ResponseMetadata": {"HTTPStatusCode": 500, "RequestId": f"{request_id} Credential={secret}"},
    }
    fake = Mock()  # says things that no server could get past botocore's parser
    fake.update_distribution_configuration.side_effect = ClientError(response, UPDATE)
    logger, handler = logging.getLogger("imagebuilder_dist"), Handler()
    logger.addHandler(handler)
    try:
        with pytest.raises(ibd.ApiError):
            ibd.DistributionConfigurationClient(
                fake, retries=ibd.Retries(sleep=lambda _: None, attempts=2)
            ).update_distribution_configuration(ARN + f"\n{code}", [PUBLIC], validate=False)
    finally:
        logger.removeHandler(handler)

    assert len(lines) > 3
    assert all(line.isprintable() for line in lines)
    assert not any(secret in line for line in lines)

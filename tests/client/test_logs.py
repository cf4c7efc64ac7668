"""
What the log contains: names and counts, never a value.
"""

import asyncio
import logging
import subprocess
import sys
import textwrap
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import Mock

import attrs
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

import imagebuilder_dist as ibd
from imagebuilder_dist import steps
from imagebuilder_dist.testing import AnswerError, ChangedBySomebodyElse, LocalImageBuilder, Reply
from tests.samples import ARN, PUBLIC, WEB, ami

from .helpers import CREATE, GET, LOST, THROTTLED, UPDATE, described, scene

WEB_ARN = ARN.rpartition("/")[0] + "/web"


PUBLIC_AMI = ami(launch_permission=PUBLIC)


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="imagebuilder_dist")


def ours(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "imagebuilder_dist"]


THROTTLED_ONCE = [
    ("DEBUG", f"{CREATE} of web: attempt 1: 429 CallRateLimitExceededException after 0.000 s"),
    ("WARNING", f"{CREATE} of web: CallRateLimitExceededException; attempt 2 follows in 1.0 s"),
    ("DEBUG", f"{CREATE} of web: attempt 2: 200 after 0.000 s"),
    ("INFO", f"{CREATE} of web: written"),
]


def test_a_write_that_is_throttled_tells_each_attempt_and_each_delay(caplog: pytest.LogCaptureFixture) -> None:
    local, client, _ = scene()
    local.inject(THROTTLED)

    client.create_distribution_configuration("web", [WEB])

    assert ours(caplog) == THROTTLED_ONCE


def test_the_records_have_what_their_texts_have(caplog: pytest.LogCaptureFixture) -> None:
    local, client, _ = scene()
    local.inject(THROTTLED)

    created = client.create_distribution_configuration("web", [PUBLIC_AMI])

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


def test_every_outcome_of_an_edit_and_of_an_ensure_is_told(caplog: pytest.LogCaptureFixture) -> None:
    _, client, _ = scene()
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
        ("WARNING", f"edit of {WEB_ARN}: failed, NotConfiguredError, no such Region; {ibd.NotConfiguredError.remedy}"),
        ("WARNING", f"{CREATE} of w: failed, ValidationError, pattern at name; {ibd.ValidationError.remedy}"),
    ]


def test_an_edit_that_starts_over_tells_why(caplog: pytest.LogCaptureFixture) -> None:
    local, client, _ = scene()
    interfere = ChangedBySomebodyElse(lambda stored: attrs.evolve(stored, description="theirs"))
    local.inject(interfere, operation=GET)

    client.edit_distribution_configuration(ARN, described("mine"))

    assert ("WARNING", f"edit of {ARN}: modified concurrently; attempt 2 follows in 0.3 s") in ours(caplog)


def conflicting(client: Any, local: LocalImageBuilder) -> None:
    numbers = iter(range(99))
    interfere = ChangedBySomebodyElse(lambda stored: attrs.evolve(stored, description=f"theirs {next(numbers)}"))
    local.inject(interfere, times=None, operation=GET)
    client.edit_distribution_configuration(ARN, described("mine"))


def deleted(client: Any, _: LocalImageBuilder) -> None:
    plan = client.edit_distribution_configuration(ARN, described("mine"), dry_run=True)
    client.delete_distribution_configuration(ARN)
    client.apply(plan)


def updating(*faults: Any) -> Callable[[Any, LocalImageBuilder], None]:
    def act(client: Any, local: LocalImageBuilder) -> None:
        local.inject(*faults, times=None)
        client.update_distribution_configuration(ARN, [WEB], client_token="the-token")

    return act


INVALID = "The value supplied for parameter 'distributions[0].region' is not valid. Unknown region hunter2."


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (updating(THROTTLED), "W CallRateLimitExceededException, 5 attempts, request id ID, TOKEN; retry later, or"),
        (
            updating(LOST),
            "E ConnectionFailedError, Connection was closed before we received a valid response from endpoint URL: *, "
            "5 attempts, TOKEN, may have been applied; check the network, the proxy and the endpoint; "
            "retry the write with the same client_token",
        ),
        (
            updating(AnswerError("InvalidParameterValueException", message=INVALID)),
            "W InvalidParameterValueException, at distributions[0].region, *TOKEN; correct what the message names",
        ),
        (
            conflicting,
            "W ConcurrentModificationError, the configuration was modified concurrently, 5 times in a row, so nothing "
            "was written, changed meanwhile: the description changes; review the differences, and run it again",
        ),
        (
            deleted,
            "W ConcurrentModificationError, the configuration was deleted meanwhile, so nothing was written; "
            "review the differences, and plan again",
        ),
        (
            lambda client, _: client.get_distribution_configuration(f"{ARN}y"),
            "W ResourceNotFoundException, 1 attempt, request id ID; check the name in the ARN, and the account and the",
        ),
        (
            updating(Reply(200, {"x-amzn-RequestId": "0"}, b"<html>")),
            "E ResponseError, the response to UpdateDistributionConfiguration can't be read: it isn't JSON, 1 attempt, "
            "request id ID, TOKEN, may have been applied; check what is between you and AWS, such as a proxy",
        ),
    ],
    ids=["throttled", "lost", "invalid", "conflict", "deleted", "missing", "unreadable"],
)
def test_the_log_alone_tells_what_failed_and_what_to_do(
    caplog: pytest.LogCaptureFixture, act: Callable[[Any, LocalImageBuilder], None], told: str
) -> None:
    """
    There is one line with the operation, the resource, the code, the ids, the attempts, and the advice.
    """
    local, client, _ = scene()

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        act(client, local)

    error = caught.value
    (record,) = [each for each in caplog.records if "failed, " in each.getMessage()]
    line = record.getMessage()
    what = "edit" if act is conflicting else "apply" if act is deleted else error.operation
    expected = f"{what} of {error.resource}: failed, {told[2:]}*"
    expected = expected.replace("ID", str(error.request_id)).replace("TOKEN", "client token the-token")
    assert record.levelname == {"W": "WARNING", "E": "ERROR"}[told[0]]
    assert fnmatchcase(line, expected.replace("[", "[[]")), line
    assert str(error.remedy) in line
    assert "hunter2" not in line
    facts = {name: getattr(error, name) for name in ("attempts", "client_token", "request_id", "may_have_been_applied")}
    assert facts.items() <= vars(record).items()


def test_a_warning_says_what_is_wrong_without_values(caplog: pytest.LogCaptureFixture) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    _, client, _ = scene()

    client.create_distribution_configuration("web", [ami(kms_key_id=key)])

    path = "distributions[0].amiDistributionConfiguration.kmsKeyId"
    text = f"{CREATE} of web: kms-region at {path}: is a key in ***, but the distribution's Region is 'us-west-2'"
    assert ("WARNING", text) in ours(caplog)


def test_the_success_of_a_dry_run_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    fake = Mock(spec=["create_distribution_configuration"])
    success: Any = {"Error": {"Code": "DryRunOperationException"}}
    fake.create_distribution_configuration.side_effect = ClientError(success, CREATE)

    with pytest.raises(ibd.DryRunOperationException):
        ibd.DistributionConfigurationClient(fake).create_distribution_configuration("web", [WEB], dry_run=True)

    assert not any("failed" in message for _, message in ours(caplog))


def test_the_asynchronous_client_tells_the_same(caplog: pytest.LogCaptureFixture) -> None:
    attempts: list[ibd.Attempt] = []
    retries = ibd.Retries(on_attempt=attempts.append, sleep=lambda _: None, clock=lambda: 0.0, random=lambda: 1.0)
    local = LocalImageBuilder()
    local.inject(THROTTLED)

    asyncio.run(local.aio(retries=retries).create_distribution_configuration("web", [WEB]))

    assert ours(caplog) == THROTTLED_ONCE
    assert [(each.number, each.http_status) for each in attempts] == [(1, 429), (2, 200)]


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
            ).update_distribution_configuration(ARN + f"\n{code}", [PUBLIC_AMI], validate=False)
    finally:
        logger.removeHandler(handler)

    assert len(lines) > 3
    assert all(line.isprintable() for line in lines)
    assert not any(secret in line for line in lines)


def test_without_a_logging_setup_nothing_is_printed() -> None:
    """
    Python prints the warnings of loggers without any handler, so a caught error would be seen all the same.
    """
    program = """
        import imagebuilder_dist as ibd
        from imagebuilder_dist.testing import LocalImageBuilder, examples

        try:
            LocalImageBuilder().client().get_distribution_configuration(examples.ARN)
        except ibd.ResourceNotFoundException:
            print("caught")
    """

    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("caught\n", "")

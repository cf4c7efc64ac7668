"""
Messages about calls that are retried or fail.
"""

import re
from itertools import count
from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import documents, errors
from imagebuilder_dist._cli.remedies import message_of
from imagebuilder_dist.testing import AnswerError, ChangedBySomebodyElse, CloseBeforeReading, LocalImageBuilder
from tests.cli.samples import RIGHT, WEB, Run


@pytest.mark.parametrize(
    ("arguments", "fault", "line"),
    [
        (
            ["plan", "right.yaml"],
            AnswerError("ThrottlingException"),
            "ListDistributionConfigurations: ThrottlingException",
        ),
        (["show", WEB], CloseBeforeReading(), "GetDistributionConfiguration: ConnectionFailedError"),
    ],
)
def test_a_retry_is_reported(
    run: Run,
    service: Any,
    local: LocalImageBuilder,
    monkeypatch: pytest.MonkeyPatch,
    arguments: Any,
    fault: Any,
    line: str,
) -> None:
    service.create_distribution_configuration("web", documents.load("right.yaml").distributions)
    slept: list[float] = []
    monkeypatch.setattr("imagebuilder_dist._cli.service.sleep", slept.append)
    local.inject(fault)

    code, _, err = run(*arguments)

    [seconds] = slept
    assert (code, err) == (0, f"{line} in attempt 1; retrying in {seconds:.1f} s\n")


def test_an_edit_that_starts_over_is_reported(
    run: Run, service: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("apply", "--yes", "right.yaml")
    monkeypatch.setattr("imagebuilder_dist._cli.service.sleep", lambda _: None)
    numbers = count()
    fault = ChangedBySomebodyElse(lambda stored: attrs.evolve(stored, description=str(next(numbers))))
    local.inject(fault, operation="GetDistributionConfiguration", times=2)  # the plan's, and the first of the edit

    code, _, err = run("apply", "--yes", "-", stdin=RIGHT.replace("alias/web", "alias/new"))

    assert code == 0
    assert "modified concurrently in attempt 1; retrying in 0." in err


def test_an_edit_that_stays_rejected_says_how_to_go_on(
    run: Run, service: Any, local: LocalImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("apply", "--yes", "right.yaml")
    monkeypatch.setattr("imagebuilder_dist._cli.service.sleep", lambda _: None)
    local.inject(
        AnswerError("IdempotentParameterMismatchException"), operation="UpdateDistributionConfiguration", times=5
    )

    code, _, err = run("apply", "--yes", "-", stdin=RIGHT.replace("alias/web", "alias/new"))

    assert code == 1
    assert "reads unchanged, so nothing was written" in err
    assert "run the command again in a minute" in err


def test_a_region_other_than_the_arns_is_rejected(run: Run, service: Any) -> None:
    assert run("show", "--region", "eu-west-1", WEB) == (
        2,
        "",
        "imagebuilder-dist show: --region is eu-west-1, but the ARN is in us-west-2; omit --region\n",
    )


def test_without_a_region_the_option_is_named(run: Run, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    code, _, err = run("plan", "right.yaml")

    assert code == 1
    assert err == (
        "imagebuilder-dist plan: You must specify a region; pass --region, or set AWS_DEFAULT_REGION or the profile's "
        "region\n"
    )


ERRORS: list[ibd.ImageBuilderDistError] = [
    *(cls({"Error": {"Code": code, "Message": "why"}}, "Operation") for code, cls in errors.BY_CODE.items()),
    ibd.ApiError({"Error": {"Code": "New"}}, "Operation"),
    ibd.ValidationError([]),
    ibd.UnmodelledSettingsError(["a"]),
    ibd.ConcurrentModificationError(None, None, ibd.Changes(()), 1),
    ibd.ConcurrentModificationError(None, None, ibd.Changes(()), 5, reads_unchanged=True),
    *(
        cls("why")
        for cls in (
            ibd.ConfigurationError,
            ibd.CredentialsError,
            ibd.ConnectionFailedError,
            ibd.RequestTimeoutError,
            ibd.ResponseError,
            ibd.TlsVerificationError,
            ibd.TransportError,
        )
    ),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_remedy_of_the_command_is_one_for_python(error: ibd.ImageBuilderDistError) -> None:
    text = message_of(error)

    assert not re.search(r"_token|_name|Retries|=True|`parameter`|_timeout|verify|dry_run\b.*\(|client\b", text)

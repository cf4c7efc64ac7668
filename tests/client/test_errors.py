import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from tests.samples import ARN

RESPONSE: dict[str, Any] = {
    "Error": {
        "Code": "InvalidParameterValueException",
        "Message": "The value supplied for parameter 'distributions[0].region' is not valid. No such Region.",
    },
    "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "an id", "RetryAttempts": 0},
}


def api_error(cls: type[ibd.ApiError], code: str, status: int | None = None) -> ibd.ApiError:
    metadata = {} if status is None else {"HTTPStatusCode": status}
    response = {"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": metadata}
    return cls(response, "UpdateDistributionConfiguration", "a token")


EVERY_ERROR: list[ibd.ImageBuilderDistError] = [
    *(api_error(cls, code, 400) for code, cls in errors.BY_CODE.items()),
    api_error(ibd.ApiError, "ExpiredTokenException", 403),
    ibd.ImageBuilderDistError("why", "Operation", "a token"),
    ibd.ValidationError([ibd.Issue(("a", "b"), "required", "error", "is missing")], "Operation", "a token"),
    ibd.DocumentError(
        [ibd.DocumentIssue(("a", "b"), "required", "error", "is missing", path="A", file="f.json", line=2)]
    ),
    ibd.ConfigurationError("why", "Operation", "a token"),
    ibd.NotConfiguredError("Region", ["a"], ["b"], ARN),
    ibd.UnmodelledSettingsError(["a.b"], "Operation", "a token"),
    ibd.ConcurrentModificationError(
        ibd.DistributionConfiguration(arn=ARN, name="x"),
        ibd.DistributionConfiguration(arn=ARN, name="y"),
        ibd.Changes((), ()),
        2,
        ARN,
    ),
    ibd.ConcurrentModificationError(None, None, ibd.Changes(()), 5, ARN, reads_unchanged=True),
    ibd.CredentialsError("why", "Operation", "a token"),
    ibd.TransportError("why", "Operation", "a token"),
    ibd.ConnectionFailedError("why", "Operation", "a token"),
    ibd.RequestTimeoutError("why", "Operation", "a token"),
    ibd.TlsVerificationError("why", "Operation", "a token"),
    ibd.ResponseError("why", "Operation", "a token"),
]
EVERY_ERROR[-1].http_status, EVERY_ERROR[-1].request_id = 200, "an id"


def state(error: BaseException) -> tuple[Any, ...]:
    computed = ("code", "parameter", "throttling", "retryable", "fault")
    return (
        type(error),
        str(error),
        error.args,
        vars(error),
        [getattr(error, name, None) for name in computed],
    )


def test_every_class_is_tried_below() -> None:
    def below(cls: type[BaseException]) -> set[type[BaseException]]:
        return {cls}.union(*map(below, cls.__subclasses__()))

    assert below(ibd.ImageBuilderDistError) == {type(error) for error in EVERY_ERROR}


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_every_error_pickles_copies_and_hashes(error: ibd.ImageBuilderDistError) -> None:
    error.add_note("a note")

    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own
        assert state(twin) == state(error)
        assert twin.__notes__ == error.__notes__
    assert {error: 1}[error] == 1


def fail(error: BaseException) -> None:
    raise error


def test_an_error_crosses_a_process_boundary() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        failing = pool.submit(fail, api_error(ibd.ResourceInUseException, "ResourceInUseException", 400))
        with pytest.raises(ibd.ApiError) as caught:
            failing.result()

    assert type(caught.value) is ibd.ResourceInUseException
    assert caught.value.client_token == "a token"


def test_an_api_error_says_all_that_is_known() -> None:
    error = ibd.InvalidParameterValueException(RESPONSE, "UpdateDistributionConfiguration", "a token")

    assert error.code == "InvalidParameterValueException"
    assert error.message.endswith("No such Region.")
    assert error.operation == "UpdateDistributionConfiguration"
    assert error.http_status == 400
    assert error.request_id == "an id"
    assert error.client_token == "a token"
    assert error.parameter == "distributions[0].region"
    assert error.fault == "client"
    assert not error.retryable
    assert not error.throttling


def test_an_error_that_names_no_parameter_has_none() -> None:
    assert api_error(ibd.ClientException, "ClientException").parameter is None


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, {"throttling", "retryable"}),
        ("CallRateLimitExceededException", None, {"throttling", "retryable"}),
        ("TooManyRequestsException", None, {"throttling", "retryable"}),
        ("SomethingElse", 429, {"throttling", "retryable"}),
        ("InternalFailure", 500, {"server", "retryable"}),
        ("ServiceException", None, {"server", "retryable"}),
        ("ServiceUnavailableException", None, {"server", "retryable"}),
        ("502", 502, {"server", "retryable"}),
        ("ResourceInUseException", 400, {"retryable"}),
        ("ExpiredTokenException", 403, {"invalid_credentials"}),
        ("UnrecognizedClientException", 403, {"invalid_credentials"}),
        ("IncompleteSignature", 403, {"invalid_credentials"}),
        ("InvalidSignatureException", 403, {"invalid_credentials"}),
        ("RequestExpired", 400, {"invalid_credentials"}),
        ("AccessDeniedException", 403, {"access_denied"}),
        ("AccessDenied", 403, {"access_denied"}),
        ("NotAuthorized", 400, {"access_denied"}),
        ("OptInRequired", 403, {"access_denied"}),
        ("ForbiddenException", 403, {"access_denied"}),
        ("ValidationError", 400, set()),
        ("RequestEntityTooLargeException", 413, set()),
        ("MalformedHttpRequestException", 400, set()),
        ("IdempotentParameterMismatchException", 400, set()),
        ("ResourceNotFoundException", 404, set()),
    ],
)
def test_codes_are_told_apart_by_attribute(code: str, status: int | None, expected: set[str]) -> None:
    error = api_error(ibd.ApiError, code, status)

    flags = {"throttling", "retryable", "invalid_credentials", "access_denied"}
    found = {flag for flag in flags if getattr(error, flag)} | ({"server"} if error.fault == "server" else set())

    assert found == expected


@pytest.mark.parametrize(
    "code",
    [
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ],
)
def test_every_code_of_bad_credentials_is_known(code: str) -> None:
    error = ibd.ApiError({"Error": {"Code": code}}, "Operation")

    assert error.invalid_credentials
    assert not error.access_denied

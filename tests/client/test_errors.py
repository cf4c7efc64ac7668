import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from tests.samples import ARN, service_model

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
    *(
        api_error(cls, "Unknown", 400)
        for cls in (
            ibd.AccessError,
            ibd.ApiError,
            ibd.ConflictError,
            ibd.InvalidCredentialsError,
            ibd.InvalidRequestError,
            ibd.NotFoundError,
            ibd.ServerError,
            ibd.ThrottledError,
        )
    ),
    ibd.ImageBuilderDistError("why", "Operation", "a token"),
    ibd.ValidationError([ibd.Issue(("a", "b"), "required", "error", "is missing")], "Operation", "a token"),
    ibd.documents.DocumentError(
        [ibd.documents.DocumentIssue(("a", "b"), "required", "error", "is missing", path="A", file="f.json", line=2)]
    ),
    ibd.ConfigurationError("why", "Operation", "a token"),
    ibd.NotConfiguredError("Region", ["a"], ["b"], ARN),
    ibd.UnmodelledSettingsError(["a.b"], ARN),
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
    computed = ("code", "parameter", "retryable")
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
    assert not error.retryable
    assert not error.may_have_been_applied


def test_an_error_that_names_no_parameter_has_none() -> None:
    assert api_error(ibd.ClientException, "ClientException").parameter is None


GENERAL = [
    ("AccessDenied", ibd.AccessDeniedException),
    ("AuthFailure", ibd.InvalidCredentialsError),
    ("ExpiredToken", ibd.InvalidCredentialsError),
    ("IncompleteSignature", ibd.InvalidCredentialsError),
    ("InternalFailure", ibd.ServerError),
    ("InvalidAccessKeyId", ibd.InvalidCredentialsError),
    ("InvalidClientTokenId", ibd.InvalidCredentialsError),
    ("InvalidSignature", ibd.InvalidCredentialsError),
    ("MalformedHttpRequest", ibd.InvalidRequestError),
    ("MissingAuthenticationToken", ibd.InvalidCredentialsError),
    ("NoSuchThing", ibd.ApiError),
    ("NotAuthorized", ibd.AccessError),
    ("OptInRequired", ibd.AccessError),
    ("RequestAborted", ibd.ApiError),
    ("RequestEntityTooLarge", ibd.InvalidRequestError),
    ("RequestExpired", ibd.InvalidCredentialsError),
    ("RequestTimeout", ibd.ApiError),
    ("ServiceUnavailable", ibd.ServiceUnavailableException),
    ("SignatureDoesNotMatch", ibd.InvalidCredentialsError),
    ("UnauthorizedOperation", ibd.AccessError),
    ("UnknownOperation", ibd.InvalidRequestError),
    ("UnrecognizedClient", ibd.InvalidCredentialsError),
    ("Validation", ibd.InvalidRequestError),
    ("ValidationError", ibd.InvalidRequestError),
]


@pytest.mark.parametrize("suffix", ["", "Exception"])
@pytest.mark.parametrize(("code", "family"), GENERAL)
def test_a_general_code_is_raised_as_its_family(code: str, suffix: str, family: type[ibd.ApiError]) -> None:
    """
    Only some services append "Exception" to a code.
    """
    error = errors.api_error({"Error": {"Code": code + suffix}}, "Operation", "a token")

    assert type(error) is family
    assert (error.code, error.client_token) == (code + suffix, "a token")


def test_every_modelled_error_has_a_class_and_a_family() -> None:
    """
    A botocore release that adds an error fails here, not in a user's program.
    """
    families = (ibd.ThrottledError, ibd.InvalidRequestError, ibd.AccessError, ibd.ConflictError, ibd.NotFoundError)
    modelled = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in service_model().error_shapes}

    raised = {code: errors.api_error({"Error": {"Code": code}}, "Operation") for code in modelled}

    assert {type(error).__name__ for error in raised.values()} == modelled.keys()
    without = {code for code, error in raised.items() if not isinstance(error, (*families, ibd.ServerError))}
    assert without <= {"DryRunOperationException", "ServiceQuotaExceededException"}
    for code, error in raised.items():
        assert isinstance(error, ibd.ThrottledError) == (modelled[code] == 429), code
        assert isinstance(error, ibd.AccessError) == (modelled[code] == 403), code
        assert isinstance(error, ibd.NotFoundError) == (modelled[code] == 404), code
        assert isinstance(error, ibd.ServerError) == error.may_have_been_applied == (modelled[code] >= 500), code


# As boto3's guide to retries lists them.
@pytest.mark.parametrize(
    "code",
    [
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TransactionInProgressException",
    ],
)
def test_whatever_boto3_takes_for_throttling_is_throttled(code: str) -> None:
    assert type(errors.api_error({"Error": {"Code": code}}, "Operation")) is ibd.ThrottledError


@pytest.mark.parametrize(
    ("code", "status", "family", "retryable"),
    [
        ("ThrottlingException", 400, ibd.ThrottledError, True),
        ("SomethingElse", 429, ibd.ThrottledError, True),
        ("502", 502, ibd.ServerError, True),
        ("NotImplemented", 501, ibd.ServerError, False),
        ("RequestTimeoutException", 408, ibd.ApiError, True),
        ("ResourceInUseException", 400, ibd.ConflictError, True),
        ("IdempotentParameterMismatchException", 400, ibd.ConflictError, False),
        ("ExpiredTokenException", 403, ibd.InvalidCredentialsError, False),
        ("ResourceNotFoundException", 404, ibd.NotFoundError, False),
    ],
)
def test_only_what_passes_is_retryable(code: str, status: int, family: type[ibd.ApiError], *, retryable: bool) -> None:
    error = errors.api_error({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")

    assert isinstance(error, family)
    assert error.retryable == retryable

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import botocore.exceptions
import pytest
from botocore.exceptions import ClientError

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist._core.translation import from_botocore

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
    ibd.ValidationError([ibd.Issue("a.b", "required", "error", "is missing")], "Operation", "a token"),
    ibd.ConfigurationError("why", "Operation", "a token"),
    ibd.UnmodelledSettingsError(["a.b"], "Operation", "a token"),
    ibd.ConcurrentModificationError(
        ibd.DistributionConfiguration(name="x"), ibd.DistributionConfiguration(name="y"), "Operation", "a token"
    ),
    ibd.CredentialsError("why", "Operation", "a token"),
    ibd.TransportError("why", "Operation", "a token", may_have_been_applied=False),
    ibd.ConnectionFailedError("why", "Operation", "a token", may_have_been_applied=False),
    ibd.RequestTimeoutError("why", "Operation", "a token", may_have_been_applied=False),
    ibd.ResponseError("why", "Operation", "a token", 200, "an id"),
]


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


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_every_code_arrives_as_its_class_and_as_a_client_error(code: str) -> None:
    theirs = ClientError({"Error": {"Code": code, "Message": "why"}}, "UpdateDistributionConfiguration")

    ours = from_botocore(theirs, operation="UpdateDistributionConfiguration", client_token="a token")

    assert type(ours) is errors.BY_CODE[code]
    assert isinstance(ours, ClientError)
    assert ours.response == theirs.response
    assert ours.operation_name == "UpdateDistributionConfiguration"
    assert str(ours).startswith(str(theirs))


def test_an_unknown_code_arrives_with_it() -> None:
    theirs = ClientError({"Error": {"Code": "BrandNewException", "Message": "why"}}, "Operation")

    ours = from_botocore(theirs, operation="Operation")

    assert type(ours) is ibd.ApiError
    assert ours.code == "BrandNewException"


def test_an_answer_without_an_error_in_it_is_unknown() -> None:
    ours = from_botocore(ClientError({}, "Operation"), operation="Operation")

    assert isinstance(ours, ibd.ApiError)
    assert (ours.code, ours.message, ours.http_status, ours.request_id) == ("Unknown", "", None, None)


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
    ("theirs", "ours", "may_have_been_applied"),
    [
        (botocore.exceptions.EndpointConnectionError(endpoint_url="u"), ibd.ConnectionFailedError, False),
        (botocore.exceptions.ProxyConnectionError(proxy_url="u"), ibd.ConnectionFailedError, False),
        (botocore.exceptions.ConnectTimeoutError(endpoint_url="u"), ibd.RequestTimeoutError, False),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="u"), ibd.RequestTimeoutError, True),
        (botocore.exceptions.ConnectionClosedError(endpoint_url="u"), ibd.ConnectionFailedError, True),
        (botocore.exceptions.SSLError(endpoint_url="u", error=OSError()), ibd.ConnectionFailedError, True),
        (botocore.exceptions.ResponseStreamingError(error="e"), ibd.ConnectionFailedError, True),
        (
            botocore.exceptions.ChecksumError(checksum_type="t", expected_checksum="e", actual_checksum="a"),
            ibd.TransportError,
            True,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_got_no_answer_says_whether_it_may_have_been_applied(
    theirs: Any, ours: type[ibd.TransportError], may_have_been_applied: bool
) -> None:
    error = from_botocore(theirs, operation="Operation", client_token="a token")

    assert type(error) is ours
    assert error.may_have_been_applied is may_have_been_applied
    assert error.message == str(theirs)
    assert (error.operation, error.client_token) == ("Operation", "a token")


@pytest.mark.parametrize(
    "theirs",
    [
        botocore.exceptions.NoCredentialsError(),
        botocore.exceptions.PartialCredentialsError(provider="p", cred_var="v"),
        botocore.exceptions.CredentialRetrievalError(provider="p", error_msg="e"),
        botocore.exceptions.UnauthorizedSSOTokenError(),
        botocore.exceptions.TokenRetrievalError(provider="p", error_msg="e"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_signed_is_a_credentials_error(theirs: Any) -> None:
    error = from_botocore(theirs, operation="Operation")

    assert type(error) is ibd.CredentialsError


@pytest.mark.parametrize(
    "theirs",
    [
        botocore.exceptions.NoRegionError(),
        botocore.exceptions.ProfileNotFound(profile="p"),
        botocore.exceptions.InvalidRegionError(region_name="r"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_addressed_is_a_configuration_error(theirs: Any) -> None:
    assert type(from_botocore(theirs)) is ibd.ConfigurationError


def test_what_botocore_refuses_is_a_validation_error_with_paths() -> None:
    report = (
        'Missing required parameter in distributions[0]: "region"\n'
        "Invalid length for parameter description, value: 0, valid min length: 1\n"
        'Missing required parameter in input: "name"\n'
        "Something else"
    )

    error = from_botocore(botocore.exceptions.ParamValidationError(report=report))

    assert isinstance(error, ibd.ValidationError)
    assert isinstance(error, ValueError)
    assert [issue.path for issue in error.issues] == ["distributions[0]", "description", "input", ""]
    assert str(error).startswith("4 problems:\n  distributions[0]: Missing required parameter")

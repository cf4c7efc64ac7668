"""
What an error knows and says, and that it keeps it on its way to another process.
"""

import copy
import pickle
from typing import Any

import pytest
from botocore.exceptions import ClientError

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from tests.samples import ARN, service_model

from .helpers import delete


def below(cls: type[ibd.ImageBuilderDistError]) -> set[type[ibd.ImageBuilderDistError]]:
    return {cls}.union(*map(below, cls.__subclasses__()))


def example(cls: type[ibd.ImageBuilderDistError]) -> ibd.ImageBuilderDistError:
    """Return an error of a class, with a value for all that it may know."""
    configuration = ibd.DistributionConfiguration(arn=ARN, name="x")
    issue = ibd.documents.DocumentIssue(("a",), "required", "error", "is missing", path="A", file="f.json", line=2)
    special: dict[type, tuple[Any, ...]] = {
        ibd.ValidationError: ([ibd.Issue(("a", "b"), "required", "error", "is missing")], "Operation", "a token"),
        ibd.documents.DocumentError: ([issue],),
        ibd.NotConfiguredError: ("Region", ["a"], ["b"], ARN),
        ibd.UnmodelledSettingsError: (["a.b"], ARN),
        ibd.ConcurrentModificationError: (configuration, configuration, ibd.Changes((), ()), 2, ARN),
    }
    if issubclass(cls, ibd.ApiError):
        response: Any = {"Error": {"Code": cls.__name__, "Message": "why"}, "ResponseMetadata": {"RequestId": "an id"}}
        return cls(response, "Operation", "a token")
    error = cls(*special.get(cls, ("why",)))
    error.client_token = error.client_token or "a token"
    error.http_status, error.request_id = 200, "an id"
    return error


def state(error: BaseException) -> tuple[Any, ...]:
    computed = ("code", "parameter", "retryable")
    return (type(error), str(error), error.args, vars(error), [getattr(error, name, None) for name in computed])


@pytest.mark.parametrize("cls", sorted(below(ibd.ImageBuilderDistError), key=str))
def test_every_error_pickles_copies_and_hashes(cls: type[ibd.ImageBuilderDistError]) -> None:
    error = example(cls)
    error.add_note("a note")

    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own
        assert state(twin) == state(error)
        assert twin.__notes__ == error.__notes__
    assert {error: 1}[error] == 1


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_every_code_arrives_as_its_class_with_its_remedy_and_as_a_client_error(code: str) -> None:
    theirs = ClientError({"Error": {"Code": code, "Message": "why"}}, "DeleteDistributionConfiguration")

    error, _ = delete(theirs)

    assert type(error) is errors.BY_CODE[code]
    assert isinstance(error, ClientError)
    assert error.response == theirs.response
    assert error.operation_name == "DeleteDistributionConfiguration"
    assert str(error).startswith(str(theirs))
    assert str(error.remedy).startswith(str(errors.BY_CODE[code].remedy))
    assert f"; {error.remedy} (" in str(error)


@pytest.mark.parametrize(
    ("response", "code", "message"),
    [({"Error": {"Code": ["x"], "Message": "why"}}, "['x']", "why"), ({}, "Unknown", "")],
)
def test_an_unknown_code_arrives_with_it(response: Any, code: str, message: str) -> None:
    error, _ = delete(ClientError(response, "Operation"))

    assert type(error) is ibd.ApiError
    assert (error.code, error.message, error.http_status, error.request_id) == (code, message, None, None)


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


@pytest.mark.parametrize(
    ("code", "status", "family", "retryable"),
    [
        ("ThrottlingException", 400, ibd.ThrottledError, True),
        ("Throttling", 400, ibd.ThrottledError, True),
        ("SomethingElse", 429, ibd.ThrottledError, True),
        ("502", 502, ibd.ServerError, True),
        ("NotImplemented", 501, ibd.ServerError, False),
        ("ServiceUnavailable", 503, ibd.ServiceUnavailableException, True),
        ("RequestTimeoutException", 408, ibd.ApiError, True),
        ("ResourceInUseException", 400, ibd.ConflictError, True),
        ("IdempotentParameterMismatchException", 400, ibd.ConflictError, False),
        ("ExpiredTokenException", 403, ibd.InvalidCredentialsError, False),
        # AWS's general list has no "Exception", which only some services append.
        ("ExpiredToken", 403, ibd.InvalidCredentialsError, False),
        ("AccessDenied", 403, ibd.AccessDeniedException, False),
        ("OptInRequired", 403, ibd.AccessError, False),
        ("ValidationError", 400, ibd.InvalidRequestError, False),
        ("NoSuchThing", 400, ibd.ApiError, False),
        ("ResourceNotFoundException", 404, ibd.NotFoundError, False),
    ],
)
def test_a_general_code_has_its_family_and_only_what_passes_is_retryable(
    code: str, status: int, family: type[ibd.ApiError], *, retryable: bool
) -> None:
    error = errors.api_error({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")

    assert isinstance(error, family)
    assert (error.code, error.retryable) == (code, retryable)


def test_a_text_in_place_of_the_services_response_is_a_type_error() -> None:
    text: Any = "it isn't there"

    with pytest.raises(TypeError, match="ResourceNotFoundException takes the service's response"):
        ibd.ResourceNotFoundException(text)

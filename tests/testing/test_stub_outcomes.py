"""
What a stub does: errors, lost and slow responses, any bytes; edits and ensures over stubs.
"""

from typing import Any

import attrs
import pytest

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist.testing import ANY, Stubs
from tests.samples import service_model

from .samples import ARN, STORED, WEB


def test_outcomes_follow_each_other(stubs: Stubs) -> None:
    stub = stubs.get_distribution_configuration(ARN).returns().raises(ibd.ResourceNotFoundException, "gone").always()

    assert stubs.client.get_distribution_configuration(ARN).arn == ARN
    for _ in range(2):
        with pytest.raises(ibd.ResourceNotFoundException, match="gone"):
            stubs.client.get_distribution_configuration(ARN)
    assert len(stub.calls) == 3
    assert repr(stub).startswith("<Stub of get_distribution_configuration(")


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_an_error_arrives_as_its_class_with_the_status_of_the_model(stubs: Stubs, code: str) -> None:
    stubs.get_distribution_configuration(ARN).raises(errors.BY_CODE[code]).always()
    statuses = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in service_model().error_shapes}

    with pytest.raises(errors.BY_CODE[code]) as caught:
        stubs.client.get_distribution_configuration(ARN)

    assert type(caught.value) is errors.BY_CODE[code]
    assert caught.value.http_status == statuses.get(code, caught.value.http_status)


@pytest.mark.parametrize("wrong", ["CallRateLimitExceeded", KeyError, ibd.ApiError])
def test_an_error_that_does_not_exist_is_a_type_error(stubs: Stubs, wrong: Any) -> None:
    with pytest.raises(TypeError, match="error must be a class of imagebuilder_dist that is named after an error code"):
        stubs.get_distribution_configuration(ARN).raises(wrong)


def test_an_instance_instead_of_the_class_is_a_type_error(stubs: Stubs) -> None:
    wrong: Any = ibd.ResourceNotFoundException({}, "GetDistributionConfiguration")

    with pytest.raises(TypeError, match="error must be the class ResourceNotFoundException, not an instance of it"):
        stubs.get_distribution_configuration(ARN).raises(wrong)


def test_an_error_with_only_a_message_is_a_type_error_that_names_the_class() -> None:
    wrong: Any = "not there"

    with pytest.raises(TypeError, match=r"^ResourceNotFoundException takes .*, not a text"):
        ibd.ResourceNotFoundException(wrong)


def test_a_code_that_is_misspelt_gets_a_suggestion(stubs: Stubs) -> None:
    wrong: Any = "CallRateLimitExeeded"

    with pytest.raises(TypeError, match=r"; did you mean 'CallRateLimitExceededException'\?$"):
        stubs.get_distribution_configuration(ARN).raises(wrong)


@pytest.mark.parametrize(("applied", "may_have_been"), [(True, True), (False, False)])
def test_a_response_is_lost(stubs: Stubs, applied: bool, may_have_been: bool) -> None:
    update = stubs.update_distribution_configuration(ARN, [WEB]).loses_response(applied=applied).always()

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        stubs.client.update_distribution_configuration(ARN, [WEB])

    assert caught.value.may_have_been_applied is may_have_been
    assert caught.value.attempts == len(update.calls) == 5


def test_a_slow_response_takes_no_time(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(after=59).returns(after=61).returns()
    client = stubs.client

    client.get_distribution_configuration(ARN)
    client.get_distribution_configuration(ARN)  # the first attempt times out

    assert 59 + 60 + 0.5 <= stubs.clock() <= 59 + 60 + 1


def test_the_clock_notes_no_sleep_for_a_response_at_once(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(after=2).returns()

    stubs.client.get_distribution_configuration(ARN)
    stubs.client.get_distribution_configuration(ARN)

    assert stubs.clock.slept == [2]


def test_a_request_times_out(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(after=61).always()

    with pytest.raises(ibd.RequestTimeoutError) as caught:
        stubs.client.get_distribution_configuration(ARN)

    assert caught.value.elapsed is not None
    assert caught.value.elapsed >= 120  # `max_seconds`, on a clock that doesn't wait


def test_any_bytes_can_be_the_response(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).responds(200, b"<html>", {"Content-Type": "text/html"})

    with pytest.raises(ibd.ResponseError, match="it isn't JSON"):
        stubs.client.get_distribution_configuration(ARN)


def test_an_edit_gets_twice(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(STORED, times=2)
    update = stubs.update_distribution_configuration(ARN, ANY, description="New")

    edit = stubs.client.edit_distribution_configuration(ARN, lambda stored: attrs.evolve(stored, description="New"))

    assert edit.result is not None
    assert update.calls[0].client_token == edit.result.client_token
    stubs.assert_done()


def test_an_edit_that_meets_another_writer(stubs: Stubs) -> None:
    stubs.get_distribution_configuration(ARN).returns(STORED).returns(attrs.evolve(STORED, description="theirs"))

    with pytest.raises(ibd.ConcurrentModificationError, match="'Web servers' -> 'theirs'"):
        stubs.client.edit_distribution_configuration(
            ARN, lambda stored: attrs.evolve(stored, description="mine"), attempts=1
        )


def test_an_ensure_lists_and_creates(stubs: Stubs) -> None:
    stubs.list_distribution_configurations(name="web")
    stubs.create_distribution_configuration("web", [WEB])

    assert stubs.client.ensure_distribution_configuration("web", [WEB]).created
    stubs.assert_done()

"""
Calls that may have been applied: a write keeps its token, and a call without a token isn't run twice.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, NoCredentialsError

import imagebuilder_dist as ibd
from imagebuilder_dist.testing import AnswerError, Clock, CloseAfterApplying, Fault, LocalImageBuilder, Reply
from tests.samples import ARN, EVERYTHING

from .retried import FAILED, FOREVER, LOST, THROTTLED, UPDATE, NoConnection, retrying, scene, update

Operation = Callable[[Any], Any]
WITHOUT_TOKEN: list[Operation] = [
    lambda client: client.delete_distribution_configuration(ARN),
    lambda client: client.tag_resource(ARN, {"a": "b"}),
    lambda client: client.untag_resource(ARN, ["a"]),
]


@pytest.mark.parametrize("operation", WITHOUT_TOKEN)
@pytest.mark.parametrize("fault", [THROTTLED, NoConnection()], ids=["throttled", "no connection"])
def test_what_has_no_token_is_made_again_where_it_certainly_did_not_run(operation: Operation, fault: Fault) -> None:
    local, client, _ = scene()
    local.inject(fault)

    operation(client)

    assert len(local.requests) == 2


@pytest.mark.parametrize("operation", WITHOUT_TOKEN)
@pytest.mark.parametrize("fault", [FAILED, LOST], ids=["500", "closed"])
def test_what_has_no_token_is_not_made_again_where_it_may_have_run(operation: Operation, fault: Fault) -> None:
    local, client, _ = scene()
    local.inject(fault)

    with pytest.raises(ibd.ImageBuilderDistError) as caught:
        operation(client)

    assert len(local.requests) == 1
    assert caught.value.may_have_been_applied


@pytest.mark.parametrize(
    "operation",
    [
        lambda client: client.get_distribution_configuration(ARN),
        lambda client: [*client.list_distribution_configurations()],
    ],
)
def test_a_read_is_made_again(operation: Operation) -> None:
    local, client, _ = scene()
    local.inject(LOST, FAILED)

    operation(client)

    assert len(local.requests) == 3


def test_a_failure_knows_that_an_earlier_attempt_may_have_been_applied() -> None:
    local, client, _ = scene()
    local.inject(LOST, THROTTLED, AnswerError("AccessDeniedException"))

    with pytest.raises(ibd.AccessDeniedException) as caught:
        update(client)

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 3


def test_what_can_no_longer_be_signed_knows_that_an_earlier_attempt_may_have_been_applied(clock: Clock) -> None:
    mock = Mock()
    failures = [
        ConnectionClosedError(endpoint_url="u"),
        EndpointConnectionError(endpoint_url="u"),
        NoCredentialsError(),
    ]
    mock.update_distribution_configuration.side_effect = failures

    with pytest.raises(ibd.CredentialsError) as caught:
        update(retrying(mock, clock))

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 2


@pytest.mark.parametrize("moment", ["request", "pause"])
def test_ctrl_c_says_the_token(clock: Clock, moment: str) -> None:
    mock = Mock()
    failure = KeyboardInterrupt() if moment == "request" else EndpointConnectionError(endpoint_url="u")
    mock.update_distribution_configuration.side_effect = failure

    with pytest.raises(KeyboardInterrupt) as caught:
        update(retrying(mock, clock, sleep=Mock(side_effect=KeyboardInterrupt)))

    token = mock.update_distribution_configuration.call_args.kwargs["clientToken"]
    assert caught.value.__notes__ == [f"{UPDATE} may have been applied; its client token is {token}"]


def test_ctrl_c_in_a_read_says_nothing(clock: Clock) -> None:
    mock = Mock()
    mock.get_distribution_configuration.side_effect = KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        retrying(mock, clock).get_distribution_configuration(ARN)

    assert not hasattr(caught.value, "__notes__")


def test_a_token_resumes_what_was_cut_off(boto3_client: Any, local: LocalImageBuilder, clock: Clock) -> None:
    client = retrying(boto3_client, clock, attempts=1)
    local.inject(CloseAfterApplying(), times=FOREVER, operation="CreateDistributionConfiguration")
    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.create_distribution_configuration("web", [EVERYTHING])
    local.clear_faults()

    again = client.create_distribution_configuration("web", [EVERYTHING], client_token=caught.value.client_token)

    assert again.distribution_configuration_arn == f"{ARN[:-1]}web"
    assert sum(request.applied for request in local.requests) == 1


def test_a_delete_whose_response_was_lost_says_so(boto3_client: Any, local: LocalImageBuilder, clock: Clock) -> None:
    """
    In a client that is passed in, botocore itself retries the delete, which then finds nothing.
    """
    client = retrying(boto3_client, clock)
    arn = client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn
    assert arn is not None
    local.inject(CloseAfterApplying())

    with pytest.raises(ibd.ResourceNotFoundException) as caught:
        client.delete_distribution_configuration(arn)

    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 2


def test_a_client_of_ours_does_not_retry_a_delete_that_may_have_run(session: Any, local: LocalImageBuilder) -> None:
    client = ibd.DistributionConfigurationClient(session=session, endpoint_url=local.url)
    arn = str(client.create_distribution_configuration("web", [EVERYTHING]).distribution_configuration_arn)
    local.inject(CloseAfterApplying())

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.delete_distribution_configuration(arn)

    assert (caught.value.attempts, caught.value.may_have_been_applied) == (1, True)


def test_a_read_is_never_applied() -> None:
    local, client, _ = scene(attempts=2)
    local.inject(FAILED, LOST)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        client.get_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False


def test_a_read_that_cannot_be_read_is_never_applied() -> None:
    local, client, _ = scene()
    local.inject(Reply(200, {}, b"{}"))

    with pytest.raises(ibd.ResponseError) as caught:
        client.get_distribution_configuration(ARN)

    assert caught.value.may_have_been_applied is False


def test_one_attempt_that_may_have_been_applied_says_its_token() -> None:
    local, client, _ = scene(attempts=1)
    local.inject(LOST)

    with pytest.raises(ibd.ConnectionFailedError) as caught:
        update(client)

    expected = f"{ARN}, 1 attempt, client token {caught.value.client_token}, may have been applied)"
    assert str(caught.value).endswith(expected)

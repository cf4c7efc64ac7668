"""
A script of outcomes to run a flow with, and the states and failures in it.
"""

from functools import partial
from typing import Any, TypeVar

import attrs

import imagebuilder_dist as ibd
from imagebuilder_dist import errors
from imagebuilder_dist._client import flows
from imagebuilder_dist._client.calls import Call, Send
from imagebuilder_dist._client.flows import Command, Flow, Sleep
from imagebuilder_dist._client.operations import Page
from tests.samples import ARN, EVERYTHING

T = TypeVar("T")
GET = "GetDistributionConfiguration"
LIST = "ListDistributionConfigurations"

RETRIES = ibd.Retries(clock=lambda: 0.0, random=lambda: 1.0)
UPDATE_REQUEST = ibd.UpdateDistributionConfigurationRequest(
    distribution_configuration_arn=ARN, distributions=[EVERYTHING]
)
CREATE_REQUEST = ibd.CreateDistributionConfigurationRequest(name="web", distributions=[EVERYTHING])
STATE = ibd.DistributionConfiguration(
    arn=ARN, name="web", description="d", distributions=[EVERYTHING], date_updated="1", unmodelled=()
)
WRITTEN = ibd.UpdateDistributionConfigurationResult(distribution_configuration_arn=ARN)
CREATED = ibd.CreateDistributionConfigurationResult(distribution_configuration_arn=ARN)
SUMMARY = ibd.DistributionConfigurationSummary(arn=ARN, name="web")
FOUND = Page((SUMMARY,), None)
NOTHING = Page((), None)


class Script:
    """
    The outcome of each call in turn: a result that is sent to the flow, or an error that is thrown into it.
    """

    def __init__(self, *outcomes: object) -> None:
        self.outcomes = [*outcomes]
        self.commands: list[Command] = []

    def run(self, flow: Flow[T]) -> T:
        step = partial(next, flow)
        while True:
            try:
                command = step()
            except StopIteration as done:
                result: T = done.value
                return result
            self.commands.append(command)
            outcome = None if isinstance(command, Sleep) else self.outcomes.pop(0)
            step = partial(flow.throw, outcome) if isinstance(outcome, BaseException) else partial(flow.send, outcome)

    @property
    def asked(self) -> list[str | float]:
        """The operations and, in between, the seconds to sleep."""
        return [each.seconds if isinstance(each, Sleep) else each.call.operation for each in self.commands]

    @property
    def calls(self) -> list[Call[Any]]:
        return [each.call for each in self.commands if isinstance(each, Send)]

    @property
    def most(self) -> list[int]:
        return [each.most for each in self.commands if isinstance(each, Send)]

    @property
    def tokens(self) -> list[str]:
        """The client tokens of the writes."""
        return [call.client_token for call in self.calls if call.client_token is not None]


def failed(code: str, status: int = 400, *, requests: int = 1) -> errors.ApiError:
    metadata = {"HTTPStatusCode": status, "RequestId": "an id"}
    error = errors.BY_CODE[code]({"Error": {"Code": code}, "ResponseMetadata": metadata}, "AnOperation", "a token")
    error.attempts = requests
    return error


def throttled(requests: int = 1) -> errors.ApiError:
    return failed("TooManyRequestsException", 429, requests=requests)


def broken() -> errors.ApiError:
    """A service failure that leaves open whether the call was applied."""
    return failed("ServiceException", 500)


def lost() -> errors.ConnectionFailedError:
    error = errors.ConnectionFailedError("the connection was closed")
    error.attempts = 1
    return error


def rejected() -> errors.ApiError:
    """The error with which the service rejects a token that another write used."""
    return failed("IdempotentParameterMismatchException")


def options_of(*, attempts: int = 5, dry_run: bool = False, allow_unmodelled: bool = False) -> flows.EditOptions:
    return flows.EditOptions(attempts, dry_run, allow_unmodelled)


def state(number: int) -> ibd.DistributionConfiguration:
    return attrs.evolve(STATE, description=str(number))

"""
What can go wrong on the way to the service and back; inject it into a `LocalImageBuilder`.

Any object with an `answer` method like those below is a fault, so you can write your own, and so is a `Reply`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import attrs

from imagebuilder_dist._shapes.converter import from_boto3, to_boto3
from imagebuilder_dist.models import DistributionConfiguration
from imagebuilder_dist.testing._requests import ReceivedRequest
from imagebuilder_dist.testing._service import READS, ImageBuilder, Reply, error_reply


@attrs.frozen
class Exchange:
    """
    A request on its way through the endpoint.
    """

    request: ReceivedRequest

    wait: Callable[[float], object]
    """Lets so many seconds pass."""

    _service: ImageBuilder

    def answer(self) -> Reply:
        """
        Let the service run the operation, and return its response.
        """
        return self._service.respond(self.request)

    def change(self, change: Callable[[DistributionConfiguration], DistributionConfiguration]) -> None:
        """
        Change the configuration that the request is about, if it exists, as another client would.

        Raises:
            ValueError:
                If the request isn't about a single configuration.
        """
        parameters = self.request.parameters
        arn = parameters.get("distributionConfigurationArn", parameters.get("resourceArn"))
        if arn is None:
            raise ValueError(f"{self.request.operation} isn't about a single configuration; inject the fault elsewhere")
        self._service.change(arn, lambda document: to_boto3(change(from_boto3(document, DistributionConfiguration))))


class Fault(Protocol):
    """
    Something that happens to a request.
    """

    def answer(self, exchange: Exchange, /) -> Reply | None:
        """Return the response; `None` closes the connection without one."""


@attrs.frozen
class AnswerError:
    """
    The service responds with an error, and the operation doesn't run.
    """

    code: str
    """The error's code: one of the service's or any other."""

    status: int | None = None
    """The HTTP status; if omitted, that of the service's model, or 400 for codes that it doesn't have."""

    message: str = "An injected fault."

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the error."""
        return error_reply(self.code, self.message, self.status, service=exchange.request.service)


@attrs.frozen
class MustNotHappen:
    """
    The request is a mistake of the code under test, which gets an `AssertionError`; `LocalImageBuilder.forbid` uses it.
    """

    def answer(self, exchange: Exchange, /) -> Reply:
        """Raise the error."""
        request = exchange.request
        raise AssertionError(f"{request.operation or request.target} must not happen, with {request.parameters}")


@attrs.frozen
class Delay:
    """
    The operation runs late; a client with a shorter timeout is gone by then.
    """

    seconds: float

    def answer(self, exchange: Exchange, /) -> Reply:
        """Wait, then return the service's response."""
        exchange.wait(self.seconds)
        return exchange.answer()


@attrs.frozen
class CloseBeforeReading:
    """
    The connection breaks before the operation runs.
    """

    def answer(self, _exchange: Exchange, /) -> None:
        """Close the connection."""


@attrs.frozen
class CloseAfterApplying:
    """
    The operation runs, but the connection breaks before the response.
    """

    def answer(self, exchange: Exchange, /) -> None:
        """Run the operation and close the connection."""
        exchange.answer()


@attrs.frozen
class TruncateBody:
    """
    The operation runs, but the connection breaks in the middle of the response's body.
    """

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return half of the response."""
        reply = exchange.answer()
        return attrs.evolve(reply, headers=reply.all_headers, body=reply.body[: len(reply.body) // 2])


@attrs.frozen
class ChangedBySomebodyElse:
    """
    Another client writes in between: after a read, or before a write.

    Inject it for an operation on a single configuration, for example `GetDistributionConfiguration` to hit an edit.
    """

    change: Callable[[DistributionConfiguration], DistributionConfiguration]
    """Takes the stored configuration and returns the new one; it can change name, ARN and tags, too."""

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the service's response."""
        if exchange.request.operation in READS:
            reply = exchange.answer()
            exchange.change(self.change)
            return reply
        exchange.change(self.change)
        return exchange.answer()


FAULTS: Mapping[str, Fault] = {
    "throttle": AnswerError("CallRateLimitExceededException", message="Rate exceeded."),
    "unavailable": AnswerError("ServiceUnavailableException"),
    "denied": AnswerError("AccessDeniedException", 403),
    "lost-before-write": CloseBeforeReading(),
    "lost-after-write": CloseAfterApplying(),
    "truncated": TruncateBody(),
    "not-json": Reply(200, {"Content-Type": "text/html"}, b"<html>Welcome to the hotel's network</html>"),
}
"""Faults that need no arguments, by the name that `imagebuilder-dist serve --fault` has for them."""


def tokens(per_second: float, burst: int, clock: Callable[[], float]) -> Iterator[bool]:
    """
    Yield for each request whether it gets a token of a bucket that holds *burst* and is refilled *per_second*.
    """
    filled, since = float(burst), clock()
    while True:
        now = clock()
        filled, since = min(burst, filled + (now - since) * per_second), now
        passes = filled >= 1
        filled -= passes
        yield passes

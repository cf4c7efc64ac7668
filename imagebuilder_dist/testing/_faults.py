"""
What can go wrong on the way to the service and back; inject it into a `LocalImageBuilder`.

Any object with an `answer` method like those below is a fault, so you can write your own, and so is a `Reply`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import attrs
from attrs.validators import ge, in_, instance_of, matches_re, optional

from imagebuilder_dist._common.attributes import is_list, is_mapping
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
            operation = self.request.operation
            raise ValueError(f"{operation} isn't about a single configuration; inject the fault for another operation")
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

    code: str = attrs.field(validator=matches_re(r"[A-Za-z0-9.]+"))
    """The error's code: one of the service's or any other."""

    status: int | None = attrs.field(default=None, validator=optional(in_(range(300, 600))))
    """The HTTP status; if omitted, that of the service's model, or 400 for codes that it doesn't have."""

    message: str = "An injected fault."

    def answer(self, _exchange: Exchange, /) -> Reply:
        """Return the error."""
        return error_reply(self.code, self.message, self.status)


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

    seconds: float = attrs.field(validator=ge(0))

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
        return


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

    keep: int | None = attrs.field(default=None, validator=optional(ge(0)))
    """How many bytes of the body arrive; half of them if omitted."""

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the beginning of the response."""
        reply = exchange.answer()
        keep = len(reply.body) // 2 if self.keep is None else self.keep
        return attrs.evolve(reply, headers=reply.all_headers, body=reply.body[:keep])


@attrs.frozen
class AnswerNotJson:
    """
    The operation runs, but something on the way replaces the response's body.
    """

    body: bytes = attrs.field(default=b"<html>Welcome to the hotel's network</html>", validator=instance_of(bytes))
    status: int = attrs.field(default=200, validator=in_(range(200, 600)))

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return *body* instead of the response's own."""
        exchange.answer()
        return Reply(self.status, {"Content-Type": "text/html"}, self.body)


@attrs.frozen
class AddUnknownMembers:
    """
    The operation runs, and every structure of the response has members that no model knows.
    """

    members: Mapping[str, Any] = attrs.field(factory=lambda: {"brandNew": 1})

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the response with *members* added."""
        reply = exchange.answer()
        return attrs.evolve(reply, body=json.dumps(self._added(json.loads(reply.body))).encode())

    def _added(self, value: Any, name: str = "") -> Any:
        if is_list(value):
            return [self._added(item) for item in value]
        # The keys of these are the user's, so a new one isn't an unknown member.
        if is_mapping(value) and name not in {"amiTags", "tags"}:
            return {**{key: self._added(item, key) for key, item in value.items()}, **self.members}
        return value


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

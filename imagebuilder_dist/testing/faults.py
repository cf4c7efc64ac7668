"""
What can go wrong on the way to the service and back; inject it into a `LocalImageBuilder`.

Any object with an `answer` method like those below is a fault, so you can write your own.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs
from attrs.validators import ge, in_, instance_of, matches_re, optional

from imagebuilder_dist._common.attributes import is_list, is_mapping
from imagebuilder_dist.models import DistributionConfiguration
from imagebuilder_dist.testing._service import READS, Reply, error_reply


class Exchange(Protocol):
    """
    A request on its way through the endpoint.
    """

    @property
    def operation(self) -> str | None:
        """The API operation; `None` if it isn't one."""
        ...

    def receive(self) -> bytes:
        """Read the whole request, record it, and return its body."""
        ...

    def answer(self) -> Reply:
        """Let the service run the operation, and return its response."""
        ...

    def wait(self, seconds: float) -> None:
        """Let *seconds* pass."""
        ...

    def change(self, change: Callable[[DistributionConfiguration], DistributionConfiguration], /) -> None:
        """
        Change the configuration that the request is about, if it exists, as another client would.

        Raises:
            ValueError:
                If the request isn't about a single configuration.
        """
        ...


class Fault(Protocol):
    """
    Something that happens to a request.
    """

    def answer(self, exchange: Exchange, /) -> Reply | None:
        """Return the response; `None` closes the connection without one."""
        ...


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

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the error."""
        exchange.receive()
        return error_reply(self.code, self.message, self.status)


@attrs.frozen
class Delay:
    """
    The operation runs late; a client with a shorter timeout is gone by then.
    """

    seconds: float = attrs.field(validator=ge(0))

    def answer(self, exchange: Exchange, /) -> Reply:
        """Wait, then return the service's response."""
        exchange.receive()
        exchange.wait(self.seconds)
        return exchange.answer()


@attrs.frozen
class CloseBeforeReading:
    """
    The connection breaks before the request's body is read: nothing runs, and nothing is recorded.
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
        whole = len(reply.body)
        return attrs.evolve(reply, body=reply.body[: whole // 2 if self.keep is None else self.keep], length=whole)


@attrs.frozen
class AnswerNotJson:
    """
    The operation runs, but something on the way replaces the response's body.
    """

    body: bytes = attrs.field(default=b"<html>Welcome to the hotel's network</html>", validator=instance_of(bytes))
    status: int = attrs.field(default=200, validator=in_(range(200, 600)))

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return *body* instead of the response's own."""
        reply = exchange.answer()
        return Reply(self.status, {"Content-Type": "text/html"}, self.body, reply.applied)


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
        if is_mapping(value) and name not in _MAPS:
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
        if exchange.operation in READS:
            reply = exchange.answer()
            exchange.change(self.change)
            return reply
        exchange.change(self.change)
        return exchange.answer()


# Their keys are the user's, so a new one isn't an unknown member.
_MAPS = frozenset({"amiTags", "tags"})

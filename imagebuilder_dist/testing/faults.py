"""
What can go wrong on the way to the service and back, to be injected into a `LocalImageBuilder`.

A fault is anything with an `answer` method like those below, so a test can bring its own.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs
from attrs.validators import ge, in_, instance_of, matches_re, optional

from imagebuilder_dist._fields import is_list, is_mapping
from imagebuilder_dist._help import documented
from imagebuilder_dist.results import DistributionConfiguration
from imagebuilder_dist.testing._service import READS, Reply, error_reply


class Exchange(Protocol):
    """
    One request on its way through the endpoint.
    """

    @property
    def operation(self) -> str | None:
        """The API operation; `None` if it isn't one."""
        ...

    def receive(self) -> bytes:
        """Read all of the request, record it, and return its body."""
        ...

    def answer(self) -> Reply:
        """Let the service run the request, and return its response."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def change(self, change: Callable[[DistributionConfiguration], DistributionConfiguration], /) -> None:
        """
        Change the configuration that the request is about, if it is there, as another client would.

        Raises:
            ValueError:
                If the request isn't about one configuration.
        """
        ...


class Fault(Protocol):
    """
    Something that happens to a request.
    """

    def answer(self, exchange: Exchange, /) -> Reply | None:
        """Return what is sent back; `None` closes the connection without a response."""
        ...


@attrs.frozen(field_transformer=documented)
class AnswerError:
    """
    The service responds with an error, and the operation isn't run.
    """

    code: str = attrs.field(validator=matches_re(r"[A-Za-z0-9.]+"))
    """The error's code; the service's own or any other."""

    status: int | None = attrs.field(default=None, validator=optional(in_(range(300, 600))))
    """The HTTP status; that of the service's model without, or 400 for codes that aren't in it."""

    message: str = "An injected fault."

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the error."""
        exchange.receive()
        return error_reply(self.code, self.message, self.status)


@attrs.frozen(field_transformer=documented)
class Delay:
    """
    The request is run late, and its response is late, too: a client with less patience is gone before it is run.
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
    The connection breaks before the request's body is read: nothing is run, and nothing recorded.
    """

    def answer(self, _exchange: Exchange, /) -> None:
        """Close the connection."""
        return


@attrs.frozen
class CloseAfterApplying:
    """
    The request is run, but the connection breaks before the response.
    """

    def answer(self, exchange: Exchange, /) -> None:
        """Run the request and close the connection."""
        exchange.answer()


@attrs.frozen(field_transformer=documented)
class TruncateBody:
    """
    The request is run, but the connection breaks in the middle of the response's body.
    """

    keep: int | None = attrs.field(default=None, validator=optional(ge(0)))
    """Bytes of the body that arrive; half of them without."""

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the beginning of the response."""
        reply = exchange.answer()
        whole = len(reply.body)
        return attrs.evolve(reply, body=reply.body[: whole // 2 if self.keep is None else self.keep], length=whole)


@attrs.frozen(field_transformer=documented)
class AnswerNotJson:
    """
    The request is run, but something on the way replaces the response's body.
    """

    body: bytes = attrs.field(default=b"<html>Welcome to the hotel's network</html>", validator=instance_of(bytes))
    status: int = attrs.field(default=200, validator=in_(range(200, 600)))

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the other body."""
        reply = exchange.answer()
        return Reply(self.status, {"Content-Type": "text/html"}, self.body, reply.applied)


@attrs.frozen(field_transformer=documented)
class AddUnknownMembers:
    """
    The request is run, and every structure of the response has members that no model knows.
    """

    members: Mapping[str, Any] = attrs.field(factory=lambda: {"brandNew": 1})

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the response with the members."""
        reply = exchange.answer()
        return attrs.evolve(reply, body=json.dumps(self._added(json.loads(reply.body))).encode())

    def _added(self, value: Any, name: str = "") -> Any:
        if is_list(value):
            return [self._added(item) for item in value]
        if is_mapping(value) and name not in _MAPS:
            return {**{key: self._added(item, key) for key, item in value.items()}, **self.members}
        return value


@attrs.frozen(field_transformer=documented)
class ChangedBySomebodyElse:
    """
    Another client writes in between: after the response to a get or the like, and before a write is run.

    Inject it for an operation on one configuration: for `GetDistributionConfiguration`, it strikes an edit.
    """

    change: Callable[[DistributionConfiguration], DistributionConfiguration]
    """Makes what is stored from then on of what is stored; name, ARN and tags are changed, too."""

    def answer(self, exchange: Exchange, /) -> Reply:
        """Return the service's response."""
        if exchange.operation in READS:
            reply = exchange.answer()
            exchange.change(self.change)
            return reply
        exchange.change(self.change)
        return exchange.answer()


# Their keys are the user's, not members.
_MAPS = frozenset({"amiTags", "tags"})

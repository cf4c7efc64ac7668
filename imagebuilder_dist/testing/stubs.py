"""
Stubs with the signatures of the client's methods; serialising, parsing and retrying are real.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import attrs
from botocore import xform_name
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from imagebuilder_dist import errors, models
from imagebuilder_dist._client.boto3 import ImageBuilderClient
from imagebuilder_dist._client.client import DistributionConfigurationClient
from imagebuilder_dist._client.retries import Retries
from imagebuilder_dist._common.attributes import EMPTY, Items, check_count, check_tuple, to_tuple
from imagebuilder_dist._common.text import counted, describe, show
from imagebuilder_dist.aio import DistributionConfigurationClient as AsyncClient
from imagebuilder_dist.testing import requests
from imagebuilder_dist.testing._any import ANY, is_any
from imagebuilder_dist.testing._clock import Clock
from imagebuilder_dist.testing._differences import member_differences
from imagebuilder_dist.testing._responses import check_error, response_to, to_result
from imagebuilder_dist.testing._service import Reply, error_reply, success_reply
from imagebuilder_dist.testing._wire import Sent, Session, attach, detach, is_asynchronous, skip_waits
from imagebuilder_dist.testing.requests import Request, operation_of

T_request = TypeVar("T_request", bound=Request)
T_result = TypeVar("T_result")


class StubError(AssertionError):
    """
    No stub matches a request, or `Stubs.assert_done` found something wrong.
    """


@attrs.frozen
class _Arrived:
    """A request, typed and as sent."""

    sent: Sent
    request: Request


@attrs.frozen
class _Outcome:
    """What happens to a request, and after how many seconds."""

    act: Callable[[_Arrived], Reply | None]
    after: float


@attrs.define(eq=False)
class _Plan:
    """A stub's expectation, outcomes and progress; `Stubs` holds its lock around every use."""

    request_class: type[Any]
    expected: Mapping[str, Any]
    outcomes: list[_Outcome] = attrs.field(factory=list[_Outcome])
    goes_on: bool = False
    may_be_left_over: bool = False
    calls: list[Any] = attrs.field(factory=list[Any])

    def __str__(self) -> str:
        shown = [
            f"{name}={_shown(name, value)}" for name, value in self.expected.items() if value and not is_any(value)
        ]
        return f"{xform_name(operation_of(self.request_class))}({', '.join(shown)})"

    @property
    def planned(self) -> int:
        return max(len(self.outcomes), 1)

    @property
    def is_used_up(self) -> bool:
        return not self.goes_on and len(self.calls) >= self.planned

    @property
    def is_satisfied(self) -> bool:
        return self.may_be_left_over or len(self.calls) >= self.planned

    @property
    def weight(self) -> int:
        return sum(not is_any(value) for value in self.expected.values())

    def matches(self, request: Request) -> bool:
        return type(request) is self.request_class and not self.differences(request)

    def differences(self, request: Request) -> list[str]:
        return [
            line
            for name, value in self.expected.items()
            for line in member_differences(self.request_class, name, value, getattr(request, name))
        ]

    def take(self, request: Request) -> _Outcome:
        outcome = self.outcomes[min(len(self.calls), len(self.outcomes) - 1)] if self.outcomes else _RETURN
        self.calls.append(request)
        return outcome


def _shown(name: str, value: Any) -> str:
    """Show a stub's argument; distributions by their Regions."""
    if name in {"distributions", "tag_keys"}:
        return f"[{', '.join(show(getattr(each, 'region', each)) for each in value)}]"
    return show(value)


def _return(result: Any, arrived: _Arrived) -> Reply:
    request = arrived.request
    if result is None and isinstance(request, models.CreateDistributionConfigurationRequest) and request.dry_run:
        return error_reply("DryRunOperationException", "The request would have succeeded.")
    return success_reply(response_to(request, result, arrived.sent.region_name))


_RETURN = _Outcome(partial(_return, None), 0)


class Stub(Generic[T_request, T_result]):
    """
    The outcomes of requests for one operation with certain arguments; the methods of `Stubs` return it.

    Outcomes happen in the order in which they are added; without any, the operation succeeds once.
    """

    def __init__(self, plan: "_Plan") -> None:
        self._plan = plan

    def __repr__(self) -> str:
        return f"<Stub of {self._plan}>"

    @property
    def calls(self) -> tuple[T_request, ...]:
        """
        The requests that the stub received, in the order of arrival.
        """
        return tuple(self._plan.calls)

    def returns(self, result: T_result | None = None, *, times: int = 1, after: float = 0) -> Self:
        """
        Let the operation succeed.

        Args:
            result: What the client's method returns; for a list, summaries.
                What is left out is taken from the request, with the ARN that the service would choose.
                A get returns a configuration with one distribution.
            times: For how many requests.
            after: How many seconds pass first; nothing really waits.
                If they exceed the client's `read_timeout`, the request times out.

        Raises:
            TypeError:
                If *result* isn't of the class that the client's method returns.
        """
        return self._add(partial(_return, to_result(self._plan.request_class, result)), times, after)

    def raises(
        self, error: type[errors.ApiError], message: str = "stubbed", *, times: int = 1, after: float = 0
    ) -> Self:
        """
        Let the service return an error.

        Args:
            error: A class named after the error code; the HTTP status is that of botocore's model.
            message: The error's message.
            times: For how many requests.
            after: How many seconds pass first; nothing really waits.

        Raises:
            TypeError:
                If *error* isn't such a class.
        """
        check_error(error)
        return self._add(lambda _: error_reply(error.__name__, message), times, after)

    def loses_response(self, *, applied: bool = True, times: int = 1, after: float = 0) -> Self:
        """
        Let the connection break.

        Args:
            applied: Whether the connection breaks after the request was sent, so that a write may have been applied.
                If not, no connection could be opened, and nothing was sent.
            times: For how many requests.
            after: How many seconds pass first; nothing really waits.
        """

        def lose(arrived: _Arrived) -> Reply:
            broken = ConnectionClosedError if applied else EndpointConnectionError
            raise broken(endpoint_url=arrived.sent.url, error="stubbed")

        return self._add(lose, times, after)

    def responds(
        self,
        status: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        times: int = 1,
        after: float = 0,
    ) -> Self:
        """
        Respond with exactly these bytes, for responses that a typed stub can't express.

        Args:
            status: The HTTP status.
            body: The body.
            headers: The headers, without `Content-Length`.
            times: For how many requests.
            after: How many seconds pass first; nothing really waits.
        """
        return self._add(lambda _: Reply(status, headers or {}, body), times, after)

    def always(self) -> Self:
        """
        Let the last outcome happen any number of times, but at least once.
        """
        self._plan.goes_on = True
        return self

    def optional(self) -> Self:
        """
        Let `Stubs.assert_done` pass if outcomes of this stub are left over.
        """
        self._plan.may_be_left_over = True
        return self

    def _add(self, act: Callable[[_Arrived], Reply | None], times: int, after: float) -> Self:
        check_count("times", times)
        self._plan.outcomes += [_Outcome(act, after)] * times
        return self


class Stubs:
    """
    Stubs of the service's operations, for a client that serialises, signs, retries and parses as always.

    A stub has the signature of the client's method.
    A request goes to the most specific stub that matches and isn't used up: the one with the fewest `ANY`, in whatever
    order the stubs were declared.
    Distributions, tags and tag keys match if they mean the same to the service, as for `imagebuilder_dist.diff`.
    An argument that the stub omits must be absent, except that an omitted client token matches any.

    A request that no stub matches raises a `StubError`, which says how the nearest stub differs.
    As a context manager it calls `assert_done` at the end, unless an exception was raised, and releases the client.

    Args:
        client: The client to stub: boto3's, aiobotocore's or this library's; if omitted, `Stubs` creates one.
            From then on, its retries don't wait.
        region_name: The Region of a client that `Stubs` creates.

    Raises:
        TypeError:
            If *client* isn't one of these.
    """

    def __init__(
        self,
        client: ImageBuilderClient | DistributionConfigurationClient | AsyncClient | None = None,
        *,
        region_name: str = "us-west-2",
    ) -> None:
        self.clock: Clock = Clock()
        """Returns the seconds that requests and retries would have taken."""
        self._retries = Retries(sleep=self.clock.sleep, clock=self.clock)
        self._plans: list[_Plan] = []
        self._calls: list[Request] = []
        self._unmatched: list[str] = []
        self._position: int | None = None
        self._lock = threading.Lock()
        self._session = Session(self._respond, region_name)
        self._given = client
        self._target: Any = client
        if isinstance(client, DistributionConfigurationClient | AsyncClient):
            self._target = client._client  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - a class of this library
            client._retries = attrs.evolve(client._retries, sleep=self.clock.sleep, clock=self.clock)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        if self._target is not None:
            if not hasattr(getattr(self._target, "meta", None), "events"):
                raise TypeError(
                    f"client must be a client of boto3, aiobotocore or this library, not {describe(client)}"
                )
            attach(self._target, self._respond)
            skip_waits(self._target, self.clock.sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._target is not None:
            detach(self._target)
        if kind is None:
            self.assert_done()

    @cached_property
    def client(self) -> DistributionConfigurationClient:
        """
        A stubbed client of this library: the one passed in, or one over the boto3 client passed in, or a new one.
        """
        if isinstance(self._given, DistributionConfigurationClient):
            return self._given
        if self._target is not None:
            return DistributionConfigurationClient(self._target, retries=self._retries)
        return DistributionConfigurationClient(session=self._session, retries=self._retries)

    def aio(self) -> AsyncClient:
        """
        Return a stubbed client for asyncio: the one passed in, or a new one.
        """
        if isinstance(self._given, AsyncClient):
            return self._given
        if self._target is not None and is_asynchronous(self._target):
            return AsyncClient(self._target, retries=self._retries)
        return AsyncClient(session=self._session, retries=self._retries)

    @property
    def calls(self) -> tuple[Request, ...]:
        """
        All requests in the order of arrival, including those that no stub matched.
        """
        with self._lock:
            return tuple(self._calls)

    def in_order(self) -> Self:
        """
        Expect requests in the order in which the stubs were declared.
        """
        self._position = 0
        return self

    def assert_done(self, *, left_over: bool = False) -> None:
        """
        Check that no stub is left over, and that every request matched a stub.

        Args:
            left_over: Whether stubs may be left over.

        Raises:
            imagebuilder_dist.testing.StubError:
                If not; the message names all of them, including requests whose `StubError` the code has swallowed.
        """
        __tracebackhide__ = True  # of pytest
        with self._lock:
            left = [
                f"left over: {plan}, which received {len(plan.calls)} of {counted(plan.planned, 'request')}"
                for plan in self._plans
                if not (left_over or plan.is_satisfied)
            ]
            problems = self._unmatched + left
        if problems:
            raise StubError("\n".join(problems))

    def _respond(self, sent: Sent) -> Reply | None:
        content = json.loads(sent.body) if sent.body else None
        operation, request, unknown = requests.read(sent.method, sent.target, content)
        with self._lock:
            if request is not None:
                self._calls.append(request)
            plan = None if request is None or unknown else self._find(request)
            if request is None or plan is None:
                self._unmatched.append(self._explain(operation or sent.target, request, unknown))
                raise StubError(self._unmatched[-1])
            outcome = plan.take(request)
        if outcome.after:  # otherwise the clock would record a sleep of 0 seconds
            sent.wait(outcome.after, self.clock)
        return outcome.act(_Arrived(sent, request))

    def _find(self, request: Request) -> _Plan | None:
        if self._position is None:
            matching = [plan for plan in self._plans if plan.matches(request) and not plan.is_used_up]
            return max(matching, key=lambda plan: plan.weight, default=None)
        for position, plan in enumerate(self._plans[self._position :], self._position):
            if plan.matches(request) and not plan.is_used_up:
                self._position = position
                return plan
            if not plan.is_satisfied:
                break
        return None

    def _explain(self, operation: str, request: Request | None, unknown: Iterable[str]) -> str:
        """Return why no stub matches."""
        text = f"no stub matches {operation}"
        if request is None or unknown:
            reason = ", ".join(unknown) or "there are no stubs for this operation"
            return f"{text}, which can't be read as a request: {reason}"
        plans = self._plans
        if self._position is not None:
            plans = [plan for plan in plans[self._position :] if not plan.is_satisfied][:1]
        near = [(plan, plan.differences(request)) for plan in plans if plan.request_class is type(request)]
        if not near and self._position is not None and plans:
            return f"{text}: the next in order is {plans[0]}"
        if not near:
            return f"{text}: there is no stub for this operation"
        plan, differences = min(near, key=lambda each: len(each[1]))
        if not differences:
            return f"{text}: {plan} is used up, after {counted(len(plan.calls), 'request')}"
        return "\n    ".join((f"{text}; the nearest differs (- stubbed, + sent):\n  {plan}", *differences))

    def _add(self, request_class: type[T_request], **expected: Any) -> Stub[T_request, Any]:
        plan = _Plan(request_class, expected)
        with self._lock:
            self._plans.append(plan)
        return Stub(plan)

    def create_distribution_configuration(
        self,
        name: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        client_token: str | None = None,
        dry_run: bool = False,
    ) -> Stub[models.CreateDistributionConfigurationRequest, models.CreateDistributionConfigurationResult]:
        """
        Stub `create_distribution_configuration`.
        """
        return self._add(
            models.CreateDistributionConfigurationRequest,
            name=name,
            distributions=_distributions(distributions),
            description=description,
            tags=EMPTY if tags is None else tags,
            client_token=ANY if client_token is None else client_token,
            dry_run=dry_run or None,
        )

    def delete_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> Stub[requests.DeleteDistributionConfigurationRequest, models.DeleteDistributionConfigurationResult]:
        """
        Stub `delete_distribution_configuration`.
        """
        return self._add(
            requests.DeleteDistributionConfigurationRequest,
            distribution_configuration_arn=distribution_configuration_arn,
        )

    def get_distribution_configuration(
        self, distribution_configuration_arn: str
    ) -> Stub[requests.GetDistributionConfigurationRequest, models.DistributionConfiguration]:
        """
        Stub `get_distribution_configuration`; an edit that writes calls it twice.
        """
        return self._add(
            requests.GetDistributionConfigurationRequest,
            distribution_configuration_arn=distribution_configuration_arn,
        )

    def list_distribution_configurations(
        self, *, name: str | None = None, page_size: int | None = None
    ) -> Stub[requests.ListDistributionConfigurationsRequest, Items[models.DistributionConfigurationSummary]]:
        """
        Stub `list_distribution_configurations`, with one page; `ensure_distribution_configuration` lists by name.
        """
        return self._add(
            requests.ListDistributionConfigurationsRequest, name=name, page_size=page_size, next_token=None
        )

    def list_tags_for_resource(
        self, resource_arn: str
    ) -> Stub[requests.ListTagsForResourceRequest, models.ListTagsForResourceResult]:
        """
        Stub `list_tags_for_resource`.
        """
        return self._add(requests.ListTagsForResourceRequest, resource_arn=resource_arn)

    def tag_resource(
        self, resource_arn: str, tags: Mapping[str, str]
    ) -> Stub[requests.TagResourceRequest, models.TagResourceResult]:
        """
        Stub `tag_resource`.
        """
        return self._add(requests.TagResourceRequest, resource_arn=resource_arn, tags=tags)

    def untag_resource(
        self, resource_arn: str, tag_keys: Items[str]
    ) -> Stub[requests.UntagResourceRequest, models.UntagResourceResult]:
        """
        Stub `untag_resource`.
        """
        if not is_any(tag_keys):
            tag_keys = to_tuple(tag_keys)
            check_tuple("tag_keys", tag_keys, str)
        return self._add(requests.UntagResourceRequest, resource_arn=resource_arn, tag_keys=tag_keys)

    def update_distribution_configuration(
        self,
        distribution_configuration_arn: str,
        distributions: Items[models.Distribution],
        *,
        description: str | None = None,
        client_token: str | None = None,
    ) -> Stub[models.UpdateDistributionConfigurationRequest, models.UpdateDistributionConfigurationResult]:
        """
        Stub `update_distribution_configuration`.
        """
        return self._add(
            models.UpdateDistributionConfigurationRequest,
            distribution_configuration_arn=distribution_configuration_arn,
            distributions=_distributions(distributions),
            description=description,
            client_token=ANY if client_token is None else client_token,
        )


def _distributions(given: Any) -> Any:
    if is_any(given):
        return given
    distributions = models.to_distributions(given)
    check_tuple("distributions", distributions, models.Distribution)
    return distributions

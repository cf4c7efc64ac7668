"""
The retry policy, and what it tells of each request.
"""

import random
import time
from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from typing import cast

import attrs

from imagebuilder_dist import errors
from imagebuilder_dist._common.attributes import check_count, check_type, is_a
from imagebuilder_dist._common.text import describe


@attrs.frozen(kw_only=True)
class Attempt:
    """
    One request and its outcome.
    """

    operation: str
    """The API operation, for example `UpdateDistributionConfiguration`."""

    resource: str | None
    """The configuration's ARN, or its name if it is to be created; `None` for a list."""

    number: int
    """The attempt's number in its call, from 1; botocore's own retries count."""

    client_token: str | None
    """The token of the write, which is the same in all attempts of a call."""

    http_status: int | None
    """The status of the response; `None` if none came."""

    request_id: str | None
    """The service's id of the request, if the response had one."""

    error: str | None
    """The code of the service's error, or the class name of this library's if no response came; `None` on success."""

    duration: float
    """Seconds from sending the request to its response."""


@attrs.frozen(kw_only=True)
class Retries:
    """
    Retry policy: exponential backoff with jitter, 0.5 to 1 s, doubling up to 20 s, with one client token.

    It retries throttling, service failures, broken connections, timeouts and empty responses.
    Because a write keeps its client token, the service runs it at most once.
    A delete, tag or untag has no token and is retried only if it certainly wasn't applied.
    A `Retry-After` in a response, in seconds, is a lower bound for the delay.

    Raises:
        TypeError:
            If a value has the wrong type.
        ValueError:
            If *attempts* is below 1, or *max_seconds* below 0.
    """

    attempts: int | None = None
    """
    The maximum number of requests of one call; 1 disables retries.

    If omitted, a client created by the library takes `AWS_MAX_ATTEMPTS` or the profile's `max_attempts`,
    and 5 if neither is set.
    A client that is passed in keeps its own retries, but never exceeds this number, or 5 if omitted.
    """

    max_seconds: float = 120.0
    """
    A retry starts at most this long after the first request; if it would start later, the call fails at once.

    A request in progress isn't interrupted: botocore's `read_timeout`, 60 seconds by default, limits the wait
    for each piece of a response.
    A response that keeps trickling in has no limit.
    """

    resource_in_use: bool = False
    """
    Whether to also retry while a build uses the configuration.

    Builds take long, so this needs around a hundred attempts and a `max_seconds` to match.
    """

    on_attempt: Callable[[Attempt], object] | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.is_callable())
    )
    """
    A function that is called with an `Attempt` after each request, for metrics and traces.

    It runs in the thread that made the request, so it shouldn't block, and several threads may call it at once.
    If it raises an exception, that is logged and otherwise ignored.
    """

    sleep: Callable[[float], object] = attrs.field(default=time.sleep, validator=attrs.validators.is_callable())
    """The function that waits a number of seconds; replace it in tests."""

    clock: Callable[[], float] = attrs.field(default=time.monotonic, validator=attrs.validators.is_callable())
    """The function that returns the current time in seconds."""

    random: Callable[[], float] = attrs.field(default=random.random, validator=attrs.validators.is_callable())
    """The function that returns a random number from 0 to 1."""

    def __attrs_post_init__(self) -> None:
        if self.attempts is not None:
            check_count("Retries.attempts", self.attempts)
        if not (is_a(self.max_seconds, int) or isinstance(cast(object, self.max_seconds), float)):
            raise TypeError(f"Retries.max_seconds must be a number of seconds, not {describe(self.max_seconds)}")
        if not self.max_seconds >= 0:  # `not >=` also rejects NaN
            raise ValueError(f"Retries.max_seconds must be 0 or more, not {self.max_seconds}")
        check_type("Retries.resource_in_use", self.resource_in_use, bool)
        if iscoroutinefunction(self.on_attempt):
            raise TypeError("Retries.on_attempt must be a plain function, not a coroutine function: nothing awaits it")


def retry_after(error: errors.ImageBuilderDistError) -> float:
    """
    Return the seconds of `Retry-After`, which AWS doesn't send as a date.
    """
    if not isinstance(error, errors.ApiError):
        return 0
    headers: Mapping[str, str] = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else 0

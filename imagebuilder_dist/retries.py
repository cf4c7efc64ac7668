"""
When a call that failed is made again, and how long to wait before.
"""

import random
import time
from collections.abc import Callable
from typing import Any

import attrs

from imagebuilder_dist._fields import check_count, check_type, found, is_a
from imagebuilder_dist.errors import ApiError, ImageBuilderDistError, ResourceInUseException, TransportError

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 20.0


def _one_or_more(_instance: object, _attribute: "attrs.Attribute[int]", value: int) -> None:
    check_count("Retries.attempts", value)


def _not_negative(_instance: object, _attribute: "attrs.Attribute[float]", value: float) -> None:
    if not (is_a(value, int) or isinstance(value, float)):
        raise TypeError(f"Retries.max_seconds must be a number of seconds, not {found(value)}")
    if not value >= 0:  # nor not-a-number
        raise ValueError(f"Retries.max_seconds must be 0 or more, not {value}")


def _true_or_false(_instance: object, _attribute: "attrs.Attribute[bool]", value: Any) -> None:
    check_type("Retries.resource_in_use", value, bool)


@attrs.frozen(kw_only=True)
class Retries:
    """
    How long to go on with a call that is throttled, cut off, or met by a failure of the service.

    The delay starts at half a second to one second, doubles each time, and never exceeds 20 seconds; where in the
    upper half it lies is random.
    A write keeps its client token, so the service runs it at most once.
    What has no token (delete, tag, untag) is repeated only after what certainly didn't run it.

    Raises:
        TypeError:
            If a value is of a wrong type.
        ValueError:
            If *attempts* is below 1, or *max_seconds* below 0.
    """

    attempts: int = attrs.field(default=5, validator=_one_or_more)
    """
    Requests that one call may take; 1 repeats nothing.

    What a client that was handed in repeats by itself counts, and no call is made whose repetitions might exceed the
    number; but within one call it repeats as it is configured to.
    `botocore.config.Config(retries={"total_max_attempts": 1})` leaves all of it to this.
    """

    max_seconds: float = attrs.field(default=120.0, validator=_not_negative)
    """
    No repetition begins later than this after the first request; where the delay would last longer, it ends at once.

    A request under way is not interrupted: that is what botocore's `read_timeout` is for, 60 seconds by default.
    """

    resource_in_use: bool = attrs.field(default=False, validator=_true_or_false)
    """
    Whether to wait, too, for the end of a build that uses the configuration.

    Builds take long: it needs some hundred attempts, and `max_seconds` to match.
    """

    sleep: Callable[[float], object] = attrs.field(default=time.sleep, validator=attrs.validators.is_callable())
    """What waits a number of seconds; a test's own never has to."""

    clock: Callable[[], float] = attrs.field(default=time.monotonic, validator=attrs.validators.is_callable())
    """What tells the seconds that go by."""

    random: Callable[[], float] = attrs.field(default=random.random, validator=attrs.validators.is_callable())
    """What draws a number from 0 to 1."""


@attrs.define
class Tries:
    """
    The tries of one call so far, and what may come of a next one. It reads the clock, and waits for nothing.
    """

    _retries: Retries
    _repeatable: bool = attrs.field(kw_only=True)
    _start: float = attrs.field(init=False)
    _attempts: int = attrs.field(default=0, init=False)
    _longest: float = attrs.field(default=_FIRST_DELAY, init=False)
    failed: ImageBuilderDistError | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._start = self._retries.clock()

    def delay_after(self, error: ImageBuilderDistError) -> float | None:
        """
        Return how many seconds to wait after *error*; `None` is to give up. The error learns what was tried.
        """
        retries, requests = self._retries, error.attempts or 0
        self._attempts += requests
        error.attempts, error.elapsed = self._attempts, retries.clock() - self._start
        if self.failed is not None and self.failed.may_have_been_applied:
            error.may_have_been_applied = True
        self.failed = error
        delay = self._longest * (1 + retries.random()) / 2
        self._longest = min(self._longest * 2, _LONGEST_DELAY)
        if (
            not self._may_help(error)
            # botocore will repeat the next call as often as it has repeated this one.
            or self._attempts + requests > retries.attempts
            or error.elapsed + delay > retries.max_seconds
        ):
            return None
        return delay

    def _may_help(self, error: ImageBuilderDistError) -> bool:
        if error.may_have_been_applied and not self._repeatable:
            return False
        if isinstance(error, ResourceInUseException):
            return self._retries.resource_in_use
        return isinstance(error, ApiError | TransportError) and error.retryable

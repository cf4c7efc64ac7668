"""
What a worker does with a target, and what it sends back.
"""

import pickle
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from imagebuilder_dist.errors import ThrottledError
from imagebuilder_dist.fleet._tally import Tally, current
from imagebuilder_dist.fleet._targets import Target

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Outcome(Generic[T]):
    """
    What came of one target.
    """

    target: Target

    result: T | None = None
    """What the function returned; `None` if it raised, or *earlier* is true."""

    error: BaseException | None = None
    """
    What the function raised, or what broke its worker.

    A `concurrent.futures.CancelledError` means that the target wasn't begun.
    """

    attempts: int = 0
    """The most attempts that any of its calls took: above 1 if one was retried, 0 if it made no calls."""

    seconds: float = 0.0
    """How long the function took."""

    earlier: bool = False
    """Whether the target was skipped, because it had succeeded in an earlier run with the same journal."""


@attrs.frozen
class Report(Generic[T]):
    """
    What a worker sends back.
    """

    outcome: Outcome[T]
    calls: int
    """How many calls the clients made."""

    @property
    def pushed_back(self) -> bool:
        """
        Whether the service throttled a call, or a call had to be retried.
        """
        error = self.outcome.error
        return self.outcome.attempts > 1 or isinstance(error, ThrottledError)


def perform(function: Callable[[Target], T], target: Target, _submission: int) -> Report[T]:
    """
    Call *function* with *target*.

    The number makes each submission unique, because Dask runs equal submissions only once.
    """
    tally = Tally()
    token = current.set(tally)
    start = time.perf_counter()
    result: T | None = None
    error: BaseException | None = None
    try:
        result = function(target)
    except Exception as raised:  # noqa: BLE001 - the exception is the outcome
        error = _portable(raised)
    finally:
        current.reset(token)
    seconds = time.perf_counter() - start
    outcome = Outcome(target=target, result=result, error=error, attempts=tally.attempts, seconds=seconds)
    return Report(outcome, tally.calls)


def _portable(error: Exception) -> Exception:
    """Return *error*, or its text if it can't be pickled and unpickled, which would break the whole process pool."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - a user's exception class may raise anything
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error

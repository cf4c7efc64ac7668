"""
What a worker does with one target, and what comes back of it.
"""

import pickle
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from imagebuilder_dist._fleet.tally import Tally, current
from imagebuilder_dist._fleet.targets import Target
from imagebuilder_dist._help import documented
from imagebuilder_dist.errors import ApiError

T = TypeVar("T")


@attrs.frozen(kw_only=True, field_transformer=documented)
class Outcome(Generic[T]):
    """
    What came of one target.
    """

    target: Target

    result: T | None = None
    """What the function has returned; `None` if it has raised, or *earlier* is true."""

    error: BaseException | None = None
    """
    What the function has raised; or what has become of its worker.

    A `concurrent.futures.CancelledError` belongs to a target that wasn't begun.
    """

    attempts: int = 0
    """The most attempts that one of its calls took; above 1 if the service has throttled. 0 if it called nothing."""

    seconds: float = 0.0
    """How long the function took."""

    earlier: bool = False
    """Whether the target had succeeded before, according to the journal, and so was skipped."""


@attrs.frozen
class Report(Generic[T]):
    """
    What a worker sends back.
    """

    outcome: Outcome[T]
    calls: int
    """Calls of the service that the clients made."""

    @property
    def pushed_back(self) -> bool:
        """
        Whether the service was in trouble, or throttled.
        """
        error = self.outcome.error
        return self.outcome.attempts > 1 or (isinstance(error, ApiError) and error.throttling)


def perform(function: Callable[[Target], T], target: Target, _submission: int) -> Report[T]:
    """
    Call *function*; the number of the submission makes it differ from all others, because Dask runs equal ones once.
    """
    tally = Tally()
    token = current.set(tally)
    start = time.perf_counter()
    result: T | None = None
    error: BaseException | None = None
    try:
        result = function(target)
    except Exception as raised:  # noqa: BLE001 - what it raises is its outcome
        error = _portable(raised)
    finally:
        current.reset(token)
    seconds = time.perf_counter() - start
    outcome = Outcome(target=target, result=result, error=error, attempts=tally.attempts, seconds=seconds)
    return Report(outcome, tally.calls)


def _portable(error: Exception) -> Exception:
    """Return *error*, or what it says: one that can't be unpickled breaks the whole process pool that it comes from."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an exception of the user's raises what it likes
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error

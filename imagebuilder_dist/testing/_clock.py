"""
A clock for tests, whose sleeps take no time.
"""

from collections.abc import Callable


class Clock:
    """
    A clock that advances when something sleeps, without waiting; for `Retries(sleep=clock.sleep, clock=clock)`.

    Args:
        base: Seconds that pass in any case; none if omitted, so that a test's times are exact.
    """

    def __init__(self, base: Callable[[], float] = lambda: 0.0) -> None:
        self._base = base
        self.slept: list[float] = []
        """The length of each sleep in seconds."""

    def __call__(self) -> float:
        return self._base() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """
        Advance the clock by *seconds*.
        """
        self.slept.append(seconds)

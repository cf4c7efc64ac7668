"""
Time that goes by without anybody waiting for it.
"""

from collections.abc import Callable


class Clock:
    """
    A clock that a sleep puts forward; for `Retries(sleep=clock.sleep, clock=clock)`.

    Args:
        base: The seconds that go by anyway; none if omitted, so that a test's times are exact.
    """

    def __init__(self, base: Callable[[], float] = lambda: 0.0) -> None:
        self._base = base
        self.slept: list[float] = []
        """The seconds of each sleep."""

    def __call__(self) -> float:
        return self._base() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """
        Put the clock forward.
        """
        self.slept.append(seconds)

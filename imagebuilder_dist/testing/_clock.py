"""
Time that goes by without anybody waiting for it.
"""

import threading
from collections.abc import Callable


class Clock:
    """
    A clock that a sleep puts forward; for `Retries(sleep=clock.sleep, clock=clock)`.

    Args:
        base: The seconds that go by anyway; none if omitted, so that a test's times are exact.
    """

    def __init__(self, base: Callable[[], float] = lambda: 0.0) -> None:
        self._base = base
        self._slept = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self._base() + self._slept

    def sleep(self, seconds: float) -> None:
        """
        Put the clock forward.
        """
        with self._lock:
            self._slept += seconds

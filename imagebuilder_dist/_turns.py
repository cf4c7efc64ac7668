"""
Edits of one configuration take turns, in one process.
"""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class _Turn:
    """A lock that can be referred to weakly; an edit inside an edit is a concurrent one, not a deadlock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()


class _Turns:
    """One lock an ARN, gone with its last user."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew, in a forked process: the threads that hold the locks are not in it."""
        self._lock = threading.Lock()
        self._of: WeakValueDictionary[str, _Turn] = WeakValueDictionary()

    def of(self, arn: str) -> _Turn:
        """Give the one lock of *arn*."""
        with self._lock:
            return self._of.setdefault(arn, _Turn())


_turns = _Turns()
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_turns.forget)


@contextmanager
def turn(arn: str) -> Generator[None, None, None]:
    """
    Wait for every other thread that is in a turn of *arn*, and keep others waiting.
    """
    mine = _turns.of(arn)  # the name keeps it alive; the lock alone would not
    with mine.lock:
        yield

"""
The executor of a run: one that was passed in, or those that a function creates, a new one whenever one breaks.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeAlias, cast

from imagebuilder_dist._common.text import describe


class Submits(Protocol):
    """
    What a run needs of an executor.
    """

    def submit(self, function: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Call *function* in a worker."""
        ...


class Closes(Submits, Protocol):
    """
    What a run needs of an executor that it creates itself.
    """

    def shutdown(self) -> None:
        """Wait for what is in flight, and end the workers."""
        ...


Executor: TypeAlias = Submits | Callable[[], Closes]
"""An executor, or a function that creates one."""


class Pool:
    """
    The executor of a run.
    """

    def __init__(self, executor: Executor) -> None:
        self._make: Callable[[], Closes] | None = None
        self._present: Submits | None = None
        if not isinstance(executor, type) and hasattr(executor, "submit"):
            self._present = cast(Submits, executor)
        elif callable(executor):
            self._make = executor
        else:
            raise TypeError(
                f"executor must have a submit method, or be a function that creates one, not {describe(executor)}"
            )

    @property
    def replaceable(self) -> bool:
        """
        Whether a broken executor can be replaced.
        """
        return self._make is not None

    def submit(self, function: Callable[..., Any], *args: Any) -> "Future[Any]":
        """
        Call *function* in a worker.
        """
        if self._present is None:
            self._present = cast(Callable[[], Closes], self._make)()
        return self._present.submit(function, *args)

    def close(self) -> None:
        """
        Shut down an executor that the run created; the next submission creates another one.
        """
        if self._make is not None and self._present is not None:
            cast(Closes, self._present).shutdown()
            self._present = None

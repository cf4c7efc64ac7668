"""
Cases measured in turn, in short slices and in a new order every round, so that noise and order hit all alike.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import attrs

K = TypeVar("K")

# Takes one slice and gives the seconds of one call in it.
Sampler: TypeAlias = Callable[[], float]

_SLICE = 0.005
_MIN_ROUNDS = 3


@attrs.frozen
class Ratio:
    best: float
    median: float


@attrs.frozen
class Samples:
    """What the slices of one case gave, in seconds a call."""

    seconds: list[float] = attrs.field(factory=list)

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def over(self, other: "Samples") -> Ratio:
        return Ratio(self.best / other.best, self.median / other.median)


def interleave(samplers: Mapping[K, Sampler], seconds: float) -> dict[K, Samples]:
    """Go through all *samplers* again and again for so many *seconds*."""
    taken = {name: Samples() for name in samplers}
    names = [*samplers]
    rounds = 0
    gc.collect()
    gc.freeze()  # what is there already isn't looked through before every slice
    end = time.perf_counter() + seconds
    while rounds < _MIN_ROUNDS or time.perf_counter() < end:
        random.shuffle(names)
        for name in names:
            taken[name].seconds.append(samplers[name]())
        rounds += 1
    gc.unfreeze()
    return taken


def cpu_time(call: Callable[[], object]) -> Sampler:
    """Make a sampler of the CPU time of *call*, which is called as often as a slice takes."""
    call()  # what is made once is made now
    start = time.process_time()
    call()
    repeats = max(1, round(_SLICE / (time.process_time() - start)))

    def sample() -> float:
        gc.collect()
        gc.disable()
        try:
            start = time.process_time()
            for _ in range(repeats):
                call()
            return (time.process_time() - start) / repeats
        finally:
            gc.enable()

    return sample

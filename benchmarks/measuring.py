"""Timing contestants against each other on a machine that is never quiet.

Times are the processor time of the thread that works, so that waiting for a processor that others
use does not count. Still those others fill the caches and slow the clock down: so each round runs
every contestant once, beginning with another one each time, and what disturbs one disturbs all. The
minimum is what the code costs; how far the median lies above it says how disturbed the run was.
"""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Times:
    """Times of one contestant, in seconds of processor time: one value a round."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.rounds)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def noise(self) -> float:
        """The distance of the median from the minimum: 0.1 is a tenth."""
        return self.median / self.best - 1


def measure(contestants: Mapping[K, Callable[[], float]], rounds: int) -> dict[K, Times]:
    """Run every contestant once a round; each gives the seconds that it took."""
    names = list(contestants)
    taken: dict[K, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            taken[name].append(contestants[name]())
    return {name: Times(tuple(values)) for name, values in taken.items()}

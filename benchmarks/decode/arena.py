"""Common ground of the two interpreters: contestants that decode the same chunks."""

import statistics
from collections.abc import Callable, Mapping
from typing import Protocol

from ..measuring import Times, measure
from .streams import Answer, Chunks

Contestant = Callable[[], tuple[float, Answer]]
"""Decodes once; gives the seconds of processor time that it took, and what it understood."""

# Bytes that lie in memory, and bytes that come as they do from the network.
IN_HAND = "in hand"
RECEIVED = "received"
OURS = "ours"


class WrongAnswerError(Exception):
    """A contestant did not understand the stream; however quick, it must not win."""


class Arena(Protocol):
    """An interpreter with its contestants."""

    title: str
    versions: Mapping[str, str]

    def contestants(self, chunks: Chunks) -> dict[tuple[str, str], Contestant]:
        """Return them by where their bytes come from and by name, ready to decode these chunks."""
        ...


def compare(arena: Arena, chunks: Chunks, rounds: int) -> dict[tuple[str, str], Times]:
    """Time all contestants, after each has given the right answer, which warms it up as well.

    Raises:
        WrongAnswerError: One did not.
    """
    contestants = arena.contestants(chunks)
    for (source, name), contestant in contestants.items():
        check(f"{name} ({source})", contestant, chunks)
    return measure({key: _timed(one) for key, one in contestants.items()}, rounds)


def doubling(arena: Arena, once: Chunks, twice: Chunks, rounds: int) -> float:
    """Measure the factor that our decoder takes longer for a stream of twice the length."""
    lengths = {"once": once, "twice": twice}
    ours = {name: arena.contestants(chunks)[IN_HAND, OURS] for name, chunks in lengths.items()}
    for name, chunks in lengths.items():
        check(OURS, ours[name], chunks)
    times = measure({name: _timed(one) for name, one in ours.items()}, rounds)
    # Of neighbours in time: how quick the machine is changes more slowly than that.
    pairs = zip(times["twice"].rounds, times["once"].rounds, strict=True)
    return statistics.median(twice / once for twice, once in pairs)


def check(name: str, contestant: Contestant, chunks: Chunks) -> None:
    """Raise WrongAnswerError unless it understands the stream."""
    _, answer = contestant()
    if answer != chunks.stream.answer:
        raise WrongAnswerError(
            f"{name} understood something else than the stream {chunks.stream.name!r} says, "
            f"in chunks of {chunks.size}: {str(answer)[:300]}"
        )


def _timed(contestant: Contestant) -> Callable[[], float]:
    return lambda: contestant()[0]

"""The results as a table to read and as a file to keep."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..measuring import Times
from .arena import IN_HAND, OURS, RECEIVED
from .streams import Chunks

_SOURCES = {
    IN_HAND: "bytes in hand",
    RECEIVED: "from a response, as it comes",
}


@dataclass(frozen=True)
class Comparison:
    """The contestants of one interpreter on the same chunks."""

    chunks: Chunks
    times: Mapping[tuple[str, str], Times]

    def names(self, source: str) -> list[str]:
        return [name for at, name in self.times if at == source]

    def us_per_event(self, source: str, name: str) -> float:
        return self.times[source, name].best / len(self.chunks.stream.events) * 1e6

    def mb_per_s(self, source: str, name: str) -> float:
        return len(self.chunks.stream.data) / self.times[source, name].best / 1e6

    def ratio(self, source: str, name: str) -> tuple[float, float]:
        """Give the factor that a contestant takes longer than ours, by the minima and by the
        medians.
        """
        its, ours = self.times[source, name], self.times[source, OURS]
        return its.best / ours.best, its.median / ours.median


@dataclass
class Results:
    """Everything that was measured in one interpreter."""

    title: str
    versions: Mapping[str, str]
    comparisons: list[Comparison] = field(default_factory=list)
    doubling: dict[str, float] = field(default_factory=dict)

    def text(self) -> str:
        """Return Markdown that reads well as it is."""
        return "\n".join(self._lines())

    def fields(self) -> dict[str, Any]:
        """Return the same, with every single time, for JSON."""
        return {
            "interpreter": self.title,
            "versions": dict(self.versions),
            "doubling": self.doubling,
            "results": [
                {
                    "stream": comparison.chunks.stream.name,
                    "chunks": comparison.chunks.size,
                    "events": len(comparison.chunks.stream.events),
                    "bytes": len(comparison.chunks.stream.data),
                    "source": _SOURCES[source],
                    "contestant": name,
                    "us_per_event": comparison.us_per_event(source, name),
                    "mb_per_s": comparison.mb_per_s(source, name),
                    "times_ours": comparison.ratio(source, name)[0],
                    "times_ours_by_medians": comparison.ratio(source, name)[1],
                    "seconds": times.rounds,
                }
                for comparison in self.comparisons
                for (source, name), times in comparison.times.items()
            ],
        }

    def _lines(self) -> Iterator[str]:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        yield f"## {self.title}: {versions}; {os.cpu_count()} cores, times are processor time"
        for source, title in _SOURCES.items():
            yield f"\n{title[0].upper()}{title[1:]}\n"
            yield from _table(source, self.comparisons)
        noise = [times.noise for each in self.comparisons for times in each.times.values()]
        yield (
            f"\nNoise: the median of {len(noise)} series lies {sum(noise) / len(noise):.0%} above "
            f"its minimum, at worst {max(noise):.0%}."
        )
        yield "Twice the events cost, of ours (the budget is ≤ 2.2):"
        for stream, ratio in self.doubling.items():
            yield f"- {stream}: {ratio:.2f} times"


def _table(source: str, comparisons: Sequence[Comparison]) -> Iterator[str]:
    peers = [name for name in comparisons[0].names(source) if name != OURS]
    header = ["stream", "a chunk is", "ours µs/event", "MB/s"]
    for peer in peers:
        header += [f"{peer} µs/event", "MB/s", "times ours (by medians)"]
    rows = [header, ["-" * len(title) for title in header]]
    for each in comparisons:
        row = [each.chunks.stream.name, each.chunks.size]
        for name in (OURS, *peers):
            row.append(f"{each.us_per_event(source, name):.2f}")
            row.append(f"{each.mb_per_s(source, name):.0f}")
            if name != OURS:
                row.append("{:.2f} ({:.2f})".format(*each.ratio(source, name)))
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield f"| {' | '.join(map(str.ljust, row, widths))} |"

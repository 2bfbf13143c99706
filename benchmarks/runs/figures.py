"""The figures as a table and a picture."""

import os
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import NamedTuple

_HEAD = """\
| readers | without a log, p50 | p99 | a run, p50 | p99 | added, p50 | reference server, p50 | p99 |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
_WIDTH, _ROW, _LEFT = 720, 76, 150
# Seen on light and dark pages alike.
_COLOURS = {"without a log": "#8a8f98", "a run": "#0f8a78", "reference server": "#b7791f"}


class Row(NamedTuple):
    """Milliseconds that an event is on its way to so many readers of one stream: the median and the
    99th percentile of an endpoint that keeps nothing, of a run, and of the reference server.
    """

    readers: int
    plain: tuple[float, float]
    run: tuple[float, float]
    reference: tuple[float, float] | None

    def line(self) -> str:
        """Write the row of the table."""
        figures = [*self.plain, *self.run, self.run[0] - self.plain[0], *(self.reference or ())]
        cells = [*(f"{figure:.1f} ms" for figure in figures), "–", "–"][:7]
        return f"| {self.readers:,} | {' | '.join(cells)} |"

    @property
    def medians(self) -> list[float]:
        """Those that were measured, in the order of the colours."""
        return [one[0] for one in (self.plain, self.run, self.reference) if one is not None]


class Figures(NamedTuple):
    """All that was measured. `together_ms`: an event's way while all `runs` are written;
    `reference_kib`: a reader of the reference server.
    """

    rows: list[Row]
    runs: int
    run_kib: float
    reader_kib: float
    reference_kib: float | None
    together_ms: float

    def table(self) -> str:
        """Write the table, and a sentence below it."""
        lines = "\n".join(row.line() for row in self.rows)
        theirs = ""
        if self.reference_kib is not None:
            theirs = f" (of the reference server {self.reference_kib:.0f} KiB)"
        return (
            f"{_HEAD}\n{lines}\n\n"
            f"{self.runs} runs at once take {self.run_kib:.0f} KiB each, an event each 20 ms;\n"
            f"an event is then {self.together_ms:.1f} ms on its way (p50). 1,000 readers of a run\n"
            f"take {self.reader_kib:.0f} KiB each{theirs}."
        )

    def picture(self) -> str:
        """Draw the medians as bars, each with its figure."""
        most = max(max(row.medians) for row in self.rows)
        parts = []
        for number, row in enumerate(self.rows):
            top = 40 + number * _ROW
            parts.append(
                f'<text x="{_LEFT - 12}" y="{top + 24}" text-anchor="end">{row.readers:,} '
                f"reader{'s' * (row.readers > 1)}</text>"
            )
            named = zip(_COLOURS.values(), row.medians, strict=False)
            for place, (colour, figure) in enumerate(named):
                width = max(2, round((_WIDTH - _LEFT - 110) * figure / most))
                y = top + place * 20
                parts.append(
                    f'<rect x="{_LEFT}" y="{y}" width="{width}" height="16" fill="{colour}"/>'
                    f'<text x="{_LEFT + width + 8}" y="{y + 13}">{figure:.1f} ms</text>'
                )
        for place, (name, colour) in enumerate(_COLOURS.items()):
            x = _LEFT + place * 170
            parts.append(
                f'<rect x="{x}" y="10" width="12" height="12" fill="{colour}"/>'
                f'<text x="{x + 18}" y="21">{escape(name)}</text>'
            )
        height = 48 + len(self.rows) * _ROW
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            'aria-label="Milliseconds that an event is on its way, by the number of readers" '
            'font-family="system-ui, sans-serif" font-size="14" fill="#808080">'
            f"{''.join(parts)}</svg>\n"
        )

    def write(self, folder: Path) -> None:
        """Write `load.md` and its picture."""
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        text = f"""\
# Load

Written by `python3 -m benchmarks.runs --into docs` on {datetime.now(UTC):%d %B %Y}, on
{os.cpu_count()} processors with a load of {load} (1, 5, 15 minutes): the readers and other
programs ran on the same ones. So the parts of a row say more than each figure: they were measured
one after the other.

One event is written each 20 ms. Its time on its way is counted from when it was due to the
reader's socket, over loopback. *Without a log* is an endpoint of Starlette's that sends the same
events and keeps nothing; *a run* is `GET /api/runs/ID/events`, each event of which is written into
SQLite before anybody gets it. The *reference server* is that of the Durable Streams protocol
(`@durable-streams/server` 0.3.7, Node.js), with its streams in memory: in files it waits for the
disk with each event. Its writer is elsewhere, so each event comes to it by a request, which is part
of the way that is counted; in a run the provider is asked by the server itself.

{self.table()}

![Milliseconds that an event is on its way, by the number of readers](pictures/load.svg)
"""
        (folder / "load.md").write_text(text, "utf-8")
        (folder / "pictures/load.svg").write_text(self.picture(), "utf-8")

"""What a shown token costs, beside other pages: as a table and a picture."""

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from .tab import OURS, Painted
from .trace import LONG_MS

_HEAD = """\
| page | main thread, ms a token | to ours | renderer, ms a token | to ours | paints | tasks over 50 ms | nodes |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""  # noqa: E501
_WIDTH, _ROW, _LEFT = 720, 22, 250
# Seen on light and dark pages alike.
_OTHER, _OWN = "#8a8f98", "#0f8a78"


@dataclass(frozen=True, slots=True)
class Pace:
    """All that was measured at one pace: rounds of each page, the last of them traced."""

    tokens_a_second: float
    tokens: int
    rounds: Mapping[str, Sequence[Painted]]

    def token_ms(self, name: str) -> float:
        """Median of the main thread's processor time a token, of what was not traced."""
        return statistics.median(one.token_us for one in self.rounds[name][:-1]) / 1000

    def process_ms(self, name: str) -> float:
        """Median of the renderer's processor time a token, all its threads, likewise."""
        return statistics.median(one.process_us for one in self.rounds[name][:-1]) / 1000

    def table(self) -> str:
        """Write the table of this pace."""
        return "\n".join([_HEAD, *map(self._line, self.rounds)])

    def _line(self, name: str) -> str:
        token_ms, process_ms, traced = (
            self.token_ms(name),
            self.process_ms(name),
            self.rounds[name][-1],
        )
        late = sum(one.tenth > 0 and one.processor_ms > LONG_MS for one in traced.tasks)
        cells = (
            name,
            f"{token_ms:.2f}",
            f"{token_ms / self.token_ms(OURS):.2f}",
            f"{process_ms:.2f}",
            f"{process_ms / self.process_ms(OURS):.2f}",
            f"{traced.paints:,}",
            f"{late}",
            f"{traced.nodes:,}",
        )
        return f"| {' | '.join(cells)} |"


def page_of(paces: Sequence[Pace]) -> str:
    """Write the page for `docs/`, in Markdown; it shows the picture."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    parts = [
        f"""\
# What a shown token costs

Written by `python3 -m benchmarks.painting --into docs` on {datetime.now(UTC):%d %B %Y}, on
{os.cpu_count()} processors with a load of {load} (1, 5, 15 minutes). All pages are drawn in one
tab of one Chromium, read the same answer from the same server, and take turns; figures are
medians of the rounds. *Main thread* and *renderer* are processor time, so a busy machine disturbs
them less than seconds; *to ours* is the page's figure divided by that of Tokenfall, which also
records what came over the wire, keeps the chat and tells other tabs. Paints, long tasks and nodes
are of one more round, with a trace. *One text node* appends to a single node, and is the floor of
any page; the page that only counts its frames draws no token at all.

![Milliseconds of the main thread a token, by pace and page](pictures/painting.svg)
"""
    ]
    for pace in paces:
        parts.append(f"## {_told(pace)}\n\n{pace.table()}\n")
    return "\n".join(parts)


def picture_of(paces: Sequence[Pace]) -> str:
    """Draw the main thread's milliseconds a token as bars, for each pace by its own measure."""
    parts, y = [], 0
    for pace in paces:
        y += 34
        parts.append(f'<text x="0" y="{y}" font-weight="600">{escape(_told(pace))}</text>')
        most = max(pace.token_ms(name) for name in pace.rounds)
        for name in pace.rounds:
            y += _ROW
            figure = pace.token_ms(name)
            width = max(2, round((_WIDTH - _LEFT - 90) * figure / most))
            colour = _OWN if name == OURS else _OTHER
            parts.append(
                f'<text x="{_LEFT - 12}" y="{y}" text-anchor="end">{escape(name)}</text>'
                f'<rect x="{_LEFT}" y="{y - 13}" width="{width}" height="16" fill="{colour}"/>'
                f'<text x="{_LEFT + width + 8}" y="{y}">{figure:.2f} ms</text>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 16}" role="img" '
        'aria-label="Milliseconds of the main thread a token, by pace and page" '
        'font-family="system-ui, sans-serif" font-size="14" fill="#808080">'
        f"{''.join(parts)}</svg>\n"
    )


def write(paces: Sequence[Pace], folder: Path) -> None:
    """Write the page and its picture into a folder."""
    (folder / "painting.md").write_text(page_of(paces), "utf-8")
    (folder / "pictures" / "painting.svg").write_text(picture_of(paces), "utf-8")


def _told(pace: Pace) -> str:
    return f"{pace.tokens_a_second:,.0f} tokens a second, {pace.tokens:,} tokens"

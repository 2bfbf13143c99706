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
_FRAME_MS = 1000 / 60
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


@dataclass(frozen=True, slots=True)
class Felt:
    """What is measured of a token beside its cost: by answer and page how long words took to be
    seen, and our page on a phone at 100 tokens a second.
    """

    delays_ms: Mapping[str, Mapping[str, Sequence[float]]]
    phone: Painted

    def tables(self) -> str:
        """Write what was measured."""
        lines = [
            "## How soon a word is seen, at 100 tokens a second",
            "",
            "From the moment at which the browser has its bytes to the drawn frame; a frame is",
            f"{_FRAME_MS:.1f} ms.",
            "",
            "| answer | page | words | median | 95 of 100 | in frames |",
            "| --- | --- | ---: | ---: | ---: | ---: |",
        ]
        for answer, pages in self.delays_ms.items():
            for name, delays_ms in pages.items():
                half_ms = statistics.median(delays_ms)
                late_ms = statistics.quantiles(delays_ms, n=20)[-1]
                lines.append(
                    f"| {answer} | {name} | {len(delays_ms)} | {half_ms:.1f} ms "
                    f"| {late_ms:.1f} ms | {late_ms / _FRAME_MS:.1f} |"
                )
        tasks = [one for one in self.phone.tasks if one.tenth > 0]
        longest = max((one.wall_ms for one in tasks), default=0.0)
        lines += [
            "",
            "## On a phone",
            "",
            "390 px wide, the processor slowed to a quarter, 100 tokens a second, after the first",
            f"tenth of the answer: {len(tasks)} tasks of more than {LONG_MS:.0f} ms"
            + (f", the longest {longest:.0f} ms." if tasks else "."),
        ]
        return "\n".join(lines)


def page_of(paces: Sequence[Pace], felt: Felt) -> str:
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
    parts.append(f"{felt.tables()}\n")
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


def write(paces: Sequence[Pace], felt: Felt, folder: Path) -> None:
    """Write the page and its picture into a folder."""
    (folder / "painting.md").write_text(page_of(paces, felt), "utf-8")
    (folder / "pictures" / "painting.svg").write_text(picture_of(paces), "utf-8")


def _told(pace: Pace) -> str:
    return f"{pace.tokens_a_second:,.0f} tokens a second, {pace.tokens:,} tokens"

"""`python3 -m benchmarks.session`: the Python of a chat, as a person waits for it.

Prints medians of rounds, each in a browser that has kept nothing: wall times, which a busy machine
makes longer, the processor time of all of the browser's processes, and what memory they take more
(their own share, as Linux counts it; left out elsewhere). `--into docs` writes them as a page.
"""

import argparse
import os
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

if TYPE_CHECKING:
    from .tab import Cost

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.session")
    parser.add_argument("--rounds", type=int, default=5, help="how many sessions are started")
    parser.add_argument("--into", type=Path, help="the folder for the page with the table")
    options = parser.parse_args(arguments)
    preparation = Preparation(_ROOT)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.session", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        report(options.rounds, options.into)
        return 0
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def report(rounds: int, into: Path | None) -> None:
    """Measure, print the table, and write it into the folder."""
    # Only inside the environment is there a browser to drive.
    from .tab import measure

    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    told = table(measure(rounds))
    print(told)
    if into is not None:
        page = into / "session.md"
        page.write_text(_page(told, rounds, ", ".join(f"{one:.1f}" for one in load)), "utf-8")


def table(all_rounds: "list[dict[str, Cost]]") -> str:
    """Write medians of the rounds in Markdown."""
    lines = ["| | by the wall | processor time | memory more |", "| --- | ---: | ---: | ---: |"]
    for name in all_rounds[0]:
        costs = [one[name] for one in all_rounds]
        wall_s = statistics.median(cost.wall_s for cost in costs)
        cpu_s = statistics.median(cost.cpu_s for cost in costs)
        memory = [cost.memory_mb for cost in costs if cost.memory_mb is not None]
        more = f"{statistics.median(memory):.0f} MB" if memory else "-"
        lines.append(f"| {name} | {1000 * wall_s:,.0f} ms | {1000 * cpu_s:,.0f} ms | {more} |")
    return "\n".join(lines)


def _page(told: str, rounds: int, load: str) -> str:
    return f"""\
# What a Python in the tab costs

Written by `python3 -m benchmarks.session --into docs` on {datetime.now(UTC):%d %B %Y}, on
{os.cpu_count()} processors with a load of {load or "?"} (1, 5, 15 minutes, before it began).
Medians of {rounds} rounds, each in a Chromium of its own that has kept nothing of the page before;
the server and the browser ran on the same machine. *By the wall* is what a person waits, and what a
busy machine makes longer: from the question, through an answer that calls the tool, to what is seen
of the cell. *Processor time* is that of all of the browser's processes. *Memory more* is their own
share of it, as Linux counts it, where they share some.

{told}

The first row has all of the start of Python in it, which comes once a chat. After Stop the names
were asked for in another cell, and were there.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

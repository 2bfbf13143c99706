"""`python3 -m benchmarks.session`: the Python of a chat, as a person waits for it.

Prints medians of rounds, each in a browser that has kept nothing: wall times, which a busy machine
makes longer, the processor time of all of the browser's processes, and what memory they take more
(their own share, as Linux counts it; left out elsewhere).
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.session")
    parser.add_argument("--rounds", type=int, default=5, help="how many sessions are started")
    options = parser.parse_args(arguments)
    preparation = Preparation(_ROOT)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.session", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        report(options.rounds)
        return 0
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def report(rounds: int) -> None:
    """Measure, and print the table."""
    # Only inside the environment is there a browser to drive.
    from .tab import measure

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"A Python session, medians of {rounds} rounds, load of this machine {load:.1f} on "
        f"{os.cpu_count()} processors"
    )
    print("| | by the wall | processor time | memory more |\n| --- | ---: | ---: | ---: |")
    all_rounds = measure(rounds)
    for name in all_rounds[0]:
        costs = [one[name] for one in all_rounds]
        wall_s, cpu_s = (
            statistics.median(value)
            for value in zip(*((c.wall_s, c.cpu_s) for c in costs), strict=True)
        )
        memory = [cost.memory_mb for cost in costs if cost.memory_mb is not None]
        more = f"{statistics.median(memory):.0f} MB" if memory else "-"
        print(f"| {name} | {1000 * wall_s:,.0f} ms | {1000 * cpu_s:,.0f} ms | {more} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python3 -m benchmarks.history`: opening a chat of 500 messages, and a list of 10,000 chats.

Prints wall times, which a busy machine makes longer, and the tasks that held up the page for more
than 50 ms.
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
    preparation = Preparation(_ROOT)
    options = _parser().parse_args(arguments)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.history", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        report(options.chats, options.messages, options.steps)
        return 0
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def report(chats: int, messages: int, steps: int) -> None:
    """Measure, and print what it took."""
    # Only inside the environment is there a browser to drive.
    from .tab import measure

    figures = measure(chats, messages, steps)
    gaps = figures.scroll_gaps_ms
    print(f"{chats:,} chats in the list, {messages:,} messages in one of them")
    print(f"from the reload to the list, with the start of Python: {figures.ready_ms:,.0f} ms")
    print(f"opening the long chat, until its end is drawn: {figures.open_ms:,.0f} ms")
    print(
        f"scrolling through the list in {steps} jumps: {figures.scroll_cpu_ms / steps:.1f} ms of "
        f"processor time each; two frames take {statistics.median(gaps):.0f} ms, "
        f"at most {max(gaps):.0f} ms; without a row in view: {figures.empty_steps}"
    )
    for words, took_ms, found in figures.searches:
        print(f"searching “{words}”: {took_ms:,.0f} ms ({found})")
    for what, tasks in figures.long_ms.items():
        longest = f", the longest {max(tasks):.0f} ms" if tasks else ""
        print(f"tasks over 50 ms while {what}: {len(tasks)}{longest}")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"(load of this machine: {load:.1f} on {os.cpu_count()} processors)")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.history",
        description="What a long history costs the page.",
    )
    parser.add_argument("--chats", type=int, default=10_000, help="chats in the list")
    parser.add_argument("--messages", type=int, default=500, help="messages in the long chat")
    parser.add_argument("--steps", type=int, default=100, help="jumps of the scrolling")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

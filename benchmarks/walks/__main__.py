"""`python3 -m benchmarks.walks`: five things that people do, and what each costs the page.

Counts, not times: calls of our functions, of how many modules, how many of them go from one module
to another; what Python reads, writes and calls in the browser, proxies that it makes, turns of the
event loop, passes of layout and style, messages to other tabs, writes to the database. A busy
machine does not disturb them.
"""

import argparse
import os
import sys
from pathlib import Path

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, count; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.walks")
    parser.add_argument("--most", type=int, default=0, help="list so many functions of each walk")
    options = parser.parse_args(arguments)
    preparation = Preparation(_ROOT)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.walks", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        return count(options.most)
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def count(most: int) -> int:
    """Make the walks and print the table."""
    # Only inside the environment can the browser be steered.
    from playwright.sync_api import sync_playwright

    from tests.chromium import launch_options
    from tests.live_server import live_server

    from .tab import counting_page

    with (
        live_server() as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as chromium,
        counting_page(chromium, server) as walks,
    ):
        found = walks.all()
    print("| walk | calls | modules | between modules |", end="")
    print("".join(f" {kind} |" for kind in found[0].crossings))
    print("| --- |" + " ---: |" * (3 + len(found[0].crossings)))
    for walk in found:
        counts = "".join(f" {count:g} |" for count in walk.crossings.values())
        print(f"| {walk.name} | {walk.calls:g} | {walk.modules} | {walk.crossing:g} |{counts}")
    for walk in found if most else ():
        print(f"\n{walk.name}")
        for name, times in walk.most[:most]:
            print(f"  {times:7.2f}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

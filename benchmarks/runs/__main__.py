"""Runs and readers that one server holds, their cost, and the time that an event is on its way.

    python3 -m benchmarks.runs --into docs

One event is written each 20 ms. Its time on its way is counted from when the word was due to the
reader's socket, on one machine; `plain` is an endpoint of Starlette's that keeps nothing, and
beside both stands the reference server of the Durable Streams protocol, where there is Node.js. The
load is bounded: 1, 100 and 1,000 readers of one run, 50 runs at once (2,500 batches a second).
"""

import argparse
import asyncio
import sys
from pathlib import Path

from ..prepared import inside


def main(arguments: list[str]) -> int:
    """Measure, and write where it is wanted."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.runs")
    parser.add_argument("--into", type=Path, help="the folder for the table and the picture")
    options = parser.parse_args(arguments)

    def measure() -> int:
        # It needs the packages, which only the environment has.
        from .load import measured

        found = asyncio.run(measured())
        print(found.table())
        if options.into:
            found.write(options.into)
        return 0

    return inside("benchmarks.runs", arguments, measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python3 -m benchmarks.embedding`: a chat in front of the same function, beside others.

Each product is installed into an empty environment and its program started: packages, megabytes,
seconds from the empty environment to the first word in Chromium, a word's way from `yield` to the
frame that shows it, lines of the program. Needs a network, for pip; some minutes. The times are of
one machine that others use too: the order counts.
"""

import argparse
import sys

from ..prepared import ROOT, inside

_NO_WHEEL = "There is no wheel yet: python3 -m tests --wheel builds it."


def main(arguments: list[str]) -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.embedding")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is asked")
    parser.add_argument("--only", default="", help="products whose name has this in it")
    options = parser.parse_args(arguments)

    def work() -> int:
        built = sorted(ROOT.glob(".runtime/dist/wheel/*.whl"))
        if not built:
            print(_NO_WHEEL, file=sys.stderr)
            return 2
        # Only inside the environment can the browser be steered.
        from .table import rows

        for row in rows(built[0], options.only, options.rounds):
            print(row, flush=True)
        return 0

    return inside("benchmarks.embedding", arguments, work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

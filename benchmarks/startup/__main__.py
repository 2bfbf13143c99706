"""`python3 -m benchmarks.startup`: prepares what it needs, then measures for about a minute.

Opens our page and a bare PyScript page in turns, each round in browsers that have kept nothing,
and our page a second time in one that has kept it. It never fails for a time.
"""

import argparse
import os
import sys
from pathlib import Path

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.startup")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is opened")
    options = parser.parse_args(arguments)
    preparation = Preparation(_ROOT)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.startup", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        # Only inside the environment can the browser be steered.
        from .pages import report

        print(report(preparation.root, preparation.runtime, options.rounds))
        return 0
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

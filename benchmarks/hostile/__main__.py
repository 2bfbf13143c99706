"""`python3 -m benchmarks.hostile`: what texts that are made to hurt cost the page.

Each text is shown as an answer that is kept already, as one that comes in 100 bursts, and, where
models write such text, as one that comes token by token. Prints the processor time of the page's
main thread and its longest task, and at the end the worst and what is over the budget: a second
and 200 ms, and of paced tokens twice what an ordinary answer of the same length costs, each letter.

All of it is thousands of showings, and takes hours. They come in an order by chance, so that those
of `--minutes` are a fair part of them; with `--notes FILE` the next run goes on where one ended.
`--catalogue extended` and `--catalogue known` are a hundred texts each, for a quarter of an hour.
"""

import argparse
import os
import sys
from pathlib import Path

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

_ROOT = Path(__file__).resolve().parents[2]
WAYS = ("history", "bursts", "paced")


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    preparation = Preparation(_ROOT)
    options = _parser().parse_args(arguments)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.hostile", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        from .round import measure  # needs the environment

        return measure(preparation.runtime, options)
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.hostile",
        description="What texts that are made to hurt cost the page.",
    )
    parser.add_argument("only", nargs="*", help="words of which one is in the name of a text")
    parser.add_argument(
        "--catalogue",
        action="append",
        help="known, generated, extended, pairs, plain; again for more",
    )
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="how a text comes")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end after so many")
    parser.add_argument(
        "--notes", type=Path, help="note what is found in this file, and leave out what is in it"
    )
    parser.add_argument("--tabs", type=int, default=2, help="so many pages at once")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same order")
    parser.add_argument("--pace", type=float, default=1000, help="tokens a second")
    parser.add_argument(
        "--limit", type=float, default=60, help="seconds after which one is given up"
    )
    parser.add_argument("--characters", type=int, help="length of the generated texts")
    parser.add_argument("--quiet", action="store_true", help="print only what is over the budget")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

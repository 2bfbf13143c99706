"""`python3 -m benchmarks.hostile`: what texts that are made to hurt cost the page.

Each text is shown as an answer that is kept already, as one that comes in 100 bursts, and as one
that comes token by token. Prints the processor time of the page's main thread and its longest task,
and at the end the worst and what is over the budget: a second and 200 ms, and of paced tokens twice
what an ordinary answer of the same length costs.
"""

import argparse
import os
import random
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

if TYPE_CHECKING:
    from .tab import Cost

_ROOT = Path(__file__).resolve().parents[2]
SECONDS = 1.0
LONGEST_MS = 200.0
PACED = 2.0
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
        return measure(preparation.runtime, options)
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def measure(runtime: Path, options: argparse.Namespace) -> int:
    """Show each text in each way; the exit code is 1 if one is over the budget."""
    from ..painting.answer import text
    from . import catalogue
    from .cases import Case
    from .tab import open_tab

    chosen = [
        case
        for case in catalogue.chosen(options.catalogue)
        if not options.only or any(word in case.name for word in options.only)
    ][options.first :: options.step]
    if options.sample and options.sample < len(chosen):
        chosen = random.Random(options.seed).sample(chosen, options.sample)
    if options.characters is not None:
        chosen = [replace(case, characters=options.characters) for case in chosen]
    print(f"{len(chosen)} texts")
    found: list[tuple[Cost, str]] = []
    over = 0
    with open_tab(runtime, options.limit) as tab:
        limits_s = dict.fromkeys(options.ways, SECONDS)
        for way in options.ways:
            # The first one loads what all need.
            for _ in range(2):
                ordinary = tab.cost(Case("an ordinary answer", text), way, 1000 / options.pace)
            _print(ordinary, f"{way:8} an ordinary answer")
            if way == "paced":
                limits_s[way] = PACED * ordinary.seconds
        for case, way in product(chosen, options.ways):
            cost = tab.cost(case, way, 1000 / options.pace)
            is_over = cost.failure or cost.seconds > limits_s[way] or cost.longest_ms > LONGEST_MS
            over += bool(is_over)
            name = f"{way:8} {case.name}"
            if is_over or not options.quiet:
                _print(cost, name + ("  OVER" if is_over else ""))
            found.append((cost, name))
    print(f"\nThe worst, of {len(found)}; {over} over the budget")
    for cost, name in sorted(found, key=lambda each: -each[0].seconds)[:20]:
        _print(cost, name)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"(load of this machine: {load:.1f} on {os.cpu_count()} processors)")
    return int(over > 0)


def _print(cost: "Cost", name: str) -> None:
    line = f"{cost.seconds:7.2f} s {cost.longest_ms:6.0f} ms  {name}"
    print(f"{line}: {cost.failure}" if cost.failure else line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.hostile",
        description="What texts that are made to hurt cost the page.",
    )
    parser.add_argument("only", nargs="*", help="words of which one is in the name of a text")
    parser.add_argument(
        "--catalogue", action="append", help="known, generated, pairs, plain; again for more"
    )
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="how a text comes")
    parser.add_argument("--pace", type=float, default=1000, help="tokens a second")
    parser.add_argument(
        "--limit", type=float, default=60, help="seconds after which one is given up"
    )
    parser.add_argument("--characters", type=int, help="length of the generated texts")
    parser.add_argument("--step", type=int, default=1, help="take every so-manieth text only")
    parser.add_argument("--first", type=int, default=0, help="and begin with this one")
    parser.add_argument("--sample", type=int, help="take so many of them, by chance")
    parser.add_argument("--seed", type=int, default=0, help="the same seed takes the same ones")
    parser.add_argument("--quiet", action="store_true", help="print only what is over the budget")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

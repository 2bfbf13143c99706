"""`python3 -m tests --mutants`: tries a sample of all changes and tells which no test noticed."""

import argparse
import heapq
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from . import trial
from .changes import Change, places_of
from .reaching import Reach, file_of, measured

_ROOT = Path(__file__).parents[2]

# What can run without a page. Of the page's modules those count that a test here can run; how
# Markdown is read is held by the page's tests.
_ROOMS = ("core", "protocols", "history", "browser")
# `tests/cases` needs data that not every clone has, so nothing should be held by it alone.
_TESTS = (
    *("core", "protocols", "history", "agents"),
    *("providers", "scripted", "connections", "adapters", "browser"),
)


def main(arguments: list[str]) -> int:
    """Try the sample; 0 where enough of it was noticed."""
    options = _options(arguments)
    reach = measured(
        _ROOT,
        _ROOT / ".runtime" / "mutants",
        [f"app/{room}" for room in _ROOMS],
        [f"tests/{name}" for name in _TESTS],
    )
    chosen = _chosen(_paths(reach, options.only), options.sample, options.seed)
    trial.load_libraries()
    _check_that_nothing_is_noticed(chosen[0], reach)
    unnoticed = []
    seconds = time.monotonic()
    for number, change in enumerate(chosen, 1):
        if not _is_noticed(change, reach, options.budget):
            unnoticed.append(change)
            print(_told(change), flush=True)
        if number % 50 == 0:
            print(f"… {number} tried, {len(unnoticed)} unnoticed", file=sys.stderr, flush=True)
    share = 1 - len(unnoticed) / len(chosen)
    print(f"{len(chosen)} changes (seed {options.seed}), {share:.1%} noticed", end="")
    print(f", in {time.monotonic() - seconds:.0f} s")
    for path, count in Counter(change.path for change in unnoticed).most_common():
        print(f"{count:5} {path.relative_to(_ROOT)}")
    return 0 if share >= options.least else 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests --mutants", description=__doc__)
    parser.add_argument("only", nargs="*", type=Path, help="modules or folders (default: all)")
    parser.add_argument("--sample", type=int, default=400, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="which (default: %(default)s)")
    parser.add_argument(
        "--least", type=float, default=0.9, help="the share to notice (default: %(default)s)"
    )
    parser.add_argument(
        "--budget", type=float, default=10, help="seconds of tests a change (default: %(default)s)"
    )
    return parser.parse_args(arguments)


def _paths(reach: Reach, only: list[Path]) -> list[Path]:
    """Give the modules to change: all, or those at or below the paths that are named."""
    paths = sorted(path for path in reach.paths if path.name != "words.py")
    wanted = [path.resolve() for path in only]
    if not wanted:
        return paths
    return [path for path in paths if any(map(path.is_relative_to, wanted))]


def _chosen(paths: list[Path], sample: int, seed: int) -> list[Change]:
    drawn = random.Random(seed)
    places = (place for path in paths for place in places_of(path))
    # In the order of the draw, so that what was tried so far tells of all.
    chosen = heapq.nsmallest(sample, places, key=lambda _: drawn.random())
    return [place.change() for place in chosen]


def _is_noticed(change: Change, reach: Reach, budget_s: float) -> bool:
    """Ask the tests of one file first: most changes are noticed there, and loading takes long."""
    tests = reach.tests(change.path, change.line, budget_s)
    first = [test for test in tests if file_of(test) == file_of(tests[0])]
    others = [test for test in tests if test not in first]
    return any(
        trial.is_noticed(_ROOT, change, some, reach.cost_s(some))
        for some in (first, others)
        if some
    )


def _check_that_nothing_is_noticed(change: Change, reach: Reach) -> None:
    same = replace(change, text=change.path.read_text(encoding="utf-8"))
    if _is_noticed(same, reach, 1):
        raise SystemExit("The tests fail without any change. Mend that first.")


def _told(change: Change) -> str:
    return (
        f"{change.path.relative_to(_ROOT)}:{change.line}\n  - {change.before}\n  + {change.after}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

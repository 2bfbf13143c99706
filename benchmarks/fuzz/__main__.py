"""`python3 -m benchmarks.fuzz --seconds 60`: broken streams for every decoder.

Takes the streams of our own tests, and the recorded ones where they are, breaks them in every way
that comes to mind, and decodes them: whole, and cut anywhere. Whatever the bytes, there has to be
one `Done` and no exception, the same events at every cut, no call that runs from an answer that did
not end as it should, and a message that every protocol can send back. What it tried is printed;
what failed is kept in a file, and the exit code is 1. The same `--seed` tries the same again.
"""

import argparse
import sys
import time

from benchmarks.prepared import ROOT, inside

_KEPT = ROOT / ".runtime" / "fuzz"


def main(arguments: list[str]) -> int:
    """Try for as long as was asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args(arguments)
    return inside("benchmarks.fuzz", arguments, lambda: _fuzz(options.seconds, options.seed))


def _fuzz(seconds: float, seed: int) -> int:
    from .trying import Fuzz

    fuzz = Fuzz(seed, _KEPT)
    print(f"Seed {seed}. {fuzz.corpus}.", flush=True)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        fuzz.try_one()
    print(fuzz.report())
    return 1 if fuzz.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

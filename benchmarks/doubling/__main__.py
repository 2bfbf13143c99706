"""`python3 -m benchmarks.doubling`: decodes streams of every kind at one length and at twice that.

The short one is decoded twice for each time of the long one, one after the other, so that both see
the same machine. Fails where twice the length takes more than 2.2 times as long, three times over:
a machine that others use too makes some of them look so once.
"""

import argparse
import sys

from benchmarks.prepared import inside

_MOST = 2.2
_TRIES = 3


def main(arguments: list[str]) -> int:
    """Measure every kind; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.doubling", description=__doc__)
    parser.add_argument("--records", type=int, default=2000, help="of the short one")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    return inside(
        "benchmarks.doubling", arguments, lambda: _measure_all(options.records, options.rounds)
    )


def _measure_all(records: int, rounds: int) -> int:
    from tests.protocols.growing import STREAMS

    from .ratio import ratio

    print("Decoding a stream of twice as many records: how many times as long.\n")
    slow = []
    for protocol, kinds in STREAMS.items():
        for kind, stream in kinds.items():
            for size in ("record by record", "byte by byte") if kind == "text" else ("",):
                count = records // 20 if size == "byte by byte" else records
                for _ in range(_TRIES):
                    taken = ratio(protocol, stream, count, rounds, in_bytes=size == "byte by byte")
                    if taken <= _MOST:
                        break
                else:
                    slow.append(f"{protocol}: {kind}")
                print(f"{taken:5.2f}  {protocol:20} {kind} {size}".rstrip(), flush=True)
    print(f"\nMore than {_MOST}: {', '.join(slow) or 'none'}.")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

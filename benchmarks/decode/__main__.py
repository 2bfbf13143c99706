"""`python3 -m benchmarks.decode`: prepares what it needs, then measures for about a minute.

Prints tables and writes every single time to a JSON file. The results are ratios: how many times
as long as ours a peer takes for the same bytes in the same run. It never fails for a time, only
where a contestant, be it ours, does not understand what a stream says.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    preparation = Preparation(_ROOT)
    options = _parser(preparation.runtime).parse_args(arguments)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.decode", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        return _measure(preparation, options)
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _measure(preparation: Preparation, options: argparse.Namespace) -> int:
    # Only inside the environment can the peers be imported.
    from .arena import WrongAnswerError
    from .contest import measure_all

    fields = []
    try:
        for results in measure_all(
            preparation.root, preparation.runtime, options.rounds, options.events
        ):
            print(f"\n{results.text()}", flush=True)
            fields.append(results.fields())
    except WrongAnswerError as wrong:
        print(f"\n{wrong}", file=sys.stderr)
        return 1
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(fields, indent=1), encoding="utf-8")
    print(f"\nEvery single time is in {options.json}.")
    return 0


def _parser(runtime: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.decode",
        description="What decoding a streamed answer costs, side by side with the peers.",
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each one decodes (default: %(default)s)"
    )
    parser.add_argument(
        "--events", type=int, default=10_000, help="length of a stream (default: %(default)s)"
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=runtime / "benchmarks" / "decode.json",
        help="where to write every single time (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

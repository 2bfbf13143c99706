"""`python3 -m benchmarks.startup`: prepares what it needs, then measures for some minutes.

Our page, a bare PyScript page and Python without any page are opened in turns, each in a browser
that has kept nothing and again in the same one: in Chromium and, where they are there, in Firefox
and WebKit; and ours at 20 Mbit/s, on a processor slowed to a quarter in a phone's width, and until
the first word of the built-in model. It never fails for a time.
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
    parser.add_argument("--rounds", type=int, default=5, help="how often each is opened")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="URL",
        help="another Tokenfall that is served there, such as an older version, opened beside",
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="write startup.md into it")
    options = parser.parse_args(arguments)
    preparation = Preparation(_ROOT)
    try:
        variables = preparation.for_startup()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.startup", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        # Only inside the environment can the browser be steered.
        from .report import report

        written = report(preparation.root, preparation.runtime, options.rounds, options.also)
        print(written)
        if options.into:
            (options.into / "startup.md").write_text(written, "utf-8")
        return 0
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

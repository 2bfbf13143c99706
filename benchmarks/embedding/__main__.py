"""`python3 -m benchmarks.embedding`: a chat in front of the same function, beside others.

Each product is installed into an empty environment and its program started: packages, megabytes,
seconds from the empty environment to the first word in Chromium, a word's way from `yield` to the
frame that shows it, lines of the program. Needs a network, for pip, and some minutes. The whole
table goes into docs/embedding.md.
"""

import argparse
import os
import re
import sys
from datetime import date

from ..prepared import ROOT, inside

_PAGE = ROOT / "docs/embedding.md"
# From the sentence on how it was measured to the end of the table.
_MEASURED = re.compile(r"Measured on .*?(?=\n\n(?!\|))", re.DOTALL)

_NO_WHEEL = "There is no wheel yet: python3 -m tests --wheel builds it."


def main(arguments: list[str]) -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.embedding")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is asked")
    parser.add_argument(
        "--only", default="", help="products whose name has this in it; writes no page"
    )
    options = parser.parse_args(arguments)

    def work() -> int:
        built = sorted(ROOT.glob(".runtime/dist/wheel/*.whl"))
        if not built:
            print(_NO_WHEEL, file=sys.stderr)
            return 2
        # Only inside the environment can the browser be steered.
        from .table import rows

        table = []
        for row in rows(built[0], options.only, options.rounds):
            print(row, flush=True)
            table.append(row)
        if not options.only:
            head = f"Measured on {date.today():%-d %B %Y}, {os.cpu_count()} cores, Python "
            head += f"{sys.version_info[0]}.{sys.version_info[1]}, {options.rounds} talks each:"
            measured = "\n".join([head, "", *table])
            page = _MEASURED.sub(lambda _: measured, _PAGE.read_text("utf-8"), count=1)
            _PAGE.write_text(page, "utf-8")
        return 0

    return inside("benchmarks.embedding", arguments, work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

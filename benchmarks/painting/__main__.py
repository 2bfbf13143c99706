"""`python3 -m benchmarks.painting`: a 100 kB answer in Markdown, at 1,000 tokens a second.

The whole road is measured, from the network to the paint. Prints what a token costs in each tenth
of the answer, which should be flat, and the tasks that held up the page for more than 50 ms, with
what they did; before it the same for a page that does next to nothing, after it for pages that draw
the whole text with every frame. Costs are processor time of the page's main thread. Tasks are told
by the processor and by the wall: the latter also counts what else the machine did.
"""

import argparse
import json
import os
import statistics
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

from .trace import LONG_MS

if TYPE_CHECKING:
    from .tab import Painted

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    preparation = Preparation(_ROOT)
    options = _parser(preparation.runtime).parse_args(arguments)
    try:
        variables = preparation.for_benchmarks()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.painting", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        return measure(preparation.runtime, options)
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def measure(runtime: Path, options: argparse.Namespace) -> int:
    """Draw the answer in each way, print what it cost, keep all figures in a file."""
    # Only inside the environment is there a browser to drive.
    from .answer import text, tokens
    from .tab import FLOOR, NAMED, OURS, PEERS, open_tab

    pieces = tokens(text(options.characters))
    print(f"{sum(map(len, pieces)):,} characters, {len(pieces):,} tokens, {options.pace:,.0f}/s")
    results: list[Painted] = []
    with open_tab(runtime) as tab:
        for name in (FLOOR, OURS, NAMED, *(() if options.alone else PEERS)):
            painted = tab.paint(name, pieces, 1000 / options.pace)
            results.append(painted)
            _print(painted)
    ours = results[1]
    for peer in results[3:]:
        print(f"{peer.name} takes {peer.total_s / ours.total_s:.1f} times our processor time")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"(load of this machine: {load:.1f} on {os.cpu_count()} processors)")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps([asdict(each) for each in results]), encoding="utf-8")
    return 0


def _print(painted: "Painted") -> None:
    print(f"\n{painted.name} ({painted.took_s:.0f} s)")
    for part, figures in {"all": painted.tenths_us, **painted.parts_us}.items():
        print(f"  µs a token, by tenths: {' '.join(f'{each:5.0f}' for each in figures)}  {part}")
    first, last = (
        statistics.mean(part) for part in (painted.tenths_us[1:4], painted.tenths_us[-3:])
    )
    print(f"  the last three tenths to the second, third and fourth: {last / first:.2f}")
    # The first tenth loads the library that colours code.
    late = [task for task in painted.tasks if task.tenth > 0]
    busy = [task for task in late if task.processor_ms > LONG_MS]
    print(
        f"  tasks over {LONG_MS:.0f} ms after the first tenth: {len(busy)} by the processor, "
        f"{len(late)} by the wall"
    )
    for task in sorted(late, key=lambda task: -task.processor_ms)[:5]:
        print(f"    {task}")


def _parser(runtime: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks.painting",
        description="What drawing a long answer costs while it comes.",
    )
    parser.add_argument("--characters", type=int, default=100_000, help="length of the answer")
    parser.add_argument("--alone", action="store_true", help="leave out the other ways")
    parser.add_argument("--pace", type=float, default=1000, help="tokens a second")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        default=runtime / "benchmarks" / "painting.json",
        help="where to write all figures (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

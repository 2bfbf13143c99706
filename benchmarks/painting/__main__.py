"""`python3 -m benchmarks.painting`: what a shown token costs, beside other pages.

The whole road is measured, from the network to the paint: an answer in Markdown comes at several
paces into our page, into pages that draw it with other libraries, into one that appends it to one
text node, and beside one that only counts its frames. They take turns; medians of the rounds and
their ratios are printed, and with `--into docs` written as a page with a picture. Costs are
processor time of the page's main thread and of its whole renderer.

With `--parts` our page alone, in detail: what a token costs in each tenth of the answer, which
should be flat, and the tasks that held up the page for more than 50 ms, with what they did. Tasks
are told by the processor and by the wall: the latter also counts what else the machine did.
"""

import argparse
import json
import os
import statistics
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.setup.errors import FAILED, INTERRUPTED, SetupError
from app.setup.prepare import Preparation

from .trace import LONG_MS

if TYPE_CHECKING:
    from .compared import Felt
    from .tab import Painted, Tab

_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Prepare, go on inside the virtual environment, measure; return the exit code."""
    preparation = Preparation(_ROOT)
    options = _parser(preparation.runtime).parse_args(arguments)
    try:
        variables = preparation.for_painting()
        if not preparation.environment.is_current():
            program = ["-m", "benchmarks.painting", *arguments]
            return preparation.environment.hand_over(program, variables)
        os.environ.update(variables)
        return (take_apart if options.parts else compare)(preparation.runtime, options)
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def compare(runtime: Path, options: argparse.Namespace) -> int:
    """Let all pages draw in turns, at each pace; print the tables, keep all figures in a file."""
    # Only inside the environment is there a browser to drive.
    from .compared import Pace, write
    from .tab import FLOOR, FLOOR_OF_TEXT, OURS, PEERS, open_tab

    names = (OURS, *PEERS, FLOOR_OF_TEXT, FLOOR)
    paces: list[Pace] = []
    with open_tab(runtime) as tab:
        for pace in options.paces:
            pieces = _answer(min(options.characters, round(pace * options.seconds * 4)))
            rounds: dict[str, list[Painted]] = {name: [] for name in names}
            for turn in range(options.rounds + 1):
                traced = turn == options.rounds
                first = turn % len(names)
                for name in names[first:] + names[:first]:
                    rounds[name].append(tab.paint(name, pieces, 1000 / pace, traced=traced))
                    print(".", end="", file=sys.stderr, flush=True)
            paces.append(Pace(pace, len(pieces), rounds))
            print(f"\n{pace:,.0f} tokens a second, {len(pieces):,} tokens\n\n{paces[-1].table()}")
        felt = _felt(tab, options.seconds)
    print(f"\n{felt.tables()}")
    _print_load()
    _keep([asdict(one) for pace in paces for some in pace.rounds.values() for one in some], options)
    if options.into:
        write(paces, felt, options.into)
    return 0


def _felt(tab: "Tab", seconds: float) -> "Felt":
    """Measure at 100 tokens a second what is no cost."""
    from .answer import marked, plain, text, tokens
    from .compared import Felt
    from .tab import FLOOR_OF_TEXT, OURS

    characters = round(100 * seconds * 4)
    answers = {"plain text": plain(characters), "the mixture": text(characters)}
    phone = tab.on_a_phone(tokens(answers["the mixture"]), 10)
    delays_ms = {
        answer: {
            name: tab.delays_ms(name, marked(tokens(written)), 10)
            for name in (OURS, "streamdown", FLOOR_OF_TEXT)
        }
        for answer, written in answers.items()
    }
    return Felt(delays_ms, phone)


def take_apart(runtime: Path, options: argparse.Namespace) -> int:
    """Let our page draw alone, and again with its parts named; print where it goes."""
    from .tab import FLOOR, NAMED, OURS, open_tab

    pieces, pace = _answer(options.characters), max(options.paces)
    results: list[Painted] = []
    with open_tab(runtime) as tab:
        for name in (FLOOR, OURS, NAMED):
            results.append(tab.paint(name, pieces, 1000 / pace, traced=True))
            _print(results[-1])
    _print_load()
    _keep([asdict(each) for each in results], options)
    return 0


def _answer(characters: int) -> list[str]:
    from .answer import text, tokens

    return tokens(text(characters))


def _keep(results: list[dict[str, Any]], options: argparse.Namespace) -> None:
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results), encoding="utf-8")


def _print_load() -> None:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"(load of this machine: {load:.1f} on {os.cpu_count()} processors)")


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
        description="What drawing an answer costs while it comes.",
    )
    parser.add_argument("--characters", type=int, default=100_000, help="length of the answer")
    parser.add_argument("--parts", action="store_true", help="our page alone, in detail")
    parser.add_argument("--paces", type=float, nargs="+", default=[30, 100, 1000], help="tokens/s")
    parser.add_argument("--seconds", type=float, default=15, help="most of an answer")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each page")
    parser.add_argument("--into", type=Path, help="the folder for the tables and the picture")
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

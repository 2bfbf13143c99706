"""Prepares the machine where it must, and hands over to the environment's Python.

Until the environment is there, only the standard library can be imported; so the rest of this
package is imported where it is used.
"""

import argparse
import sys
from pathlib import Path

from ...setup.console import Console
from ...setup.errors import explained
from ...setup.prepare import Preparation
from .arguments import parser

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: list[str]) -> int:
    """Prepare what is missing, then ask. Returns the exit code."""
    package = __name__.partition(".")[0]
    options = parser(f"python -m {package}").parse_args(arguments)
    if not (ROOT / "serve.py").exists():  # installed with pip, which brought what it needs
        return _ask(options, None)
    preparation = Preparation(ROOT, Console(sys.stderr))

    def ask() -> int:
        preparation.for_terminal()
        if preparation.environment.is_current():
            return _ask(options, preparation.runtime)
        return preparation.environment.hand_over(["-m", package, *arguments])

    return explained(ask)


def _ask(options: argparse.Namespace, runtime: Path | None) -> int:
    from .program import run

    return run(options, runtime)

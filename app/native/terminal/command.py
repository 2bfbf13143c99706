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
from .arguments import USAGE, Form, parser

ROOT = Path(__file__).resolve().parents[3]

_NO_HTTPX2 = "Asking a model needs httpx2: pip install httpx2"


def main(arguments: list[str], *, prog: str = "", form: Form = "either") -> int:
    """Prepare missing parts, then ask. Return the exit code."""
    package = __name__.partition(".")[0]
    options = parser(prog or f"python -m {package}", form).parse_args(arguments)
    if not (ROOT / "serve.py").exists():
        return _ask(options, None)
    if package != "app":  # installed from that folder with pip, which brought what it needs
        return _ask(options, ROOT / ".runtime")
    preparation = Preparation(ROOT, Console(sys.stderr))

    def ask() -> int:
        preparation.for_terminal()
        if preparation.environment.is_current():
            return _ask(options, preparation.runtime)
        return preparation.environment.hand_over(["-m", package, *arguments])

    return explained(ask)


def _ask(options: argparse.Namespace, runtime: Path | None) -> int:
    try:
        from .program import run
    except ModuleNotFoundError as error:
        if error.name != "httpx2":
            raise
        print(_NO_HTTPX2, file=sys.stderr)
        return USAGE
    return run(options, runtime)

"""Writes the reference of the library from its docstrings: `python3 -m docs.write_reference`.

The pages are in `.runtime/reference`, and `app.html` is where one begins: the public door. None is
committed. Names begin with `app`, as in this folder; where the library is installed, that is
`tokenfall`. The page, the server and the set-up are left out: nobody imports them from outside.
"""

import sys
from pathlib import Path

from app.setup.errors import explained
from app.setup.prepare import Preparation

ROOT = Path(__file__).resolve().parents[1]
# The door, then what stands behind it.
MODULES = (
    *("app", "app.core", "app.markdown", "app.protocols", "app.providers", "app.connections"),
    *("app.adapters", "app.history", "app.scripted", "app.native"),
)


def main() -> int:
    """Prepare pdoc and hand over to it; its exit code is ours."""
    preparation = Preparation(ROOT)

    def write() -> int:
        preparation.for_reference()
        target = preparation.runtime / "reference"
        options = ["--docformat", "google", "--no-show-source", "--output-directory", str(target)]
        return preparation.environment.hand_over(["-m", "pdoc", *options, *MODULES])

    return explained(write)


if __name__ == "__main__":
    sys.exit(main())

"""Starts `process` in a person's own Python: `python -P start.py FILE PACKAGES`.

PACKAGES is the folder with the packages that Tokenfall itself needs; it stands behind the person's
own. Run as a file, because no package of ours can be imported before that.
"""

import json
import sys
from importlib import import_module

_NOT_HERE = (
    "Python {version} ({program}), which this server was started with, cannot load what Tokenfall "
    "needs of it: {error}. Install it there: pip install msgspec docstring-parser"
)


def start() -> None:
    """Run `process`; where that can't be, say why, as it would."""
    sys.path.append(sys.argv[2])
    try:
        process = import_module("tokenfall.agents.process")
    except ImportError as error:
        version = ".".join(map(str, sys.version_info[:3]))
        words = _NOT_HERE.format(version=version, program=sys.executable, error=error)
        print(json.dumps({"kind": "broken", "error": words}), flush=True)
        return
    process.main()


if __name__ == "__main__":
    start()

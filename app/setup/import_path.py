"""The path of imports: nothing of the folder that one happens to stand in.

Imports only what Python has loaded before our first line; anything else could be that folder's.
"""

import os
import sys


def leave_out_the_folder(own: str) -> None:
    """Take the folder one stands in out of `sys.path`, unless it is `own`, which holds our code.

    `python -m` puts it first, and so do empty and relative entries of PYTHONPATH; those are not
    passed on to other programs either. (What Python itself imports at its start, `sitecustomize`,
    was found before.)
    """
    left_out = set() if sys.flags.safe_path else {sys.path[0]}
    if named := os.environ.get("PYTHONPATH"):
        entries = named.split(os.pathsep)
        absolute = [entry for entry in entries if os.path.isabs(entry)]
        left_out |= {os.path.abspath(entry) for entry in entries} - set(absolute)
        os.environ["PYTHONPATH"] = os.pathsep.join(absolute)
    own = os.path.realpath(own)
    sys.path[:] = [
        entry for entry in sys.path if entry not in left_out or os.path.realpath(entry) == own
    ]


def python_path(*folders: str) -> str:
    """Give PYTHONPATH for a program of ours: these folders before what it names already."""
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([*folders, *filter(os.path.isabs, named)])

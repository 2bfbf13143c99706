"""How every test starts its browser."""

import os
import sys
from typing import Any


def launch_options() -> dict[str, Any]:
    """Return the arguments for Playwright's `chromium.launch`.

    Raises:
        RuntimeError: nobody said where Chromium is; `python3 -m tests` does.
    """
    program = os.environ.get("TOKENFALL_CHROMIUM")
    if not program:
        raise RuntimeError(
            "set TOKENFALL_CHROMIUM to the program of Chromium, or run the tests with "
            "“python3 -m tests”, which finds it"
        )
    flags = [
        # No graphics card in a test machine; drawing in software is the same everywhere.
        "--disable-gpu",
        # The tests talk to this machine alone; these would look for the maker's hosts.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        # As root Chromium does not start with its sandbox, which is so in most containers.
        flags.append("--no-sandbox")
    return {"executable_path": program, "headless": True, "args": flags}

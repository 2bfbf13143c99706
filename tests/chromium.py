"""Start of every test's browser, and the one that they share."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from app.setup.chromium import NAMES
from app.setup.tools import program

# Starting Python again and again is most of the tests' work. Tabs of one context share a process,
# which compiles WebAssembly once while one of them is open; and code has to run much longer than it
# does in a short test before it is optimised.
_STARTS_OFTEN = [
    "--process-per-site",
    "--js-flags=--wasm-lazy-compilation,--wasm-tiering-budget=1000000000",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once: Playwright allows one of itself in a thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options_for_tests())
        yield browser
        browser.close()


def options_with_windows() -> dict[str, Any]:
    """Return these for one with windows, where there is one: it does more than its engine alone,
    such as to predict where people go.
    """
    found = next((place for name in NAMES if (place := program(name))), None)
    return options_for_tests() | ({"executable_path": str(found)} if found else {})


def options_for_tests(*flags: str) -> dict[str, Any]:
    """Return these for one that starts Python often, with further flags."""
    options = launch_options()
    return options | {"args": [*options["args"], *_STARTS_OFTEN, *flags]}


def launch_options() -> dict[str, Any]:
    """Return the arguments for Playwright's `chromium.launch`, as a person's browser has them.

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
        # As in every Chromium with windows; the one without leaves it to be asked for.
        "--site-per-process",
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        # As root Chromium does not start with its sandbox, which is so in most containers.
        flags.append("--no-sandbox")
    return {"executable_path": program, "headless": True, "args": flags}

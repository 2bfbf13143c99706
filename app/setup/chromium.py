"""The browser of the tests: one that is there, else Playwright's, else Debian's package.

And what Playwright itself needs to drive it.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from . import debian, other_browsers
from .console import Report
from .environment import Environment
from .errors import SetupError
from .stamps import write_atomically
from .steps import Step
from .tools import Command, Tools, program

VARIABLE = "TOKENFALL_CHROMIUM"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# Chromium without windows, as Debian packs it: the same engine, and a fifth less work for a machine
# on which pages open and close all the time.
_SHELL = "chromium-headless-shell"

_ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as start\n"
    "with start() as playwright: print(playwright.chromium.executable_path)"
)


class Chromium:
    """Finds or installs Chromium, and remembers where it is."""

    def __init__(
        self, environment: Environment, runtime: Path, tools: Tools, *, windowless: bool = False
    ) -> None:
        """`windowless`: take one without windows, where there is one."""
        self._names = (_SHELL, *NAMES) if windowless else NAMES
        self._environment = environment
        self._tools = tools
        self._remembered = runtime / "chromium.txt"

    def step(self) -> Step:
        """Return the step that installs it where none is found."""

        def is_done() -> bool:
            return self._driver_starts() and self.find() is not None and not self._lacks_shell()

        return Step("Find or install Chromium", is_done, self._install)

    def find(self) -> Path | None:
        """Return a Chromium that starts, or None.

        Raises:
            SetupError: the environment variable names a file that does not start.
        """
        chosen = os.environ.get(VARIABLE)
        if chosen:
            if not _starts(Path(chosen)):
                raise SetupError(
                    f"{VARIABLE} is set to {chosen}, which is no Chromium that starts. "
                    "Set it to one, or unset it."
                )
            return Path(chosen)
        return next((place for place in self._places() if _starts(place)), None)

    def _places(self) -> Iterable[Path]:
        for name in self._names:
            if found := program(name):
                yield found
        try:
            yield Path(self._remembered.read_text(encoding="utf-8"))
        except OSError:
            return

    def _lacks_shell(self) -> bool:
        """Tell whether the one without windows is to be installed, which is left to `.ci/run`."""
        if _SHELL not in self._names or not other_browsers.are_wanted():
            return False
        return bool(program("apt-get")) and not program(_SHELL)

    def _driver_starts(self) -> bool:
        """Tell whether Playwright's program runs; in a bare container it lacks a library."""
        name = "node.exe" if sys.platform == "win32" else "node"
        packages = self._environment.site_packages()
        return any(_starts(place / "playwright" / "driver" / name) for place in packages)

    def _install(self, report: Report) -> None:
        if not self._driver_starts() and not debian.install(self._tools, report, "libatomic1"):
            raise SetupError(
                "Playwright, which drives the browser in the tests, does not start here. Install "
                "the library it misses (Debian: “sudo apt install libatomic1”) and start again. "
                f"What was tried is in {self._tools.log}"
            )
        if self._lacks_shell():
            # Not every Debian and Ubuntu has it; any other will do.
            debian.install(self._tools, report, _SHELL, "fonts-liberation")
        if self.find():
            return
        found = self._from_playwright(report)
        if found:
            write_atomically(self._remembered, str(found).encode())
            return
        # Without a font Chromium draws no text.
        debian.install(self._tools, report, "chromium", "fonts-liberation")
        if not self.find():
            raise SetupError(
                "The tests need Chromium, and it could not be installed. Install Chromium or "
                f"Google Chrome yourself (Debian: “sudo apt install chromium”), or set {VARIABLE} "
                f"to its program, and start again. What was tried is in {self._tools.log}"
            )

    def _from_playwright(self, report: Report) -> Path | None:
        """Use Playwright's own build; not every network and system can have it."""
        python = self._environment.python
        try:
            command: Command = [python, "-m", "playwright", "install", "chromium"]
            self._tools.run("Chromium", command, report)
            printed = self._tools.run("Chromium", [python, "-c", _ASK_PLAYWRIGHT], report)
        except SetupError:
            return None
        place = Path(printed.strip().splitlines()[-1])
        return place if _starts(place) else None


def _starts(file: Path) -> bool:
    """Tell whether a program tells its version; some systems install a mere hint by that name."""
    if sys.platform == "win32":
        # There Chrome answers `--version` by opening a window.
        return file.is_file()
    try:
        subprocess.run([file, "--version"], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True

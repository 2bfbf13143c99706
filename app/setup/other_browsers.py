"""Firefox and WebKit, in which some tests of the page run too: those there are, else Debian's."""

import os

from . import debian
from .console import Report
from .errors import SetupError
from .steps import Step
from .tools import Tools, program

# Set where all of them must be tested, as `.ci/run` does: they are installed then.
VARIABLE = "TOKENFALL_EVERY_BROWSER"

# The programs that each needs, and the packages of Debian that bring them.
_PROGRAMS = {
    "Firefox": {"firefox-esr": "firefox-esr"},
    "WebKit": {
        "WebKitWebDriver": "webkit2gtk-driver",
        "Xvfb": "xvfb",
        "dbus-run-session": "dbus-daemon",
    },
}


def are_wanted() -> bool:
    """Tell whether none of them may be left out."""
    return bool(os.environ.get(VARIABLE))


def missing(name: str) -> list[str]:
    """List the packages that this machine lacks for a browser."""
    return [package for each, package in _PROGRAMS[name].items() if not program(each)]


def step(tools: Tools) -> Step:
    """Return the step that installs them where they are wanted."""

    def lacking() -> list[str]:
        return [package for name in _PROGRAMS for package in missing(name)]

    def install(report: Report) -> None:
        debian.install(tools, report, *lacking())
        if left := lacking():
            raise SetupError(
                f"{VARIABLE} is set, so the page is tested in Firefox and WebKit too, and they "
                "could not be installed. Install them (Debian: “sudo apt install "
                f"{' '.join(left)}”), or unset it. What was tried is in {tools.log}"
            )

    return Step(
        "Find or install Firefox and WebKit", lambda: not (are_wanted() and lacking()), install
    )

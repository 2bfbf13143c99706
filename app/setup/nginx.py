"""nginx, the proxy that the server is tested behind: one that is there, else Debian's package."""

import shutil
from pathlib import Path

from . import debian
from .console import Report
from .steps import Step
from .tools import Tools, program

# Where distributions put it, which is not on the path of a user who is not root.
_PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin"


def find() -> Path | None:
    """Return the program, or None."""
    found = shutil.which("nginx", path=_PLACES)
    return Path(found) if found else None


def step(tools: Tools) -> Step:
    """Return the step that installs it where Debian's packages are. Elsewhere the tests that need
    it say so.
    """

    def install(report: Report) -> None:
        debian.install(tools, report, "nginx")

    return Step("Find or install nginx", lambda: bool(find()) or not program("apt-get"), install)

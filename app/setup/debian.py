"""Debian's packages, for the tests on a machine where nobody else installs anything."""

import os
import sys

from .console import Report
from .errors import SetupError
from .tools import Tools, program


def install(tools: Tools, report: Report, *packages: str) -> bool:
    """Install packages as root or by a sudo that asks nothing; return whether that worked."""
    if not program("apt-get"):
        return False
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    apt = [*_as_root(), "apt-get"]
    add = [*apt, "install", "-y", "--no-install-recommends", *packages]
    try:
        tools.run("Debian's packages", [*apt, "update"], report, env=quiet)
        tools.run("Debian's packages", add, report, env=quiet)
    except SetupError:
        return False
    return True


def _as_root() -> list[str]:
    # `-n`: fail instead of asking for a password nobody is there to type.
    if sys.platform != "win32" and os.geteuid() != 0:
        return ["sudo", "-n"]
    return []

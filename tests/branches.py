"""`python3 -m tests --coverage`: which branches the tests take, of what runs without a browser.

Arguments go to pytest; without any, the tests of all that needs no server. The lines and branches
that were not taken are listed by file, and in `.runtime/coverage/index.html` shown in the source.
"""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_KEPT = _ROOT / ".runtime" / "coverage"

ROOMS = (
    *("core", "markdown", "protocols", "providers", "history", "python", "connections", "adapters"),
)
_TESTS = (*ROOMS, "scripted", "browser")


def main(arguments: list[str]) -> int:
    """Run the tests under coverage.py and report; the exit code of the tests."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    data = f"--data-file={_KEPT / 'data'}"
    sources = ",".join(f"app/{room}" for room in (*ROOMS, "browser"))
    tests = arguments or [f"tests/{room}" for room in _TESTS]
    run = ["run", "--branch", data, f"--source={sources}", "-m", "pytest", "-q"]
    code = _coverage(*run, "-p", "tests.without_browser", *tests)
    # Of the page's modules only those can be judged that a test here has loaded.
    shown = (data, "--skip-empty", f"--omit={_not_loaded(_KEPT / 'data')}")
    _coverage("report", *shown, "--show-missing", "--skip-covered", "--sort=cover")
    _coverage("html", *shown, f"--directory={_KEPT}")
    return code


def _coverage(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=_ROOT).returncode


def _not_loaded(data_file: Path) -> str:
    import coverage

    data = coverage.CoverageData(str(data_file))
    data.read()
    return ",".join(name for name in data.measured_files() if not data.arcs(name)) or "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

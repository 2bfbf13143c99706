"""Collects the recorded cases where they are, and says at the end what ran."""

import os
from pathlib import Path

import pytest

from . import library, tally

# These need no cases. Of the others each would be a row of empty tests where there are none;
# `test_presence` says it once.
_MADE_UP = ("test_presence.py", "test_any_bytes.py", "test_any_event.py")

_IS_HERE = library.FOLDER is not None and (library.FOLDER / "streams").is_dir()


def _is_recorded(path: Path) -> bool:
    return path.parent == Path(__file__).parent and path.name not in _MADE_UP


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if _is_recorded(collection_path) and not _IS_HERE else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a folder of cases of which none ran is a failure, whatever else was green."""
    is_expected = (
        bool(os.environ.get("CI"))
        and library.FOLDER is not None
        # A run that shares the tests with others may have taken none of these.
        and (not _IS_HERE or any(_is_recorded(item.path) for item in session.items))
    )
    if is_expected and not session.config.option.collectonly and not tally.total():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if library.FOLDER is None:
        terminalreporter.write_line(
            f"cases: the recorded cases are not here (set {library.VARIABLE} to their folder)"
        )
    else:
        terminalreporter.write_line(f"cases: {tally.line()}")

"""Collects the recorded cases where they are, and says at the end what ran."""

import os

import pytest

from . import library, tally

# Without the cases these modules would be rows of empty tests; `test_presence` says it once.
collect_ignore = (
    []
    if library.FOLDER is not None
    else [
        "test_foreign.py",
        "test_http_errors.py",
        "test_llamacpp.py",
        "test_sse_conformance.py",
        "test_streams.py",
        "test_truncated.py",
        "test_whole_answers.py",
    ]
)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a folder of cases of which none ran is a failure, whatever else was green."""
    is_expected = bool(os.environ.get("CI")) and library.FOLDER is not None
    if is_expected and not session.config.option.collectonly and not tally.total():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if library.FOLDER is None:
        terminalreporter.write_line(
            f"cases: the recorded cases are not here (set {library.VARIABLE} to their folder)"
        )
    else:
        terminalreporter.write_line(f"cases: {tally.line()}")

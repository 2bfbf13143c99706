"""Runs in the tab: pytest over a folder, and what came of each test."""

import gzip

import msgspec
import pytest


class Outcome(msgspec.Struct):
    """Result of a folder of tests; of each test that did not pass, its words."""

    exit_code: int
    passed: list[str] = []
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}


class _Listener:
    """A plugin that keeps what pytest reports."""

    def __init__(self) -> None:
        self.outcome = Outcome(exit_code=-1)

    def pytest_sessionstart(self) -> None:
        """Spare Hypothesis the seconds that it takes in the tab to ask UTF-8 about every character.

        It reads what it has kept: those that can be encoded, those that come back as others.
        """
        from hypothesis.internal.charmap import charmap_file  # after pytest has seen its own plugin

        kept = charmap_file("codec-v2-utf-8")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(gzip.compress(b"[[[0, 55295], [57344, 1114111]], []]"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.outcome.failed[f"{report.nodeid} ({report.when})"] = report.longreprtext
        elif report.skipped:
            self.outcome.skipped[report.nodeid] = _reason(report)
        elif report.when == "call":
            self.outcome.passed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.outcome.failed[f"{report.nodeid} (collection)"] = report.longreprtext


def run(folder: str) -> str:
    """Run the tests in a folder; the outcome as JSON. The screen's text goes to standard output."""
    listener = _Listener()
    # Each file is written once, so there is nothing to remember for a next run.
    arguments = ["-q", "--no-header", "--durations=5", "-p", "no:cacheprovider", folder]
    listener.outcome.exit_code = int(pytest.main(arguments, plugins=[listener]))
    return msgspec.json.encode(listener.outcome).decode()


def _reason(report: pytest.TestReport) -> str:
    # A skip is reported as where it happened and why.
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext

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


# Fixtures for which pytest does something around a test.
_AROUND = {"caplog", "capsys", "tmp_path"}


class _Listener:
    """A plugin that runs tests, and keeps what came of them."""

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

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Function, nextitem: pytest.Item | None
    ) -> bool | None:
        """Run a test with its fixtures as pytest does, but without the captures, timings and
        reports around each: for thousands of short tests, they take longer here than all the rest.
        """
        if item.get_closest_marker("skipif") or _AROUND.intersection(item.fixturenames):
            return None
        state = item.session._setupstate
        try:
            state.setup(item)
            item.runtest()
            self.outcome.passed.append(item.nodeid)
        except pytest.skip.Exception as skipped:
            self.outcome.skipped[item.nodeid] = str(skipped.msg)
        except (Exception, pytest.fail.Exception) as error:
            self._fail(item, error)
        try:
            state.teardown_exact(nextitem)
        except (Exception, pytest.fail.Exception) as error:
            self._fail(item, error)
        item.funcargs = {}
        return True

    def _fail(self, item: pytest.Item, error: BaseException) -> None:
        words = str(item.repr_failure(pytest.ExceptionInfo.from_exception(error)))
        self.outcome.failed[item.nodeid] = words

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
    # Each file is written once, so there is nothing to remember for a next run. Assertions are not
    # rewritten, which takes long in the tab: what one compared is told where CPython fails too.
    arguments = ["-q", "--no-header", "--assert=plain", "-p", "no:cacheprovider", folder]
    arguments += ["-o", "faulthandler_timeout=0"]  # for which there are no threads
    listener.outcome.exit_code = int(pytest.main(arguments, plugins=[listener]))
    return msgspec.json.encode(listener.outcome).decode()


def _reason(report: pytest.TestReport) -> str:
    # A skip is reported as where it happened and why.
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext

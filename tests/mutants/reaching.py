"""Lines that each test reaches: one run of the tests under coverage.py, kept until a file changes.

A pytest plugin as well: it names each test to coverage.py, and notes what it costs.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

# A run under coverage.py is told by these where it writes.
COSTS = "TOKENFALL_TEST_COSTS"


def file_of(test: str) -> str:
    """Name the file of a test by the test's id."""
    return test.partition("::")[0]


class Reach:
    """The tests of each line of the modules that are tried, the quickest first."""

    def __init__(self, data: coverage.CoverageData, costs_s: dict[str, float]) -> None:
        self._data = data
        self._costs_s = costs_s

    @property
    def paths(self) -> set[Path]:
        """The modules that some test runs something of."""
        return {
            Path(name)
            for name in self._data.measured_files()
            if any(any(tests) for tests in self._data.contexts_by_lineno(name).values())
        }

    def tests(self, path: Path, line: int, budget_s: float) -> list[str]:
        """Give the tests that reach a line, as many as cost no more than `budget_s` together.

        A line that is run by the import alone belongs to all tests of its module, and then to those
        beside them, which may look at what it defines and run nothing of it.
        """
        by_line = self._data.contexts_by_lineno(str(path))
        found = {test for test in by_line.get(line, ()) if test}
        beside: set[str] = set()
        if not found:
            found = {test for tests in by_line.values() for test in tests if test}
            files = {file_of(test) for test in found}
            beside = {test for test in self._costs_s if file_of(test) in files} - found
        chosen: list[str] = []
        spent_s = 0.0
        for test in (*self._ordered(found, path), *self._ordered(beside, path)):
            spent_s += self._costs_s[test]
            if chosen and spent_s > budget_s:
                break
            chosen.append(test)
        return chosen

    def cost_s(self, tests: list[str]) -> float:
        """Add up the processor time of these tests."""
        return sum(self._costs_s[test] for test in tests)

    def _ordered(self, tests: set[str], path: Path) -> list[str]:
        """The quickest first; the tests of the module's own file before others of the same cost."""

        def order(test: str) -> tuple[float, str]:
            cost_s = self._costs_s[test]
            own = f"test_{path.stem}.py" in test
            return (cost_s / 10 if own else cost_s), test

        return sorted(tests, key=order)


def measured(root: Path, kept: Path, sources: list[str], tests: list[str]) -> Reach:
    """Run the tests that need no browser under coverage.py, unless that was done already.

    Args:
        root: of the repository.
        kept: the folder for what was measured.
        sources: the folders of what is measured.
        tests: folders and files.
    """
    kept.mkdir(parents=True, exist_ok=True)
    data_file, costs_file, stamp = kept / "coverage", kept / "costs.json", kept / "stamp"
    digest = _digest(root, [*sources, *tests])
    if not stamp.exists() or stamp.read_text() != digest:
        stamp.unlink(missing_ok=True)
        _run(root, data_file, costs_file, sources, tests)
        stamp.write_text(digest)
    data = coverage.CoverageData(str(data_file))
    data.read()
    return Reach(data, json.loads(costs_file.read_text()))


def _run(root: Path, data_file: Path, costs: Path, sources: list[str], tests: list[str]) -> None:
    data_file.unlink(missing_ok=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "coverage", "run", f"--data-file={data_file}"),
            *(f"--source={','.join(sources)}", "-m", "pytest", "-q"),
            *("-p", "tests.without_browser", "-p", __name__, *tests),
        ],
        cwd=root,
        check=True,
        env={**os.environ, COSTS: str(costs)},
    )


def _digest(root: Path, arguments: list[str]) -> str:
    """Hash what decides which test reaches what."""
    digest = hashlib.sha256(repr(arguments).encode())
    for folder in ("app", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


_costs_s: dict[str, float] = defaultdict(float)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    measuring = coverage.Coverage.current()
    assert measuring is not None
    measuring.switch_context(item.nodeid)
    began_s = time.process_time()
    try:
        return (yield)
    finally:
        _costs_s[item.nodeid] = time.process_time() - began_s
        measuring.switch_context("")


def pytest_sessionfinish() -> None:
    Path(os.environ[COSTS]).write_text(json.dumps(_costs_s))

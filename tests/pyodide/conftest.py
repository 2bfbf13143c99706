"""Says at the end of the run what ran inside the tab."""

import pytest

# Lines for the summary, from `test_in_pyodide`.
said: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in said:
        terminalreporter.write_line(line)

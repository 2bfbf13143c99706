"""The benchmarks' commands begin under a Python that has none of our packages."""

import subprocess
import sys

import pytest

from tests.live_server import REPOSITORY

COMMANDS = sorted(file.parent.name for file in REPOSITORY.glob("benchmarks/*/__main__.py"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_tells_its_options(name: str) -> None:
    command = [sys.executable, "-S", "-m", f"benchmarks.{name}", "--help"]
    told = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert told.stdout.startswith("usage:"), told.stderr

"""Runs that share the tests: together they run each file once, and none runs another's."""

import subprocess
import sys
from pathlib import Path

from tests.durations import SECONDS
from tests.live_server import LIMIT_S, REPOSITORY

FILES = ("one", "two", "three")


def run(folder: Path, *names: str) -> tuple[int, str]:
    """The exit code of a run over these files, which shares with those of the same folder, and how
    many tests it says passed, failed or ran.
    """
    command = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-q", "--share", folder / "taken", *(f"test_{name}.py" for name in names)],
        cwd=folder,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    return done.returncode, done.stdout.splitlines()[-1].partition(" in ")[0]


def test_a_file_that_another_run_took_is_left_to_it(tmp_path: Path) -> None:
    for name in FILES:
        lines = "\n\n\n".join(f"def test_{number}():\n    pass" for number in range(2))
        (tmp_path / f"test_{name}.py").write_text(f"{lines}\n", "utf-8")
    assert run(tmp_path, "two") == (0, "2 passed")
    assert run(tmp_path, *FILES) == (0, "4 passed")
    assert run(tmp_path, *FILES) == (0, "no tests ran")


def test_what_fails_in_a_run_that_shares_fails_it(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_it():\n    assert False\n", "utf-8")
    assert run(tmp_path, "one") == (1, "1 failed")


def test_the_longest_files_are_there_the_longest_first() -> None:
    assert [file for file in SECONDS if not (REPOSITORY / file).is_file()] == []
    assert list(SECONDS.values()) == sorted(SECONDS.values(), reverse=True)

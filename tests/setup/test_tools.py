"""Running programs: their output, their log, their end."""

import sys
import threading
from pathlib import Path

import pytest

from app.setup.errors import SetupError
from app.setup.tools import Tools


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "setup.log"


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-c", code]


def ignore(line: str) -> None:
    """Stand in for a report."""


def test_what_a_program_prints_is_returned_reported_and_logged(log):
    reported: list[str] = []
    program = python("import sys; print('one'); print(); print('twö', file=sys.stderr)")
    output = Tools(log).run("The step", program, reported.append, env={"PYTHONUTF8": "1"})
    assert sorted(output.split()) == ["one", "twö"]
    assert sorted(line.strip() for line in reported) == ["one", "twö"]
    assert "twö" in log.read_text(encoding="utf-8")
    assert "(exit code 0)" in log.read_text(encoding="utf-8")


def test_a_program_that_fails_raises_a_sentence_that_names_the_log(log):
    with pytest.raises(SetupError) as caught:
        Tools(log).run("The step", python("import sys; sys.exit('no luck')"), ignore)
    assert "no luck" in str(caught.value)
    assert str(log) in str(caught.value)
    assert "no luck" in log.read_text(encoding="utf-8")


def test_a_program_that_is_not_there_raises_a_sentence(log, tmp_path):
    with pytest.raises(SetupError, match="^The step: "):
        Tools(log).run("The step", [tmp_path / "missing"], ignore)


def test_a_program_cannot_wait_for_an_answer(log):
    program = python("import sys; print(repr(sys.stdin.read()))")
    assert Tools(log).run("The step", program, ignore).strip() == "''"


def test_variables_are_added_to_the_environment(log, tmp_path):
    program = python("import os; print(os.environ['ADDED'], os.getcwd())")
    output = Tools(log).run("The step", program, ignore, cwd=tmp_path, env={"ADDED": "yes"})
    assert output.split()[0] == "yes"
    assert Path(output.split(maxsplit=1)[1].strip()).samefile(tmp_path)


def test_a_cancelled_program_ends(log):
    cancel = threading.Event()
    # A program that would run for ever: it waits for a lock that it holds itself.
    program = python(
        "import threading; print('here', flush=True); "
        "lock = threading.Lock(); lock.acquire(); lock.acquire()"
    )
    with pytest.raises(SetupError, match="cancelled"):
        Tools(log, cancel).run("The step", program, lambda line: cancel.set())


def test_the_watcher_is_called_while_the_program_runs(log, tmp_path):
    seen = tmp_path / "seen"
    program = python(
        "import pathlib, sys; seen = pathlib.Path(sys.argv[1])\nwhile not seen.exists(): pass"
    )
    Tools(log).run("The step", [*program, str(seen)], ignore, watch=seen.touch)


def test_a_log_that_cannot_be_written_does_not_hide_what_happened(tmp_path):
    (tmp_path / "file").touch()
    log = tmp_path / "file" / "setup.log"
    with pytest.raises(SetupError, match="no luck"):
        Tools(log).run("The step", python("import sys; sys.exit('no luck')"), ignore)

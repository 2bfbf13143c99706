"""Steps: only what is missing is done, and an interrupted set-up goes on."""

import errno
import threading
from pathlib import Path

import pytest

from app.setup.console import Console, Report
from app.setup.errors import SetupError
from app.setup.stamps import Stamp, digest
from app.setup.steps import Step, exclusive, run_steps, stamped
from tests.live_server import LIMIT_S

from .fakes import quiet_console


class Work:
    """Makes stamped steps and records which of them ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ran: list[str] = []
        self.problems: dict[str, BaseException] = {}

    def step(self, name: str, inputs: str = "") -> Step:
        def work(report: Report) -> None:
            self.ran.append(name)
            if name in self.problems:
                raise self.problems.pop(name)

        return stamped(name, Stamp(self.folder / f"{name}.json", digest(inputs)), work)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "runtime")


def run(work: Work, *steps: Step) -> str:
    console, written = quiet_console()
    run_steps(steps, work.folder, console)
    return written.getvalue()


def test_steps_are_done_once_and_in_order(work):
    steps = [work.step("first"), work.step("second")]
    output = run(work, *steps)
    assert work.ran == ["first", "second"]
    assert [line[:9] for line in output.splitlines()] == ["[1/2] fir", "[2/2] sec"]
    assert run(work, *steps) == ""
    assert work.ran == ["first", "second"]


def test_when_all_is_done_nothing_is_written(work, monkeypatch):
    steps = [work.step("first")]
    run(work, *steps)

    def read_only(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    run(work, *steps)


def test_changed_inputs_redo_only_that_step(work):
    run(work, work.step("first"), work.step("second"), work.step("third"))
    work.ran.clear()
    output = run(work, work.step("first"), work.step("second", "new"), work.step("third"))
    assert work.ran == ["second"]
    assert output.startswith("[1/1] second")


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), SetupError("no")])
def test_an_interrupted_set_up_goes_on_where_it_was(work, problem):
    steps = [work.step("first"), work.step("second"), work.step("third")]
    work.problems["second"] = problem
    with pytest.raises(type(problem)):
        run(work, *steps)
    assert work.ran == ["first", "second"]
    work.ran.clear()
    run(work, *steps)
    assert work.ran == ["second", "third"]


def test_a_step_that_is_redone_and_interrupted_does_not_count_as_done(work):
    damaged = work.folder / "output"

    def step() -> Step:
        made = work.step("made")
        return stamped(
            "made", Stamp(work.folder / "s.json", digest(), lambda: [damaged]), made.work
        )

    damaged.parent.mkdir()
    damaged.write_text("whole")
    run(work, step())
    damaged.write_text("half")
    work.problems["made"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(work, step())
    damaged.write_text("whole")
    assert not step().is_done()


def test_a_full_disk_is_said_with_what_to_do(work):
    work.problems["first"] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(SetupError, match=r"^first: the disk is full .* Free about 1 GB"):
        run(work, work.step("first"))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_checkout_that_cannot_be_written_is_said(work, monkeypatch, code):
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SetupError, match="can't be written. Make it writable"):
        run(work, work.step("first"))


def test_two_set_ups_in_one_folder_take_turns(work):
    done = threading.Event()
    waiting = threading.Event()

    class Listening(Console):
        def say(self, text: str) -> None:
            if "Another set-up" in text:
                waiting.set()

    step = Step("first", done.is_set, lambda report: work.ran.append("again"))
    work.folder.mkdir()
    second = threading.Thread(target=run_steps, args=([step], work.folder, Listening()))
    with exclusive(work.folder / "setup.lock", lambda text: None):
        second.start()
        assert waiting.wait(LIMIT_S)
        done.set()
    second.join(LIMIT_S)
    assert not second.is_alive()
    assert work.ran == []

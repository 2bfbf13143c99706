"""Output of the set-up for a person."""

from io import StringIO

import pytest

from app.setup.console import Console


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_step_is_one_line_with_its_number_and_time():
    written, clock = StringIO(), Clock()
    with Console(written, clock).step(2, 5, "Fetch the wheels") as report:
        assert written.getvalue() == "[2/5] Fetch the wheels …"
        report("a note that only a terminal shows")
        clock.now_s += 3.44
    assert written.getvalue() == "[2/5] Fetch the wheels … 3.4 s\n"


def test_a_step_that_fails_gets_no_time():
    written = StringIO()
    with pytest.raises(KeyboardInterrupt), Console(written).step(1, 1, "Fetch"):
        raise KeyboardInterrupt
    assert written.getvalue() == "[1/1] Fetch … not finished\n"


def test_on_a_terminal_the_line_is_drawn_over_and_ends_with_its_time():
    written, clock = Terminal(), Clock()
    with Console(written, clock).step(1, 1, "Fetch") as report:
        report("Collecting\n  msgspec")
        clock.now_s += 2
    lines = written.getvalue().split("\r")
    assert lines[1].startswith("[1/1] Fetch …")
    assert lines[-1] == "[1/1] Fetch … 2.0 s\x1b[K\n"

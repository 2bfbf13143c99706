"""Firefox and WebKit are installed where they must be tested, and nowhere else."""

import pytest

from app.setup import debian, other_browsers
from app.setup.errors import SetupError
from app.setup.steps import run_steps

from .fakes import FakeTools, quiet_console


class Machine:
    """A machine with some programs; its packages are what `installs` lets in."""

    def __init__(self, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runtime = tmp_path
        self.programs = {"WebKitWebDriver"}
        self.asked: list[str] = []
        self.installs = True
        monkeypatch.setattr(other_browsers, "program", lambda name: name in self.programs)
        monkeypatch.setattr(debian, "install", self._install)

    def _install(self, tools: FakeTools, report: object, *packages: str) -> bool:
        self.asked += packages
        if self.installs:
            self.programs |= {"firefox-esr", "Xvfb", "dbus-run-session"}
        return self.installs

    def prepare(self) -> None:
        step = other_browsers.step(FakeTools(self.runtime / "setup.log"))
        run_steps([step], self.runtime, quiet_console()[0])


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    monkeypatch.delenv(other_browsers.VARIABLE, raising=False)
    return Machine(tmp_path, monkeypatch)


def test_where_they_may_be_left_out_nothing_is_installed(machine):
    machine.prepare()
    assert machine.asked == []
    assert other_browsers.missing("WebKit") == ["xvfb", "dbus-daemon"]


def test_where_they_must_be_tested_what_is_missing_is_installed(machine, monkeypatch):
    monkeypatch.setenv(other_browsers.VARIABLE, "1")
    machine.prepare()
    assert machine.asked == ["firefox-esr", "xvfb", "dbus-daemon"]
    machine.prepare()
    assert len(machine.asked) == 3


def test_where_they_cannot_be_installed_it_is_said(machine, monkeypatch):
    monkeypatch.setenv(other_browsers.VARIABLE, "1")
    machine.installs = False
    with pytest.raises(SetupError, match="sudo apt install firefox-esr xvfb dbus-daemon"):
        machine.prepare()

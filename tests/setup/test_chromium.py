"""Finding and installing the browser of the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.setup.chromium import VARIABLE, Chromium
from app.setup.environment import Environment
from app.setup.errors import SetupError
from app.setup.other_browsers import VARIABLE as EVERY_BROWSER
from app.setup.steps import run_steps

from .fakes import FakeTools, make_environment, nothing, quiet_console


class Machine:
    """A machine: which programs its PATH has, and which programs start."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = tmp_path
        self.tools = FakeTools(tmp_path / "setup.log")
        self.on_path: set[str] = set()
        self.broken: set[str] = set()
        monkeypatch.delenv(VARIABLE, raising=False)
        monkeypatch.delenv(EVERY_BROWSER, raising=False)
        monkeypatch.setattr(shutil, "which", self._which)
        monkeypatch.setattr(subprocess, "run", self._run)
        monkeypatch.setattr(sys, "platform", "linux")
        make_environment(["", str(tmp_path / ".venv")], {})
        self.driver = tmp_path / ".venv" / "lib/python3.12/site-packages/playwright/driver/node"
        self.driver.parent.mkdir(parents=True)
        self.driver.touch()

    def _which(self, name: str, **options: object) -> str | None:
        return f"/bin/{name}" if name in self.on_path else None

    def _run(self, argv: list[Path], **options: object) -> subprocess.CompletedProcess[bytes]:
        program = str(argv[0])
        if program in self.broken or not (program.startswith("/bin/") or Path(program).exists()):
            raise FileNotFoundError(program)
        return subprocess.CompletedProcess(argv, 0, b"")

    def become(self, user: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)

    def prepare(self, *, windowless: bool = False) -> Path | None:
        environment, runtime = Environment(self.root, self.tools), self.root / ".runtime"
        browser = Chromium(environment, runtime, self.tools, windowless=windowless)
        run_steps([browser.step()], runtime, quiet_console()[0])
        return browser.find()


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_one_on_the_path_is_used(machine):
    machine.on_path = {"google-chrome"}
    assert machine.prepare() == Path("/bin/google-chrome")
    assert machine.tools.ran == []


def test_a_name_that_does_not_start_is_passed_over(machine):
    machine.on_path = {"chromium-browser", "google-chrome"}
    machine.broken = {"/bin/chromium-browser"}
    assert machine.prepare() == Path("/bin/google-chrome")


def test_the_variable_comes_first(machine, monkeypatch):
    machine.on_path = {"chromium"}
    monkeypatch.setenv(VARIABLE, "/bin/mine")
    assert machine.prepare() == Path("/bin/mine")


def test_a_wrong_variable_is_said(machine, monkeypatch):
    machine.on_path = {"chromium"}
    monkeypatch.setenv(VARIABLE, "/missing/chromium")
    with pytest.raises(SetupError, match=f"{VARIABLE} is set to /missing/chromium"):
        machine.prepare()


def test_playwrights_own_is_tried_next_and_remembered(machine, tmp_path):
    own = tmp_path / "chrome-linux" / "chrome"
    own.parent.mkdir()
    own.touch()
    machine.tools.answer("-m playwright install chromium", nothing)
    machine.tools.answer("sync_playwright", lambda argv, options: f"{own}\n")
    assert machine.prepare() == own
    machine.tools.ran.clear()
    assert machine.prepare() == own
    assert machine.tools.ran == []


def test_one_without_windows_is_taken_by_who_asks_for_it(machine):
    machine.on_path = {"chromium-headless-shell", "chromium", "apt-get"}
    assert machine.prepare(windowless=True) == Path("/bin/chromium-headless-shell")
    assert machine.prepare() == Path("/bin/chromium")


def test_one_without_windows_is_installed_where_every_browser_is_wanted(machine, monkeypatch):
    machine.become(0, monkeypatch)
    machine.on_path = {"chromium", "apt-get"}
    assert machine.prepare(windowless=True) == Path("/bin/chromium")
    assert machine.tools.ran == []
    monkeypatch.setenv(EVERY_BROWSER, "1")
    machine.tools.answer("apt-get update", nothing)
    machine.tools.answer(
        "install -y --no-install-recommends chromium-headless-shell",
        lambda argv, options: str(machine.on_path.add("chromium-headless-shell")),
    )
    assert machine.prepare(windowless=True) == Path("/bin/chromium-headless-shell")


def test_where_it_cannot_be_had_any_other_does(machine, monkeypatch):
    machine.become(0, monkeypatch)
    machine.on_path = {"chromium", "apt-get"}
    monkeypatch.setenv(EVERY_BROWSER, "1")
    machine.tools.answer("apt-get update", nothing)
    machine.tools.fail("apt-get install", "Unable to locate package")
    assert machine.prepare(windowless=True) == Path("/bin/chromium")


@pytest.mark.parametrize(("user", "apt"), [(0, "apt-get "), (1000, "sudo -n apt-get ")])
def test_debians_package_comes_last(machine, monkeypatch, user, apt):
    machine.become(user, monkeypatch)
    machine.on_path = {"apt-get"}
    machine.tools.fail("playwright install", "getaddrinfo ENOTFOUND")
    machine.tools.answer("apt-get update", nothing)
    machine.tools.answer(
        "apt-get install", lambda argv, options: str(machine.on_path.add("chromium"))
    )
    assert machine.prepare() == Path("/bin/chromium")
    assert machine.tools.ran[-1].startswith(f"{apt}install -y")


def test_when_nothing_helps_it_says_what_to_do(machine, monkeypatch):
    machine.become(1000, monkeypatch)
    machine.on_path = {"apt-get"}
    machine.tools.fail("playwright install", "getaddrinfo ENOTFOUND")
    machine.tools.fail("apt-get", "sudo: a password is required")
    with pytest.raises(SetupError, match="Install Chromium or Google Chrome yourself"):
        machine.prepare()


def test_a_library_that_playwright_misses_is_installed(machine, monkeypatch):
    machine.become(0, monkeypatch)
    machine.on_path = {"apt-get", "chromium"}
    machine.broken = {str(machine.driver)}
    machine.tools.answer("apt-get update", nothing)
    machine.tools.answer(
        "install -y --no-install-recommends libatomic1",
        lambda argv, options: str(machine.broken.clear()),
    )
    assert machine.prepare() == Path("/bin/chromium")


def test_without_that_library_it_says_what_to_do(machine):
    machine.on_path = {"chromium"}
    machine.broken = {str(machine.driver)}
    with pytest.raises(SetupError, match="sudo apt install libatomic1"):
        machine.prepare()

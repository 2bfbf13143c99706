"""Preparation of the tests beyond the steps themselves."""

from pathlib import Path
from typing import Any

import pytest

from app.setup import debian, other_browsers, prepare
from app.setup.chromium import Chromium
from app.setup.errors import MissingLibraryError
from app.setup.node import Node
from app.setup.steps import Step

from .fakes import FakeTools, checkout, fake_libraries, quiet_console, working_tools


class Fetch:
    """Stands for `prepare_model` on a system that lacks a library until it is installed."""

    def __init__(self) -> None:
        self.tries = 0
        self.installed: list[str] = []

    def __call__(self, runtime: Path, report: Any, *, python: Path) -> None:
        self.tries += 1
        if not self.installed:
            raise MissingLibraryError("It lacks libgomp.so.1.", "libgomp1")

    def install(self, tools: FakeTools, report: Any, *packages: str) -> bool:
        self.installed += packages
        return True


@pytest.fixture
def fetch(monkeypatch) -> Fetch:
    fake = Fetch()
    monkeypatch.setattr(prepare, "prepare_model", fake)
    monkeypatch.setattr(prepare, "is_model_ready", lambda runtime: False)
    monkeypatch.setattr(prepare, "Tools", working_tools)
    monkeypatch.setattr("app.setup.runtime.on_path", lambda: Node(Path("node"), (Path("npm"),)))
    monkeypatch.setattr("app.setup.nginx.find", lambda: Path("/usr/sbin/nginx"))
    monkeypatch.delenv(other_browsers.VARIABLE, raising=False)
    monkeypatch.setattr("app.setup.redis_server.program", lambda name: Path("/usr/bin") / name)
    monkeypatch.setattr("app.setup.runtime.LIBRARIES", fake_libraries())
    monkeypatch.setattr(Chromium, "step", lambda self: Step("Find", lambda: True, print))
    monkeypatch.setattr(Chromium, "find", lambda self: Path("/bin/chromium"))
    return fake


def test_a_library_that_the_model_misses_is_installed_for_the_tests(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "install", fetch.install)
    preparation = prepare.Preparation(checkout(tmp_path), quiet_console()[0])
    near = preparation.runtime / "near-peers/bin/python"
    assert preparation.for_tests() == {
        "TOKENFALL_CHROMIUM": "/bin/chromium",
        "TOKENFALL_NEAR_PEERS": str(near),
    }
    assert fetch.installed == ["libgomp1"]
    assert fetch.tries == 2


def test_the_proxy_that_the_server_is_tested_behind_is_installed(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "install", fetch.install)
    monkeypatch.setattr("app.setup.nginx.find", lambda: None)
    monkeypatch.setattr("app.setup.nginx.program", lambda name: Path("/usr/bin/apt-get"))
    prepare.Preparation(checkout(tmp_path), quiet_console()[0]).for_tests()
    assert "nginx" in fetch.installed


def test_the_redis_that_the_log_of_runs_is_tested_over_is_installed(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "install", fetch.install)
    there = {"apt-get": Path("/usr/bin/apt-get")}
    monkeypatch.setattr("app.setup.redis_server.program", there.get)
    prepare.Preparation(checkout(tmp_path), quiet_console()[0]).for_tests()
    assert "redis-server" in fetch.installed


def test_where_it_cannot_be_installed_it_is_said(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "install", lambda tools, report, *packages: False)
    preparation = prepare.Preparation(checkout(tmp_path), quiet_console()[0])
    with pytest.raises(MissingLibraryError, match="lacks libgomp"):
        preparation.for_tests()


def test_the_terminal_needs_the_packages_and_nothing_of_the_page(tmp_path, monkeypatch):
    made: list[FakeTools] = []

    def tools(log: Path) -> FakeTools:
        made.append(working_tools(log))
        return made[0]

    monkeypatch.setattr(prepare, "Tools", tools)
    console, written = quiet_console()
    preparation = prepare.Preparation(checkout(tmp_path), console)
    preparation.for_terminal()
    assert made[0].ran_with("serve.txt")
    assert not made[0].ran_with("npm")
    assert not made[0].ran_with("tab.txt")
    shown = written.getvalue()
    preparation.for_terminal()
    assert written.getvalue() == shown

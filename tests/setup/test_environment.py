"""The virtual environment: made once, mended when broken, never taken from anybody."""

import importlib.util
import sys
from pathlib import Path

import pytest

from app.setup.environment import Environment
from app.setup.errors import SetupError
from app.setup.steps import run_steps

from .fakes import FakeTools, checkout, make_environment, make_pip, quiet_console, working_tools


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return checkout(tmp_path)


@pytest.fixture
def tools(root: Path) -> FakeTools:
    return working_tools(root / ".runtime" / "setup.log")


def prepare(root: Path, tools: FakeTools) -> list[str]:
    """Prepare as for serving, and return the commands that ran."""
    tools.ran.clear()
    environment = Environment(root, tools)
    steps = [environment.step(), environment.packages("serve")]
    run_steps(steps, root / ".runtime", quiet_console()[0])
    return tools.ran


def test_it_is_made_once(root, tools):
    made = prepare(root, tools)
    assert [" -m venv " in made[0], " -m ensurepip " in made[1], "serve.txt" in made[2]] == [
        True
    ] * 3
    assert prepare(root, tools) == []


def test_everything_installed_is_verified_and_nothing_is_compiled(root, tools):
    [install] = [line for line in prepare(root, tools) if " install " in line]
    assert "--require-hashes --only-binary :all:" in install


def test_changed_requirements_are_installed_without_a_new_environment(root, tools):
    prepare(root, tools)
    with (root / "requirements" / "serve.txt").open("a") as listed:
        listed.write("# changed\n")
    [install] = prepare(root, tools)
    assert install.endswith("serve.txt")


def test_without_venv_the_package_to_install_is_named(root, tools, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, package=None: None if name == "ensurepip" else find(name, package),
    )
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    with pytest.raises(SetupError, match=f"sudo apt install {package}"):
        prepare(root, tools)
    assert tools.ran == []


def test_one_that_was_interrupted_is_made_anew(root, tools):
    tools.fail("-m ensurepip", "Killed")
    with pytest.raises(SetupError):
        prepare(root, tools)
    left_over = root / ".venv" / "left over"
    left_over.touch()
    tools.answer("-m ensurepip", make_pip)
    assert " -m venv " in prepare(root, tools)[0]
    assert not left_over.exists()


def test_one_whose_python_is_gone_is_made_anew_with_its_packages(root, tools):
    prepare(root, tools)
    settings = root / ".venv" / "pyvenv.cfg"
    settings.write_text(f"version = 3.11.2\nexecutable = {root / 'gone' / 'python3.11'}\n")
    assert [" -m venv " in line for line in prepare(root, tools)] == [True, False, False]


def test_another_tools_environment_is_kept_and_gets_pip(root, tools):
    make_environment(["", str(root / ".venv")], {})
    (root / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion_info = 3.12.1\n")
    (root / ".venv" / "theirs").touch()
    assert " -m ensurepip " in prepare(root, tools)[0]
    assert (root / ".venv" / "theirs").exists()


def test_an_environment_of_an_old_python_is_refused_and_kept(root, tools):
    make_environment(["", str(root / ".venv")], {})
    (root / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    with pytest.raises(SetupError, match=r"older than 3\.11\. Delete that folder"):
        prepare(root, tools)
    assert (root / ".venv").exists()


def test_this_process_knows_whether_it_runs_inside(root, tools, monkeypatch):
    environment = Environment(root, tools)
    assert not environment.is_current()
    monkeypatch.setattr(sys, "prefix", str(root / ".venv"))
    assert environment.is_current()

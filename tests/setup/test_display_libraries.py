"""The library that draws diagrams: fetched alone, when it is wanted, and only if it is the one."""

import re
import shutil
from pathlib import Path

import pytest

from app.setup.display_libraries import LIBRARIES
from app.setup.environment import Environment
from app.setup.errors import SetupError
from app.setup.node import Node
from app.setup.runtime import Runtime
from app.setup.stamps import file_digest
from app.setup.steps import run_steps

from .fakes import (
    ROOT,
    FakeTools,
    checkout,
    fake_libraries,
    library_text,
    quiet_console,
    working_tools,
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("app.setup.runtime.on_path", lambda: Node(Path("node"), (Path("npm"),)))
    monkeypatch.setattr("app.setup.runtime.LIBRARIES", fake_libraries())
    return checkout(tmp_path)


def fetch(root: Path, tools: FakeTools, name: str = "mermaid") -> list[str]:
    """Fetch one, and return what was run for that."""
    tools.ran.clear()
    runtime = Runtime(Environment(root, tools), root / ".runtime", tools)
    run_steps(runtime.for_displays(name), root / ".runtime", quiet_console()[0])
    return tools.ran


@pytest.mark.parametrize("name", LIBRARIES)
def test_one_file_of_the_package_is_kept_and_fetched_once(root: Path, name: str) -> None:
    tools = working_tools(root / "setup.log")
    [command] = fetch(root, tools, name)
    assert re.match(rf"npm pack {name}\S*@\d+\.\d+\.\d+ --pack-destination ", command)
    assert "--ignore-scripts" in command
    file = LIBRARIES[name].file(root / ".runtime")
    assert file.read_text() == library_text(name)
    assert sorted(one.name for one in file.parent.iterdir()) == ["fetched.json", f"{name}.js"]
    assert fetch(root, tools, name) == []
    file.write_text("evil()")
    assert len(fetch(root, tools, name)) == 1
    assert file.read_text() == library_text(name)


def test_another_package_is_not_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = working_tools(root / "setup.log")
    monkeypatch.setattr("app.setup.runtime.LIBRARIES", LIBRARIES)
    with pytest.raises(SetupError, match="its hash differs"):
        fetch(root, tools)
    assert list(LIBRARIES["mermaid"].file(root / ".runtime").parent.iterdir()) == []


def test_a_network_that_is_not_there_is_one_sentence(root: Path) -> None:
    tools = working_tools(root / "setup.log")
    tools.fail(" pack ", "npm error code ENOTFOUND")
    with pytest.raises(SetupError, match="could not be reached"):
        fetch(root, tools)


def test_the_first_start_does_not_fetch_it(root: Path) -> None:
    tools = working_tools(root / "setup.log")
    runtime = Runtime(Environment(root, tools), root / ".runtime", tools)
    assert not [step for step in runtime.steps() if "displays" in step.title]
    shutil.rmtree(root)


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_page_takes_the_file_that_the_set_up_fetches(name: str) -> None:
    page = (ROOT / "app/browser/displays/libraries.py").read_text("utf-8")
    known = dict(re.findall(r'^    "(\S+)": "([0-9a-f]{64})",$', page, re.MULTILINE))
    assert known[name] == file_digest(LIBRARIES[name].file(ROOT / ".runtime"))
    assert LIBRARIES[name].path == f"vendor/{name}/{name}.js"

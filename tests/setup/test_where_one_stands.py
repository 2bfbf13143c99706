"""Nothing of the folder one stands in is run: each command is started for real in a hostile one."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.native.local_model import LocalModel
from app.native.python_process import PythonProcess, PythonSettings
from app.setup.import_path import python_path
from app.setup.node import on_path
from app.setup.tools import Tools, program
from tests.live_server import LIMIT_S, REPOSITORY
from tests.native.engine import prepared
from tests.native.test_agent_process import answer, running
from tests.native.test_local_model import supervised

# What Python, pip, npm or llama.cpp would take from a folder, by the names that our programs use.
_MODULES = (
    *("json", "argparse", "asyncio/__init__", "pathlib", "logging/__init__", "hashlib", "signal"),
    *("sitecustomize", "usercustomize", "pip/__init__", "pip/__main__", "venv/__init__", "uvicorn"),
    *("xllamacpp", "httpx2", "msgspec", "starlette/__init__", "app/__init__", "pytest/__main__"),
    *("multiprocessing/__init__", "multiprocessing/spawn", "multiprocessing/resource_tracker"),
    *("app/native/__init__", "app/native/model_process", "site-packages/json", "readline"),
)
_SETTINGS = {
    ".npmrc": "script-shell=./node\nignore-scripts=false\n",
    "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/\n",
    "package.json": '{"scripts": {"preinstall": "./node"}}',
    "pyvenv.cfg": "home = .\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--no-such-option']\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hostile folder, in which this process stands; what runs of it is noted in `ran`."""
    folder = tmp_path / "project"
    for name in _MODULES:
        file = folder / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        note = f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r} + ' ')\n"
        file.write_text(note)
        (file.parent / "__init__.py").touch()
    for name, text in _SETTINGS.items():
        (folder / name).write_text(text)
    for name in ("node", "npm", "git", "node_modules/.bin/npm"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho {name} >> {tmp_path / 'ran'}\n")
        file.chmod(0o755)
    monkeypatch.chdir(folder)
    return folder


def ran(folder: Path) -> set[str]:
    """The names of what ran of it."""
    notes = folder.parent / "ran"
    return set(notes.read_text().split()) if notes.exists() else set()


def started(*command: str, path: str | None, folder: Path) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path is not None:
        env["PYTHONPATH"] = path
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True
    )


# Python itself imports `sitecustomize` where a person tells it to, before a line of ours.
@pytest.mark.parametrize(
    ("path", "by_python"),
    [(None, set()), ("", set()), (".", {"sitecustomize"}), (os.pathsep, {"sitecustomize"})],
)
def test_serving_runs_nothing_of_it(folder: Path, path: str | None, by_python: set[str]) -> None:
    serves(folder, path)
    assert ran(folder) <= by_python


def test_nor_does_serving_with_several_workers(folder: Path) -> None:
    serves(folder, None, "--workers", "2")
    assert ran(folder) == set()


def serves(folder: Path, path: str | None, *options: str) -> None:
    """Serve until the address is told."""
    serve = (str(REPOSITORY / "serve.py"), "--no-open", "--no-model", "--port", "0", *options)
    with started(*serve, path=path, folder=folder) as served:
        assert served.stdout is not None
        told = iter(served.stdout.readline, "")  # what is prepared before, where anything is
        assert any(re.search(r"http://localhost:\d+", line) for line in told)
        served.send_signal(signal.SIGINT)
        _, complaint = served.communicate(timeout=LIMIT_S)
    assert (served.returncode, complaint) == (0, "")


@pytest.mark.parametrize("path", [str(REPOSITORY), f"{REPOSITORY}{os.pathsep}."])
@pytest.mark.parametrize(
    "command",
    [("app", "--list-providers"), ("tests", "--version")],
    ids=["the terminal", "the tests"],
)
def test_what_is_run_as_a_module_runs_nothing_of_it(
    folder: Path, command: tuple[str, ...], path: str
) -> None:
    # `-m` takes the folder's own package of that name, and nobody could tell it not to.
    (folder / "app").rename(folder / "application")
    with started("-m", *command, path=path, folder=folder) as program:
        said, complaint = program.communicate(timeout=LIMIT_S * 3)
    assert (program.returncode, complaint) == (0, "")
    assert "openai" in said or "pytest" in said
    assert ran(folder) <= {"sitecustomize"}


async def test_the_model_is_run_elsewhere(folder: Path, tmp_path: Path) -> None:
    async with supervised(LocalModel(tmp_path, prepare=prepared(tmp_path, port=1))) as model:
        await model.until("ready")
        where = Path(f"/proc/{model.pid}/cwd")
        if where.exists():  # llama.cpp loads libraries that lie there
            assert where.resolve() == REPOSITORY
    assert ran(folder) == set()


async def test_the_processes_that_run_code_of_ones_own_take_none_of_it(
    folder: Path, tmp_path: Path
) -> None:
    async with running(tmp_path) as agent:
        assert (await answer(agent, "again")).text == "1 in ada's chat"
    process = PythonProcess(PythonSettings(folder=folder))
    try:
        assert (await process.run("1 + 1")).told == "2"
    finally:
        await process.close()
    assert ran(folder) == set()


def test_the_tools_of_the_set_up_are_run_elsewhere(folder: Path, tmp_path: Path) -> None:
    where = [sys.executable, "-I", "-c", "import os; print(os.getcwd())"]
    said = Tools(tmp_path / "runtime" / "setup.log").run("The step", where, lambda line: None)
    assert Path(said.strip()) == REPOSITORY / "app" / "setup"


@pytest.mark.parametrize("places", [".", "", ".{}{own}", "{}{own}", "node_modules/.bin"])
def test_no_program_is_found_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, places: str, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "bin"
    elsewhere.mkdir()
    for name in ("node", "npm"):
        (elsewhere / name).write_text("#!/bin/sh\necho v22.0.0\n")
        (elsewhere / name).chmod(0o755)
    monkeypatch.setenv("PATH", places.format(os.pathsep, own=elsewhere))
    if str(elsewhere) in os.environ["PATH"]:
        assert program("node") == elsewhere / "node"
        assert on_path() is not None
    else:
        assert program("node") is None
        assert on_path() is None
    assert ran(folder) == set()


def test_only_whole_paths_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", "lib", "/persons/own", ""]))
    assert python_path("/ours") == os.pathsep.join(["/ours", "/persons/own"])
    monkeypatch.delenv("PYTHONPATH")
    assert python_path("/ours") == "/ours"

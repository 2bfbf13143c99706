"""`python3 -m tests --wheel`: the package with its page, built, installed apart, and asked.

What was built is left in `.runtime/dist`.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.server.packed_site import pack
from tests.live_server import LIMIT_S, REPOSITORY, RUNTIME

# The Python that builds.
VARIABLE = "TOKENFALL_BUILD"
MOST_BYTES = 15_000_000
DIST = RUNTIME / "dist"
# No address that could be asked, no cache and no setting of this computer.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}

AGENT = '''
"""Knows otters."""
from tokenfall import Request

async def answer(request: Request):
    request.state["n"] = request.state.get("n", 0) + 1
    yield f"Question {request.state['n']}: {request.message}"
'''


QUESTION = {
    "messages": [{"role": "user", "parts": [{"type": "text", "text": "Hi"}], "status": "complete"}],
    "stream": True,
}


def run(*command: str | Path, folder: Path = REPOSITORY, **variables: str) -> None:
    ran = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def build(kind: str, folder: Path, target: Path, **variables: str) -> Path:
    """Build a wheel or an sdist of this folder, with what is installed, and give its file."""
    target.mkdir(parents=True, exist_ok=True)
    run(
        os.environ[VARIABLE],
        "-m",
        "hatchling",
        "build",
        "-t",
        kind,
        "-d",
        target,
        folder=folder,
        **variables,
    )
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    pack(REPOSITORY, RUNTIME, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(page: Path) -> Path:
    shutil.rmtree(DIST, ignore_errors=True)
    return build("wheel", REPOSITORY, DIST / "wheel", TOKENFALL_PAGE=str(page))


@pytest.fixture(scope="module")
def sdist(page: Path) -> Path:
    return build("sdist", REPOSITORY, DIST / "sdist", TOKENFALL_PAGE=str(page))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment, in which the wheel was installed without a network."""
    folder = tmp_path_factory.mktemp("installed")
    needed = folder / "needed"
    listed = REPOSITORY / "requirements/serve.txt"
    # Beforehand, as a mirror would have it.
    run(
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--only-binary",
        ":all:",
        "-d",
        needed,
        "-r",
        listed,
    )
    venv.create(folder / "venv", with_pip=True)
    own = folder / "venv/bin/python"
    extra = f"{wheel}[server]"
    run(
        own,
        "-I",
        "-m",
        "pip",
        "install",
        "-q",
        "--find-links",
        needed,
        extra,
        folder=folder,
        **OFFLINE,
    )
    return own


@contextmanager
def serving(python: Path, folder: Path, *arguments: str) -> Iterator[str]:
    """Run `tokenfall` in an empty folder, with a home of its own; give the page's address."""
    command = [str(python.with_name("tokenfall")), *arguments, "--port", "0", "--no-open"]
    known = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "http_proxy": "http://127.0.0.1:1",
    }
    with subprocess.Popen(
        command, cwd=folder, env=known, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            line = program.stdout.readline()
            found = re.search(r"http://localhost:\d+", line)
            assert found, line
            yield found[0]
        finally:
            program.terminate()


def names(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_the_wheel_is_small_and_carries_the_page(wheel: Path, page: Path) -> None:
    size = wheel.stat().st_size
    print(f"{wheel.name}: {size / 1_000_000:.1f} MB")
    assert size < MOST_BYTES
    carried = set(names(wheel))
    wanted = {file.relative_to(page).as_posix() for file in page.rglob("*") if file.is_file()}
    assert {f"tokenfall/_page/{name}" for name in wanted} <= carried
    for name in (
        "pyodide.asm.wasm",
        "python_stdlib.zip",
        "mermaid.js",
        "plotly.js",
        "katex.js",
        "core.js",
    ):
        assert any(path.endswith(f"/{name}") for path in wanted), name


def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    again = build("wheel", folder, tmp_path / "built", **OFFLINE)
    assert names(again) == names(wheel)
    assert sdist.stat().st_size < 1.2 * MOST_BYTES


def test_it_serves_the_page_and_an_agent_in_an_empty_folder(
    python: Path, page: Path, tmp_path: Path
) -> None:
    (tmp_path / "my_agent.py").write_text(AGENT)
    with (
        serving(python, tmp_path, "my_agent.py") as url,
        httpx2.Client(base_url=url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        for file in page.rglob("*"):
            if file.is_file():
                name = file.relative_to(page).as_posix()
                got = client.get(f"/{name}")
                assert (got.status_code, got.content) == (200, file.read_bytes()), name
        assert client.get("/").content == (page / "index.html").read_bytes()
        assert client.get("/_page/index.html").status_code == 404
        assert client.post("/api/libraries/mermaid").status_code == 204
        said = client.post("/api/agent/chat", json=QUESTION)
        assert "Question 1: Hi" in said.text
        status = client.get("/api/status").json()
        assert status["agent"]["description"] == "Knows otters."
        assert status["model"]["state"] == "absent"
    made = {path.name for path in tmp_path.iterdir()}
    assert made <= {"my_agent.py", "home", "__pycache__"}


@pytest.mark.parametrize("option", ["--export", "--gguf"])
def test_what_needs_the_folder_says_so(python: Path, tmp_path: Path, option: str) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    ran = subprocess.run(
        [python.with_name("tokenfall"), option, "model.gguf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert option in ran.stderr

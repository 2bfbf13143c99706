"""`python3 -m tests --wheel`: the package with its page, built, installed apart, and asked.

What was built is left in `.runtime/dist`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from app.core.events import ApprovalRequest
from app.protocols import decoder
from app.server.packed_site import pack
from tests.agents.guides import Example, examples
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
def serving(python: Path, folder: Path, *command: str, **variables: str) -> Iterator[str]:
    """Run a program of the environment in a folder, with a home of its own; give its address."""
    known = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "http_proxy": "http://127.0.0.1:1",
        **variables,
    }
    program, *rest = command
    with subprocess.Popen(
        [python.with_name(program), *rest],
        cwd=folder,
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            told = ""
            while not (found := re.search(r"http://(localhost|127\.0\.0\.1):\d+", told)):
                line = running.stdout.readline()
                assert line, told
                told += line
            yield found[0]
        finally:
            running.terminate()


def tokenfall(python: Path, folder: Path, *arguments: str) -> AbstractContextManager[str]:
    return serving(python, folder, "tokenfall", *arguments, "--port", "0", "--no-open")


@contextmanager
def asking(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, timeout=LIMIT_S, trust_env=False) as client:
        yield client


def asked(client: httpx2.Client, text: str) -> tuple[str, int]:
    """Ask, say Yes to what is asked back; give the answer, and how often that was."""
    said = {"role": "user", "parts": [{"type": "text", "text": text}], "status": "complete"}
    reading, questions = decoder("tokenfall"), 0
    with client.stream("POST", "/api/agent/chat", json={"messages": [said]}) as response:
        for chunk in response.iter_bytes():
            for event in reading.feed(chunk):
                if isinstance(event, ApprovalRequest):
                    questions += 1
                    call = {"answer": reading.message.id, "call": event.call_id}
                    path = "/api/agent/decisions"
                    told = client.post(path, json=call | {"decision": "once"})
                    assert told.status_code == 204
    reading.close()
    assert reading.message.error is None
    return reading.message.text.strip(), questions


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
    with tokenfall(python, tmp_path, "my_agent.py") as url, asking(url) as client:
        for file in page.rglob("*"):
            if file.is_file():
                name = file.relative_to(page).as_posix()
                got = client.get(f"/{name}")
                assert (got.status_code, got.content) == (200, file.read_bytes()), name
        assert client.get("/").content == (page / "index.html").read_bytes()
        assert client.get("/_page/index.html").status_code == 404
        assert client.post("/api/libraries/mermaid").status_code == 204
        assert asked(client, "Hi") == ("Question 1: Hi", 0)
        status = client.get("/api/status").json()
        assert status["agent"]["description"] == "Knows otters."
        assert status["model"]["state"] == "absent"
    made = {path.name for path in tmp_path.iterdir()}
    assert made <= {"my_agent.py", "home", "__pycache__"}


def test_a_person_chats_with_it_in_a_browser_without_a_network(
    python: Path, tmp_path: Path, browser: Browser
) -> None:
    (tmp_path / "my_agent.py").write_text(AGENT)
    elsewhere: list[str] = []
    with tokenfall(python, tmp_path, "my_agent.py") as url:
        page = browser.new_page()
        page.on(
            "request",
            lambda one: None if one.url.startswith((url, "blob:")) else elsewhere.append(one.url),
        )
        page.goto(url)
        expect(page.get_by_text("Knows otters.")).to_be_visible(timeout=LIMIT_S * 1000)
        for number, text in enumerate(("Hi", "And $x^2$?"), 1):
            page.locator("#message").fill(text)
            page.keyboard.press("Enter")
            said = page.get_by_text(f"Question {number}:")
            expect(said).to_be_visible(timeout=LIMIT_S * 1000)
        page.close()
    assert elsewhere == []


@pytest.mark.parametrize("example", [one for one in examples("function.md") if one.answer])
def test_a_file_of_the_guide_does_what_stands_there(
    python: Path, tmp_path: Path, example: Example
) -> None:
    (tmp_path / "my_agent.py").write_text(example.source)
    with tokenfall(python, tmp_path, "my_agent.py") as url, asking(url) as client:
        assert asked(client, example.question) == (example.answer, int(example.is_asked_back))


def test_the_program_of_the_guide_serves_the_page_below_its_path(
    python: Path, tmp_path: Path
) -> None:
    (host,) = [one for one in examples("function.md") if "# host.py" in one.source]
    (tmp_path / "host.py").write_text(host.source)
    line = ("uvicorn", "host:host", "--port", "0", "--app-dir", ".")
    with serving(python, tmp_path, *line) as url, asking(url) as client:
        assert client.get("/chat/").status_code == 401
        client.headers["x-remote-user"] = "ada"
        assert client.get("/chat/").status_code == 200
        said = {"role": "user", "parts": [{"type": "text", "text": "Hi"}]}
        told = client.post("/chat/api/agent/chat", json={"messages": [said], "stream": False})
        assert told.json()["parts"][0]["text"] == "Hello ada"


def test_the_container_of_the_guide_is_healthy_and_keeps_all_in_its_folder(
    python: Path, tmp_path: Path
) -> None:
    guide = (REPOSITORY / "docs/deploy.md").read_text("utf-8")
    [file] = re.findall(r"```dockerfile\n(.*?)```", guide, re.DOTALL)
    told = dict(line.split(" ", 1) for line in file.splitlines() if line[:1].isupper())
    name, _, folder = told["ENV"].partition("=")
    assert folder == told["VOLUME"]
    data, token = tmp_path / folder.strip("/"), "of-at-least-24-letters-00"
    behind = ("--behind", "https://chat.example.org", "--login-header", "X-Forwarded-User")
    line = (*json.loads(told["ENTRYPOINT"]), *behind, "--port", "0")
    variables = {name: str(data), "TOKENFALL_TOKEN": token}
    with serving(python, tmp_path, *line, **variables) as url, asking(url) as client:
        _, code, check = json.loads(told["HEALTHCHECK"].removeprefix("CMD "))
        port = url.rpartition(":")[2]
        run(python, code, check.replace(told["EXPOSE"], port), no_proxy="localhost")
        proxy = {"host": "chat.example.org", "x-forwarded-user": "ada"}
        assert client.get("/api/chats", headers=proxy).status_code == 401
        proxy["authorization"] = f"Bearer {token}"
        assert client.get("/api/chats", headers=proxy).json()["chats"] == []
    assert {path.name for path in tmp_path.iterdir()} == {data.name}
    assert (data / "runs").is_dir()


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

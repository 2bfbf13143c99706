"""The command `tokenfall` of an installed package."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app import __version__
from app import command as tokenfall
from tests.live_server import LIMIT_S, REPOSITORY, LiveServer
from tests.native.terminal.program import Command
from tests.native.terminal.test_at_a_terminal import says

_WITHOUT_HTTPX2 = "import sys; sys.modules['httpx2'] = None;"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with ours in it, as the wheel has it; it stands far from our own."""
    site = tmp_path_factory.mktemp("site")
    ignored = shutil.ignore_patterns("__pycache__", "browser")
    shutil.copytree(REPOSITORY / "app", site / "tokenfall", ignore=ignored)
    return site


def run(site: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed command, standing in another folder."""
    known = {name: value for name, value in os.environ.items() if "TOKENFALL" not in name}
    program = f"{before}import sys; from tokenfall.command import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=site.parent,
        env=known | {"PYTHONPATH": str(site), "NO_PROXY": "*"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_the_package_installs_it() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["scripts"]["tokenfall"].partition(":")
    assert getattr(import_module(module.replace("tokenfall", "app")), name) is tokenfall.main


def test_it_asks_from_any_folder(site: Path, server: LiveServer) -> None:
    server.queue(says("A lamp."))
    who = ("--provider", "other", "--base-url", f"{server.url}/api/demo/v1", "--model", "scripted")
    ran = run(site, "ask", *who, "Tell me", "a story")
    assert (ran.stdout, ran.stderr, ran.returncode) == ("A lamp.\n", "", 0)
    assert "Tell me a story" in server.requests()[-1].body


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--help"], 0, "tokenfall ask [options] question …"),
        (["-h"], 0, "tokenfall chat [options]"),
        (["--version"], 0, f"Tokenfall {__version__}"),
        (["ask", "--help"], 0, 'git diff | tokenfall ask "Explain this"'),
        (["chat", "--help"], 0, "usage: tokenfall chat [options]\n"),
        (["ask"], 2, "there is no question"),
        (["chat"], 2, "a conversation needs a terminal"),
        (["chat", "hello"], 2, "unrecognized arguments: hello"),
        (["ask", "Hi"], 2, "The built-in model comes with the folder of Tokenfall"),
        (["agent.py"], 2, "tokenfall FILE.py is kept for a page of that file's function"),
        (["folder/agent.py", "--port", "0"], 2, "tokenfall chat --tools folder/agent.py"),
        (["hello"], 2, "tokenfall has no command 'hello'"),
        ([], 2, "There is no page to serve"),
        (["--port", "0"], 2, "python3 serve.py"),
    ],
    ids=str,
)
def test_what_it_says(site: Path, arguments: list[str], code: int, words: str) -> None:
    ran = run(site, *arguments)
    assert words in (ran.stdout if code == 0 else ran.stderr)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr


def test_without_httpx2_it_says_what_to_install(site: Path) -> None:
    ran = run(site, "ask", "Hi", before=_WITHOUT_HTTPX2)
    assert ran.stderr == "Asking a model needs httpx2: pip install 'tokenfall[http]'\n"
    assert ran.returncode == 2
    assert run(site, "--help", before=_WITHOUT_HTTPX2).returncode == 0


def test_where_the_page_is_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []

    def serve(*given: Any) -> int:
        served.append(given)
        return 0

    monkeypatch.setattr("app.server.command.main", serve)
    assert tokenfall.main([]) == 0
    assert tokenfall.main(["--port", "9000", "--no-open"]) == 0
    assert served == [(REPOSITORY, []), (REPOSITORY, ["--port", "9000", "--no-open"])]


def test_a_conversation(command: Command, server: LiveServer) -> None:
    server.queue(says("Hello."))
    command.program = ["-c", "import sys; from app.command import main; sys.exit(main())", "chat"]
    at = command.at_terminal()
    at.until("> ")
    at.type("hi\n")
    at.until("Hello.\n")
    at.until("> ")
    at.type("\x04")
    assert at.end() == 0

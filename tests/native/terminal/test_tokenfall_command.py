"""The command `tokenfall` of an installed package."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

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


def test_an_editable_install_reads_the_folder_itself(tmp_path: Path) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    (folder,) = project["tool"]["hatch"]["build"]["targets"]["wheel"]["dev-mode-dirs"]
    program = """
import sys, tokenfall
from tokenfall import Chat, errors
print(tokenfall.__file__, Chat.__module__, errors.__name__)
print([name for name in sys.modules if name.partition(".")[0] == "app"])
"""
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    package = REPOSITORY / "app/__init__.py"
    assert ran.stdout == f"{package} tokenfall.core.running.chat tokenfall.errors\n[]\n"


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
        (["agent.py"], 2, "There is no page to serve"),
        (["folder/agent.py", "--port", "0"], 2, "There is no page to serve"),
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
    assert ran.stderr == "Asking a model needs httpx2: pip install httpx2\n"
    assert ran.returncode == 2
    assert run(site, "--help", before=_WITHOUT_HTTPX2).returncode == 0


@pytest.fixture
def note(site: Path) -> Iterator[Callable[[Path], None]]:
    """Let pip have noted that the package was installed from a folder."""
    info = site / f"tokenfall-{__version__}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: tokenfall\nVersion: {__version__}\n"
    (info / "METADATA").write_text(metadata)

    def write(folder: Path) -> None:
        url = {"url": folder.as_uri(), "dir_info": {}}
        (info / "direct_url.json").write_text(json.dumps(url))

    yield write
    shutil.rmtree(info)


def test_it_serves_the_folder_that_it_was_installed_from(
    site: Path, note: Callable[[Path], None], tmp_path: Path
) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    note(folder)
    assert run(site, "--port", "0").returncode == 2  # nothing is there
    (folder / "index.html").touch()
    (folder / "serve.py").write_text("import sys; print('serving', sys.argv[1:]); sys.exit(7)")
    ran = run(site, "--port", "0")
    assert (ran.stdout, ran.returncode) == ("serving ['--port', '0']\n", 7)
    assert run(site).stdout == "serving []\n"
    assert run(site, "a.py").stdout == "serving ['a.py']\n"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners there")
def test_a_folder_that_is_another_users_by_now_is_not_run(
    site: Path, note: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("index.html", "serve.py"):
        (tmp_path / name).touch()
    note(tmp_path)
    monkeypatch.syspath_prepend(site)
    assert tokenfall.installed_from() == tmp_path
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    monkeypatch.setattr(Path, "stat", lambda path: SimpleNamespace(st_uid=os.getuid() + 1))
    monkeypatch.setattr(Path, "is_file", lambda path: True)
    assert tokenfall.installed_from() is None


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

"""The two commands: what they do with arguments, and how they end."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.server import command
from app.server import export as exporting
from app.server import main as serving
from app.server.options import options_of
from app.setup.errors import SetupError
from tests import __main__ as tests_command
from tests.setup.fakes import ROOT
from tests.smoke import SMOKE


class FakePreparation:
    """Stands for all the preparing; is its own environment."""

    def __init__(self) -> None:
        self.problem: BaseException | None = None
        self.current = True
        self.handed_over: list[Any] = []
        self.packages: list[tuple[list[str], Path | None]] = []
        self.root = ROOT
        self.runtime = ROOT / ".runtime"
        self.environment = self

    def __call__(self, root: Path, console: object = None) -> "FakePreparation":
        return self

    def for_serving(self) -> None:
        if self.problem:
            raise self.problem

    def for_packages(self, names: list[str], folder: Path | None) -> None:
        self.packages.append((names, folder))

    def for_tests(self) -> dict[str, str]:
        self.for_serving()
        return {"TOKENFALL_CHROMIUM": "/bin/chromium"}

    def for_measuring(self) -> None:
        self.for_serving()

    def is_current(self) -> bool:
        return self.current

    def hand_over(self, arguments: list[str], added: dict[str, str] | None = None) -> int:
        self.handed_over = [arguments, added]
        return 7


@pytest.fixture
def preparation(monkeypatch) -> FakePreparation:
    fake = FakePreparation()
    monkeypatch.setattr(command, "Preparation", fake)
    monkeypatch.setattr(tests_command, "Preparation", fake)
    return fake


def serve_with(*arguments: str) -> int:
    return command.main(ROOT, list(arguments))


def test_it_serves_with_what_was_asked_for(preparation, monkeypatch):
    served: list[dict[str, Any]] = []

    def serve(**options: Any) -> int:
        served.append(options)
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    assert serve_with() == 0
    elsewhere = ("--port", "0", "--host", "0.0.0.0", "--no-open", "--no-model", "--relay")
    assert serve_with(*elsewhere, "--debug", "--model", "otter-1") == 0
    assert serve_with("--reload", "--verbose", "--no-discovery") == 0
    kept = (
        "--durable",
        "--takeover",
        "restart",
        "--keys",
        "keys.json",
        "--login-header",
        "X-Login",
        "--access-log",
    )
    assert serve_with(*kept) == 0
    packages = ("--packages", "pandas, numpy", "--package-folder", "wheels")
    assert serve_with("--log", "redis://here", *packages) == 0
    assert serve_with("--workers", "3", "--https", "cert.pem", "key.pem") == 0
    assert preparation.packages == [(["pandas", "numpy"], Path("wheels"))]
    assert [options.pop("packages") for options in served] == [
        *[None] * 4,
        Path("wheels"),
        None,
    ]
    assert [(options.pop("workers"), options.pop("certificate")) for options in served] == [
        *[(1, None)] * 5,
        (3, (Path("cert.pem"), Path("key.pem"))),
    ]
    of_runs = ("access_log", "durable", "log", "takes_over", "server_keys", "login_header")
    assert [tuple(options.pop(name) for name in of_runs) for options in served] == [
        *[(False, False, "", False, None, "")] * 3,
        (True, True, "", True, Path("keys.json"), "X-Login"),
        (False, False, "redis://here", True, None, ""),
        (False, False, "", True, None, ""),
    ]
    assert [options["with_model"] for options in served] == [True, False, *[True] * 4]
    names = ("reload", "verbose", "discovery")
    told = [tuple(options.pop(name) for name in names) for options in served]
    assert told == [*[(False, False, True)] * 2, (True, True, False), *[(False, False, True)] * 3]
    assert {options.pop("agent") for options in served} == {None}
    assert [options.pop("debug") for options in served] == [False, True, *[False] * 4]
    assert served[:2] == [
        {
            "root": ROOT,
            "runtime": ROOT / ".runtime",
            "host": "127.0.0.1",
            "port": 8765,
            "open_browser": True,
            "with_model": True,
            "gguf": None,
            "named": "",
            "relay": False,
            "behind": None,
        },
        {
            "root": ROOT,
            "runtime": ROOT / ".runtime",
            "host": "0.0.0.0",
            "port": 0,
            "open_browser": False,
            "with_model": False,
            "gguf": None,
            "named": "otter-1",
            "relay": True,
            "behind": None,
        },
    ]


def test_after_an_edit_of_the_server_it_starts_again_and_opens_nothing(preparation, monkeypatch):
    monkeypatch.setattr(serving, "serve", lambda **options: serving.START_AGAIN)
    assert serve_with("--reload", "--port", "9000") == 7
    program = str(ROOT / "serve.py")
    assert preparation.handed_over[0] == [program, "--reload", "--port", "9000", "--no-open"]
    assert serve_with("--reload", "--no-open") == 7
    assert preparation.handed_over[0] == [program, "--reload", "--no-open"]


def test_the_address_of_a_proxy_is_read_and_checked(preparation, monkeypatch, capsys):
    monkeypatch.setattr(serving, "serve", lambda **options: len(options["behind"].url))
    assert serve_with("--behind", "https://chat.example.org/otter/") == 30
    with pytest.raises(SystemExit):
        serve_with("--behind", "chat.example.org")
    assert "as https://chat.example.org is one" in capsys.readouterr().err


def test_outside_the_environment_it_goes_on_inside_with_the_same_arguments(preparation):
    preparation.current = False
    assert serve_with("--port", "9000", "--no-open") == 7
    assert preparation.handed_over[0] == [
        str(ROOT / "serve.py"),
        "--port",
        "9000",
        "--no-open",
    ]


def test_what_goes_wrong_is_one_sentence_and_exit_code_2(preparation, capsys):
    preparation.problem = SetupError("The disk is full. Free some.")
    assert serve_with() == 2
    assert capsys.readouterr().err == "\nThe disk is full. Free some.\n"


def test_interrupting_the_set_up_says_how_to_go_on(preparation, capsys):
    preparation.problem = KeyboardInterrupt()
    assert serve_with() == 130
    assert "Start again to go on from here" in capsys.readouterr().err


def test_it_exports_to_a_folder(preparation, monkeypatch, tmp_path, capsys):
    exported: list[tuple[Path, Path, Path]] = []
    monkeypatch.setattr(exporting, "export", lambda *paths: exported.append(paths))
    monkeypatch.chdir(tmp_path)
    assert serve_with("--export", "site") == 0
    assert exported == [(ROOT, ROOT / ".runtime", tmp_path / "site")]
    assert str(tmp_path / "site") in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_said(preparation, monkeypatch, tmp_path, capsys):
    def refuse(*paths: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(exporting, "export", refuse)
    assert serve_with("--export", str(tmp_path / "site")) == 2
    said = capsys.readouterr().err
    assert f"could not be written to {tmp_path / 'site'} (Permission denied)" in said
    assert "Choose a folder that you can write to" in said


@pytest.mark.parametrize("port", ["65536", "-1", "http", "²"])
def test_a_port_that_is_none_is_refused_before_anything_else(preparation, port, capsys):
    preparation.problem = AssertionError("prepared")
    with pytest.raises(SystemExit) as ended:
        serve_with(f"--port={port}")
    assert ended.value.code == 2
    assert "ports are 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workers", "0"), "0 is no number from 1 to 64"),
        (("--workers", "65"), "65 is no number from 1 to 64"),
        (("--workers", "many"), "many is no number"),
        (("--https", "only-one.pem"), "expected 2 arguments"),
    ],
)
def test_what_goes_not_together_is_said(preparation, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        serve_with(*arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_largest_numbers_are_taken():
    options = options_of(["--workers", "64", "--port", "65535"])
    assert (options.workers, options.port) == (64, 65535)


def test_help_needs_no_preparation(tmp_path):
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "serve.py", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-S", "-B", "serve.py", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    for flag in ("--host", "--port", "--no-open", "--no-model", "--export"):
        assert flag in ran.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"app", "serve.py"}


@pytest.mark.parametrize("module", ["serve.py", "tests/__main__.py"])
def test_an_old_python_gets_a_sentence(module):
    source = (ROOT / module).read_text(encoding="utf-8")
    ast.parse(source.split("from pathlib")[0], feature_version=(3, 4))
    pretend = f"import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_path({module!r})"
    ran = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "need" in ran.stderr
    assert "Python 3.11 or newer" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_the_tests_command_passes_arguments_on_and_names_the_browser(preparation):
    assert tests_command.main(["-q", "tests/setup"]) == 7
    assert preparation.handed_over == [
        ["-m", "pytest", "-q", "tests/setup"],
        {"TOKENFALL_CHROMIUM": "/bin/chromium"},
    ]


def test_the_tests_command_can_only_prepare(preparation):
    assert tests_command.main(["--prepare"]) == 0
    assert preparation.handed_over == []


@pytest.mark.parametrize(
    ("arguments", "handed_over"),
    [
        (["--coverage", "tests/core"], ["-m", "tests.branches", "tests/core"]),
        (["--mutants", "--seed", "3"], ["-m", "tests.mutants", "--seed", "3"]),
        (["--smoke"], ["-m", "pytest", "-q", *SMOKE]),
        (["--smoke", "-x"], ["-m", "pytest", "-q", "-x", *SMOKE]),
        (["tests/core", "--smoke"], ["-m", "pytest", "tests/core", "--smoke"]),
    ],
)
def test_the_tests_command_does_other_things_where_that_is_said_first(
    preparation, arguments: list[str], handed_over: list[str]
):
    assert tests_command.main(arguments) == 7
    assert preparation.handed_over[0] == handed_over


def test_the_tests_command_says_what_goes_wrong(preparation, capsys):
    preparation.problem = SetupError("No network. Check it.")
    assert tests_command.main([]) == 2
    assert capsys.readouterr().err == "\nNo network. Check it.\n"

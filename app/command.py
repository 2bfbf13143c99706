"""The command `tokenfall` of an installed package: asks, converses, or serves the page."""

import sys

from .setup.import_path import leave_out_the_folder

leave_out_the_folder(__file__ + "/../..")

import json
import os
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from . import __version__
from .native.terminal import command as terminal
from .native.terminal.arguments import USAGE, Form

_HELP = """\
usage: tokenfall ask [options] question …    ask a model, and see its answer as it is written
       tokenfall chat [options]              converse with a model in the terminal
       tokenfall [FILE.py] [options]         serve the page, as serve.py does; with a file, in front
                                             of its function `answer`, or of the agent in it

tokenfall ask --help lists the options of ask and chat, serve.py --help those of serving.
An option means the same everywhere. tokenfall --version tells the version."""

_NO_PAGE = """\
There is no page to serve: its files are in Tokenfall's own folder, and the folder that this package
was installed from is none, or is gone. In such a folder: python3 serve.py
In the terminal, from anywhere: tokenfall ask "Tell me a story", or tokenfall chat"""
_UNKNOWN = """\
tokenfall has no command {name!r}. A question is asked with: tokenfall ask "…"
tokenfall --help lists the commands."""

_PAGE = ("serve.py", "index.html")
_FORMS: tuple[Form, ...] = ("ask", "chat")


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says. Returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    first = arguments[0] if arguments else ""
    for form in _FORMS:
        if first == form:
            return terminal.main(arguments[1:], prog=f"tokenfall {form}", form=form)
    if first in ("-h", "--help"):
        print(_HELP)
        return 0
    if first == "--version":
        print(f"Tokenfall {__version__}")
        return 0
    if first and not first.startswith("-") and not first.endswith(".py"):
        return _refuse(_UNKNOWN.format(name=first))
    served = _serve_own_page(arguments)
    if served is not None:
        return served
    folder = installed_from()
    return _refuse(_NO_PAGE) if folder is None else _serve(folder, arguments)


def installed_from() -> Path | None:
    """Find Tokenfall's own folder: the one that pip noted when it installed this package from it.

    None where there is none any more, or it is another user's by now: its code will be run.
    """
    try:
        noted = json.loads(distribution("tokenfall").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    url = urlsplit(noted.get("url", ""))
    folder = Path(url2pathname(url.path))
    if url.scheme != "file" or not all((folder / name).is_file() for name in _PAGE):
        return None
    if hasattr(os, "getuid"):
        owners = {place.stat().st_uid for place in (folder, folder / "serve.py")}
        if not owners <= {os.getuid(), 0}:
            return None
    return folder


def _serve_own_page(arguments: list[str]) -> int | None:
    """Serve the page in this package; None where it has none."""
    if not (Path(__file__).parent / "_page" / "index.html").is_file():
        return None
    from .server.command import main_installed

    return main_installed(arguments)


def _serve(folder: Path, arguments: list[str]) -> int:
    line = [sys.executable, str(folder / "serve.py"), *arguments]
    if sys.platform == "win32":  # there exec would leave two programs at one console
        return subprocess.call(line)
    return os.execv(line[0], line)


def _refuse(words: str) -> int:
    print(words, file=sys.stderr)
    return USAGE

"""The command `tokenfall` of an installed package: asks, converses, or serves the page."""

import sys

from .setup.import_path import leave_out_the_folder

leave_out_the_folder(__file__ + "/../..")

from pathlib import Path

from . import __version__
from .native.terminal import command as terminal
from .native.terminal.arguments import USAGE, Form
from .server import command as server

_ROOT = Path(__file__).resolve().parents[1]

_HELP = """\
usage: tokenfall ask [options] question …    ask a model, and see its answer as it is written
       tokenfall chat [options]              converse with a model in the terminal
       tokenfall [options]                   serve the page, as serve.py does, where its files are

tokenfall ask --help lists the options of ask and chat, serve.py --help those of serving.
An option means the same everywhere. tokenfall --version tells the version."""

_NO_PAGE = """\
There is no page to serve: its files are in Tokenfall's own folder, not in the installed package.
In that folder: python3 serve.py
In the terminal, from anywhere: tokenfall ask "Tell me a story", or tokenfall chat"""
_NO_FUNCTION_PAGE = """\
tokenfall FILE.py is kept for a page of that file's function, which this version does not have.
As tools that a model may call: tokenfall chat --tools {name}"""
_UNKNOWN = """\
tokenfall has no command {name!r}. A question is asked with: tokenfall ask "…"
tokenfall --help lists the commands."""

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
    if first and not first.startswith("-"):
        words = _NO_FUNCTION_PAGE if first.endswith(".py") else _UNKNOWN
        return _refuse(words.format(name=first))
    if not (_ROOT / "serve.py").exists():
        return _refuse(_NO_PAGE)
    return server.main(_ROOT, arguments)


def _refuse(words: str) -> int:
    print(words, file=sys.stderr)
    return USAGE

"""The command line of `serve.py`: prepares the machine, then serves or exports.

Until the environment is there, only the standard library can be imported; so the rest of this
package is imported where it is used.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from .. import __version__
from ..setup import gguf
from ..setup.console import Console
from ..setup.errors import SetupError, explained
from ..setup.prepare import Preparation
from .listening import DEFAULT_HOST, DEFAULT_PORT
from .public_address import PublicAddress

# Which Python a person has started, told to that of our own environment.
_PYTHON = "TOKENFALL_AGENT_PYTHON"

_NO_SERVER = """\
Serving the page needs {name}, which is not installed. All that is needed comes with the extra
“server”: pip install 'tokenfall[server]'"""
_NOT_INSTALLED = """\
--{name} is for Tokenfall's own folder, where python3 serve.py has what it needs; the installed
package has the page alone."""

_START_AGAIN = -1  # as `main.serve` says it


def main(root: Path, arguments: list[str]) -> int:
    """Prepare missing parts, then serve or export. Return the exit code."""
    options = _parser().parse_args(arguments)
    preparation = Preparation(root, Console())

    def serve_or_export() -> int:
        preparation.for_serving()
        if options.packages:
            preparation.for_packages(options.packages, options.package_folder)
        program = str(root / "serve.py")
        if not preparation.environment.is_current():
            # A person's file is run by the Python that they have started, with its packages.
            known = {_PYTHON: sys.executable} if options.agent else None
            return preparation.environment.hand_over([program, *arguments], known)
        code = _run(preparation, options)
        if code != _START_AGAIN:
            return code
        added = [] if options.no_open else ["--no-open"]
        return preparation.environment.hand_over([program, *arguments, *added])

    return explained(serve_or_export)


def main_installed(arguments: list[str]) -> int:
    """Serve the page that the installed package carries. Returns the exit code."""
    try:
        from .page_folder import page_here
    except ModuleNotFoundError as error:
        print(_NO_SERVER.format(name=error.name), file=sys.stderr)
        return 2
    options = _parser("tokenfall").parse_args(arguments)
    for name in ("export", "gguf", "packages"):
        if getattr(options, name) is not None:
            print(_NOT_INSTALLED.format(name=name), file=sys.stderr)
            return 2
    options.no_model = True
    page = page_here()
    # Nothing is looked for in a root: all that is served is of the page.
    where = {"root": page.runtime, "runtime": page.runtime, "page": page}
    return explained(lambda: _serve(options, edits=False, **where))


def _run(preparation: Preparation, options: argparse.Namespace) -> int:
    from .export import export

    if options.export is None:
        return _serve(options, edits=True, root=preparation.root, runtime=preparation.runtime)
    target = options.export.resolve()
    try:
        export(preparation.root, preparation.runtime, target)
    except OSError as problem:
        raise SetupError(
            f"The site could not be written to {target} ({problem.strerror or problem}). "
            "Choose a folder that you can write to, with about 30 MB free."
        ) from problem
    print(f"The site is in {target}. Any file host can serve it, from any folder.")
    return 0


def _serve(options: argparse.Namespace, *, edits: bool, **where: Any) -> int:
    """Serve; `edits` are followed in the page and the server, where they are in a folder."""
    from ..native.agent_process import AgentProcess
    from .main import serve

    agent = None
    if options.agent:
        python = Path(os.environ.get(_PYTHON, sys.executable))
        agent = AgentProcess(options.agent, executable=python, reload=options.reload)
    return serve(
        **where,
        host=options.host,
        port=options.port,
        open_browser=not options.no_open,
        with_model=not options.no_model,
        gguf=options.gguf,
        named=options.model,
        relay=options.relay,
        behind=options.behind,
        discovery=not options.no_discovery,
        agent=agent,
        reload=options.reload and edits,
        verbose=options.verbose,
        access_log=options.access_log,
        durable=options.durable,
        log=options.log,
        takes_over=options.takeover == "restart" if options.takeover else bool(options.log),
        server_keys=options.keys,
        login_header=options.login_header,
        packages=options.package_folder,
    )


def _parser(program: str = "serve.py") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Tokenfall: a chat app in Python that runs in the browser tab. "
        "Prepares what is missing, serves the page and opens it in the browser.",
    )
    parser.add_argument(
        "agent",
        nargs="?",
        type=_python_file,
        metavar="FILE.py",
        help="a Python file whose function `answer` is what the page talks to, run by the Python "
        "that this is started with; --reload takes edits into the next answer",
    )
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        help="address to listen on (default: %(default)s, this machine only); with another, every "
        "browser has to open the printed address once, which holds a token",
    )
    parser.add_argument(
        "--behind",
        type=_public_address,
        metavar="ADDRESS",
        help="the public address of a proxy on this machine that asks for a login and passes "
        "requests on, as https://chat.example.org or https://example.org/chat",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="port to listen on (default: %(default)s; the browser keeps your history by it)",
    )
    parser.add_argument("--no-open", action="store_true", help="do not open the browser")
    model = parser.add_mutually_exclusive_group()
    model.add_argument(
        "--no-model", action="store_true", help="do not download or start the built-in model"
    )
    model.add_argument(gguf.OPTION, metavar=gguf.METAVAR, type=gguf.gguf_file, help=gguf.HELP)
    parser.add_argument(
        "--no-discovery",
        action="store_true",
        help="do not look for model servers on this machine (Ollama, LM Studio, llama.cpp, vLLM "
        "and others at their usual ports)",
    )
    parser.add_argument(
        "--model",
        default="",
        metavar="NAME",
        help="the model that new chats in the page begin with: the built-in one, or one of a "
        "provider that you have entered there",
    )
    parser.add_argument(
        "--relay",
        action="store_true",
        help="with --host or --behind: ask providers for everyone who can reach the page, at no "
        "address of this machine, and of a private network for those who are in it (without both "
        "it asks for you anyway, also on this machine and its network)",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write a static site to DIR instead of serving; it has no built-in model",
    )
    parser.add_argument(
        "--reload",
        action="store_true",
        help="for who edits Tokenfall: open pages follow edits of app/, and so does the server",
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="tell each request: address, status, time; no header, query or body",
    )
    parser.add_argument(
        "--access-log",
        action="store_true",
        help="tell each request as a line of JSON on stdout: who, method, path, status, time",
    )
    python = parser.add_argument_group("packages for the Python of a chat")
    python.add_argument(
        "--packages",
        type=_names,
        metavar="NAMES",
        help="fetch these packages of Pyodide once, as pandas,matplotlib, with all that they need; "
        "pages then have them from here, also without a network",
    )
    python.add_argument(
        "--package-folder",
        type=Path,
        metavar="FOLDER",
        help="where such files lie (default: .runtime/packages); wheels of Python alone that you "
        "lay there are found too",
    )
    runs = parser.add_argument_group("answers that go on on the server, while no page is open")
    kept = runs.add_mutually_exclusive_group()
    kept.add_argument(
        "--durable",
        action="store_true",
        help="sync each part of an answer to the disk before it is shown: what was shown is there "
        "after a power cut too, not only after the program was killed",
    )
    kept.add_argument(
        "--log",
        default="",
        metavar="ADDRESS",
        help="keep them in a Redis or Valkey, as redis://localhost:6379/0, which servers on other "
        "machines use too; else in a file of this folder",
    )
    runs.add_argument(
        "--takeover",
        choices=("restart", "mark"),
        help="what is done with an answer whose server has died: the model call that it was in is "
        "made again, once, or it is marked as broken off (default: restart with --log, else mark)",
    )
    runs.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="the keys of providers for such answers, as JSON by the names of the providers, in a "
        "file of mode 600; without --host and --behind the usual variables, as OPENAI_API_KEY, "
        "count too",
    )
    runs.add_argument(
        "--login-header",
        default="",
        metavar="NAME",
        help="with --behind: the header in which the proxy names who has logged in; each has their "
        "own chats on the server then",
    )
    parser.add_argument("--version", action="version", version=f"Tokenfall {__version__}")
    return parser


def _public_address(text: str) -> PublicAddress:
    try:
        return PublicAddress.of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _names(text: str) -> list[str]:
    return [name for one in text.split(",") if (name := one.strip())]


def _python_file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path.resolve()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; ports are 1 to 65535, 0 a free one")
    return int(text)

"""The options of `serve.py`. Only the standard library: they are read before the set-up."""

import argparse
from pathlib import Path

from .. import __version__
from ..setup import gguf
from .listening import DEFAULT_HOST, DEFAULT_PORT
from .public_address import PublicAddress

_MOST_WORKERS = 64


def options_of(arguments: list[str], program: str = "serve.py") -> argparse.Namespace:
    """Read the command line; where it is wrong, say so and end."""
    return _parser(program).parse_args(arguments)


def _parser(program: str) -> argparse.ArgumentParser:
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
    parser.add_argument(
        "--https",
        nargs=2,
        type=Path,
        metavar=("CERTIFICATE", "KEY"),
        help="serve by https with this certificate, which browsers want for all that the page can "
        "on another device; two files in PEM form (docs/deploy.md says how to get them)",
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
        "--debug",
        action="store_true",
        help="with FILE.py and --host or --behind: everyone who can reach the page sees where the "
        "file failed (without both you see it anyway)",
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
        "--workers",
        type=_count,
        default=1,
        metavar="NUMBER",
        help="processes that serve, behind one port; what one of them had begun goes on when it "
        "dies. They share one process of the built-in model and one of FILE.py",
    )
    runs.add_argument(
        "--takeover",
        choices=("restart", "mark"),
        help="what is done with an answer whose server has died: the model call that it was in is "
        "made again, once, or it is marked as broken off (default: restart with --log or "
        "--workers, else mark)",
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


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to {_MOST_WORKERS}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; ports are 1 to 65535, 0 a free one")
    return int(text)

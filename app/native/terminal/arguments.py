"""The command line of `python -m app`. Only the standard library: it is read before the set-up."""

import argparse
import json
from pathlib import Path
from typing import Any, Literal

from ... import __version__
from ...setup import gguf

# The exit code for the shell.
COMPLETE = 0
FAILED = 1
USAGE = 2
INCOMPLETE = 3
STOPPED = 130  # as after SIGINT
CLOSED = 141  # as after SIGPIPE

_EFFORTS = ("none", "minimal", "low", "medium", "high", "max")

# What the program is started for; "either" is told by whether there is a question.
Form = Literal["ask", "chat", "either"]

_PIPE = """\
The question may also come, or go on, from a pipe:  git diff | {prog} "Explain this"
"""
_CONVERSATION = {
    "ask": _PIPE,
    "chat": "/help lists the commands of a conversation.\n",
    "either": _PIPE
    + "Without a question and a pipe, it is a conversation; /help there lists its commands.\n",
}
_EPILOG = """\

Where nothing else is said, the built-in model answers, on this machine. --provider or
TOKENFALL_PROVIDER choose another. Keys come from the environment only, because other users see
command lines: the provider's usual variable (as OPENAI_API_KEY), TOKENFALL_API_KEY, or the one
that --key-env names. TOKENFALL_MODEL, TOKENFALL_BASE_URL and others work like their options.

The answer goes to standard output, all else to standard error. Thinking is dimmed on a terminal
and left out elsewhere. Control characters are written as escapes (\\x1b); --json keeps them.

exit codes:
  0    the answer is complete
  1    it failed; what had come is written
  2    it could not begin: wrong arguments, a missing key or file, the set-up
  3    incomplete: it broke off before its end
  130  stopped by Ctrl+C; what had come is written
  141  the reader of the output went away
"""


def parser(prog: str, form: Form = "either") -> argparse.ArgumentParser:
    """The parser; `prog` is how a person starts it."""
    question = {"ask": " question …", "chat": "", "either": " [question …]"}[form]
    made = argparse.ArgumentParser(
        prog=prog,
        usage=f"{prog} [options]{question}",
        description="Ask a model from the terminal, and see its answer as it is written.",
        epilog=_CONVERSATION[form].replace("{prog}", prog) + _EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.set_defaults(form=form, question=[])
    if form != "chat":
        made.add_argument("question", nargs="*", help="what to ask; several words need no quotes")
    _who(made.add_argument_group("who is asked"))
    _how(made.add_argument_group("how it answers"))
    _what(made.add_argument_group("what is written"))
    made.add_argument("--version", action="version", version=f"Tokenfall {__version__}")
    return made


def _who(group: Any) -> None:
    one = group.add_mutually_exclusive_group()
    one.add_argument("--provider", metavar="NAME", help="see --list-providers")
    one.add_argument(gguf.OPTION, metavar=gguf.METAVAR, type=gguf.gguf_file, help=gguf.HELP)
    group.add_argument("--model", metavar="NAME", help="see --list-models")
    group.add_argument("--base-url", metavar="URL", help="another address of that provider")
    group.add_argument("--key-env", metavar="VARIABLE", help="the variable that holds the key")
    group.add_argument("--list-providers", action="store_true", help="list them and end")
    group.add_argument(
        "--list-servers",
        action="store_true",
        help="list the model servers that run on this computer, with their models, and end",
    )
    group.add_argument("--list-models", action="store_true", help="ask for its models and end")


def _how(group: Any) -> None:
    group.add_argument("--system", metavar="TEXT", help="instructions for the model")
    group.add_argument("--temperature", metavar="N", type=float)
    group.add_argument("--max-tokens", metavar="N", type=_positive, help="limit of the answer")
    group.add_argument("--effort", choices=_EFFORTS, help="how much to think")
    group.add_argument(
        "--extra", metavar="JSON", type=_object, help="fields merged into the request as they are"
    )
    group.add_argument("--sync", action="store_true", help="one response instead of a stream")
    group.add_argument(
        "--tools",
        metavar="FILE",
        type=Path,
        help="a Python file: its functions marked @tool, or else all its public ones, may be "
        "called by the model; you are asked before each call",
    )
    group.add_argument(
        "--web-search",
        dest="provider_tools",
        action="append_const",
        const="web_search",
        help="let the provider search the web, where it can: the question goes there",
    )
    group.add_argument(
        "--code-execution",
        dest="provider_tools",
        action="append_const",
        const="code_execution",
        help="let the provider run code of the model's, where it can",
    )
    group.add_argument(
        "--python",
        action="store_true",
        help="give the model a Python that keeps its state (run_python), in a process of yours: "
        "no wall; you are asked before each call",
    )
    group.add_argument(
        "--python-folder",
        metavar="FOLDER",
        type=Path,
        help="where it works; else a new folder, which goes at the end",
    )
    group.add_argument(
        "--python-executable",
        metavar="FILE",
        type=Path,
        help="the Python (3.11 or later) that runs, as that of an environment with pandas",
    )
    group.add_argument("--yes", action="store_true", help="run tools without asking")


def _what(group: Any) -> None:
    group.add_argument("--json", action="store_true", help="events, one JSON object a line")
    group.add_argument("--status", action="store_true", help="time and tokens, to standard error")
    files = group.add_mutually_exclusive_group()
    files.add_argument(
        "--record", metavar="FILE", type=Path, help="keep requests and bytes with their timing"
    )
    files.add_argument(
        "--replay", metavar="FILE", type=Path, help="answer from such a file, asking nobody"
    )
    group.add_argument(
        "--pace",
        metavar="N",
        type=_pace,
        default=1.0,
        help="seconds that a recorded second takes in a replay (default 1; 0 is at once)",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no number of tokens")
    return int(text)


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = -1
    if not 0 <= pace < 1000:
        raise argparse.ArgumentTypeError(f"{text} is no pace: 0 is at once, 1 as it was")
    return pace


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"this is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError('a JSON object is needed, as {"top_k": 5}')
    return value

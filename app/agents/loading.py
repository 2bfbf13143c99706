"""A person's file as a module, and the function in it that answers."""

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from ..core.errors import UsageError
from .answering import where
from .calling import Function

NAME = "answer"
_MODULE = "tokenfall_agent"


class Agent(msgspec.Struct, frozen=True):
    """What a file holds: its function, and what the page says of it."""

    function: Function
    title: str
    description: str


class LoadError(UsageError):
    """A file that cannot answer; `str(error)` says why, with its line."""


def load(path: Path) -> Agent:
    """Run a file, and find the function `answer` in it.

    `title` in the file names the page, else the file's name; the function's docstring, or the
    file's, describes it.

    Raises:
        LoadError: It is not there, fails, or has no such function.
    """
    spec = importlib.util.spec_from_file_location(_MODULE, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise LoadError(f"{path} is no Python file")
    # Its own modules lie beside it; last, so that none takes a library's place.
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module  # dataclasses and pickle look it up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise LoadError(where(error).strip()) from error
    function = getattr(module, NAME, None)
    if not callable(function):
        raise LoadError(f"{path.name} has no function {NAME!r}. The least: def answer(message): …")
    try:
        said = getattr(module, "title", None)
        title = said if isinstance(said, str) and said else title_of(path)
        return Agent(Function(function), title, _description(module, function))
    except UsageError as error:
        raise LoadError(f"{path.name}: {error}") from error


def title_of(path: Path) -> str:
    """The title of a file that does not say one."""
    words = path.stem.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _description(module: ModuleType, function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function) or inspect.cleandoc(module.__doc__ or "")
    return " ".join(text.partition("\n\n")[0].split())

"""A person's file as a module, and the function or the agent in it that answers."""

import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from ..core.errors import UsageError
from ..core.json_values import paired
from .answering import where
from .calling import Function
from .frameworks import function_of, is_agent, is_known
from .parameters import inner

NAME = "answer"
# Names of agents in the examples of their frameworks.
_NAMES = ("agent", "app", "graph", "chat", "model")
_MODULE = "tokenfall_agent"
_UNNAMED = "Agent"
# Folders of what is installed, which may lie below a person's own.
_LIBRARIES = {"site-packages", "dist-packages"}


class Agent(msgspec.Struct, frozen=True):
    """Content of a file: its answering function, and its title and description for the page."""

    function: Function
    title: str
    description: str

    @classmethod
    def of(cls, answering: Any, title: str, description: str) -> "Agent":
        """Make one of an object that answers; its texts are such as a page can be told.

        Raises:
            UsageError: It cannot answer; the message says why.
        """
        return cls(Function(function_of(answering)), paired(title), paired(description))


class LoadError(UsageError):
    """A file that cannot answer; `str(error)` says why, with its line."""


def load(path: Path) -> Agent:
    """Run a file, and find the object in it that answers.

    `title` in the file names the page, else the file's name; the function's docstring, or the
    file's, describes it.

    Raises:
        LoadError: It is not there, fails, or has nothing that can answer.
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
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise LoadError(where(error).strip()) from error
    try:
        answering = _found(module)
        said = getattr(module, "title", None)
        title = said if isinstance(said, str) and said else title_of(path)
        own = _described(answering) or _first_paragraph(module.__doc__ or "")
        return Agent.of(answering, title, own)
    except UsageError as error:
        raise LoadError(f"{path.name}: {error}") from error


def beside(path: Path, error: BaseException | None = None) -> list[str]:
    """The files of the modules that a file has imported from its own folder, and of those that
    failed: an edit of theirs is one of it.
    """
    # Anything may stand among the modules, and a lazy one loads when it is asked.
    loaded = [
        object.__getattribute__(module, "__dict__").get("__file__")
        for module in list(sys.modules.values())
        if issubclass(type(module), ModuleType)
    ]
    failed = [
        frame.filename for frame in traceback.extract_tb(error.__traceback__ if error else None)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        failed.append(error.filename)
    folder = path.resolve().parent
    names = [name for name in (*loaded, *failed) if isinstance(name, str) and name]
    found = {*map(Path, names)} - {folder / path.name}
    own = (one for one in found if one.is_relative_to(folder) and not _LIBRARIES & set(one.parts))
    return sorted(map(str, own))


def _found(module: ModuleType) -> Any:
    """Find the answering object of a file: its `answer`; else an agent of a known kind, by the
    usual names or as the only one that there is; else a function of the file's own by one of these
    names.
    """
    answer = getattr(module, NAME, None)
    if callable(answer) or is_known(answer):
        return answer
    named = [getattr(module, name, None) for name in _NAMES]
    agents = {id(one): one for one in vars(module).values() if is_agent(one)}
    own = [one for one in named if getattr(one, "__module__", "") == module.__name__]
    found = [one for one in named if is_known(one)]
    found += agents.values() if len(agents) == 1 else ()
    found += filter(inspect.isfunction, own)
    if found:
        return found[0]
    if agents:
        names = ", ".join(name for name, one in vars(module).items() if id(one) in agents)
        raise UsageError(f"which of these is to answer? Call it {NAME!r}: {names}")
    raise UsageError(f"no function {NAME!r}, and no agent. The least: def answer(message): …")


def title_of(path: Path) -> str:
    """The title of a file that does not say one."""
    words = path.stem.replace("_", " ").replace("-", " ").strip()
    return paired(words[:1].upper() + words[1:])


def agent_of(answering: Any, title: str = "", description: str = "") -> Agent:
    """Make an agent of a function, or of an object of a known kind, with its title and description
    for the page.

    Raises:
        UsageError: It cannot answer; the message says why.
    """
    name = getattr(inner(answering), "__name__", "")
    named = title or (title_of(Path(name)) if name.isidentifier() and name != NAME else _UNNAMED)
    return Agent.of(answering, named, description or _described(answering))


def _described(answering: Any) -> str:
    """Give the first words of a function's docstring; an agent's docstring is its class's."""
    return "" if is_known(answering) else _first_paragraph(inspect.getdoc(inner(answering)) or "")


def _first_paragraph(text: str) -> str:
    return " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())

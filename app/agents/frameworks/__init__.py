"""Agents of frameworks as functions that answer, told by their kinds.

Nothing of a framework is imported before one of its objects is met: the class of an object says
where it is from. Each module here has `answering(thing)`, which gives a function of a `Request`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ...core.errors import UsageError

# The module that defines a class, or the package that it is in; the class; our module for it.
_KINDS = (
    ("pydantic_ai", "AbstractAgent", "pydantic_ai"),
    ("langgraph", "Pregel", "langgraph"),
    ("langgraph", "StateGraph", "langgraph"),
    ("agents.agent", "Agent", "openai_agents"),
    ("chatlas", "Chat", "chatlas"),
    ("llm.models", "_BaseModel", "llm"),
    ("llm.models", "_BaseConversation", "llm"),
    (__name__.removesuffix("agents.frameworks") + "core", "Chat", "tokenfall"),
)


def is_agent(thing: object) -> bool:
    """Tell whether it is an agent of a framework whose objects are known here."""
    return _kind(thing) is not None and not isinstance(thing, str)


def is_known(thing: object) -> bool:
    """Tell whether it is something that answers, other than a function: an agent, or an address."""
    return _kind(thing) is not None


def function_of(thing: Any) -> Callable[..., Any]:
    """Give the answering function for an object of a known kind; any other object itself.

    Raises:
        UsageError: It is of a known kind, and cannot answer as it is; the message says why.
    """
    kind = _kind(thing)
    if kind is None:
        return thing  # type: ignore[no-any-return]
    try:
        module = import_module(f".{kind}", __name__)
    except ImportError as error:
        raise UsageError(
            f"its version is not known here ({error}); a function `answer` that asks the agent "
            "works with any"
        ) from error
    function: Callable[..., Any] = module.answering(thing)
    return function


def _kind(thing: object) -> str | None:
    if isinstance(thing, str):
        return "addresses" if thing.startswith(("http://", "https://")) else None
    for made in type(thing).__mro__:
        for place, name, kind in _KINDS:
            if made.__name__ == name and f"{made.__module__}.".startswith(f"{place}."):
                return kind
    return None

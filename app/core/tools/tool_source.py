"""Tools from Python that a person wrote: a file for the terminal, a text in the page."""

import inspect
from types import ModuleType

from ..errors import UsageError
from .function_tool import Tool, tool


def tools_in(module: ModuleType) -> list[Tool]:
    """Give the tools of a module that has run: those marked `@tool`, or else its public functions.

    Raises:
        UsageError: There are none, two have one name, or a model cannot call one of them.
    """
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    # One thing may have two names.
    values = list({id(value): value for value in public.values()}.values())
    tools = [value for value in values if isinstance(value, Tool)] or [
        tool(value)
        for value in values
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    if not tools:
        raise UsageError("there is no public function")
    refuse_twins(tools)
    return tools


def refuse_twins(tools: list[Tool]) -> None:
    """Raises UsageError where two have one name."""
    names = [one.name for one in tools]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"two tools have the name {min(twice)}")
